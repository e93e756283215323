//! What waits for the high watermark of a partition of `__consumer_offsets` (`DeferredEventQueue`).

use std::collections::VecDeque;

use super::classic::Waiting;
use super::protocol::GroupResponse;
use crate::kafka::record::OffsetCommitRecord;
use crate::kafka::{GroupId, Offset};
use crate::sim::Micros;

/// Appended, not yet below the high watermark, in log order.
#[derive(Clone, Default)]
pub(super) struct Writes {
    queue: VecDeque<Write>,
    /// Whether the timer is set that looks for those that wait too long.
    pub timer_set: bool,
}

#[derive(Clone)]
struct Write {
    /// Where the high watermark must get to.
    until: Offset,
    deadline: Micros,
    /// Commits that are stable once it has passed.
    commits: Box<[OffsetCommitRecord]>,
    then: Then,
    /// Found in the log: nobody waits for it.
    loaded: bool,
}

/// What happens once the high watermark has passed a write, or has taken too long.
#[derive(Clone)]
pub(super) enum Then {
    Nothing,
    /// The client is answered.
    Answer(Waiting, GroupResponse),
    /// The members of a classic group hear what they got.
    Generation(GroupId, u32),
}

impl Writes {
    /// `then` happens once the high watermark is at `until`.
    pub fn push(
        &mut self,
        until: Offset,
        deadline: Micros,
        commits: Box<[OffsetCommitRecord]>,
        then: Then,
    ) {
        self.queue.push_back(Write {
            until,
            deadline,
            commits,
            then,
            loaded: false,
        });
    }

    /// What the log held above the high watermark when it was loaded.
    pub fn push_loaded(&mut self, until: Offset, commits: Box<[OffsetCommitRecord]>) {
        self.queue.push_back(Write {
            until,
            deadline: Micros::MAX,
            commits,
            then: Then::Nothing,
            loaded: true,
        });
    }

    /// Where the high watermark must get to for everything written so far; `None` if it is there.
    pub fn last(&self) -> Option<Offset> {
        let last = self.queue.back().filter(|write| !write.loaded);
        last.map(|write| write.until)
    }

    /// The first that waits no more, now that the high watermark is `offset`.
    pub fn passed(&mut self, offset: Offset) -> Option<(Box<[OffsetCommitRecord]>, Then)> {
        let first = self.queue.front()?;
        if first.until > offset {
            return None;
        }
        let first = self.queue.pop_front()?;
        Some((first.commits, first.then))
    }

    /// Those whose time is over, and when the next one's is. They stay in line: what they wrote may
    /// still take effect.
    pub fn overdue(&mut self, now: Micros) -> (Vec<Then>, Option<Micros>) {
        let mut given_up = Vec::new();
        let mut next = None;
        for write in &mut self.queue {
            if write.deadline <= now {
                write.deadline = Micros::MAX;
                given_up.push(std::mem::replace(&mut write.then, Then::Nothing));
            } else if write.deadline < Micros::MAX {
                next = Some(next.map_or(write.deadline, |at: Micros| at.min(write.deadline)));
            }
        }
        (given_up, next)
    }

    /// Everything that waits.
    pub fn into_all(self) -> impl Iterator<Item = Then> {
        self.queue.into_iter().map(|write| write.then)
    }
}

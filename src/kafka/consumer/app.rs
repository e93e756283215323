//! The application around a consumer: subscribe, poll, process, commit, over and over.
//!
//! ```text
//! while (running) { records = poll(); [commit()]; process(records); [commit()] }
//! ```
//!
//! Workers process the messages of a poll side by side; the polling thread waits for them, or,
//! with hand-off, polls on.

use std::collections::VecDeque;

use super::calls::Outcome;
use super::effects::Effects;
use super::fetcher::PolledPartition;
use super::reached::Reached;
use super::workers::{Item, Worker};
use crate::kafka::config::CommitMode;
use crate::kafka::spec::ConsumerWork;
use crate::kafka::{Call, GroupId, MessageId, Offset, Outbox, Rule, Rules, TopicId};
use crate::sim::{EntryId, MS, Micros, SECOND, Stream};

/// What the polling thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Waits for its time to start.
    Waiting {
        until: Micros,
    },
    /// About to poll, or in it.
    Polling,
    CommittingBefore,
    /// Waits for its workers.
    Working,
    CommittingAfter,
    /// Waits for what it wrote, or for the transaction with that and the offsets.
    Writing,
    Closing,
}

/// What comes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Lives,
    /// The process dies of an exception.
    Dies,
}

/// The application of one consumer process.
#[derive(Clone, Debug)]
pub struct App {
    pub(super) work: ConsumerWork,
    pub(super) group: Option<GroupId>,
    pub(super) phase: Phase,
    subscribed: bool,
    pub(super) handler_time_us: Micros,
    /// Where the work on messages takes now longer, now shorter.
    pub(super) luck: Option<Stream>,
    pub(super) throws_next: bool,
    stop_asked: bool,
    pub(super) queue: VecDeque<Item>,
    pub(super) workers: Vec<Option<Worker>>,
    /// What an idempotent handler keeps in its process.
    pub(super) seen: Effects,
    /// To be written, and where to.
    pub(super) done: Vec<(TopicId, MessageId)>,
    /// Something of this poll became a dead letter.
    pub(super) set_aside: bool,
    /// Whether a commit waits for dead letters: not where work is handed off.
    pub(super) awaits_letters: bool,
    /// How far the polls have come, with commit.mode=lowest-done.
    pub(super) reached: Reached,
    /// Worked on since the last commit.
    uncommitted: u64,
    /// The work on a poll is done: its producer is to finish what it was given.
    finishes: bool,
    /// Direct calls it works on.
    pub(super) serving: VecDeque<super::serving::Serving>,
}

impl App {
    /// The application as its process starts.
    pub fn new(work: &ConsumerWork, group: Option<GroupId>, now: Micros) -> Self {
        let until = now.max(work.start_ms * MS);
        App {
            group,
            phase: Phase::Waiting { until },
            subscribed: false,
            handler_time_us: work.app.handler_time_ms * MS,
            luck: None,
            throws_next: false,
            stop_asked: false,
            queue: VecDeque::new(),
            workers: vec![None; work.app.handler_threads.max(1) as usize],
            seen: Effects::default(),
            done: Vec::new(),
            set_aside: false,
            awaits_letters: !work.app.handler_handoff,
            reached: Reached::default(),
            finishes: false,
            serving: VecDeque::new(),
            uncommitted: 0,
            work: work.clone(),
        }
    }

    /// The application in a cluster that may lack a rule.
    pub fn under(mut self, rules: Rules) -> Self {
        self.awaits_letters &= rules.keep(Rule::LettersAwaited);
        self
    }

    /// The work on messages takes longer now and then.
    pub fn with_luck(self, luck: Option<Stream>) -> Self {
        App { luck, ..self }
    }

    /// What the polling thread calls next; `None` while it works or waits.
    pub fn next_call(&mut self, now: Micros) -> Option<Call> {
        let idle = matches!(self.phase, Phase::Waiting { .. } | Phase::Polling);
        if self.stop_asked && idle {
            self.phase = Phase::Closing;
        }
        if let Some(offsets) = self.lowest_done() {
            return Some(Call::CommitSync(Some(offsets)));
        }
        match self.phase {
            Phase::Waiting { until } if now < until => None,
            Phase::Waiting { .. } | Phase::Polling if !self.subscribed => {
                self.subscribed = true;
                self.phase = Phase::Polling;
                Some(Call::Subscribe(self.work.topics.clone()))
            }
            Phase::Waiting { .. } | Phase::Polling => {
                let timeout_ms = self.work.app.poll_timeout_ms;
                Some(Call::Poll { timeout_ms })
            }
            Phase::CommittingBefore => Some(Call::CommitSync(None)),
            Phase::CommittingAfter => Some(match self.work.app.commit_mode {
                CommitMode::AsyncAfter => Call::CommitAsync,
                _ => Call::CommitSync(None),
            }),
            Phase::Closing => Some(Call::Close { timeout_ms: None }),
            Phase::Working | Phase::Writing => None,
        }
    }

    /// The call came back.
    pub fn on_outcome(
        &mut self,
        outcome: &Outcome,
        noted: &[EntryId],
        effects: &mut Effects,
        out: &mut Outbox,
    ) -> Fate {
        match (self.phase, outcome) {
            (Phase::Polling, Outcome::Polled(polled)) if !polled.is_empty() => {
                self.take_in(polled, noted);
                self.note_reached(polled, noted);
                if self.work.app.commit_mode == CommitMode::Before {
                    self.phase = Phase::CommittingBefore;
                    return Fate::Lives;
                }
                self.process(effects, out)
            }
            (Phase::Polling, Outcome::Thrown(_)) => {
                // Where exceptions are swallowed, the loop takes a breath before it goes on.
                let until = out.now() + SECOND;
                self.phase = Phase::Waiting { until };
                self.failed()
            }
            // A commit that failed is logged; the loop goes on.
            (Phase::CommittingBefore, _) => self.process(effects, out),
            (Phase::CommittingAfter, _) => {
                self.phase = Phase::Polling;
                Fate::Lives
            }
            _ => Fate::Lives,
        }
    }

    fn take_in(&mut self, polled: &[PolledPartition], noted: &[EntryId]) {
        for (part, polled) in polled.iter().zip(noted) {
            let item = |&(offset, message): &(Offset, MessageId)| Item {
                message,
                partition: part.partition,
                offset,
                polled: *polled,
                tries: 0,
            };
            self.queue.extend(part.records.iter().map(item));
            self.uncommitted += part.records.len() as u64;
        }
    }

    /// Lets the workers have what there is.
    fn process(&mut self, effects: &mut Effects, out: &mut Outbox) -> Fate {
        self.phase = Phase::Working;
        if self.start_workers(effects, out) == Fate::Dies {
            return Fate::Dies;
        }
        if self.work.app.handler_handoff && self.outputs().is_none() {
            self.batch_done();
        }
        Fate::Lives
    }

    pub(super) fn maybe_batch_done(&mut self) {
        let idle = self.queue.is_empty() && self.workers.iter().all(Option::is_none);
        if idle && self.phase == Phase::Working {
            self.batch_done();
        }
    }

    fn batch_done(&mut self) {
        if self.phase == Phase::Working {
            self.finishes = self.has_to_write();
            self.phase = match self.finishes {
                true => Phase::Writing,
                false => self.after_work(),
            };
        }
    }

    pub(super) fn after_work(&mut self) -> Phase {
        match self.work.app.commit_mode {
            CommitMode::SyncAfter | CommitMode::AsyncAfter
                if self.uncommitted < self.work.app.commit_every =>
            {
                Phase::Polling
            }
            CommitMode::SyncAfter | CommitMode::AsyncAfter => {
                self.uncommitted = 0;
                Phase::CommittingAfter
            }
            CommitMode::Auto
            | CommitMode::Before
            | CommitMode::LowestDone
            | CommitMode::Transaction => Phase::Polling,
        }
    }

    /// What is to be written now.
    pub fn take_done(&mut self) -> Vec<(TopicId, MessageId)> {
        std::mem::take(&mut self.done)
    }

    /// Whether that was all of one poll.
    pub fn take_finish(&mut self) -> bool {
        std::mem::take(&mut self.finishes)
    }

    /// Whether something waits for its producer.
    pub fn has_output(&self) -> bool {
        self.finishes || !self.done.is_empty()
    }

    /// SIGTERM: the loop ends after what it is at.
    pub fn stop(&mut self) {
        self.stop_asked = true;
    }

    /// How long the work on one message takes now.
    pub(super) fn handler_time_us(&self) -> Micros {
        self.handler_time_us
    }

    /// The handler takes so long from now on.
    pub fn slow_down(&mut self, time_ms: u64) {
        self.handler_time_us = time_ms * MS;
    }

    /// The handler throws at the next message it gets done with.
    pub fn throw_next(&mut self) {
        self.throws_next = true;
    }

    /// When it wakes of its own accord, but for its workers.
    pub fn wake_at(&self) -> Micros {
        match self.phase {
            Phase::Waiting { until } => until,
            _ => Micros::MAX,
        }
    }

    /// What the polling thread does now.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Polled, not yet begun.
    pub fn queued(&self) -> impl Iterator<Item = &Item> {
        self.queue.iter()
    }
}

//! A whole run as spans and marks: what the timeline draws and the automatic pace follows.
//!
//! Built once from a journal, then shown as far as the learner may know it.

use crate::kafka::metadata::PartitionState;
use crate::kafka::{ClusterSpec, Entry, Journal, LeaderEpoch, TopicPartition};
use crate::lab::text::Text;
use crate::sim::{Micros, NodeId, SECOND, Stamped};
use crate::view::Hue;

/// Shorter stretches without journal entries are no wait.
const SILENCE_US: Micros = SECOND;

/// What a span in a node's row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// It leads the partition shown in this epoch.
    Leads(LeaderEpoch),
    /// Its process was killed.
    Killed,
    /// Its machine is without power.
    PowerOff,
    /// It was stopped in order, or ended itself.
    Stopped,
    /// It stands still.
    Paused,
}

/// A span of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub node: NodeId,
    pub kind: SpanKind,
    /// In microseconds.
    pub from_us: Micros,
    /// `None` while it lasts.
    pub to_us: Option<Micros>,
}

/// A stretch of time in which something is awaited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    pub from_us: Micros,
    /// `None` while it lasts.
    pub to_us: Option<Micros>,
    /// Without a leader that runs; otherwise a stretch in which nothing happened.
    pub leaderless: bool,
}

/// Spans and waits of one run.
#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    pub spans: Vec<Span>,
    pub waits: Vec<Wait>,
    leader: Option<NodeId>,
    last_entry_us: Micros,
}

impl Chronicle {
    /// The chronicle of everything in `journal`, which is known up to `end_us`, for the partition shown.
    pub fn of(
        spec: &ClusterSpec,
        shown: TopicPartition,
        journal: &Journal,
        end_us: Micros,
    ) -> Self {
        let mut chronicle = Chronicle::default();
        let replicas = &spec.topic(shown.topic).assignment[usize::from(shown.partition)];
        chronicle.leader = replicas.first().copied();
        if let Some(leader) = chronicle.leader {
            chronicle.open(leader, SpanKind::Leads(0), 0);
        }
        for stamped in journal.entries() {
            chronicle.silence_until(stamped.at);
            chronicle.read(shown, stamped);
        }
        chronicle.silence_until(end_us);
        chronicle
    }

    fn silence_until(&mut self, at_us: Micros) {
        let from_us = self.last_entry_us;
        if at_us.saturating_sub(from_us) > SILENCE_US && !self.is_leaderless() {
            self.waits.push(Wait {
                from_us,
                to_us: Some(at_us),
                leaderless: false,
            });
        }
        self.last_entry_us = at_us;
    }

    fn read(&mut self, shown: TopicPartition, stamped: &Stamped<Entry>) {
        let (node, at_us) = (stamped.node, stamped.at);
        match &stamped.what {
            Entry::Killed => self.ends(node, SpanKind::Killed, at_us),
            Entry::PowerLost => self.ends(node, SpanKind::PowerOff, at_us),
            Entry::Stopped | Entry::Halted => self.ends(node, SpanKind::Stopped, at_us),
            Entry::Started => self.close(node, at_us, |kind| !matches!(kind, SpanKind::Leads(_))),
            Entry::Paused => self.open(node, SpanKind::Paused, at_us),
            Entry::Resumed => self.close(node, at_us, |kind| kind == SpanKind::Paused),
            Entry::Partition {
                partition,
                before,
                after,
                ..
            } if *partition == shown => {
                self.decided(before, after, at_us);
            }
            _ => {}
        }
    }

    fn decided(&mut self, before: &PartitionState, after: &PartitionState, at_us: Micros) {
        if before.leader == after.leader && before.leader_epoch == after.leader_epoch {
            return;
        }
        if let Some(old) = before.leader {
            self.close(old, at_us, |kind| matches!(kind, SpanKind::Leads(_)));
        }
        match after.leader {
            Some(new) => {
                self.open(new, SpanKind::Leads(after.leader_epoch), at_us);
                self.end_wait(at_us);
            }
            None if !self.is_leaderless() => self.begin_wait(at_us),
            None => {}
        }
        self.leader = after.leader;
    }

    fn ends(&mut self, node: NodeId, kind: SpanKind, at_us: Micros) {
        self.close(node, at_us, |_| true);
        self.open(node, kind, at_us);
        if self.leader == Some(node) && !self.is_leaderless() {
            self.begin_wait(at_us);
        }
    }

    fn open(&mut self, node: NodeId, kind: SpanKind, from_us: Micros) {
        self.spans.push(Span {
            node,
            kind,
            from_us,
            to_us: None,
        });
    }

    fn close(&mut self, node: NodeId, at_us: Micros, which: impl Fn(SpanKind) -> bool) {
        let open = self
            .spans
            .iter_mut()
            .filter(|span| span.node == node && span.to_us.is_none());
        for span in open.filter(|span| which(span.kind)) {
            span.to_us = Some(at_us);
        }
    }

    fn begin_wait(&mut self, from_us: Micros) {
        self.waits.push(Wait {
            from_us,
            to_us: None,
            leaderless: true,
        });
    }

    fn end_wait(&mut self, at_us: Micros) {
        if let Some(wait) = self
            .waits
            .iter_mut()
            .find(|wait| wait.leaderless && wait.to_us.is_none())
        {
            wait.to_us = Some(at_us);
        }
    }

    fn is_leaderless(&self) -> bool {
        self.waits
            .iter()
            .any(|wait| wait.leaderless && wait.to_us.is_none())
    }
}

impl SpanKind {
    /// Colour, whether pale, whether thin, and the words on it.
    pub fn look(self) -> (Hue, bool, bool, Text) {
        match self {
            SpanKind::Leads(epoch) => {
                let words = format!("leader · epoch {epoch}");
                (Hue::Accent, false, false, Text::same(words))
            }
            SpanKind::Killed => (Hue::Lost, true, false, Text::same("kill -9")),
            SpanKind::PowerOff => (Hue::Lost, true, false, Text::fixed("no power", "断电")),
            SpanKind::Stopped => (Hue::None, true, false, Text::fixed("stopped", "已停止")),
            SpanKind::Paused => (Hue::Risk, false, true, Text::default()),
        }
    }
}

/// "9.3 s".
pub fn seconds(span_us: Micros) -> String {
    format!(
        "{}.{} s",
        span_us / SECOND,
        span_us % SECOND / (SECOND / 10)
    )
}

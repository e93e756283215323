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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// It leads the topic's only partition in this epoch.
    Leads(LeaderEpoch),
    /// Of a topic with several partitions it leads these.
    LeadsSome(Vec<u16>),
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Which of several partitions had none.
    pub partitions: Vec<u16>,
}

/// Who leads a partition.
#[derive(Clone, Copy, Debug)]
struct Led {
    number: u16,
    leader: Option<NodeId>,
    epoch: LeaderEpoch,
    /// Its leader is gone, and there is no other one yet.
    waits: bool,
}

/// Spans and waits of one run.
#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    pub spans: Vec<Span>,
    pub waits: Vec<Wait>,
    led: Vec<Led>,
    last_entry_us: Micros,
}

impl Chronicle {
    /// The chronicle of everything in `journal`, which is known up to `end_us`, for the topic of the partition shown.
    pub fn of(
        spec: &ClusterSpec,
        shown: TopicPartition,
        journal: &Journal,
        end_us: Micros,
    ) -> Self {
        let mut chronicle = Chronicle::default();
        let assigned = spec.topic(shown.topic).assignment.iter();
        let led = assigned.zip(0..).map(|(replicas, number)| Led {
            number,
            leader: replicas.first().copied(),
            epoch: 0,
            waits: false,
        });
        chronicle.led = led.collect();
        for node in spec.broker_nodes() {
            chronicle.leads(node, 0);
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
                partitions: Vec::new(),
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
            Entry::Started => self.close(node, at_us, |kind| !kind.is_leading()),
            Entry::Paused => self.open(node, SpanKind::Paused, at_us),
            Entry::Resumed => self.close(node, at_us, |kind| *kind == SpanKind::Paused),
            Entry::Partition {
                partition, after, ..
            } if partition.topic == shown.topic => {
                self.decided(partition.partition, after, at_us);
            }
            _ => {}
        }
    }

    fn decided(&mut self, number: u16, after: &PartitionState, at_us: Micros) {
        let place = match self.led.iter().position(|led| led.number == number) {
            Some(place) => place,
            None => {
                self.led.push(Led {
                    number,
                    leader: None,
                    epoch: 0,
                    waits: false,
                });
                self.led.len() - 1
            }
        };
        let led = &mut self.led[place];
        let before = *led;
        if before.leader == after.leader && before.epoch == after.leader_epoch {
            return;
        }
        (led.leader, led.epoch) = (after.leader, after.leader_epoch);
        led.waits = after.leader.is_none();
        for node in before.leader.into_iter().chain(after.leader) {
            self.leads(node, at_us);
        }
        self.wait(at_us);
    }

    fn ends(&mut self, node: NodeId, kind: SpanKind, at_us: Micros) {
        self.close(node, at_us, |_| true);
        self.open(node, kind, at_us);
        let its = self.led.iter_mut().filter(|led| led.leader == Some(node));
        its.for_each(|led| led.waits = true);
        self.wait(at_us);
    }

    /// From now on `node` leads what it leads now.
    fn leads(&mut self, node: NodeId, at_us: Micros) {
        self.close(node, at_us, SpanKind::is_leading);
        let several = self.led.len() > 1;
        let its = self
            .led
            .iter()
            .filter(|led| led.leader == Some(node) && !led.waits);
        let kind = match (its.clone().next(), several) {
            (None, _) => return,
            (Some(led), false) => SpanKind::Leads(led.epoch),
            (Some(_), true) => SpanKind::LeadsSome(its.map(|led| led.number).collect()),
        };
        self.open(node, kind, at_us);
    }

    fn open(&mut self, node: NodeId, kind: SpanKind, from_us: Micros) {
        // What is decided of several partitions at one moment is one span.
        self.spans.retain(|span| {
            !(span.node == node && span.from_us == from_us && span.to_us == Some(from_us))
        });
        self.spans.push(Span {
            node,
            kind,
            from_us,
            to_us: None,
        });
    }

    fn close(&mut self, node: NodeId, at_us: Micros, which: impl Fn(&SpanKind) -> bool) {
        let open = self
            .spans
            .iter_mut()
            .filter(|span| span.node == node && span.to_us.is_none());
        for span in open.filter(|span| which(&span.kind)) {
            span.to_us = Some(at_us);
        }
    }

    /// A wait lasts as long as any partition lacks a leader.
    fn wait(&mut self, at_us: Micros) {
        let several = self.led.len() > 1;
        let lacking = self.led.iter().filter(|led| led.waits);
        let open = self
            .waits
            .iter_mut()
            .find(|wait| wait.leaderless && wait.to_us.is_none());
        match (open, lacking.clone().next()) {
            (Some(wait), None) => wait.to_us = Some(at_us),
            (Some(wait), Some(_)) if several => wait.also(&self.led),
            (Some(_), Some(_)) => {}
            (None, Some(_)) => {
                let partitions = lacking.filter(|_| several).map(|led| led.number).collect();
                self.waits.push(Wait {
                    from_us: at_us,
                    to_us: None,
                    leaderless: true,
                    partitions,
                });
            }
            (None, None) => {}
        }
    }

    fn is_leaderless(&self) -> bool {
        self.led.iter().any(|led| led.waits)
    }
}

impl Wait {
    #[inline(never)]
    fn also(&mut self, led: &[Led]) {
        for led in led.iter().filter(|led| led.waits) {
            if !self.partitions.contains(&led.number) {
                self.partitions.push(led.number);
            }
        }
    }
}

impl SpanKind {
    fn is_leading(&self) -> bool {
        matches!(self, SpanKind::Leads(_) | SpanKind::LeadsSome(_))
    }

    /// Colour, whether pale, whether thin, and the words on it.
    pub fn look(&self) -> (Hue, bool, bool, Text) {
        match self {
            SpanKind::Leads(epoch) => {
                let words = format!("leader · epoch {epoch}");
                (Hue::Accent, false, false, Text::same(words))
            }
            SpanKind::LeadsSome(partitions) => (Hue::Accent, false, false, led(partitions)),
            SpanKind::Killed => (Hue::Lost, true, false, Text::same("kill -9")),
            SpanKind::PowerOff => (Hue::Lost, true, false, Text::fixed("no power", "断电")),
            SpanKind::Stopped => (Hue::None, true, false, Text::fixed("stopped", "已停止")),
            SpanKind::Paused => (Hue::Risk, false, true, Text::default()),
        }
    }
}

#[inline(never)]
fn led(partitions: &[u16]) -> Text {
    Text::same(format!("leader {}", numbers(partitions)))
}

/// "0 2 3".
pub fn numbers(partitions: &[u16]) -> String {
    let words: Vec<String> = partitions.iter().map(u16::to_string).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::Action;
    use crate::lab::experiment::{Experiment, TOPIC, broker};
    use crate::lab::run::Run;

    fn played(partitions: u16) -> Chronicle {
        let mut experiment = Experiment::three_brokers();
        experiment.topology.partitions = partitions;
        let experiment = experiment
            .at_ms(2_000, Action::Kill(broker(1)))
            .until_ms(20_000);
        let end_us = experiment.horizon_us;
        let mut run = Run::new(experiment);
        run.seek(end_us);
        let shown = TopicPartition::new(TOPIC, 0);
        Chronicle::of(&run.world().model.spec, shown, run.journal(), end_us)
    }

    fn row(chronicle: &Chronicle, id: u8) -> Vec<String> {
        let mine = chronicle
            .spans
            .iter()
            .filter(|span| span.node == broker(id));
        mine.map(|span| span.kind.look().3.en.to_string()).collect()
    }

    #[test]
    fn the_only_partition_is_led_epoch_by_epoch() {
        let chronicle = played(1);
        assert_eq!(row(&chronicle, 1), ["leader · epoch 0", "kill -9"]);
        assert_eq!(row(&chronicle, 2), ["leader · epoch 1"]);
    }

    #[test]
    fn of_several_partitions_each_broker_says_which_it_leads() {
        let chronicle = played(4);
        assert_eq!(row(&chronicle, 1), ["leader 0 3", "kill -9"]);
        assert_eq!(row(&chronicle, 2), ["leader 1", "leader 0 1 3"]);
        assert_eq!(row(&chronicle, 3), ["leader 2"]);
        let waits: Vec<&Wait> = chronicle
            .waits
            .iter()
            .filter(|wait| wait.leaderless)
            .collect();
        assert_eq!(waits.len(), 1);
        assert_eq!(waits[0].partitions, [0, 3]);
        assert!(waits[0].to_us.is_some(), "broker 2 took them over");
    }
}

//! The verdict of a run: heal everything, let time go on until quiet, then ask every property.

use super::history::{History, Standing};
use super::ledger::{Fate, Life, Order, Told};
use super::properties::{Judged, Property, Verdict};
use super::run::Run;
use crate::kafka::Action;
use crate::sim::order::sort_by_number;
use crate::sim::{Micros, NodeId, SECOND};

/// How long a healed run may take to become quiet. Longer than delivery.timeout.ms' default, so that every send has
/// ended by then.
const PATIENCE: Micros = 150 * SECOND;

/// How many messages came to which end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// Handed over by the application.
    pub sent: u64,
    /// Acked by a broker, as the producer heard.
    pub acked: u64,
    /// Reported as failed.
    pub failed: u64,
    /// Lost or passed over after a broker's ack.
    pub lost_after_ack: u64,
    /// Lost although the application counts them as sent.
    pub lost_silently: u64,
    /// Of all those lost, how many are in the log but were passed over.
    pub skipped: u64,
    /// Of all those lost, how many were deleted before their reader came to them.
    pub expired: u64,
    /// Written or processed twice.
    pub twice: u64,
    /// Worked on after a later one of the same key or partition.
    pub out_of_order: u64,
    /// Their transactions were aborted: no loss, nobody was promised anything.
    pub aborted: u64,
    /// Outcome unknown.
    pub in_doubt: u64,
    /// Of those lost silently, how many are orders without a message.
    pub unsent: u64,
    /// Messages without an order.
    pub phantom: u64,
    /// In the outbox, not yet in Kafka.
    pub stored: u64,
    /// In the outbox, for the desk to send on.
    pub dead: u64,
    /// In the dead-letter topic, for somebody to look at.
    pub set_aside: u64,
    /// The business saw their effect.
    pub processed: u64,
    /// Still on their way.
    pub waiting: u64,
}

impl Tally {
    /// Counts every message handed over by `until_us`.
    pub fn of(history: &History, until_us: Micros) -> Tally {
        Tally::count(history, Judged { history, until_us }.lives())
    }

    /// Counts messages whose fate is known.
    pub fn count<'a>(history: &History, lives: impl Iterator<Item = (&'a Life, Fate)>) -> Tally {
        let mut tally = Tally {
            out_of_order: history.reordered.len() as u64,
            ..Tally::default()
        };
        for (life, fate) in lives {
            tally.add(life, fate, history);
        }
        tally
    }

    fn add(&mut self, life: &Life, fate: Fate, history: &History) {
        self.sent += 1;
        self.acked += u64::from(matches!(life.told, Told::Acked(_)));
        // What is in the outbox is tried again.
        let given_up = matches!(life.told, Told::Failed(_)) && life.row.is_none();
        self.failed += u64::from(given_up);
        self.processed += u64::from(life.processed > 0);
        let lost = fate.is_lost();
        self.skipped += u64::from(fate == Fate::Skipped);
        self.expired += u64::from(fate == Fate::Expired);
        self.lost_after_ack += u64::from(lost && matches!(life.told, Told::Acked(_)));
        let silently = life.counts() && !matches!(life.told, Told::Acked(_));
        self.lost_silently += u64::from(lost && silently);
        self.unsent += u64::from(lost && silently && matches!(life.order, Order::Stored(_)));
        self.phantom += u64::from(fate == Fate::Phantom);
        self.stored += u64::from(fate == Fate::Stored);
        self.dead += u64::from(fate == Fate::Dead);
        self.set_aside += u64::from(fate == Fate::SetAside);
        self.twice += u64::from(fate == Fate::Twice);
        self.aborted += u64::from(fate == Fate::Aborted);
        self.in_doubt += u64::from(fate == Fate::InDoubt);
        self.waiting += u64::from(super::properties::is_waiting(fate, history.consumed));
    }

    /// All that were lost.
    pub fn lost(&self) -> u64 {
        self.lost_after_ack + self.lost_silently
    }
}

/// The verdict of a run.
#[derive(Clone)]
pub struct Judgement {
    /// What each property says, the gravest first.
    pub verdicts: Vec<(Property, Verdict)>,
    /// The numbers.
    pub tally: Tally,
    /// The healed history they were read from.
    pub history: History,
    /// The healed run.
    pub healed: Run,
    /// How long the partition was without a leader at worst, in microseconds.
    pub leaderless_us: Micros,
}

impl Judgement {
    /// Judges `run`, which is left as it is.
    pub fn of(run: &Run) -> Judgement {
        Self::ending(run.clone())
    }

    /// Judges `run` by playing it to its end.
    pub fn ending(run: Run) -> Judgement {
        let until_us = run.experiment().horizon_us;
        let mut healed = run;
        healed.seek(until_us);
        let history = settle(&mut healed, until_us);
        let seen = Judged {
            history: &history,
            until_us,
        };
        let verdicts = Property::ALL
            .map(|property| (property, property.judge(&seen)))
            .to_vec();
        let tally = Tally::of(&history, until_us);
        let spans = history
            .moments
            .iter()
            .filter(|m| m.partition.is_some())
            .map(|m| m.span_us);
        let leaderless_us = spans.max().unwrap_or(0);
        Judgement {
            verdicts,
            tally,
            history,
            healed,
            leaderless_us,
        }
    }

    /// Later messages are not judged, in microseconds.
    pub fn until_us(&self) -> Micros {
        self.healed.experiment().horizon_us
    }

    /// What one property says.
    pub fn verdict(&self, property: Property) -> &Verdict {
        let found = self.verdicts.iter().find(|(asked, _)| *asked == property);
        found.map_or(&Verdict::Unknown, |(_, verdict)| verdict)
    }

    /// The median time from `send()` to its ack while nothing is wrong yet, in microseconds: of what was acked before
    /// the first action, or of everything.
    pub fn median_ack_us(&self) -> Option<u32> {
        let first = self.healed.experiment().actions.first();
        let calm_us = first.map_or(Micros::MAX, |timed| timed.at_us);
        let acked = |life: &&Life| matches!(life.told, Told::Acked(_));
        let times = |until_us: Micros| {
            let lives = self.history.ledger.iter().filter(acked);
            let in_time = lives.filter(|life| life.told_us < until_us);
            let mut all: Vec<u32> = in_time
                .map(|life| (life.told_us - life.buffered_us) as u32)
                .collect();
            sort_by_number(&mut all, |&took_us| took_us.into());
            all.get(all.len() / 2).copied()
        };
        times(calm_us).or_else(|| times(Micros::MAX))
    }
}

/// Heals everything and lets time go on until nothing waits any more, or for [`PATIENCE`].
fn settle(run: &mut Run, until_us: Micros) -> History {
    let mut history = History::of(run.experiment(), &run.world().model.spec);
    history.follow(run.journal(), run.entries());
    for action in heal(run, &history) {
        run.act(action);
    }
    let give_up_us = until_us + PATIENCE;
    while run.now_us() < give_up_us {
        history.follow(run.journal(), run.entries());
        let seen = Judged {
            history: &history,
            until_us,
        };
        let mut fates = seen.lives().map(|(_, fate)| fate);
        if !fates.any(|fate| {
            super::properties::is_waiting(fate, history.consumed) || fate == Fate::Doomed
        }) {
            break;
        }
        let step_us = if run.now_us() < until_us + 15 * SECOND {
            SECOND
        } else {
            5 * SECOND
        };
        run.seek(run.now_us() + step_us);
    }
    history.follow(run.journal(), run.entries());
    history
}

/// What undoes every fault that can be undone: an emptied disk stays empty, a broken one is
/// replaced by an empty one.
fn heal(run: &Run, history: &History) -> Vec<Action> {
    let mut actions = Vec::new();
    for (from, to) in &history.disturbed {
        actions.push(Action::HealLink {
            from: *from,
            to: *to,
        });
    }
    for (node, state) in (0u8..).map(NodeId).zip(&history.nodes) {
        if state.disk_full {
            actions.push(Action::FreeDisk(node));
        }
        if state.disk_times > 1 {
            actions.push(Action::SlowDisk {
                broker: node,
                times: 1,
            });
        }
        if state.handler_slow {
            let (spec, _) = run.experiment().spec();
            let time_ms = super::experiment::handler_time_ms(&spec, node);
            actions.push(Action::SlowHandler {
                client: node,
                time_ms,
            });
        }
        // A broker that lives on with its other disks has to end before the failed one can be replaced.
        let ends = state.directory_failed && state.is_running();
        if ends {
            actions.push(Action::Kill(node));
        }
        if ends || ((state.disk_failed || state.directory_failed) && !state.is_running()) {
            // What was on it is gone.
            actions.push(Action::WipeDisk {
                broker: node,
                keep_identity: false,
            });
        }
        match state.standing {
            _ if ends => actions.push(Action::Start(node)),
            Standing::Down { .. } | Standing::Off => actions.push(Action::Start(node)),
            Standing::Paused => actions.push(Action::Resume(node)),
            Standing::Up | Standing::Starting | Standing::Stopping => {}
        }
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::config::Owner;
    use crate::lab::experiment::Experiment;

    #[test]
    fn with_either_protocol_a_killed_consumer_s_work_is_gone_on_with() {
        for protocol in ["classic", "consumer"] {
            let mut experiment = Experiment::three_brokers()
                .with_a_ready_group()
                .with(Owner::Consumer, "group.protocol", protocol)
                .with(Owner::Consumer, "auto.offset.reset", "earliest");
            experiment.topology.partitions = 3;
            experiment.topology.consumers = 2;
            let killed = experiment.consumer_node(0);
            let experiment = experiment.at_ms(3_000, Action::Kill(killed));
            let judged = Judgement::of(&Run::new(experiment));
            assert_eq!(judged.tally.lost(), 0, "{protocol}");
            assert_eq!(judged.tally.waiting, 0, "{protocol}: {:?}", judged.tally);
            assert_eq!(judged.tally.processed, judged.tally.sent, "{protocol}");
        }
    }

    #[test]
    fn of_two_disks_the_broken_one_is_replaced_and_the_broker_is_whole_again() {
        let broken = NodeId(1);
        let fails = Action::FailDirectory {
            broker: broken,
            directory: 0,
        };
        let experiment = Experiment::three_brokers()
            .without_consumers()
            .with(Owner::Topic, "min.insync.replicas", "2")
            .with(Owner::Broker, "log.dirs", "/data/1,/data/2")
            .with(Owner::Broker, "metadata.log.dir", "/metadata")
            .at_ms(5_000, fails)
            .until_ms(20_000);
        let judgement = Judgement::of(&Run::new(experiment));
        assert_eq!(judgement.tally.lost(), 0);
        let node = judgement.history.nodes[1];
        assert!(!node.directory_failed && node.is_running());
        let directories = judgement.healed.world().model.broker(broken).directories();
        assert!(directories.iter().all(|directory| directory.is_writable()));
    }

    #[test]
    fn a_broken_disk_is_replaced_by_an_empty_one() {
        let broken = NodeId(1);
        let experiment = Experiment::three_brokers()
            .without_consumers()
            .with(Owner::Topic, "min.insync.replicas", "2")
            .at_ms(5_000, Action::FailDisk(broken))
            .until_ms(20_000);
        let judgement = Judgement::of(&Run::new(experiment));
        assert_eq!(judgement.tally.lost(), 0);
        let node = judgement.history.nodes[1];
        assert!(!node.disk_failed && node.is_running());
        let disk = judgement.healed.world().model.broker(broken).disk();
        assert!(disk.writable());
    }
}

//! What a run costs, measured from its journal: latencies, throughput, the longest gap without an ack, duplicates,
//! disk flushes, bytes between brokers, machines.
//!
//! Two runs are compared by their [`Cost`], which has an order of its own.

mod alternatives;
mod comparison;
mod cost;
mod gap;
mod spread;
#[cfg(test)]
mod tests;
mod trial;
mod words;

pub use alternatives::{Alternative, Family};
pub use comparison::{Comparison, Measure};
pub use cost::Cost;
pub use spread::{Bucket, Spread};
pub use trial::{Blow, LOAD_ORDERS, Load, calm, load};
pub use words::{ms, span};

use super::experiment::Experiment;
use super::history::History;
use super::judge::{Judgement, Tally};
use super::ledger::{Life, Told};
use crate::kafka::config::Configs;
use crate::kafka::record::LogEntry;
use crate::kafka::{Entry, FlushedBy, Journal, TopicPartition};
use crate::sim::{Micros, SECOND};

/// What one run cost. Messages handed over by its horizon count, and what the machines did by then; how messages ended
/// is read after healing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// From `send()` to its ack; with acks=0 to the callback, which asks nobody.
    pub ack: Spread,
    /// The same for what was acked before the first action: how it is while nothing is wrong. Of everything where
    /// nothing was acked by then.
    pub calm_ack: Spread,
    /// From the request that was answered to its ack: without what came before it left.
    pub answer: Spread,
    /// From `send()` to the first effect on the business.
    pub end_to_end: Spread,
    /// Thousandths of a record that were acked a second, from the first `send()` to the last ack.
    pub acked_per_s_milli: u64,
    /// The longest time that some partition acked nothing although there was something to write to it, in
    /// microseconds.
    pub gap_us: Micros,
    /// The same for each partition that was written to.
    pub gaps_us: Vec<(TopicPartition, Micros)>,
    /// How long a partition was without a leader at worst, in microseconds.
    pub leaderless_us: Micros,
    /// How messages ended.
    pub tally: Tally,
    /// Records that a poll returned another time.
    pub delivered_twice: u64,
    /// Effects on the business beyond the first of a message.
    pub processed_twice: u64,
    /// How often a broker called fsync for new records.
    pub fsyncs: u64,
    /// How long those took together, in microseconds.
    pub fsync_us: Micros,
    /// What followers copied from leaders, in bytes.
    pub copied_bytes: u64,
    /// Brokers and controllers.
    pub machines: u32,
}

impl Price {
    /// The price of a run that was judged.
    pub fn of(judged: &Judgement) -> Price {
        let run = &judged.healed;
        let measured = Price::measured(run.experiment(), run.journal(), &judged.history);
        Price {
            tally: judged.tally,
            ..measured
        }
    }

    /// The price as far as the journal and its history have come, with the tally of that moment.
    pub fn measured(experiment: &Experiment, journal: &Journal, history: &History) -> Price {
        Price::measured_from(0, experiment, journal, history)
    }

    /// The same of what was handed over from `from_us` on. Disks, network and polls count from the start.
    fn measured_from(
        from_us: Micros,
        experiment: &Experiment,
        journal: &Journal,
        history: &History,
    ) -> Price {
        let until_us = experiment.horizon_us;
        let in_time = |life: &&Life| (from_us..=until_us).contains(&life.buffered_us);
        let lives: Vec<&Life> = history.ledger.iter().filter(in_time).collect();
        let heard = |life: &&Life| heard(life);
        let acked: Vec<&Life> = lives.iter().copied().filter(heard).collect();
        let first = experiment.actions.first();
        let calm_us = first.map_or(Micros::MAX, |timed| timed.at_us);
        let calm: Vec<&Life> = acked
            .iter()
            .copied()
            .filter(|life| life.told_us < calm_us)
            .collect();
        let gaps_us = gap::gaps(&lives, history, experiment);
        let mut price = Price {
            ack: acks(&acked),
            calm_ack: acks(if calm.is_empty() { &acked } else { &calm }),
            answer: answers(&acked, journal),
            end_to_end: end_to_end(&lives, journal),
            acked_per_s_milli: acked_per_s_milli(&acked),
            gap_us: gaps_us.iter().map(|(_, us)| *us).max().unwrap_or(0),
            gaps_us,
            leaderless_us: leaderless_us(history),
            tally: Tally::of(history, until_us),
            processed_twice: lives
                .iter()
                .map(|life| u64::from(life.processed.saturating_sub(1)))
                .sum(),
            machines: u32::from(experiment.topology.brokers)
                + u32::from(experiment.topology.controllers),
            ..Price::default()
        };
        price.count_machines_work(experiment, journal);
        let polled = lives.iter().filter(|life| life.polled.is_some()).count();
        price.delivered_twice = price.delivered_twice.saturating_sub(polled as u64);
        price
    }

    /// What disks, network and polls had to do by the horizon. `delivered_twice` counts every delivery here.
    fn count_machines_work(&mut self, experiment: &Experiment, journal: &Journal) {
        let entries = journal.entries();
        let end = entries.partition_point(|entry| entry.at <= experiment.horizon_us);
        for stamped in &entries[..end] {
            match &stamped.what {
                Entry::Flushed {
                    by: FlushedBy::Kafka,
                    ..
                } => self.fsyncs += 1,
                Entry::Replicated { entries, .. } => self.copied_bytes += bytes_of(entries),
                Entry::Polled { records, .. } => self.delivered_twice += records.len() as u64,
                _ => {}
            }
        }
        let (configs, _) = Configs::build(&experiment.configs);
        self.fsync_us = self.fsyncs * configs.environment.fsync_us();
    }

    /// This price as one value to compare with those of other runs.
    pub fn cost(&self) -> Cost {
        Cost::of(self)
    }
}

/// The producer heard of it. What is only believed (nobody looks at the result) has no latency.
fn heard(life: &Life) -> bool {
    match life.told {
        Told::Acked(_) => true,
        Told::Believed(_) => life.acks0,
        Told::Nothing | Told::Failed(_) => false,
    }
}

fn acks(lives: &[&Life]) -> Spread {
    let took = lives.iter().map(|life| life.told_us - life.buffered_us);
    Spread::of(took.collect())
}

fn answers(lives: &[&Life], journal: &Journal) -> Spread {
    let took = lives.iter().filter_map(|life| {
        let (sent, _) = life.sent?;
        Some(life.told_us.saturating_sub(journal.get(sent)?.at))
    });
    Spread::of(took.collect())
}

fn end_to_end(lives: &[&Life], journal: &Journal) -> Spread {
    let took = lives.iter().filter_map(|life| {
        let (first, _) = life.effects?;
        Some(journal.get(first)?.at.saturating_sub(life.buffered_us))
    });
    Spread::of(took.collect())
}

/// Of those times that have ended: a leader was elected.
fn leaderless_us(history: &History) -> Micros {
    let of_partitions = history.moments.iter().filter(|m| m.partition.is_some());
    of_partitions.map(|m| m.span_us).max().unwrap_or(0)
}

/// From the first `send()` of what was acked to the last ack.
fn acked_per_s_milli(acked: &[&Life]) -> u64 {
    let from_us = acked.iter().map(|life| life.buffered_us).min();
    let to_us = acked.iter().map(|life| life.told_us).max();
    let (Some(from_us), Some(to_us)) = (from_us, to_us) else {
        return 0;
    };
    acked.len() as u64 * 1_000 * SECOND / (to_us - from_us).max(1)
}

fn bytes_of(entries: &[LogEntry]) -> u64 {
    let sizes = entries
        .iter()
        .map(|entry| u64::from(entry.batch.size_bytes));
    sizes.sum()
}

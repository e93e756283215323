//! The longest time without an ack although there was something to write.

use super::heard;
use crate::kafka::TopicPartition;
use crate::kafka::config::Configs;
use crate::lab::experiment::{Experiment, MESSAGES_EACH};
use crate::lab::history::History;
use crate::lab::ledger::{Life, Told};
use crate::sim::order::sort_by_number;
use crate::sim::{Micros, SECOND};

/// What happens to a partition, in the order that counts at one moment: who is answered first makes room for who asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Served,
    /// The application was told that it failed, and still wanted it to be written.
    Refused,
    Wanted,
}

/// The longest gap of each partition that somebody wanted to write to, by `until_us`.
pub(super) fn gaps(
    lives: &[&Life],
    history: &History,
    experiment: &Experiment,
) -> Vec<(TopicPartition, Micros)> {
    let wanted = wanted(lives, experiment);
    let mut gaps = Vec::new();
    for partition in history.parts.keys() {
        // Who found no leader at all was not given a partition: all of them were wanted.
        let of_it = |life: &Life| life.partition.is_none_or(|of| of == *partition);
        let mine = wanted.iter().copied().filter(|(life, _)| of_it(life));
        let mine: Vec<(&Life, Micros)> = mine.collect();
        if mine.iter().any(|(life, _)| life.partition.is_some()) {
            gaps.push((*partition, longest(&mine, experiment.horizon_us)));
        }
    }
    gaps
}

/// Every message with the time from which its application wanted it to be written. While `send()` blocks (no metadata,
/// no memory) that is earlier than the accumulator takes it: it was due by the rate.
fn wanted<'a>(lives: &[&'a Life], experiment: &Experiment) -> Vec<(&'a Life, Micros)> {
    let (configs, _) = Configs::build(&experiment.configs);
    let every_us = SECOND.checked_div(configs.app.send_rate);
    let mut all: Vec<(&Life, Micros)> = Vec::with_capacity(lives.len());
    for &life in lives {
        let producer = producer_of(life);
        let before = all
            .last()
            .filter(|(before, _)| producer_of(before) == producer);
        let undisturbed = !is_acted_upon(experiment, producer);
        let due_us = match (before, every_us) {
            (Some((_, before_us)), Some(every_us)) if undisturbed => before_us + every_us,
            _ => Micros::MAX,
        };
        all.push((life, life.buffered_us.min(due_us)));
    }
    all
}

/// The place of its producer; messages are numbered from 1.
fn producer_of(life: &Life) -> u32 {
    life.message.0.saturating_sub(1) / MESSAGES_EACH
}

/// Whether somebody stops it, starts it or makes it send more.
fn is_acted_upon(experiment: &Experiment, producer: u32) -> bool {
    let node = experiment.producer_node(producer as u8);
    let mut actions = experiment.actions.iter();
    actions.any(|timed| timed.action.nodes().contains(&node))
}

fn longest(lives: &[(&Life, Micros)], until_us: Micros) -> Micros {
    let mut events: Vec<(Micros, What)> = Vec::new();
    for (life, wanted_us) in lives {
        events.push((*wanted_us, What::Wanted));
        match life.told {
            _ if heard(life) => events.push((life.told_us, What::Served)),
            Told::Failed(_) => events.push((life.told_us, What::Refused)),
            // Nobody waits for it.
            Told::Believed(_) => events.push((life.told_us, What::Refused)),
            Told::Acked(_) | Told::Nothing => {}
        }
    }
    sort_by_number(&mut events, |(at_us, what)| {
        *at_us * 4 + u64::from(*what != What::Wanted)
    });
    sweep(&events, until_us)
}

/// Goes through the events of one partition: a gap begins when something is wanted or, while more is waiting, with an
/// ack; it ends with the next ack.
fn sweep(events: &[(Micros, What)], until_us: Micros) -> Micros {
    let (mut longest_us, mut waiting) = (0, 0u64);
    let (mut since_us, mut last_us) = (None, 0);
    for &(at_us, what) in events {
        last_us = at_us;
        match what {
            What::Wanted => {
                waiting += 1;
                since_us = since_us.or(Some(at_us));
            }
            What::Refused => waiting = waiting.saturating_sub(1),
            What::Served => {
                waiting = waiting.saturating_sub(1);
                longest_us = longest_us.max(at_us - since_us.unwrap_or(at_us));
                since_us = (waiting > 0).then_some(at_us);
            }
        }
    }
    let end_us = if waiting > 0 { until_us } else { last_us };
    let open_us = since_us.map_or(0, |since_us| end_us.saturating_sub(since_us));
    longest_us.max(open_us)
}

#[cfg(test)]
mod tests {
    use super::*;
    use What::{Refused, Served, Wanted};

    #[test]
    fn a_gap_lasts_from_the_last_ack_to_the_next_while_something_waits() {
        let two_waiting = [(0, Wanted), (1, Wanted), (5, Served), (30, Served)];
        assert_eq!(sweep(&two_waiting, 100), 25);
        let quiet_between = [(0, Wanted), (5, Served), (90, Wanted), (92, Served)];
        assert_eq!(sweep(&quiet_between, 100), 5);
    }

    #[test]
    fn a_failure_does_not_end_a_gap() {
        let failed = [(0, Wanted), (7, Refused), (20, Wanted), (21, Served)];
        assert_eq!(sweep(&failed, 100), 21);
        assert_eq!(sweep(&failed[..2], 100), 7, "nothing more was wanted");
        assert_eq!(sweep(&failed[..1], 100), 100, "it waits to the end");
        assert_eq!(sweep(&[], 100), 0);
    }
}

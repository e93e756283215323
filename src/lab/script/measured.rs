//! Numbers of a run that sentences name: how full batches were, how long acks took.

use crate::kafka::Entry;
use crate::lab::experiment::TOPIC;
use crate::lab::history::History;
use crate::lab::ledger::Told;
use crate::lab::run::Run;
use crate::sim::order::sort_by_number;

/// Records in a batch on average, and the median time from `send()` to its ack, up to the moment of `then`.
pub(super) fn measured(run: &Run, then: &History) -> (String, String) {
    let (mut batches, mut records) = (0, 0);
    for stamped in run.journal().entries().iter().take(then.seen() as usize) {
        if let Entry::BatchSent {
            partition,
            batch,
            attempt: 1,
            ..
        } = &stamped.what
            && partition.topic == TOPIC
        {
            batches += 1;
            records += batch.data().len();
        }
    }
    let tenths = (records * 10).checked_div(batches).unwrap_or(0);
    let acked = then
        .ledger
        .iter()
        .filter(|life| matches!(life.told, Told::Acked(_)));
    let mut took: Vec<u64> = acked.map(|life| life.told_us - life.buffered_us).collect();
    sort_by_number(&mut took, |&us| us);
    let median_us = took.get(took.len() / 2).copied().unwrap_or(0);
    (
        format!("{}.{}", tenths / 10, tenths % 10),
        format!("{}.{} ms", median_us / 1_000, median_us % 1_000 / 100),
    )
}

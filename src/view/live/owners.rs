//! Who reads what, from the calls of the consumers' rebalance listeners.

use super::keys::key_of;
use crate::kafka::{Entry, TopicPartition};
use crate::lab::experiment::TOPIC;
use crate::lab::run::Run;
use crate::lab::session::Session;
use crate::sim::{Micros, NodeId};
use crate::view::{NodeKey, OwnedView, OwnersRow, OwnersView, keep};
use std::rc::Rc;

/// One consumer's time with one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owned {
    partition: TopicPartition,
    node: NodeId,
    from_us: Micros,
    to_us: Option<Micros>,
}

/// Every partition's owners in the whole run; nothing where one consumer reads one partition.
pub fn owned(run: &Run) -> Vec<Owned> {
    let topology = &run.experiment().topology;
    let spec = &run.world().model.spec;
    let several = topology.partitions > 1 || spec.spare_partitions > 0 || topology.consumers > 1;
    if !several || topology.consumers == 0 {
        return Vec::new();
    }
    in_the_journal(run)
}

#[inline(never)]
fn in_the_journal(run: &Run) -> Vec<Owned> {
    let mut owned = Vec::new();
    for stamped in run.journal().entries() {
        let (node, at_us) = (stamped.node, stamped.at);
        match &stamped.what {
            Entry::Assigned { partitions } => {
                for partition in partitions.iter().filter(|p| p.topic == TOPIC) {
                    // Whoever still believes to own it does not any more.
                    end(&mut owned, at_us, |owned| owned.partition == *partition);
                    owned.push(Owned {
                        partition: *partition,
                        node,
                        from_us: at_us,
                        to_us: None,
                    });
                }
            }
            Entry::Revoked { partitions } | Entry::PartitionsLost { partitions } => {
                let given_up =
                    |owned: &Owned| owned.node == node && partitions.contains(&owned.partition);
                end(&mut owned, at_us, given_up);
            }
            Entry::Killed | Entry::PowerLost | Entry::Stopped | Entry::Halted => {
                end(&mut owned, at_us, |owned| owned.node == node);
            }
            _ => {}
        }
    }
    owned
}

fn end(owned: &mut [Owned], at_us: Micros, which: impl Fn(&Owned) -> bool) {
    let lasting = owned.iter_mut().filter(|owned| owned.to_us.is_none());
    for owned in lasting.filter(|owned| which(owned)) {
        owned.to_us = Some(at_us);
    }
}

/// The strip of what may be known of the session's run; nothing is made where there is none.
pub fn owners(lab: &Session, owned: &[Owned], strip: &mut Rc<OwnersView>) {
    if owned.is_empty() && strip.rows.is_empty() {
        return;
    }
    let known_us = lab.played_us().min(lab.veil_us().unwrap_or(Micros::MAX));
    keep(strip, strip_of(lab.run(), owned, known_us));
}

fn strip_of(run: &Run, owned: &[Owned], known_us: Micros) -> OwnersView {
    let spec = &run.world().model.spec;
    let mut rows: Vec<OwnersRow> = Vec::new();
    for one in owned.iter().filter(|owned| owned.from_us <= known_us) {
        let Some(NodeKey::Consumer(consumer)) = key_of(spec, one.node) else {
            continue;
        };
        let partition = one.partition.partition;
        let place = rows.partition_point(|row| row.partition < partition);
        if rows.get(place).is_none_or(|row| row.partition != partition) {
            let row = OwnersRow {
                partition,
                owners: Vec::new(),
            };
            rows.insert(place, row);
        }
        // What was taken back at once is no ownership.
        if one.to_us != Some(one.from_us) {
            rows[place].owners.push(OwnedView {
                consumer,
                from_us: one.from_us,
                to_us: one.to_us.filter(|to_us| *to_us <= known_us),
            });
        }
    }
    OwnersView {
        end_us: run.experiment().horizon_us,
        known_us,
        rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::lessons::find;
    use crate::sim::SECOND;

    fn played(id: &str) -> Run {
        let lesson = find(id).expect("a lesson");
        let mut run = Run::new(lesson.experiment.clone());
        run.seek(lesson.experiment.horizon_us);
        run
    }

    #[test]
    fn the_strip_shows_who_had_what_and_when_nobody_did() {
        let run = played("who-reads-what");
        let all = owned(&run);
        let view = strip_of(&run, &all, run.now_us());
        assert_eq!(view.rows.len(), 5);
        let at = |row: &OwnersRow, at_us: u64| {
            let holds =
                |o: &&OwnedView| o.from_us <= at_us && o.to_us.is_none_or(|to_us| at_us < to_us);
            row.owners.iter().find(holds).map(|owned| owned.consumer)
        };
        let whose = |at_us| {
            view.rows
                .iter()
                .map(|row| at(row, at_us))
                .collect::<Vec<_>>()
        };
        let before = [Some(0), Some(0), Some(1), Some(1), Some(2)];
        assert_eq!(whose(7_900_000), before, "range gives two, two, one");
        let mut rebalance_ms = 8_000..10_500;
        let nobody = rebalance_ms.any(|ms| whose(ms * 1_000) == [None; 5]);
        assert!(nobody, "eager: for a moment nobody has anything");
        let without = [Some(0), Some(0), Some(0), Some(2), Some(2)];
        assert_eq!(whose(12 * SECOND), without, "the two that are left");
        assert_eq!(whose(25 * SECOND), before, "as before");
    }

    #[test]
    fn nothing_is_shown_of_what_is_not_known_yet() {
        let run = played("who-reads-what");
        let all = owned(&run);
        let view = strip_of(&run, &all, 5 * SECOND);
        let spans = || view.rows.iter().flat_map(|row| &row.owners);
        assert!(spans().all(|owned| owned.from_us <= 5 * SECOND));
        assert!(spans().all(|owned| owned.to_us.is_none_or(|to_us| to_us <= 5 * SECOND)));
    }

    #[test]
    fn one_consumer_of_one_partition_needs_no_strip() {
        assert_eq!(owned(&played("crash-after-work")), Vec::new());
    }
}

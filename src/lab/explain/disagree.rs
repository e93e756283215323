//! Replicas in sync hold different records at one offset: by the rule that is history, never by that of today.

use super::{Explainer, fault_words};
use crate::kafka::config::Owner;
use crate::kafka::{Entry, MessageId, Offset, TopicPartition};
use crate::lab::ledger::Life;
use crate::lab::moments::{Moment, On};
use crate::lab::story::{self, Line, Tone, both, name};
use crate::sim::NodeId;
use crate::sim::journal::EntryId;

/// A replica in sync that has something else where the leader has the message.
#[derive(Clone, Copy)]
pub(super) struct Rival {
    partition: TopicPartition,
    offset: Offset,
    leader: NodeId,
    follower: NodeId,
    message: MessageId,
}

impl Explainer<'_> {
    /// Who has what else where the leader has it.
    pub(super) fn rival(&self) -> Option<Rival> {
        let partition = self.life.partition?;
        let part = self.history.parts.get(&partition)?;
        let (leader, own) = self.history.leader_log(partition)?;
        let mut places = self.life.places.iter().map(|place| place.offset);
        let offset = places.find(|offset| {
            let slot = own.at(*offset);
            slot.is_some_and(|slot| slot.message == self.life.message)
        })?;
        let mut others = part.isr.iter().filter(|node| *node != leader);
        others.find_map(|follower| {
            let slot = self.history.logs.get(&(partition, follower))?.at(offset)?;
            (slot.message != self.life.message).then_some(Rival {
                partition,
                offset,
                leader,
                follower,
                message: slot.message,
            })
        })
    }

    /// Its copies differ by what was seen so far.
    pub(super) fn has_diverged(&self) -> bool {
        let mut moments = self.history.moments.iter();
        moments.any(|moment| moment.on == On::Diverged) && self.rival().is_some()
    }

    /// "Why m25 is not the same on every replica".
    pub(super) fn disagreed(&self) -> Vec<Line> {
        let Some(rival) = self.rival() else {
            return Vec::new();
        };
        let mut lines = Vec::new();
        let other = self.history.ledger.get(rival.message);
        lines.extend(other.and_then(|other| self.first_there(rival, other)));
        lines.extend(
            other
                .into_iter()
                .flat_map(|other| self.gone_there(rival, other)),
        );
        lines.extend(self.led_without(rival));
        lines.extend(self.second_there(rival));
        lines.push(self.followed_on(rival));
        self.short(lines)
    }

    /// "broker 1 writes m9 at offset 8; broker 2 copies it".
    fn first_there(&self, rival: Rival, other: &Life) -> Option<Line> {
        let mut places = other.places.iter();
        let place = places.find(|place| place.offset == rival.offset)?;
        let (n, at) = (rival.message.0, rival.offset);
        let who = self.written_by(place.written);
        let copy = name(self.experiment, rival.follower);
        let epoch = place.epoch;
        let text = both(
            format!(
                "{} writes m{n} at offset {at} (epoch {epoch}); {} has a copy",
                who.en, copy.en
            ),
            format!(
                "{} 把 m{n} 写到 offset {at}（epoch {epoch}），{} 有一份",
                who.zh, copy.zh
            ),
        );
        Some(Line::new(self.journal, place.written, Tone::Plain, text))
    }

    /// How the later leader came to be without it.
    fn gone_there(&self, rival: Rival, other: &Life) -> Vec<Line> {
        let written = other.places.first().map_or(other.buffered, |p| p.written);
        let entries = self.journal.entries().iter().enumerate();
        let mut cuts = entries.skip(written.0 as usize).filter_map(|(id, entry)| {
            let here = entry.node == rival.leader;
            match &entry.what {
                Entry::LogCut {
                    partition,
                    offset,
                    why,
                    ..
                } if here && *partition == rival.partition && *offset <= rival.offset => {
                    Some((EntryId(id as u32), *why))
                }
                _ => None,
            }
        });
        let Some((entry, why)) = cuts.next() else {
            return self.ended_before(rival, written);
        };
        let who = name(self.experiment, rival.leader);
        let mut lines = Vec::new();
        lines.extend(self.fault_before(entry, rival.leader));
        let text = story::cut(self.experiment, rival.message.0, &who, why);
        lines.push(Line::new(self.journal, entry, Tone::Lost, text));
        lines
    }

    /// It never had it: what ended, and what kept it from copying.
    fn ended_before(&self, rival: Rival, written: EntryId) -> Vec<Line> {
        let until = self.led_at(rival).map_or(written, |moment| moment.entry);
        let ended = self.last_fault(rival.follower, until);
        let told = ended.and_then(|entry| {
            let stamped = self.journal.get(entry)?;
            let text = fault_words(&stamped.what, &name(self.experiment, stamped.node))?;
            Some(Line::new(self.journal, entry, Tone::Lost, text))
        });
        told.into_iter().collect()
    }

    fn led_at(&self, rival: Rival) -> Option<&Moment> {
        let mut moments = self.history.moments.iter().rev();
        let own = self.life.places.iter().map(|place| place.written).min()?;
        moments.find(|moment| {
            moment.entry < own
                && moment.node == rival.leader
                && moment.partition == Some(rival.partition)
                && matches!(moment.on, On::Elected | On::ElectedUnclean)
        })
    }

    fn led_without(&self, rival: Rival) -> Option<Line> {
        let moment = self.led_at(rival)?;
        let who = name(self.experiment, rival.leader);
        let (epoch, end, n) = (moment.epoch, moment.offset, rival.message.0);
        let text = both(
            format!(
                "{} leads epoch {epoch} with log end {end}: m{n} is not in it",
                who.en
            ),
            format!(
                "{} 成为 epoch {epoch} 的 leader，LEO 是 {end}，没有 m{n}",
                who.zh
            ),
        );
        Some(Line::new(self.journal, moment.entry, Tone::Risk, text))
    }

    fn second_there(&self, rival: Rival) -> Option<Line> {
        let mut places = self.life.places.iter();
        let place = places.find(|place| place.offset == rival.offset)?;
        let (m, at, epoch) = (self.m, rival.offset, place.epoch);
        let who = self.written_by(place.written);
        let text = both(
            format!(
                "{} writes m{m} at the same offset {at} (epoch {epoch})",
                who.en
            ),
            format!("{} 把 m{m} 写到同一个 offset {at}（epoch {epoch}）", who.zh),
        );
        Some(Line::new(self.journal, place.written, Tone::Plain, text))
    }

    /// The sentence that decides: the follower goes on and compares nothing.
    fn followed_on(&self, rival: Rival) -> Line {
        let mut moments = self.history.moments.iter();
        let went_on = moments.find(|moment| {
            moment.on == On::Diverged
                && moment.node == rival.follower
                && moment.partition == Some(rival.partition)
                && (moment.offset..moment.before).contains(&rival.offset)
        });
        let last = EntryId(self.history.seen().saturating_sub(1));
        let entry = went_on.map_or(last, |moment| moment.entry);
        let (m, n, at) = (self.m, rival.message.0, rival.offset);
        let who = name(self.experiment, rival.follower);
        let leader = name(self.experiment, rival.leader);
        let from = went_on.map_or(at + 1, |moment| moment.before);
        let text = both(
            format!(
                "{} cuts its log to its own high watermark only and goes on from offset {from}: at offset {at} it keeps m{n}, {} has m{m}, and nobody compares epochs",
                who.en, leader.en
            ),
            format!(
                "{} 只截到自己的 high watermark，从 offset {from} 接着复制：offset {at} 上它留着 m{n}，{} 是 m{m}，没有人比较 epoch",
                who.zh, leader.zh
            ),
        );
        self.decisive(entry, text)
            .blaming(Owner::Environment, "history.truncation", "leader-epoch")
    }
}

#[cfg(test)]
mod tests {
    use crate::kafka::MessageId;
    use crate::lab::causes::Cause;
    use crate::lab::explain::explain_harm;
    use crate::lab::harm::Harm;
    use crate::lab::judge::Judgement;
    use crate::lab::run::Run;
    use crate::lab::story::Line;
    use crate::lab::trouble::trouble;

    fn told(seed: u64, harm: Harm) -> (Vec<Line>, Vec<Cause>) {
        let judged = Judgement::of(&Run::new(trouble(seed)));
        let message: MessageId = harm.found(&judged)[0];
        let run = &judged.healed;
        let (experiment, journal) = (run.experiment(), run.journal());
        let why = explain_harm(experiment, journal, &judged.history, message, harm);
        let causes = why.causes(experiment, journal);
        (why.lines, causes)
    }

    #[test]
    fn copies_that_differ_name_both_records_and_the_rule_of_then() {
        let (lines, causes) = told(822, Harm::Diverged);
        let decisive = lines.iter().find(|line| line.decisive);
        let said = decisive.is_some_and(|line| line.text.en.contains("nobody compares epochs"));
        assert!(said && lines.len() >= 4, "{lines:?}");
        let rule =
            |cause: &Cause| matches!(cause, Cause::Knob(knob) if knob.name == "history.truncation");
        assert!(causes.iter().any(rule), "{causes:?}");
    }

    #[test]
    fn work_done_twice_names_who_lost_the_partition_and_who_read_on_from_where() {
        let (lines, _) = told(22, Harm::Twice);
        let says = |words: &str| lines.iter().any(|line| line.text.en.contains(words));
        assert!(says("gives its partitions to others"), "{lines:?}");
        assert!(says("reads on from offset"), "{lines:?}");
    }
}

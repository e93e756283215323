//! Out of order: a message was worked on after a later one.

use super::Explainer;
use crate::kafka::{Action, Entry, MessageId, Offset, TopicPartition};
use crate::lab::causes::Cause;
use crate::lab::experiment::TOPIC;
use crate::lab::ledger::Life;
use crate::lab::moments::On;
use crate::lab::story::{Line, Tone, both, name};
use crate::sim::journal::EntryId;

impl Explainer<'_> {
    /// The later message that was worked on before this one, and the effect of this one.
    pub(super) fn overtaken(&self) -> Option<(EntryId, MessageId)> {
        let mut reordered = self.history.reordered.iter();
        let found = reordered.find(|(_, message, _)| *message == self.life.message)?;
        Some((found.0, found.2))
    }

    /// Its first effect came after that of a later message: of the same partition, or of another one.
    pub(super) fn out_of_order(&self) -> Vec<Line> {
        let Some((effect, later)) = self.overtaken() else {
            return Vec::new();
        };
        match self.history.ledger.get(later) {
            Some(other) if other.partition != self.life.partition => self.parted(effect, other),
            _ => self.reordered(),
        }
    }

    /// Where each of the two lies, what put them apart, and who was quicker.
    fn parted(&self, effect: EntryId, other: &Life) -> Vec<Line> {
        let (mut lines, later) = (Vec::new(), other.message);
        lines.extend(self.written_line(self.life));
        lines.extend(self.partitions_added());
        lines.extend(self.written_line(other));
        if let Some((first, _)) = other.effects {
            lines.extend(self.done_line(first, later, Tone::Risk));
        }
        lines.extend(self.done_line(effect, self.life.message, Tone::Twice));
        if let Some(last) = lines.last_mut() {
            last.decisive = true;
        }
        self.short(lines)
    }

    fn written_line(&self, life: &Life) -> Option<Line> {
        let place = life.places.first()?;
        let (m, partition) = (life.message.0, life.partition?);
        let at: Offset = place.offset;
        let key = life.key.map_or(both(String::new(), String::new()), |key| {
            both(format!(" (key {key})"), format!("（key {key}）"))
        });
        let number = partition.partition;
        let text = both(
            format!(
                "m{m}{} is written to partition {number} at offset {at}",
                key.en
            ),
            format!("m{m}{} 写到 partition {number} 的 offset {at}", key.zh),
        );
        Some(Line::new(self.journal, place.written, Tone::Plain, text))
    }

    /// From here on keys are hashed over another number.
    fn partitions_added(&self) -> Option<Line> {
        let mut moments = self.history.moments.iter();
        let added = moments.find(|moment| moment.on == On::PartitionsAdded)?;
        let count = added.count;
        let text = both(
            format!(
                "the topic has {count} partitions now: hash(key) % {count} sends some keys elsewhere"
            ),
            format!("topic 现在有 {count} 个 partition：hash(key) % {count} 把一些 key 送到别处"),
        );
        let mut actions = self.experiment.actions.iter().rev();
        let asked = actions.find(|timed| {
            timed.at_us <= added.at_us && matches!(timed.action, Action::CreatePartitions { .. })
        });
        Some(Line {
            blames: asked.cloned().map(Cause::Action),
            ..Line::new(self.journal, added.entry, Tone::Risk, text)
        })
    }

    fn done_line(&self, entry: EntryId, message: MessageId, tone: Tone) -> Option<Line> {
        let stamped = self.journal.get(entry)?;
        let (who, m) = (name(self.experiment, stamped.node), message.0);
        let partition: Option<TopicPartition> = match &stamped.what {
            Entry::Processed { partition, .. } => Some(*partition),
            _ => None,
        };
        let partition = partition.filter(|partition| partition.topic == TOPIC)?;
        let number = partition.partition;
        let text = both(
            format!("{} works on m{m}, from partition {number}", who.en),
            format!("{} 处理 partition {number} 的 m{m}", who.zh),
        );
        Some(Line::new(self.journal, entry, tone, text))
    }
}

#[cfg(test)]
mod tests {
    use crate::lab::explain::explain;
    use crate::lab::judge::Judgement;
    use crate::lab::lessons::find;
    use crate::lab::run::Run;

    #[test]
    fn an_order_that_comes_after_a_later_one_is_explained_by_the_partitions_added() {
        let lesson = find("which-partition").expect("lesson 19");
        let judged = Judgement::of(&Run::new(lesson.experiment.clone()));
        let (_, message, later) = judged.history.reordered[0];
        let journal = judged.healed.journal();
        let why = explain(&lesson.experiment, journal, &judged.history, message);
        let said: Vec<&str> = why.lines.iter().map(|line| &*line.text.en).collect();
        let told = |what: &str| said.iter().position(|line| line.contains(what));
        let (early, late) = (format!("m{} ", message.0), format!("m{} ", later.0));
        let written = |m: &str| said.iter().position(|line| line.starts_with(m));
        assert!(written(&early) < told("has 3 partitions now"), "{said:#?}");
        assert!(told("has 3 partitions now") < written(&late), "{said:#?}");
        assert!(
            told(&format!("works on m{}", later.0)) < told(&format!("works on m{}", message.0))
        );
        assert_eq!(said.len(), 5, "{said:#?}");
    }
}

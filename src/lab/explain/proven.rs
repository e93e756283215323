//! An explanation after its proof: what is not necessary is left out, what is necessary and was not told is added.

use super::{Explainer, MOST_LINES, Why, blamed};
use crate::kafka::config::Owner;
use crate::kafka::{Action, Entry, Journal};
use crate::lab::causes::{Cause, Knob, done_at};
use crate::lab::experiment::{Experiment, Timed};
use crate::lab::history::History;
use crate::lab::knobs::handle;
use crate::lab::ledger::Told;
use crate::lab::proof::Proof;
use crate::lab::session::deed;
use crate::lab::story::{Line, Tone, both, name};
use crate::lab::text::Text;
use crate::sim::journal::EntryId;
use crate::sim::order::sort_by_number;

/// With fewer sentences than this, it is said when the message was sent.
const FEW_LINES: usize = 3;

impl Why {
    /// This explanation with what was proven.
    pub fn proven(
        &self,
        experiment: &Experiment,
        journal: &Journal,
        history: &History,
        proof: &Proof,
    ) -> Why {
        let life = self
            .about
            .and_then(|(_, message)| history.ledger.get(message));
        let Some(life) = life else {
            return self.clone();
        };
        let teller = Explainer::new(experiment, journal, history, life);
        let mut told: Vec<Cause> = Vec::new();
        let mut lines = Vec::new();
        for line in &self.lines {
            let blames = blamed(experiment, journal, line);
            let holds = blames.iter().any(|cause| proof.necessary.contains(cause));
            if holds || blames.is_empty() || line.decisive {
                lines.push(line.clone());
            }
            // What the decisive sentence came of is blamed by it, and told by another one.
            told.extend(blames.into_iter().filter(|cause| teller.says(line, cause)));
        }
        let end = self
            .lines
            .iter()
            .find(|line| line.decisive)
            .or(self.lines.last());
        let end = end.map_or(EntryId(0), |line| line.entry);
        let untold = proof.necessary.iter().filter(|cause| !told.contains(cause));
        let added = untold.filter_map(|cause| {
            let blamed = self.causes(experiment, journal).contains(cause);
            Some((
                blamed,
                teller.blame(cause, end, proof.necessary.len() == 1)?,
            ))
        });
        let (hinted, added): (Vec<_>, Vec<_>) = added.partition(|(blamed, _)| *blamed);
        // They are what it was for: others make room.
        while lines.len() + added.len() > MOST_LINES {
            let spare = lines.iter().rposition(|line| {
                let blames = blamed(experiment, journal, line);
                !line.decisive && !blames.iter().any(|cause| proof.necessary.contains(cause))
            });
            match spare {
                Some(place) => lines.remove(place),
                None => break,
            };
        }
        lines.extend(added.into_iter().map(|(_, line)| line));
        let room = MOST_LINES.saturating_sub(lines.len());
        lines.extend(hinted.into_iter().take(room).map(|(_, line)| line));
        teller.fill(&mut lines);
        sort_by_number(&mut lines, |line| line.at_us);
        lines.dedup_by(|one, other| one.at_us == other.at_us && one.text == other.text);
        let lines = teller.decided_once(lines);
        Why {
            lines,
            ..self.clone()
        }
    }
}

impl Explainer<'_> {
    /// Whether the sentence itself tells of a cause that it blames; it may only come of it.
    fn says(&self, line: &Line, cause: &Cause) -> bool {
        match (cause, self.journal.get(line.entry)) {
            (Cause::Action(timed), Some(stamped)) => {
                done_at(self.experiment, stamped) == Some(timed)
            }
            _ => true,
        }
    }

    /// Where little is to be told, how it was sent.
    fn fill(&self, lines: &mut Vec<Line>) {
        let first = [Some(self.handed_over()), self.left(), self.size()];
        for line in first.into_iter().flatten() {
            let same = |known: &Line| known.entry == line.entry && known.text == line.text;
            if lines.len() < FEW_LINES && !lines.iter().any(same) {
                lines.push(line);
            }
        }
    }

    /// "m9 leaves in a produce request to broker 1".
    fn left(&self) -> Option<Line> {
        let mut entries = self.journal.entries().iter().enumerate();
        let (id, to) = entries.find_map(|(id, stamped)| match &stamped.what {
            Entry::BatchSent { batch, broker, .. } => {
                let mut records = batch.data().iter();
                let ours = records.any(|record| record.message == self.life.message);
                ours.then_some((EntryId(id as u32), *broker))
            }
            _ => None,
        })?;
        let (m, to) = (self.m, name(self.experiment, to));
        let text = both(
            format!("m{m} leaves in a produce request to {}", to.en),
            format!("m{m} 随 produce 请求发往 {}", to.zh),
        );
        Some(Line::new(self.journal, id, Tone::Send, text))
    }

    /// What is too large never leaves.
    fn size(&self) -> Option<Line> {
        let Told::Failed(failed) = self.life.told else {
            return None;
        };
        let (m, size) = (
            self.m,
            self.experiment
                .configs
                .get(Owner::Application, "record.size.bytes")?,
        );
        let text = both(
            format!("m{m} is {size} bytes large, without its headers"),
            format!("m{m} 有 {size} 字节，还不算头部"),
        );
        Some(Line::new(self.journal, failed, Tone::Plain, text))
    }

    /// The sentence that blames a cause which was found by trying.
    fn blame(&self, cause: &Cause, end: EntryId, alone: bool) -> Option<Line> {
        match cause {
            Cause::Action(timed) => self.blame_action(timed, end, alone),
            Cause::Knob(knob) => {
                let written = knob_text(knob);
                let text = both(
                    format!("with {written} it would not have come to this"),
                    format!("若 {written}，就不会这样"),
                );
                let line = Line::new(self.journal, end, Tone::Risk, text);
                Some(line.blaming(knob.owner, knob.name, knob.value))
            }
        }
    }

    fn blame_action(&self, timed: &Timed, end: EntryId, alone: bool) -> Option<Line> {
        let mut entries = self.journal.entries().iter();
        let made = entries.position(|stamped| done_at(self.experiment, stamped) == Some(timed));
        let told = made.and_then(|place| self.wrong_line(EntryId(place as u32)));
        let idle = told.is_none() && !is_request(&timed.action);
        let line = told.or_else(|| {
            // It is in no entry of its own: the first one at its time stands for it.
            let entries = self.journal.entries();
            let place = entries.partition_point(|stamped| stamped.at < timed.at_us);
            let entry = EntryId(place.min(entries.len().checked_sub(1)?) as u32);
            let text = deed(self.experiment, &timed.action);
            let line = Line::new(self.journal, entry, Tone::Lost, text);
            Some(Line {
                at_us: timed.at_us,
                ..line
            })
        })?;
        let blames = Some(Cause::Action(timed.clone()));
        if alone || line.entry <= end && !idle {
            return Some(Line { blames, ..line });
        }
        let (en, zh) = (&line.text.en, &line.text.zh);
        let text = both(
            format!("{en}: had the rest not been, this would have done the same"),
            format!("{zh}：即使没有其余的事，它也会造成同样的结果"),
        );
        Some(Line {
            text,
            blames,
            ..line
        })
    }
}

/// Whether somebody only asks for it: it has its effect when the controller or a leader gets to it.
fn is_request(action: &Action) -> bool {
    matches!(
        action,
        Action::ElectLeader { .. }
            | Action::DeleteRecords { .. }
            | Action::Reassign { .. }
            | Action::CreatePartitions { .. }
            | Action::SetMinIsr { .. }
            | Action::Burst { .. }
            | Action::Throw(_)
    )
}

/// "acks=all".
pub fn knob_text(knob: &Knob) -> String {
    format!("{}={}", handle(knob.owner, knob.name), knob.value)
}

/// "Played again on the same luck without the power loss of broker 1, m9 is spared."
pub fn proof_text(experiment: &Experiment, m: u32, proof: &Proof) -> Text {
    let each = proof.necessary.iter().map(|cause| match cause {
        Cause::Action(timed) => {
            let deed = deed(experiment, &timed.action);
            both(format!("without {}", deed.en), format!("去掉“{}”", deed.zh))
        }
        Cause::Knob(knob) => {
            let written = knob_text(knob);
            both(format!("with {written}"), format!("改为 {written}"))
        }
    });
    let each: Vec<Text> = each.collect();
    let list = |word: &str, of: fn(&Text) -> &str| -> String {
        each.iter().map(of).collect::<Vec<_>>().join(word)
    };
    if proof.together && each.len() > 1 {
        let (en, zh) = (list(" and ", |t| &t.en), list("、", |t| &t.zh));
        return both(
            format!("Each was enough. Played again on the same luck {en}, m{m} is spared."),
            format!("其中每一项都足以造成。随机数不变，同时{zh}再放一遍，m{m} 才没事。"),
        );
    }
    let (en, zh) = (list(", or ", |t| &t.en), list("，或", |t| &t.zh));
    both(
        format!("Played again on the same luck {en}, m{m} is spared."),
        format!("随机数不变，{zh}再放一遍，m{m} 就没事。"),
    )
}

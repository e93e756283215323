//! An explanation after its proof: what is not necessary is left out, what is necessary and was not told is added.

use super::{Explainer, MOST_LINES, Why, blamed};
use crate::kafka::{Action, Journal};
use crate::lab::causes::{Cause, Knob, done_at};
use crate::lab::experiment::{Experiment, Timed};
use crate::lab::history::History;
use crate::lab::knobs::handle;
use crate::lab::proof::Proof;
use crate::lab::session::deed;
use crate::lab::story::{Line, Tone, both};
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
            told.extend(blames);
        }
        let end = self
            .lines
            .iter()
            .find(|line| line.decisive)
            .or(self.lines.last());
        let end = end.map_or(EntryId(0), |line| line.entry);
        let untold = proof.necessary.iter().filter(|cause| !told.contains(cause));
        let added: Vec<Line> = untold
            .filter_map(|cause| teller.blame(cause, end, proof.necessary.len() == 1))
            .collect();
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
        lines.extend(added);
        if lines.len() < FEW_LINES {
            lines.push(teller.handed_over());
        }
        sort_by_number(&mut lines, |line| line.at_us);
        lines.dedup_by(|one, other| one.at_us == other.at_us && one.text == other.text);
        Why {
            lines,
            ..self.clone()
        }
    }
}

impl Explainer<'_> {
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

//! What is told of a run, and when: the beats of its lesson, the question, the reveal, what decides.
//!
//! Built once from the whole run; shown only as far as the learner may know it.

mod decisive;
mod measured;
mod outcome;
mod price;
mod words;

pub use decisive::decisive;
use decisive::settles;
use measured::measured;
pub use outcome::Tally3;
use words::capital;
pub use words::{label, seconds, spoken};

use crate::kafka::MessageId;
use crate::lab::history::History;
use crate::lab::judge::Tally;
use crate::lab::ledger::{Life, RowState};
use crate::lab::lessons::{Beat, Lesson, Words};
use crate::lab::moments::{Moment, On};
use crate::lab::properties::Property;
use crate::lab::run::Run;
use crate::lab::story::{both, name};
use crate::lab::text::Text;
use crate::sim::{MS, Micros};

/// A beat at its moment, its words filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When, in microseconds.
    pub at_us: Micros,
    /// What.
    pub words: Words,
    /// The run stops here until the reader goes on.
    pub waits: bool,
}

/// Something that decides a fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decisive {
    /// The moment.
    pub moment: Moment,
    /// Two or three words.
    pub label: Text,
    /// One sentence.
    pub spoken: Text,
}

/// The question of a lesson, asked of this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// When, in microseconds: what follows is hidden until it is answered.
    pub at_us: Micros,
    /// The question, filled in.
    pub text: Text,
    /// The messages it is about: those the application counts as sent at that moment.
    pub about: Vec<MessageId>,
    /// When the answer is out, in microseconds.
    pub revealed_us: Micros,
    /// How many of those survive, are lost, come twice.
    pub came_out: Tally3,
    /// Why, filled in.
    pub reveal: Text,
}

/// What is told of one run.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Beats in order of time.
    pub beats: Vec<Told>,
    /// The question, if the lesson has one and its action is still to come in this run.
    pub asked: Option<Asked>,
    /// What decides, in order.
    pub decisive: Vec<Decisive>,
    /// Every moment, in order.
    pub moments: Vec<Moment>,
    /// After this moment, in microseconds, no fate changes any more before the horizon.
    pub sealed_us: Micros,
}

impl Script {
    /// Plays `run` to its horizon and writes down what can be told of it. The run is left at the horizon.
    pub fn of(lesson: &Lesson, run: &mut Run) -> Script {
        let horizon_us = run.experiment().horizon_us;
        run.seek(horizon_us);
        let mut whole = History::new(run.experiment());
        whole.follow(run.journal(), run.entries());
        let mut writer = Writer {
            lesson,
            run,
            whole: &whole,
            then: History::new(run.experiment()),
        };
        let settled = whole
            .moments
            .iter()
            .filter(|m| settles(m.on))
            .map(|m| m.at_us);
        let acted = run.experiment().actions.iter().map(|timed| timed.at_us);
        let sealed_us = settled
            .chain(acted)
            .max()
            .map_or(horizon_us, |at_us| at_us.min(horizon_us));
        let beats = writer.beats(sealed_us);
        let asked = writer.asked(sealed_us);
        let decisive = writer.decisive();
        Script {
            beats,
            asked,
            decisive,
            sealed_us,
            moments: std::mem::take(&mut whole.moments),
        }
    }
}

struct Writer<'a> {
    lesson: &'a Lesson,
    run: &'a Run,
    whole: &'a History,
    then: History,
}

impl Writer<'_> {
    fn beats(&mut self, sealed_us: Micros) -> Vec<Told> {
        let mut found: Vec<(usize, Moment)> = Vec::new();
        let mut from = 0;
        let played = self.run.experiment();
        let told = |(_, beat): &(usize, &Beat)| beat.is_told_of(played);
        for (place, beat) in self.lesson.beats.iter().enumerate().filter(told) {
            let next = self.whole.moments[from..]
                .iter()
                .position(|moment| matches(beat.on, moment));
            if let Some(next) = next {
                found.push((place, self.whole.moments[from + next]));
                from += next + 1;
            }
        }
        let mut told: Vec<Told> = found
            .into_iter()
            .map(|(place, moment)| {
                let beat = &self.lesson.beats[place];
                let tally = self.tally_at(moment.entry.0 + 1);
                let words = self.fill(&beat.words, Some(&moment), &tally);
                Told {
                    at_us: moment.at_us,
                    words,
                    waits: beat.waits,
                }
            })
            .collect();
        let last_us = told
            .last()
            .map_or(sealed_us, |told| told.at_us.max(sealed_us));
        told.extend(self.last_word(last_us));
        told
    }

    /// What is said when every fate is known: the lesson's own words for the bad ending, the price for the good one.
    fn last_word(&mut self, after_us: Micros) -> Option<Told> {
        let sealed = self
            .lesson
            .beats
            .iter()
            .find(|beat| beat.on == On::Sealed && beat.is_told_of(self.run.experiment()))?;
        let tally = self.tally_at(self.run.entries());
        let harmless = tally.lost() + tally.twice == 0;
        let words = if self.ends_badly(tally.lost(), tally.twice, tally.out_of_order)
            || harmless && self.is_challenge()
        {
            self.fill(&sealed.words, None, &tally)
        } else {
            let strong = match (tally.lost(), tally.twice) {
                (0, 0) if tally.set_aside > 0 => both(
                    format!("Nothing was lost; {} set aside.", tally.set_aside),
                    format!("没有丢失，{} 条放入死信。", tally.set_aside),
                ),
                (0, 0) if tally.out_of_order == 0 => self.nothing_wrong(),
                (0, 0) => Text::fixed("Nothing was lost.", "一条也没有丢。"),
                (n @ 1.., _) if self.is_challenge() => both(
                    format!("{n} are lost: it is broken."),
                    format!("丢了 {n} 条：攻破了。"),
                ),
                (n @ 1.., _) => both(
                    format!("{n} are lost all the same."),
                    format!("仍然丢了 {n} 条。"),
                ),
                (0, n) => both(
                    format!("Nothing was lost; {n} came twice."),
                    format!("没有丢失，{n} 条重复。"),
                ),
            };
            Words {
                strong,
                rest: self.price(),
            }
        };
        let at_us = (after_us + MS).min(self.run.experiment().horizon_us);
        Some(Told {
            at_us,
            words,
            waits: sealed.waits,
        })
    }

    /// Its settings are as they were given, and the learner is to find what harms: the price of a fix says too much.
    fn is_challenge(&self) -> bool {
        let given = &self.lesson.experiment.configs;
        self.lesson.bad.violated.is_empty() && self.run.experiment().configs == *given
    }

    /// The harm that the lesson is about did not come.
    fn nothing_wrong(&self) -> Text {
        match self.lesson.bad.violated.first() {
            Some(Property::Doubled) => Text::fixed("Nothing came twice.", "没有一条重复。"),
            Some(Property::Reordered) => {
                Text::fixed("Nothing came out of order.", "没有一条乱序。")
            }
            _ => Text::fixed("Nothing was lost.", "一条也没有丢。"),
        }
    }

    /// Whether what the lesson is about went wrong.
    fn ends_badly(&self, lost: u64, twice: u64, late: u64) -> bool {
        let about = |property| self.lesson.bad.violated.contains(&property);
        let of_loss = about(Property::LostAfterAck) || about(Property::LostSilently);
        let is_dead = |life: &Life| life.row_state() == Some(RowState::Dead);
        if about(Property::Stuck) && self.whole.ledger.iter().any(is_dead) {
            return true;
        }
        if about(Property::Diverged) {
            let mut moments = self.whole.moments.iter();
            return moments.any(|moment| moment.on == On::Diverged);
        }
        (lost > 0 && of_loss)
            || (twice > 0 && about(Property::Doubled))
            || (late > 0 && about(Property::Reordered))
    }

    fn asked(&mut self, sealed_us: Micros) -> Option<Asked> {
        let question = self.lesson.question.as_ref()?;
        let experiment = self.run.experiment();
        let cue = self.lesson.experiment.actions.get(question.before_action)?;
        // Gone from this run when the learner took another way before it.
        experiment.actions.iter().find(|timed| *timed == cue)?;
        let at_us = cue.at_us.saturating_sub(MS);
        let entries = self.run.journal().entries();
        let seen = entries.partition_point(|entry| entry.at <= at_us) as u32;
        let tally = self.tally_at(seen);
        let text = self.fill_text(&question.text, None, &tally);
        let counted = self.then.ledger.iter().filter(|life| life.counts());
        let about: Vec<MessageId> = counted.map(|life| life.message).collect();
        let verdict = |moment: &&Moment| {
            let about_order = moment.on == On::OutOfOrder
                && self.lesson.bad.violated.contains(&Property::Reordered);
            moment.at_us > at_us && (matches!(moment.on, On::Lost | On::Twice) || about_order)
        };
        let revealed = self
            .whole
            .moments
            .iter()
            .find(verdict)
            .map(|moment| moment.at_us + MS);
        let end = self.tally_at(self.run.entries());
        let came_out = self.came_out(&about);
        let mut of_these = end;
        (of_these.lost_after_ack, of_these.lost_silently) = (came_out.lost, 0);
        of_these.out_of_order = came_out.late;
        let badly = self.ends_badly(came_out.lost, came_out.twice, came_out.late);
        let reveal = match badly || self.is_challenge() {
            true => self.fill_text(&question.reveal, None, &of_these),
            false => self.price(),
        };
        let revealed_us = revealed.unwrap_or(sealed_us);
        Some(Asked {
            at_us,
            text,
            about,
            revealed_us,
            came_out,
            reveal,
        })
    }

    fn decisive(&self) -> Vec<Decisive> {
        let experiment = self.run.experiment();
        let told = decisive::decisive(self.whole).into_iter();
        told.map(|moment| Decisive {
            label: label(experiment, &moment),
            spoken: spoken(experiment, &moment),
            moment,
        })
        .collect()
    }

    /// The numbers after the journal's first `seen` entries. Going back starts anew.
    fn tally_at(&mut self, seen: u32) -> Tally {
        if seen < self.then.seen() {
            self.then = History::new(self.run.experiment());
        }
        self.then.follow(self.run.journal(), seen);
        let mut tally = Tally::of(&self.then, Micros::MAX);
        if !self.lesson.bad.violated.contains(&Property::Reordered) {
            tally.out_of_order = 0;
        }
        tally
    }

    fn fill(&self, words: &Words, moment: Option<&Moment>, tally: &Tally) -> Words {
        Words {
            strong: self.fill_text(&words.strong, moment, tally),
            rest: self.fill_text(&words.rest, moment, tally),
        }
    }

    fn fill_text(&self, text: &Text, moment: Option<&Moment>, tally: &Tally) -> Text {
        let experiment = self.run.experiment();
        let begins_with_a_name = text.en.starts_with('{');
        let measures = text.en.contains("{batch}");
        let mut text = text.clone();
        let mut put = |slot: &str, value: Text| {
            if text.en.contains(slot) || text.zh.contains(slot) {
                text = both(
                    text.en.replace(slot, &value.en),
                    text.zh.replace(slot, &value.zh),
                );
            }
        };
        let number = |n: u64| Text::same(n.to_string());
        if measures {
            let measured = measured(self.run, &self.then);
            put("{batch}", Text::same(measured.0));
            put("{ack}", Text::same(measured.1));
        }
        put("{sent}", number(tally.sent));
        put("{acked}", number(tally.acked));
        put("{lost}", number(tally.lost()));
        put("{twice}", number(tally.twice));
        put("{late}", number(tally.out_of_order));
        let Some(moment) = moment else {
            return text;
        };
        put("{node}", name(experiment, moment.node));
        put(
            "{was}",
            moment
                .other
                .map_or(Text::default(), |node| name(experiment, node)),
        );
        put(
            "{message}",
            Text::same(
                moment
                    .message
                    .map_or(String::new(), |m| format!("m{}", m.0)),
            ),
        );
        put("{count}", number(moment.count.into()));
        put("{epoch}", number(moment.epoch.into()));
        put("{offset}", number(moment.offset));
        put("{from}", number(moment.before));
        put("{to}", number(moment.offset));
        put("{after}", Text::same(seconds(moment.span_us)));
        if begins_with_a_name {
            capital(text)
        } else {
            text
        }
    }
}

/// Whether a beat waits for this moment. A beat for an ack or an election takes the special kinds as well.
fn matches(on: On, moment: &Moment) -> bool {
    match on {
        On::Sealed => false,
        On::Acked => matches!(moment.on, On::Acked | On::AckedWithOneCopy),
        On::Elected => matches!(moment.on, On::Elected | On::ElectedUnclean),
        on => moment.on == on,
    }
}

//! Parts of a hunt: what each found, written as a line of JSON and joined again.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::args::Lang;
use super::subject::Subject;
use super::words::{BAD, GOOD, PLAIN, SOFT, STRONG};
use super::{BadInput, Outcome, report};
use crate::lab::hunt::{Budget, Found, Saved, Shard, Smaller};
use crate::lab::trial::{clock, harmed, told};

/// No hunt has more parts: those of a thousand machines with a thousand threads.
const MOST_PARTS: u32 = 1_000_000;

/// What one part of a hunt has come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "camelCase")]
pub(super) enum Part {
    /// Schedules by chance.
    Hunt {
        experiment: String,
        budget: Budget,
        saved: Box<Saved>,
    },
    /// Every single fault at every distinct moment.
    Every {
        experiment: String,
        shard: Shard,
        points: usize,
        total: usize,
        done: usize,
        safe: usize,
        broken: Vec<Found>,
    },
}

impl Part {
    /// The link to what was hunted in.
    pub fn experiment(&self) -> &str {
        match self {
            Part::Hunt { experiment, .. } | Part::Every { experiment, .. } => experiment,
        }
    }

    /// Which of the parts it is.
    pub fn shard(&self) -> Shard {
        match self {
            Part::Hunt { saved, .. } => saved.shard,
            Part::Every { shard, .. } => *shard,
        }
    }

    /// Reads the lines of several parts; other lines are not parts.
    pub fn read_all(text: &str, name: &str) -> Result<Vec<Part>, BadInput> {
        let lines = (1..).zip(text.lines());
        let full = lines.filter(|(_, line)| !line.trim().is_empty());
        let read = full.map(|(number, line)| {
            serde_json::from_str(line)
                .map_err(|error| BadInput(format!("{name}, line {number}: {error}")))
        });
        read.collect()
    }
}

/// What several parts have come to together.
#[derive(Default)]
pub(super) struct Sum {
    experiment: String,
    tried: u64,
    shrunk: u64,
    singles: Option<(usize, usize, usize, usize)>,
    broken: usize,
    best: Option<Found>,
    way: Vec<Smaller>,
    /// Parts that are not there.
    pub missing: Vec<String>,
}

impl Sum {
    /// Joins parts of one hunt, each of which may be there once.
    pub fn of(parts: &[Part]) -> Result<Sum, BadInput> {
        let Some(first) = parts.first() else {
            return Err(BadInput::new("there is no part of a hunt"));
        };
        let mut sum = Sum {
            experiment: first.experiment().into(),
            ..Sum::default()
        };
        for (place, part) in parts.iter().enumerate() {
            sum.check(part, &parts[..place])?; // a place is within the parts
            sum.add(part);
        }
        sum.missing = missing(parts);
        Ok(sum)
    }

    fn check(&self, part: &Part, before: &[Part]) -> Result<(), BadInput> {
        let Shard { index, of } = part.shard();
        if part.experiment() != self.experiment {
            let other = part.experiment();
            let why = format!("parts of different hunts: {} and {other}", self.experiment);
            return Err(BadInput(why));
        }
        if index >= of || of > MOST_PARTS {
            return Err(BadInput(format!("there is no part {index}/{of}")));
        }
        let alike = |other: &&Part| std::mem::discriminant(*other) == std::mem::discriminant(part);
        match before.iter().find(alike) {
            Some(other) if other.shard().of != of => {
                let why = format!("one hunt in {} parts, another in {of}", other.shard().of);
                Err(BadInput(why))
            }
            _ if before
                .iter()
                .filter(alike)
                .any(|other| other.shard() == part.shard()) =>
            {
                Err(BadInput(format!("part {index}/{of} is there twice")))
            }
            _ => Ok(()),
        }
    }

    fn add(&mut self, part: &Part) {
        match part {
            Part::Hunt { saved, .. } => {
                self.tried += u64::from(saved.tried);
                self.shrunk += u64::from(saved.shrunk);
                if saved.best.iter().any(|found| self.offer(found)) {
                    self.way = saved.way.clone();
                }
            }
            Part::Every {
                points,
                total,
                done,
                safe,
                broken,
                ..
            } => {
                let (_, all, played, sound) = self.singles.unwrap_or_default();
                self.singles = Some((*points, all + total, played + done, sound + safe));
                self.broken += broken.len();
                for found in broken {
                    self.offer(found);
                }
            }
        }
    }

    /// Takes a schedule of fewer faults, or of as many that harm more. Returns whether it did.
    fn offer(&mut self, found: &Found) -> bool {
        let rank = |found: &Found| (found.spells.len(), u64::MAX - harmed(&found.tally));
        let better = self
            .best
            .as_ref()
            .is_none_or(|best| rank(found) < rank(best));
        if better {
            self.best = Some(found.clone());
        }
        better
    }

    /// Nothing found: safe.
    pub fn outcome(&self) -> Outcome {
        match self.best {
            None => Outcome::Safe,
            Some(_) => Outcome::Unsafe,
        }
    }

    /// Tells it in words.
    pub fn print(&self, subject: &Subject, lang: Lang) {
        if let Some((points, total, done, safe)) = self.singles {
            let en = format!("{safe} of {done} single faults safe, at {points} moments of the run");
            let zh = format!("{done} 个单点故障中 {safe} 个安全，取自运行中的 {points} 个时刻");
            let colour = if self.broken == 0 { GOOD } else { BAD };
            anstream::println!("{colour}{}{PLAIN}", lang.t(&en, &zh));
            if done < total {
                let en = format!("{} were not played", total - done);
                let zh = format!("还有 {} 个没有播放", total - done);
                anstream::println!("{}", lang.t(&en, &zh));
            }
        } else {
            let en = format!(
                "{} schedules played, {} more to make it smaller",
                self.tried, self.shrunk
            );
            let zh = format!(
                "播放了 {} 组故障，另有 {} 次用于缩小",
                self.tried, self.shrunk
            );
            anstream::println!("{}", lang.t(&en, &zh));
        }
        match &self.best {
            Some(found) => self.print_best(found, subject, lang),
            None => {
                let calm = lang.t(
                    "None loses or doubles a message.",
                    "没有一组会丢失或重复消息。",
                );
                anstream::println!("{GOOD}{calm}{PLAIN}");
            }
        }
    }

    fn print_best(&self, found: &Found, subject: &Subject, lang: Lang) {
        let base = &subject.experiment;
        let count = found.spells.len();
        let (gone, sent) = (harmed(&found.tally), found.tally.sent);
        let (s, verb) = if count == 1 {
            ("", "loses or doubles")
        } else {
            ("s", "lose or double")
        };
        let en = format!("{count} fault{s} {verb} {gone} of {sent} messages");
        let zh = format!("{count} 个故障使 {sent} 条消息中的 {gone} 条丢失或重复");
        anstream::println!("{BAD}{}{PLAIN}", lang.t(&en, &zh));
        for spell in &found.spells {
            let (at, what) = (clock(spell.at_us), told(base, spell));
            anstream::println!("  {SOFT}{at:>10}{PLAIN}  {STRONG}{}{PLAIN}", lang.of(&what));
        }
        anstream::println!("  {}", report::tally(&found.tally, lang));
        if self.way.len() > 1 {
            let mut steps = self.way.clone();
            steps.dedup_by_key(|step| step.spells.len());
            let steps = steps.iter().map(|step| match lang {
                Lang::En => format!("{} after {} runs", step.spells.len(), step.after),
                Lang::Zh => format!("第 {} 次 {} 个", step.after, step.spells.len()),
            });
            let told = steps.collect::<Vec<_>>().join(lang.t(", ", "，"));
            anstream::println!("  {SOFT}{}: {told}{PLAIN}", lang.t("faults", "故障数"));
        }
        let link = subject.link(&found.experiment(base));
        anstream::println!("\nacklab explain '{link}'");
    }

    /// Tells it as JSON.
    pub fn print_json(&self, subject: &Subject, lang: Lang) {
        let base = &subject.experiment;
        let best = self.best.as_ref().map(|found| {
            let faults = found.spells.iter().map(|spell| {
                json!({
                    "atMicroseconds": spell.at_us,
                    "forMicroseconds": spell.lasts_us,
                    "text": lang.of(&told(base, spell)),
                })
            });
            json!({
                "property": found.property,
                "faults": faults.collect::<Vec<_>>(),
                "tally": found.tally,
                "experiment": subject.link(&found.experiment(base)),
            })
        });
        let singles = self.singles.map(|(points, total, done, safe)| {
            json!({ "points": points, "total": total, "played": done, "safe": safe })
        });
        let told = json!({
            "acklab": crate::lab::experiment::VERSION,
            "experiment": self.experiment,
            "safe": self.best.is_none(),
            "schedules": self.tried,
            "shrinking": self.shrunk,
            "singles": singles,
            "best": best,
            "missing": self.missing,
        });
        anstream::println!("{told:#}");
    }
}

/// Parts that are named by the others and not there.
fn missing(parts: &[Part]) -> Vec<String> {
    let of = parts.first().map_or(0, |part| part.shard().of);
    let there = |index: u32| parts.iter().any(|part| part.shard().index == index);
    let absent = (0..of).filter(|index| !there(*index));
    absent.map(|index| format!("{index}/{of}")).collect()
}

//! Runs and bookmarks as text, to be kept from one visit to the next.
//!
//! A line for each run, in the order they were begun: the run as a link, the run it parted from as a link,
//! where, how far it was played, its name, its bookmarks. Links say which version they are and whether they are whole;
//! a line that cannot be read is left out, and the others are opened.

use std::rc::Rc;

use super::branches::MOST_BRANCHES;
use super::{Bookmark, Branch, Session, Way, given_name};
use crate::lab::experiment::Experiment;
use crate::lab::share::{self, escape, unescape};
use crate::lab::text::Text;
use crate::sim::Micros;

/// The first line: what this is, and in which version.
const HEAD: &str = "acklab runs 1";
/// Begins the line of the run on the screen.
const HERE: &str = "*";
/// Said in the first line when the question was answered by turning a knob.
const UNASKED: &str = "-";

impl Session {
    /// What is worth keeping of this session, or nothing: its runs, when there are several or bookmarks.
    pub fn kept(&self) -> String {
        let is_bare = self.branches.is_empty() && self.way.bookmarks.is_empty();
        if is_bare || self.lesson.first_screen {
            return String::new();
        }
        let answered = match self.answered {
            None => String::new(),
            Some(usize::MAX) => UNASKED.into(),
            Some(option) => option.to_string(),
        };
        let others = self.branches.iter();
        let mut lines: Vec<(u32, String)> = others
            .map(|kept| {
                let line = self.line(&kept.way, &kept.experiment, kept.played_us, kept.played_us);
                (kept.way.id, line)
            })
            .collect();
        let (run, now_us) = (self.run.experiment(), self.now_us());
        let here = self.line(&self.way, run, now_us, self.played_us);
        lines.push((self.way.id, format!("{HERE}{here}")));
        lines.sort_unstable();
        let lines = lines.into_iter().map(|(_, line)| line);
        let head = format!("{HEAD}\t{answered}");
        std::iter::once(head)
            .chain(lines)
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn line(&self, way: &Way, run: &Experiment, at_us: Micros, played_us: Micros) -> String {
        let link = |experiment, at_us| share::write(&self.lesson, experiment, at_us);
        let other = way.apart_from.as_ref();
        let bookmarks = way.bookmarks.iter().map(|bookmark| {
            let name = bookmark.given.as_deref().unwrap_or_default();
            format!("{}:{}", bookmark.at_us, escape(name))
        });
        [
            link(run, at_us),
            other.map_or(String::new(), |other| link(other, 0)),
            way.fork_us.to_string(),
            played_us.to_string(),
            escape(way.given.as_deref().unwrap_or_default()),
            bookmarks.collect::<Vec<_>>().join(";"),
        ]
        .join("\t")
    }

    /// Takes back what was kept of the same lesson, and says what could not be read. The run on the screen gets its
    /// name and bookmarks back if it was among them; `resumes` when it is the same visit that goes on, which has
    /// answered its question.
    pub fn restore(&mut self, kept: &str, resumes: bool) -> Vec<Text> {
        let mut lines = kept.lines();
        let Some(answered) = lines.next().and_then(|head| head.strip_prefix(HEAD)) else {
            return match kept {
                "" => Vec::new(),
                _ => vec![Text::fixed(
                    "The runs that were kept are of another version and could not be read.",
                    "保存的分支属于另一个版本，无法读取。",
                )],
            };
        };
        let mut problems = Vec::new();
        let mut resumed = None;
        for line in lines.take(1 + MOST_BRANCHES) {
            let was_here = line.starts_with(HERE);
            let Some((branch, at_us)) = self.read_line(line.trim_start_matches(HERE)) else {
                problems.push(Text::fixed(
                    "A run that was kept could not be read and is left out.",
                    "有一个保存的分支无法读取，已忽略。",
                ));
                continue;
            };
            if branch.experiment == *self.run.experiment() {
                self.played_us = self.played_us.max(self.limit_us(branch.played_us));
                self.way = branch.way;
                resumed = Some(at_us).filter(|_| was_here);
            } else if self.is_new(&branch) {
                self.branches.push(branch);
            }
        }
        self.revision += 1;
        if let Some(at_us) = resumed.filter(|_| resumes) {
            self.resume(answered.trim(), at_us);
        }
        problems
    }

    fn is_new(&self, branch: &Branch) -> bool {
        let mut all = self.branches.iter();
        all.all(|kept| kept.experiment != branch.experiment)
    }

    fn read_line(&mut self, line: &str) -> Option<(Branch, Micros)> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [run, other, fork_us, played_us, name, bookmarks] = fields[..] else {
            return None;
        };
        let (experiment, at_us) = self.read_link(run)?;
        let apart_from = match other {
            "" => None,
            other => Some(self.read_link(other)?.0),
        };
        let id = self.next_id();
        let bookmarks = bookmarks.split(';').filter(|part| !part.is_empty());
        let way = Way {
            id,
            given: given_name(&unescape(name)),
            apart_from,
            fork_us: fork_us.parse().ok()?,
            bookmarks: bookmarks
                .map(|part| self.read_bookmark(part))
                .collect::<Option<_>>()?,
        };
        let branch = Branch {
            way,
            played_us: played_us.parse().ok()?,
            experiment,
        };
        Some((branch, at_us))
    }

    fn read_link(&self, link: &str) -> Option<(Rc<Experiment>, Micros)> {
        let opened = share::read(link);
        let is_whole = opened.problems.is_empty() && opened.lesson == self.lesson.id;
        is_whole.then(|| (Rc::new(opened.experiment), opened.at_us))
    }

    fn read_bookmark(&mut self, part: &str) -> Option<Bookmark> {
        let (at, name) = part.split_once(':')?;
        Some(Bookmark {
            id: self.next_id(),
            at_us: at.parse().ok()?,
            given: given_name(&unescape(name)),
        })
    }

    /// Nothing is known of a run behind its veil or its horizon.
    fn limit_us(&self, at_us: Micros) -> Micros {
        let veil_us = self.veil_us().unwrap_or(Micros::MAX);
        at_us.min(veil_us).min(self.run.experiment().horizon_us)
    }

    /// The visit goes on where it was, with its answer.
    fn resume(&mut self, answered: &str, at_us: Micros) {
        self.answered = match answered {
            UNASKED => Some(usize::MAX),
            answered => answered.parse().ok(),
        };
        self.seek(at_us);
        let asked = self.script.asked.as_ref();
        self.revealed = asked.is_some_and(|asked| self.now_us() >= asked.revealed_us);
    }
}

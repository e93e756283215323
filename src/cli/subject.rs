//! What a command is about: an experiment, however it was given.

use std::io::Read;
use std::path::Path;

use super::BadInput;
use super::args::Lang;
use crate::lab::experiment::Experiment;
use crate::lab::lessons::{self, Lesson};
use crate::lab::share::{self, Opened, file};

/// Nothing longer is read: the parts of a large hunt are some megabytes.
const MOST_BYTES: u64 = 64 << 20;

/// An experiment, and the lesson it starts from.
pub(super) struct Subject {
    pub lesson: Lesson,
    pub experiment: Experiment,
}

impl Subject {
    /// Reads what a person named: a lesson, a link, a file, or `-`.
    pub fn read(named: &str, lang: Lang) -> Result<Subject, BadInput> {
        if let Some(lesson) = lesson(named) {
            let experiment = lesson.experiment.clone();
            return Ok(Subject { lesson, experiment });
        }
        let opened = match named.split_once('#') {
            Some((_, fragment)) => share::read(fragment),
            None if named.starts_with("v=") => share::read(named),
            None => from_file(named, lang)?,
        };
        Self::opened(opened, lang)
    }

    /// What a link holds. In a file or a script nobody sees what was left out, so nothing may be.
    pub fn opened(opened: Opened, lang: Lang) -> Result<Subject, BadInput> {
        let problems = opened.problems.iter().map(|text| lang.of(text));
        let problems: Vec<&str> = problems.collect();
        if !problems.is_empty() {
            return Err(BadInput::new(problems.join("\n       ")));
        }
        let lesson = lessons::find(&opened.lesson)
            .ok_or_else(|| BadInput::new(format!("there is no lesson {}", opened.lesson)))?;
        Ok(Subject {
            lesson,
            experiment: opened.experiment,
        })
    }

    /// The link to `experiment`, which comes of this one.
    pub fn link(&self, experiment: &Experiment) -> String {
        format!("#{}", share::write(&self.lesson, experiment, 0))
    }
}

fn lesson(named: &str) -> Option<Lesson> {
    let number: Option<u8> = named.parse().ok();
    lessons::all().find(|lesson| lesson.id == named || number.is_some() && lesson.number == number)
}

fn from_file(named: &str, lang: Lang) -> Result<Opened, BadInput> {
    let path = Path::new(named);
    if named != "-" && !path.exists() {
        let why = format!(
            "{named} is no lesson, no link and no file; `acklab lessons` lists the lessons"
        );
        return Err(BadInput::new(why));
    }
    let unpacked = file::to_link(&read(path)?);
    let unpacked = unpacked.map_err(|why| BadInput(format!("{named}: {}", lang.of(&why))))?;
    let mut opened = share::read(&unpacked.link);
    opened.problems.splice(0..0, unpacked.problems);
    Ok(opened)
}

/// The text of a file; `-` is stdin.
pub(super) fn read(path: &Path) -> Result<String, BadInput> {
    let shown = path.display().to_string();
    if shown == "-" {
        return all_of(std::io::stdin(), "stdin");
    }
    let opened = std::fs::File::open(path);
    all_of(
        opened.map_err(|error| BadInput(format!("{shown}: {error}")))?,
        &shown,
    )
}

fn all_of(from: impl Read, name: &str) -> Result<String, BadInput> {
    let mut text = String::new();
    let read = from.take(MOST_BYTES).read_to_string(&mut text);
    match read {
        Ok(_) => Ok(text),
        Err(error) => Err(BadInput(format!("{name}: {error}"))),
    }
}

//! `acklab lessons`: what there is to start from.

use serde_json::json;

use super::args::{Lang, LessonsArgs};
use super::words::{PLAIN, SOFT, STRONG};
use super::{BadInput, Outcome};
use crate::lab::lessons::{self, Lesson};

pub(super) fn lessons(args: &LessonsArgs, lang: Lang) -> Result<Outcome, BadInput> {
    let all = lessons::all();
    if args.json {
        let told = |lesson: Lesson| {
            json!({
                "number": lesson.number,
                "name": lesson.id,
                "title": lang.of(&lesson.title),
                "line": lang.of(&lesson.line),
            })
        };
        anstream::println!("{:#}", json!(all.map(told).collect::<Vec<_>>()));
        return Ok(Outcome::Safe);
    }
    for lesson in all {
        let number = lesson
            .number
            .map(|number| number.to_string())
            .unwrap_or_default();
        let (id, title) = (lesson.id, lang.of(&lesson.title));
        anstream::println!("{number:>3}  {STRONG}{id:<18}{PLAIN} {title}");
        if !lesson.line.is_empty() {
            anstream::println!("     {:<18} {SOFT}{}{PLAIN}", "", lang.of(&lesson.line));
        }
    }
    Ok(Outcome::Safe)
}

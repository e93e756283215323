//! The lessons: data only. Each is a question, an experiment, beats, two endings, a fix and its price.

mod first;
mod l01_forget;
mod l04_acks;
mod l10_power;
mod l11_unclean;
mod l14_autocommit;
#[cfg(test)]
mod tests;
mod types;

pub use types::{Answer, Beat, Ending, Lesson, Question, Try, Words};

/// Every lesson by its handle, in the order of the menu; the first screen and the sandbox come first.
const SHELF: [(&str, fn() -> Lesson); 7] = [
    ("first", first::first),
    ("sandbox", first::sandbox),
    ("forget", l01_forget::lesson),
    ("acks", l04_acks::lesson),
    ("power", l10_power::lesson),
    ("unclean", l11_unclean::lesson),
    ("auto-commit", l14_autocommit::lesson),
];

/// Every lesson in the order of the menu.
pub fn all() -> Vec<Lesson> {
    SHELF.iter().map(|(_, open)| open()).collect()
}

/// The lesson of the first screen.
pub fn first_screen() -> Lesson {
    first::first()
}

/// The lesson with this handle.
pub fn find(id: &str) -> Option<Lesson> {
    let (_, open) = SHELF.iter().find(|(handle, _)| *handle == id)?;
    Some(open())
}

/// The numbered lesson that comes after the one with this handle.
pub fn after(id: &str) -> Option<Lesson> {
    let place = SHELF.iter().position(|(handle, _)| *handle == id)?;
    let mut later = SHELF[place + 1..].iter().map(|(_, open)| open());
    later.find(|lesson| lesson.number.is_some())
}

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

/// Every lesson in the order of the menu; the first screen and the sandbox come first.
pub fn all() -> Vec<Lesson> {
    vec![
        first::first(),
        first::sandbox(),
        l01_forget::lesson(),
        l04_acks::lesson(),
        l10_power::lesson(),
        l11_unclean::lesson(),
        l14_autocommit::lesson(),
    ]
}

/// The lesson with this handle.
pub fn find(id: &str) -> Option<Lesson> {
    all().into_iter().find(|lesson| lesson.id == id)
}

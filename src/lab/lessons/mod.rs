//! The lessons: data only. Each is a question, an experiment, beats, two endings, a fix and its price.

mod first;
mod l01_forget;
mod l02_size;
mod l03_three_ways;
mod l04_acks;
mod l05_planned;
mod l06_retries;
mod l07_twice;
mod l08_outbox;
mod l09_desk;
mod l10_power;
mod l11_unclean;
mod l12_copies;
mod l13_last_standing;
mod l14_autocommit;
mod l15_threads;
mod l16_crash_after_work;
mod l17_zombie;
mod l18_kafka_down;
mod l19_partition;
mod l20_owners;
mod l21_where;
mod l22_inside;
mod l23_exactly_once;
mod l24_controller;
mod l25_capstone;
mod l26_break_it;
mod l27_epochs;
mod l27_power;
#[cfg(test)]
mod tests;
mod types;

use super::trial::Trial;

pub use types::{Answer, Beat, Ending, Lesson, Question, Stories, Try, Words};

/// Every lesson in the order of the menu; the first screen and the sandbox come first. A lesson is made when it is
/// asked for.
const SHELF: &[fn() -> Lesson] = &[
    first::first,
    first::sandbox,
    l01_forget::lesson,
    l02_size::lesson,
    l03_three_ways::lesson,
    l04_acks::lesson,
    l05_planned::lesson,
    l06_retries::lesson,
    l07_twice::lesson,
    l08_outbox::lesson,
    l09_desk::lesson,
    l10_power::lesson,
    l11_unclean::lesson,
    l12_copies::lesson,
    l13_last_standing::lesson,
    l14_autocommit::lesson,
    l15_threads::lesson,
    l16_crash_after_work::lesson,
    l17_zombie::lesson,
    l18_kafka_down::lesson,
    l19_partition::lesson,
    l20_owners::lesson,
    l21_where::lesson,
    l22_inside::lesson,
    l23_exactly_once::lesson,
    l24_controller::lesson,
    l25_capstone::lesson,
    l26_break_it::lesson,
    l27_epochs::lesson,
    l27_power::lesson,
];

/// Makes a trial when it is asked for.
type Open = fn() -> Trial;

/// Lessons that put a configuration on trial.
const TRIALS: [(&str, Open); 3] = [
    ("sandbox", first::hunt),
    ("capstone", l25_capstone::trial),
    ("break-it", l26_break_it::trial),
];

/// Whether the lesson with this handle puts a configuration on trial.
pub fn has_trial(id: &str) -> bool {
    TRIALS.iter().any(|(of, _)| *of == id)
}

/// What the lesson with this handle puts a configuration through.
pub fn trial(id: &str) -> Option<Trial> {
    let mut trials = TRIALS.into_iter();
    trials.find_map(|(of, open)| (of == id).then(open))
}

/// Every lesson in the order of the menu.
pub fn all() -> impl Iterator<Item = Lesson> {
    SHELF.iter().map(|open| open())
}

/// The lesson of the first screen.
pub fn first_screen() -> Lesson {
    first::first()
}

/// The lesson with this handle.
pub fn find(id: &str) -> Option<Lesson> {
    all().find(|lesson| lesson.id == id)
}

/// The numbered lesson that comes after the one with this handle.
pub fn after(id: &str) -> Option<Lesson> {
    let mut later = all().skip_while(|lesson| lesson.id != id).skip(1);
    later.find(|lesson| lesson.number.is_some())
}

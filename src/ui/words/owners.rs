//! Phrases about who owns which partition.

use super::Lang;
use crate::view::OwnedPartition;

/// "consumer 2".
pub fn owner(lang: Lang, place: u8) -> String {
    let number = u16::from(place) + 1;
    // Kafka's word stays as it is.
    match lang {
        Lang::En | Lang::Zh => format!("consumer {number}"),
    }
}

/// The heading of the owners' strip.
pub fn owners_title(lang: Lang) -> String {
    match lang {
        Lang::En => "Who owns which partition".into(),
        Lang::Zh => "每个 partition 归谁".into(),
    }
}

/// "committed 12, lag 3".
pub fn owned_line(lang: Lang, committed: u64, lag: u64) -> String {
    match lang {
        Lang::En => format!("committed {committed}, lag {lag}"),
        Lang::Zh => format!("committed {committed}，积压 {lag}"),
    }
}

/// A consumer that owns no partition.
pub fn owns_nothing(lang: Lang) -> String {
    match lang {
        Lang::En => "owns no partition".into(),
        Lang::Zh => "没有 partition".into(),
    }
}

/// "owns 0, 3".
pub fn owned_short(lang: Lang, owned: &[OwnedPartition]) -> String {
    if owned.is_empty() {
        return owns_nothing(lang);
    }
    let numbers: Vec<String> = owned.iter().map(|one| one.partition.to_string()).collect();
    let numbers = numbers.join(", ");
    match lang {
        Lang::En => format!("owns {numbers}"),
        Lang::Zh => format!("拥有 {numbers}"),
    }
}

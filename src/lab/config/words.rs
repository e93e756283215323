//! Verdicts in words.

use super::change::{COPIES, Turn};
use super::verdict::{Harm, Word};
use crate::lab::price::span;
use crate::lab::text::Text;

impl Harm {
    /// "3 of 300 lost", "safe", "safe, writes waited 25.4 s".
    pub fn told(self, orders: u64) -> Text {
        match self.word() {
            Word::Lost => {
                let lost = self.lost + self.silently;
                Text::new(
                    format!("{lost} of {orders} lost"),
                    format!("丢失 {lost}/{orders} 条"),
                )
            }
            Word::Twice => Text::new(
                format!("{} twice", self.twice),
                format!("{} 条重复", self.twice),
            ),
            Word::NeverAcked => Text::new(
                format!("{} never acked", self.failed),
                format!("{} 条从未收到 ack", self.failed),
            ),
            Word::HeldUp => {
                let waited = span(self.held_up_us);
                Text::new(
                    format!("safe, writes waited {waited}"),
                    format!("安全，写入等待了 {waited}"),
                )
            }
            Word::Safe => Text::fixed("safe", "安全"),
        }
    }
}

impl Word {
    /// A word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Word::Safe => "safe",
            Word::HeldUp => "held-up",
            Word::NeverAcked => "never-acked",
            Word::Twice => "twice",
            Word::Lost => "lost",
        }
    }
}

/// "acks=all, 3 copies".
pub fn turns_told(turns: &[Turn]) -> Text {
    let en: Vec<String> = turns
        .iter()
        .map(|turn| told(turn).en.into_owned())
        .collect();
    let zh: Vec<String> = turns
        .iter()
        .map(|turn| told(turn).zh.into_owned())
        .collect();
    Text::new(en.join(", "), zh.join("，"))
}

fn told(turn: &Turn) -> Text {
    match turn.name {
        COPIES => Text::new(
            format!("{} copies", turn.value),
            format!("{} 个副本", turn.value),
        ),
        "handler.idempotent" => Text::fixed(
            "a handler that knows what it has seen",
            "能识别重复的处理代码",
        ),
        name => Text::same(format!("{name}={}", turn.value)),
    }
}

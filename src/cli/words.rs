//! Colours, and the words that only a terminal needs.

use anstyle::{AnsiColor, Reset, Style};

use super::args::Lang;
use crate::lab::properties::Property;
use crate::lab::text::Text;

/// Something is lost.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Nothing is.
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What matters of several.
pub(super) const STRONG: Style = Style::new().bold();
/// What does not matter much.
pub(super) const SOFT: Style = Style::new().dimmed();
/// As usual again.
pub(super) const PLAIN: Reset = Reset;

impl Lang {
    /// A text in this language.
    pub fn of(self, text: &Text) -> &str {
        match self {
            Lang::En => &text.en,
            Lang::Zh => &text.zh,
        }
    }

    /// The sentence in this language.
    pub fn t<'a>(self, en: &'a str, zh: &'a str) -> &'a str {
        match self {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }
}

/// What is wrong when this is violated.
pub(super) fn violated(property: Property) -> Text {
    match property {
        Property::LostAfterAck => Text::fixed("lost after an ack", "ack 之后丢失"),
        Property::LostSilently => Text::fixed("lost in silence", "无声丢失"),
        Property::Doubled => Text::fixed("doubled", "重复"),
        Property::Reordered => Text::fixed("out of order", "乱序"),
        Property::Diverged => Text::fixed("replicas differ", "副本不一致"),
        Property::Phantom => Text::fixed("message without an order", "有消息没有订单"),
        Property::PhantomRead => Text::fixed("read and gone", "读到之后又消失"),
        Property::Stuck => Text::fixed("stuck", "停滞不前"),
    }
}

//! Every word of the page's own chrome, in both languages. What a run says comes as
//! [`Text`](crate::view::Text) pairs from below; this table is for the rest.

#[macro_use]
mod table;
mod config;
mod owners;
mod phrases;

pub use config::{ALL_CONFIG, CONFIG_EN, CONFIG_ZH, ConfigWords};
pub use owners::*;
pub use phrases::*;
pub use table::{ALL, ALL_LATER, EN, LATER_EN, LATER_ZH, LaterWords, Words, ZH};

use crate::view::Text;

/// The language shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

impl Lang {
    /// The chrome's words.
    pub fn words(self) -> &'static Words {
        match self {
            Lang::En => &EN,
            Lang::Zh => &ZH,
        }
    }

    /// The words of what opens later.
    pub fn later(self) -> &'static LaterWords {
        match self {
            Lang::En => &LATER_EN,
            Lang::Zh => &LATER_ZH,
        }
    }

    /// The words of My config.
    pub fn config(self) -> &'static ConfigWords {
        match self {
            Lang::En => &CONFIG_EN,
            Lang::Zh => &CONFIG_ZH,
        }
    }

    /// One side of a sentence that came from below.
    pub fn of(self, text: &Text) -> String {
        // A sentence that was made before the Chinese words came is empty, or zeros.
        let has_come = !text.zh.trim_matches('\0').is_empty();
        match self {
            Lang::Zh if has_come => text.zh.to_string(),
            _ => text.en.to_string(),
        }
    }

    /// The value of the `lang` attribute.
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh-CN",
        }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Lang::En => Lang::Zh,
            Lang::Zh => Lang::En,
        }
    }

    /// Its own name. Letter by letter, since Chinese strings are no part of the first load.
    pub fn name(self) -> String {
        match self {
            Lang::En => "English".into(),
            Lang::Zh => ['中', '文'].iter().collect(),
        }
    }

    /// The language that a browser's preference or a saved entry asks for.
    pub fn from_code(code: &str) -> Self {
        if code.to_ascii_lowercase().starts_with("zh") {
            Lang::Zh
        } else {
            Lang::En
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kafka's own terms, key names and symbols read the same in both languages.
    const SAME_IN_BOTH: [&str; 4] = ["out", "min_isr", "position", "committed"];

    #[test]
    fn every_word_has_both_languages() {
        for (name, en, zh) in ALL.iter().chain(ALL_LATER).chain(ALL_CONFIG) {
            assert!(!en.trim().is_empty(), "{name} has no English");
            assert!(!zh.trim().is_empty(), "{name} has no Chinese");
            let translated = !zh.is_ascii();
            assert!(
                translated || SAME_IN_BOTH.contains(name),
                "{name} is not translated: {zh}"
            );
            assert!(en.chars().all(|c| !is_chinese(c)), "{name}: {en}");
        }
    }

    #[test]
    fn the_tone_is_calm_in_both_languages() {
        for (name, en, zh) in ALL.iter().chain(ALL_LATER).chain(ALL_CONFIG) {
            assert!(!en.contains('!') && !zh.contains('！'), "{name} shouts");
        }
    }

    fn is_chinese(c: char) -> bool {
        ('\u{4e00}'..='\u{9fff}').contains(&c)
    }

    #[test]
    fn a_browsers_preference_chooses_the_language() {
        assert_eq!(Lang::from_code("zh-Hans-CN"), Lang::Zh);
        assert_eq!(Lang::from_code("en-GB"), Lang::En);
        assert_eq!(Lang::from_code("de"), Lang::En);
    }
}

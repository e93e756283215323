//! Sentences in both languages.
//!
//! Whoever knows what happened writes the sentence, once in English and once in Chinese; the page
//! only chooses. Kafka's own terms stay English in Chinese.

use std::borrow::Cow;

/// One sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Text {
    /// English.
    pub en: Cow<'static, str>,
    /// Chinese.
    pub zh: Cow<'static, str>,
}

impl Text {
    /// A sentence known when the program is written.
    pub const fn fixed(en: &'static str, zh: &'static str) -> Self {
        Self {
            en: Cow::Borrowed(en),
            zh: Cow::Borrowed(zh),
        }
    }

    /// A sentence made from what a run did.
    pub fn new(en: impl Into<Cow<'static, str>>, zh: impl Into<Cow<'static, str>>) -> Self {
        Self {
            en: en.into(),
            zh: zh.into(),
        }
    }

    /// The same words in both languages: names of configs, numbers, codes.
    pub fn same(both: impl Into<Cow<'static, str>>) -> Self {
        let both = both.into();
        Self {
            en: both.clone(),
            zh: both,
        }
    }

    /// Adds a sentence to what is said, or the stop that the one before lacks.
    pub fn say(&mut self, sentence: &Text) {
        let is_stop = sentence.en == ".";
        if is_stop && self.en.ends_with(['.', '?', ')']) {
            return;
        }
        if !self.en.is_empty() && !is_stop {
            self.en.to_mut().push(' ');
        }
        self.en.to_mut().push_str(&sentence.en);
        self.zh.to_mut().push_str(&sentence.zh);
    }

    /// Nothing to say.
    pub fn is_empty(&self) -> bool {
        self.en.is_empty() && self.zh.is_empty()
    }
}

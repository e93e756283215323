//! How true the model is: each rule that it follows, Kafka's class or KIP, and the recorded stories that
//! show it; and what is simplified.
//!
//! All of it is in `docs/fidelity/`: English with the references in one file, Chinese sentence by sentence
//! in the other. `docs/fidelity.md` is written from the same files.

use super::Text;

/// English: `# chapter`, `- rule`, `= Kafka's classes | stories`, `~ simplification`.
const EN: &str = include_str!("../../docs/fidelity/en.txt");
/// Chinese: the same lines but for the references.
const ZH: &str = include_str!("../../docs/fidelity/zh.txt");

/// Rules of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    pub title: Text,
    pub rules: Vec<RuleView>,
}

/// One rule, or one simplification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleView {
    pub text: Text,
    /// Kafka's class, method or KIP; empty for a simplification.
    pub kafka: &'static str,
    /// The recorded stories that show it.
    pub stories: Vec<&'static str>,
}

/// All of it, in the order of the files.
pub fn chapters() -> Vec<Chapter> {
    read(EN, ZH)
}

fn read(en: &'static str, zh: &'static str) -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> = Vec::new();
    let mut chinese = zh.lines().filter_map(said);
    for line in en.lines() {
        if let Some(reference) = line.strip_prefix("= ") {
            let rule = chapters.last_mut().and_then(|c| c.rules.last_mut());
            if let (Some(rule), Some((kafka, stories))) = (rule, reference.split_once(" | ")) {
                rule.kafka = kafka;
                rule.stories = stories.split(' ').collect();
            }
            continue;
        }
        let Some(words) = said(line) else {
            continue;
        };
        let text = Text::fixed(words, chinese.next().unwrap_or_default());
        if line.starts_with('#') {
            let (title, rules) = (text, Vec::new());
            chapters.push(Chapter { title, rules });
        } else if let Some(chapter) = chapters.last_mut() {
            let (kafka, stories) = ("", Vec::new());
            chapter.rules.push(RuleView {
                text,
                kafka,
                stories,
            });
        }
    }
    chapters
}

/// The sentence of a line that has one in both languages.
fn said(line: &str) -> Option<&str> {
    let marks = ["# ", "- ", "~ "];
    marks.iter().find_map(|mark| line.strip_prefix(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_come_with_their_references_in_both_languages() {
        let en = "# A\n- one\n= Class | x y\n\n# B\n~ two\n";
        let zh = "# 甲\n- 一\n\n# 乙\n~ 二\n";
        let read = read(en, zh);
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].title, Text::fixed("A", "甲"));
        assert_eq!(read[0].rules[0].text, Text::fixed("one", "一"));
        assert_eq!(read[0].rules[0].kafka, "Class");
        assert_eq!(read[0].rules[0].stories, ["x", "y"]);
        assert_eq!(read[1].rules[0].text, Text::fixed("two", "二"));
        assert!(read[1].rules[0].stories.is_empty());
    }

    #[test]
    fn before_the_chinese_words_have_come_there_are_english_ones() {
        let read = read("# A\n- one\n", "");
        assert_eq!(read[0].rules[0].text, Text::fixed("one", ""));
    }
}

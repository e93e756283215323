//! The glossary explains what the lessons say, twice, and nothing besides.

use super::*;
use crate::lab::lessons::{self, Lesson};

fn marked<'a>(glossary: &Glossary, text: &'a str, chinese: bool) -> Vec<&'a str> {
    let pieces = glossary.pieces(text, chinese).into_iter();
    pieces
        .filter(|piece| piece.entry.is_some())
        .map(|piece| piece.text)
        .collect()
}

#[test]
fn the_longest_term_is_found_once_and_at_the_borders_of_words() {
    let glossary = Glossary::default();
    let en = |text| marked(&glossary, text, false);
    assert_eq!(
        en("The leader epoch counts leaders; an epoch ends."),
        ["leader epoch", "leaders"]
    );
    assert_eq!(
        en("min.insync.replicas=2 is no replica"),
        ["min.insync.replicas", "replica"]
    );
    assert_eq!(en("misleader, packet, unoffset"), Vec::<&str>::new());
    assert_eq!(en("It retries; retries=3 does not."), ["retries"]);
    assert_eq!(en("Followers fetch."), ["Followers", "fetch"]);
    let zh = |text| marked(&glossary, text, true);
    assert_eq!(zh("acks=1 时 leader 不等副本"), ["acks", "leader", "副本"]);
    assert_eq!(zh("日志截断到high watermark。"), ["截断", "high watermark"]);
}

#[test]
fn the_pieces_are_the_whole_text() {
    let glossary = Glossary::default();
    for text in lessons::all().flat_map(|lesson| texts(&lesson)) {
        for (text, chinese) in [(&text.en, false), (&text.zh, true)] {
            let pieces = glossary.pieces(text, chinese).into_iter();
            assert_eq!(pieces.map(|piece| piece.text).collect::<String>(), **text);
        }
    }
}

#[test]
fn both_files_have_the_same_entries_with_a_meaning_each() {
    let kind = |line: &str| line.chars().next().filter(|c| "#=~".contains(*c));
    let kinds = |text: &'static str| text.lines().map(kind).collect::<Vec<_>>();
    assert_eq!(kinds(EN), kinds(ZH));
    let glossary = Glossary::default();
    for entry in &glossary.entries {
        assert!(!entry.meanings.is_empty(), "{entry:?}");
        for meaning in &entry.meanings {
            let [en, zh] = [&meaning.text.en, &meaning.text.zh];
            assert!(
                en.ends_with(['.', ')']) && zh.ends_with(['。', '）']),
                "{entry:?}"
            );
            let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
            assert!(
                !en.contains(is_chinese) && zh.contains(is_chinese),
                "{entry:?}"
            );
        }
    }
}

#[test]
fn no_spelling_stands_for_two_entries() {
    let glossary = Glossary::default();
    for spellings in [
        |entry: &Entry| entry.en.clone(),
        |entry: &Entry| entry.zh.clone(),
    ] {
        let mut all: Vec<String> = (glossary.entries.iter())
            .flat_map(spellings)
            .map(str::to_ascii_lowercase)
            .collect();
        all.sort();
        let twice: Vec<_> = all.windows(2).filter(|two| two[0] == two[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}

#[test]
fn every_config_of_a_lesson_is_explained() {
    let glossary = Glossary::default();
    for lesson in lessons::all() {
        let fixed = lesson.fix.iter().map(|(_, name, _)| *name);
        let tried = lesson.offers.iter().map(|offer| offer.name);
        for name in lesson
            .knobs
            .iter()
            .map(|(_, name)| *name)
            .chain(fixed)
            .chain(tried)
        {
            assert!(glossary.find(name).is_some(), "{}: {name}", lesson.id);
        }
    }
    let by_handle = glossary.find("consumer.request.timeout.ms");
    assert_eq!(by_handle, glossary.find("request.timeout.ms"));
}

/// English words in Chinese texts that are names, units, numbers or code, not terms.
const NO_TERMS: [&str; 48] = [
    "Kafka",
    "SIGTERM",
    "GC",
    "Linux",
    "s",
    "ms",
    "MB",
    "KIP",
    "A",
    "B",
    "class",
    "key",
    "send",
    "get",
    "close",
    "error",
    "all",
    "none",
    "true",
    "false",
    "topic",
    "partition",
    "broker",
    "brokers",
    "producer",
    "consumer",
    "controller",
    "m",
    "replication",
    "message",
    "delivery",
    "semantics",
    "KafkaProducer",
    "KafkaConsumer",
    "kafka",
    "socket",
    "shutdown",
    "graceful",
    "linger",
    "kill",
    "API",
    "billing",
    "hash",
    "invoices",
    "orders",
    "id",
    "service",
    "CPU",
];

#[test]
fn every_english_word_in_a_chinese_lesson_is_a_term() {
    let glossary = Glossary::default();
    let mut missing = Vec::new();
    for lesson in lessons::all() {
        for text in texts(&lesson) {
            let pieces = glossary.zh.all_pieces(&text.zh);
            for piece in pieces.iter().filter(|piece| piece.entry.is_none()) {
                let words = piece
                    .text
                    .split(|c: char| !c.is_ascii_alphanumeric() && !"._-{".contains(c));
                let bare = words.map(|word| word.trim_matches(['.', '-', '_']));
                let is_word = |word: &&str| word.starts_with(|c: char| c.is_ascii_alphabetic());
                missing.extend(
                    bare.filter(is_word)
                        .filter(|word| !is_name(word))
                        .map(|word| format!("{}: {word} in {}", lesson.id, text.zh)),
                );
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Whether it is no term: "m9", "KIP-101", "kafka-leader-election", a number, or a name that is listed.
fn is_name(word: &str) -> bool {
    let first = word.split(['-', '.', '{']).next().unwrap_or_default();
    let letters = first.trim_end_matches(|c: char| c.is_ascii_digit());
    NO_TERMS.contains(&letters)
}

#[test]
fn no_entry_is_there_for_nobody() {
    let glossary = Glossary::default();
    let mut said: Vec<String> = (lessons::all())
        .flat_map(|lesson| texts(&lesson))
        .flat_map(|text| [text.en.into_owned(), text.zh.into_owned()])
        .collect();
    let fidelity = [
        include_str!("../../../docs/fidelity/en.txt"),
        include_str!("../../../docs/fidelity/zh.txt"),
    ];
    said.extend(fidelity.map(str::to_owned));
    let meanings = glossary.entries.iter().flat_map(|entry| &entry.meanings);
    said.extend(
        meanings.flat_map(|meaning| [meaning.text.en.to_string(), meaning.text.zh.to_string()]),
    );
    let finders = [&glossary.en, &glossary.zh];
    let mut used: Vec<usize> = (said.iter())
        .flat_map(|text| finders.map(|finder| finder.all_pieces(text)))
        .flatten()
        .filter_map(|piece| piece.entry)
        .collect();
    used.sort_unstable();
    let is_dead = |number: &usize| {
        let entry = &glossary.entries[*number];
        entry.is_marked && !entry.is_config && used.binary_search(number).is_err()
    };
    let dead = (0..glossary.entries.len()).filter(is_dead);
    let dead: Vec<_> = dead
        .map(|number| &glossary.entries[number].name.en)
        .collect();
    assert!(dead.is_empty(), "nobody says {dead:?}");
}

/// Everything that a lesson says.
fn texts(lesson: &Lesson) -> Vec<Text> {
    let mut texts = vec![
        lesson.title.clone(),
        lesson.line.clone(),
        lesson.price.clone(),
    ];
    let beats = lesson.beats.iter().map(|beat| &beat.words);
    for words in beats.chain([&lesson.opening]) {
        texts.extend([words.strong.clone(), words.rest.clone()]);
    }
    if let Some(question) = &lesson.question {
        texts.extend([&question.text, &question.hint, &question.reveal].map(Text::clone));
        texts.extend(question.options.iter().map(|option| option.text.clone()));
    }
    texts.extend(lesson.offers.iter().map(|offer| offer.text.clone()));
    texts
}

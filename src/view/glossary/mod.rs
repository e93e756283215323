//! One glossary: the model's terms from `docs/glossary/`, and every config from the registry.
//!
//! English is in one file, Chinese line by line in the other: `# chapter`, `= name | other spellings` and its meaning
//! on the next line; `~` in place of `=` for words so common that texts do not mark them.

mod find;
#[cfg(test)]
mod tests;

pub use find::Piece;

use super::Text;
use crate::kafka::config::{Owner, note, rows_of};
use crate::lab::knobs::COUNTS;
use find::Finder;

const EN: &str = include_str!("../../../docs/glossary/en.txt");
const ZH: &str = include_str!("../../../docs/glossary/zh.txt");

/// Everything that is explained.
pub struct Glossary {
    /// By chapter, in the order of the page.
    pub chapters: Vec<Chapter>,
    /// All entries; their place is their number.
    pub entries: Vec<Entry>,
    en: Finder,
    zh: Finder,
}

/// Entries of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// Its heading.
    pub title: Text,
    /// Its entries, by number.
    pub entries: Vec<usize>,
}

/// One word and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The word as it is usually written.
    pub name: Text,
    /// What it means; a config that several owners have means something for each.
    pub meanings: Vec<Meaning>,
    /// Whether texts mark it.
    pub is_marked: bool,
    is_config: bool,
    /// Spellings that are looked for in English and in Chinese texts.
    en: Vec<&'static str>,
    zh: Vec<&'static str>,
}

/// One meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// A sentence or two.
    pub text: Text,
    /// Whose config, default, since when, KIP or class; empty for a term.
    pub about: Text,
}

impl Default for Glossary {
    fn default() -> Self {
        Glossary::of(EN, ZH)
    }
}

impl Glossary {
    fn of(en: &'static str, zh: &'static str) -> Self {
        let (mut chapters, mut entries) = terms(en, zh);
        for owner in Owner::ALL {
            chapters.push(configs(owner, &mut entries));
        }
        let finder = |spellings: &dyn Fn(&Entry) -> Vec<&'static str>| {
            let marked = entries
                .iter()
                .enumerate()
                .filter(|(_, entry)| entry.is_marked);
            Finder::new(marked.flat_map(|(number, entry)| {
                let is_word = entry.is_config && !entry.name.en.contains('.');
                let spellings = spellings(entry).into_iter();
                spellings.map(move |spelling| (spelling, number, is_word))
            }))
        };
        Glossary {
            en: finder(&|entry| entry.en.clone()),
            zh: finder(&|entry| entry.zh.clone()),
            chapters,
            entries,
        }
    }

    /// Cuts a text into pieces: terms, and what stands between them. Each term is marked once in a text.
    pub fn pieces<'a>(&self, text: &'a str, chinese: bool) -> Vec<Piece<'a>> {
        match chinese {
            true => self.zh.pieces(text),
            false => self.en.pieces(text),
        }
    }

    /// Whether a chapter is about configs: long lists, for looking up.
    pub fn is_of_configs(&self, chapter: &Chapter) -> bool {
        let mut entries = chapter.entries.iter();
        entries.all(|number| self.entries[*number].is_config)
    }

    /// The entry of a config by its name or its handle, or of a term by its English name.
    pub fn find(&self, name: &str) -> Option<usize> {
        let named = |name: &str| self.entries.iter().position(|entry| entry.name.en == name);
        named(name).or_else(|| named(name.split_once('.')?.1))
    }
}

/// The model's terms.
fn terms(en: &'static str, zh: &'static str) -> (Vec<Chapter>, Vec<Entry>) {
    let mut chapters: Vec<Chapter> = Vec::new();
    let mut entries: Vec<Entry> = Vec::new();
    for (en, zh) in en.lines().zip(zh.lines()) {
        if let (Some(en), Some(zh)) = (en.strip_prefix("# "), zh.strip_prefix("# ")) {
            let (title, entries) = (Text::fixed(en, zh), Vec::new());
            chapters.push(Chapter { title, entries });
        } else if let (Some(en_names), Some(zh_names)) = (names(en), names(zh)) {
            if let Some(chapter) = chapters.last_mut() {
                chapter.entries.push(entries.len());
            }
            entries.push(term(en_names, zh_names, en.starts_with('=')));
        } else if let Some(entry) = entries.last_mut().filter(|_| !en.is_empty()) {
            let (text, about) = (Text::fixed(en, zh), Text::default());
            entry.meanings.push(Meaning { text, about });
        }
    }
    (chapters, entries)
}

/// The names of a line that has some, the usual one first.
fn names(line: &'static str) -> Option<Vec<&'static str>> {
    let line = line.strip_prefix("= ").or(line.strip_prefix("~ "))?;
    Some(line.split([',', '|']).map(str::trim).collect())
}

/// A Chinese text may use the English names as well.
fn term(en: Vec<&'static str>, zh: Vec<&'static str>, is_marked: bool) -> Entry {
    let mut in_chinese = zh.clone();
    in_chinese.extend(en.iter().filter(|name| !zh.contains(name)));
    Entry {
        name: Text::fixed(en[0], zh[0]),
        meanings: Vec::new(),
        is_marked,
        is_config: false,
        en,
        zh: in_chinese,
    }
}

/// The configs of one owner. One that others have too is explained in one place.
fn configs(owner: Owner, entries: &mut Vec<Entry>) -> Chapter {
    let mut of_owner = Vec::new();
    let mut add = |name: &'static str, meaning: Meaning| {
        let known = entries
            .iter()
            .position(|entry| entry.is_config && entry.name.en == name);
        let number = known.unwrap_or(entries.len());
        if known.is_none() {
            entries.push(Entry {
                is_config: true,
                ..term(vec![name], vec![name], true)
            });
        }
        entries[number].meanings.push(meaning);
        of_owner.push(number);
    };
    for row in rows_of(owner) {
        let Some(note) = note(owner, row.name) else {
            continue;
        };
        add(
            row.name,
            Meaning {
                text: Text::fixed(note.en, note.zh),
                about: about(owner, row.default, note.since, note.source),
            },
        );
    }
    if owner == Owner::Topic {
        for count in COUNTS {
            let (text, about) = (Text::fixed(count.en, count.zh), Text::default());
            add(count.name, Meaning { text, about });
        }
    }
    let (title, entries) = (title(owner), of_owner);
    Chapter { title, entries }
}

fn title(owner: Owner) -> Text {
    match owner {
        Owner::Producer => Text::fixed("Producer configs", "producer 配置"),
        Owner::Consumer => Text::fixed("Consumer configs", "consumer 配置"),
        Owner::Broker => Text::fixed("Broker configs", "broker 配置"),
        Owner::Topic => Text::fixed("Topic configs and topology", "topic 配置与拓扑"),
        Owner::Environment => Text::fixed("Network and machine", "网络与机器"),
        Owner::Application => Text::fixed("Application", "应用"),
    }
}

/// "producer, default all, since 0.8, KIP-679"; what is not Kafka's has no version.
fn about(owner: Owner, default: &str, since: &str, source: &str) -> Text {
    let (en, zh) = match owner {
        Owner::Producer => ("producer", "producer"),
        Owner::Consumer => ("consumer", "consumer"),
        Owner::Broker => ("broker", "broker"),
        Owner::Topic => ("topic", "topic"),
        Owner::Environment | Owner::Application => {
            return Text::new(
                format!("of the lab, not of Kafka; default {default}"),
                format!("实验室的参数，不属于 Kafka；默认 {default}"),
            );
        }
    };
    Text::new(
        format!("{en}; default {default}; since {since}; {source}"),
        format!("{zh} 配置；默认 {default}；自 {since} 起；{source}"),
    )
}

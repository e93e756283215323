//! Terms in a text: the longest first, at the borders of words.

use std::borrow::Cow;

/// A piece of a text: a term with its entry's number, or what stands between terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// As it stands in the text.
    pub text: &'a str,
    /// Which entry it is.
    pub entry: Option<usize>,
}

/// One spelling that is looked for.
struct Spelling {
    /// In small letters.
    letters: Cow<'static, str>,
    entry: usize,
    /// A config with the name of a common word: only a config when a value follows.
    needs_value: bool,
}

/// All spellings of one language, the longest first.
pub struct Finder(Vec<Spelling>);

impl Finder {
    /// Looks for these spellings of these entries.
    pub fn new(spellings: impl Iterator<Item = (&'static str, usize, bool)>) -> Self {
        let small = |spelling: &'static str| {
            if spelling.bytes().any(|byte| byte.is_ascii_uppercase()) {
                Cow::Owned(spelling.to_ascii_lowercase())
            } else {
                Cow::Borrowed(spelling)
            }
        };
        let mut all: Vec<Spelling> = spellings
            .map(|(spelling, entry, needs_value)| Spelling {
                letters: small(spelling),
                entry,
                needs_value,
            })
            .collect();
        all.sort_by_key(|spelling| std::cmp::Reverse(spelling.letters.len()));
        Finder(all)
    }

    /// The pieces of a text, in order; a term that comes again is part of what stands between.
    pub fn pieces<'a>(&self, text: &'a str) -> Vec<Piece<'a>> {
        self.cut(text, true)
    }

    /// The pieces of a text with every term in it.
    #[cfg(test)]
    pub fn all_pieces<'a>(&self, text: &'a str) -> Vec<Piece<'a>> {
        self.cut(text, false)
    }

    fn cut<'a>(&self, text: &'a str, once: bool) -> Vec<Piece<'a>> {
        let small = text.to_ascii_lowercase();
        let mut pieces = Vec::new();
        let mut found: Vec<usize> = Vec::new();
        let (mut told, mut at) = (0, 0);
        while at < small.len() {
            let here = match begins_word(&small, at) {
                true => self.longest(&small, at),
                false => None,
            };
            let Some((entry, length)) = here else {
                at += small[at..].chars().next().map_or(1, char::len_utf8);
                continue;
            };
            if !once || !found.contains(&entry) {
                found.push(entry);
                pieces.push((told..at, None));
                pieces.push((at..at + length, Some(entry)));
                told = at + length;
            }
            at += length;
        }
        pieces.push((told..text.len(), None));
        let cut = pieces.into_iter().filter(|(range, _)| !range.is_empty());
        // Small letters are as long as large ones in ASCII, and nothing else was changed.
        let text_of = |(range, entry)| Piece {
            text: &text[range],
            entry,
        };
        cut.map(text_of).collect()
    }

    /// The entry that begins here, and how long it is.
    fn longest(&self, small: &str, at: usize) -> Option<(usize, usize)> {
        self.0.iter().find_map(|spelling| {
            let after = small[at..].strip_prefix(&*spelling.letters)?;
            if spelling.needs_value && !after.starts_with('=') {
                return None;
            }
            let length = spelling.letters.len();
            match after.strip_prefix('s') {
                _ if ends_word(&spelling.letters, after) => Some((spelling.entry, length)),
                Some(more) if ends_word("s", more) => Some((spelling.entry, length + 1)),
                _ => None,
            }
        })
    }
}

/// Whether a word may begin here. Between Chinese letters there are no borders.
fn begins_word(text: &str, at: usize) -> bool {
    if !text[at..].starts_with(is_letter) {
        return !text[at..].starts_with(|c: char| c.is_ascii());
    }
    let mut before = text[..at].chars().rev();
    match before.next() {
        Some('.' | '-') => !before.next().is_some_and(is_letter),
        Some(c) => !is_letter(c),
        None => true,
    }
}

/// Whether the word ends where this follows: a dot or a hyphen within a name does not end it.
fn ends_word(word: &str, after: &str) -> bool {
    if !word.ends_with(is_letter) {
        return true;
    }
    let mut after = after.chars();
    match after.next() {
        Some('.' | '-') => !after.next().is_some_and(is_letter),
        Some(c) => !is_letter(c),
        None => true,
    }
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

//! Where a new key of a Spring Boot YAML belongs: under the parent that is there, with its indentation and its way to write
//! keys; what is missing of the path comes along.

use super::account::Account;
use super::apply::{Edit, plain_in_spring};
use super::lines_of::insert;
use super::source::{File, lines};

/// A key that stands on a line of its own.
struct Key {
    /// Its path, as relaxed binding compares it.
    path: String,
    /// On which line, from 0.
    line: usize,
    indent: usize,
    /// Others are nested in it.
    is_parent: bool,
    /// It is written as `"[a.b]"`.
    in_brackets: bool,
}

/// `name: value` for a client of the file `place`.
pub fn place_in_yaml(
    file: &File,
    place: usize,
    account: &Account,
    role: &str,
    name: &str,
    value: &str,
) -> Edit {
    let document = document_of(file, place, account, role);
    let keys = keys(file, document.clone());
    let wanted = match plain_in_spring(name) {
        Some(_) => vec!["spring", "kafka", role],
        None => vec!["spring", "kafka", role, "properties"],
    };
    // The deepest parent that is there.
    let parent = (1..=wanted.len()).rev().find_map(|depth| {
        let path = wanted[..depth].join(".");
        let key = keys.iter().find(|key| key.is_parent && key.path == path)?;
        Some((depth, key))
    });
    let (depth, after, mut indent, brackets) = match parent {
        Some((depth, key)) => {
            let child = keys.iter().find(|child| child.line > key.line);
            let child = child.filter(|child| child.indent > key.indent);
            let indent = child.map_or(key.indent + 2, |child| child.indent);
            let brackets = child.is_none_or(|child| child.in_brackets);
            (depth, key.line + 1, indent, brackets)
        }
        None => (0, document.start, 0, true),
    };
    let mut made: Vec<String> = Vec::new();
    for part in &wanted[depth..] {
        made.push(format!("{}{part}:", " ".repeat(indent)));
        indent += 2;
    }
    let key = match plain_in_spring(name) {
        Some(key) => key.to_string(),
        None if brackets || depth < wanted.len() => format!("\"[{name}]\""),
        None => name.to_string(),
    };
    made.push(format!("{}{key}: {value}", " ".repeat(indent)));
    insert(file, place, after, &made.join("\n"))
}

/// The lines of the document in which this client is configured: the first one that counts.
fn document_of(file: &File, place: usize, account: &Account, role: &str) -> std::ops::Range<usize> {
    let all = lines(&file.text);
    let ends = |line: usize| file.text[all[line].clone()].trim_end() == "---";
    let of_role = format!("spring.kafka.{role}.");
    let mut mine = account.settings.iter().filter(|it| it.file == place);
    let told = mine.clone().rev().find(|it| it.key.starts_with(&of_role));
    let told = told.or_else(|| mine.next_back());
    let line = told.map_or(0, |setting| setting.line - 1); // numbered from 1
    let start = (0..line).rev().find(|line| ends(*line));
    // Before the first key of a document only its mark stands.
    let start = start.map_or_else(|| usize::from(!all.is_empty() && ends(0)), |mark| mark + 1);
    let end = (start..all.len()).find(|line| ends(*line));
    start..end.unwrap_or(all.len())
}

fn keys(file: &File, document: std::ops::Range<usize>) -> Vec<Key> {
    let all = lines(&file.text);
    let mut within: Vec<(usize, String)> = Vec::new();
    let mut keys = Vec::new();
    for line in document {
        let text = &file.text[all[line].clone()]; // a document is made of lines
        let bare = text.trim_start();
        let indent = text.len() - bare.len();
        let Some((name, rest)) = key_of(bare) else {
            continue;
        };
        within.retain(|(outer, _)| *outer < indent);
        within.push((indent, relaxed(name)));
        let path: Vec<&str> = within.iter().map(|(_, name)| name.as_str()).collect();
        keys.push(Key {
            path: path.join("."),
            line,
            indent,
            is_parent: rest.is_empty() || rest.starts_with('#'),
            in_brackets: name.contains('['),
        });
    }
    keys
}

/// The key of `key: value`, and what follows.
fn key_of(line: &str) -> Option<(&str, &str)> {
    if line.starts_with(['#', '-', '{', '[']) {
        return None;
    }
    let (name, rest) = match line.split_once(": ") {
        Some(parts) => parts,
        None => (line.trim_end().strip_suffix(':')?, ""),
    };
    Some((name.trim_end(), rest.trim()))
}

fn relaxed(name: &str) -> String {
    let kept = name
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | '"' | '\''));
    kept.flat_map(char::to_lowercase).collect()
}

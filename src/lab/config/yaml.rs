//! Reads YAML into paths and values (`spring.kafka.producer.acks`), as Spring Boot flattens it. What cannot be read ends
//! its document; the next one is read all the same.

use std::ops::Range;

use saphyr_parser::{Event, Parser, Span};

use super::source::{Broken, Entry, Parsed, lines};

/// Deeper than this nobody nests settings.
const MOST_DEPTH: usize = 64;
/// More than this nobody writes.
const MOST_ENTRIES: usize = 20_000;

/// Every scalar with its path.
pub fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let (mut from, mut document) = (0, 0);
    let all = lines(text);
    while let Some(start) = all.get(from) {
        let mut reader = Reader::new(&text[start.start..], from, start.start, document);
        let failed = reader.read();
        document = reader.document;
        parsed.entries.append(&mut reader.entries);
        parsed.broken.append(&mut reader.broken);
        let Some((line, why)) = failed else {
            break;
        };
        let line = line.clamp(from + 1, all.len());
        let is_mark = |place: &usize| text[all[*place].clone()].starts_with("---");
        let next = (line..all.len()).find(is_mark).unwrap_or(all.len());
        parsed.broken.push(Broken {
            line,
            last: next.max(line),
            why,
        });
        (from, document) = (next, document + 1);
    }
    parsed
}

/// A mapping or a sequence that is being read.
struct Frame {
    path: String,
    /// Keys of a mapping that were read, with their lines; `None` for a sequence.
    keys: Option<Vec<String>>,
    key: Option<String>,
    items: usize,
}

struct Reader<'t> {
    text: &'t str,
    /// What lies before `text`: lines and bytes.
    lines_before: usize,
    bytes_before: usize,
    /// Where each character begins, in bytes.
    places: Vec<usize>,
    document: usize,
    open: Vec<Frame>,
    /// Scalars that an alias may name.
    anchors: Vec<(usize, String)>,
    entries: Vec<Entry>,
    broken: Vec<Broken>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, lines_before: usize, bytes_before: usize, document: usize) -> Self {
        Reader {
            text,
            lines_before,
            bytes_before,
            places: text.char_indices().map(|(place, _)| place).collect(),
            document,
            open: Vec::new(),
            anchors: Vec::new(),
            entries: Vec::new(),
            broken: Vec::new(),
        }
    }

    /// Reads to the end, or to what cannot be read: its line and why.
    fn read(&mut self) -> Option<(usize, String)> {
        for event in Parser::new_from_str(self.text) {
            match event {
                Err(error) => {
                    let line = error.marker().line() + self.lines_before;
                    return Some((line, format!("ScannerException: {}", error.info())));
                }
                Ok((event, span)) => self.take(event, span),
            }
            if self.open.len() > MOST_DEPTH || self.entries.len() > MOST_ENTRIES {
                let line = self.entries.last().map_or(1, |entry| entry.last);
                return Some((line, "too much to be read".into()));
            }
        }
        None
    }

    fn take(&mut self, event: Event, span: Span) {
        match event {
            Event::DocumentEnd => {
                self.document += 1;
                self.open.clear();
            }
            Event::MappingStart(..) => self.begin(Some(Vec::new()), span),
            Event::SequenceStart(..) => self.begin(None, span),
            Event::MappingEnd | Event::SequenceEnd => {
                self.open.pop();
            }
            Event::Scalar(value, _, anchor, _) => {
                let value = value.to_string();
                if anchor != 0 {
                    self.anchors.push((anchor, value.clone()));
                }
                self.scalar(value, span);
            }
            Event::Alias(anchor) => {
                let known = self.anchors.iter().rev().find(|(id, _)| *id == anchor);
                let value = known.map_or_else(String::new, |(_, value)| value.clone());
                self.scalar(value, span);
            }
            _ => {}
        }
    }

    fn begin(&mut self, keys: Option<Vec<String>>, span: Span) {
        let path = self.next_path(span).unwrap_or_default();
        self.open.push(Frame {
            path,
            keys,
            key: None,
            items: 0,
        });
    }

    /// The path of the value that comes now, `None` where a key is expected.
    fn next_path(&mut self, _span: Span) -> Option<String> {
        let Some(frame) = self.open.last_mut() else {
            return Some(String::new());
        };
        let part = match &frame.keys {
            None => {
                frame.items += 1;
                return Some(format!("{}[{}]", frame.path, frame.items - 1));
            }
            Some(_) => frame.key.take()?,
        };
        let dot = match frame.path.is_empty() || part.starts_with('[') {
            true => "",
            false => ".",
        };
        Some(format!("{}{dot}{part}", frame.path))
    }

    fn scalar(&mut self, value: String, span: Span) {
        let is_key = |frame: &Frame| frame.keys.is_some() && frame.key.is_none();
        if self.open.last().is_some_and(is_key) {
            return self.key(value, span);
        }
        let Some(path) = self.next_path(span) else {
            return;
        };
        let at = self.written(span);
        let line = self.line(span.start.line());
        self.entries.push(Entry {
            key: path,
            value,
            line,
            last: self.line(span.end.line()).max(line),
            at,
            document: self.document,
            of: None,
        });
    }

    fn key(&mut self, key: String, span: Span) {
        let line = self.line(span.start.line());
        let Some(frame) = self.open.last_mut() else {
            return;
        };
        let keys = frame.keys.get_or_insert_default();
        if keys.contains(&key) {
            self.broken.push(Broken {
                line,
                last: line,
                why: format!("DuplicateKeyException: found duplicate key {key}"),
            });
        } else {
            keys.push(key.clone());
        }
        frame.key = Some(key);
    }

    /// Where a scalar stands, without what follows on its line.
    fn written(&self, span: Span) -> Range<usize> {
        let from = self.byte(span.start.index());
        let to = self.byte(span.end.index()).max(from);
        let local = from - self.bytes_before..to - self.bytes_before;
        let raw = self.text.get(local).unwrap_or("");
        let shown = match raw.chars().next() {
            Some(quote @ ('"' | '\'')) => raw.rfind(quote).map_or(raw, |end| &raw[..=end]),
            Some('|' | '>') => raw,
            _ => raw.split(" #").next().unwrap_or(raw),
        };
        from..from + shown.trim_end().len()
    }

    fn byte(&self, index: usize) -> usize {
        let place = self.places.get(index).copied();
        self.bytes_before + place.unwrap_or(self.text.len())
    }

    fn line(&self, line: usize) -> usize {
        line.max(1) + self.lines_before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String, usize)> {
        let entries = parse(text).entries.into_iter();
        entries.map(|e| (e.key, e.value, e.line)).collect()
    }

    #[test]
    fn nested_keys_become_paths_with_their_lines_and_places() {
        let text = "spring:\n  kafka:\n    # a comment\n    producer:\n      acks: \"1\" # one\n    list: [a, b]\n";
        let all = parse(text).entries;
        assert_eq!(all[0].key, "spring.kafka.producer.acks");
        assert_eq!((all[0].value.as_str(), all[0].line), ("1", 5));
        assert_eq!(&text[all[0].at.clone()], "\"1\"");
        assert_eq!(all[2].key, "spring.kafka.list[1]");
    }

    #[test]
    fn keys_in_brackets_and_with_dots_stand_for_themselves() {
        let all = read("p:\n  properties:\n    \"[max.block.ms]\": 5\n    max.poll.records: 7\n");
        assert_eq!(all[0].0, "p.properties[max.block.ms]");
        assert_eq!(all[1].0, "p.properties.max.poll.records");
    }

    #[test]
    fn what_cannot_be_read_ends_its_document_only() {
        let parsed = parse("a: 1\nb: [1, 2\nc: }\n---\nd: 4\n");
        assert_eq!(
            parsed
                .entries
                .last()
                .map(|e| (e.key.as_str(), e.line, e.document)),
            Some(("d", 5, 1))
        );
        assert_eq!(parsed.broken.len(), 1);
        assert_eq!(parsed.broken[0].last, 3);
    }

    #[test]
    fn a_key_that_is_written_twice_is_refused_as_spring_boot_does() {
        let parsed = parse("a: 1\na: 2\n");
        assert_eq!(parsed.broken[0].line, 2);
    }
}

//! What somebody pasted, opened or dropped: its text, its lines, and the settings found in them.

use std::ops::Range;

/// A file, or something pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, or what the page calls it.
    pub name: String,
    /// Its text, without a byte order mark.
    pub text: String,
    /// It began with a byte order mark.
    pub has_bom: bool,
}

impl File {
    /// Text that was pasted.
    pub fn new(name: &str, text: &str) -> File {
        let bare = text.strip_prefix('\u{feff}');
        File {
            name: name.into(),
            text: bare.unwrap_or(text).into(),
            has_bom: bare.is_some(),
        }
    }

    /// A file as it lies on a disk: UTF-8, UTF-16 with its mark, or else the Latin-1 that `java.util.Properties` reads.
    pub fn of_bytes(name: &str, bytes: &[u8]) -> File {
        let wide = |from: fn([u8; 2]) -> u16| {
            let units: Vec<u16> = bytes[2..]
                .chunks_exact(2)
                .map(|b| from([b[0], b[1]]))
                .collect();
            File::new(name, &String::from_utf16_lossy(&units))
        };
        match bytes {
            [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
            [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
            _ => match std::str::from_utf8(bytes) {
                Ok(text) => File::new(name, text),
                Err(_) => File::new(
                    name,
                    &bytes
                        .iter()
                        .map(|byte| char::from(*byte))
                        .collect::<String>(),
                ),
            },
        }
    }
}

/// Where each line of `text` lies, without its end: `\n`, `\r\n` or `\r`.
pub fn lines(text: &str) -> Vec<Range<usize>> {
    let (mut all, mut start) = (Vec::new(), 0);
    let bytes = text.as_bytes();
    let mut place = 0;
    while place < bytes.len() {
        if matches!(bytes[place], b'\n' | b'\r') {
            all.push(start..place);
            if bytes[place] == b'\r' && bytes.get(place + 1) == Some(&b'\n') {
                place += 1;
            }
            start = place + 1;
        }
        place += 1;
    }
    if start < bytes.len() {
        all.push(start..bytes.len());
    }
    all
}

/// A key and its value, as a parser found them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key as it is read; of nested keys the path.
    pub key: String,
    /// The value as it is read.
    pub value: String,
    /// Its first line, from 1.
    pub line: usize,
    /// Its last line.
    pub last: usize,
    /// Where the value is written, in bytes of the text.
    pub at: Range<usize>,
    /// Which document of the file, from 0.
    pub document: usize,
    /// Which topic or broker it is said of, where the text says so.
    pub of: Option<String>,
}

/// Something a parser could not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The first line concerned.
    pub line: usize,
    /// The last one.
    pub last: usize,
    /// What Kafka, Java or YAML would say.
    pub why: String,
}

/// What a parser made of a text. Lines that nothing here names are comments, blank, or only hold others together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Keys and values, in order.
    pub entries: Vec<Entry>,
    /// What could not be read.
    pub broken: Vec<Broken>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_ends_a_line() {
        let text = "a\r\nb\rc\n\nd";
        let all: Vec<&str> = lines(text).into_iter().map(|line| &text[line]).collect();
        assert_eq!(all, ["a", "b", "c", "", "d"]);
        assert!(lines("").is_empty());
    }

    #[test]
    fn bytes_are_read_as_what_they_are() {
        let wide: Vec<u8> = [0xfeff_u16, 0x61, 0x3d, 0x31]
            .iter()
            .flat_map(|u| u.to_le_bytes())
            .collect();
        assert_eq!(File::of_bytes("f", &wide).text, "a=1");
        assert_eq!(File::of_bytes("f", b"a=\xe9").text, "a=\u{e9}");
        assert!(File::of_bytes("f", b"\xef\xbb\xbfa=1").has_bom);
    }
}

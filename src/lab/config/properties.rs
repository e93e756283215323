//! Reads `.properties` as `java.util.Properties.load` does, and keeps lines and places, so that a change can be written
//! back in the file's own style.

use std::ops::Range;

use super::source::{Broken, Entry, Parsed, lines};

/// Every pair, in order; of a key that is written twice both, the last of which counts.
pub fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let all = lines(text);
    let mut next = 0;
    while next < all.len() {
        let first = next;
        let natural = text[all[first].clone()].trim_start_matches(is_blank);
        next += 1;
        if natural.is_empty() || natural.starts_with(['#', '!']) {
            continue;
        }
        let mut logical = Vec::new();
        let mut line = first;
        while take(text, all[line].clone(), &mut logical) && line + 1 < all.len() {
            line += 1;
        }
        next = line + 1;
        let end = all[line].end;
        let (entry, malformed) = pair(&logical, end, first + 1, line + 1);
        if malformed {
            parsed.broken.push(Broken {
                line: entry.line,
                last: entry.last,
                why: "IllegalArgumentException: Malformed \\uxxxx encoding.".into(),
            });
        } else {
            parsed.entries.push(entry);
        }
    }
    parsed
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{c}')
}

/// Adds a natural line to the logical one, each character with its place. Returns whether the next line goes on with it.
fn take(text: &str, line: Range<usize>, logical: &mut Vec<(usize, char)>) -> bool {
    let shown = text[line.clone()].trim_start_matches(is_blank);
    let backslashes = shown.len() - shown.trim_end_matches('\\').len();
    let more = backslashes % 2 == 1;
    let kept = &shown[..shown.len() - usize::from(more)];
    let start = line.end - shown.len();
    logical.extend(kept.char_indices().map(|(place, c)| (start + place, c)));
    more
}

/// Key and value of a logical line, and whether an escape in it is malformed.
fn pair(logical: &[(usize, char)], end: usize, line: usize, last: usize) -> (Entry, bool) {
    let mut place = 0;
    while let Some((_, c)) = logical.get(place) {
        if is_blank(*c) || matches!(c, '=' | ':') {
            break;
        }
        place += if *c == '\\' { 2 } else { 1 };
    }
    let place = place.min(logical.len());
    let (key, rest) = logical.split_at(place);
    let rest = after_separator(rest);
    let start = rest.first().map_or(end, |(at, _)| *at);
    let ((key, bad_key), (value, bad_value)) = (unescape(key), unescape(rest));
    let entry = Entry {
        key,
        value,
        line,
        last,
        at: start..end.max(start),
        document: 0,
        of: None,
    };
    (entry, bad_key || bad_value)
}

fn after_separator(rest: &[(usize, char)]) -> &[(usize, char)] {
    let skip = |rest: &[(usize, char)]| rest.iter().take_while(|(_, c)| is_blank(*c)).count();
    let rest = &rest[skip(rest)..];
    match rest.first() {
        Some((_, '=' | ':')) => &rest[1 + skip(&rest[1..])..],
        _ => rest,
    }
}

fn unescape(chars: &[(usize, char)]) -> (String, bool) {
    let (mut units, mut malformed) = (Vec::new(), false);
    let mut rest = chars.iter().map(|(_, c)| *c);
    let push = |units: &mut Vec<u16>, c: char| units.extend(c.encode_utf16(&mut [0; 2]).iter());
    while let Some(c) = rest.next() {
        if c != '\\' {
            push(&mut units, c);
            continue;
        }
        match rest.next() {
            Some('u') => {
                let digits: Option<Vec<u32>> = (0..4).map(|_| rest.next()?.to_digit(16)).collect();
                match digits {
                    Some(digits) => {
                        units.push(digits.iter().fold(0, |n, digit| n * 16 + *digit as u16))
                    }
                    None => malformed = true,
                }
            }
            Some('t') => push(&mut units, '\t'),
            Some('n') => push(&mut units, '\n'),
            Some('r') => push(&mut units, '\r'),
            Some('f') => push(&mut units, '\u{c}'),
            Some(other) => push(&mut units, other),
            None => {}
        }
    }
    (String::from_utf16_lossy(&units), malformed)
}

/// `value` as it is to be written, so that it reads back.
pub fn escaped(value: &str) -> String {
    let mut out = String::new();
    for (place, c) in value.chars().enumerate() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            ' ' if place == 0 => out.push_str("\\ "),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String, usize, usize)> {
        let entries = parse(text).entries.into_iter();
        entries.map(|e| (e.key, e.value, e.line, e.last)).collect()
    }

    fn one(text: &str) -> (String, String) {
        let (key, value, ..) = read(text).remove(0);
        (key, value)
    }

    #[test]
    fn keys_end_where_java_ends_them() {
        for text in [
            "acks=all",
            "acks: all",
            "  acks   all",
            "acks = all",
            "\tacks\t:all",
        ] {
            assert_eq!(one(text), ("acks".into(), "all".into()), "{text}");
        }
        assert_eq!(one(r"a\=b=c"), ("a=b".into(), "c".into()));
        assert_eq!(one("lonely"), ("lonely".into(), String::new()));
        assert_eq!(one("a==b"), ("a".into(), "=b".into()));
    }

    #[test]
    fn lines_go_on_after_an_odd_backslash() {
        let text =
            "# a comment \\\nlisteners=PLAINTEXT://:9092,\\\r\n   CONTROLLER://:9093\nb=1\\\\\nc=2";
        let all = read(text);
        assert_eq!(all[0].1, "PLAINTEXT://:9092,CONTROLLER://:9093");
        assert_eq!((all[0].2, all[0].3), (2, 3));
        assert_eq!(all[1].1, "1\\");
        assert_eq!(all[2].0, "c");
    }

    #[test]
    fn escapes_are_read_and_malformed_ones_are_refused() {
        assert_eq!(one("a=\\u0061ll\\t\\q"), ("a".into(), "all\tq".into()));
        assert_eq!(one("a=\\ud83d\\ude00").1, "\u{1f600}");
        let parsed = parse("a=\\u00g1\nb=1");
        assert_eq!(parsed.broken.len(), 1);
        assert_eq!(parsed.entries.len(), 1);
    }

    #[test]
    fn what_is_written_reads_back_and_the_place_is_the_value_s() {
        for value in [" a b", "c:\\dir", "x=y", "1\n2"] {
            assert_eq!(one(&format!("k={}", escaped(value))).1, value);
        }
        let text = "x=1\n  acks : all";
        assert_eq!(&text[parse(text).entries[1].at.clone()], "all");
    }
}

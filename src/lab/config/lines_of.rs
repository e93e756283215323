//! New lines of a file, written as that file writes; and a name that was mistyped, put right where it stands.

use super::account::{Account, Line};
use super::apply::Edit;
use super::source::{File, lines};
use crate::kafka::config::{Owner, nearest};

/// After the last line of the same owner, or at the end of the file, with the file's own line ends.
pub fn at_the_end(file: &File, place: usize, account: &Account, owner: Owner, line: &str) -> Edit {
    let all = lines(&file.text);
    let mine = account.settings.iter();
    let mine = mine.filter(|setting| setting.file == place && setting.owner == owner);
    let last = mine.map(|setting| setting.last).max();
    let before = last.unwrap_or(all.len());
    insert(file, place, before, line)
}

/// Lines that come after the first `before` lines of a file.
pub fn insert(file: &File, place: usize, before: usize, text: &str) -> Edit {
    let ends = if file.text.contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let all = lines(&file.text);
    let at = all.get(before).map_or(file.text.len(), |next| next.start);
    let body = text.replace('\n', ends);
    let is_open =
        at == file.text.len() && !file.text.is_empty() && !file.text.ends_with(['\n', '\r']);
    Edit {
        file: place,
        at: at..at,
        with: match is_open {
            true => format!("{ends}{body}"),
            false => format!("{body}{ends}"),
        },
    }
}

/// How the file parts keys from values.
pub fn separator(file: &File, account: &Account, place: usize) -> String {
    let mut settings = account.settings.iter();
    let first = settings.find(|setting| setting.file == place);
    let shown = first.and_then(|setting| {
        let before = file.text.get(..setting.at.start)?;
        let from = before.rfind(|c: char| !matches!(c, ' ' | '\t' | '=' | ':'))?;
        before.get(from..)?.get(1..)
    });
    let shown = shown.filter(|shown| !shown.is_empty() && !shown.contains('\n'));
    shown.unwrap_or("=").to_string()
}

/// A line with the name that was most likely meant in place of the one that is not known.
pub fn put_right(line: &Line) -> Option<String> {
    let meant = line.meant.as_deref()?;
    // Names stand before the first `=`, `:` or blank after them; quotes and brackets around them are not theirs.
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let start = line.text.find(is_name)?;
    let typed = line.text.get(start..)?;
    let typed = &typed[..typed.find(|c| !is_name(c)).unwrap_or(typed.len())];
    // `spring.kafka.producer.ackz`: the last part of it, or the last parts.
    let dots = typed.match_indices('.').map(|(at, _)| &typed[at + 1..]);
    let part = nearest(std::iter::once(typed).chain(dots), meant)?;
    let end = start + typed.len();
    let (before, after) = (&line.text[..end - part.len()], &line.text[end..]);
    Some(format!("{before}{meant}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::config::{Choice, State, account};

    #[test]
    fn a_mistyped_name_is_put_right_where_it_stands() {
        let put = |name: &str, text: &str| {
            let read = account(&[File::new(name, text)], &Choice::default());
            let unknown = read.pastes[0]
                .lines
                .iter()
                .find(|line| line.state == State::Unknown);
            unknown.and_then(put_right)
        };
        let right = [
            ("p.properties", "acks=1\n  retires : 3", "  retries : 3"),
            (
                "s.properties",
                "node.id=1\nlog.flush.interval.message=1",
                "log.flush.interval.messages=1",
            ),
            (
                "a.properties",
                "spring.kafka.producer.ackz=1",
                "spring.kafka.producer.acks=1",
            ),
            (
                "a.yml",
                "spring:\n  kafka:\n    producer:\n      properties:\n        \"[enable.idempotense]\": true",
                "        \"[enable.idempotence]\": true",
            ),
        ];
        for (name, text, line) in right {
            assert_eq!(put(name, text).as_deref(), Some(line));
        }
    }
}

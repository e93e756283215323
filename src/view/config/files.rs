//! Files and their lines.

use super::{ChipView, FileView, LineView, MOST_BYTES, Refusal};
use crate::lab::config::{Account, File, Kind, Line, State, put_right};
use crate::lab::text::Text;

/// A file, unless it is too large or none that people read.
pub fn read(name: &str, bytes: &[u8]) -> Result<File, Refusal> {
    let named = match name {
        "" => Text::fixed("What was pasted", "粘贴的内容"),
        name => Text::same(name.to_string()),
    };
    let refused = |en: String, zh: String| Err(Refusal(Text::new(en, zh)));
    if bytes.len() > MOST_BYTES {
        return Err(Refusal(too_large(&named, bytes.len())));
    }
    let is_wide = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    if !is_wide && bytes.contains(&0) {
        return refused(
            format!("{} is not a text: it has bytes that no text has.", named.en),
            format!("{}不是文本文件：其中有二进制字节。", named.zh),
        );
    }
    let file = File::of_bytes(name, bytes);
    if file.text.trim().is_empty() {
        return refused(
            format!("{} is empty.", named.en),
            format!("{}是空的。", named.zh),
        );
    }
    Ok(file)
}

/// What is said of a file that is none of configuration.
pub fn too_large(named: &Text, size_bytes: usize) -> Text {
    let (size, most) = (size_bytes / 1024, MOST_BYTES / 1024);
    Text::new(
        format!("{} has {size} KB. Up to {most} KB are read.", named.en),
        format!("{} 有 {size} KB，最多读取 {most} KB。", named.zh),
    )
}

/// What is said of one file too many.
pub fn too_many(most: usize) -> Text {
    Text::new(
        format!("There are {most} files already. Remove one first."),
        format!("已有 {most} 个文件，请先移除一个。"),
    )
}

/// What a paste of this kind is called.
pub fn usual_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Unknown => "pasted.txt",
        kind => kind.name(),
    }
}

/// `text` with another line of this number, which counts from 1.
pub fn with_line(text: &str, number: usize, line: &str) -> String {
    let mut made = String::with_capacity(text.len() + line.len());
    for (place, part) in text.split_inclusive('\n').enumerate() {
        if place + 1 == number {
            let bare = part.trim_end_matches(['\n', '\r']);
            made.push_str(line);
            made.push_str(&part[bare.len()..]);
        } else {
            made.push_str(part);
        }
    }
    made
}

/// Every file with its account.
pub fn files(account: &Account) -> Vec<FileView> {
    let file = |paste: &crate::lab::config::Paste| FileView {
        name: paste.name.clone(),
        kind: match paste.kind {
            Kind::Unknown => paste.why.clone(),
            kind if paste.name.starts_with(kind.name()) => paste.why.clone(),
            kind => Text::new(
                format!("{}. {}", kind.name(), paste.why.en),
                format!("{}。{}", kind.name(), paste.why.zh),
            ),
        },
        lines: paste.lines.iter().map(line).collect(),
    };
    account.pastes.iter().map(file).collect()
}

fn line(line: &Line) -> LineView {
    LineView {
        number: line.number,
        text: line.text.clone(),
        state: line.state,
        reason: line.reason.clone(),
        meant: line.meant.clone().filter(|_| put_right(line).is_some()),
    }
}

/// How many lines there are, and how many of each state.
pub fn chips(account: &Account) -> Vec<ChipView> {
    let counts = account.counts();
    let all: usize = counts.iter().sum();
    let chip = |state: Option<State>, count: usize, en: &str, zh: &str| ChipView {
        state,
        text: Text::new(format!("{count} {en}"), format!("{count} {zh}")),
    };
    let word = |state: State| match state {
        State::Used => ("used as they are", "行照用"),
        State::Risk => ("dangerous", "行危险"),
        State::Quiet => ("no effect", "行无影响"),
        State::Unknown => ("unknown", "行不认识"),
        State::Refused => ("refused", "行被拒绝"),
        State::Blank => ("", ""),
    };
    let lines = if all == 1 { "line" } else { "lines" };
    let mut chips = vec![chip(None, all, lines, "行")];
    for (state, count) in State::ALL.into_iter().zip(counts) {
        if count > 0 {
            let (en, zh) = word(state);
            chips.push(chip(Some(state), count, en, zh));
        }
    }
    chips
}

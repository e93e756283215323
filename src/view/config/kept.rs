//! What was pasted, as the browser keeps it: one part for each file, of which a damaged one loses only itself.

use crate::lab::config::{Choice, File};
use crate::lab::share::{escape, unescape};
use crate::lab::text::Text;

/// The first part: what the rest is.
const VERSION: &str = "config=1";

/// One line for each file and choice.
pub fn write(files: &[File], choice: &Choice) -> String {
    if files.is_empty() {
        return String::new();
    }
    let mut lines = vec![VERSION.to_string()];
    let mut chose = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            lines.push(format!("{name}={}", escape(&value)));
        }
    };
    chose("topic", choice.topic.clone());
    chose("profile", choice.profile.clone());
    let number = |value: Option<u8>| value.map(|value| value.to_string());
    chose("brokers", number(choice.brokers));
    chose("racks", number(choice.racks));
    chose("copies", number(choice.copies));
    chose("controllers", number(choice.controllers));
    for file in files {
        let mark = if file.has_bom { "bom" } else { "" };
        lines.push(format!(
            "file={}&{mark}&{}&{}",
            escape(&file.name),
            file.text.len(),
            escape(&file.text)
        ));
    }
    lines.join("\n")
}

/// Files, choice, and how many lines could not be read.
pub fn read(text: &str) -> (Vec<File>, Choice, usize) {
    let (mut files, mut choice, mut damaged) = (Vec::new(), Choice::default(), 0);
    let mut lines = text.lines();
    match lines.next() {
        None => return (files, choice, 0),
        Some(VERSION) => {}
        Some(_) => return (files, choice, 1),
    }
    for line in lines {
        let taken = match line.split_once('=') {
            Some(("file", rest)) => file(rest).map(|file| files.push(file)),
            Some((name, value)) => chosen(&mut choice, name, value),
            None => None,
        };
        damaged += usize::from(taken.is_none());
    }
    (files, choice, damaged)
}

fn file(rest: &str) -> Option<File> {
    let mut parts = rest.splitn(4, '&');
    let name = unescape(parts.next()?);
    let has_bom = match parts.next()? {
        "bom" => true,
        "" => false,
        _ => return None,
    };
    let length: usize = parts.next()?.parse().ok()?;
    let text = unescape(parts.next()?);
    // Cut short or changed.
    (text.len() == length && length <= super::MOST_BYTES).then_some(File {
        name,
        text,
        has_bom,
    })
}

fn chosen(choice: &mut Choice, name: &str, value: &str) -> Option<()> {
    let value = unescape(value);
    let number = || value.parse::<u8>().ok();
    match name {
        "topic" => choice.topic = Some(value),
        "profile" => choice.profile = Some(value),
        "brokers" => choice.brokers = Some(number()?),
        "racks" => choice.racks = Some(number()?),
        "copies" => choice.copies = Some(number()?),
        "controllers" => choice.controllers = Some(number()?),
        _ => return None,
    }
    Some(())
}

/// What is said of damage.
pub fn told(damaged: usize) -> Text {
    Text::new(
        format!(
            "{damaged} parts of what this browser kept of your configuration could not be read. The rest is here."
        ),
        format!("本浏览器保存的配置中有 {damaged} 处无法读取，其余都在。"),
    )
}

//! The change as a diff in the reader's own files; where there is no file to change, the command that does it.

use super::account::Account;
use super::apply::{Deed, Edit, deeds, edited};
use super::change::Turn;
use super::kind::Kind;
use super::source::{File, lines};

/// So many lines around a change are part of a patch.
const AROUND: usize = 3;

/// What is to be changed in one file, or of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    /// The file, `topic orders`, or a file that is to be written.
    pub place: String,
    /// Lines that go.
    pub gone: Vec<String>,
    /// Lines that come.
    pub come: Vec<String>,
    /// All of them as they are shown: `-`, `+`, and with a space what stands before a nested one.
    pub lines: Vec<(char, String)>,
    /// The command that does it, where no file does.
    pub command: Option<String>,
}

/// `turns` as changes of `files`.
pub fn diff(files: &[File], account: &Account, turns: &[Turn]) -> Vec<Hunk> {
    let all = deeds(files, account, turns);
    let mut hunks: Vec<Hunk> = Vec::new();
    for (place, file) in files.iter().enumerate() {
        let edits = edits(&all, place);
        if edits.is_empty() {
            continue;
        }
        let mut hunk = Hunk {
            place: file.name.clone(),
            ..Hunk::default()
        };
        let is_nested = account.pastes[place].kind == Kind::SpringYaml; // one for each file
        for block in blocks(file, &edits) {
            if is_nested && block.old.is_empty() && block.at > 0 {
                let before = &file.text[lines(&file.text)[block.at - 1].clone()];
                hunk.lines.push((' ', before.to_string()));
            }
            hunk.take(block.old, block.new);
        }
        hunks.push(hunk);
    }
    for deed in all {
        if let Deed::Command {
            place,
            gone,
            come,
            command,
            ..
        } = deed
        {
            let hunk = Hunk {
                place,
                command,
                ..Hunk::default()
            };
            add(&mut hunks, hunk, gone.into_iter().collect(), vec![come]);
        }
    }
    hunks
}

/// New files that get several lines are one hunk.
fn add(hunks: &mut Vec<Hunk>, hunk: Hunk, gone: Vec<String>, come: Vec<String>) {
    let known = hunks.iter_mut();
    let mut same = known.filter(|known| known.place == hunk.place && known.command.is_none());
    match same.next().filter(|_| hunk.command.is_none()) {
        Some(known) => known.take(gone, come),
        None => {
            let mut hunk = hunk;
            hunk.take(gone, come);
            hunks.push(hunk);
        }
    }
}

impl Hunk {
    fn take(&mut self, gone: Vec<String>, come: Vec<String>) {
        let signed = |sign: char| move |line: &String| (sign, line.clone());
        self.lines.extend(gone.iter().map(signed('-')));
        self.lines.extend(come.iter().map(signed('+')));
        self.gone.extend(gone);
        self.come.extend(come);
    }
}

fn edits(deeds: &[Deed], place: usize) -> Vec<Edit> {
    let of_file = |deed: &Deed| match deed {
        Deed::File(edit) if edit.file == place => Some(edit.clone()),
        _ => None,
    };
    let mut edits: Vec<Edit> = deeds.iter().filter_map(of_file).collect();
    edits.sort_by_key(|edit| edit.at.start);
    edits
}

/// Whole lines that become others.
struct Block {
    /// The first of them, from 0.
    at: usize,
    old: Vec<String>,
    new: Vec<String>,
}

fn blocks(file: &File, edits: &[Edit]) -> Vec<Block> {
    let text = &file.text;
    let all = lines(text);
    let start_of = |line: usize| all.get(line).map_or(text.len(), |line| line.start);
    let mut blocks = Vec::new();
    let mut rest = edits;
    while let Some(first) = rest.first() {
        let at = all.partition_point(|line| line.start <= first.at.start);
        let is_at_end = first.at.start == text.len() && !text.is_empty();
        let is_between =
            first.at.is_empty() && (is_at_end || start_of(at.max(1) - 1) == first.at.start);
        let from = match is_between {
            true if is_at_end => all.len(),
            _ => at.saturating_sub(1),
        };
        let upto = |edit: &Edit| {
            all.partition_point(|line| line.start < edit.at.end)
                .max(from)
        };
        let mut to = if is_between { from } else { upto(first) };
        let mut count = 1;
        while let Some(next) = rest.get(count)
            && next.at.start < start_of(to).max(first.at.start + 1)
        {
            to = to.max(upto(next));
            count += 1;
        }
        let bytes = start_of(from)..start_of(to);
        let moved = rest[..count].iter().map(|edit| Edit {
            at: edit.at.start.saturating_sub(bytes.start)..edit.at.end.saturating_sub(bytes.start),
            ..edit.clone()
        });
        let moved: Vec<Edit> = moved.collect();
        let new = edited(&text[bytes.clone()], moved.iter());
        let shown = |text: &str| text.lines().map(str::to_string).collect::<Vec<_>>();
        blocks.push(Block {
            at: from,
            old: shown(&text[bytes]),
            new: shown(new.trim_start_matches(['\r', '\n'])),
        });
        rest = &rest[count..];
    }
    blocks
}

/// The same as a text that `patch` takes; commands stand before it as comments.
pub fn patch(files: &[File], account: &Account, turns: &[Turn]) -> String {
    let all = deeds(files, account, turns);
    let mut made = String::new();
    for deed in &all {
        if let Deed::Command {
            place,
            come,
            command,
            ..
        } = deed
        {
            let what = command.as_ref().unwrap_or(come);
            made += &format!("# {place}: {come}\n{what}\n");
        }
    }
    for (place, file) in files.iter().enumerate() {
        let edits = edits(&all, place);
        if !edits.is_empty() {
            made += &format!("--- {0}\n+++ {0}\n", file.name);
            made += &unified(file, &blocks(file, &edits));
        }
    }
    made
}

fn unified(file: &File, blocks: &[Block]) -> String {
    let all: Vec<&str> = lines(&file.text)
        .into_iter()
        .map(|at| &file.text[at])
        .collect();
    let (mut made, mut grown, mut rest) = (String::new(), 0_i64, blocks);
    while let Some(first) = rest.first() {
        let mut count = 1;
        let end = |block: &Block| block.at + block.old.len();
        while rest
            .get(count)
            .is_some_and(|next| next.at <= end(&rest[count - 1]) + 2 * AROUND)
        {
            count += 1;
        }
        let from = first.at.saturating_sub(AROUND);
        let to = (end(&rest[count - 1]) + AROUND).min(all.len());
        let (mut body, mut line, mut change) = (String::new(), from, 0_i64);
        for block in &rest[..count] {
            all[line..block.at]
                .iter()
                .for_each(|line| body += &format!(" {line}\n"));
            block
                .old
                .iter()
                .for_each(|line| body += &format!("-{line}\n"));
            block
                .new
                .iter()
                .for_each(|line| body += &format!("+{line}\n"));
            line = end(block);
            change += block.new.len() as i64 - block.old.len() as i64;
        }
        all[line..to]
            .iter()
            .for_each(|line| body += &format!(" {line}\n"));
        let (old, new) = ((to - from) as i64, (to - from) as i64 + change);
        let at = from as i64 + 1;
        made += &format!("@@ -{at},{old} +{},{new} @@\n{body}", at + grown);
        grown += change;
        rest = &rest[count..];
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::config::Owner;
    use crate::lab::config::apply::FOREVER;
    use crate::lab::config::{Choice, account, applied};

    fn turns(all: &[(Owner, &'static str, &'static str)]) -> Vec<Turn> {
        let turn = |(owner, name, value): &(Owner, &'static str, &'static str)| Turn {
            owner: *owner,
            name,
            value,
        };
        all.iter().map(turn).collect()
    }

    /// The text of one file with the turns in it, which must say what was turned.
    fn with(name: &str, text: &str, all: &[(Owner, &'static str, &'static str)]) -> String {
        let files = [File::new(name, text)];
        let before = account(&files, &Choice::default());
        let made = applied(&files, &before, &turns(all));
        let after = account(&made.files, &Choice::default());
        for (owner, name, value) in all.iter().filter(|(.., value)| *value != FOREVER) {
            assert_eq!(
                after.overrides.get(*owner, name),
                Some(*value),
                "{}",
                made.files[0].text
            );
        }
        made.files[0].text.clone()
    }

    #[test]
    fn yaml_gets_what_is_missing_of_a_path() {
        let safe = [
            (Owner::Producer, "acks", "all"),
            (Owner::Producer, "enable.idempotence", "true"),
        ];
        let text = "server:\n  port: 80\nspring:\n  kafka:\n    bootstrap-servers: k:9092\n    consumer:\n      group-id: a\n";
        let made = with("application.yml", text, &safe[1..]);
        assert!(
            made.contains("  kafka:\n    producer:\n      properties:\n        \"[enable.idempotence]\": true\n    bootstrap"),
            "{made}"
        );
        let text =
            "spring.kafka:\n  producer:\n    retries: 1\n    properties:\n      linger.ms: 5\n";
        let made = with("application.yml", text, &safe);
        assert!(made.contains("    acks: all\n"), "{made}");
        assert!(
            made.contains("      enable.idempotence: true\n      linger.ms: 5"),
            "{made}"
        );
        let text =
            "app: shop\n---\nspring:\n    kafka:\n        producer:\n            acks: '1'\n";
        let made = with("application.yml", text, &safe);
        assert!(
            made.contains(
                "            properties:\n              \"[enable.idempotence]\": true\n"
            ),
            "{made}"
        );
        assert!(made.contains("            acks: 'all'"), "{made}");
    }

    #[test]
    fn a_patch_has_the_lines_around_and_counts_them() {
        let text = "a=1\nb=1\nc=1\nacks=1\nd=1\nretries=3\ne=1";
        let files = [File::new("p.properties", text)];
        let read = account(&files, &Choice::default());
        let all = [
            (Owner::Producer, "acks", "all"),
            (Owner::Producer, "retries", FOREVER),
            (Owner::Producer, "enable.idempotence", "true"),
        ];
        let made = patch(&files, &read, &turns(&all));
        let told: Vec<&str> = made.lines().skip(2).collect();
        assert_eq!(
            told,
            [
                "@@ -1,7 +1,7 @@",
                " a=1",
                " b=1",
                " c=1",
                "-acks=1",
                "+acks=all",
                " d=1",
                "-retries=3",
                "+enable.idempotence=true",
                " e=1"
            ]
        );
    }

    fn changed(name: &str, text: &str, turns: &[(Owner, &'static str, &'static str)]) -> Vec<Hunk> {
        let files = [File::new(name, text)];
        let account = account(&files, &Choice::default());
        let turns: Vec<Turn> = turns
            .iter()
            .map(|(owner, name, value)| Turn {
                owner: *owner,
                name,
                value,
            })
            .collect();
        diff(&files, &account, &turns)
    }

    #[test]
    fn a_line_keeps_its_own_style_and_a_new_one_takes_the_file_s() {
        let turns = [
            (Owner::Producer, "acks", "all"),
            (Owner::Producer, "enable.idempotence", "true"),
            (Owner::Producer, "retries", FOREVER),
        ];
        let hunks = changed(
            "p.properties",
            "linger.ms = 5\r\n  acks = 1\r\nretries = 3\r\n",
            &turns,
        );
        assert_eq!(hunks.len(), 1);
        assert_eq!(hunks[0].gone, ["  acks = 1", "retries = 3"]);
        assert_eq!(hunks[0].come, ["  acks = all", "enable.idempotence = true"]);
    }

    #[test]
    fn yaml_keeps_its_quotes_and_its_indentation() {
        let text =
            "spring:\n  kafka:\n    producer:\n      acks: \"1\" # fast\n      batch-size: 16KB\n";
        let turns = [
            (Owner::Producer, "acks", "all"),
            (Owner::Producer, "enable.idempotence", "true"),
        ];
        let hunks = changed("application.yml", text, &turns);
        assert_eq!(hunks[0].gone, ["      acks: \"1\" # fast"]);
        assert_eq!(hunks[0].come[2], "      acks: \"all\" # fast");
        assert_eq!(hunks[0].come[0], "      properties:");
        assert_eq!(hunks[0].come[1], "        \"[enable.idempotence]\": true");
    }

    #[test]
    fn what_no_file_says_is_a_command() {
        let text = "Topic: orders\tTopicId: x\tPartitionCount: 1\tReplicationFactor: 3\tConfigs: min.insync.replicas=1\n";
        let hunks = changed("d", text, &[(Owner::Topic, "min.insync.replicas", "2")]);
        assert_eq!(hunks[0].place, "topic orders");
        assert_eq!(
            (hunks[0].gone.as_slice(), hunks[0].come.as_slice()),
            (
                ["min.insync.replicas=1".to_string()].as_slice(),
                ["min.insync.replicas=2".to_string()].as_slice()
            )
        );
        assert!(
            hunks[0]
                .command
                .as_deref()
                .is_some_and(|command| command.contains("--entity-name orders"))
        );
    }
}

//! Turns as edits of the reader's own files: their lines, their separators, their indentation. What no file holds is a command,
//! and a file of its own where the check is to go on with it.

use std::ops::Range;

use super::account::{Account, Setting};
use super::change::{COPIES, Turn};
use super::kind::Kind;
use super::lines_of::{at_the_end, separator};
use super::nest::place_in_yaml;
use super::properties::escaped;
use super::source::{File, lines};
use crate::kafka::config::Owner;

/// Kafka's own default: such a line can go.
pub(super) const FOREVER: &str = "2147483647";
/// A feature of the cluster, not a line of a file.
const ELR: &str = "eligible.leader.replicas.version";

/// A piece of a file that gets another text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Which file, from 0.
    pub file: usize,
    /// Where, in bytes of its text.
    pub at: Range<usize>,
    /// What stands there then.
    pub with: String,
}

/// What one turn does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A file is edited.
    File(Edit),
    /// A command is run.
    Command {
        /// What it changes: `topic orders`, `brokers`.
        place: String,
        /// How it was, if that is known.
        gone: Option<String>,
        /// How it is then.
        come: String,
        /// The command.
        command: Option<String>,
        /// How the check goes on with it.
        then: Then,
    },
}

/// How the check goes on with what a command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// What the tool printed says it.
    Printed(Edit),
    /// A file of that name has the line.
    File(String),
    /// The topic has so many copies.
    Copies(u8),
    /// Nothing that was pasted can say it.
    Nothing,
}

/// Files with a change in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The files, with new ones at the end.
    pub files: Vec<File>,
    /// Copies of the topic, where no file says so.
    pub copies: Option<u8>,
}

/// `files` with `turns` in them.
pub fn applied(files: &[File], account: &Account, turns: &[Turn]) -> Applied {
    let mut made = Applied {
        files: files.to_vec(),
        copies: None,
    };
    let mut edits: Vec<Edit> = Vec::new();
    for deed in deeds(files, account, turns) {
        match deed {
            Deed::File(edit) => edits.push(edit),
            Deed::Command { come, then, .. } => match then {
                Then::Printed(edit) => edits.push(edit),
                Then::Copies(copies) => made.copies = Some(copies),
                Then::File(name) => made.write(&name, &come),
                Then::Nothing => {}
            },
        }
    }
    for (place, file) in made.files.iter_mut().enumerate().take(files.len()) {
        let of_it = edits.iter().filter(|edit| edit.file == place);
        file.text = edited(&file.text, of_it);
    }
    made
}

impl Applied {
    fn write(&mut self, name: &str, line: &str) {
        match self.files.iter_mut().find(|file| file.name == name) {
            Some(file) => {
                if !file.text.is_empty() && !file.text.ends_with('\n') {
                    file.text.push('\n');
                }
                file.text += &format!("{line}\n");
            }
            None => self.files.push(File::new(name, &format!("{line}\n"))),
        }
    }
}

/// `text` with `edits` in it; of two in one place the first comes first.
pub fn edited<'a>(text: &str, edits: impl Iterator<Item = &'a Edit>) -> String {
    let mut edits: Vec<&Edit> = edits.collect();
    edits.sort_by_key(|edit| edit.at.start);
    let (mut made, mut from) = (String::new(), 0);
    for edit in edits {
        made.push_str(text.get(from..edit.at.start).unwrap_or(""));
        made.push_str(&edit.with);
        from = from.max(edit.at.end);
    }
    made + text.get(from..).unwrap_or("")
}

/// What each of `turns` does, but for those of the application's own code.
pub fn deeds(files: &[File], account: &Account, turns: &[Turn]) -> Vec<Deed> {
    let of_kafka = turns.iter().filter(|turn| turn.owner != Owner::Application);
    let mut turns: Vec<&Turn> = of_kafka.collect();
    turns.sort_by_key(|turn| turn.owner); // what is nested in one parent stays together
    let mut deeds: Vec<Deed> = Vec::new();
    for turn in turns {
        let mut deed = deed(files, account, turn);
        if let Deed::File(edit) = &mut deed {
            without_parents(edit, &deeds);
        }
        deeds.push(deed);
    }
    deeds
}

/// Parents that another edit in the same place brings are not brought again.
fn without_parents(edit: &mut Edit, others: &[Deed]) {
    let same = |other: &&Edit| other.file == edit.file && other.at == edit.at && edit.at.is_empty();
    let others = others.iter().filter_map(|deed| match deed {
        Deed::File(other) => Some(other).filter(same),
        Deed::Command { .. } => None,
    });
    let brought: Vec<&str> = others.flat_map(|other| other.with.lines()).collect();
    let is_there =
        |line: &&str| line.trim_end().ends_with(':') && brought.contains(&line.trim_end());
    let parents: usize = edit
        .with
        .split_inclusive('\n')
        .take_while(is_there)
        .map(str::len)
        .sum();
    edit.with.drain(..parents);
}

fn deed(files: &[File], account: &Account, turn: &Turn) -> Deed {
    if turn.name == ELR {
        return feature(turn);
    }
    let topic = account.topic.as_ref();
    let is_described = account
        .facts
        .described
        .iter()
        .any(|it| Some(&it.name) == topic);
    if turn.name == COPIES && (is_described || account.choice.copies.is_some()) {
        return more_copies(account, turn.value);
    }
    let name = match turn.name {
        COPIES => "default.replication.factor",
        name => name,
    };
    let of_it = |setting: &&Setting| setting.owner == turn.owner && setting.name == name;
    let is_file = |setting: &&Setting| {
        let paste = account.pastes.get(setting.file);
        paste.is_some_and(|paste| !is_printed(paste.kind))
    };
    let mut settings = account.settings.iter().rev().filter(of_it);
    if let Some(setting) = settings.clone().find(is_file) {
        return Deed::File(replaced(files, setting, turn.value));
    }
    match settings.next() {
        Some(setting) => commanded(account, turn.owner, name, Some(setting), turn.value),
        None => added(files, account, turn.owner, name, turn.value),
    }
}

fn is_printed(kind: Kind) -> bool {
    matches!(kind, Kind::Topics | Kind::Configs)
}

/// The value alone, or the whole line where Kafka's default is as good.
fn replaced(files: &[File], setting: &Setting, value: &str) -> Edit {
    let text = &files[setting.file].text; // settings come from files
    let all = lines(text);
    if value == FOREVER {
        let end = all.get(setting.last).map_or(text.len(), |next| next.start);
        let at = all[setting.line - 1].start..end; // numbered from 1
        return Edit {
            file: setting.file,
            at,
            with: String::new(),
        };
    }
    let old = text.get(setting.at.clone()).unwrap_or("");
    let quote = old.chars().next().filter(|c| matches!(c, '"' | '\''));
    Edit {
        file: setting.file,
        at: setting.at.clone(),
        with: match quote {
            Some(quote) => format!("{quote}{value}{quote}"),
            None => escaped(value),
        },
    }
}

fn topic_of(account: &Account) -> String {
    account.topic.clone().unwrap_or_else(|| "TOPIC".into())
}

fn commanded(
    account: &Account,
    owner: Owner,
    name: &str,
    printed: Option<&Setting>,
    value: &str,
) -> Deed {
    let topic = topic_of(account);
    let (place, entity) = match owner {
        Owner::Topic => (
            format!("topic {topic}"),
            format!("--entity-type topics --entity-name {topic}"),
        ),
        _ => (
            "brokers".to_string(),
            "--entity-type brokers --entity-default".to_string(),
        ),
    };
    let then = match (printed, owner) {
        (Some(setting), _) => Then::Printed(Edit {
            file: setting.file,
            at: setting.at.clone(),
            with: value.into(),
        }),
        (None, Owner::Topic) => Then::File(place.clone()),
        (None, _) => Then::Nothing,
    };
    Deed::Command {
        place,
        gone: printed.map(|setting| format!("{name}={}", setting.value)),
        come: format!("{name}={value}"),
        command: Some(format!(
            "kafka-configs --bootstrap-server HOST:9092 --alter {entity} --add-config {name}={value}"
        )),
        then,
    }
}

/// `kafka-features` turns it on for the whole cluster.
fn feature(turn: &Turn) -> Deed {
    Deed::Command {
        place: "cluster".into(),
        gone: None,
        come: format!("{}={}", turn.name, turn.value),
        command: Some(format!(
            "kafka-features --bootstrap-server HOST:9092 upgrade --feature {}={}",
            turn.name, turn.value
        )),
        then: Then::Nothing,
    }
}

fn more_copies(account: &Account, value: &str) -> Deed {
    let topic = topic_of(account);
    let described = &account.facts.described;
    let now = described.iter().find(|described| described.name == topic);
    let now = now.and_then(|described| described.replication_factor);
    let now = account.choice.copies.or(now);
    Deed::Command {
        place: format!("topic {topic}"),
        gone: now.map(|now| format!("ReplicationFactor: {now}")),
        come: format!("ReplicationFactor: {value}"),
        command: Some("kafka-reassign-partitions --bootstrap-server HOST:9092 --execute --reassignment-json-file more-copies.json".into()),
        then: value.parse().map_or(Then::Nothing, Then::Copies),
    }
}

/// A new line, in the file that it belongs to and as that file writes.
fn added(files: &[File], account: &Account, owner: Owner, name: &str, value: &str) -> Deed {
    let spring = |kind: Kind| matches!(kind, Kind::SpringYaml | Kind::SpringProperties);
    let fits = |kind: Kind| match owner {
        Owner::Producer => matches!(kind, Kind::Producer | Kind::Clients) || spring(kind),
        Owner::Consumer => matches!(kind, Kind::Consumer | Kind::Clients) || spring(kind),
        Owner::Broker => kind == Kind::Server,
        Owner::Topic => kind == Kind::Topic,
        _ => false,
    };
    let Some(place) = account.pastes.iter().position(|paste| fits(paste.kind)) else {
        return match owner {
            Owner::Topic | Owner::Broker => commanded(account, owner, name, None, value),
            _ => in_a_new_file(owner, name, value),
        };
    };
    let file = &files[place]; // one paste for each file
    let role = role_of(owner);
    Deed::File(match account.pastes[place].kind {
        Kind::SpringYaml => place_in_yaml(file, place, account, role, name, value),
        Kind::SpringProperties => {
            let key = match plain_in_spring(name) {
                Some(key) => format!("spring.kafka.{role}.{key}"),
                None => format!("spring.kafka.{role}.properties.{name}"),
            };
            at_the_end(file, place, account, owner, &format!("{key}={value}"))
        }
        _ => {
            let parts = separator(file, account, place);
            at_the_end(
                file,
                place,
                account,
                owner,
                &format!("{name}{parts}{value}"),
            )
        }
    })
}

fn role_of(owner: Owner) -> &'static str {
    match owner {
        Owner::Producer => "producer",
        _ => "consumer",
    }
}

/// What Spring Boot has a key of its own for.
pub fn plain_in_spring(name: &str) -> Option<&'static str> {
    let keys = [
        ("acks", "acks"),
        ("retries", "retries"),
        ("enable.auto.commit", "enable-auto-commit"),
        ("auto.offset.reset", "auto-offset-reset"),
    ];
    keys.into_iter()
        .find(|(kafka, _)| *kafka == name)
        .map(|(_, key)| key)
}

fn in_a_new_file(owner: Owner, name: &str, value: &str) -> Deed {
    let place = format!("{}.properties", role_of(owner));
    Deed::Command {
        gone: None,
        come: format!("{name}={value}"),
        command: None,
        then: Then::File(place.clone()),
        place,
    }
}

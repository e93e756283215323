//! The change as a diff in the reader's own files: their lines, their separators, their indentation; where there is no file to
//! change, the command that does it.

use super::account::{Account, Setting};
use super::change::{COPIES, Turn};
use super::kind::Kind;
use super::properties::escaped;
use super::source::{File, lines};
use crate::kafka::config::Owner;

/// What is to be changed in one file, or of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// The file, `topic orders`, or a file that is to be written.
    pub place: String,
    /// Lines that go.
    pub gone: Vec<String>,
    /// Lines that come.
    pub come: Vec<String>,
    /// The command that does it, where no file does.
    pub command: Option<String>,
}

/// Kafka's own default: such a line can go.
const FOREVER: &str = "2147483647";

/// `turns` as changes of `files`.
pub fn diff(files: &[File], account: &Account, turns: &[Turn]) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    for turn in turns.iter().filter(|turn| turn.owner != Owner::Application) {
        let hunk = change(files, account, turn);
        match hunks.iter_mut().find(|known| {
            known.place == hunk.place && known.command.is_none() && hunk.command.is_none()
        }) {
            Some(known) => {
                known.gone.extend(hunk.gone);
                known.come.extend(hunk.come);
            }
            None => hunks.push(hunk),
        }
    }
    hunks
}

fn change(files: &[File], account: &Account, turn: &Turn) -> Hunk {
    let name = match turn.name {
        COPIES => "default.replication.factor",
        name => name,
    };
    let of_it = |setting: &&Setting| setting.owner == turn.owner && setting.name == name;
    let is_file = |setting: &&Setting| {
        account
            .pastes
            .get(setting.file)
            .is_some_and(|paste| !is_printed(paste.kind))
    };
    let described = account
        .facts
        .described
        .iter()
        .any(|topic| Some(&topic.name) == account.topic.as_ref());
    if turn.name == COPIES && described {
        return more_copies(account, turn.value);
    }
    let written = account.settings.iter().rev().filter(of_it).find(is_file);
    if let Some(setting) = written {
        return replaced(files, setting, turn.value);
    }
    if let Some(setting) = account.settings.iter().rev().find(of_it) {
        return commanded(
            account,
            setting.owner,
            name,
            Some(&setting.value),
            turn.value,
        );
    }
    added(files, account, turn.owner, name, turn.value)
}

fn is_printed(kind: Kind) -> bool {
    matches!(kind, Kind::Topics | Kind::Configs)
}

fn replaced(files: &[File], setting: &Setting, value: &str) -> Hunk {
    let file = &files[setting.file]; // settings come from files
    let all = lines(&file.text);
    let shown = |text: &str| text.lines().map(str::to_string).collect::<Vec<_>>();
    let (first, last) = (setting.line - 1, setting.last.min(all.len()) - 1);
    let (from, to) = (all[first].start, all[last].end);
    let before = &file.text[from..to];
    let at = setting.at.start.max(from)..setting.at.end.min(to).max(setting.at.start);
    let old = file.text.get(at.clone()).unwrap_or("");
    let quote = old.chars().next().filter(|c| matches!(c, '"' | '\''));
    let written = match quote {
        Some(quote) => format!("{quote}{value}{quote}"),
        None => escaped(value),
    };
    let after = format!(
        "{}{written}{}",
        &file.text[from..at.start],
        &file.text[at.end..to]
    );
    Hunk {
        place: file.name.clone(),
        gone: shown(before),
        come: if value == FOREVER {
            Vec::new()
        } else {
            shown(&after)
        },
        command: None,
    }
}

fn topic_of(account: &Account) -> String {
    account.topic.clone().unwrap_or_else(|| "TOPIC".into())
}

fn commanded(account: &Account, owner: Owner, name: &str, old: Option<&str>, value: &str) -> Hunk {
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
    Hunk {
        place,
        gone: old.map(|old| format!("{name}={old}")).into_iter().collect(),
        come: vec![format!("{name}={value}")],
        command: Some(format!(
            "kafka-configs --bootstrap-server HOST:9092 --alter {entity} --add-config {name}={value}"
        )),
    }
}

fn more_copies(account: &Account, value: &str) -> Hunk {
    let topic = topic_of(account);
    let now = account
        .facts
        .described
        .iter()
        .find(|described| described.name == topic);
    let now = now.and_then(|described| described.replication_factor);
    Hunk {
        place: format!("topic {topic}"),
        gone: now.map(|now| format!("ReplicationFactor: {now}")).into_iter().collect(),
        come: vec![format!("ReplicationFactor: {value}")],
        command: Some("kafka-reassign-partitions --bootstrap-server HOST:9092 --execute --reassignment-json-file more-copies.json".into()),
    }
}

/// A new line, in the file that it belongs to and as that file writes.
fn added(files: &[File], account: &Account, owner: Owner, name: &str, value: &str) -> Hunk {
    let fits = |kind: Kind| match owner {
        Owner::Producer => matches!(
            kind,
            Kind::Producer | Kind::Clients | Kind::SpringYaml | Kind::SpringProperties
        ),
        Owner::Consumer => matches!(
            kind,
            Kind::Consumer | Kind::Clients | Kind::SpringYaml | Kind::SpringProperties
        ),
        Owner::Broker => kind == Kind::Server,
        Owner::Topic => kind == Kind::Topic,
        _ => false,
    };
    let Some(place) = account.pastes.iter().position(|paste| fits(paste.kind)) else {
        return match owner {
            Owner::Topic | Owner::Broker => commanded(account, owner, name, None, value),
            _ => Hunk {
                place: if owner == Owner::Producer {
                    "producer.properties"
                } else {
                    "consumer.properties"
                }
                .into(),
                gone: Vec::new(),
                come: vec![format!("{name}={value}")],
                command: None,
            },
        };
    };
    let paste = &account.pastes[place]; // found above
    let role = if owner == Owner::Producer {
        "producer"
    } else {
        "consumer"
    };
    let come = match paste.kind {
        Kind::SpringProperties => vec![format!("spring.kafka.{role}.properties.{name}={value}")],
        Kind::SpringYaml => in_yaml(&files[place], account, place, role, name, value),
        _ => vec![format!(
            "{name}{}{value}",
            separator(&files[place], account, place)
        )],
    };
    Hunk {
        place: paste.name.clone(),
        gone: Vec::new(),
        come,
        command: None,
    }
}

/// How the file parts keys from values.
fn separator(file: &File, account: &Account, place: usize) -> String {
    let first = account
        .settings
        .iter()
        .find(|setting| setting.file == place);
    let shown = first.and_then(|setting| {
        let before = file.text.get(..setting.at.start)?;
        let from = before.rfind(|c: char| !matches!(c, ' ' | '\t' | '=' | ':'))?;
        before.get(from..)?.get(1..)
    });
    let shown = shown.filter(|shown| !shown.is_empty() && !shown.contains('\n'));
    shown.unwrap_or("=").to_string()
}

/// Beside a sibling of the same client where there is one, else the whole path.
fn in_yaml(
    file: &File,
    account: &Account,
    place: usize,
    role: &str,
    name: &str,
    value: &str,
) -> Vec<String> {
    let parent = format!("spring.kafka.{role}.");
    let sibling = account.settings.iter().find(|setting| {
        let rest = setting.key.strip_prefix(&parent);
        setting.file == place && rest.is_some_and(|rest| !rest.contains(['.', '[']))
    });
    let indent = sibling.and_then(|setting| {
        let at = lines(&file.text).get(setting.line - 1)?.clone();
        let text = &file.text[at];
        Some(text.len() - text.trim_start().len())
    });
    let key = name.replace('.', "-").trim_end_matches("-ms").to_string();
    let plain =
        ["acks", "enable-auto-commit", "auto-offset-reset", "retries"].contains(&key.as_str());
    let steps = if indent.is_some() { 0 } else { 3 };
    let (mut made, indent) = match indent {
        Some(indent) => (Vec::new(), indent),
        None => (
            vec!["spring:".into(), "  kafka:".into(), format!("    {role}:")],
            steps * 2,
        ),
    };
    let pad = " ".repeat(indent);
    match plain {
        true => made.push(format!("{pad}{key}: {value}")),
        false => {
            made.push(format!("{pad}properties:"));
            made.push(format!("{pad}  \"[{name}]\": {value}"));
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::config::{Choice, account};

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
        assert_eq!(hunks[0].come[0], "      acks: \"all\" # fast");
        assert_eq!(hunks[0].come[1], "      properties:");
        assert_eq!(hunks[0].come[2], "        \"[enable.idempotence]\": true");
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

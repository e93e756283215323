//! Whose config each entry of a file is.

use super::account::{Account, Choice, State};
use super::judge::{self, Claim, judge};
use super::kind::Kind;
use super::names::{Names, Section};
use super::source::{Entry, File, Parsed};
use super::spring::{self, Means};
use crate::kafka::config::Owner;
use crate::lab::text::Text;

/// What becomes of each entry, in order.
pub fn claims(
    account: &Account,
    file: &File,
    kind: Kind,
    parsed: &Parsed,
    names: &Names,
    choice: &Choice,
) -> Vec<Claim> {
    let active = Active::of(parsed, choice);
    let entries = &parsed.entries;
    let mut all: Vec<Claim> = entries
        .iter()
        .map(|entry| match kind {
            Kind::SpringYaml | Kind::SpringProperties => active.of_spring(entry, names),
            Kind::Topics | Kind::Configs => of_printed(account, entry, names),
            _ => of_properties(entry, kind, names),
        })
        .collect();
    if file.has_bom
        && kind != Kind::SpringYaml
        && entries.first().is_some_and(|entry| entry.line == 1)
    {
        all[0] = Claim::of(
            State::Unknown,
            Text::fixed(
                "the file begins with a byte order mark, which Java reads as part of this key",
                "文件以 BOM 开头，Java 会把它读成这个 key 的一部分",
            ),
        );
    }
    only_the_last(entries, &mut all);
    all
}

/// Of what is set twice in one file, the last counts; of two names for one thing the stronger.
fn only_the_last(entries: &[Entry], claims: &mut [Claim]) {
    for place in 0..entries.len() {
        let strength = |place: usize| (judge::strength(&entries[place].key), place);
        let later = (0..entries.len()).rev().find(|later| {
            let same_owner =
                entries[*later].of == entries[place].of && strength(*later) > strength(place);
            let wins = |(owner, name, _): &(Owner, String, String)| {
                let mut sets = claims[*later].sets.iter();
                sets.any(|(other, it, _)| other == owner && it == name)
            };
            same_owner && !claims[place].sets.is_empty() && claims[place].sets.iter().all(wins)
        });
        if let Some(later) = later {
            let line = entries[later].line;
            let en = format!("no effect: line {line} sets it, too, and counts");
            let zh = format!("没有影响：第 {line} 行也设置了它，以那一行为准");
            claims[place] = Claim::of(State::Quiet, Text::new(en, zh));
        }
    }
}

fn of_properties(entry: &Entry, kind: Kind, names: &Names) -> Claim {
    let key = entry.key.as_str();
    // Kafka Connect and MirrorMaker prefix the configs of their clients.
    let prefixed = [
        ("producer.", Section::Producer),
        ("consumer.", Section::Consumer),
    ];
    for (prefix, section) in prefixed {
        if let Some(name) = key.strip_prefix(prefix) {
            let name = name.strip_prefix("override.").unwrap_or(name);
            return judge(names, section, name, &entry.value);
        }
    }
    let section = match kind {
        Kind::Server => Section::Broker,
        Kind::Consumer => Section::Consumer,
        Kind::Topic => Section::Topic,
        Kind::Clients => return of_clients(entry, names),
        _ => Section::Producer,
    };
    judge(names, section, key, &entry.value)
}

/// A config of whichever client has it.
fn of_clients(entry: &Entry, names: &Names) -> Claim {
    let has = |section| names.find(section, &entry.key).is_some();
    match (has(Section::Producer), has(Section::Consumer)) {
        (true, true) => both(names, &entry.key, &entry.value),
        (false, true) => judge(names, Section::Consumer, &entry.key, &entry.value),
        _ => judge(names, Section::Producer, &entry.key, &entry.value),
    }
}

/// What is set for producers and for consumers in one line.
fn both(names: &Names, name: &str, value: &str) -> Claim {
    let mut claim = judge(names, Section::Producer, name, value);
    let mut other = judge(names, Section::Consumer, name, value);
    if claim.state == State::Quiet
        || (claim.state == State::Unknown && other.state != State::Unknown)
    {
        std::mem::swap(&mut claim, &mut other);
    }
    claim.sets.append(&mut other.sets);
    claim
}

/// A line that a tool printed.
fn of_printed(account: &Account, entry: &Entry, names: &Names) -> Claim {
    let whose = entry.of.as_deref().unwrap_or("");
    let topic = whose.strip_prefix("topic ").unwrap_or(whose);
    if let Some(label) = entry.key.strip_suffix(':') {
        return of_label(account, label, topic);
    }
    if let Some(name) = entry
        .key
        .strip_prefix('(')
        .and_then(|key| key.strip_suffix(')'))
    {
        let section = if whose.starts_with("broker") {
            Section::Broker
        } else {
            Section::Topic
        };
        let known = names.find(section, name);
        let state = if known.is_some() {
            State::Used
        } else {
            State::Quiet
        };
        return Claim::of(state, Text::fixed("at Kafka's default", "Kafka 的默认值"));
    }
    if whose.starts_with("broker") {
        return judge(names, Section::Broker, &entry.key, &entry.value);
    }
    if account
        .topic
        .as_deref()
        .is_some_and(|judged| judged != topic)
        && !topic.is_empty()
    {
        return of_other_topic();
    }
    judge(names, Section::Topic, &entry.key, &entry.value)
}

fn of_label(account: &Account, label: &str, topic: &str) -> Claim {
    let judged = account
        .topic
        .as_deref()
        .is_none_or(|judged| judged == topic);
    match label {
        _ if !judged => of_other_topic(),
        "ReplicationFactor" | "PartitionCount" | "Replicas" | "Elr" => {
            Claim::of(State::Used, Text::default())
        }
        _ => Claim::of(State::Blank, Text::default()),
    }
}

fn of_other_topic() -> Claim {
    Claim::of(
        State::Quiet,
        Text::fixed(
            "another topic than the one that is judged",
            "不是所判断的 topic",
        ),
    )
}

/// Which documents of a Spring Boot file count.
struct Active {
    profiles: Vec<Option<String>>,
    active: Vec<String>,
}

impl Active {
    fn of(parsed: &Parsed, choice: &Choice) -> Active {
        let mut active: Vec<String> = choice.profile.clone().into_iter().collect();
        for entry in &parsed.entries {
            let key = entry
                .key
                .trim_end_matches(|c: char| c == '[' || c == ']' || c.is_ascii_digit());
            if choice.profile.is_none() && key == "spring.profiles.active" {
                let names = entry.value.split(',').map(|name| name.trim().to_string());
                active.extend(names);
            }
        }
        Active {
            profiles: spring::profiles(&parsed.entries),
            active,
        }
    }

    fn of_spring(&self, entry: &Entry, names: &Names) -> Claim {
        let profile = self.profiles.get(entry.document).cloned().flatten();
        let counts = |profile: &String| {
            let mut named = profile.split(',').map(str::trim);
            named.any(|name| self.active.iter().any(|active| active == name))
        };
        if let Some(profile) = profile.filter(|profile| !counts(profile))
            && !spring::is_of_profiles(&entry.key)
        {
            let en = format!("only with the profile {profile}, which is not active");
            let zh = format!("只在 profile {profile} 下生效，当前未启用");
            return Claim::of(State::Quiet, Text::new(en, zh));
        }
        // A config of Kafka's keeps its placeholder, so that its line can tell of it.
        let as_written = spring::means(&entry.key, &entry.value);
        let means = match (&as_written, judge::resolved(&entry.value)) {
            (Means::Foreign | Means::Quiet | Means::Unknown(_), _) => as_written,
            (Means::Config(_, _, value), _) if *value == entry.value => as_written,
            (_, Err(open)) => return open,
            (_, Ok(value)) => spring::means(&entry.key, &value),
        };
        match means {
            Means::Config(sections, name, value) if sections.len() == 2 => {
                both(names, &name, &value)
            }
            Means::Config(sections, name, value) => {
                let section = sections.first().copied().unwrap_or(Section::Producer);
                judge(names, section, &name, &value)
            }
            Means::Application(name, value, why) => {
                let mut claim = Claim::of(State::Used, why);
                claim.sets = vec![(Owner::Application, name.into(), value.into())];
                claim
            }
            Means::Quiet => Claim::of(State::Quiet, super::quiet::why(&entry.key)),
            Means::Unknown(near) => {
                let mut claim = Claim::of(
                    State::Unknown,
                    Text::fixed("unknown to Spring Boot", "Spring Boot 不认识"),
                );
                claim.meant = near;
                claim
            }
            Means::Refused(why) => Claim::of(State::Refused, Text::same(why)),
            Means::Foreign if spring::is_of_profiles(&entry.key) => Claim::of(
                State::Used,
                Text::fixed("which documents count", "决定哪些文档生效"),
            ),
            Means::Foreign => Claim::of(
                State::Quiet,
                Text::fixed("not about Kafka", "与 Kafka 无关"),
            ),
        }
    }
}

//! The account of every line: used, dangerous, without effect, unknown or refused, each with its reason.

use std::ops::Range;

use super::claims::claims;
use super::kind::{Kind, detect};
use super::names::{Names, Section};
use super::source::{Entry, File, Parsed, lines};
use super::topology::Facts;
use super::{judge, risk, spring};
use crate::kafka::config::{Overrides, Owner};
use crate::lab::text::Text;

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// A comment, an empty line, or one that only holds others together.
    Blank,
    /// Known, without effect on what is kept or lost.
    Quiet,
    /// Used as it is.
    Used,
    /// Used, and dangerous.
    Risk,
    /// Kafka does not know it.
    Unknown,
    /// Kafka throws; judged as if the line was not there.
    Refused,
}

impl State {
    /// All of them but blank ones, as they are counted.
    pub const ALL: [State; 5] = [
        State::Used,
        State::Risk,
        State::Quiet,
        State::Unknown,
        State::Refused,
    ];

    /// A word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            State::Blank => "blank",
            State::Quiet => "no-effect",
            State::Used => "used",
            State::Risk => "dangerous",
            State::Unknown => "unknown",
            State::Refused => "refused",
        }
    }
}

/// One line of what was pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// As it was pasted.
    pub text: String,
    /// What becomes of it.
    pub state: State,
    /// Why.
    pub reason: Text,
    /// The name that was most likely meant by an unknown one.
    pub meant: Option<String>,
}

/// A config that was found, as the experiment takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// In which file, from 0.
    pub file: usize,
    /// Its first line, from 1.
    pub line: usize,
    /// Its last line.
    pub last: usize,
    /// Where its value is written, in bytes of the file's text.
    pub at: Range<usize>,
    /// The key as it is written.
    pub key: String,
    /// Whose config.
    pub owner: Owner,
    /// Kafka's name for it.
    pub name: String,
    /// The value as Kafka takes it.
    pub value: String,
    /// The topic it is said of.
    pub topic: Option<String>,
}

/// One file with the account of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paste {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// How that was told.
    pub why: Text,
    /// Every line.
    pub lines: Vec<Line>,
}

/// Everything that was pasted, accounted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The files.
    pub pastes: Vec<Paste>,
    /// What is used.
    pub settings: Vec<Setting>,
    /// What is set, by owner.
    pub overrides: Overrides,
    /// Brokers, controllers, topics.
    pub facts: Facts,
    /// What Kafka or the program took upon itself, and what had to be assumed on the way.
    pub notes: Vec<Text>,
    /// The topic that is judged, of several.
    pub topic: Option<String>,
    /// Spring profiles that some lines are only for.
    pub profiles: Vec<String>,
    /// What the reader chose.
    pub choice: Choice,
}

/// What the reader may choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The topic to judge.
    pub topic: Option<String>,
    /// Spring Boot's active profile.
    pub profile: Option<String>,
    /// How many brokers.
    pub brokers: Option<u8>,
    /// In how many racks they stand, one after the other; 0 where that is not known.
    pub racks: Option<u8>,
    /// Copies of the topic.
    pub copies: Option<u8>,
    /// How many controllers.
    pub controllers: Option<u8>,
}

/// Reads `files` and says of every line what becomes of it.
pub fn account(files: &[File], choice: &Choice) -> Account {
    let names = Names::read();
    let mut account = Account {
        pastes: Vec::new(),
        settings: Vec::new(),
        overrides: Overrides::default(),
        facts: Facts::default(),
        notes: Vec::new(),
        topic: choice.topic.clone(),
        profiles: Vec::new(),
        choice: choice.clone(),
    };
    let read: Vec<(Kind, Text, Parsed)> = files.iter().map(|file| detect(file, &names)).collect();
    for (kind, _, parsed) in &read {
        account.facts.gather(*kind, parsed);
        account.note_profiles(*kind, parsed);
    }
    account.choose_topic();
    for (file, (kind, why, _)) in files.iter().zip(&read) {
        account.pastes.push(Paste {
            name: file.name.clone(),
            kind: *kind,
            why: why.clone(),
            lines: blank_lines(file),
        });
    }
    // What a running cluster says of itself counts more than a file.
    let is_printed = |kind: Kind| matches!(kind, Kind::Topics | Kind::Configs | Kind::Topic);
    for printed in [false, true] {
        for (place, (kind, _, parsed)) in read.iter().enumerate() {
            if is_printed(*kind) == printed {
                account.take(place, &files[place], *kind, parsed, &names, choice);
            }
        }
    }
    account.name_the_group();
    judge::across(&mut account);
    risk::mark(&mut account);
    account
}

fn blank_lines(file: &File) -> Vec<Line> {
    let all = lines(&file.text).into_iter().enumerate();
    let blank = |(place, at): (usize, Range<usize>)| Line {
        number: place + 1,
        text: file.text[at].to_string(),
        state: State::Blank,
        reason: Text::default(),
        meant: None,
    };
    all.map(blank).collect()
}

impl Account {
    /// How many lines are in each state of [`State::ALL`].
    pub fn counts(&self) -> [usize; 5] {
        let lines = || self.pastes.iter().flat_map(|paste| &paste.lines);
        State::ALL.map(|state| lines().filter(|line| line.state == state).count())
    }

    /// Whether a file of such a kind was pasted.
    pub fn has(&self, kinds: &[Kind]) -> bool {
        self.pastes.iter().any(|paste| kinds.contains(&paste.kind))
    }

    /// Whether something was said of this owner.
    pub fn says(&self, owner: Owner) -> bool {
        self.settings.iter().any(|setting| setting.owner == owner)
    }

    fn note_profiles(&mut self, kind: Kind, parsed: &Parsed) {
        if !matches!(kind, Kind::SpringYaml | Kind::SpringProperties) {
            return;
        }
        for named in spring::profiles(&parsed.entries).into_iter().flatten() {
            let is_new = |name: &&str| !self.profiles.iter().any(|known| known == name);
            let names: Vec<&str> = named.split(',').map(str::trim).filter(is_new).collect();
            let names: Vec<String> = names.into_iter().map(str::to_string).collect();
            self.profiles.extend(names);
        }
    }

    /// `@KafkaListener` names the group where the file does not.
    fn name_the_group(&mut self) {
        let spring = self.has(&[Kind::SpringYaml, Kind::SpringProperties]);
        if spring
            && self.says(Owner::Consumer)
            && self.overrides.get(Owner::Consumer, "group.id").is_none()
        {
            self.overrides.set(Owner::Consumer, "group.id", "billing");
        }
    }

    fn choose_topic(&mut self) {
        if self.topic.is_some() {
            return;
        }
        let topics = self.facts.topics();
        self.topic = topics.first().cloned();
        if topics.len() > 1 {
            let (first, all) = (&topics[0], topics.len());
            self.notes.push(Text::new(
                format!("Topic {first} is judged, the first of {all}."),
                format!("{all} 个 topic 中判断第一个：{first}。"),
            ));
        }
    }

    fn take(
        &mut self,
        file: usize,
        source: &File,
        kind: Kind,
        parsed: &Parsed,
        names: &Names,
        choice: &Choice,
    ) {
        for broken in &parsed.broken {
            let reason = match broken.why.as_str() {
                "" => Text::fixed("not a line that the tool prints", "不是该工具打印的行"),
                why => Text::same(why.to_string()),
            };
            let state = if broken.why.is_empty() {
                State::Unknown
            } else {
                State::Refused
            };
            for line in broken.line..=broken.last {
                self.mark(file, line, state, reason.clone());
            }
        }
        let claims = claims(self, source, kind, parsed, names, choice);
        for (entry, claim) in parsed.entries.iter().zip(claims) {
            self.settle(file, entry, claim);
        }
    }

    fn settle(&mut self, file: usize, entry: &Entry, claim: judge::Claim) {
        for line in entry.line..=entry.last {
            self.mark(file, line, claim.state, claim.reason.clone());
        }
        if let (Some(meant), Some(line)) = (claim.meant, self.line(file, entry.line)) {
            line.meant = Some(meant.into());
        }
        for (owner, name, value) in claim.sets {
            self.tell_of_two(owner, &name, &value, file);
            self.overrides.set(owner, &name, &value);
            self.settings.push(Setting {
                file,
                line: entry.line,
                last: entry.last,
                at: entry.at.clone(),
                key: entry.key.clone(),
                owner,
                name,
                value,
                topic: entry.of.clone(),
            });
        }
    }

    /// Two files that differ: the later one is taken, and it is said.
    fn tell_of_two(&mut self, owner: Owner, name: &str, value: &str, file: usize) {
        let same = |setting: &&Setting| setting.owner == owner && setting.name == name;
        let Some(before) = self.settings.iter().rev().find(same) else {
            return;
        };
        if before.file != file && before.value != value {
            let (one, other) = (&self.pastes[before.file].name, &self.pastes[file].name); // both were read
            let was = &before.value;
            let note = Text::new(
                format!("{name} is {was} in {one} and {value} in {other}: {value} is taken."),
                format!("{name} 在 {one} 中是 {was}，在 {other} 中是 {value}：取 {value}。"),
            );
            self.notes.push(note);
        }
    }

    fn line(&mut self, file: usize, number: usize) -> Option<&mut Line> {
        self.pastes
            .get_mut(file)?
            .lines
            .get_mut(number.checked_sub(1)?)
    }

    /// Gives a line its state; the graver of two stays, both reasons are told.
    pub(super) fn mark(&mut self, file: usize, number: usize, state: State, reason: Text) {
        let Some(line) = self.line(file, number) else {
            return;
        };
        if state > line.state {
            line.state = state;
            line.reason = reason;
        } else if state == line.state && line.reason != reason && !reason.is_empty() {
            if !line.reason.is_empty() {
                line.reason.en.to_mut().push_str("; ");
                line.reason.zh.to_mut().push('；');
            }
            line.reason.en.to_mut().push_str(&reason.en);
            line.reason.zh.to_mut().push_str(&reason.zh);
        }
    }

    /// Gives the line of a setting its state, if the setting was written somewhere. Returns whether it was.
    pub(super) fn mark_setting(
        &mut self,
        owner: Owner,
        name: &str,
        state: State,
        reason: &Text,
    ) -> bool {
        let is_it = |setting: &&Setting| setting.owner == owner && setting.name == name;
        let found = self.settings.iter().rev().find(is_it);
        let Some((file, line)) = found.map(|setting| (setting.file, setting.line)) else {
            return false;
        };
        self.mark(file, line, state, reason.clone());
        true
    }
}

/// The registry's owner of a section.
pub fn owner_of(section: Section) -> Owner {
    match section {
        Section::Producer => Owner::Producer,
        Section::Consumer => Owner::Consumer,
        Section::Broker => Owner::Broker,
        Section::Topic => Owner::Topic,
    }
}

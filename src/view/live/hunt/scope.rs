//! What is hunted: where, which faults, how many, drawn from where.

use crate::kafka::config::Owner;
use crate::lab::experiment::Experiment;
use crate::lab::hunt::{Budget, HARM, Kind, holes, single_kinds};
use crate::lab::lessons;
use crate::lab::share;
use crate::lab::story::both;
use crate::lab::text::Text;
use crate::view::hunt::ScopeView;
use serde::{Deserialize, Serialize};

/// Most schedules that are drawn.
const MOST_RUNS: u32 = 1_000_000;
/// Most faults in one of them.
const MOST_FAULTS: u8 = 9;

/// Kinds of faults with their handle and name.
const KINDS: [(&str, Kind, &str, &str); 14] = [
    ("kill", Kind::Kill, "kill -9 of a broker", "kill -9 broker"),
    (
        "power-off",
        Kind::PowerOff,
        "a broker loses power",
        "broker 断电",
    ),
    ("pause", Kind::Pause, "a broker stands still", "broker 停顿"),
    (
        "stop",
        Kind::Stop,
        "a planned stop of a broker",
        "broker 正常停止",
    ),
    (
        "new-disk",
        Kind::NewDisk,
        "a broker's disk is lost",
        "broker 磁盘损坏",
    ),
    (
        "fail-directory",
        Kind::FailDirectory,
        "one log directory fails",
        "一个日志目录故障",
    ),
    (
        "cut-peers",
        Kind::CutPeers,
        "a link between brokers is cut",
        "broker 之间断网",
    ),
    (
        "cut-answers",
        Kind::CutAnswers,
        "answers to clients are lost",
        "发给客户端的响应丢失",
    ),
    (
        "cut-controller",
        Kind::CutController,
        "a link to the controller is cut",
        "与 controller 断网",
    ),
    (
        "elect",
        Kind::Elect,
        "preferred leader election",
        "切回 preferred leader",
    ),
    (
        "kill-client",
        Kind::KillClient,
        "kill -9 of a client",
        "kill -9 客户端",
    ),
    (
        "pause-client",
        Kind::PauseClient,
        "a client stands still",
        "客户端停顿",
    ),
    (
        "kill-controller",
        Kind::KillController,
        "kill -9 of the controller",
        "kill -9 controller",
    ),
    (
        "blackout",
        Kind::Blackout,
        "all brokers lose power",
        "所有 broker 断电",
    ),
];

/// Where it is hunted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Ground {
    /// The experiment in the Lab, as its link.
    Lab(String),
    Lesson(String),
    /// What is known to break, or advised.
    Hole(String),
}

/// The scope of a hunt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    ground: Ground,
    kinds: Vec<Kind>,
    most: u8,
    one_at_a_time: bool,
    pub runs: u32,
    pub seed: u64,
}

/// A change of the scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Another place, by its handle.
    Ground(String),
    /// A kind of fault may happen, or may not, by its handle.
    Kind(String),
    Most(u8),
    OneAtATime(bool),
    Runs(u32),
    Seed(u64),
}

impl Scope {
    /// In the experiment that this link holds: three faults at most, as a person would begin.
    pub fn of_lab(lab: &str) -> Scope {
        Scope {
            ground: Ground::Lab(lab.into()),
            kinds: single_kinds(),
            most: 3,
            one_at_a_time: false,
            runs: 2_000,
            seed: 1,
        }
    }

    /// The Lab's experiment is another one; answers whether that matters here.
    pub fn follow(&mut self, lab: &str) -> bool {
        match &mut self.ground {
            Ground::Lab(link) if link != lab => {
                *link = lab.into();
                true
            }
            _ => false,
        }
    }

    pub fn change(&mut self, change: &Change, lab: &str) {
        match change {
            Change::Ground(handle) => self.enter(handle, lab),
            Change::Kind(handle) => {
                let named = KINDS.iter().find(|(name, ..)| name == handle);
                if let Some((_, kind, ..)) = named {
                    match self.kinds.iter().position(|one| one == kind) {
                        Some(place) => drop(self.kinds.remove(place)),
                        None => self.kinds.push(*kind),
                    }
                    self.kinds.sort();
                }
            }
            Change::Most(most) => self.most = (*most).clamp(1, MOST_FAULTS),
            Change::OneAtATime(one) => self.one_at_a_time = *one,
            Change::Runs(runs) => self.runs = (*runs).clamp(1, MOST_RUNS),
            Change::Seed(seed) => self.seed = *seed,
        }
    }

    /// A known hole brings its faults along.
    fn enter(&mut self, handle: &str, lab: &str) {
        self.ground = match handle.split_once(':') {
            Some(("lesson", id)) => Ground::Lesson(id.into()),
            Some(("hole", id)) => Ground::Hole(id.into()),
            _ => Ground::Lab(lab.into()),
        };
        if let Ground::Hole(id) = &self.ground
            && let Some(hole) = holes().into_iter().find(|hole| hole.id == id)
        {
            self.kinds = hole.budget.kinds;
            (self.most, self.one_at_a_time) = (hole.budget.most, hole.budget.one_at_a_time);
        }
    }

    /// What is hunted in, without faults.
    pub fn ground(&self) -> Experiment {
        let mut experiment = match &self.ground {
            Ground::Lab(link) => share::read(link).experiment,
            Ground::Lesson(id) => {
                lessons::find(id).map_or_else(Experiment::three_brokers, |lesson| lesson.experiment)
            }
            Ground::Hole(id) => {
                let hole = holes().into_iter().find(|hole| hole.id == id);
                hole.map_or_else(Experiment::three_brokers, |hole| hole.experiment)
            }
        };
        experiment.actions.clear();
        experiment
    }

    pub fn budget(&self) -> Budget {
        Budget {
            kinds: self.kinds.clone(),
            most: self.most,
            one_at_a_time: self.one_at_a_time,
            runs: self.runs,
            properties: HARM.to_vec(),
        }
    }

    fn handle(&self) -> String {
        match &self.ground {
            Ground::Lab(_) => "lab".into(),
            Ground::Lesson(id) => format!("lesson:{id}"),
            Ground::Hole(id) => format!("hole:{id}"),
        }
    }

    /// What can be chosen.
    pub fn view(&self, ground: &Experiment) -> ScopeView {
        let lab = Text::fixed("the experiment in the Lab", "实验室里的实验");
        let known = holes().into_iter();
        let known = known.map(|hole| (format!("hole:{}", hole.id), hole.title));
        let taught = lessons::all().filter(|lesson| lesson.number.is_some());
        let taught = taught.map(|lesson| {
            let number = lesson.number.unwrap_or_default();
            let title = both(
                format!("{number} {}", lesson.title.en),
                format!("{number} {}", lesson.title.zh),
            );
            (format!("lesson:{}", lesson.id), title)
        });
        let kinds = KINDS.iter().map(|(handle, kind, en, zh)| {
            let can = !kind.targets(ground).is_empty();
            let on = self.kinds.contains(kind);
            (*handle, Text::fixed(en, zh), on && can, can)
        });
        ScopeView {
            grounds: vec![
                (Text::fixed("Here", "当前"), vec![("lab".into(), lab)]),
                (
                    Text::fixed("Advised, and known holes", "推荐配置与已知漏洞"),
                    known.collect(),
                ),
                (Text::fixed("Lessons", "课程"), taught.collect()),
            ],
            ground: self.handle(),
            kinds: kinds.collect(),
            most: self.most,
            one_at_a_time: self.one_at_a_time,
            runs: self.runs,
            seed: self.seed,
        }
    }

    /// What is hunted, in a few words each.
    pub fn chips(&self, ground: &Experiment) -> Vec<Text> {
        let config = |owner, name: &str, usual: &str| {
            let value = ground.configs.get(owner, name).unwrap_or(usual).to_owned();
            Text::same(format!("{name}={value}"))
        };
        let topology = &ground.topology;
        let (brokers, copies, most) = (topology.brokers, topology.replication_factor, self.most);
        let faults = match self.one_at_a_time {
            true => both(
                format!("up to {most} faults, one at a time"),
                format!("至多 {most} 个故障，一次一个"),
            ),
            false => both(
                format!("up to {most} faults each"),
                format!("每组至多 {most} 个故障"),
            ),
        };
        vec![
            config(Owner::Producer, "acks", "all"),
            config(Owner::Topic, "min.insync.replicas", "1"),
            both(
                format!("{brokers} brokers, {copies} replicas"),
                format!("{brokers} 个 broker，{copies} 个副本"),
            ),
            both(format!("seed {}", self.seed), format!("种子 {}", self.seed)),
            faults,
        ]
    }
}

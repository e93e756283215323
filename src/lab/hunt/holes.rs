//! What is known to break, and what is advised: where a hunt may begin.

use super::{Budget, HARM, Kind};
use crate::kafka::config::Owner::{Application, Consumer, Topic};
use crate::lab::experiment::Experiment;
use crate::lab::lessons;
use crate::lab::properties::Property;
use crate::lab::text::Text;

/// Schedules that are enough to find any of them.
const RUNS: u32 = 150;

/// A configuration with the faults that it is hunted with.
#[derive(Clone, Debug)]
pub struct Hole {
    /// Its handle.
    pub id: &'static str,
    /// Its name.
    pub title: Text,
    /// What is hunted in, without faults.
    pub experiment: Experiment,
    /// What the hunt may do.
    pub budget: Budget,
}

/// Faults of one machine, process or link.
pub fn single_kinds() -> Vec<Kind> {
    let mut kinds = Kind::ALL.to_vec();
    kinds.retain(|kind| kind.is_single());
    kinds
}

/// Three replicas, two must confirm, commit after the work, an idempotent handler.
pub fn recommended() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Topic, "min.insync.replicas", "2")
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Consumer, "enable.auto.commit", "false")
        .with(Application, "commit.mode", "sync-after")
        .with(Application, "handler.idempotent", "true")
        .with(Application, "send.rate", "10")
        .with(Application, "send.count", "60")
}

/// A row: handle, name in both languages, the lesson that has it if one does, faults, how many of them, what is broken.
type Row = (
    &'static str,
    [&'static str; 2],
    Option<&'static str>,
    &'static [Kind],
    u8,
    Property,
);

const LOST: Property = Property::LostAfterAck;
/// Every fault of one machine, process or link.
const ANY: &[Kind] = &[];
const ENDS: &[Kind] = &[Kind::Kill, Kind::PowerOff, Kind::Stop];
const DISKS: &[Kind] = &[Kind::Kill, Kind::PowerOff, Kind::Stop, Kind::NewDisk];
const POWER: &[Kind] = &[Kind::PowerOff, Kind::Kill, Kind::Blackout];
const ANSWERS: &[Kind] = &[Kind::CutAnswers, Kind::Pause];
const MIN_ISR: &str = "min.insync.replicas=1";

/// What is known to break.
#[rustfmt::skip]
const ROWS: [Row; 7] = [
    ("acks-1", ["acks=1"; 2], Some("acks"), ANY, 2, LOST),
    ("min-isr-1", [MIN_ISR; 2], Some("copies"), DISKS, 3, LOST),
    ("unclean", ["unclean leader election", "unclean 选举"], Some("unclean"), ANY, 3, LOST),
    ("last-standing", ["the last replica, without ELR", "最后一个副本，没有 ELR"], Some("last-standing"), ENDS, 3, LOST),
    ("power", ["power of all brokers at once", "所有 broker 同时断电"], None, POWER, 3, LOST),
    ("auto-commit", ["work handed on, auto-commit", "工作转交其他线程，自动提交"], Some("auto-commit"), ANY, 2, LOST),
    ("twice", ["no idempotence", "未启用幂等"], Some("twice"), ANSWERS, 2, Property::Doubled),
];

/// All of them; what is advised comes first.
pub fn holes() -> Vec<Hole> {
    let name = [
        "what is advised, one fault at a time",
        "推荐配置，一次一个故障",
    ];
    let mut advised = hole(("advised", name, None, ANY, 3, LOST));
    advised.budget.one_at_a_time = true;
    advised.budget.properties = HARM.to_vec();
    let known = ROWS.into_iter().map(hole);
    std::iter::once(advised).chain(known).collect()
}

fn hole((id, [en, zh], lesson, kinds, most, property): Row) -> Hole {
    let lesson = lesson.and_then(lessons::find);
    let mut experiment = lesson.map_or_else(recommended, |lesson| lesson.experiment);
    experiment.actions.clear();
    Hole {
        id,
        title: Text::fixed(en, zh),
        experiment,
        budget: Budget {
            kinds: match kinds {
                [] => single_kinds(),
                kinds => kinds.to_vec(),
            },
            most,
            one_at_a_time: false,
            runs: RUNS,
            properties: vec![property],
        },
    }
}

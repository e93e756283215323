//! The knobs, from the registries.

use std::rc::Rc;

use crate::kafka::config::{Configs, Kind, Owner, Row, Severity, Valid, note, rows_of};
use crate::lab::experiment::Experiment;
use crate::lab::knobs::{self, COUNTS, Count, find, handle};
use crate::lab::session::Session;
use crate::lab::text::Text;
use crate::lab::what_if::current;
use crate::view::{Choice, GroupView, KnobKind, KnobView, KnobsView};

/// What each group shows at first; everything else of its owners is behind "more".
const GROUPS: [(&str, &str, &[Owner], &[&str]); 4] = [
    (
        "Producer",
        "Producer",
        &[Owner::Producer],
        &[
            "acks",
            "enable.idempotence",
            "retries",
            "delivery.timeout.ms",
            "linger.ms",
        ],
    ),
    (
        "Topic and brokers",
        "Topic 与 Broker",
        &[Owner::Topic, Owner::Broker],
        &[
            "replication.factor",
            "min.insync.replicas",
            "unclean.leader.election.enable",
            "flush.messages",
            "replica.lag.time.max.ms",
        ],
    ),
    (
        "Consumer",
        "Consumer",
        &[Owner::Consumer],
        &[
            "enable.auto.commit",
            "auto.commit.interval.ms",
            "auto.offset.reset",
            "group.protocol",
        ],
    ),
    (
        "Application, machine",
        "应用与机器",
        &[Owner::Application, Owner::Environment],
        &[
            "send.mode",
            "commit.mode",
            "handler.time.ms",
            "handler.idempotent",
            "disk.kind",
        ],
    ),
];

/// Values that deserve a warning where they stand.
const DANGERS: [(&str, &str, &str, &str); 8] = [
    (
        "acks",
        "1",
        "the leader answers before anyone has copied the record",
        "leader 写完即应答，副本还没拿到",
    ),
    (
        "acks",
        "0",
        "nobody answers: a loss is silent",
        "没有应答：丢了也不知道",
    ),
    (
        "unclean.leader.election.enable",
        "true",
        "a replica that lacks records may become leader",
        "缺记录的副本也可能成为 leader",
    ),
    (
        "handler.handoff",
        "true",
        "the offset is committed before the work is done",
        "处理完成之前 offset 就被提交",
    ),
    (
        "send.mode",
        "forget",
        "nobody looks at a failed send",
        "发送失败没有人看",
    ),
    (
        "order.store",
        "row-first",
        "a crash in between leaves an order without a message",
        "中间崩溃会留下没有消息的订单",
    ),
    (
        "order.store",
        "send-first",
        "a crash in between leaves a message without an order",
        "中间崩溃会留下没有订单的消息",
    ),
    (
        "commit.mode",
        "before",
        "a crash skips what was committed",
        "崩溃会跳过已提交的消息",
    ),
];

/// All knobs at the session's moment.
pub fn knobs(session: &Session) -> KnobsView {
    let experiment = session.run().experiment();
    let (configs, _) = Configs::build(&experiment.configs);
    let board = Board {
        session,
        experiment,
        configs,
        warnings: knobs::warnings(experiment),
    };
    // What the lesson is about comes first, and nobody turns the knobs of a consumer that is not there.
    let consumes = experiment.topology.consumers > 0;
    let there = |owners: &[Owner]| consumes || owners != [Owner::Consumer];
    let is_about = |owners: &[Owner]| {
        let mut about = session.lesson().knobs.iter();
        about.any(|(owner, _)| owners.contains(owner))
    };
    let groups = [true, false].into_iter().flat_map(|first| {
        let all = GROUPS.iter();
        all.filter(move |group| is_about(group.2) == first)
    });
    let groups = groups.filter(|group| there(group.2));
    KnobsView {
        groups: groups.map(|group| board.group(group)).collect(),
    }
}

struct Board<'a> {
    session: &'a Session,
    experiment: &'a Experiment,
    configs: Configs,
    warnings: Vec<(String, crate::kafka::config::Problem)>,
}

impl Board<'_> {
    fn group(
        &self,
        (en, zh, owners, first): &(&'static str, &'static str, &[Owner], &[&str]),
    ) -> GroupView {
        let mine = |owner: &Owner| owners.contains(owner);
        let lesson = self
            .session
            .lesson()
            .knobs
            .iter()
            .filter(|(owner, _)| mine(owner));
        let mut shown: Vec<String> = lesson.map(|(owner, name)| handle(*owner, name)).collect();
        for name in first
            .iter()
            .filter(|name| !shown.iter().any(|there| there == *name))
            .collect::<Vec<_>>()
        {
            shown.push((*name).to_string());
        }
        let rows = owners.iter().flat_map(|owner| rows_of(*owner).iter());
        let rest = rows
            .map(|row| handle(row.scope.owner(), row.name))
            .chain(
                COUNTS
                    .iter()
                    .filter(|_| mine(&Owner::Topic))
                    .map(|count| count.name.to_string()),
            )
            .filter(|name| !shown.contains(name));
        let more = rest.filter_map(|name| self.knob(&name)).collect();
        let knobs = shown.iter().filter_map(|name| self.knob(name)).collect();
        GroupView {
            title: Text::fixed(en, zh),
            knobs,
            more,
        }
    }

    fn knob(&self, name: &str) -> Option<Rc<KnobView>> {
        let view = match COUNTS.iter().find(|count| count.name == name) {
            Some(count) => self.count(*count)?,
            None => {
                let (owner, row) = find(name)?;
                self.config(name, owner, row)?
            }
        };
        Some(Rc::new(self.marked(view)))
    }

    fn count(&self, count: Count) -> Option<KnobView> {
        let value = knobs::count(self.experiment, count.name)?;
        let usual = knobs::count(&self.session.lesson().experiment, count.name)?;
        let brokers = u64::from(self.experiment.topology.brokers);
        let kind = match count.name {
            "replication.factor" => choice(
                &(1..=brokers.min(5))
                    .map(|n| n.to_string())
                    .collect::<Vec<_>>(),
            ),
            // Two could lose none of them.
            "controllers" => choice(&["1".to_string(), "3".to_string()]),
            _ => KnobKind::Number {
                min: count.range.0 as i64,
                max: count.range.1 as i64,
            },
        };
        Some(KnobView {
            name: count.name.into(),
            label: None,
            kind,
            value: value.to_string(),
            default: usual.to_string(),
            changed: value != usual,
            emphasised: false,
            warning: None,
            error: None,
            doc: Text::fixed(count.en, count.zh),
        })
    }

    fn config(&self, name: &str, owner: Owner, row: &'static Row) -> Option<KnobView> {
        let value = current(&self.configs, owner, row.name)?;
        let emphasised = self.session.lesson().knobs.contains(&(owner, row.name));
        Some(KnobView {
            name: name.into(),
            label: (row.name == "send.mode").then(|| Text::same("send()")),
            kind: kind(row, &value),
            changed: value != row.default,
            value,
            default: row.default.into(),
            emphasised,
            warning: None,
            error: None,
            doc: note(owner, row.name)
                .map_or(Text::default(), |note| Text::fixed(note.en, note.zh)),
        })
    }

    /// With what Kafka says of it, and what is dangerous about it.
    fn marked(&self, mut view: KnobView) -> KnobView {
        let danger = DANGERS
            .iter()
            .find(|(name, value, ..)| view.name == *name && view.value == *value);
        view.warning = danger.map(|(_, _, en, zh)| Text::fixed(en, zh));
        for (_, problem) in self.warnings.iter().filter(|(name, _)| *name == view.name) {
            let text = Text::new(problem.en.clone(), problem.zh.clone());
            match problem.severity {
                Severity::Error => view.error = Some(text),
                Severity::Warning | Severity::Note => view.warning = view.warning.or(Some(text)),
            }
        }
        if let Some(turned) = self
            .session
            .refused()
            .iter()
            .find(|turned| turned.handle == view.name)
        {
            view.value = turned.typed.clone();
            view.error = Some(Text::new(
                turned.problem.en.clone(),
                turned.problem.zh.clone(),
            ));
        }
        view
    }
}

fn choice(values: &[String]) -> KnobKind {
    let one = |value: &String| Choice {
        value: value.clone(),
        label: Text::same(value.clone()),
    };
    KnobKind::Choice(values.iter().map(one).collect())
}

fn kind(row: &Row, value: &str) -> KnobKind {
    let words = |words: &[&str]| choice(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
    match (row.name, row.kind, row.valid) {
        ("acks", ..) => words(&["0", "1", "all"]),
        ("auto.offset.reset", ..) if !value.starts_with("by_") => {
            words(&["earliest", "latest", "none"])
        }
        ("min.insync.replicas", ..) if matches!(value, "1" | "2" | "3") => words(&["1", "2", "3"]),
        ("flush.messages", ..) if matches!(value, "1" | "100" | "9223372036854775807") => {
            flushes(&["1", "100"])
        }
        ("flush.ms", ..) if matches!(value, "1000" | "9223372036854775807") => flushes(&["1000"]),
        ("group.remote.assignor", ..) => words(&["null", "uniform", "range"]),
        ("partition.assignment.strategy", ..) => assignors(row.default),
        (_, Kind::Boolean, _) => KnobKind::Switch,
        (_, _, Valid::OneOf(values)) => words(values),
        (_, Kind::Int, Valid::Between(min, max)) => KnobKind::Number { min, max },
        (_, Kind::Long, Valid::Between(min, max)) => KnobKind::Number { min, max },
        (_, Kind::Int, Valid::AtLeast(min)) => KnobKind::Number {
            min,
            max: i64::from(i32::MAX),
        },
        (_, Kind::Long, Valid::AtLeast(min)) if row.default != "null" => {
            KnobKind::Number { min, max: i64::MAX }
        }
        _ => KnobKind::Words,
    }
}

/// What members of a classic group may agree on, by their short names.
fn assignors(usual: &str) -> KnobKind {
    let one = |(short, class): (&str, &str)| Choice {
        value: match class {
            "" => usual.to_string(),
            class => format!("org.apache.kafka.clients.consumer.{class}"),
        },
        label: Text::same(short.to_string()),
    };
    let all = [
        ("range, cooperative-sticky", ""),
        ("range", "RangeAssignor"),
        ("roundrobin", "RoundRobinAssignor"),
        ("sticky", "StickyAssignor"),
        ("cooperative-sticky", "CooperativeStickyAssignor"),
    ];
    KnobKind::Choice(all.map(one).into())
}

/// Some values, and the one that means never.
fn flushes(values: &[&str]) -> KnobKind {
    let one = |value: &str, label: Text| Choice {
        value: value.into(),
        label,
    };
    let never = one("9223372036854775807", Text::fixed("never", "从不"));
    let values = values
        .iter()
        .map(|value| one(value, Text::same(value.to_string())));
    KnobKind::Choice(values.chain([never]).collect())
}

//! Every change of one knob that is worth a try, from the registry: the other words of a choice, the other side of a
//! switch, the default of what was set, and for numbers those that are known to protect.
//!
//! What is no choice of the operator's or the programmer's is left out: the load, the machines, the network.

use super::causes::Knob;
use super::experiment::Experiment;
use super::knobs::{count, handle, turn};
use super::what_if::current;
use crate::kafka::config::{Configs, Kind, Owner, Problem, Row, Valid, rows_of};
use crate::sim::order::sort_by_number;

/// The likeliest to help, first.
const FIRST: [(Owner, &str); 14] = [
    (Owner::Producer, "acks"),
    (Owner::Topic, "unclean.leader.election.enable"),
    (Owner::Topic, "flush.messages"),
    (Owner::Topic, "min.insync.replicas"),
    (Owner::Application, "commit.mode"),
    (Owner::Application, "handler.handoff"),
    (Owner::Consumer, "enable.auto.commit"),
    (Owner::Application, "handler.idempotent"),
    (Owner::Application, "handler.on.error"),
    (Owner::Producer, "enable.idempotence"),
    (Owner::Producer, "retries"),
    (Owner::Producer, "delivery.timeout.ms"),
    (Owner::Consumer, "auto.offset.reset"),
    (Owner::Application, "send.mode"),
];

/// Numbers and lists that protect, beside the default.
const NUMBERS: [(Owner, &str, &str); 27] = [
    (Owner::Topic, "flush.messages", "1"),
    (Owner::Topic, "min.insync.replicas", "2"),
    (Owner::Topic, "flush.ms", "100"),
    (Owner::Topic, "retention.ms", "-1"),
    (Owner::Topic, "retention.bytes", "-1"),
    (Owner::Topic, "cleanup.policy", "delete"),
    (Owner::Topic, "delete.retention.ms", "86400000"),
    (Owner::Topic, "max.message.bytes", "10485760"),
    (Owner::Producer, "retries", "2147483647"),
    (Owner::Producer, "delivery.timeout.ms", "120000"),
    (Owner::Producer, "request.timeout.ms", "5000"),
    (Owner::Producer, "max.block.ms", "600000"),
    (Owner::Producer, "max.request.size", "10485760"),
    (
        Owner::Producer,
        "max.in.flight.requests.per.connection",
        "1",
    ),
    (Owner::Producer, "transaction.timeout.ms", "900000"),
    (Owner::Producer, "metadata.max.age.ms", "3000"),
    (Owner::Consumer, "auto.offset.reset", "earliest"),
    (Owner::Consumer, "session.timeout.ms", "10000"),
    (Owner::Consumer, "max.poll.interval.ms", "600000"),
    (Owner::Consumer, "max.poll.records", "1"),
    (Owner::Consumer, "auto.commit.interval.ms", "100"),
    (Owner::Consumer, "metadata.max.age.ms", "3000"),
    (Owner::Broker, "broker.session.timeout.ms", "3000"),
    (Owner::Broker, "replica.lag.time.max.ms", "3000"),
    (Owner::Broker, "offsets.topic.replication.factor", "3"),
    (Owner::Application, "handler.threads", "1"),
    (Owner::Broker, "eligible.leader.replicas.version", "1"),
];

/// Counts of the topology.
const COUNTS: [(&str, &str); 2] = [("replication.factor", "3"), ("controllers", "3")];

/// What describes the load or its size is no remedy.
const LOAD: [&str; 9] = [
    "send.rate",
    "send.count",
    "record.size.bytes",
    "record.keys",
    "record.tombstone.every",
    "transaction.size",
    "handler.time.ms",
    "poll.timeout.ms",
    "client.id",
];

impl Knob {
    /// `experiment` with this knob turned, or what Kafka says against it.
    pub fn turned(&self, experiment: &Experiment) -> Result<Experiment, Problem> {
        turn(experiment, &handle(self.owner, self.name), self.value)
    }
}

/// Every change worth a try in `experiment`, the likeliest first.
pub fn candidates(experiment: &Experiment) -> Vec<Knob> {
    let (configs, _) = Configs::build(&experiment.configs);
    let mut found = Vec::new();
    for owner in Owner::ALL {
        if owner == Owner::Environment {
            continue;
        }
        for row in rows_of(owner)
            .iter()
            .filter(|row| !LOAD.contains(&row.name))
        {
            let now = current(&configs, owner, row.name).unwrap_or_default();
            let values = values_of(owner, row, experiment);
            let others = values.into_iter().filter(|value| *value != now);
            found.extend(others.map(|value| Knob {
                owner,
                name: row.name,
                value,
            }));
        }
    }
    for (name, value) in COUNTS {
        let more = count(experiment, name).is_some_and(|now| now < 3);
        found.extend(more.then_some(Knob {
            owner: Owner::Broker,
            name,
            value,
        }));
    }
    let last = FIRST.len() as u64;
    sort_by_number(&mut found, |knob| {
        let place = FIRST
            .iter()
            .position(|first| *first == (knob.owner, knob.name));
        place.map_or(last, |place| place as u64)
    });
    found
}

fn values_of(owner: Owner, row: &'static Row, experiment: &Experiment) -> Vec<&'static str> {
    let mut values = match (row.kind, row.valid) {
        (Kind::Boolean, _) => vec!["true", "false"],
        (_, Valid::OneOf(words)) => words.to_vec(),
        _ => Vec::new(),
    };
    let known = NUMBERS.iter();
    let known = known.filter(|(of, name, _)| (*of, *name) == (owner, row.name));
    values.extend(known.map(|(.., value)| *value));
    if experiment.configs.get(owner, row.name).is_some() && row.default != "null" {
        values.push(row.default);
    }
    // acks=-1 is acks=all.
    values.retain(|value| *value != "-1" || row.name != "acks");
    let mut seen: Vec<&str> = Vec::new();
    values.retain(|value| {
        let is_new = !seen.contains(value);
        seen.push(value);
        is_new
    });
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_and_choice_of_the_registry_is_tried_both_ways() {
        let experiment = Experiment::three_brokers().with(Owner::Producer, "acks", "1");
        let found = candidates(&experiment);
        let has = |name: &str, value: &str| {
            found
                .iter()
                .any(|knob| (knob.name, knob.value) == (name, value))
        };
        assert!(has("acks", "all") && has("acks", "0") && !has("acks", "1"));
        assert!(has("unclean.leader.election.enable", "true"));
        assert!(has("flush.messages", "1") && has("min.insync.replicas", "2"));
        assert!(!has("send.rate", "20") && !has("link.loss.ppm", "0"));
        assert!(found.len() > 40, "{}", found.len());
    }

    #[test]
    fn the_default_of_what_was_set_is_tried() {
        let experiment = Experiment::three_brokers().with(Owner::Producer, "linger.ms", "50");
        let mut found = candidates(&experiment).into_iter();
        assert!(found.any(|knob| (knob.name, knob.value) == ("linger.ms", "5")));
    }
}

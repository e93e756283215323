//! Turning knobs by their handle: configs of the registry, and the few numbers of the topology.
//!
//! A handle is the config's name as Kafka has it. Where two owners have a config of the same name, the owner listed
//! first has the bare name, and the other's handle begins with the owner: `consumer.request.timeout.ms`.

use super::experiment::{
    Experiment, MAX_BROKERS, MAX_CLIENTS, MAX_CONTROLLERS, MAX_PARTITIONS, refused,
};
use crate::kafka::config::{self, Configs, Owner, Problem, Row, Severity, rows_of};

/// A knob whose last turn was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    /// The knob.
    pub handle: String,
    /// What was typed.
    pub typed: String,
    /// What Kafka says.
    pub problem: Problem,
}

/// A number of the topology that is turned like a config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The handle.
    pub name: &'static str,
    /// Its range.
    pub range: (u64, u64),
    /// One sentence.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
}

/// The numbers of the topology.
pub const COUNTS: [Count; 6] = [
    Count {
        name: "replication.factor",
        range: (1, MAX_BROKERS as u64),
        en: "How many brokers have a copy of each partition.",
        zh: "每个 partition 在几个 broker 上有副本。",
    },
    Count {
        name: "partitions",
        range: (1, MAX_PARTITIONS as u64),
        en: "How many partitions the topic has.",
        zh: "topic 有几个 partition。",
    },
    Count {
        name: "brokers",
        range: (1, MAX_BROKERS as u64),
        en: "How many brokers the cluster has.",
        zh: "集群有几个 broker。",
    },
    Count {
        name: "controllers",
        range: (1, MAX_CONTROLLERS as u64),
        en: "How many controllers vote on the cluster's metadata; with three, one may fail.",
        zh: "有几个 controller 参与元数据的表决；三个时可以坏一个。",
    },
    Count {
        name: "producers",
        range: (0, MAX_CLIENTS as u64),
        en: "How many producing applications there are.",
        zh: "有几个 producer 应用。",
    },
    Count {
        name: "consumers",
        range: (0, MAX_CLIENTS as u64),
        en: "How many consuming applications share the group.",
        zh: "group 里有几个 consumer 应用。",
    },
];

/// The present value of a topology number.
pub fn count(experiment: &Experiment, name: &str) -> Option<u64> {
    let topology = &experiment.topology;
    Some(match name {
        "replication.factor" => topology.replication_factor.into(),
        "partitions" => topology.partitions.into(),
        "brokers" => topology.brokers.into(),
        "controllers" => topology.controllers.into(),
        "producers" => topology.producers.into(),
        "consumers" => topology.consumers.into(),
        _ => return None,
    })
}

/// The handle of a config.
pub fn handle(owner: Owner, name: &str) -> String {
    match find(name) {
        Some((first, _)) if first == owner => name.to_string(),
        None if COUNTS.iter().any(|count| count.name == name) => name.to_string(),
        _ => format!("{}.{name}", prefix(owner)),
    }
}

/// The owner and row of a handle.
pub fn find(handle: &str) -> Option<(Owner, &'static Row)> {
    let bare = Owner::ALL
        .into_iter()
        .find_map(|owner| Some((owner, config::row(owner, handle)?)));
    bare.or_else(|| {
        let (first, name) = handle.split_once('.')?;
        let owner = Owner::ALL
            .into_iter()
            .find(|owner| prefix(*owner) == first)?;
        Some((owner, config::row(owner, name)?))
    })
}

fn prefix(owner: Owner) -> &'static str {
    match owner {
        Owner::Producer => "producer",
        Owner::Consumer => "consumer",
        Owner::Broker => "broker",
        Owner::Topic => "topic",
        Owner::Environment => "environment",
        Owner::Application => "application",
    }
}

/// `experiment` with one knob turned, or what Kafka says against it.
pub fn turn(experiment: &Experiment, handle: &str, value: &str) -> Result<Experiment, Problem> {
    let mut changed = experiment.clone();
    if let Some(number) = COUNTS.iter().find(|count| count.name == handle) {
        turn_count(&mut changed, *number, value)?;
    } else {
        let Some((owner, row)) = find(handle) else {
            let rows = rows_of(Owner::Producer);
            return Err(Problem::unknown(rows, handle));
        };
        if value.trim() == row.default && experiment.configs.get(owner, row.name).is_some() {
            changed.configs.unset(owner, row.name);
        } else if value.trim() != row.default {
            changed.configs.set(owner, row.name, value.trim());
        }
    }
    let (_, before) = experiment.spec();
    let (_, after) = changed.spec();
    let is_new =
        |problem: &Problem| problem.severity == Severity::Error && !before.contains(problem);
    match after.into_iter().find(is_new) {
        Some(problem) => Err(problem),
        None => Ok(changed),
    }
}

fn turn_count(experiment: &mut Experiment, number: Count, value: &str) -> Result<(), Problem> {
    let (low, high) = number.range;
    let parsed = value
        .trim()
        .parse::<u64>()
        .ok()
        .filter(|n| (low..=high).contains(n));
    let Some(n) = parsed else {
        let shown: String = value.chars().take(40).collect();
        let why = format!(
            "Invalid value {shown} for {}: must be from {low} to {high}",
            number.name
        );
        return Err(Problem::error(Owner::Application, number.name, why));
    };
    let (before, topology) = (experiment.clone(), &mut experiment.topology);
    match number.name {
        "replication.factor" => topology.replication_factor = n as u8,
        "partitions" => topology.partitions = n as u16,
        "brokers" => {
            topology.brokers = n as u8;
            topology.replication_factor = topology.replication_factor.min(n as u8);
        }
        "controllers" => topology.controllers = n as u8,
        "producers" => topology.producers = n as u8,
        _ => topology.consumers = n as u8,
    }
    experiment.renumber(&before);
    Ok(())
}

/// What is wrong with an experiment as it stands, by handle.
pub fn warnings(experiment: &Experiment) -> Vec<(String, Problem)> {
    let (_, problems) = Configs::build(&experiment.configs);
    debug_assert!(!refused(&[]));
    problems
        .into_iter()
        .map(|problem| (handle(problem.owner, &problem.name), problem))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::NodeId;

    #[test]
    fn a_knob_that_kafka_refuses_says_why_and_changes_nothing() {
        let experiment = Experiment::three_brokers().with(Owner::Producer, "acks", "1");
        let problem = turn(&experiment, "enable.idempotence", "true");
        // The default is what was typed, so nothing is set explicitly and nothing is refused.
        assert!(problem.is_ok());
        let problem = turn(&experiment, "max.in.flight.requests.per.connection", "9").unwrap_err();
        assert!(problem.en.contains("at most 5"), "{problem:?}");
        let problem = turn(&experiment, "acks", "2").unwrap_err();
        assert!(
            problem
                .en
                .starts_with("Invalid value 2 for configuration acks")
        );
        let problem = turn(&experiment, "acs", "1").unwrap_err();
        assert_eq!(problem.en, "Unknown config acs. Did you mean acks?");
        let problem = turn(&experiment, "brokers", "99").unwrap_err();
        assert!(problem.en.contains("from 1 to 12"), "{problem:?}");
    }

    #[test]
    fn the_same_name_of_another_owner_has_a_handle_of_its_own() {
        assert_eq!(
            handle(Owner::Producer, "request.timeout.ms"),
            "request.timeout.ms"
        );
        assert_eq!(
            handle(Owner::Consumer, "request.timeout.ms"),
            "consumer.request.timeout.ms"
        );
        for owner in Owner::ALL {
            for row in rows_of(owner) {
                let found = find(&handle(owner, row.name)).expect(row.name);
                assert_eq!((found.0, found.1.name), (owner, row.name));
            }
        }
    }

    #[test]
    fn actions_follow_their_node_when_brokers_are_added() {
        use crate::kafka::Action;
        let experiment = Experiment::three_brokers();
        let crash = Action::Kill(experiment.consumer_node(0));
        let experiment = experiment.at_ms(10, crash);
        let more = turn(&experiment, "brokers", "5").expect("five brokers");
        assert_eq!(more.actions[0].action, Action::Kill(more.consumer_node(0)));
        let three = turn(&more, "controllers", "3").expect("three controllers");
        assert_eq!(
            three.actions[0].action,
            Action::Kill(three.consumer_node(0))
        );
    }

    #[test]
    fn what_was_done_to_a_node_is_forgotten_with_it() {
        use crate::kafka::Action;
        let experiment = Experiment::three_brokers();
        let three = turn(&experiment, "controllers", "3").expect("three controllers");
        let last = NodeId(three.controller_node().0 + 2);
        let three = three.at_ms(10, Action::Kill(last));
        let one = turn(&three, "controllers", "1").expect("one controller");
        assert_eq!(one.actions, Vec::new());
        let killed = experiment.at_ms(10, Action::Kill(NodeId(3)));
        let two = turn(&killed, "brokers", "2").expect("two brokers");
        assert_eq!(two.actions, Vec::new());
    }
}

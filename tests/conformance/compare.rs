//! Sets the facts of a simulated run against those of the golden.
//!
//! Every fact that all repetitions showed must be there, exactly. A fact that the run shows and no repetition did is a
//! difference too. Facts that differed between the repetitions (`varied`) are left open.

use crate::facts::Fact;
use crate::golden::{Client, Golden};
use crate::step::{Do, Step};
use serde_json::Value;

/// How far a time may lie outside the recorded range.
///
/// The one rule for facts of time (`fenced_after`, `slowest_*`, `taken_over_after`, `took`, `waited`): they are compared where
/// a Kafka timer rules them, which is when even the fastest repetition took at least as long as the shortest timeout in force
/// (request, delivery, max.block, session, API, transaction or broker session timeout, as configured; sessions count from the
/// last heartbeat, so one heartbeat interval less), and always for fencing. The range is the recorded one, widened by this on
/// both sides: where in the heartbeat interval of 2 s an event fell was chance, and the recording machine was loaded. A time
/// that no timer ruled in the recording must not be ruled by one in the simulator either.
pub const TOLERANCE_MS: i64 = 2500;

/// How much longer a recorded time may be where the story starts a controller again.
///
/// Nothing is timed until that process is up, and how long a JVM needs for it is the machine's affair: the same story took
/// 31 to 32 s from the kill to the fencing on the loaded machine, and 24 to 27 s when the machine was quiet.
const CONTROLLER_START_MS: i64 = 8000;

/// What a fact is about; facts about the same are told apart by their order.
const ABOUT: [&str; 8] = [
    "fact",
    "client",
    "partition",
    "broker",
    "error",
    "call",
    "group",
    "step",
];

/// Every difference, in the golden's order; none when the run shows what the cluster showed.
pub fn differences(golden: &Golden, shown: &[Fact]) -> Vec<String> {
    let mut topics: Vec<Vec<&Value>> = Vec::new();
    let varied = golden.varied.iter().flat_map(|v| v.seen.iter().flatten());
    for fact in golden.expect.iter().chain(varied).chain(shown) {
        let about = about(fact);
        if !topics.contains(&about) {
            topics.push(about);
        }
    }
    topics
        .iter()
        .flat_map(|topic| differences_about(golden, topic, shown))
        .collect()
}

/// What a fact is about, as its values for [`ABOUT`].
pub fn about(fact: &Fact) -> Vec<&Value> {
    const NONE: &Value = &Value::Null;
    ABOUT
        .iter()
        .map(|key| fact.get(*key).unwrap_or(NONE))
        .collect()
}

fn differences_about(golden: &Golden, topic: &[&Value], shown: &[Fact]) -> Vec<String> {
    let expected: Vec<&Fact> = golden.expect.iter().filter(|f| about(f) == topic).collect();
    let shown: Vec<&Fact> = shown.iter().filter(|f| about(f) == topic).collect();
    let is_about = |f: &Option<Fact>| f.as_ref().is_some_and(|f| about(f) == topic);
    let open = golden
        .varied
        .iter()
        .filter(|v| v.seen.iter().any(is_about))
        .count();
    if open > 0 {
        subsequence(golden, &expected, &shown, open)
    } else {
        one_by_one(golden, &expected, &shown)
    }
}

fn one_by_one(golden: &Golden, expected: &[&Fact], shown: &[&Fact]) -> Vec<String> {
    let pairs = (0..expected.len().max(shown.len())).map(|i| (expected.get(i), shown.get(i)));
    pairs
        .filter_map(|pair| match pair {
            (Some(want), Some(got)) => difference(golden, want, got),
            (Some(want), None) => Some(format!("missing {}", brief(want))),
            (None, Some(got)) => {
                is_decisive(golden, got).then(|| format!("no repetition showed {}", brief(got)))
            }
            (None, None) => None,
        })
        .collect()
}

/// Whether a fact that is not among the golden's counts: always, but for a time that no timer rules (the older goldens do not
/// carry all facts of time).
fn is_decisive(golden: &Golden, fact: &Fact) -> bool {
    let ms = fact.get("ms").and_then(Value::as_i64);
    ms.is_none_or(|ms| ms >= shortest_timeout(golden, fact))
}

/// Some facts about this varied, and which of the numbers they had is not recorded: the others must be found in order.
fn subsequence(golden: &Golden, expected: &[&Fact], shown: &[&Fact], open: usize) -> Vec<String> {
    let mut rest = shown.iter();
    let mut missing = Vec::new();
    for want in expected {
        if !rest.any(|got| difference(golden, want, got).is_none()) {
            missing.push(format!("missing {}", brief(want)));
        }
    }
    if missing.is_empty() && shown.len() > expected.len() + open {
        missing.push(format!(
            "{} more than any repetition of {}",
            shown.len() - expected.len() - open,
            brief(shown[0])
        ));
    }
    missing
}

/// How one fact differs from what is wanted; `None`: it does not.
pub fn difference(golden: &Golden, want: &Fact, got: &Fact) -> Option<String> {
    let Some(range) = range(want) else {
        return (want != got).then(|| format!("expected {} but got {}", brief(want), brief(got)));
    };
    let timeless = |f: &Fact| -> Fact {
        f.iter()
            .filter(|(k, _)| !k.ends_with("ms"))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect()
    };
    let ms = got.get("ms").and_then(Value::as_i64);
    let right_time = ms.is_some_and(|ms| time_fits(golden, want, range, ms));
    let same = timeless(want) == timeless(got) && right_time;
    (!same).then(|| format!("expected {} but got {}", brief(want), brief(got)))
}

fn range(fact: &Fact) -> Option<(i64, i64)> {
    Some((fact.get("min_ms")?.as_i64()?, fact.get("max_ms")?.as_i64()?))
}

fn time_fits(golden: &Golden, want: &Fact, (min, max): (i64, i64), ms: i64) -> bool {
    let shortest = shortest_timeout(golden, want);
    let starts_a_controller =
        |step: &Step| matches!(&step.action, Do::Start(target) if target.controller.is_some());
    let start_ms = match golden.steps.iter().any(starts_a_controller) {
        true => CONTROLLER_START_MS,
        false => 0,
    };
    let within = (min - TOLERANCE_MS - start_ms..=max + TOLERANCE_MS).contains(&ms);
    if min >= shortest {
        within
    } else {
        within || ms < shortest
    }
}

/// The shortest timeout in force for what this fact times, in ms.
fn shortest_timeout(golden: &Golden, fact: &Fact) -> i64 {
    if fact.get("fact").is_some_and(|f| f == "fenced_after") {
        return 0;
    }
    let node = |key: &str, default| number(&golden.brokers.config, key, default);
    let broker_session =
        node("broker.session.timeout.ms", 9000) - node("broker.heartbeat.interval.ms", 2000);
    let named = fact.get("client").and_then(Value::as_str);
    let clients = golden
        .clients
        .iter()
        .filter(|(name, _)| named.is_none_or(|n| n == *name));
    let shortest = clients
        .map(|(_, client)| client_timeout(client, &node))
        .min();
    shortest.unwrap_or(broker_session).min(broker_session)
}

fn client_timeout(client: &Client, node: &dyn Fn(&str, i64) -> i64) -> i64 {
    let own = |key: &str, default| number(&client.config, key, default);
    let request = own("request.timeout.ms", 30_000);
    if client.kind == "producer" {
        let transaction = own("transaction.timeout.ms", 60_000);
        return request
            .min(own("delivery.timeout.ms", 120_000))
            .min(own("max.block.ms", 60_000))
            .min(transaction);
    }
    let session = match client.config.get("group.protocol").map(String::as_str) {
        Some("consumer") => {
            node("group.consumer.session.timeout.ms", 45_000)
                - node("group.consumer.heartbeat.interval.ms", 5000)
        }
        _ => own("session.timeout.ms", 45_000) - own("heartbeat.interval.ms", 3000),
    };
    request
        .min(session)
        .min(own("default.api.timeout.ms", 60_000))
        .min(own("max.poll.interval.ms", 300_000))
}

fn number(config: &std::collections::BTreeMap<String, String>, key: &str, default: i64) -> i64 {
    config
        .get(key)
        .and_then(|v| v.parse().ok())
        .unwrap_or(default)
}

fn brief(fact: &Fact) -> String {
    Value::Object(fact.clone()).to_string()
}

//! The shop with a database, played in a whole cluster.

use crate::kafka::config::Owner::{Application, Consumer, Producer};
use crate::kafka::shop::RowMark;
use crate::kafka::{Action, Entry, MessageId};
use crate::lab::experiment::Experiment;
use crate::lab::explain::explain;
use crate::lab::judge::Judgement;
use crate::lab::ledger::Fate;
use crate::lab::properties::Property;
use crate::lab::run::Run;
use crate::sim::{Micros, NodeId};

const SHOP: NodeId = NodeId(5);
const SERVICE_B: NodeId = NodeId(6);
const RELAY: NodeId = NodeId(7);
const MACHINES: [NodeId; 4] = [NodeId(1), NodeId(2), NodeId(3), NodeId(4)];

/// An order a second, twenty in all; half a second from one write to the other.
fn shop(store: &str) -> Experiment {
    let experiment = Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Application, "order.store", store)
        .with(Application, "order.step.ms", "500")
        .with(Application, "relay.interval.ms", "200")
        .with(Application, "send.rate", "1")
        .with(Application, "send.count", "20");
    let relay = experiment.relay_node();
    let (shop, b) = (experiment.producer_node(0), experiment.consumer_node(0));
    assert_eq!([shop, b, relay], [SHOP, SERVICE_B, RELAY]);
    experiment.until_ms(30_000)
}

fn without_kafka(experiment: Experiment, from_ms: u64, to_ms: u64) -> Experiment {
    let off = |e: Experiment, node: &NodeId| {
        e.at_ms(from_ms, Action::Kill(*node))
            .at_ms(to_ms, Action::Start(*node))
    };
    MACHINES.iter().fold(experiment, off)
}

fn judged(experiment: Experiment) -> Judgement {
    Judgement::of(&Run::new(experiment))
}

fn restarted(experiment: Experiment, node: NodeId, at_ms: u64) -> Experiment {
    experiment
        .at_ms(at_ms, Action::Kill(node))
        .at_ms(at_ms + 1_000, Action::Start(node))
}

/// When the entries were made that `is` picks.
fn times(judged: &Judgement, is: impl Fn(&Entry) -> bool) -> Vec<Micros> {
    let entries = judged.healed.journal().entries().iter();
    entries.filter(|s| is(&s.what)).map(|s| s.at).collect()
}

fn fates(judged: &Judgement, fate: Fate) -> Vec<u32> {
    let lives = judged.history.ledger.iter();
    let of_fate = lives.filter(|life| judged.history.fate(life) == fate);
    of_fate.map(|life| life.message.0).collect()
}

#[test]
fn a_crash_between_row_and_send_leaves_an_order_without_a_message() {
    // The fifth order comes at 4.0 s; its send would be at 4.5 s.
    let judged = judged(restarted(shop("row-first"), SHOP, 4_200));
    assert_eq!(fates(&judged, Fate::Lost), [5]);
    assert!(judged.verdict(Property::LostSilently).is_violated());
    assert!(!judged.verdict(Property::LostAfterAck).is_violated());
    assert_eq!(judged.tally.processed, 19);
}

#[test]
fn a_crash_between_send_and_row_leaves_a_message_without_an_order() {
    let judged = judged(restarted(shop("send-first"), SHOP, 4_200));
    assert_eq!(fates(&judged, Fate::Phantom), [5]);
    assert!(judged.verdict(Property::Phantom).is_violated());
    assert_eq!(judged.tally.lost(), 0);
    assert_eq!(
        judged.tally.processed, 20,
        "service B bills it all the same"
    );
}

#[test]
fn with_an_outbox_a_crash_of_the_shop_costs_no_order() {
    let judged = judged(restarted(shop("outbox"), SHOP, 4_200));
    for property in Property::ALL {
        assert!(!judged.verdict(property).is_violated(), "{property:?}");
    }
    assert_eq!(judged.tally.processed, 20);
    let marked = |mark: RowMark| move |entry: &Entry| matches!(entry, Entry::RowMarked { mark: m, .. } if *m == mark);
    assert_eq!(times(&judged, marked(RowMark::Sent)).len(), 20);
}

#[test]
fn a_job_that_dies_between_ack_and_mark_sends_the_row_again() {
    let acked = {
        let calm = judged(shop("outbox"));
        let of_m5 = |e: &Entry| matches!(e, Entry::Acked { message, .. } if message.0 == 5);
        times(&calm, of_m5)[0]
    };
    let killed = |memory: bool| {
        let experiment = restarted(shop("outbox"), RELAY, acked / 1_000 + 100);
        let idempotent = if memory { "true" } else { "false" };
        judged(experiment.with(Application, "handler.idempotent", idempotent))
    };
    let plain = killed(false);
    assert_eq!(fates(&plain, Fate::Twice), [5]);
    assert_eq!(plain.tally.lost(), 0);
    let remembers = killed(true);
    assert_eq!(
        remembers.tally.twice,
        0,
        "{:?}",
        fates(&remembers, Fate::Twice)
    );
    assert_eq!(remembers.tally.processed, 20);
}

#[test]
fn a_row_that_waits_is_not_lost_and_rings_the_alarm_once() {
    let stuck = shop("outbox").at_ms(3_900, Action::Kill(RELAY));
    let mut run = Run::new(stuck.clone());
    run.seek(20_000_000);
    let mut history = super::History::new(&stuck);
    history.follow(run.journal(), run.entries());
    assert_eq!(history.fate_of(MessageId(10)), Fate::Stored);
    assert!(history.alarm.is_some());
    let judged = judged(stuck);
    assert_eq!(
        times(&judged, |e| matches!(e, Entry::AlarmRang { .. })),
        [14_000_000]
    );
    assert_eq!(times(&judged, |e| *e == Entry::AlarmEnded).len(), 1);
    assert_eq!(judged.tally.processed, 20, "the healed job catches up");
}

/// Kafka is away for ten seconds, and the job gives up after two tries of two seconds.
fn gives_up() -> Experiment {
    let experiment = shop("outbox")
        .with(Producer, "delivery.timeout.ms", "2000")
        .with(Producer, "request.timeout.ms", "1000")
        .with(Application, "relay.tries", "2")
        .with(Application, "handler.idempotent", "true");
    without_kafka(experiment, 4_100, 14_000).until_ms(50_000)
}

#[test]
fn dead_rows_wait_for_the_desk_and_pressing_twice_sends_once() {
    let alone = judged(gives_up());
    let dead = fates(&alone, Fate::Dead);
    assert!(!dead.is_empty());
    assert!(alone.verdict(Property::Stuck).is_violated());
    assert_eq!(alone.tally.lost(), 0, "dead is not lost: {:?}", alone.tally);
    let press = Action::Resend { rows: Vec::new() };
    let pressed = judged(gives_up().at_ms(40_000, press.clone()).at_ms(40_001, press));
    assert_eq!(fates(&pressed, Fate::Dead), Vec::<u32>::new());
    assert_eq!(pressed.tally.processed, 20);
    assert_eq!(pressed.tally.twice, 0);
    let audit: Vec<(usize, usize)> = pressed
        .healed
        .journal()
        .entries()
        .iter()
        .filter_map(|s| match &s.what {
            Entry::Resent { rows, left_alone } => Some((rows.len(), left_alone.len())),
            _ => None,
        })
        .collect();
    assert_eq!(audit.len(), 2);
    assert_eq!(audit[0].0, dead.len());
    assert_eq!(audit[1], (0, dead.len()), "the second finds them in flight");
}

#[test]
fn somebody_on_duty_comes_to_the_desk_after_the_alarm() {
    let duty = gives_up().with(Application, "desk.after.ms", "8000");
    let judged = judged(duty);
    assert!(!judged.verdict(Property::Stuck).is_violated());
    assert_eq!(judged.tally.processed, 20);
}

/// Kafka is away for ten seconds; rows older than three seconds go to service B directly.
fn two_ways() -> Experiment {
    let experiment = shop("outbox")
        .with(Application, "direct.call", "true")
        .with(Application, "direct.after.ms", "3000")
        .with(Application, "handler.idempotent", "true");
    without_kafka(experiment, 4_100, 16_000)
}

#[test]
fn service_b_is_called_directly_while_kafka_is_away() {
    let judged = judged(two_ways());
    let called = times(&judged, |e| matches!(e, Entry::Served { effect: true, .. }));
    assert!(called.len() > 3, "{called:?}");
    assert!(called.iter().all(|at| (4_100_000..25_000_000).contains(at)));
    assert_eq!((judged.tally.processed, judged.tally.twice), (20, 0));
    assert_eq!(judged.tally.lost(), 0);
}

#[test]
fn while_service_b_is_down_too_orders_wait_and_are_not_lost() {
    let down = two_ways()
        .at_ms(5_000, Action::Kill(SERVICE_B))
        .at_ms(12_000, Action::Start(SERVICE_B));
    let judged = judged(down);
    assert_eq!(
        times(&judged, |e| matches!(e, Entry::CallFailed { .. })).len(),
        1
    );
    assert_eq!((judged.tally.processed, judged.tally.lost()), (20, 0));
}

#[test]
fn an_idempotent_handler_with_a_small_memory_forgets() {
    let kill_at = 4_100;
    let with_memory = |memory: &str| {
        let experiment = shop("outbox")
            .with(Application, "order.step.ms", "5000")
            .with(Application, "relay.interval.ms", "100")
            .with(Application, "handler.idempotent", "true")
            .with(Application, "handler.memory", memory);
        judged(restarted(experiment, RELAY, kill_at + 2_000))
    };
    assert_eq!(with_memory("0").tally.twice, 0);
    assert_eq!(with_memory("100").tally.twice, 0);
    assert!(with_memory("1").tally.twice > 0);
}

fn told(judged: &Judgement, message: u32) -> (String, Vec<String>) {
    let run = &judged.healed;
    let why = explain(
        run.experiment(),
        run.journal(),
        &judged.history,
        MessageId(message),
    );
    let lines = why.lines.iter().map(|line| line.text.en.to_string());
    (why.title.en.to_string(), lines.collect())
}

#[test]
fn an_order_alone_a_message_alone_and_a_dead_row_are_explained() {
    let (title, lines) = told(&judged(restarted(shop("row-first"), SHOP, 4_200)), 5);
    assert_eq!(title, "Why order m5 has no message");
    assert!(lines[1].contains("is killed"), "{lines:?}");
    assert!(lines[2].contains("ends before m5 has left it"), "{lines:?}");
    let (title, lines) = told(&judged(restarted(shop("send-first"), SHOP, 4_200)), 5);
    assert_eq!(title, "Why m5 has no order");
    assert!(
        lines.iter().any(|l| l.contains("there is no such order")),
        "{lines:?}"
    );
    let judged = judged(gives_up());
    let (title, lines) = told(&judged, fates(&judged, Fate::Dead)[0]);
    assert!(title.ends_with("still in the outbox"));
    assert!(
        lines.iter().any(|l| l.contains("relay.tries=2")),
        "{lines:?}"
    );
    assert!(lines.iter().any(|l| l.contains("alarm")), "{lines:?}");
}

#[test]
fn a_duplicate_names_the_crash_before_the_mark() {
    let killed = restarted(shop("outbox"), RELAY, 4_300);
    let judged = judged(killed);
    let (_, lines) = told(&judged, fates(&judged, Fate::Twice)[0]);
    assert!(
        lines.iter().any(|l| l.contains("before it marks the row")),
        "{lines:?}"
    );
}

#[test]
fn without_an_outbox_what_is_done_to_its_job_is_not_done() {
    let experiment = shop("row-first").at_ms(3_000, Action::Kill(RELAY));
    let judged = judged(experiment);
    assert_eq!(times(&judged, |e| *e == Entry::Killed).len(), 0);
}

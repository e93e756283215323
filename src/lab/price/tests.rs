//! Known runs and what they cost.

use super::*;
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Environment, Producer, Topic};
use crate::lab::experiment::broker;
use crate::lab::run::Run;
use crate::sim::MS;

fn price(experiment: Experiment) -> Price {
    Price::of(&Judgement::of(&Run::new(experiment)))
}

/// Ten orders a second, one at a time, for ten seconds; nothing goes wrong.
fn calm() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Producer, "linger.ms", "0")
        .with(Application, "send.rate", "10")
        .with(Application, "send.count", "100")
        .until_ms(15_000)
}

#[test]
fn a_flush_on_a_hard_disk_is_most_of_each_ack() {
    let flushed = |kind| {
        let on_one_broker = Experiment::brokers(1)
            .without_consumers()
            .with(Producer, "linger.ms", "0")
            .with(Application, "send.rate", "10")
            .with(Application, "send.count", "100")
            .with(Environment, "disk.kind", kind)
            .until_ms(15_000);
        let cached = price(on_one_broker.clone());
        let flushed = price(on_one_broker.with(Topic, "flush.messages", "1"));
        assert_eq!((cached.ack.count, flushed.ack.count), (100, 100));
        assert_eq!((cached.fsyncs, flushed.fsyncs), (0, 100));
        (
            flushed.ack.median_us - cached.ack.median_us,
            flushed.fsync_us,
        )
    };
    let (on_hdd_us, fsyncs_us) = flushed("hdd");
    assert!((8_000..8_200).contains(&on_hdd_us), "{on_hdd_us}");
    assert_eq!(fsyncs_us, 800_000);
    let (on_ssd_us, fsyncs_us) = flushed("ssd");
    assert!((500..700).contains(&on_ssd_us), "{on_ssd_us}");
    assert_eq!(fsyncs_us, 50_000);
}

#[test]
fn an_ack_of_all_waits_for_the_followers_and_an_ack_of_none_for_nobody() {
    let acked = |acks| price(calm().with(Producer, "acks", acks));
    let (none, leader, all) = (acked("0"), acked("1"), acked("all"));
    for price in [&none, &leader, &all] {
        assert_eq!(price.ack.count, 100);
    }
    let one_way_us = 250;
    assert!(none.ack.median_us < one_way_us, "{:?}", none.ack);
    assert!(leader.ack.median_us > 2 * one_way_us, "{:?}", leader.ack);
    assert!(
        all.ack.median_us > leader.ack.median_us + 2 * one_way_us,
        "{:?}",
        all.ack
    );
    assert!(none.cost() < leader.cost() && leader.cost() < all.cost());
}

#[test]
fn what_the_followers_copy_goes_over_the_network_once_each() {
    let mut alone = calm();
    alone.topology.replication_factor = 1;
    let (alone, three) = (price(alone), price(calm()));
    assert!(three.copied_bytes > 2 * 100 * 200, "{}", three.copied_bytes);
    assert!(
        alone.copied_bytes < three.copied_bytes / 2,
        "{}",
        alone.copied_bytes
    );
    assert_eq!(three.machines, 4, "three brokers and a controller");
}

#[test]
fn the_gap_is_the_failover() {
    let killed = price(
        calm()
            .at_ms(4_000, Action::Kill(broker(1)))
            .until_ms(20_000),
    );
    assert!(
        (7_000_000..11_000_000).contains(&killed.gap_us),
        "{}",
        killed.gap_us
    );
    assert_eq!(killed.gaps_us.len(), 1);
    assert!(killed.ack.max_us >= killed.gap_us, "{:?}", killed.ack);
    assert!(killed.calm_ack.p95_us < 10 * MS, "{:?}", killed.calm_ack);
    let nothing = price(calm());
    assert!(nothing.gap_us < SECOND, "{}", nothing.gap_us);
    assert!(nothing.cost() < killed.cost());
}

#[test]
fn the_gap_begins_when_an_order_is_due_even_if_send_blocks() {
    let alone = Experiment::brokers(1)
        .without_consumers()
        .with(Application, "send.rate", "10")
        .with(Application, "send.count", "100")
        .at_ms(4_000, Action::Kill(broker(1)))
        .at_ms(4_200, Action::Start(broker(1)))
        .until_ms(30_000);
    let price = price(alone);
    assert!(price.gap_us > 2 * SECOND, "a start takes 2 s: {price:?}");
    assert!(price.gap_us + 200 * MS > price.leaderless_us, "{price:?}");
}

#[test]
fn ten_orders_a_second_are_ten_a_second() {
    let price = price(calm());
    assert!(
        (10_000..10_200).contains(&price.acked_per_s_milli),
        "{}",
        price.acked_per_s_milli
    );
    assert_eq!(price.end_to_end.count, 100);
    assert!(
        price.end_to_end.median_us > price.ack.min_us + 5 * MS,
        "the work takes 5 ms"
    );
    assert_eq!((price.delivered_twice, price.processed_twice), (0, 0));
}

#[test]
fn a_consumer_killed_in_its_work_is_given_some_of_it_again() {
    let experiment = calm();
    let consumer = experiment.consumer_node(0);
    let killed = experiment
        .at_ms(7_000, Action::Kill(consumer))
        .at_ms(7_500, Action::Start(consumer))
        .until_ms(60_000);
    let price = price(killed);
    assert!(price.delivered_twice > 0);
    assert_eq!(price.processed_twice, price.tally.twice);
    assert!(price.cost().twice > 0);
}

fn compared(experiment: &Experiment, families: &[Family]) -> Comparison {
    let mut comparison = Comparison::new(experiment, families);
    while comparison.step() {}
    comparison
}

fn calm_of(measure: &Measure) -> &Price {
    measure.calm.as_ref().expect("a calm run")
}

#[test]
fn whoever_waits_for_more_waits_longer_and_writes_less() {
    let all = compared(&Experiment::three_brokers(), &[Family::Acks, Family::Flush]);
    let found = |name: &str| {
        let row = all.rows().find(|(alternative, _)| alternative.name == name);
        row.expect("an alternative").1
    };
    let rising = [
        "acks=0",
        "acks=1",
        "acks=all",
        "flush.messages=1, SSD",
        "flush.messages=1, hard disk",
    ];
    for pair in rising.windows(2) {
        let (less, more) = (found(pair[0]), found(pair[1]));
        assert!(
            calm_of(less).answer.median_us < calm_of(more).answer.median_us,
            "{pair:?}"
        );
        let of = |measure: &Measure| measure.load.expect("a load").orders_per_s;
        assert!(of(less) > of(more), "{pair:?}");
    }
    let (ssd, hdd) = (found(rising[3]), found(rising[4]));
    let two_flushes_us = 2 * (8_000 - 500);
    let dearer_us = calm_of(hdd).answer.median_us - calm_of(ssd).answer.median_us;
    assert!(
        dearer_us.abs_diff(two_flushes_us) < 200,
        "leader, then followers: {dearer_us}"
    );
}

#[test]
fn each_price_buys_something() {
    let all = compared(&Experiment::three_brokers(), &[Family::Acks, Family::Flush]);
    for (alternative, measure) in all.rows() {
        let [killed, dark, emptied, all_dark] = measure.blows.map(|lost| lost.expect("a fault"));
        match alternative.name {
            "acks=0" | "acks=1" => {
                assert!(killed > 0 && dark > 0 && emptied > 0, "{measure:?}");
                assert!(all_dark > 0);
            }
            name if name.starts_with("flush.messages=1") => {
                assert_eq!([killed, dark, emptied, all_dark], [0; 4], "{name}");
            }
            name => {
                assert_eq!(
                    [killed, dark, emptied],
                    [0; 3],
                    "{name}: {:?}",
                    measure.blows
                );
                assert!(all_dark > 0, "page caches alone: {name}");
            }
        }
    }
}

#[test]
fn a_flush_does_not_help_when_the_only_disk_is_gone() {
    let alone = Experiment::brokers(1).with(Topic, "min.insync.replicas", "1");
    for (alternative, measure) in compared(&alone, &[Family::Flush]).rows() {
        let [killed, dark, emptied, _] = measure.blows.map(|lost| lost.expect("a fault"));
        let flushed = alternative.name.starts_with("flush.messages=1");
        assert_eq!((killed, dark > 0), (0, !flushed), "{}", alternative.name);
        assert!(emptied > 0, "{}: {measure:?}", alternative.name);
    }
}

#[test]
fn one_step_is_one_run_and_the_same_run_is_made_once() {
    let mut comparison =
        Comparison::new(&Experiment::three_brokers(), &[Family::Acks, Family::Flush]);
    let now = comparison
        .rows()
        .filter(|(alternative, _)| alternative.is_now);
    assert_eq!(
        now.count(),
        2,
        "acks=all, and no flush: both are how it runs now"
    );
    assert_eq!(comparison.rows().count(), 7);
    let mut steps = 1;
    while comparison.step() {
        steps += 1;
    }
    assert_eq!(
        steps,
        6 * 6,
        "a calm run, a load and four faults each; there is no story"
    );
}

#[test]
fn what_was_measured_is_kept_when_less_is_compared() {
    let families = [Family::Acks, Family::Flush];
    let both = compared(&Experiment::three_brokers(), &families);
    let fewer = both.of_families(&[Family::Flush]);
    assert!(!fewer.is_running());
    assert_eq!((fewer.rows().count(), fewer.done()), (3, (18, 18)));
}

#[test]
fn a_lesson_is_compared_by_what_it_is_about() {
    use crate::lab::lessons;
    for lesson in lessons::all() {
        let comparison = Comparison::new(&lesson.experiment, &Family::of(&lesson));
        let mut rows = comparison.rows();
        assert!(
            rows.any(|(alternative, _)| alternative.is_now),
            "{}",
            lesson.id
        );
        assert!(comparison.rows().count() > 1, "{}", lesson.id);
    }
    let power = lessons::find("power").expect("a lesson");
    assert_eq!(Family::of(&power), [Family::Flush, Family::Copies]);
    let mut comparison = Comparison::new(&power.experiment, &Family::of(&power));
    while comparison.step() {}
    for (alternative, measure) in comparison.rows() {
        let story = measure.story.as_ref().expect("the same story");
        let lost = if alternative.is_now { 20 } else { 0 };
        assert_eq!(story.tally.lost(), lost, "{}", alternative.name);
    }
}

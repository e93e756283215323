//! Transactional ids that nobody uses.

use super::*;

/// Ids are forgotten after a minute, looked for every ten seconds.
fn forgetful() -> Story {
    let broker = BrokerConfig {
        transactional_id_expiration_ms: 60_000,
        transaction_remove_expired_transaction_cleanup_interval_ms: 10_000,
        ..BrokerConfig::default()
    };
    Story::on(broker, ProducerConfig::default())
}

#[test]
fn an_idle_transactional_id_is_forgotten_also_by_the_next_coordinator() {
    let mut story = forgetful();
    story.begun(P1);
    story.send(P1, T, &[1]);
    story.commit(P1);
    story.pass_ms(55_000);
    assert_eq!(story.expired(), 0);
    story.pass_ms(20_000);
    assert_eq!(story.expired(), 1);
    // Its coordinator dies; the successor reads the tombstone and has nothing to forget.
    story.act(Action::Kill(B3));
    story.pass_ms(100_000);
    assert_eq!(story.expired(), 1);
    // A producer with this id is a new one.
    story.begun(P2);
    story.send(P2, T, &[2]);
    story.commit(P2);
    assert_eq!(story.read(COMMITTED), [1, 2]);
}

#[test]
fn who_used_an_id_that_was_forgotten_can_not_go_on_with_it() {
    let mut story = forgetful();
    story.begun(P1);
    story.send(P1, T, &[1]);
    story.commit(P1);
    story.pass_ms(80_000);
    assert_eq!(story.expired(), 1);
    story.call(P1, Call::BeginTransaction);
    story.send(P1, T, &[2]);
    story.commit(P1);
    assert_eq!(story.read(COMMITTED), [1]);
    assert!(!story.failed(P1).is_empty(), "INVALID_PRODUCER_ID_MAPPING");
}

#[test]
fn an_open_transaction_keeps_its_id() {
    let mut story = forgetful();
    let patient = ProducerConfig {
        transaction_timeout_ms: 300_000,
        ..ProducerConfig::default()
    };
    story = Story::on(story.world.model.spec.brokers[0].clone(), patient);
    story.begun(P1);
    story.send(P1, T, &[1]);
    story.pass_ms(100_000);
    assert_eq!(story.expired(), 0);
    story.commit(P1);
    assert_eq!(story.read(COMMITTED), [1]);
}

use std::collections::BTreeSet;

use super::*;

fn producer(settings: &[(&str, &str)]) -> (ProducerConfig, Vec<Problem>) {
    let set = |all: Settings, (name, value): &(&str, &str)| all.with(name, value);
    ProducerConfig::build(&settings.iter().fold(Settings::default(), set))
}

fn only_text(problems: &[Problem]) -> &str {
    assert_eq!(problems.len(), 1, "{problems:?}");
    &problems[0].en
}

/// Every row: the default reads, is written back as the same value, and its sentences are there.
fn table_is_sound<C: ConfigSet + std::fmt::Debug + PartialEq>() {
    let mut names = BTreeSet::new();
    for (row, note) in C::ROWS.iter().zip(C::NOTES) {
        assert!(names.insert(row.name), "{} twice", row.name);
        assert!(
            !note.en.is_empty() && !note.zh.is_empty() && !note.source.is_empty(),
            "{note:?}"
        );
        let mut config = C::default();
        config
            .set(row.name, row.default)
            .unwrap_or_else(|problem| panic!("{problem:?}"));
        assert_eq!(config, C::default(), "{}", row.name);
        let text = config.get(row.name).expect("known name");
        config
            .set(row.name, &text)
            .unwrap_or_else(|problem| panic!("{problem:?}"));
        assert_eq!(config, C::default(), "{}", row.name);
    }
}

#[test]
fn every_default_reads_and_writes_back() {
    table_is_sound::<ProducerConfig>();
    table_is_sound::<ConsumerConfig>();
    table_is_sound::<BrokerConfig>();
    table_is_sound::<TopicConfig>();
    table_is_sound::<Environment>();
    table_is_sound::<AppConfig>();
}

#[test]
fn defaults_are_those_of_kafka_4_3() {
    let (configs, problems) = Configs::build(&Overrides::default());
    assert_eq!(problems, []);
    assert_eq!(
        (configs.producer.acks, configs.producer.linger_ms),
        (Acks::All, 5)
    );
    assert!(configs.producer.enable_idempotence);
    assert_eq!(configs.broker.broker_session_timeout_ms, 9_000);
    assert_eq!(configs.broker.eligible_leader_replicas_version, 1);
    assert_eq!(configs.topic.flush_messages, LONG_MAX);
    assert_eq!(configs.consumer.auto_offset_reset, OffsetReset::Latest);
}

#[test]
fn a_bad_value_is_refused_in_kafkas_words_and_the_rest_is_kept() {
    let (config, problems) = producer(&[("acks", "7"), ("linger.ms", "20")]);
    assert_eq!(
        only_text(&problems),
        "Invalid value 7 for configuration acks: String must be one of: all, -1, 0, 1"
    );
    assert_eq!((config.acks, config.linger_ms), (Acks::All, 20));

    let (_, problems) = producer(&[("linger.ms", "-3")]);
    let text = "Invalid value -3 for configuration linger.ms: Value must be at least 0";
    assert_eq!(only_text(&problems), text);
    let (_, problems) = producer(&[("retries", "99999999999")]);
    let text = "Invalid value 99999999999 for configuration retries: Not a number of type INT";
    assert_eq!(only_text(&problems), text);
}

#[test]
fn an_unknown_name_is_named_with_the_nearest_known_one() {
    let (_, problems) = producer(&[("linger_ms", "5")]);
    assert_eq!(
        only_text(&problems),
        "Unknown config linger_ms. Did you mean linger.ms?"
    );
}

#[test]
fn acks_1_turns_idempotence_off_silently_unless_it_was_asked_for() {
    let (config, problems) = producer(&[("acks", "1")]);
    assert!(!config.enable_idempotence);
    assert_eq!(problems[0].severity, Severity::Note);

    let (config, problems) = producer(&[("acks", "1"), ("enable.idempotence", "true")]);
    assert!(only_text(&problems).starts_with("Must set acks to all"));
    assert_eq!((config.acks, config.enable_idempotence), (Acks::All, true));

    let (config, problems) = producer(&[("retries", "0")]);
    assert!(!config.enable_idempotence);
    assert_eq!(problems[0].severity, Severity::Note);
}

#[test]
fn six_in_flight_are_refused_even_when_acks_would_turn_idempotence_off() {
    let many = ("max.in.flight.requests.per.connection", "6");
    let (config, problems) = producer(&[("acks", "1"), many]);
    assert!(
        problems[0].en.ends_with("at most 5. Current value is 6."),
        "{problems:?}"
    );
    assert_eq!(config.max_in_flight_requests_per_connection, 5);
    let (_, problems) = producer(&[many, ("enable.idempotence", "false")]);
    assert_eq!(problems, []);
}

#[test]
fn delivery_timeout_must_hold_a_whole_request() {
    let (_, problems) = producer(&[("delivery.timeout.ms", "1000")]);
    let text =
        "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms";
    assert_eq!(only_text(&problems), text);
    let (config, problems) = producer(&[("request.timeout.ms", "200000")]);
    assert_eq!(config.delivery_timeout_ms, 200_005);
    assert_eq!(problems[0].severity, Severity::Note);
}

#[test]
fn transactions_need_idempotence() {
    let off = ("enable.idempotence", "false");
    let (config, problems) = producer(&[("transactional.id", "t"), off]);
    assert!(only_text(&problems).starts_with("Cannot set a transactional.id"));
    assert_eq!(config.transactional_id, None);
}

#[test]
fn the_brokers_setting_is_the_topics_default() {
    let overrides = Overrides::default()
        .with(Owner::Broker, "min.insync.replicas", "2")
        .with(Owner::Broker, "log.flush.interval.messages", "1");
    assert_eq!(Configs::build(&overrides).0.topic.min_insync_replicas, 2);
    let overrides = overrides.with(Owner::Topic, "min.insync.replicas", "1");
    let topic = Configs::build(&overrides).0.topic;
    assert_eq!((topic.min_insync_replicas, topic.flush_messages), (1, 1));
}

#[test]
fn client_side_session_is_refused_in_the_new_protocol() {
    let overrides = Overrides::default()
        .with(Owner::Consumer, "group.protocol", "consumer")
        .with(Owner::Consumer, "session.timeout.ms", "20000");
    let (_, problems) = Configs::build(&overrides);
    assert_eq!(
        only_text(&problems),
        "session.timeout.ms cannot be set when group.protocol=CONSUMER"
    );
}

#[test]
fn the_coordinators_assignor_is_refused_in_the_classic_protocol() {
    let overrides = Overrides::default().with(Owner::Consumer, "group.remote.assignor", "range");
    let (_, problems) = Configs::build(&overrides);
    assert_eq!(
        only_text(&problems),
        "group.remote.assignor cannot be set when group.protocol=CLASSIC"
    );
}

#[test]
fn sessions_of_consumer_groups_have_bounds_of_their_own() {
    let session = |ms: &str| {
        let name = "group.consumer.session.timeout.ms";
        let overrides = Overrides::default().with(Owner::Broker, name, ms);
        let (configs, problems) = Configs::build(&overrides);
        assert_eq!(configs.broker.group_consumer_session_timeout_ms, 45_000);
        only_text(&problems).to_string()
    };
    assert_eq!(
        session("6000"),
        "group.consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms"
    );
    assert_eq!(
        session("61000"),
        "group.consumer.session.timeout.ms must be less than or equal to group.consumer.max.session.timeout.ms"
    );
}

#[test]
fn no_text_whatever_makes_a_config_panic() {
    let texts = [
        "",
        " ",
        "null",
        "-1",
        "0",
        "1",
        "18446744073709551615",
        "-9223372036854775808",
        "1e9",
        "NaN",
        "0.5",
        ".",
        "0.",
        "1.0000001",
        "💥",
        "\u{0}",
        "true ",
        "TRUE",
        "all",
        ",,,",
        "by_duration:",
        "by_duration:P",
        "by_duration:é",
        "by_duration:PT9999999999999999999S",
        "PT1H",
        "delete,compact,",
        "9223372036854775807",
    ];
    for row in rows() {
        for text in texts {
            let overrides = Overrides::default().with(row.scope.owner(), row.name, text);
            for problem in Configs::build(&overrides).1 {
                assert!(!problem.en.is_empty() && !problem.zh.is_empty());
            }
        }
    }
    for text in texts {
        let (_, problems) = Configs::build(&Overrides::default().with(Owner::Topic, text, text));
        assert_eq!(problems.len(), 1, "{text:?} is no topic config");
    }
}

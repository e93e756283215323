//! Lines and what becomes of them, as people write them.

use super::*;
use crate::kafka::config::Owner::{Consumer, Producer, Topic};

fn read(files: &[(&str, &str)]) -> Account {
    let files: Vec<File> = files
        .iter()
        .map(|(name, text)| File::new(name, text))
        .collect();
    account(&files, &Choice::default())
}

/// State and reason of each line of one file.
fn lines(name: &str, text: &str) -> Vec<(&'static str, String)> {
    let account = read(&[(name, text)]);
    let lines = account.pastes[0].lines.iter();
    lines
        .map(|line| (line.state.word(), line.reason.en.to_string()))
        .collect()
}

fn words(name: &str, text: &str) -> Vec<&'static str> {
    lines(name, text)
        .into_iter()
        .map(|(word, _)| word)
        .collect()
}

#[test]
fn every_line_is_used_dangerous_without_effect_unknown_or_refused() {
    let server = "# broker 1\nprocess.roles=broker,controller\nnode.id=1\ndefault.replication.factor=3\n\
                  unclean.leader.election.enable=true\nlog.flush.interval.message=1\nreplica.lag.time.max.ms=30000\n\
                  log.retention.hours=168\nnum.io.threads=16\nzookeeper.connect=zk1:2181\n\
                  offsets.topic.replication.factor=1\nlog.segment.bytes=12\n";
    assert_eq!(
        words("server.properties", server),
        [
            "blank",
            "used",
            "used",
            "used",
            "dangerous",
            "unknown",
            "used",
            "used",
            "no-effect",
            "no-effect",
            "dangerous",
            "refused"
        ]
    );
    let account = read(&[("x", server)]);
    assert_eq!(account.pastes[0].kind, Kind::Server);
    assert_eq!(
        account.pastes[0].lines[5].meant.as_deref(),
        Some("log.flush.interval.messages")
    );
    assert_eq!(
        account.overrides.get(Topic, "retention.ms"),
        Some("604800000")
    );
}

#[test]
fn what_kafka_refuses_of_two_lines_together_stands_on_one_of_them() {
    let all = lines(
        "p",
        "acks=1\nenable.idempotence=true\nretries=3\nlinger.ms=20\ncompression.type=lz4\n",
    );
    let states: Vec<&str> = all.iter().map(|(state, _)| *state).collect();
    assert_eq!(
        states,
        ["dangerous", "refused", "dangerous", "used", "no-effect"]
    );
    assert!(
        all[1]
            .1
            .starts_with("ConfigException: Must set acks to all"),
        "{}",
        all[1].1
    );
    let judged = implied(&read(&[("p", "acks=1\nenable.idempotence=true\n")]));
    assert_eq!(judged.experiment.configs.get(Producer, "acks"), Some("1"));
}

#[test]
fn a_mark_at_the_beginning_hides_the_first_key() {
    let all = lines("p.properties", "\u{feff}acks=all\r\nlinger.ms=5\r\n");
    assert_eq!((all[0].0, all[1].0), ("unknown", "used"));
    let behind_a_comment = words("p.properties", "\u{feff}# mine\nacks=all\nlinger.ms=5\n");
    assert_eq!(behind_a_comment, ["blank", "used", "used"]);
}

#[test]
fn of_two_lines_for_one_thing_the_one_that_counts_is_named() {
    let all = lines("p", "acks=1\nacks=all\nlinger.ms=5\n");
    assert_eq!(
        all[0],
        (
            "no-effect",
            "no effect: line 2 sets it, too, and counts".into()
        )
    );
    let all = words(
        "s",
        "broker.id=1\nlog.retention.ms=1000000000\nlog.retention.hours=1\n",
    );
    assert_eq!(all, ["used", "used", "no-effect"]);
}

#[test]
fn spring_s_keys_become_kafka_s() {
    let text = "spring:\n  kafka:\n    producer:\n      acks: ${ACKS:1}\n      batch-size: 16KB\n      properties:\n        \
                enable.idempotence: false\n    consumer:\n      auto-offset-reset: earliest\n      max-pol-records: 5\n    \
                listener:\n      ack-mode: record\nserver:\n  port: 8080\n";
    let account = read(&[("application.yml", text)]);
    assert_eq!(account.pastes[0].kind, Kind::SpringYaml);
    assert_eq!(account.overrides.get(Producer, "acks"), Some("1"));
    assert_eq!(account.overrides.get(Producer, "batch.size"), Some("16384"));
    let made = implied(&account);
    assert_eq!(
        made.experiment.configs.get(Consumer, "enable.auto.commit"),
        Some("false")
    );
    let unknown = account.pastes[0]
        .lines
        .iter()
        .find(|line| line.state == State::Unknown);
    assert_eq!(
        unknown.and_then(|line| line.meant.as_deref()),
        Some("max-poll-records")
    );
}

#[test]
fn a_profile_that_is_not_active_has_no_effect() {
    let text = "spring:\n  kafka:\n    producer:\n      acks: all\n---\nspring:\n  config:\n    activate:\n      on-profile: \
                dev\n  kafka:\n    producer:\n      acks: \"0\"\n";
    let account = read(&[("application.yml", text)]);
    assert_eq!(account.overrides.get(Producer, "acks"), Some("all"));
    let choice = Choice {
        profile: Some("dev".into()),
        ..Choice::default()
    };
    let dev = super::account(&[File::new("application.yml", text)], &choice);
    assert_eq!(dev.overrides.get(Producer, "acks"), Some("0"));
}

#[test]
fn a_described_topic_says_what_the_cluster_is_made_of() {
    let text = "Topic: orders\tTopicId: x\tPartitionCount: 2\tReplicationFactor: 3\tConfigs: min.insync.replicas=1\n\
                \tTopic: orders\tPartition: 0\tLeader: 101\tReplicas: 101,102,103\tIsr: 101,102,103\tElr: N/A\tLastKnownElr: N/A\n\
                \tTopic: orders\tPartition: 1\tLeader: 104\tReplicas: 104,102,103\tIsr: 104,102,103\tElr: N/A\tLastKnownElr: N/A\n";
    let account = read(&[("describe.txt", text)]);
    let made = implied(&account);
    let topology = &made.experiment.topology;
    assert_eq!(
        (
            topology.brokers,
            topology.replication_factor,
            topology.partitions
        ),
        (4, 3, 2)
    );
    assert_eq!(topology.replicas, [vec![1, 2, 3], vec![4, 2, 3]]);
    assert_eq!(account.pastes[0].lines[0].state, State::Risk);
}

#[test]
fn a_broker_that_does_not_ask_for_copies_has_one() {
    let made = implied(&read(&[(
        "server.properties",
        "broker.id=0\nlog.dirs=/tmp/kafka\n",
    )]));
    assert_eq!(made.experiment.topology.replication_factor, 1);
    let (_, problems) = made.experiment.spec();
    assert_eq!(problems, []);
}

fn checked(text: &str, classes: &[Class], runs: usize) -> Report {
    let options = Options {
        classes: classes.to_vec(),
        runs,
        ..Options::default()
    };
    check(&[File::new("p.properties", text)], options)
}

#[test]
fn acks_1_loses_and_one_change_saves_it() {
    let classes = [Class::Calm, Class::Killed, Class::CutOff, Class::Outage];
    let report = checked("acks=1\nlinger.ms=0\n", &classes, 36);
    let words: Vec<Word> = report
        .rows
        .iter()
        .map(|row| row.before.worst.word())
        .collect();
    assert_eq!(words, [Word::Safe, Word::Lost, Word::Lost, Word::Lost]);
    let turns: Vec<&str> = report.turns.iter().map(|turn| turn.name).collect();
    assert_eq!(turns, ["acks"]);
    let after = report
        .rows
        .iter()
        .map(|row| row.after.as_ref().expect("played").worst.is_red());
    assert_eq!(after.collect::<Vec<_>>(), [false, false, false, true]);
    // All brokers' power is not survived by any number of copies.
    let needs = report.rows[3].needs.as_ref().expect("known");
    assert_eq!(needs[0].name, "flush.messages");
    assert!(report.complete && !report.is_safe());
}

#[test]
fn what_a_verdict_shows_loses_when_it_is_played() {
    let report = checked("acks=1\nlinger.ms=0\n", &[Class::Killed], 36);
    let losing = report.rows[0].before.experiment().expect("a schedule");
    let judged = crate::lab::judge::Judgement::of(&crate::lab::run::Run::new(losing));
    assert_eq!(judged.tally.lost(), report.rows[0].before.worst.lost);
}

#[test]
fn without_idempotence_a_retry_writes_twice() {
    let report = checked(
        "acks=all\nenable.idempotence=false\nlinger.ms=0\n",
        &[Class::AckLost],
        24,
    );
    assert_eq!(report.rows[0].before.worst.word(), Word::Twice);
    assert_eq!(
        report
            .turns
            .iter()
            .map(|turn| turn.name)
            .collect::<Vec<_>>(),
        ["enable.idempotence"]
    );
}

#[test]
fn what_kafka_has_by_default_survives_any_one_broker() {
    let classes = [
        Class::Killed,
        Class::CutOff,
        Class::Restarted,
        Class::Controller,
    ];
    let report = checked("linger.ms=5\nacks=all\n", &classes, 24);
    assert!(report.is_safe());
    assert_eq!(report.turns, []);
}

#[test]
fn a_planned_restart_with_acks_1_loses_what_no_follower_has_and_with_acks_all_nothing() {
    let options = || Options {
        classes: vec![Class::Restarted],
        ..Options::default()
    };
    let worst = |text: &str| {
        let report = check(&[File::new("producer.properties", text)], options());
        report.rows[0].before.worst.word()
    };
    assert_eq!(worst("acks=1\nlinger.ms=0\n"), Word::Lost);
    assert!(worst("acks=all\n") <= Word::HeldUp);
}

//! What is used and dangerous, line by line: what it means, not what came of it in a run.

use super::account::{Account, Setting, State};
use crate::kafka::config::Owner::{self, Broker, Consumer, Producer, Topic};
use crate::lab::text::Text;

/// When a value is dangerous.
#[derive(Clone, Copy)]
enum When {
    Is(&'static str),
    Below(u64),
    Above(u64),
}

impl When {
    fn holds(self, value: &str) -> bool {
        match self {
            When::Is(bad) => value.eq_ignore_ascii_case(bad),
            When::Below(least) => value.parse::<u64>().is_ok_and(|n| n < least),
            When::Above(most) => value.parse::<u64>().is_ok_and(|n| n > most),
        }
    }
}

const RISKS: [(&[Owner], &str, When, &str, &str); 20] = [
    (
        &[Producer],
        "acks",
        When::Is("0"),
        "nobody says that it was written",
        "没有任何 broker 确认写入",
    ),
    (
        &[Producer],
        "acks",
        When::Is("1"),
        "one copy, then “written”",
        "只有一份就算“写入成功”",
    ),
    (
        &[Producer],
        "enable.idempotence",
        When::Is("false"),
        "a retry may write a record twice, or out of order",
        "重试可能写入两次，或打乱顺序",
    ),
    (
        &[Producer],
        "retries",
        When::Below(20),
        "gives up after so few errors; a new leader takes 9–10 s",
        "错几次就放弃；选出新 leader 要 9–10 s",
    ),
    (
        &[Producer],
        "delivery.timeout.ms",
        When::Below(30_000),
        "gives up during an outage that Kafka survives",
        "Kafka 能撑过的故障里就已放弃",
    ),
    (
        &[Producer],
        "max.block.ms",
        When::Below(15_000),
        "send() fails while there is no leader and the buffer is full",
        "没有 leader 且缓冲已满时 send() 失败",
    ),
    (
        &[Topic, Broker],
        "min.insync.replicas",
        When::Is("1"),
        "acks=all is content with the leader alone",
        "acks=all 只要 leader 一份就满足",
    ),
    (
        &[Topic, Broker],
        "unclean.leader.election.enable",
        When::Is("true"),
        "a replica that missed records may lead; the rest is cut",
        "缺记录的副本也能当 leader，多出的记录被截掉",
    ),
    (
        &[Broker],
        "default.replication.factor",
        When::Below(3),
        "with one broker down, too few copies are left",
        "一个 broker 停机后副本就不够了",
    ),
    (
        &[Broker],
        "offsets.topic.replication.factor",
        When::Is("1"),
        "one copy of every consumer position",
        "消费位点只有一份",
    ),
    (
        &[Broker],
        "offsets.topic.replication.factor",
        When::Is("2"),
        "consumer positions on two brokers only",
        "消费位点只在两个 broker 上",
    ),
    (
        &[Broker],
        "transaction.state.log.replication.factor",
        When::Is("1"),
        "one copy of every transaction's state",
        "事务状态只有一份",
    ),
    (
        &[Broker],
        "transaction.state.log.min.isr",
        When::Is("1"),
        "a transaction's state may lie on one broker only",
        "事务状态可能只在一个 broker 上",
    ),
    (
        &[Broker],
        "controlled.shutdown.enable",
        When::Is("false"),
        "every restart is like a kill -9",
        "每次重启都等同于 kill -9",
    ),
    (
        &[Broker],
        "replica.lag.time.max.ms",
        When::Above(60_000),
        "a follower that hangs holds up acks=all for that long",
        "卡住的 follower 会让 acks=all 等这么久",
    ),
    (
        &[Broker],
        "broker.session.timeout.ms",
        When::Above(30_000),
        "so long without a leader after a crash",
        "崩溃后这么久没有 leader",
    ),
    (
        &[Consumer],
        "auto.offset.reset",
        When::Is("none"),
        "the consumer throws where it has no position",
        "没有位点时 consumer 直接抛出异常",
    ),
    (
        &[Consumer],
        "session.timeout.ms",
        When::Below(6_000),
        "below the broker's usual least, 6 s",
        "低于 broker 默认下限 6 s",
    ),
    (
        &[Consumer],
        "max.poll.interval.ms",
        When::Below(10_000),
        "slow work loses its partitions to others",
        "处理稍慢就会失去 partition",
    ),
    (
        &[Topic],
        "retention.ms",
        When::Below(3_600_000),
        "a consumer that is down for an hour misses records",
        "consumer 停一小时就会漏掉记录",
    ),
];

/// Marks every setting that is dangerous in itself.
pub fn mark(account: &mut Account) {
    let dangerous = |setting: &Setting| {
        let fits = RISKS.iter().find(|(owners, name, when, ..)| {
            owners.contains(&setting.owner) && *name == setting.name && when.holds(&setting.value)
        });
        fits.map(|(.., en, zh)| (setting.file, setting.line, Text::fixed(en, zh)))
    };
    let found: Vec<_> = account.settings.iter().filter_map(dangerous).collect();
    for (file, line, reason) in found {
        account.mark(file, line, State::Risk, reason);
    }
    let copies: Vec<(usize, usize)> = few_copies(account).collect();
    for (file, line) in copies {
        let reason = Text::fixed(
            "too few copies: one broker down is one too many",
            "副本太少：一个 broker 停机就不够",
        );
        account.mark(file, line, State::Risk, reason);
    }
}

/// Topic lines that `kafka-topics` printed, of the topic that is judged, with one or two replicas.
fn few_copies(account: &Account) -> impl Iterator<Item = (usize, usize)> {
    let judged = account.topic.clone().unwrap_or_default();
    let files = account.pastes.iter().enumerate();
    files.flat_map(move |(file, paste)| {
        let of_it = format!("Topic: {judged}");
        let is_few = move |text: &str| {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let factor = text.split("ReplicationFactor: ").nth(1);
            text.starts_with(&of_it)
                && factor.is_some_and(|rest| rest.starts_with("1 ") || rest.starts_with("2 "))
        };
        let lines = paste.lines.iter().filter(move |line| is_few(&line.text));
        lines
            .map(move |line| (file, line.number))
            .collect::<Vec<_>>()
    })
}

//! Lesson 11: the laggard is crowned.

use super::types::{
    Beat, Ending, Lesson, Question, Try, Words, answer, beat, offer, pause, t, words,
};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer, Topic};
use crate::lab::experiment::{Experiment, broker, cut, heal};
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::text::Text;

/// A follower far behind, an ISR of one, and a leader that dies.
pub fn lesson() -> Lesson {
    Lesson {
        id: "unclean",
        number: Some(11),
        title: t("The laggard is crowned", "落后者当上 leader"),
        line: t(
            "The only in-sync replica is dead. Wait for it, or go on with an old copy?",
            "唯一在 ISR 中的副本死了。等它回来，还是用旧副本继续？",
        ),
        first_screen: false,
        pace_ppm: 1_000_000,
        begins_us: 1_000_000,
        experiment: experiment(),
        knobs: vec![
            (Topic, "unclean.leader.election.enable"),
            (Topic, "min.insync.replicas"),
        ],
        invite: Some(Action::Kill(broker(1))),
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::LostAfterAck],
            holds: vec![Property::Stuck],
        },
        good: Ending {
            violated: vec![],
            holds: vec![
                Property::LostAfterAck,
                Property::LostSilently,
                Property::Stuck,
            ],
        },
        fix: vec![(Topic, "unclean.leader.election.enable", "false")],
        price: t(
            "With false the partition is offline until broker 1 is back: {leaderless} without a leader in place of {leaderless_before}. That is the choice: availability against \
             durability.",
            "设为 false 时，partition 要一直离线到 broker 1 回来：{leaderless} 没有 leader（之前 {leaderless_before}）。这就是取舍：可用性与持久性。",
        ),
        offers: offers(),
        reading: reading(),
    }
}

fn offers() -> Vec<Try> {
    vec![
        offer(
            t(
                "No unclean election, same luck",
                "禁止 unclean 选举，其余不变",
            ),
            Topic,
            "unclean.leader.election.enable",
            "false",
        ),
        offer(
            t(
                "min.insync.replicas=2 instead",
                "改用 min.insync.replicas=2",
            ),
            Topic,
            "min.insync.replicas",
            "2",
        ),
    ]
}

fn opening() -> Words {
    words(
        t(
            "Two copies. Broker 2 stops getting data from broker 1, but its heartbeats arrive.",
            "两份副本。broker 2 不再收到 broker 1 的数据，但它的心跳正常。",
        ),
        t(
            "After replica.lag.time.max.ms the leader takes it out of the ISR and goes on alone.",
            "超过 replica.lag.time.max.ms，leader 把它移出 ISR，自己继续。",
        ),
    )
}

fn reading() -> Vec<(Text, &'static str)> {
    vec![
        (
            t(
                "Kafka documentation: unclean leader election",
                "Kafka 文档：unclean leader election",
            ),
            "https://kafka.apache.org/documentation/#design_uncleanleader",
        ),
        (
            t(
                "KIP-966: eligible leader replicas",
                "KIP-966：eligible leader replicas",
            ),
            "https://cwiki.apache.org/confluence/x/mpOzDw",
        ),
    ]
}

fn experiment() -> Experiment {
    Experiment::brokers(2)
        .with_a_ready_group()
        .with(Topic, "unclean.leader.election.enable", "true")
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Application, "send.rate", "1")
        .with(Application, "send.count", "70")
        .at_ms(4_200, cut(1, 2))
        .at_ms(55_000, Action::Kill(broker(1)))
        .at_ms(55_050, heal(1, 2))
        .at_ms(80_000, Action::Start(broker(1)))
        .until_ms(100_000)
}

fn question() -> Question {
    Question {
        before_action: 1,
        text: t(
            "acks=all, {acked} orders acked. Broker 1, the only one in the ISR, is killed. How many survive?",
            "acks=all，已 ack {acked} 条订单。ISR 中唯一的 broker 1 被 kill -9。还剩几条？",
        ),
        hint: t(
            "unclean.leader.election.enable=true. Broker 2 is alive. Where does its log end?",
            "unclean.leader.election.enable=true。broker 2 还活着。它的 LEO 是多少？",
        ),
        options: vec![
            answer(t("All: acks=all", "全部：acks=all"), 55, 0, 0),
            answer(t("What broker 2 has", "broker 2 有的那些"), 5, 50, 0),
            answer(t("None", "一条不剩"), 0, 55, 0),
        ],
        reveal: t(
            "acks=all waits for all in-sync replicas, and broker 1 was the only one. Broker 2 leads now, and its log \
             is the truth: {lost} acked orders never happened.",
            "acks=all 等的是所有 in-sync 副本，而当时只有 broker 1。现在 broker 2 是 leader，以它的日志为准：{lost} 条已 ack \
             的订单就当没有发生过。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Cut,
            t("Broker 2 gets no more data.", "broker 2 收不到数据了。"),
            t(
                "It is still in the ISR, so with acks=all nothing is acked while the leader waits for it.",
                "它还在 ISR 中，所以 acks=all 的 ack 都要等它。",
            ),
        ),
        beat(
            On::IsrShrank,
            t("Broker 2 leaves the ISR.", "broker 2 离开了 ISR。"),
            t(
                "From now on acks=all means broker 1 alone: min.insync.replicas is 1.",
                "从现在起 acks=all 就等于只有 broker 1：min.insync.replicas 是 1。",
            ),
        ),
        beat(
            On::Killed,
            t("{node} is killed.", "{node} 被 kill -9。"),
            t(
                "The last in-sync copy cannot be read.",
                "最后一份 in-sync 副本读不到了。",
            ),
        ),
        pause(
            On::ElectedUnclean,
            t(
                "{node} is elected unclean and leads epoch {epoch}.",
                "{node} 以 unclean 方式当选，epoch {epoch}。",
            ),
            t(
                "Its log ends at {offset}. New orders take the offsets of those it never had.",
                "它的 LEO 是 {offset}。新订单会占用它从未有过的那些 offset。",
            ),
        ),
        beat(
            On::Truncated,
            t(
                "{node} comes back and cuts its log from {from} to {to}.",
                "{node} 回来后把日志从 {from} 截断到 {to}。",
            ),
            t(
                "It had every order, and throws them away.",
                "它本来有全部订单，现在扔掉了。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} messages vanished after acks=all.",
                "{lost} 条消息在 acks=all 之后丢失。",
            ),
            t(
                "The partition was back sooner. That is what it bought.",
                "换来的是 partition 更早恢复。",
            ),
        ),
    ]
}

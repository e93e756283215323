//! Lesson 13: the last replica standing.

use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Broker, Topic};
use crate::lab::experiment::{Experiment, broker};
use crate::lab::moments::On;
use crate::lab::properties::Property;

/// The ISR falls to one, which loses power and its tail, and comes back as if nothing were missing.
pub fn lesson() -> Lesson {
    Lesson {
        id: "last-standing",
        number: Some(13),
        title: t("The last replica standing", "最后一个副本"),
        line: t(
            "min.insync.replicas=2, and still committed records vanish. How?",
            "min.insync.replicas=2，已提交的记录仍然消失。怎么会？",
        ),
        first_screen: false,
        pace_ppm: 1_000_000,
        begins_us: 4_000_000,
        experiment: experiment(),
        knobs: vec![
            (Broker, "eligible.leader.replicas.version"),
            (Topic, "min.insync.replicas"),
            (Topic, "flush.messages"),
        ],
        invite: Some(Action::PowerOff(broker(1))),
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
        fix: vec![(Broker, "eligible.leader.replicas.version", "1")],
        price: t(
            "With eligible leader replicas the partition waits for a replica that is known to have everything committed: \
             {leaderless} without a leader, {leaderless_before} without them. If all of them ended uncleanly the last known leader is elected all the same.",
            "有了 eligible leader replicas，partition 会等一个确知拥有全部已提交数据的副本：{leaderless} 没有 leader（不用时 {leaderless_before}）。\
             若它们全都非正常停止，仍会选最后已知的 leader。",
        ),
        offers: vec![
            offer(
                t(
                    "Eligible leader replicas on",
                    "打开 eligible leader replicas",
                ),
                Broker,
                "eligible.leader.replicas.version",
                "1",
            ),
            offer(
                t("An fsync for every message", "每条消息一次 fsync"),
                Topic,
                "flush.messages",
                "1",
            ),
        ],
        reading: vec![(
            t(
                "KIP-966: eligible leader replicas",
                "KIP-966：eligible leader replicas",
            ),
            "https://cwiki.apache.org/confluence/x/mpOzDw",
        )],
    }
}

fn opening() -> Words {
    words(
        t(
            "acks=all and min.insync.replicas=2: every acked order had two copies or more.",
            "acks=all，min.insync.replicas=2：每条已 ack 的订单都至少有两份。",
        ),
        t(
            "This cluster was upgraded from before 4.1, and eligible leader replicas are not switched on.",
            "这个集群从 4.1 之前升级而来，没有打开 eligible leader replicas。",
        ),
    )
}

fn experiment() -> Experiment {
    Experiment::three_brokers()
        .without_consumers()
        .with(Broker, "eligible.leader.replicas.version", "0")
        .with(Topic, "min.insync.replicas", "2")
        .with(Application, "send.rate", "4")
        .with(Application, "send.count", "40")
        .at_ms(6_000, Action::Stop(broker(3)))
        .at_ms(9_000, Action::Stop(broker(2)))
        .at_ms(11_000, Action::PowerOff(broker(1)))
        .at_ms(13_000, Action::Start(broker(1)))
        .at_ms(24_000, Action::Start(broker(2)))
        .at_ms(25_000, Action::Start(broker(3)))
        .until_ms(50_000)
}

fn question() -> Question {
    Question {
        before_action: 2,
        text: t(
            "{acked} orders are acked, each with two copies or more. Broker 1, the last one running, loses power. How many survive?",
            "{acked} 条订单已 ack，每条至少两份。最后还在运行的 broker 1 断电。还剩几条？",
        ),
        hint: t(
            "Brokers 2 and 3 stopped in good order: all they have is on their disks.",
            "broker 2 和 3 有序停止：它们的数据都在磁盘上。",
        ),
        options: vec![
            answer(
                t("All: brokers 2 and 3 have them", "全部：broker 2 和 3 有"),
                37,
                0,
                0,
            ),
            answer(t("What broker 3 has", "broker 3 有的那些"), 24, 13, 0),
            answer(t("None", "一条不剩"), 0, 37, 0),
        ],
        reveal: t(
            "A machine that loses power loses what was only in its memory, and broker 1 is still the whole ISR. So it leads \
             again with what its disk has, and two complete copies are cut to that: {lost} orders.",
            "断电的机器会丢掉只在内存里的数据，而 broker 1 仍是 ISR 的全部。于是它带着磁盘上剩下的再当 leader，\
             两份完整的副本被截成它的样子：丢了 {lost} 条。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::IsrShrank,
            t(
                "{node} stops and leaves the ISR.",
                "{node} 停止，离开 ISR。",
            ),
            t("Two are left: writing goes on.", "还剩两个：写入继续。"),
        ),
        beat(
            On::IsrShrank,
            t("{node} stops as well.", "{node} 也停了。"),
            t(
                "Below min.insync.replicas nothing new is acked. What was acked has copies on three disks.",
                "低于 min.insync.replicas，不再 ack 新的。已 ack 的在三块盘上都有。",
            ),
        ),
        beat(
            On::PowerLost,
            t("{node} loses power.", "{node} 断电。"),
            t(
                "Kafka does not fsync before an ack: the records were in the page cache.",
                "Kafka 在 ack 之前不做 fsync：记录只在页缓存里。",
            ),
        ),
        pause(
            On::Elected,
            t(
                "{node} leads epoch {epoch} again, from offset {offset} on.",
                "{node} 再次成为 epoch {epoch} 的 leader，从 offset {offset} 开始。",
            ),
            t(
                "It is the only one in the ISR, so it need not prove anything.",
                "ISR 里只有它，所以它不需要证明什么。",
            ),
        ),
        beat(
            On::Truncated,
            t(
                "{node} cuts its log from {from} to {to}.",
                "{node} 把日志从 {from} 截断到 {to}。",
            ),
            t(
                "A complete copy, cut to an incomplete one.",
                "完整的副本，被截成不完整的。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} committed orders are gone.",
                "{lost} 条已提交的订单没了。",
            ),
            t(
                "Each had been confirmed by two replicas or more.",
                "每一条都曾由两个以上的副本确认。",
            ),
        ),
    ]
}

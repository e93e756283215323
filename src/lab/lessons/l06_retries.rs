//! Lesson 6: are three retries enough?

use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer, Producer, Topic};
use crate::lab::experiment::{Experiment, broker};
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::sim::NodeId;

/// The only producer: behind three brokers and one controller.
const PRODUCER: NodeId = NodeId(5);

/// Two brokers away for maintenance, a leader that refuses, and three retries.
pub fn lesson() -> Lesson {
    Lesson {
        id: "retries",
        number: Some(6),
        title: t("Are three retries enough?", "重试三次够吗？"),
        line: t(
            "Kafka says: not now. How long should a producer go on asking?",
            "Kafka 说：现在不行。producer 该坚持多久？",
        ),
        first_screen: false,
        pace_ppm: 500_000,
        begins_us: 2_000_000,
        experiment: experiment(),
        knobs: vec![
            (Producer, "retries"),
            (Producer, "retry.backoff.ms"),
            (Producer, "delivery.timeout.ms"),
            (Application, "send.mode"),
        ],
        invite: Some(Action::Stop(broker(3))),
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::LostSilently],
            holds: vec![Property::LostAfterAck],
        },
        good: Ending {
            violated: vec![],
            holds: vec![
                Property::LostAfterAck,
                Property::LostSilently,
                Property::Stuck,
            ],
        },
        fix: vec![(Producer, "retries", "2147483647")],
        price: t(
            "The default number of retries has no end of its own: delivery.timeout.ms ends it, two minutes by default. \
             Until then orders pile up in buffer.memory: here the longest wait for an ack was {ack_max}. And a send that failed is not a record that is not there: it may \
             have been written.",
            "默认的重试次数本身没有尽头，由 delivery.timeout.ms（默认两分钟）结束。在那之前订单堆积在 buffer.memory 里：这里最久的一条等了 {ack_max}。\
             而且发送失败不等于没有写入：它可能已经写进去了。",
        ),
        offers: vec![
            offer(
                t("Default retries, same luck", "默认重试次数，其余不变"),
                Producer,
                "retries",
                "2147483647",
            ),
            offer(
                t("Three retries, a longer backoff", "三次重试，间隔更长"),
                Producer,
                "retry.backoff.ms",
                "1000",
            ),
        ],
        reading: vec![(
            t("KIP-91: delivery.timeout.ms", "KIP-91：delivery.timeout.ms"),
            "https://cwiki.apache.org/confluence/display/KAFKA/KIP-91+Provide+Intuitive+User+Timeouts+in+The+Producer",
        )],
    }
}

fn opening() -> Words {
    words(
        t(
            "The operators restart brokers, and take one more down before the first is back.",
            "运维在重启 broker，第一台还没回来就停了第二台。",
        ),
        t(
            "The producer has the advice of many articles: retries=3.",
            "producer 听从了许多文章的建议：retries=3。",
        ),
    )
}

fn experiment() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Topic, "min.insync.replicas", "2")
        .with(Producer, "retries", "3")
        .with(Application, "send.mode", "forget")
        .with(Application, "send.rate", "2")
        .with(Application, "send.count", "60")
        .at_ms(3_000, Action::Stop(broker(2)))
        .at_ms(5_000, Action::Stop(broker(3)))
        .at_ms(
            6_100,
            Action::Burst {
                client: PRODUCER,
                messages: 4,
            },
        )
        .at_ms(16_000, Action::Start(broker(2)))
        .at_ms(18_000, Action::Start(broker(3)))
        .until_ms(45_000)
}

fn question() -> Question {
    Question {
        before_action: 2,
        text: t(
            "One replica is left, min.insync.replicas is 2. The application counts {sent} orders as sent. How many will be in the log?",
            "只剩一个副本，min.insync.replicas 是 2。应用已把 {sent} 条订单当作已发送。最终日志里有几条？",
        ),
        hint: t(
            "The leader answers NOT_ENOUGH_REPLICAS: an error that may be retried. The brokers come back within 15 s.",
            "leader 返回 NOT_ENOUGH_REPLICAS，这是可重试的错误。broker 会在 15 s 内回来。",
        ),
        options: vec![
            answer(t("All: retries bridge it", "全部：重试能撑过去"), 13, 0, 0),
            answer(
                t("Those before the second stop", "第二台停止之前的那些"),
                11,
                2,
                0,
            ),
            answer(t("None", "一条也没有"), 0, 13, 0),
        ],
        reveal: t(
            "Three retries with retry.backoff.ms doubling from 100 ms last about a second. The brokers needed more: \
             {lost} of those orders were given up, and no one looked.",
            "三次重试，间隔从 100 ms 起翻倍，总共只有一秒左右。broker 回来要更久：其中 {lost} 条被放弃了，没有人看到。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Stopping,
            t("{node} is restarted in good order.", "{node} 有序重启。"),
            t("Two replicas are left: enough.", "还剩两个副本：够用。"),
        ),
        beat(
            On::IsrShrank,
            t("The ISR loses {node}.", "{node} 离开 ISR。"),
            t(
                "An orderly stop leaves the ISR at once, without waiting for a session to end.",
                "有序停止会立即离开 ISR，不必等会话超时。",
            ),
        ),
        beat(
            On::IsrShrank,
            t("The ISR loses {node} as well.", "{node} 也离开了 ISR。"),
            t(
                "Below min.insync.replicas the leader refuses acks=all before writing anything.",
                "低于 min.insync.replicas，leader 对 acks=all 在写入之前就拒绝。",
            ),
        ),
        pause(
            On::SendFailed,
            t("{message} is given up.", "{message} 被放弃。"),
            t(
                "NOT_ENOUGH_REPLICAS, four times. The retries were over in about a second.",
                "四次 NOT_ENOUGH_REPLICAS。重试在一秒左右就用完了。",
            ),
        ),
        beat(
            On::IsrGrew,
            t("{node} is back in the ISR.", "{node} 回到 ISR。"),
            t(
                "From now on writing goes on as if nothing had been.",
                "从现在起写入恢复，像什么都没发生过。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} orders were given up meanwhile.",
                "其间有 {lost} 条订单被放弃。",
            ),
            t(
                "A dead leader would have spared them: what cannot be sent uses up no retry. A living one that refuses does.",
                "leader 若是死了反而不会：发不出去不消耗重试次数；活着却拒绝的 leader 才会。",
            ),
        ),
    ]
}

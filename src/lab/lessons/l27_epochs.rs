//! Lesson 27: why leader epochs exist; two crashes in a row.

use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Environment, Producer, Topic};
use crate::lab::experiment::{Experiment, broker};
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::text::Text;

/// Two leaders die one after the other; the third replica had everything, until it followed the second.
pub fn lesson() -> Lesson {
    Lesson {
        id: "epochs",
        number: Some(27),
        title: t("Why leader epochs exist", "leader epoch 为何存在"),
        line: t(
            "Three full copies, two crashes, and the third copy threw records away. Why?",
            "三份完整的副本，两次崩溃，第三份却自己扔掉了记录。为什么？",
        ),
        first_screen: false,
        pace_ppm: 1_000_000,
        begins_us: 1_500_000,
        experiment: experiment(),
        knobs: vec![
            (Environment, "history.truncation"),
            (Topic, "min.insync.replicas"),
            (Producer, "linger.ms"),
        ],
        invite: Some(Action::Kill(broker(1))),
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::LostAfterAck],
            holds: vec![Property::Diverged, Property::Stuck],
        },
        good: Ending {
            violated: vec![],
            holds: vec![
                Property::LostAfterAck,
                Property::LostSilently,
                Property::Diverged,
                Property::Stuck,
            ],
        },
        fix: vec![(Environment, "history.truncation", "leader-epoch")],
        price: t(
            "The price is small: each batch carries the epoch of its leader, each log keeps a short list of where epochs began, \
             and a new follower asks its leader where the two part before it cuts. Every Kafka since 0.11 does so; the old rule \
             is here as history only.",
            "代价很小：每个 batch 带上 leader 的 epoch，每个日志保存一张各 epoch 从哪里开始的短表，新的 follower 先问 leader \
             两者在哪里分叉，再截断。0.11 以后的 Kafka 都这样做；旧规则在这里只是历史。",
        ),
        offers: vec![
            offer(
                t("Leader epochs, same luck", "改用 leader epoch，其余不变"),
                Environment,
                "history.truncation",
                "leader-epoch",
            ),
            offer(
                t("An fsync for every message", "每条消息一次 fsync"),
                Topic,
                "flush.messages",
                "1",
            ),
        ],
        reading: reading(),
    }
}

pub(super) fn reading() -> Vec<(Text, &'static str)> {
    vec![
        (
            t(
                "KIP-101: use leader epoch rather than high watermark for truncation",
                "KIP-101：截断用 leader epoch，不用 high watermark",
            ),
            "https://cwiki.apache.org/confluence/display/KAFKA/KIP-101+-+Alter+Replication+Protocol+to+use+Leader+Epoch+rather+than+High+Watermark+for+Truncation",
        ),
        (
            t(
                "KIP-279: log divergence after fast leader fail over",
                "KIP-279：leader 快速切换后的日志分叉",
            ),
            "https://cwiki.apache.org/confluence/display/KAFKA/KIP-279%3A+Fix+log+divergence+between+leader+and+follower+after+fast+leader+fail+over",
        ),
    ]
}

fn opening() -> Words {
    words(
        t(
            "Kafka as before 0.11: whoever becomes follower cuts its log to its own high watermark.",
            "0.11 之前的 Kafka：谁变成 follower，就把日志截断到自己的 high watermark。",
        ),
        t(
            "That mark is old by one fetch: a follower hears with the next answer that the last one was committed. The rest of the \
             cluster is of today.",
            "而这个位置总是晚一次 fetch：上一批已提交，要到下一次应答才知道。集群的其余部分都是今天的规则。",
        ),
    )
}

fn experiment() -> Experiment {
    Experiment::three_brokers()
        .without_consumers()
        .with(Environment, "history.truncation", "high-watermark")
        .with(Topic, "min.insync.replicas", "2")
        .with(Producer, "linger.ms", "300")
        .with(Application, "send.rate", "10")
        .with(Application, "send.count", "24")
        .at_ms(2_750, Action::Kill(broker(1)))
        .at_ms(10_000, Action::Kill(broker(2)))
        .at_ms(28_000, Action::Start(broker(1)))
        .at_ms(31_000, Action::Start(broker(2)))
        .until_ms(60_000)
}

fn question() -> Question {
    Question {
        before_action: 1,
        text: t(
            "{acked} orders are acked and on all three brokers. Broker 1 is dead, now broker 2 dies too. Broker 3 has a complete log. How many survive?",
            "{acked} 条订单已 ack，三台 broker 上都有。broker 1 已死，现在 broker 2 也死。broker 3 的日志是完整的。还剩几条？",
        ),
        hint: t(
            "The controller will make broker 2 leader before it notices that it is gone, and broker 3 its follower.",
            "controller 在发现 broker 2 已死之前会先选它当 leader，broker 3 成为它的 follower。",
        ),
        options: vec![
            answer(t("All: broker 3 has them", "全部：broker 3 有"), 24, 0, 0),
            answer(
                t("All but the last batch", "除最后一个 batch 以外"),
                20,
                4,
                0,
            ),
            answer(t("None", "一条不剩"), 0, 24, 0),
        ],
        reveal: t(
            "Broker 3 became the follower of a leader that was already dead, cut its log to the high watermark it knew, and could not \
             fetch again what it had thrown away. Then it led: {lost} committed orders are gone.",
            "broker 3 成了一个已死 leader 的 follower，把日志截断到它所知的 high watermark，扔掉的再也取不回来。然后它当上 leader：\
             {lost} 条已提交的订单没了。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    [crashes(), what_follows()].concat()
}

fn crashes() -> Vec<Beat> {
    vec![
        beat(
            On::Acked,
            t(
                "{message} is acked: all three replicas have it.",
                "{message} 已 ack：三个副本都有。",
            ),
            t(
                "The leader knows that it is committed. The followers hear of it with their next fetch.",
                "leader 知道它已提交。follower 要到下一次 fetch 才知道。",
            ),
        ),
        beat(
            On::Killed,
            t(
                "{node} dies right after an ack.",
                "{node} 刚返回 ack 就死了。",
            ),
            t(
                "Both followers have the last batch, and neither has heard that it is committed.",
                "两个 follower 都有最后一个 batch，都还没听说它已提交。",
            ),
        ),
        beat(
            On::Killed,
            t("{node} dies as well.", "{node} 也死了。"),
            t(
                "It is 9 s until the controller counts a broker as dead.",
                "controller 要过 9 s 才认定一台 broker 已死。",
            ),
        ),
        beat(
            On::Elected,
            t(
                "{node} is elected: epoch {epoch}. It is dead already.",
                "{node} 当选：epoch {epoch}。它其实已经死了。",
            ),
            t(
                "For broker 3 this is a new leader to follow.",
                "对 broker 3 来说，这是一个要跟随的新 leader。",
            ),
        ),
    ]
}

fn what_follows() -> Vec<Beat> {
    vec![
        pause(
            On::Truncated,
            t(
                "{node} cuts its log from {from} to {to}: its high watermark.",
                "{node} 把日志从 {from} 截断到 {to}：它的 high watermark。",
            ),
            t(
                "It asked nobody. With leader epochs it would have asked, and kept everything until it was answered.",
                "它没有问任何人。有了 leader epoch，它会先问，得到回答之前什么都不扔。",
            ),
        ),
        pause(
            On::Elected,
            t(
                "{node} leads epoch {epoch}, from offset {offset} on.",
                "{node} 成为 epoch {epoch} 的 leader，从 offset {offset} 开始。",
            ),
            t(
                "It is in the ISR: the controller takes its log for complete.",
                "它在 ISR 中：controller 认为它的日志是完整的。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} committed orders are gone.",
                "{lost} 条已提交的订单没了。",
            ),
            t(
                "Three brokers had each of them. No disk failed.",
                "每一条都曾在三台 broker 上。没有一块磁盘出错。",
            ),
        ),
    ]
}

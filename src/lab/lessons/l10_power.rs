//! Lesson 10: page cache and platter.

use super::types::{
    Beat, Ending, Lesson, Question, Try, Words, answer, beat, offer, pause, t, words,
};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Broker, Environment, Producer, Topic};
use crate::lab::experiment::{Experiment, broker};
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::text::Text;

/// One copy; first kill -9, then power loss.
pub fn lesson() -> Lesson {
    Lesson {
        id: "power",
        number: Some(10),
        title: t("Page cache and platter", "页缓存与磁盘"),
        line: t(
            "kill -9 or power off: which of them loses what was acked?",
            "kill -9 和断电，哪一个会丢掉已经 ack 的消息？",
        ),
        first_screen: false,
        pace_ppm: 100_000,
        begins_us: 700_000,
        experiment: experiment(),
        knobs: vec![
            (Topic, "flush.messages"),
            (Topic, "flush.ms"),
            (Environment, "disk.kind"),
            (Environment, "os.writeback.age.ms"),
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
        fix: vec![(Topic, "flush.messages", "1")],
        price: t(
            "flush.messages=1 puts one fsync before every ack, here {fsyncs} of {fsync} each: the median ack takes {ack} in \
             place of {ack_before}. On a hard disk the fsync is most of it; replicas in separate power domains buy the same \
             for less.",
            "flush.messages=1 让每次 ack 之前都 fsync 一次，这里是 {fsyncs} 次，每次 {fsync}：ack 中位数从 {ack_before} 变为 {ack}。\
             在机械盘上，fsync 就是大部分延迟；把副本放在不同的供电域里，代价更小。",
        ),
        offers: offers(),
        reading: reading(),
    }
}

fn offers() -> Vec<Try> {
    vec![
        offer(
            t(
                "flush.messages=1, same luck",
                "改为 flush.messages=1，其余不变",
            ),
            Topic,
            "flush.messages",
            "1",
        ),
        offer(
            t("The same on a hard disk", "换成机械盘"),
            Environment,
            "disk.kind",
            "hdd",
        ),
        offer(
            t(
                "Let the OS write back after 500 ms",
                "让操作系统 500 ms 后回写",
            ),
            Environment,
            "os.writeback.age.ms",
            "500",
        ),
    ]
}

fn opening() -> Words {
    words(
        t(
            "One broker, one copy. Each order is written to the log and acked.",
            "一个 broker，一份副本。每条订单写入日志后返回 ack。",
        ),
        t(
            "Written means: in the page cache. Kafka does not wait for the disk.",
            "“写入”指的是进了页缓存。Kafka 不等磁盘。",
        ),
    )
}

fn reading() -> Vec<(Text, &'static str)> {
    vec![
        (
            t("Kafka documentation: flush management", "Kafka 文档：flush"),
            "https://kafka.apache.org/documentation/#appvsosflush",
        ),
        (
            t(
                "Kafka documentation: replication",
                "Kafka 文档：replication",
            ),
            "https://kafka.apache.org/documentation/#replication",
        ),
    ]
}

fn experiment() -> Experiment {
    Experiment::brokers(1)
        .without_consumers()
        .with(Producer, "acks", "all")
        .with(Broker, "offsets.topic.replication.factor", "1")
        .with(Application, "send.rate", "5")
        .with(Application, "send.count", "20")
        .at_ms(1_300, Action::Kill(broker(1)))
        .at_ms(1_500, Action::Start(broker(1)))
        .at_ms(15_100, Action::PowerOff(broker(1)))
        .at_ms(15_600, Action::Start(broker(1)))
        .until_ms(30_000)
}

fn question() -> Question {
    Question {
        before_action: 2,
        text: t(
            "kill -9 took nothing. Now the power goes. How many of the {acked} acked orders are on the disk?",
            "kill -9 什么都没带走。现在断电。{acked} 条已 ack 的订单里，有多少条在磁盘上？",
        ),
        hint: t(
            "Hatched cells are in the page cache, solid ones on the disk. Linux writes back after 30 s.",
            "斜线格在页缓存里，实心格在磁盘上。Linux 30 s 后才回写。",
        ),
        options: vec![
            answer(t("All of them", "一条不少"), 20, 0, 0),
            answer(
                t("Those from before the kill", "kill -9 之前的那些"),
                7,
                13,
                0,
            ),
            answer(t("None", "一条也没有"), 0, 20, 0),
        ],
        reveal: t(
            "No fsync had run. {lost} acked orders were only in the page cache, and the page cache needs power.",
            "一次 fsync 都没有执行过。{lost} 条已 ack 的订单只在页缓存里，而页缓存靠电维持。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Acked,
            t(
                "{message} is acked from the page cache.",
                "{message} 写进页缓存就返回了 ack。",
            ),
            t("No disk has it yet.", "还没有任何磁盘上有它。"),
        ),
        beat(
            On::Killed,
            t("{node} is killed with -9.", "{node} 被 kill -9。"),
            t(
                "Its pages belong to the kernel, and the kernel lives.",
                "它的页属于内核，内核还活着。",
            ),
        ),
        beat(
            On::Elected,
            t(
                "{node} leads again, and its log is whole.",
                "{node} 重新成为 leader，日志完整。",
            ),
            t("kill -9 alone loses nothing.", "仅仅 kill -9 不会丢数据。"),
        ),
        pause(
            On::PowerLost,
            t("The power of {node} is gone.", "{node} 断电了。"),
            t(
                "With it the page cache: what was not on the disk is gone.",
                "页缓存随之消失：不在磁盘上的都没有了。",
            ),
        ),
        beat(
            On::TailLost,
            t(
                "The log of {node} ends at {to}; it had ended at {from}.",
                "{node} 的日志现在到 {to} 为止，之前到 {from}。",
            ),
            t(
                "Everything between had its ack.",
                "中间的每一条都已经返回过 ack。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} messages vanished after their ack.",
                "{lost} 条消息在 ack 之后丢失。",
            ),
            t(
                "No other copy was there to give them back.",
                "没有别的副本可以把它们补回来。",
            ),
        ),
    ]
}

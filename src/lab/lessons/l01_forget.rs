//! Lesson 1: fire and forget.

use super::types::{
    Beat, Ending, Lesson, Question, Try, Words, answer, beat, offer, pause, t, words,
};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer, Producer};
use crate::lab::experiment::{Experiment, broker};
use crate::lab::moments::On;
use crate::lab::properties::Property;

/// `send()` without a look at the result, acks=0, and a leader that stops reading its sockets.
pub fn lesson() -> Lesson {
    Lesson {
        id: "forget",
        number: Some(1),
        title: t("Fire and forget", "只管发送"),
        line: t(
            "send() returned without an error. Is the order written?",
            "send() 没有报错。订单写进去了吗？",
        ),
        first_screen: false,
        pace_ppm: 100_000,
        begins_us: 600_000,
        experiment: experiment(),
        knobs: vec![
            (Application, "send.mode"),
            (Producer, "acks"),
            (Producer, "retries"),
            (Producer, "enable.idempotence"),
        ],
        invite: Some(Action::Kill(broker(1))),
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
        fix: vec![
            (Producer, "acks", "all"),
            (Application, "send.mode", "callback"),
        ],
        price: t(
            "Every send now waits for an answer, and the callback must do something with a failure: failed means \
             unknown, the record may still be written.",
            "每次发送都要等应答，而且 callback 必须处理失败：失败的意思是“结果未知”，记录仍可能被写入。",
        ),
        offers: offers(),
        reading: vec![(
            t(
                "Kafka documentation: producer configs, acks",
                "Kafka 文档：producer 配置 acks",
            ),
            "https://kafka.apache.org/documentation/#producerconfigs_acks",
        )],
    }
}

fn offers() -> Vec<Try> {
    vec![
        offer(
            t("acks=all, same luck", "改为 acks=all，其余不变"),
            Producer,
            "acks",
            "all",
        ),
        offer(t("Only acks=1", "只改为 acks=1"), Producer, "acks", "1"),
        offer(
            t("Only a callback", "只加 callback"),
            Application,
            "send.mode",
            "callback",
        ),
    ]
}

fn opening() -> Words {
    words(
        t(
            "The shop calls send() and looks at nothing; with acks=0 broker 1 answers nothing.",
            "商店调用 send() 后什么都不看；acks=0 时 broker 1 也什么都不回。",
        ),
        t(
            "A send counts as done once its bytes are written to the socket.",
            "字节写进 socket，这次发送就算成功。",
        ),
    )
}

fn experiment() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Producer, "acks", "0")
        .with(Application, "send.mode", "forget")
        .with(Application, "send.rate", "10")
        .with(Application, "send.count", "20")
        .with(Consumer, "auto.offset.reset", "earliest")
        .at_ms(1_050, Action::Pause(broker(1)))
        .at_ms(1_450, Action::Kill(broker(1)))
        .at_ms(12_500, Action::Start(broker(1)))
        .until_ms(15_000)
}

fn question() -> Question {
    Question {
        before_action: 1,
        text: t(
            "{sent} orders were sent and no call failed. Broker 1 stands still and is killed now. How many orders are \
             in a log?",
            "已发送 {sent} 条订单，没有一次调用失败。broker 1 停住了，现在被 kill -9。有多少条在日志里？",
        ),
        hint: t(
            "acks=0: what is written to the socket counts as sent. Who has read the socket since 1.050 s?",
            "acks=0：写进 socket 就算已发送。1.050 s 之后谁读过这个 socket？",
        ),
        options: vec![
            answer(t("All of them", "一条不少"), 15, 0, 0),
            answer(
                t("Those sent before it stood still", "停住之前发送的那些"),
                11,
                4,
                0,
            ),
            answer(t("None", "一条也没有"), 0, 15, 0),
        ],
        reveal: t(
            "The socket took {lost} more orders; the process that should read them did not. Nobody was told.",
            "socket 又收下了 {lost} 条订单，而该读取它们的进程没有读。没有任何人得到通知。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::CountedWithoutAck,
            t(
                "{message} counts as sent: its bytes are in the socket.",
                "{message} 算作已发送：字节已写进 socket。",
            ),
            t(
                "acks=0 asks for no answer, and none will come.",
                "acks=0 不要应答，也不会有应答。",
            ),
        ),
        beat(
            On::Paused,
            t("{node} stands still.", "{node} 停住了。"),
            t(
                "The connection stays open and its kernel goes on receiving. For the producer nothing has changed.",
                "连接还开着，内核还在接收。对 producer 来说一切如常。",
            ),
        ),
        pause(
            On::Killed,
            t(
                "{node} is killed, with orders unread in its socket.",
                "{node} 被 kill -9，socket 里还有没读的订单。",
            ),
            t(
                "Those bytes are gone. The producer counted them as sent long ago and keeps no copy.",
                "这些字节没有了。producer 早已把它们算作成功，也没有留下副本。",
            ),
        ),
        beat(
            On::Elected,
            t(
                "{node} leads epoch {epoch}.",
                "{node} 成为 epoch {epoch} 的 leader。",
            ),
            t(
                "What had not left the producer waited for this and is sent now.",
                "还没离开 producer 的消息一直在等，现在才发出。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} orders are in no log, and nobody was told.",
                "{lost} 条订单不在任何日志里，也没有任何人得到通知。",
            ),
            t(
                "The shop counts {sent} sent.",
                "商店记的是已发送 {sent} 条。",
            ),
        ),
    ]
}

//! Lesson 15: many threads.

use super::types::{
    Beat, Ending, Lesson, Question, Words, answer, beat, offer, otherwise, pause, t, words,
};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer};
use crate::lab::experiment::Experiment;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::text::Text;
use crate::sim::NodeId;

/// The only consumer: behind three brokers, one controller and one producer.
const CONSUMER: NodeId = NodeId(6);

/// Four workers, one of which throws, and an offset that goes on.
pub fn lesson() -> Lesson {
    Lesson {
        id: "threads",
        number: Some(15),
        title: t("Many threads", "多线程消费"),
        line: t(
            "Three of four workers succeed. What is committed for the fourth?",
            "四个工作线程成功了三个。第四个的 offset 怎么提交？",
        ),
        first_screen: false,
        pace_ppm: 500_000,
        begins_us: 3_000_000,
        experiment: experiment(),
        knobs: vec![
            (Application, "handler.threads"),
            (Application, "handler.on.error"),
            (Application, "record.poison.every"),
            (Application, "dead.letter.acks"),
            (Application, "commit.mode"),
            (Consumer, "enable.auto.commit"),
        ],
        invite: Some(Action::Throw(CONSUMER)),
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::LostAfterAck],
            holds: vec![Property::LostSilently],
        },
        good: Ending {
            violated: vec![],
            holds: vec![Property::LostAfterAck, Property::Stuck],
        },
        fix: vec![
            (Application, "handler.on.error", "crash"),
            (Consumer, "enable.auto.commit", "false"),
            (Application, "commit.mode", "sync-after"),
        ],
        price: t(
            "Waiting for all workers before the commit means the slowest sets the pace, and a record that always throws \
             stops the partition: set record.poison.every to see it, then handler.on.error=dead-letter, which writes it to a topic \
             that somebody has to look at.",
            "等所有线程做完再提交，意味着最慢的决定速度；而一条总是抛异常的记录会卡住整个 partition：\
             设置 record.poison.every 就能看到；再让 handler.on.error 改用死信，它会写进死信 topic，还要有人去看。",
        ),
        offers: vec![
            offer(
                t("Stop on an exception", "抛异常就停下"),
                Application,
                "handler.on.error",
                "crash",
            ),
            offer(
                t("Try again, then a dead letter", "重试，再进死信 topic"),
                Application,
                "handler.on.error",
                "dead-letter",
            ),
            offer(
                t("One thread", "单线程"),
                Application,
                "handler.threads",
                "1",
            ),
        ],
        reading: reading(),
    }
}

fn reading() -> Vec<(Text, &'static str)> {
    vec![
        (
            t(
                "KafkaConsumer: multi-threaded processing",
                "KafkaConsumer：多线程处理",
            ),
            "https://kafka.apache.org/43/javadoc/org/apache/kafka/clients/consumer/KafkaConsumer.html",
        ),
        (
            t(
                "Enterprise Integration Patterns: dead letter channel",
                "Enterprise Integration Patterns：dead letter channel",
            ),
            "https://www.enterpriseintegrationpatterns.com/patterns/messaging/DeadLetterChannel.html",
        ),
    ]
}

fn opening() -> Words {
    words(
        t(
            "Four workers share the orders of each poll.",
            "四个工作线程分担每次 poll 的订单。",
        ),
        t(
            "Auto-commit is on, and an exception in a worker is logged and swallowed.",
            "自动提交打开；工作线程里的异常被记一行日志后吞掉。",
        ),
    )
}

fn experiment() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Consumer, "auto.commit.interval.ms", "1000")
        .with(Consumer, "session.timeout.ms", "6000")
        .with(Consumer, "heartbeat.interval.ms", "2000")
        .with(Application, "handler.threads", "4")
        .with(Application, "handler.time.ms", "200")
        .with(Application, "handler.on.error", "skip")
        .with(Application, "send.rate", "10")
        .with(Application, "send.count", "60")
        .at_ms(4_000, Action::Throw(CONSUMER))
        .at_ms(7_000, Action::Start(CONSUMER))
        .until_ms(30_000)
}

fn question() -> Question {
    Question {
        before_action: 0,
        text: t(
            "{acked} orders are acked. In one worker the payment service times out: an exception. What becomes of that order?",
            "已 ack {acked} 条订单。某个工作线程里支付服务超时，抛出异常。那条订单会怎样？",
        ),
        hint: t(
            "The other workers go on. poll() commits a single number for the whole partition.",
            "其他线程继续。poll() 为整个 partition 只提交一个数字。",
        ),
        options: vec![
            answer(t("It is tried again", "会再试一次"), 40, 0, 0),
            answer(t("It is passed over", "被越过"), 39, 1, 0),
            answer(t("It is done twice", "会做两遍"), 39, 0, 1),
        ],
        reveal: t(
            "An offset says: everything below is done. The next commit lay beyond the failed order, so the group has \
             finished with it: {lost} order was never billed, and is still in the log.",
            "offset 的意思是：它之下的都完成了。下一次提交越过了失败的那条，group 从此不再管它：\
             {lost} 条订单从未入账，却还在日志里。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Committed,
            t(
                "poll() commits offset {offset}.",
                "poll() 提交了 offset {offset}。",
            ),
            t(
                "One number for the partition, however many workers there are.",
                "整个 partition 一个数字，不管有多少线程。",
            ),
        ),
        beat(
            On::HandlerThrew,
            t(
                "A worker throws at {message}.",
                "工作线程在 {message} 上抛出异常。",
            ),
            t("Its three colleagues go on.", "另外三个线程继续。"),
        )
        .without(Application, "handler.on.error", "dead-letter"),
        beat(
            On::HandlerThrew,
            t(
                "A worker throws at {message}.",
                "工作线程在 {message} 上抛出异常。",
            ),
            t(
                "It tries again at once, dead.letter.tries times in all.",
                "它马上重试，总共 dead.letter.tries 次。",
            ),
        )
        .with(Application, "handler.on.error", "dead-letter"),
        otherwise(
            On::SetAside,
            t(
                "{message} failed every time and is written to orders-dlt.",
                "{message} 每次都失败，被写入 orders-dlt。",
            ),
            t(
                "The commit waits for the ack of that dead letter, then goes past the message.",
                "提交要等这条死信的 ack，然后才越过它。",
            ),
        ),
        pause(
            On::Lost,
            t("The commit goes past it.", "提交越过了它。"),
            t(
                "From here on no poll will return that order to this group.",
                "从此不会再有 poll 把这条订单交给这个 group。",
            ),
        ),
        beat(
            On::Sealed,
            t("{lost} order was never billed.", "{lost} 条订单从未入账。"),
            t(
                "The loss is one line in an application log.",
                "这次丢失只是应用日志里的一行。",
            ),
        ),
    ]
}

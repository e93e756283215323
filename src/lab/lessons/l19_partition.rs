//! Lesson 19: which partition.

use super::types::{
    Beat, Ending, Lesson, Question, Try, Words, answer, answer_order, beat, offer, pause, t, words,
};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer, Producer};
use crate::lab::experiment::{Experiment, TOPIC};
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::text::Text;
use crate::sim::NodeId;

/// The consumer of partition 0, behind three brokers, one controller and one producer.
const SLOW: NodeId = NodeId(6);

/// A consumer lags, so a partition is added: keys move, and with them the order is gone.
pub fn lesson() -> Lesson {
    Lesson {
        id: "which-partition",
        number: Some(19),
        title: t("Which partition", "写到哪个 partition"),
        line: t(
            "A consumer lags, so you add a partition. What happens to the order of a customer's orders?",
            "consumer 跟不上，于是加一个 partition。同一个客户的订单顺序会怎样？",
        ),
        first_screen: false,
        pace_ppm: 500_000,
        begins_us: 4_000_000,
        experiment: experiment(),
        knobs: vec![
            (Producer, "partitioner.class"),
            (Application, "record.keys"),
            (Producer, "linger.ms"),
            (Producer, "batch.size"),
            (Producer, "metadata.max.age.ms"),
        ],
        invite: None,
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::Reordered],
            holds: vec![Property::LostAfterAck, Property::Doubled],
        },
        good: Ending {
            violated: vec![],
            holds: vec![
                Property::Reordered,
                Property::LostAfterAck,
                Property::Doubled,
                Property::Stuck,
            ],
        },
        fix: vec![(Producer, "partitioner.class", "KeepKeysPartitioner")],
        price: price(),
        offers: offers(),
        reading: vec![(
            t(
                "KIP-480 and KIP-794: the sticky partitioner",
                "KIP-480 与 KIP-794：sticky partitioner",
            ),
            "https://cwiki.apache.org/confluence/display/KAFKA/KIP-794",
        )],
    }
}

fn offers() -> Vec<Try> {
    vec![
        offer(
            t(
                "A partitioner that keeps old keys",
                "让旧 key 留在原处的 partitioner",
            ),
            Producer,
            "partitioner.class",
            "KeepKeysPartitioner",
        ),
        offer(
            t(
                "Three partitions from the start",
                "一开始就建三个 partition",
            ),
            Application,
            "partitions",
            "3",
        ),
        offer(
            t("Round robin", "轮流写"),
            Producer,
            "partitioner.class",
            "RoundRobinPartitioner",
        ),
        offer(
            t("No keys: sticky", "没有 key：sticky"),
            Application,
            "record.keys",
            "0",
        ),
    ]
}

fn price() -> Text {
    t(
        "The old keys stay where they were, so the added partition takes no load off the slow consumer. Choose the count ahead, \
         for the load to come. linger.ms waits for a batch to fill, here {ack} for the median ack. And compare the batches: without keys the sticky partitioner fills one batch after the other, \
         round robin fills many small ones.",
        "旧的 key 都留在原处，所以新的 partition 没有替慢的 consumer 分担什么。partition 的数量要按将来的负载提前选好。linger.ms 等待 batch 写满，这里 ack 中位数 {ack}。\
         再比较一下 batch：没有 key 时 sticky 一个 batch 写满再写下一个，轮流写则得到许多小 batch。",
    )
}

fn opening() -> Words {
    words(
        t(
            "Six customers, two partitions: hash(key) % 2 decides.",
            "六个客户，两个 partition：由 hash(key) % 2 决定。",
        ),
        t(
            "Three consumers, so one has nothing to do. Consumer 1 has just become slow, and its partition lags.",
            "三个 consumer，所以有一个闲着。consumer 1 刚刚变慢，它的 partition 开始积压。",
        ),
    )
}

fn experiment() -> Experiment {
    let more = Action::CreatePartitions {
        topic: TOPIC,
        count: 3,
        assignment: Vec::new(),
    };
    let slow = |time_ms| Action::SlowHandler {
        client: SLOW,
        time_ms,
    };
    let mut experiment = Experiment::three_brokers()
        .with_a_ready_group()
        .with(Producer, "linger.ms", "100")
        .with(Producer, "metadata.max.age.ms", "3000")
        .with(Consumer, "metadata.max.age.ms", "3000")
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Consumer, "max.poll.records", "5")
        .with(Application, "record.keys", "6")
        .with(Application, "send.rate", "40")
        .with(Application, "send.count", "600")
        .with(Application, "handler.time.ms", "20")
        .at_ms(4_000, slow(120))
        .at_ms(8_000, more)
        .at_ms(16_000, slow(20))
        .until_ms(40_000);
    experiment.topology.partitions = 2;
    experiment.topology.consumers = 3;
    experiment
}

fn question() -> Question {
    Question {
        before_action: 1,
        text: t(
            "The operator adds a third partition; the idle consumer will get it. What becomes of the {acked} orders so far, some of \
             them still waiting in the slow partition?",
            "运维加上第三个 partition，闲着的 consumer 会分到它。到此为止的 {acked} 条订单会怎样？其中一些还积压在慢的 partition 里。",
        ),
        hint: t(
            "hash(key) % 3 is not hash(key) % 2. Kafka moves no record.",
            "hash(key) % 3 不等于 hash(key) % 2。Kafka 不会搬动任何记录。",
        ),
        options: vec![
            answer(t("All are worked on in order", "都按顺序处理"), 1, 0, 0),
            answer_order(
                t(
                    "Some come after a later order of the same customer",
                    "有些排到了同一客户更晚的订单之后",
                ),
                0,
                1,
            ),
            answer(t("Some are lost", "有些丢了"), 0, 1, 0),
        ],
        reveal: t(
            "The customers whose hash moved now write to the new partition, and an idle consumer works on it at once. Their older \
             orders still wait in the slow one: {late} were worked on after a later order of the same customer. Order holds within \
             a partition, and a key keeps its partition only while their number stays.",
            "哈希变了的客户开始写到新的 partition，闲着的 consumer 马上处理。他们更早的订单还在慢的 partition 里等着：\
             {late} 条排到了同一客户更晚的订单之后。顺序只在 partition 之内成立，而一个 key 只有在 partition 数量不变时才留在原处。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::PartitionsAdded,
            t(
                "The topic has {count} partitions now.",
                "topic 现在有 {count} 个 partition。",
            ),
            t(
                "No record moves. So far a batch held {batch} records, and an ack took {ack} (median).",
                "没有记录被搬动。到目前为止每个 batch 有 {batch} 条记录，ack 用时 {ack}（中位数）。",
            ),
        ),
        beat(
            On::OwnedAgain,
            t(
                "The group has shared {count} partitions anew.",
                "group 重新分配了 {count} 个 partition。",
            ),
            t(
                "The producer has found the new one, too: clients renew their metadata every metadata.max.age.ms.",
                "producer 也发现了新的 partition：客户端每隔 metadata.max.age.ms 更新元数据。",
            ),
        ),
        pause(
            On::OutOfOrder,
            t(
                "{message} is worked on after a later order of its customer.",
                "{message} 排到了同一客户更晚的订单之后才处理。",
            ),
            t(
                "Cancelled before it was placed: that is how it looks to the application.",
                "在应用看来，就像还没下单就先取消了。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{late} orders were worked on out of order.",
                "{late} 条订单的处理顺序乱了。",
            ),
            t(
                "A batch held {batch} records on average, an ack took {ack}. Adding partitions cannot be undone.",
                "每个 batch 平均 {batch} 条记录，ack 用时 {ack}。加上的 partition 去不掉。",
            ),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::judge::Judgement;
    use crate::lab::knobs::turn;
    use crate::lab::run::Run;
    use crate::lab::script::Script;

    fn with(knob: &str, value: &str) -> Experiment {
        turn(&experiment(), knob, value).expect("a value that Kafka takes")
    }

    #[test]
    fn with_the_count_chosen_ahead_order_holds_too() {
        let judged = Judgement::of(&Run::new(with("partitions", "3")));
        assert!(!judged.verdict(Property::Reordered).is_violated());
        assert_eq!(judged.tally.processed, judged.tally.sent);
    }

    #[test]
    fn round_robin_makes_smaller_batches_than_sticky() {
        let batch = |knob, value| -> u32 {
            let lesson = Lesson {
                experiment: with(knob, value),
                ..lesson()
            };
            let script = Script::of(&lesson, &mut Run::new(lesson.experiment.clone()));
            let said = script.beats[0].words.rest.en.clone();
            let (_, rest) = said.split_once("held ").expect("it says so");
            let (number, _) = rest.split_once(" records").expect("a number");
            number.replace('.', "").parse().expect("tenths")
        };
        let sticky = batch("record.keys", "0");
        let round_robin = batch("partitioner.class", "RoundRobinPartitioner");
        assert!(round_robin + 5 < sticky, "{round_robin} {sticky}");
    }
}

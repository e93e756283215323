//! Lesson 27, second case: after a power loss two replicas disagree for ever.

use super::l27_epochs::reading;
use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Broker, Environment, Producer, Topic};
use crate::lab::experiment::{Experiment, broker};
use crate::lab::moments::On;
use crate::lab::properties::Property;

/// The leader's disk is behind the follower's when the power goes; the follower keeps what its leader has not.
pub fn lesson() -> Lesson {
    Lesson {
        id: "epochs-power",
        number: Some(27),
        title: t("Two logs that differ for ever", "永远不一致的两份日志"),
        line: t(
            "Both replicas are in sync. Can they hold different records at one offset?",
            "两个副本都在 ISR 中。同一个 offset 上会是不同的记录吗？",
        ),
        first_screen: false,
        pace_ppm: 1_000_000,
        begins_us: 1_000_000,
        experiment: experiment(),
        knobs: vec![
            (Environment, "history.truncation"),
            (Topic, "flush.messages"),
            (Environment, "os.writeback.age.ms"),
        ],
        invite: Some(Action::PowerOff(broker(2))),
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::Diverged, Property::LostAfterAck],
            holds: vec![Property::Stuck],
        },
        good: Ending {
            violated: vec![],
            holds: vec![Property::Diverged, Property::Stuck],
        },
        fix: vec![(Environment, "history.truncation", "leader-epoch")],
        price: t(
            "Leader epochs make replicas agree; they do not bring back what no disk of the leader had. Against that helps \
             flush.messages=1, or power that does not fail everywhere at once.",
            "leader epoch 让副本一致；leader 的磁盘上没有的，它找不回来。那要靠 flush.messages=1，或不会同时断电的供电。",
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

fn opening() -> Words {
    words(
        t(
            "Two replicas, acks=all, and the rule from before 0.11: a follower cuts its log to its own high watermark.",
            "两个副本，acks=all，规则是 0.11 之前的：follower 把日志截断到自己的 high watermark。",
        ),
        t(
            "Each machine writes its page cache to its disk when it likes: the two disks differ.",
            "每台机器自行决定何时把页缓存写盘：两块磁盘并不一样。",
        ),
    )
}

fn experiment() -> Experiment {
    let cluster = Experiment::brokers(2);
    let burst = Action::Burst {
        client: cluster.producer_node(0),
        messages: 15,
    };
    cluster
        .without_consumers()
        .with(Environment, "history.truncation", "high-watermark")
        .with(Broker, "offsets.topic.replication.factor", "1")
        .with(Producer, "batch.size", "0")
        .with(Application, "send.rate", "5")
        .with(Application, "send.count", "20")
        .at_ms(1_900, Action::OsWriteBack(broker(1)))
        .at_ms(6_000, Action::OsWriteBack(broker(2)))
        .at_ms(8_000, Action::PowerOff(broker(2)))
        .at_ms(8_010, Action::PowerOff(broker(1)))
        .at_ms(20_000, Action::Start(broker(1)))
        .at_ms(26_000, burst)
        .at_ms(30_000, Action::Start(broker(2)))
        .at_ms(44_000, Action::Kill(broker(1)))
        .at_ms(58_000, Action::Start(broker(1)))
        .until_ms(80_000)
}

fn question() -> Question {
    Question {
        before_action: 7,
        text: t(
            "{acked} orders were acked, the last 15 by both replicas after the power was back. Both are in sync. Now broker 1 is killed and broker 2 leads. Which can be read?",
            "已 ack {acked} 条订单，其中最后 15 条是恢复供电之后由两个副本一起确认的。两者都在 ISR 中。现在 broker 1 被 kill，broker 2 成为 leader。哪些读得到？",
        ),
        hint: t(
            "Compare the two logs cell by cell from offset 10 on.",
            "从 offset 10 起，逐格对比两份日志。",
        ),
        options: vec![
            answer(t("All 35", "全部 35 条"), 35, 0, 0),
            answer(
                t(
                    "25: without ten of the confirmed new ones",
                    "25 条：少了十条新确认的",
                ),
                25,
                10,
                0,
            ),
            answer(t("Only the last 15", "只有最后 15 条"), 15, 20, 0),
        ],
        reveal: t(
            "Broker 2 had kept ten records that broker 1 lost, and took the new ones from where its own log ended. So ten orders that \
             both had confirmed were never in its log: {lost} are out of reach, and ten that were gone are back.",
            "broker 2 保留着 broker 1 丢掉的十条，并从自己的日志末尾接着取新的。于是两边都“确认”过的十条从未进过它的日志：\
             {lost} 条读不到了，而先前消失的十条又回来了。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    [outage(), what_follows()].concat()
}

fn outage() -> Vec<Beat> {
    vec![
        beat(
            On::PowerLost,
            t("The power goes: {node} first.", "断电：先是 {node}。"),
            t(
                "Its disk has all 20 orders; the OS had just written them.",
                "它的磁盘上有全部 20 条：操作系统刚写过盘。",
            ),
        ),
        beat(
            On::PowerLost,
            t("{node} loses power, too.", "{node} 也断电。"),
            t(
                "Its disk has what was written back before: half of them.",
                "它的磁盘上只有之前写回的：一半。",
            ),
        ),
        beat(
            On::Elected,
            t(
                "{node} leads epoch {epoch}, from offset {offset} on.",
                "{node} 成为 epoch {epoch} 的 leader，从 offset {offset} 开始。",
            ),
            t(
                "It was the last known leader. New orders go to offsets that were used before.",
                "它是最后已知的 leader。新订单用的是已经用过的 offset。",
            ),
        ),
    ]
}

fn what_follows() -> Vec<Beat> {
    vec![
        pause(
            On::Diverged,
            t(
                "{node} goes on behind its old records: from offset {offset} on they are not the leader's.",
                "{node} 接在自己的旧记录之后：从 offset {offset} 起，它们与 leader 的不同。",
            ),
            t(
                "Its high watermark lies behind them, so the old rule cuts nothing. No later fetch compares them again.",
                "它的 high watermark 在这些记录之后，旧规则不截断任何东西。以后的 fetch 再也不会比较它们。",
            ),
        ),
        beat(
            On::Killed,
            t("{node} is killed.", "{node} 被 kill -9。"),
            t(
                "The other one is in sync and takes over.",
                "另一个在 ISR 中，接任。",
            ),
        ),
        pause(
            On::Elected,
            t(
                "{node} leads epoch {epoch}.",
                "{node} 成为 epoch {epoch} 的 leader。",
            ),
            t(
                "What one reads depends on who leads.",
                "读到什么，取决于谁是 leader。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} acked orders are out of reach, and the replicas still disagree.",
                "{lost} 条已 ack 的订单读不到，副本仍然不一致。",
            ),
            t(
                "Nothing in the cluster will ever notice.",
                "集群里没有任何东西会发现这件事。",
            ),
        ),
    ]
}

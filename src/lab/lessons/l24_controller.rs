//! Lesson 24: the controller is gone.

use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::config::Owner::{Application, Consumer, Producer};
use crate::kafka::{Action, TopicPartition};
use crate::lab::experiment::{Experiment, TOPIC, broker};
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::sim::NodeId;

/// The first controller: behind three brokers.
const CONTROLLER: NodeId = NodeId(4);

/// The only controller dies, and a while later the leader does.
pub fn lesson() -> Lesson {
    Lesson {
        id: "controller",
        number: Some(24),
        title: t("The controller is gone", "controller 没了"),
        line: t(
            "Writing goes on without a controller. What does not?",
            "没有 controller，写入照常。什么不行了？",
        ),
        first_screen: false,
        pace_ppm: 1_000_000,
        begins_us: 2_000_000,
        experiment: experiment(),
        knobs: vec![
            (Application, "controllers"),
            (Producer, "delivery.timeout.ms"),
            (Application, "send.mode"),
        ],
        invite: Some(Action::Kill(CONTROLLER)),
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
        fix: vec![(Application, "controllers", "3")],
        price: t(
            "Three voters are three machines, and every change of the metadata waits for two of their disks. Two of three \
             gone, and it is as if all were.",
            "三个 voter 就是三台机器，每次元数据变更都要等其中两块盘。三个坏了两个，就和全坏了一样。",
        ),
        offers: vec![
            offer(
                t("Three controllers", "三个 controller"),
                Application,
                "controllers",
                "3",
            ),
            offer(
                t("A longer delivery timeout", "更长的 delivery timeout"),
                Producer,
                "delivery.timeout.ms",
                "120000",
            ),
        ],
        reading: vec![(
            t("Kafka documentation: KRaft", "Kafka 文档：KRaft"),
            "https://kafka.apache.org/documentation/#kraft",
        )],
    }
}

fn opening() -> Words {
    words(
        t(
            "The controller does not carry orders. It knows who is alive, and names the leaders.",
            "controller 不经手订单。它知道谁活着，并指定 leader。",
        ),
        t(
            "This cluster has one, like many a cheap one.",
            "这个集群只有一个，许多省钱的集群都这样。",
        ),
    )
}

fn experiment() -> Experiment {
    let by_hand = Action::ElectLeader {
        partition: TopicPartition {
            topic: TOPIC,
            partition: 0,
        },
        unclean: false,
    };
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Producer, "delivery.timeout.ms", "20000")
        .with(Producer, "request.timeout.ms", "5000")
        .with(Application, "send.mode", "forget")
        .with(Application, "send.rate", "4")
        .with(Application, "send.count", "60")
        .at_ms(3_000, Action::Kill(CONTROLLER))
        .at_ms(6_000, Action::Kill(broker(1)))
        .at_ms(20_000, by_hand)
        .at_ms(32_000, Action::Start(CONTROLLER))
        .at_ms(34_000, Action::Start(broker(1)))
        .until_ms(70_000)
}

fn question() -> Question {
    Question {
        before_action: 2,
        text: t(
            "An operator asks for an election by hand. Two replicas live and have everything. What becomes of the {sent} orders handed over?",
            "运维手动请求选举。两个副本活着，数据齐全。交出去的 {sent} 条订单会怎样？",
        ),
        hint: t(
            "kafka-leader-election sends its wish to the controller.",
            "kafka-leader-election 把请求发给 controller。",
        ),
        options: vec![
            answer(t("All are written", "全部写入"), 60, 0, 0),
            answer(
                t(
                    "Those after the leader's death expire",
                    "leader 死后的那些过期",
                ),
                24,
                36,
                0,
            ),
            answer(t("None survives", "一条不剩"), 0, 60, 0),
        ],
        reveal: t(
            "Nobody notices that the leader is dead, and nobody may elect another: brokers cannot do it among themselves. \
             {lost} orders expired in the producer while two good replicas stood by.",
            "没有人发现 leader 死了，也没有人能选出新的：broker 之间不能自行选举。两个完好的副本在旁边，\
             {lost} 条订单在 producer 里过期。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Killed,
            t("The controller is killed.", "controller 被 kill -9。"),
            t(
                "Nothing stops: leaders lead, followers follow, acks arrive.",
                "什么都没停：leader 照常，follower 照常，ack 照到。",
            ),
        ),
        beat(
            On::Killed,
            t(
                "{node}, the leader, is killed.",
                "leader {node} 被 kill -9。",
            ),
            t(
                "Its heartbeats end, and there is no one to miss them.",
                "它的心跳停了，却没有人等它的心跳。",
            ),
        ),
        pause(
            On::SendFailed,
            t("{message} has expired.", "{message} 过期了。"),
            t(
                "delivery.timeout.ms is over, and the partition still has no leader that lives.",
                "delivery.timeout.ms 到了，partition 仍没有活着的 leader。",
            ),
        ),
        beat(
            On::Elected,
            t(
                "The controller is back; {node} leads epoch {epoch}.",
                "controller 回来了；{node} 成为 epoch {epoch} 的 leader。",
            ),
            t(
                "First it waited for a whole session: it cannot know since when broker 1 is silent.",
                "它先等满了一个会话：它无法知道 broker 1 从何时开始沉默。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{lost} orders were lost, none of them after an ack.",
                "丢了 {lost} 条订单，没有一条是 ack 之后丢的。",
            ),
            t(
                "Losing the controller loses nothing. It takes away the cure for the next fault.",
                "失去 controller 本身不丢数据，但下一次故障就没有人来收拾了。",
            ),
        ),
    ]
}

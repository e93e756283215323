//! Lesson 20: who reads what.

use super::types::{Beat, Ending, Lesson, Question, Words, answer, beat, offer, pause, t, words};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer};
use crate::lab::experiment::Experiment;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::text::Text;
use crate::sim::NodeId;

/// The second of three consumers: behind three brokers, one controller and one producer.
const LEAVES: NodeId = NodeId(7);

/// Five partitions, three consumers; one is stopped, later a new one joins.
pub fn lesson() -> Lesson {
    Lesson {
        id: "who-reads-what",
        number: Some(20),
        title: t("Who reads what", "谁读哪些 partition"),
        line: t(
            "One consumer of three is stopped in order. Whose work is done again?",
            "三个 consumer 中有一个正常停止。谁的活会重做？",
        ),
        first_screen: false,
        pace_ppm: 500_000,
        begins_us: 6_000_000,
        experiment: experiment(),
        knobs: vec![
            (Consumer, "partition.assignment.strategy"),
            (Consumer, "group.protocol"),
            (Consumer, "group.instance.id"),
            (Application, "commit.on.revoke"),
            (Application, "commit.every"),
            (Consumer, "max.poll.records"),
            (Consumer, "session.timeout.ms"),
        ],
        invite: None,
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::Doubled],
            holds: vec![Property::LostAfterAck],
        },
        good: Ending {
            violated: vec![],
            holds: vec![Property::Doubled, Property::LostAfterAck, Property::Stuck],
        },
        fix: vec![
            (Consumer, "partition.assignment.strategy", COOPERATIVE),
            (Application, "commit.on.revoke", "true"),
        ],
        price: price(),
        offers: vec![
            offer(
                t("Cooperative rebalancing", "cooperative 再均衡"),
                Consumer,
                "partition.assignment.strategy",
                COOPERATIVE,
            ),
            offer(
                t("Commit before partitions go", "partition 交出前先提交"),
                Application,
                "commit.on.revoke",
                "true",
            ),
            offer(
                t("Static members", "静态成员"),
                Consumer,
                "group.instance.id",
                "billing",
            ),
            offer(
                t("The new protocol", "新协议"),
                Consumer,
                "group.protocol",
                "consumer",
            ),
        ],
        reading: reading(),
    }
}

/// As it is written in a properties file.
const COOPERATIVE: &str = "org.apache.kafka.clients.consumer.CooperativeStickyAssignor";

fn reading() -> Vec<(Text, &'static str)> {
    vec![
        (
            t(
                "KIP-429: incremental cooperative rebalancing",
                "KIP-429：增量式 cooperative 再均衡",
            ),
            "https://cwiki.apache.org/confluence/display/KAFKA/KIP-429",
        ),
        (
            t(
                "KIP-848: the next generation of the group protocol",
                "KIP-848：新一代 group 协议",
            ),
            "https://cwiki.apache.org/confluence/display/KAFKA/KIP-848",
        ),
    ]
}

fn price() -> Text {
    t(
        "Two cures for two ills: cooperative members keep what does not move, the commit in onPartitionsRevoked covers what does. \
         What moves takes two rounds. A static member comes back to its own partitions without a rebalance, and until then \
         nobody reads them, for session.timeout.ms at most.",
        "两个问题，两味药：cooperative 让不动的 partition 留在原处，onPartitionsRevoked 里的提交管住要动的。\
         要动的得走两轮。静态成员回来不触发再均衡，但在它回来之前没有人读它的 partition，最长 session.timeout.ms。",
    )
}

fn opening() -> Words {
    words(
        t(
            "Five partitions, three consumers: two, two and one.",
            "五个 partition，三个 consumer：两个、两个、一个。",
        ),
        t(
            "Each commits after twenty orders, not after each poll: that is cheaper. The strip shows every partition's owner.",
            "每个 consumer 处理二十条订单才提交一次，而不是每次 poll：这样更省。下面的条带显示每个 partition 归谁。",
        ),
    )
}

fn experiment() -> Experiment {
    let mut experiment = Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Consumer, "enable.auto.commit", "false")
        .with(Consumer, "max.poll.records", "10")
        .with(Application, "commit.mode", "sync-after")
        .with(Application, "commit.every", "20")
        .with(Application, "handler.time.ms", "80")
        .with(Application, "record.keys", "40")
        .with(Application, "send.rate", "30")
        .with(Application, "send.count", "600")
        .at_ms(8_000, Action::Stop(LEAVES))
        .at_ms(14_000, Action::Start(LEAVES))
        .until_ms(30_000);
    experiment.topology.partitions = 5;
    experiment.topology.consumers = 3;
    experiment
}

fn question() -> Question {
    Question {
        before_action: 0,
        text: t(
            "Consumer 2 is stopped in order: it finishes its poll, leaves, and the other two take over. What becomes of the {acked} \
             orders so far?",
            "consumer 2 正常停止：处理完手上的 poll，离开 group，另外两个接手。到此为止的 {acked} 条订单会怎样？",
        ),
        hint: t(
            "partition.assignment.strategy is Kafka's default: range first, so every member is eager.",
            "partition.assignment.strategy 用的是 Kafka 默认值：range 在前，所以每个成员都是 eager。",
        ),
        options: vec![
            answer(t("Each is billed once", "各入账一次"), 1, 0, 0),
            answer(
                t("Some of all three come twice", "三个 consumer 的都有重复"),
                0,
                0,
                1,
            ),
            answer(t("Some are passed over", "有些被越过"), 0, 1, 0),
        ],
        reveal: t(
            "Eager members give up every partition before they join again, and begin at the committed offsets: also those that \
             keep their partitions. {twice} orders were worked on twice, with no failure at all.",
            "eager 的成员在重新加入之前交出全部 partition，然后从已提交的 offset 开始：连保留原 partition 的成员也一样。\
             没有任何故障，{twice} 条订单处理了两次。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    vec![
        beat(
            On::Committed,
            t("Offset {offset} is committed.", "提交了 offset {offset}。"),
            t(
                "Twenty orders at a time. What is done since then, only the consumer knows.",
                "每二十条一次。之后做了什么，只有 consumer 自己知道。",
            ),
        ),
        beat(
            On::Stopping,
            t("{node} is told to stop.", "{node} 收到停止信号。"),
            t(
                "It works off its poll, gives its partitions back and leaves the group.",
                "它处理完手上的 poll，交还 partition，离开 group。",
            ),
        ),
        beat(
            On::OwnedAgain,
            t(
                "{count} of 5 partitions were without an owner, for up to {after}.",
                "5 个 partition 中有 {count} 个无人负责，最长 {after}。",
            ),
            t(
                "Who gives up everything waits until the slowest member comes back to poll().",
                "交出全部 partition 的成员，要等最慢的那个回到 poll()。",
            ),
        ),
        pause(
            On::Twice,
            t("{message} is worked on again.", "{message} 又处理了一次。"),
            t(
                "Its new owner began at the committed offset.",
                "新主人从已提交的 offset 开始。",
            ),
        ),
        beat(
            On::Started,
            t("{node} is back.", "{node} 回来了。"),
            t(
                "To the group it is a new member, unless it has a group.instance.id: one more rebalance.",
                "对 group 来说它是新成员，除非设置了 group.instance.id：再来一次再均衡。",
            ),
        ),
        beat(
            On::OwnedAgain,
            t(
                "{count} of 5 partitions were without an owner, for up to {after}.",
                "5 个 partition 中有 {count} 个无人负责，最长 {after}。",
            ),
            t(
                "Every deployment does this, once for each process.",
                "每次发布都会这样，每个进程一次。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{twice} orders were worked on twice.",
                "{twice} 条订单处理了两次。",
            ),
            t(
                "Nobody failed: whoever begins anew begins at the committed offset.",
                "谁也没有出故障：凡是重新开始的，都从已提交的 offset 开始。",
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

    /// How many come twice, and how many partitions were without an owner at worst after the stop.
    fn with(knob: &str, value: &str) -> (u64, u32) {
        let experiment = turn(&experiment(), knob, value).expect("a value that Kafka takes");
        let judged = Judgement::of(&Run::new(experiment));
        assert_eq!(judged.tally.lost(), 0, "{knob} {value}");
        let gaps = judged.history.moments.iter();
        let gaps = gaps.filter(|m| m.on == On::OwnedAgain && m.at_us > 8_000_000);
        (judged.tally.twice, gaps.map(|m| m.count).max().unwrap_or(0))
    }

    #[test]
    fn eager_members_all_stop_and_the_others_do_not() {
        let strategy = "partition.assignment.strategy";
        let eager = ["range", "roundrobin", "sticky"].map(|name| with(strategy, name));
        for (twice, unowned) in eager {
            assert!(twice > 20 && unowned == 5, "{eager:?}");
        }
        let others = [
            with(strategy, COOPERATIVE),
            with("group.protocol", "consumer"),
            with("group.instance.id", "billing"),
        ];
        for (twice, unowned) in others {
            assert!(twice < 20 && unowned < 5, "{others:?}");
        }
    }

    #[test]
    fn a_listener_that_commits_repeats_nothing_whoever_assigns() {
        let names = ["range", "roundrobin", "sticky", COOPERATIVE];
        for name in names {
            let experiment = experiment().with(Application, "commit.on.revoke", "true");
            let experiment = experiment.with(Consumer, "partition.assignment.strategy", name);
            let judged = Judgement::of(&Run::new(experiment));
            assert_eq!(judged.tally.twice, 0, "{name}");
            assert_eq!(judged.tally.processed, judged.tally.sent, "{name}");
        }
    }
}

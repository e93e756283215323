//! Lesson 23: exactly once.

use super::types::{
    Beat, Ending, Lesson, Question, Words, answer, beat, offer, otherwise, pause, t, words,
};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer, Producer};
use crate::lab::experiment::Experiment;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::text::Text;
use crate::sim::NodeId;

/// The producer, behind three brokers and one controller.
const PRODUCER: NodeId = NodeId(5);
/// The consumer that has the partition; a second one stands by.
const FIRST: NodeId = NodeId(6);

/// Read, process, write; a crash in the middle, then a zombie.
pub fn lesson() -> Lesson {
    Lesson {
        id: "exactly-once",
        number: Some(23),
        title: t("Exactly once", "恰好一次"),
        line: t(
            "Read an order, write an invoice, commit the offset. What may come between?",
            "读订单，写发票，提交 offset。中间会插进什么？",
        ),
        first_screen: false,
        pace_ppm: 500_000,
        begins_us: 4_000_000,
        experiment: experiment(),
        knobs: vec![
            (Application, "commit.mode"),
            (Consumer, "isolation.level"),
            (Application, "handler.output"),
            (Application, "handler.time.ms"),
            (Producer, "transaction.timeout.ms"),
            (Consumer, "session.timeout.ms"),
        ],
        invite: Some(Action::Kill(FIRST)),
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::Doubled],
            holds: vec![Property::LostAfterAck],
        },
        good: Ending {
            violated: vec![],
            holds: vec![
                Property::Doubled,
                Property::LostAfterAck,
                Property::PhantomRead,
                Property::Reordered,
                Property::Stuck,
            ],
        },
        fix: vec![(Application, "commit.mode", "transaction")],
        price: price(),
        offers: vec![
            offer(
                t(
                    "Invoices and offset in one transaction",
                    "发票和 offset 放进一个事务",
                ),
                Application,
                "commit.mode",
                "transaction",
            ),
            offer(
                t("Commit before the work", "先提交，后处理"),
                Application,
                "commit.mode",
                "before",
            ),
        ],
        reading: reading(),
    }
}

fn price() -> Text {
    t(
        "Invoices are seen when their transaction ends, not when they are written, and the last stable offset waits \
             for the slowest one. It holds inside Kafka, for readers with read_committed: turn isolation.level and look. \
             A mail or a bill outside Kafka is not taken back by an abort.",
        "发票要等事务结束才能被看到，而不是写入就能看到；last stable offset 要等最慢的那个事务。它只在 Kafka 内部、\
             对 read_committed 的读者成立：改一下 isolation.level 看看。Kafka 之外的邮件或扣款，中止事务收不回来。",
    )
}

fn reading() -> Vec<(Text, &'static str)> {
    vec![
        (
            t(
                "KIP-98: exactly once delivery and transactions",
                "KIP-98：恰好一次与事务",
            ),
            "https://cwiki.apache.org/confluence/display/KAFKA/KIP-98",
        ),
        (
            t(
                "KIP-447: fencing by the group's generation",
                "KIP-447：以 group 的 generation 做 fencing",
            ),
            "https://cwiki.apache.org/confluence/display/KAFKA/KIP-447",
        ),
    ]
}

fn opening() -> Words {
    words(
        t(
            "Billing reads orders and writes an invoice for each to the topic invoices.",
            "billing 读取订单，并为每条订单向 topic invoices 写一张发票。",
        ),
        t(
            "After each poll it commits its offset. The ledger shows what a reader of invoices sees; it reads committed.",
            "每次 poll 之后提交 offset。账本显示的是 invoices 的读者看到的内容，它用 read_committed。",
        ),
    )
}

fn experiment() -> Experiment {
    let burst = Action::Burst {
        client: PRODUCER,
        messages: 6,
    };
    let mut experiment = Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Consumer, "enable.auto.commit", "false")
        .with(Consumer, "isolation.level", "read_committed")
        .with(Consumer, "session.timeout.ms", "6000")
        .with(Consumer, "heartbeat.interval.ms", "2000")
        .with(Application, "commit.mode", "sync-after")
        .with(Application, "handler.output", "true")
        .with(Application, "handler.time.ms", "200")
        .with(Application, "send.rate", "2")
        .with(Application, "send.count", "50")
        .at_ms(5_000, burst.clone())
        .at_ms(5_900, Action::Kill(FIRST))
        .at_ms(7_000, Action::Start(FIRST))
        .at_ms(17_000, burst)
        .at_ms(17_900, Action::Pause(FIRST))
        .at_ms(28_000, Action::Resume(FIRST))
        .until_ms(40_000);
    experiment.topology.consumers = 2;
    experiment
}

fn question() -> Question {
    Question {
        before_action: 1,
        text: t(
            "Billing has written some invoices of its poll; its offset is not committed yet. It crashes. How many invoices will \
             the {acked} orders so far have?",
            "billing 已写出这次 poll 的几张发票，offset 还没有提交，这时它崩溃。到此为止的 {acked} 条订单会有几张发票？",
        ),
        hint: t(
            "The producer is idempotent. But the one that comes after the crash is another producer.",
            "producer 是幂等的。但崩溃之后的是另一个 producer。",
        ),
        options: vec![
            answer(t("One each", "每条一张"), 18, 0, 0),
            answer(t("Some have none", "有几条没有"), 14, 4, 0),
            answer(t("Some have two", "有几条有两张"), 14, 0, 4),
        ],
        reveal: t(
            "The invoices were written and the offset was not: the next poll brings the same orders, and nothing tells the new \
             producer that they have invoices. Idempotence knows one producer's retries, not its successor's work.",
            "发票写了，offset 没写：下一次 poll 又拿到同样的订单，没有谁告诉新的 producer 它们已经有发票。\
             幂等只认识一个 producer 的重试，不认识继任者的工作。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    [of_the_crash(), of_the_zombie()].concat()
}

fn of_the_crash() -> Vec<Beat> {
    vec![
        beat(
            On::Processed,
            t("{message} has its invoice.", "{message} 有了发票。"),
            t(
                "Read, write, commit: three steps, and two topics that know nothing of each other.",
                "读、写、提交：三步，涉及两个互不相知的 topic。",
            ),
        ),
        beat(
            On::Killed,
            t(
                "{node} crashes in the middle of a poll.",
                "{node} 在一次 poll 的中途崩溃。",
            ),
            t(
                "Some invoices of this poll are in the log, its offset is not committed.",
                "这次 poll 的几张发票已在日志里，offset 没有提交。",
            ),
        ),
        beat(
            On::FirstPoll,
            t(
                "{node} goes on at the committed offset {offset}.",
                "{node} 从已提交的 offset {offset} 继续。",
            ),
            t(
                "That is before the orders that have their invoices already.",
                "那是在已经有发票的订单之前。",
            ),
        ),
        pause(
            On::Twice,
            t(
                "{message} gets a second invoice.",
                "{message} 有了第二张发票。",
            ),
            t(
                "Nobody had told the new process of the first.",
                "没有人告诉新进程第一张的事。",
            ),
        ),
    ]
}

fn of_the_zombie() -> Vec<Beat> {
    vec![
        beat(
            On::Paused,
            t("{node} stands still.", "{node} 停住了。"),
            t(
                "A long garbage collection, in the middle of a poll. To the group it will soon count as dead.",
                "一次很长的 GC，正好在一次 poll 的中途。对 group 来说，它很快就算死了。",
            ),
        ),
        beat(
            On::FirstPoll,
            t(
                "{node} takes over at offset {offset}.",
                "{node} 从 offset {offset} 接手。",
            ),
            t(
                "It writes invoices for the whole poll of the other one.",
                "它为另一个实例那次 poll 的全部订单写发票。",
            ),
        ),
        beat(
            On::Resumed,
            t("{node} wakes and works on.", "{node} 醒来，继续干活。"),
            t(
                "A zombie: it does not know that its partition has another owner.",
                "一个僵尸：它不知道自己的 partition 已经换了主人。",
            ),
        ),
        otherwise(
            On::StableAgain,
            t(
                "{count} invoices waited to be seen, the first for {after}.",
                "{count} 张发票在等着被看到，最早的等了 {after}。",
            ),
            t(
                "They were committed long ago. But the zombie's transaction was open before them, and the last stable offset \
                 passes nothing that is undecided. Now it is aborted: its generation of the group is over.",
                "它们早已提交。但僵尸的事务在它们之前就打开了，last stable offset 不会越过未决的记录。\
                 现在它被中止：它在 group 里的 generation 已经过去。",
            ),
        ),
        beat(
            On::Sealed,
            t(
                "{twice} orders have two invoices.",
                "{twice} 条订单有两张发票。",
            ),
            t(
                "The invoice and the offset are two notes. Whatever comes between them, a crash or a zombie, is done again.",
                "发票和 offset 是两笔记录。凡是插在中间的，不论崩溃还是僵尸，都会让活再干一遍。",
            ),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::judge::Judgement;
    use crate::lab::run::Run;

    /// The lesson in transactions, its crash and its pause this much later.
    fn in_transactions(later_ms: u64, isolation: &str) -> Judgement {
        let mut experiment = experiment()
            .with(Application, "commit.mode", "transaction")
            .with(Consumer, "isolation.level", isolation);
        for timed in &mut experiment.actions {
            if matches!(timed.action, Action::Kill(_) | Action::Pause(_)) {
                timed.at_us += later_ms * 1_000;
            }
        }
        Judgement::of(&Run::new(experiment))
    }

    #[test]
    fn a_crash_or_a_zombie_at_any_step_leaves_one_invoice_for_each_order() {
        // From before the first invoice of the poll to after its commit, and through the commit itself.
        let steps = (0..700).step_by(70).chain(300..312);
        for later_ms in steps {
            let judged = in_transactions(later_ms, "read_committed");
            for property in lesson().good.holds {
                let verdict = judged.verdict(property);
                assert!(
                    !verdict.is_violated(),
                    "{later_ms}: {property:?} {verdict:?}"
                );
            }
            assert_eq!(judged.tally.processed, judged.tally.sent, "{later_ms}");
        }
    }

    #[test]
    fn who_reads_uncommitted_sees_what_was_aborted() {
        let judged = in_transactions(0, "read_uncommitted");
        assert!(judged.verdict(Property::PhantomRead).is_violated());
        assert!(judged.verdict(Property::Doubled).is_violated());
    }
}

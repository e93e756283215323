//! Lesson 9: the repair desk.

use super::types::{
    Beat, Ending, Lesson, Question, Words, answer, beat, offer, otherwise, pause, t, words,
};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer, Producer};
use crate::lab::experiment::Experiment;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::sim::NodeId;

/// The job that empties the outbox: behind three brokers, one controller, the shop and the consumer.
const RELAY: NodeId = NodeId(7);

/// The job does not reach Kafka for some seconds; it gives up on rows, and somebody has to look after them.
pub fn lesson() -> Lesson {
    Lesson {
        id: "desk",
        number: Some(9),
        title: t("The repair desk", "补偿台"),
        line: t(
            "A row failed too often, and the job gave up. Who sends it now?",
            "一行失败太多次，任务放弃了。现在谁来发？",
        ),
        first_screen: false,
        pace_ppm: 1_000_000,
        begins_us: 3_500_000,
        experiment: experiment(),
        knobs: vec![
            (Application, "desk.after.ms"),
            (Application, "relay.tries"),
            (Application, "outbox.alarm.ms"),
            (Application, "handler.idempotent"),
            (Producer, "delivery.timeout.ms"),
        ],
        invite: Some(Action::Resend { rows: Vec::new() }),
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::Stuck],
            holds: vec![Property::LostAfterAck, Property::LostSilently],
        },
        good: Ending {
            // What was set aside comes after what was not.
            violated: vec![Property::Reordered],
            holds: vec![
                Property::LostAfterAck,
                Property::LostSilently,
                Property::Doubled,
                Property::Stuck,
            ],
        },
        fix: vec![(Application, "desk.after.ms", "10000")],
        price: t(
            "Somebody has to be on duty, and the alarm has to reach them. A failed send may have been written after all, so what \
             the desk resends can come twice: billing must be idempotent. With that the button is safe to press twice, and the \
             audit trail says who pressed it, when, and for which rows. The order of orders is lost.",
            "要有人值班，告警要送得到。失败的发送也可能其实已经写入，补偿台重发就会来两次：账单服务必须幂等。这样按两次按钮也没事，\
             审计记录写明谁、何时、重发了哪些行。顺序则保不住。",
        ),
        offers: vec![
            offer(
                t("Somebody on duty", "有人值班"),
                Application,
                "desk.after.ms",
                "10000",
            ),
            offer(
                t("Never give up", "永不放弃"),
                Application,
                "relay.tries",
                "0",
            ),
        ],
        reading: vec![(
            t(
                "Enterprise Integration Patterns: dead letter channel",
                "Enterprise Integration Patterns：dead letter channel",
            ),
            "https://www.enterpriseintegrationpatterns.com/patterns/messaging/DeadLetterChannel.html",
        )],
    }
}

fn opening() -> Words {
    words(
        t(
            "A relay sends what is in the outbox: two tries a row, then the row is marked dead.",
            "relay 发送 outbox 里的行：每行试两次，之后标记为 dead。",
        ),
        t(
            "The limit keeps one bad row from blocking the others for ever.",
            "设上限，是为了不让一行坏数据永远挡住其他行。",
        ),
    )
}

fn experiment() -> Experiment {
    let experiment = Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Producer, "request.timeout.ms", "1500")
        .with(Producer, "delivery.timeout.ms", "2000")
        .with(Application, "order.store", "outbox")
        .with(Application, "relay.tries", "2")
        .with(Application, "outbox.alarm.ms", "6000")
        .with(Application, "handler.idempotent", "true")
        .with(Application, "send.rate", "2")
        .with(Application, "send.count", "40");
    let brokers = [1, 2, 3].map(NodeId);
    let cut = |e: Experiment, broker: &NodeId| {
        let (from, to, both) = (RELAY, *broker, true);
        e.at_ms(5_100, Action::CutLink { from, to, both })
    };
    let heal = |e: Experiment, broker: &NodeId| {
        let (from, to) = (RELAY, *broker);
        e.at_ms(14_500, Action::HealLink { from, to })
    };
    let experiment = brokers.iter().fold(experiment, cut);
    brokers.iter().fold(experiment, heal).until_ms(40_000)
}

fn question() -> Question {
    Question {
        before_action: 3,
        text: t(
            "The relay reaches Kafka again now. {sent} orders are in the database. If nobody does anything, how many of them get billed?",
            "relay 现在又能连上 Kafka 了。数据库里有 {sent} 个订单。没有人动手的话，有几个会入账？",
        ),
        hint: t(
            "Look at the outbox: some rows are marked dead.",
            "看 outbox：有些行已标记为 dead。",
        ),
        options: vec![
            answer(t("All: the relay goes on", "全部：relay 会继续"), 29, 0, 0),
            answer(t("All but the dead rows", "除了 dead 的行"), 15, 14, 0),
            answer(
                t("None of those that failed once", "失败过的都不会"),
                9,
                20,
                0,
            ),
        ],
        reveal: t(
            "{lost} rows stay where they are. Dead means that the relay does not look at them any more, whether it reaches \
             Kafka or not. They are not lost: they are in the database, the alarm rings, and they wait for a person.",
            "{lost} 行留在原处。dead 就是 relay 不再看它们，不管能不能连上 Kafka。它们没有丢：在数据库里，告警在响，等着人来处理。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    let mut beats = cut_off();
    beats.extend(back());
    beats.extend(resent());
    beats.push(beat(
        On::Sealed,
        t(
            "Nothing is lost, and still some orders are not billed.",
            "什么也没丢，但有些订单没有入账。",
        ),
        t(
            "A limit on tries needs somebody who looks at what hit it.",
            "重试设了上限，就得有人看撞上限的那些。",
        ),
    ));
    beats
}

fn cut_off() -> Vec<Beat> {
    vec![
        beat(
            On::RowSent,
            t(
                "{message} is acked, and its row is marked as sent.",
                "{message} 已 ack，它的行标记为已发送。",
            ),
            t(
                "Order and row were one transaction; the send came later.",
                "订单和行是一个事务；发送在后。",
            ),
        ),
        beat(
            On::Cut,
            t(
                "The relay is cut off from Kafka.",
                "relay 与 Kafka 之间的网络断了。",
            ),
            t(
                "A firewall rule, say. The shop goes on taking orders: its database is up.",
                "比如改错一条防火墙规则。商店照常接单：它的数据库在。",
            ),
        ),
        beat(
            On::RowDead,
            t(
                "{message} has failed twice and is marked dead.",
                "{message} 失败两次，标记为 dead。",
            ),
            t(
                "The relay turns to the next rows.",
                "relay 去处理后面的行。",
            ),
        ),
        beat(
            On::AlarmRang,
            t(
                "The alarm rings: {message} has waited too long.",
                "告警响起：{message} 等得太久。",
            ),
            t(
                "It looks at the table, not at the relay: it rings for a dead job as well.",
                "它看的是表，不是 relay：任务死了它也会响。",
            ),
        ),
    ]
}

/// The relay reaches Kafka again: what becomes of the dead rows differs.
fn back() -> Vec<Beat> {
    let news = || {
        t(
            "The network is back, and {message} goes through.",
            "网络恢复，{message} 发出去了。",
        )
    };
    vec![
        pause(
            On::RowSent,
            news(),
            t(
                "The dead rows stay dead. Press resend on the outbox: once or twice, it does not matter.",
                "dead 的行还是 dead。在 outbox 上按“重发”：按一次两次都一样。",
            ),
        )
        .with(Application, "desk.after.ms", "0")
        .without(Application, "relay.tries", "0"),
        beat(
            On::RowSent,
            news(),
            t(
                "The dead rows wait for whoever is on duty: the alarm has reached them.",
                "dead 的行等值班的人：告警已经送到。",
            ),
        )
        .without(Application, "desk.after.ms", "0")
        .without(Application, "relay.tries", "0"),
        beat(
            On::RowSent,
            news(),
            t(
                "No row is dead, since the relay never gives up. A row that can never be sent would be tried for ever.",
                "没有 dead 的行，因为 relay 从不放弃。永远发不出去的行会一直重试下去。",
            ),
        )
        .with(Application, "relay.tries", "0"),
    ]
}

/// Only where somebody is on duty.
fn resent() -> Vec<Beat> {
    vec![
        otherwise(
            On::Resent,
            t(
                "Somebody at the desk resends {count} rows.",
                "有人在补偿台重发 {count} 行。",
            ),
            t(
                "Who, when and which rows is in the audit trail. Rows in flight are left alone.",
                "谁、何时、哪些行，都在审计记录里。在途的行不动。",
            ),
        )
        .without(Application, "desk.after.ms", "0"),
        otherwise(
            On::OutOfOrder,
            t("{message} is billed now.", "{message} 现在入账。"),
            t(
                "Orders that came after it were billed before: what was set aside comes late.",
                "比它晚的订单已先入账：搁置过的，来得就晚。",
            ),
        )
        .without(Application, "desk.after.ms", "0"),
    ]
}

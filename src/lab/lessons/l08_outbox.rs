//! Lesson 8: the outbox.

use super::types::{
    Beat, Ending, Lesson, Question, Try, Words, answer, beat, offer, pause, t, words,
};
use crate::kafka::Action;
use crate::kafka::config::Owner::{Application, Consumer};
use crate::lab::experiment::Experiment;
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::text::Text;
use crate::sim::NodeId;

/// The shop: behind three brokers and one controller.
const SHOP: NodeId = NodeId(5);
/// The job that empties the outbox, where there is one: behind the shop and the consumer.
const RELAY: NodeId = NodeId(7);

/// Two writes that no transaction holds together, and a crash between them.
pub fn lesson() -> Lesson {
    Lesson {
        id: "outbox",
        number: Some(8),
        title: t("The outbox", "outbox：发件表"),
        line: t(
            "An order is a row and a message. What if only one of them gets written?",
            "一个订单是一行数据加一条消息。只写成一个会怎样？",
        ),
        first_screen: false,
        pace_ppm: 500_000,
        begins_us: 3_500_000,
        experiment: experiment(),
        knobs: vec![
            (Application, "order.store"),
            (Application, "order.step.ms"),
            (Application, "relay.interval.ms"),
            (Application, "handler.idempotent"),
        ],
        invite: Some(Action::Kill(SHOP)),
        opening: opening(),
        question: Some(question()),
        beats: beats(),
        bad: Ending {
            violated: vec![Property::LostSilently],
            holds: vec![Property::LostAfterAck, Property::Phantom],
        },
        // At least once: the job dies between an ack and its mark.
        good: Ending {
            violated: vec![Property::Doubled],
            holds: vec![
                Property::LostAfterAck,
                Property::LostSilently,
                Property::Phantom,
                Property::Stuck,
            ],
        },
        fix: vec![(Application, "order.store", "outbox")],
        price: t(
            "At least once: a job that dies between the ack and the mark sends the row again, so billing has to be \
             idempotent. Each order also waits for the next scan, relay.interval.ms at most, and the table needs an alarm on \
             rows that grow old.",
            "至少一次：任务在 ack 之后、标记之前死掉，就会把这一行再发一遍，所以账单服务必须幂等。每个订单还要等下一次扫描，最多 \
             relay.interval.ms；表里的行变旧，要有告警。",
        ),
        offers: offers(),
        reading: reading(),
    }
}

fn offers() -> Vec<Try> {
    vec![
        offer(
            t("An outbox", "用 outbox"),
            Application,
            "order.store",
            "outbox",
        ),
        offer(
            t("Send first, then the row", "先发送，后写行"),
            Application,
            "order.store",
            "send-first",
        ),
        offer(
            t("An idempotent handler", "幂等的处理"),
            Application,
            "handler.idempotent",
            "true",
        ),
    ]
}

fn reading() -> Vec<(Text, &'static str)> {
    vec![
        (
            t(
                "Chris Richardson: transactional outbox",
                "Chris Richardson：transactional outbox",
            ),
            "https://microservices.io/patterns/data/transactional-outbox.html",
        ),
        (
            t(
                "Chris Richardson: polling publisher",
                "Chris Richardson：polling publisher",
            ),
            "https://microservices.io/patterns/data/polling-publisher.html",
        ),
    ]
}

fn opening() -> Words {
    words(
        t(
            "The shop commits each order in its database, then sends a message for billing.",
            "商店先把订单提交到自己的数据库，再发消息给账单服务。",
        ),
        t(
            "Two systems, two writes, a fifth of a second between them.",
            "两个系统，两次写入，中间隔着 0.2 秒。",
        ),
    )
}

fn experiment() -> Experiment {
    Experiment::three_brokers()
        .with_a_ready_group()
        .with(Consumer, "auto.offset.reset", "earliest")
        .with(Application, "order.store", "row-first")
        .with(Application, "order.step.ms", "200")
        .with(Application, "send.rate", "2")
        .with(Application, "send.count", "30")
        .at_ms(6_100, Action::Kill(SHOP))
        .at_ms(7_200, Action::Start(SHOP))
        .at_ms(9_550, Action::Kill(RELAY))
        .at_ms(10_500, Action::Start(RELAY))
        .until_ms(25_000)
}

fn question() -> Question {
    Question {
        before_action: 0,
        text: t(
            "An order has just been committed; send() comes next. The shop's process is killed. How many of the {sent} orders in its database will be billed?",
            "一个订单刚提交，接下来是 send()。商店的进程被 kill。数据库里的 {sent} 个订单，有几个会入账？",
        ),
        hint: t(
            "acks=all, retries, idempotence: all at their safe defaults.",
            "acks=all、重试、幂等：都是安全的默认值。",
        ),
        options: vec![
            answer(t("All of them", "全部"), 13, 0, 0),
            answer(t("All but one", "少一个"), 12, 1, 0),
            answer(t("All, one of them twice", "全部，有一个两次"), 12, 0, 1),
        ],
        reveal: t(
            "Kafka keeps what it is given, and it was never given this one. The order stands in the shop's database; its \
             message was in the memory of a process that is gone. Nothing retries what nobody remembers.",
            "Kafka 保住交给它的东西，而这一条从没交给它。订单在商店的数据库里；消息在一个已经消失的进程的内存里。没人记得的事，没人会重试。",
        ),
    }
}

fn beats() -> Vec<Beat> {
    let mut beats = taken();
    beats.extend(killed());
    beats.extend(restarted());
    beats.extend(relayed());
    beats.push(beat(
        On::Sealed,
        t(
            "{lost} order was taken and never billed.",
            "{lost} 个订单收下了，却没有入账。",
        ),
        t(
            "No setting of Kafka changes that. One transaction for the order and a row of the outbox does.",
            "Kafka 的任何设置都改变不了。把订单和 outbox 行放进同一个事务才行。",
        ),
    ));
    beats
}

/// The two writes, in the order in which each story has them.
fn taken() -> Vec<Beat> {
    let row_first = |beat: Beat| beat.with(Application, "order.store", "row-first");
    let send_first = |beat: Beat| beat.with(Application, "order.store", "send-first");
    let outbox = |beat: Beat| beat.with(Application, "order.store", "outbox");
    vec![
        row_first(beat(
            On::OrderStored,
            t(
                "Order {message} is committed in the database.",
                "订单 {message} 已提交到数据库。",
            ),
            t(
                "The customer reads: thank you for your order.",
                "顾客看到：下单成功。",
            ),
        )),
        row_first(beat(
            On::Acked,
            t("Its message is acked.", "它的消息也有了 ack。"),
            t(
                "Both writes are done. They always were, so far.",
                "两次写入都完成了。到目前为止总是如此。",
            ),
        )),
        send_first(beat(
            On::Acked,
            t(
                "The message of {message} is acked.",
                "{message} 的消息收到 ack。",
            ),
            t(
                "Its order is not in the database yet.",
                "它的订单还没有写进数据库。",
            ),
        )),
        send_first(beat(
            On::OrderStored,
            t(
                "Now order {message} is committed in the database.",
                "现在订单 {message} 提交到数据库。",
            ),
            t(
                "Billing may have read the message before.",
                "账单服务可能早已读到这条消息。",
            ),
        )),
        outbox(beat(
            On::OrderStored,
            t(
                "Order {message} and its row of the outbox are committed together.",
                "订单 {message} 和它的 outbox 行一起提交。",
            ),
            t(
                "One transaction of one database: both, or neither.",
                "同一个数据库的一个事务：要么都有，要么都没有。",
            ),
        )),
        outbox(beat(
            On::RowSent,
            t(
                "The relay has sent {message} and marks its row.",
                "relay 已发送 {message}，并标记它的行。",
            ),
            t(
                "It looks into the table every relay.interval.ms.",
                "它每隔 relay.interval.ms 扫描一次表。",
            ),
        )),
    ]
}

/// The shop dies.
fn killed() -> Vec<Beat> {
    let row_first = |beat: Beat| beat.with(Application, "order.store", "row-first");
    let send_first = |beat: Beat| beat.with(Application, "order.store", "send-first");
    let outbox = |beat: Beat| beat.with(Application, "order.store", "outbox");
    vec![
        row_first(beat(
            On::Killed,
            t(
                "The shop is killed right after it has committed an order.",
                "商店刚提交一个订单就被 kill。",
            ),
            t(
                "A deployment does the same, a full heap, a spot instance.",
                "发布、内存耗尽、实例被回收，效果一样。",
            ),
        )),
        pause(
            On::Lost,
            t(
                "{message} is in the database, and in no message.",
                "{message} 在数据库里，却没有消息。",
            ),
            t(
                "No error, no retry, no log line: the process that knew of it is gone.",
                "没有报错，没有重试，没有日志：知道它的进程已经不在了。",
            ),
        ),
        send_first(beat(
            On::Killed,
            t(
                "The shop is killed right after it has called send().",
                "商店刚调用 send() 就被 kill。",
            ),
            t(
                "The row of that order was to be written next.",
                "这个订单的行本该在下一步写入。",
            ),
        )),
        outbox(beat(
            On::Killed,
            t(
                "The shop is killed right after it has committed an order.",
                "商店刚提交一个订单就被 kill。",
            ),
            t(
                "The row is in the outbox, and the relay is a process of its own.",
                "行已在 outbox 里，而 relay 是另一个进程。",
            ),
        )),
    ]
}

fn restarted() -> Vec<Beat> {
    vec![
        beat(
            On::Started,
            t(
                "The shop is back and takes the next order.",
                "商店恢复，接下一个订单。",
            ),
            t(
                "It does not know that one is unfinished.",
                "它不知道有一个没做完。",
            ),
        )
        .without(Application, "order.store", "outbox"),
        beat(
            On::Started,
            t(
                "The shop is back and takes the next order.",
                "商店恢复，接下一个订单。",
            ),
            t(
                "It has nothing to make up for: the outbox has the other one.",
                "它没有什么要补：另一个订单在 outbox 里。",
            ),
        )
        .with(Application, "order.store", "outbox"),
    ]
}

/// What happens to the relay of the outbox.
fn relayed() -> Vec<Beat> {
    let outbox = |beat: Beat| beat.with(Application, "order.store", "outbox");
    vec![
        outbox(beat(
            On::Killed,
            t("Now the relay is killed.", "现在 relay 被 kill。"),
            t(
                "Kafka has acked two rows that it has not marked yet.",
                "有两行 Kafka 已 ack，它还没有标记。",
            ),
        )),
        outbox(pause(
            On::Twice,
            t(
                "The relay is back and sends {message} a second time.",
                "relay 恢复，把 {message} 又发了一遍。",
            ),
            t(
                "Its row still waited. At least once: billing has to be idempotent.",
                "它的行还在等待。至少一次：账单服务必须幂等。",
            ),
        )),
    ]
}

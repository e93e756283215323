//! The ledger: verdict, counters, one cell a message.

use crate::kafka::config::{AppConfig, Configs};
use crate::lab::history::History;
use crate::lab::judge::Tally;
use crate::lab::moments::On;
use crate::lab::session::Session;
use crate::lab::text::Text;
use crate::view::{CellView, Counters, Fate, Hue, LedgerView, VerdictView};

/// So many cells are shown at most.
const MOST_CELLS: usize = 240;
/// On the first screen.
const FIRST_CELLS: usize = 24;

/// The ledger at the session's moment.
pub fn ledger(session: &Session) -> LedgerView {
    let history = session.history();
    let tally = session.tally();
    let veiled = session.is_asking();
    let (cells, hidden, title) = cells(session, history);
    LedgerView {
        verdict: verdict(session, &tally, veiled),
        counters: Counters {
            sent: Some(tally.sent),
            acked: Some(tally.acked),
            lost: (!veiled).then_some(tally.lost()),
            twice: (!veiled).then_some(tally.twice),
        },
        title,
        cells,
        hidden,
        selected: session.selected().map(|message| u64::from(message.0)),
    }
}

fn verdict(session: &Session, tally: &Tally, veiled: bool) -> VerdictView {
    if veiled {
        return VerdictView {
            hue: Hue::None,
            title: Text::fixed("No verdict yet", "答完再看结论"),
            line: Text::fixed(
                "It opens when you have answered. Your answer stays on this machine.",
                "回答之后才会显示。你的回答只保存在本机。",
            ),
            veiled,
        };
    }
    let late = session.history().alarm.and_then(|_| in_the_outbox(tally));
    let mut told = session.history().moments.iter();
    let differ = told.any(|moment| moment.on == On::Diverged).then(differ);
    let said = differ.or_else(|| bad_news(tally)).or(late);
    let said = said.or_else(|| set_aside(tally.set_aside));
    let (hue, title, line) = said.unwrap_or_else(|| {
        let stuck = session.is_sealed() && is_leaderless(session.history());
        news(tally, session.is_sealed(), stuck)
    });
    VerdictView {
        hue,
        title,
        line,
        veiled,
    }
}

/// Worse than any loss: who reads which copy decides what was written.
fn differ() -> (Hue, Text, Text) {
    (
        Hue::Lost,
        Text::fixed(
            "Two replicas hold different records",
            "两个副本的记录不一样",
        ),
        Text::fixed(
            "At the same offset, and none of them will notice.",
            "同一个 offset 上内容不同，而且谁也不会发现。",
        ),
    )
}

fn number(n: u64, en: &str, zh: &str) -> Text {
    let s = if n == 1 { "" } else { "s" };
    Text::new(format!("{n} message{s} {en}"), format!("{n} 条消息{zh}"))
}

fn bad_news(tally: &Tally) -> Option<(Hue, Text, Text)> {
    Some(match tally {
        t if t.skipped > 0 && t.skipped == t.lost() => (
            Hue::Lost,
            number(t.skipped, "never worked on", "从未处理"),
            Text::fixed(
                "In Kafka's log; the group went past.",
                "Kafka 的日志里有，但 group 已经越过。",
            ),
        ),
        t if t.lost_after_ack > 0 => (
            Hue::Lost,
            number(
                t.lost_after_ack,
                "vanished after their ack",
                "在 ack 之后丢失",
            ),
            Text::fixed(
                "The producer was told they were safe.",
                "producer 得到的答复是已经写入。",
            ),
        ),
        t if t.unsent > 0 && t.unsent == t.lost() => orders_alone(t.unsent),
        t if t.lost_silently > 0 => (
            Hue::Lost,
            number(
                t.lost_silently,
                "vanished, and nobody was told",
                "丢失，没有任何人得到通知",
            ),
            Text::fixed(
                "The application counts them as sent.",
                "应用把它们算作已发送。",
            ),
        ),
        t if t.phantom > 0 => (
            Hue::Dup,
            number(t.phantom, "without an order", "没有对应的订单"),
            Text::fixed(
                "Sent before the row that never came.",
                "先发了消息，行没有写成。",
            ),
        ),
        t if t.twice > 0 => (
            Hue::Dup,
            number(t.twice, "came twice", "重复"),
            Text::fixed("Nothing lost.", "没有丢失。"),
        ),
        t if t.out_of_order > 0 => (
            Hue::Dup,
            number(
                t.out_of_order,
                "worked on after a later one",
                "排到了后面的消息之后才处理",
            ),
            Text::fixed(
                "Nothing lost, nothing twice; the order of a key or of a partition is broken.",
                "没有丢失，也没有重复；同一个 key 或同一个 partition 的顺序乱了。",
            ),
        ),
        _ => return None,
    })
}

/// The shop's books have them, and nobody else will.
fn orders_alone(n: u64) -> (Hue, Text, Text) {
    let title = match n {
        1 => Text::fixed("1 order has no message", "1 个订单没有消息"),
        n => Text::new(
            format!("{n} orders have no message"),
            format!("{n} 个订单没有消息"),
        ),
    };
    let line = Text::fixed(
        "Stored in the shop's database; nobody will send again.",
        "商店的数据库里有，却没有人会再发。",
    );
    (Hue::Lost, title, line)
}

/// In the dead-letter topic: not done, and not forgotten.
fn set_aside(n: u64) -> Option<(Hue, Text, Text)> {
    let line = Text::fixed(
        "Not lost: somebody has to look into the topic orders-dlt.",
        "没有丢：要有人去看 topic orders-dlt。",
    );
    let title = || number(n, "set aside in dead letters", "被放入死信 topic");
    (n > 0).then(|| (Hue::Risk, title(), line))
}

/// In the outbox: late, not lost.
fn in_the_outbox(tally: &Tally) -> Option<(Hue, Text, Text)> {
    let title = match tally {
        t if t.dead > 0 => number(t.dead, "dead in the outbox", "在 outbox 里已 dead"),
        t if t.stored > 0 => number(t.stored, "late in the outbox", "滞留在 outbox"),
        _ => return None,
    };
    let line = match tally.dead {
        0 => Text::fixed(
            "Late, not lost: they are in the database.",
            "只是晚了，没有丢：都在数据库里。",
        ),
        _ => Text::fixed(
            "Not lost: they wait for the compensation desk.",
            "没有丢：等补偿台处理。",
        ),
    };
    Some((Hue::Risk, title, line))
}

#[inline(never)]
fn is_leaderless(history: &History) -> bool {
    history.parts.values().any(|part| {
        let mut leader = part.leader.into_iter();
        !leader.any(|leader| history.nodes[usize::from(leader.0)].is_running())
    })
}

fn news(tally: &Tally, sealed: bool, stuck: bool) -> (Hue, Text, Text) {
    match tally {
        t if t.in_doubt > 0 => (
            Hue::Risk,
            number(t.in_doubt, "in doubt", "结果未知"),
            Text::fixed(
                "Failed here means unknown: they may still be written.",
                "这里的失败是“结果未知”，仍可能被写入。",
            ),
        ),
        t if t.failed > 0 => (
            Hue::Risk,
            number(
                t.failed,
                "failed, and the application knows",
                "发送失败，应用已知",
            ),
            Text::fixed("Nothing that was acked is lost.", "已 ack 的一条也没有丢。"),
        ),
        t if sealed && stuck && t.waiting > 0 => (
            Hue::Risk,
            number(t.waiting, "without an end yet", "还没有结果"),
            Text::fixed(
                "Nothing is lost so far, but the run ends without a leader.",
                "目前没有丢失，但运行结束时没有 leader。",
            ),
        ),
        t if sealed && t.sent > 0 => (
            Hue::Safe,
            Text::fixed("Nothing lost, nothing twice", "没有丢失，也没有重复"),
            Text::fixed(
                "Every message came to its end once.",
                "每条消息都恰好走到终点一次。",
            ),
        ),
        _ => (
            Hue::None,
            Text::fixed("Nothing lost so far", "目前没有丢失"),
            Text::fixed("The run is under way.", "运行还在继续。"),
        ),
    }
}

/// The cells shown, how many are left out, and a heading when it is a window.
fn cells(session: &Session, history: &History) -> (Vec<CellView>, u64, Option<Text>) {
    // What comes of them is what the question asks.
    let veiled = session.is_asking();
    let mut cells: Vec<CellView> = history
        .ledger
        .iter()
        .zip(session.fates().iter().copied())
        .map(|(life, fate)| CellView {
            number: life.message.0.into(),
            fate: match fate {
                fate if veiled && matches!(fate.hue(), Hue::Lost | Hue::Dup) => Fate::InDoubt,
                fate => fate,
            },
        })
        .collect();
    let first_screen = session.lesson().first_screen;
    let most = if first_screen {
        FIRST_CELLS
    } else {
        MOST_CELLS
    };
    if !first_screen {
        cells.extend(not_sent(session, cells.len()));
    }
    if cells.len() <= most {
        return (cells, 0, None);
    }
    let gone = |cell: &CellView| cell.fate.hue() == Hue::Lost || cell.fate == Fate::Twice;
    let around = cells.iter().position(gone);
    let start = match around {
        Some(place) => place.saturating_sub(most / 4).min(cells.len() - most),
        None => cells.len() - most,
    };
    let hidden = (cells.len() - most) as u64;
    let shown: Vec<CellView> = cells.drain(start..start + most).collect();
    let title = around.and_then(|_| {
        let (from, to) = (shown.first()?.number, shown.last()?.number);
        Some(Text::new(
            format!("Orders {from} to {to}, around the loss"),
            format!("订单 {from} 到 {to}，丢失前后"),
        ))
    });
    (shown, hidden, title)
}

/// Cells of messages that are still to come, where their number is known.
fn not_sent(session: &Session, sent: usize) -> Vec<CellView> {
    let experiment = session.run().experiment();
    let app: AppConfig = Configs::build(&experiment.configs).0.app;
    let known = app.send_count as usize;
    if experiment.topology.producers != 1 || known > MOST_CELLS {
        return Vec::new();
    }
    let numbers = sent as u64 + 1..=known as u64;
    numbers
        .map(|number| CellView {
            number,
            fate: Fate::NotSent,
        })
        .collect()
}

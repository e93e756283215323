//! The lines of a message's life that happen in the shop's database, and on the direct way.

use super::{Tone, both, name};
use crate::kafka::shop::RowMark;
use crate::kafka::{Entry, MessageId};
use crate::lab::experiment::Experiment;
use crate::lab::text::Text;
use crate::sim::Stamped;

pub(super) fn tell(
    experiment: &Experiment,
    mine: MessageId,
    stamped: &Stamped<Entry>,
) -> Option<(Tone, Text)> {
    let (m, who) = (mine.0, name(experiment, stamped.node));
    let (tone, en, zh) = match &stamped.what {
        Entry::OrderStored { message, outbox } if *message == mine => match outbox {
            true => (
                Tone::Plain,
                format!("order m{m} and its row of the outbox are committed"),
                format!("订单 m{m} 和它的 outbox 行一起提交"),
            ),
            false => (
                Tone::Plain,
                format!("order m{m} is committed in the shop's database"),
                format!("订单 m{m} 写入商店的数据库"),
            ),
        },
        Entry::RowMarked { message, mark } if *message == mine => return Some(marked(m, *mark)),
        Entry::Resent { rows, .. } if rows.contains(&mine) => (
            Tone::Send,
            format!("somebody at the desk hands m{m} back to the relay"),
            format!("补偿台把 m{m} 交回 relay"),
        ),
        Entry::Called { message, .. } if *message == mine => (
            Tone::Send,
            format!("service B is called with m{m}"),
            format!("用 m{m} 直接调用 B 服务"),
        ),
        Entry::Served { message, effect } if *message == mine => match effect {
            true => (
                Tone::Safe,
                format!("{} has done the work on m{m}, called directly", who.en),
                format!("{} 被直接调用，处理完 m{m}", who.zh),
            ),
            false => (
                Tone::Safe,
                format!("{} knows m{m} already and ignores the call", who.en),
                format!("{} 已处理过 m{m}，忽略这次调用", who.zh),
            ),
        },
        _ => return None,
    };
    Some((tone, both(en, zh)))
}

fn marked(m: u32, mark: RowMark) -> (Tone, Text) {
    let (tone, en, zh) = match mark {
        RowMark::Sent => (
            Tone::Safe,
            format!("the row of m{m} is marked as sent"),
            format!("m{m} 的行标记为已发送"),
        ),
        RowMark::Delivered => (
            Tone::Safe,
            format!("the row of m{m} is marked as delivered by service B"),
            format!("m{m} 的行标记为 B 已收到"),
        ),
        RowMark::Tried { tries } => (
            Tone::Risk,
            format!("try {tries} of m{m} has failed; the row waits for the next run"),
            format!("m{m} 第 {tries} 次发送失败，等下一次扫描"),
        ),
        RowMark::Dead { tries } => (
            Tone::Risk,
            format!("try {tries} of m{m} has failed; the row is dead"),
            format!("m{m} 第 {tries} 次发送失败，标记为 dead"),
        ),
    };
    (tone, both(en, zh))
}

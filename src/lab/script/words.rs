//! The words of moments: on the axis, spoken, in seconds.

use crate::lab::experiment::Experiment;
use crate::lab::moments::{Moment, On};
use crate::lab::story::{both, name};
use crate::lab::text::Text;
use crate::sim::Micros;

/// "9.3 s".
pub fn seconds(us: Micros) -> String {
    let tenths = us / 100_000;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// Sentences begin with a capital.
pub(super) fn capital(text: Text) -> Text {
    let mut letters = text.en.chars();
    match letters.next() {
        Some(first) if first.is_ascii_lowercase() && !is_message(&text.en) => {
            let en = first.to_ascii_uppercase().to_string() + letters.as_str();
            both(en, text.zh.into_owned())
        }
        _ => text,
    }
}

/// "m9 ..." stays as it is.
fn is_message(text: &str) -> bool {
    text.starts_with('m') && text[1..].starts_with(|c: char| c.is_ascii_digit())
}

/// Two or three words for the axis, or for a bookmark; none for what is too frequent to be named.
pub fn label(experiment: &Experiment, moment: &Moment) -> Text {
    let who = name(experiment, moment.node);
    let count = moment.count;
    match moment.on {
        On::Killed => Text::same("kill -9"),
        On::PowerLost => Text::fixed("power lost", "断电"),
        On::Elected => both(
            format!("election: epoch {}", moment.epoch),
            format!("选举：epoch {}", moment.epoch),
        ),
        On::Truncated | On::TailLost => both(
            format!("{} cut to {}", who.en, moment.offset),
            format!("{} 截断到 {}", who.zh, moment.offset),
        ),
        On::Lost => both(format!("{count} lost"), format!("丢失 {count} 条")),
        On::Twice => Text::fixed("first duplicate", "首次重复"),
        On::OutOfOrder => Text::fixed("out of order", "首次乱序"),
        On::Phantom => Text::fixed("no order", "没有订单"),
        On::AlarmRang => Text::fixed("alarm", "告警"),
        On::Resent => Text::fixed("desk resends", "补偿台重发"),
        On::AckedWithOneCopy => Text::fixed("ack, one copy", "ack，仅一份"),
        on => match of_node(on) {
            Some((en, zh)) => both(format!("{} {en}", who.en), format!("{} {zh}", who.zh)),
            None => rare_label(moment, &who),
        },
    }
}

/// What the first screen's story does not have, apart from what it loads.
#[inline(never)]
fn rare_label(moment: &Moment, who: &Text) -> Text {
    let (epoch, count) = (moment.epoch, moment.count);
    match moment.on {
        On::ElectedUnclean => both(
            format!("unclean election: epoch {epoch}"),
            format!("unclean 选举：epoch {epoch}"),
        ),
        On::ControllerActive => both(
            format!("{} is active: epoch {epoch}", who.en),
            format!("{} 为 active：epoch {epoch}", who.zh),
        ),
        On::ControllerResigned => {
            both(format!("{} resigned", who.en), format!("{} 已卸任", who.zh))
        }
        On::Diverged => Text::fixed("copies differ", "副本不一致"),
        On::SetAside => Text::fixed("set aside", "放入死信"),
        On::LetterFailed => Text::fixed("dead letter failed", "死信写入失败"),
        On::Deleted => both(format!("{count} deleted"), format!("删除 {count} 条")),
        _ => Text::default(),
    }
}

/// What happens to one node and decides nothing by itself, after its name.
fn of_node(on: On) -> Option<(&'static str, &'static str)> {
    Some(match on {
        On::Stopping => ("stops", "开始停止"),
        On::Started => ("starts", "启动"),
        On::Paused => ("pauses", "暂停"),
        On::Resumed => ("goes on", "恢复"),
        On::Cut => ("is cut off", "链路断开"),
        On::DiskTrouble => ("has disk trouble", "磁盘出问题"),
        On::Fenced => ("is fenced", "被 fence"),
        On::HandlerThrew => ("throws", "抛异常"),
        On::FirstPoll => ("polls first", "首次 poll"),
        _ => return None,
    })
}

/// One sentence, as it is spoken.
pub fn spoken(experiment: &Experiment, moment: &Moment) -> Text {
    let who = name(experiment, moment.node);
    let (epoch, offset, before, count) = (moment.epoch, moment.offset, moment.before, moment.count);
    let m = moment
        .message
        .map_or(String::new(), |m| format!("m{}", m.0));
    let text = match moment.on {
        On::Killed => both(
            format!("{} is killed.", who.en),
            format!("{} 被 kill -9。", who.zh),
        ),
        On::PowerLost => both(
            format!("{} loses power.", who.en),
            format!("{} 断电。", who.zh),
        ),
        On::Elected => both(
            format!("{} leads epoch {epoch}.", who.en),
            format!("{} 成为 epoch {epoch} 的 leader。", who.zh),
        ),
        On::ControllerActive | On::ControllerResigned => of_quorum(experiment, moment),
        On::Truncated => both(
            format!("{} cuts its log from {before} to {offset}.", who.en),
            format!("{} 把日志从 {before} 截断到 {offset}。", who.zh),
        ),
        On::TailLost => both(
            format!(
                "The log of {} ends at {offset}; it had ended at {before}.",
                who.en
            ),
            format!("{} 的日志到 {offset} 为止，之前到 {before}。", who.zh),
        ),
        On::Lost if count == 1 => both(format!("{m} is lost."), format!("{m} 丢失。")),
        On::Lost => both(
            format!("{count} messages are lost, {m} first."),
            format!("{count} 条消息丢失，第一条是 {m}。"),
        ),
        On::Phantom | On::AlarmRang | On::Resent => of_the_shop(moment.on, &m, count),
        _ => rarely_spoken(moment, &who, &m),
    };
    capital(text)
}

/// What the first screen's story does not have, apart from what it loads.
#[inline(never)]
fn rarely_spoken(moment: &Moment, who: &Text, m: &str) -> Text {
    let (epoch, offset) = (moment.epoch, moment.offset);
    match moment.on {
        On::ElectedUnclean => both(
            format!("{} is elected unclean and leads epoch {epoch}.", who.en),
            format!("{} 以 unclean 方式当选，epoch {epoch}。", who.zh),
        ),
        On::Diverged => both(
            format!(
                "{} has other records than its leader from offset {offset} on.",
                who.en
            ),
            format!("从 offset {offset} 起，{} 与 leader 的记录不同。", who.zh),
        ),
        On::Deleted => both(
            format!("{} deletes everything before offset {offset}.", who.en),
            format!("{} 删除 offset {offset} 之前的全部记录。", who.zh),
        ),
        On::SetAside => both(
            format!("{m} is set aside: it is in the dead-letter topic."),
            format!("{m} 被放入死信 topic。"),
        ),
        On::LetterFailed => both(
            format!("The dead letter of {m} could not be written."),
            format!("{m} 的死信没能写入。"),
        ),
        On::OutOfOrder => both(
            format!("{m} is worked on after a later one."),
            format!("{m} 在更晚的消息之后才被处理。"),
        ),
        On::Twice => both(
            format!("{m} comes a second time."),
            format!("{m} 第二次出现。"),
        ),
        On::AckedWithOneCopy => both(
            format!("{m} is acked, and not every in-sync replica has it."),
            format!("{m} 已返回 ack，但并非每个 ISR 副本都有它。"),
        ),
        _ => Text::default(),
    }
}

/// Who leads the controllers.
fn of_quorum(experiment: &Experiment, moment: &Moment) -> Text {
    let who = name(experiment, moment.node);
    let (epoch, count) = (moment.epoch, moment.count);
    match (moment.on, count) {
        (On::ControllerActive, _) => both(
            format!(
                "{} leads the quorum in epoch {epoch} and decides from now on.",
                who.en
            ),
            format!(
                "{} 以 epoch {epoch} 领导 quorum，从现在起由它决定。",
                who.zh
            ),
        ),
        (_, 0) => both(
            format!("{} leads the quorum no longer.", who.en),
            format!("{} 不再领导 quorum。", who.zh),
        ),
        _ => both(
            format!(
                "{} leads the quorum no longer; {count} of its decisions were not committed.",
                who.en
            ),
            format!(
                "{} 不再领导 quorum；它有 {count} 个决定没有 commit。",
                who.zh
            ),
        ),
    }
}

/// The shop's database: a message without an order, the alarm, the desk.
fn of_the_shop(on: On, m: &str, count: u32) -> Text {
    match on {
        On::Phantom => both(
            format!("{m} is out, and its order will never be written."),
            format!("{m} 已发出，它的订单却不会再写入。"),
        ),
        On::AlarmRang => both(
            format!("The alarm rings: {count} rows of the outbox are too old."),
            format!("告警：outbox 有 {count} 行过期。"),
        ),
        On::Resent => both(
            format!("Somebody at the desk resends {count} rows."),
            format!("补偿台重发 {count} 行。"),
        ),
        _ => Text::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::Action;
    use crate::lab::history::History;
    use crate::lab::run::Run;

    #[test]
    fn the_election_of_a_controller_is_told() {
        let mut experiment = Experiment::three_brokers().until_ms(20_000);
        experiment.topology.controllers = 3;
        let first = experiment.controller_node();
        let experiment = experiment.at_ms(3_000, Action::Kill(first));
        let mut run = Run::new(experiment.clone());
        run.seek(experiment.horizon_us);
        let mut history = History::new(&experiment);
        history.follow(run.journal(), run.entries());
        let said: Vec<String> = history
            .moments
            .iter()
            .map(|moment| spoken(&experiment, moment).en.into_owned())
            .collect();
        let killed = said
            .iter()
            .position(|line| line == "Controller 100 is killed.");
        let active = said
            .iter()
            .position(|line| line.contains("leads the quorum in epoch"));
        assert!(killed.is_some() && killed < active, "{said:?}");
    }
}

//! What each of two runs does where they part, as a sentence without its subject: the page puts A or B before it.

use super::Step;
use super::facts::{Answered, Dated, Fact};
use crate::kafka::MessageId;
use crate::lab::experiment::Experiment;
use crate::lab::ledger::Brokers;
use crate::lab::price::span;
use crate::lab::script::seconds;
use crate::lab::story::{both, name};
use crate::lab::text::Text;
use crate::sim::{MS, Micros, NodeId};

/// An answer within this time comes at once.
const AT_ONCE_US: Micros = 25 * MS;
/// Two moments this far apart are told with their time.
const APART_US: Micros = 100 * MS;

/// What one side does, in view of what the other one does.
pub(super) fn said(
    experiment: &Experiment,
    message: Option<MessageId>,
    mine: &Step,
    other: &Step,
) -> Text {
    let teller = Teller {
        experiment,
        m: message.map_or(String::new(), |message| format!("m{}", message.0)),
    };
    let theirs = other.now.as_ref();
    if let Some(Fact::Answered(answered)) = theirs.map(|dated| &dated.fact)
        && let Some(kept) = teller.keeps(mine, answered, other.at_us())
    {
        return kept;
    }
    match (&mine.now, theirs) {
        (Some(dated), _) => teller.does(&dated.fact, theirs.map(|dated| &dated.fact)),
        (None, Some(dated)) => teller.does_not(&dated.fact, mine),
        (None, None) => Text::default(),
    }
}

struct Teller<'a> {
    experiment: &'a Experiment,
    m: String,
}

impl Teller<'_> {
    /// The other side answers now: this one later, by an error, or not at all.
    fn keeps(&self, mine: &Step, theirs: &Answered, theirs_us: Micros) -> Option<Text> {
        let m = &self.m;
        let is_answer = |dated: &&Dated| {
            matches!(
                dated.fact,
                Fact::Answered(_) | Fact::Failed(_) | Fact::Believed
            )
        };
        let Some(answer) = mine.rest.iter().find(is_answer) else {
            return Some(both(
                format!("has no answer for {m} up to the end."),
                format!("直到最后也没有应答 {m}。"),
            ));
        };
        let Fact::Answered(answered) = &answer.fact else {
            // Its own words say it.
            return None;
        };
        let at = match answer.at_us.saturating_sub(theirs_us) {
            0..APART_US => Text::default(),
            _ => {
                let at = seconds(answer.at_us);
                both(format!(", at {at}"), format!("（{at}）"))
            }
        };
        if answered.on_disk && !theirs.on_disk {
            let text = both(
                format!("keeps {m}'s answer until it is on the disk{}.", at.en),
                format!("等 {m} 落盘后才应答{}。", at.zh),
            );
            return Some(text);
        }
        let waits = answered.holders.len() > theirs.holders.len();
        let others = match theirs.holders.iter().next() {
            // Whoever has it in the other run is no reason to wait.
            Some(leader) if answered.holders.len() > 2 => without(answered.holders, leader),
            _ => answered.holders,
        };
        let who = self.brokers(others);
        let have = if others.len() == 1 { "has" } else { "have" };
        let text = both(
            format!("keeps {m}'s answer until {} {have} it{}.", who.en, at.en),
            format!("等 {} 都有了 {m} 才应答{}。", who.zh, at.zh),
        );
        waits.then_some(text)
    }

    fn does(&self, fact: &Fact, theirs: Option<&Fact>) -> Text {
        let m = &self.m;
        let who = |node| name(self.experiment, node);
        match fact {
            Fact::Answered(answered) => self.answers(answered, theirs),
            Fact::Believed => both(
                format!("counts {m} as sent and waits for no answer."),
                format!("把 {m} 算作已发送，不等应答。"),
            ),
            Fact::Failed(error) => both(
                format!("gives {m} up: the callback hears {error}."),
                format!("放弃 {m}：callback 收到 {error}。"),
            ),
            Fact::Retried(error) => both(
                format!("hears {error} for {m} and will send it again."),
                format!("{m} 收到 {error}，将会重试。"),
            ),
            Fact::Written(node, partition) if self.experiment.topology.partitions > 1 => {
                let number = partition.partition;
                both(
                    format!("writes {m} into partition {number}, on {}.", who(*node).en),
                    format!("把 {m} 写到 partition {number}（{}）。", who(*node).zh),
                )
            }
            Fact::Written(node, _) => both(
                format!("writes {m} on {}.", who(*node).en),
                format!("把 {m} 写到 {}。", who(*node).zh),
            ),
            Fact::Recognised(node) => both(
                format!("sees on {} that {m} is there already.", who(*node).en),
                format!("在 {} 上发现 {m} 已经写过。", who(*node).zh),
            ),
            Fact::Cut(node) => both(
                format!("takes {m} out of the log of {}.", who(*node).en),
                format!("{m} 从 {} 的日志中消失。", who(*node).zh),
            ),
            Fact::Deleted(node) => both(
                format!("deletes {m} on {}.", who(*node).en),
                format!("在 {} 上删除 {m}。", who(*node).zh),
            ),
            Fact::Elected { leader, unclean } => self.elects(&who(*leader), *unclean),
            _ => self.consumes(fact),
        }
    }

    fn consumes(&self, fact: &Fact) -> Text {
        let m = &self.m;
        match fact {
            Fact::Worked(1) => both(format!("does the work on {m}."), format!("处理了 {m}。")),
            Fact::Worked(_) => both(
                format!("does the work on {m} again."),
                format!("把 {m} 又处理了一次。"),
            ),
            Fact::Ignored => both(
                format!("sees that the work on {m} is done already."),
                format!("发现 {m} 已经处理过。"),
            ),
            Fact::Committed => both(
                format!("commits an offset behind {m}."),
                format!("提交了 {m} 之后的 offset。"),
            ),
            Fact::PassedOver => both(
                format!("sets the position behind {m}: nobody reads it."),
                format!("把位置设到 {m} 之后：没有人会读它。"),
            ),
            _ => both(
                format!("throws in the handler at {m}."),
                format!("处理 {m} 时抛出异常。"),
            ),
        }
    }

    fn answers(&self, answered: &Answered, theirs: Option<&Fact>) -> Text {
        let m = &self.m;
        let when = match answered.took_us {
            0..AT_ONCE_US => both("at once".into(), "立即".into()),
            took_us => {
                let took = span(took_us);
                both(format!("after {took}"), format!("{took} 后"))
            }
        };
        let text = both(
            format!("answers {m} {}.", when.en),
            format!("{}应答 {m}。", when.zh),
        );
        let on_disk =
            matches!(theirs, Some(Fact::Answered(theirs)) if theirs.on_disk != answered.on_disk);
        let rest = match answered.on_disk {
            false if on_disk => both(
                " It is in the page cache.".into(),
                "它还在页缓存里。".into(),
            ),
            true if on_disk => both(" It is on the disk.".into(), "它已经落盘。".into()),
            _ => {
                let who = self.brokers(answered.holders);
                let alone = if answered.is_alone() { " alone" } else { "" };
                let only = if answered.is_alone() { "只有 " } else { "" };
                both(
                    format!(" It is on {}{alone}.", who.en),
                    format!("此时{only}{} 有它。", who.zh),
                )
            }
        };
        both(
            format!("{}{}", text.en, rest.en),
            format!("{}{}", text.zh, rest.zh),
        )
    }

    fn elects(&self, who: &Text, unclean: bool) -> Text {
        let (en, zh) = match unclean {
            true => (
                ", although it may lack records: an unclean election",
                "，尽管它可能缺少记录（unclean 选举）",
            ),
            false => ("", ""),
        };
        both(
            format!("makes {} the leader{en}.", who.en),
            format!("由 {} 接任 leader{zh}。", who.zh),
        )
    }

    /// The other side goes on with this, and here there is nothing more.
    fn does_not(&self, theirs: &Fact, mine: &Step) -> Text {
        let m = &self.m;
        match theirs {
            Fact::Worked(1) => both(format!("does no work on {m}."), format!("没有处理 {m}。")),
            Fact::Worked(_) => both(
                format!("does the work on {m} once."),
                format!("只处理了一次 {m}。"),
            ),
            Fact::Written(..) if mine.wrote => both(
                format!("writes {m} only once."),
                format!("{m} 只写了一次。"),
            ),
            Fact::Written(..) => both(format!("does not write {m}."), format!("没有写入 {m}。")),
            Fact::Cut(node) | Fact::Deleted(node) => {
                let who = name(self.experiment, *node);
                both(
                    format!("keeps {m} on {}.", who.en),
                    format!("{} 上仍有 {m}。", who.zh),
                )
            }
            Fact::Elected { .. } => both(
                "makes nobody else the leader.".into(),
                "没有另选 leader。".into(),
            ),
            Fact::Retried(_) => both(
                format!("does not send {m} again."),
                format!("没有重发 {m}。"),
            ),
            Fact::Committed => both(
                format!("commits no offset behind {m}."),
                format!("没有提交 {m} 之后的 offset。"),
            ),
            _ => both("does nothing of the kind.".into(), "没有这样做。".into()),
        }
    }

    /// "broker 1", "brokers 2 and 3".
    fn brokers(&self, which: Brokers) -> Text {
        let numbers: Vec<String> = which.iter().map(|node| node.0.to_string()).collect();
        match numbers.split_last() {
            None => both("no running broker".into(), "没有运行中的 broker".into()),
            Some((only, [])) => Text::same(format!("broker {only}")),
            Some((last, rest)) => both(
                format!("brokers {} and {last}", rest.join(", ")),
                format!("broker {}、{last}", rest.join("、")),
            ),
        }
    }
}

fn without(mut which: Brokers, node: NodeId) -> Brokers {
    which.remove(node);
    which
}

//! Names for runs: what sets one apart from the run it parted from.

use crate::kafka::Action;
use crate::lab::experiment::{Experiment, Timed};
use crate::lab::knobs::{self, COUNTS, handle};
use crate::lab::script::seconds;
use crate::lab::story::{both, name};
use crate::lab::text::Text;

/// So much of a difference is spelt out.
const MOST_SAID: usize = 2;

/// "acks=all, kill broker 2 at 4.3 s", or "without the kill of broker 2": what `run` has and `other` has not, or else
/// what it lacks.
pub fn difference(run: &Experiment, other: &Experiment) -> Text {
    let own = [knobs_of(run, other), deeds_of(run, other)].concat();
    if own.is_empty() {
        return lacking(run, other);
    }
    let more = own.len().saturating_sub(MOST_SAID);
    let said = &own[..own.len() - more];
    let join = |pick: fn(&Text) -> &str, comma: &str| {
        said.iter().map(pick).collect::<Vec<&str>>().join(comma)
    };
    let text = both(join(|text| &text.en, ", "), join(|text| &text.zh, "，"));
    match more {
        0 => text,
        n => both(
            format!("{} and {n} more", text.en),
            format!("{}，另有 {n} 项", text.zh),
        ),
    }
}

fn lacking(run: &Experiment, other: &Experiment) -> Text {
    let missed = other
        .actions
        .iter()
        .find(|timed| !run.actions.contains(timed));
    match missed {
        Some(timed) => {
            let deed = Deed::of(other, &timed.action);
            both(
                format!("without the {} of {}", deed.noun, deed.whom.en),
                format!("没有：{}", deed.zh),
            )
        }
        None => Text::fixed("as it was", "原样"),
    }
}

/// `Long.MAX_VALUE`, as Kafka writes that it does not flush by itself.
const NEVER: &str = "9223372036854775807";

/// Values of configs and numbers of the topology.
fn knobs_of(run: &Experiment, other: &Experiment) -> Vec<Text> {
    let mut own = Vec::new();
    let both_sides = run.configs.iter().chain(other.configs.iter());
    for (owner, config, _) in both_sides {
        let handle = handle(owner, config);
        let value = |of: &Experiment| match of.configs.get(owner, config) {
            Some(value) => value.to_string(),
            None => knobs::find(&handle)
                .map_or("", |(_, row)| row.default)
                .into(),
        };
        let full = value(run);
        // A class goes by its own name.
        let now = match full.strip_prefix("org.apache.kafka.") {
            Some(class) => class.rsplit('.').next().unwrap_or(class).to_string(),
            None => full.clone(),
        };
        let said = match (config.starts_with("flush."), now.as_str()) {
            (true, NEVER) => both(format!("{handle}: never"), format!("{handle}：从不")),
            _ => Text::same(format!("{handle}={now}")),
        };
        if full != value(other) && !own.contains(&said) {
            own.push(said);
        }
    }
    for count in &COUNTS {
        let now = knobs::count(run, count.name).unwrap_or_default();
        if Some(now) != knobs::count(other, count.name) {
            own.push(Text::same(format!("{}={now}", count.name)));
        }
    }
    own
}

/// What was done in `run` alone, with its time.
fn deeds_of(run: &Experiment, other: &Experiment) -> Vec<Text> {
    let own = |timed: &&Timed| !other.actions.contains(timed);
    let told = run.actions.iter().filter(own).map(|timed| {
        let (deed, at) = (Deed::of(run, &timed.action), seconds(timed.at_us));
        both(
            format!("{} {} at {at}", deed.verb, deed.whom.en),
            format!("{at} {}", deed.zh),
        )
    });
    told.collect()
}

/// An action in words: "kill broker 2", "the kill of broker 2".
struct Deed {
    verb: &'static str,
    noun: &'static str,
    whom: Text,
    zh: String,
}

impl Deed {
    fn of(experiment: &Experiment, action: &Action) -> Deed {
        let (verb, noun, whom, zh) = pattern(action);
        let names: Vec<Text> = action
            .nodes()
            .iter()
            .map(|node| name(experiment, *node))
            .collect();
        let join = |pick: fn(&Text) -> &str| names.iter().map(pick).collect::<Vec<_>>().join("–");
        let (who_en, who_zh) = (join(|name| &name.en), join(|name| &name.zh));
        Deed {
            verb,
            noun,
            whom: Text::new(whom.replace("{}", &who_en), String::new()),
            zh: zh.replace("{}", &who_zh),
        }
    }
}

/// An action as a thing: "the kill of broker 2".
pub fn deed(experiment: &Experiment, action: &Action) -> Text {
    let deed = Deed::of(experiment, action);
    let en = format!("the {} of {}", deed.noun, deed.whom.en);
    Text::new(en, deed.zh)
}

/// Verb, noun, whom it is done to, and the whole in Chinese.
fn pattern(action: &Action) -> (&'static str, &'static str, &'static str, &'static str) {
    match action {
        Action::Kill(_) => ("kill", "kill", "{}", "kill -9 {}"),
        Action::PowerOff(_) => ("cut power to", "power loss", "{}", "{} 断电"),
        Action::Start(_) => ("start", "start", "{}", "启动 {}"),
        Action::Stop(_) => ("stop", "stop", "{}", "正常停止 {}"),
        Action::Pause(_) => ("pause", "pause", "{}", "暂停 {}"),
        Action::Resume(_) => ("resume", "resumption", "{}", "恢复 {}"),
        Action::WipeDisk { .. } => ("wipe", "wipe", "the disk of {}", "清空 {} 的磁盘"),
        Action::FillDisk(_) => ("fill", "filling", "the disk of {}", "写满 {} 的磁盘"),
        Action::FreeDisk(_) => ("free", "freeing", "the disk of {}", "腾出 {} 的磁盘空间"),
        Action::FailDisk(_) => ("fail", "failure", "the disk of {}", "{} 磁盘故障"),
        Action::FailDirectory { .. } => (
            "fail",
            "failure",
            "a log directory of {}",
            "{} 的一个日志目录故障",
        ),
        Action::DescribeTopics { .. } => ("describe", "description", "topics", "查看 topic"),
        Action::SlowDisk { times: 1, .. } => (
            "speed up",
            "repair",
            "the disk of {}",
            "{} 磁盘恢复正常速度",
        ),
        Action::SlowDisk { .. } => ("slow", "slowing", "the disk of {}", "{} 磁盘变慢"),
        Action::OsWriteBack(_) => ("sync", "sync", "{}", "{} 执行 sync"),
        Action::CutLink { .. } => ("cut", "cut", "{}", "断开 {}"),
        Action::HealLink { .. } => ("repair", "repair", "{}", "修复 {}"),
        Action::LossyLink { .. } => ("drop packets of", "packet loss", "{}", "{} 丢包"),
        Action::SlowLink { .. } => ("slow", "slowing", "{}", "{} 变慢"),
        Action::SlowHandler { .. } => ("slow", "slowing", "the handler of {}", "{} 的处理变慢"),
        Action::Throw(_) => ("throw in", "exception", "{}", "{} 抛出异常"),
        Action::Burst { .. } => ("burst from", "burst", "{}", "{} 突发"),
        Action::ElectLeader { .. } => ("elect", "election", "a leader", "选举 leader"),
        Action::DeleteRecords { .. } => ("delete", "deletion", "records", "删除记录"),
        Action::Reassign { .. } => ("move", "move", "replicas", "迁移副本"),
        Action::CreatePartitions { .. } => ("add", "addition", "partitions", "增加 partition"),
        Action::Resend { .. } => ("resend", "resending", "rows at the desk", "补偿台重发"),
        Action::CancelReassignment(_) => ("cancel", "cancelling", "the move", "取消迁移"),
        Action::SetUnclean { .. } => (
            "change",
            "change",
            "unclean.leader.election.enable",
            "修改 unclean.leader.election.enable",
        ),
        Action::AlterGroupOffsets { .. } => (
            "reset",
            "reset",
            "the offsets of the group",
            "重置 group 的 offset",
        ),
        Action::SetMinIsr { .. } => (
            "change",
            "change",
            "min.insync.replicas",
            "修改 min.insync.replicas",
        ),
        _ => ("disturb", "disturbance", "{}", "{} 故障"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::config::Owner::Producer;
    use crate::lab::experiment::{broker, cut};

    fn base() -> Experiment {
        Experiment::three_brokers()
    }

    fn names(one: &Experiment, other: &Experiment) -> [String; 2] {
        [difference(one, other), difference(other, one)].map(|text| text.en.into_owned())
    }

    #[test]
    fn a_run_is_named_after_what_was_done_in_it_alone() {
        let killed = base().at_ms(4_300, Action::Kill(broker(2)));
        let said = ["kill broker 2 at 4.3 s", "without the kill of broker 2"];
        assert_eq!(names(&killed, &base()), said);
        assert_eq!(difference(&killed, &base()).zh, "4.3 s kill -9 broker 2");
    }

    #[test]
    fn both_sides_of_a_knob_are_named_by_their_value() {
        let one = base().with(Producer, "acks", "1");
        assert_eq!(names(&one, &base()), ["acks=1", "acks=all"]);
    }

    #[test]
    fn a_long_difference_is_cut() {
        let busy = base()
            .with(Producer, "linger.ms", "20")
            .at_ms(1_000, Action::Pause(broker(1)))
            .at_ms(2_000, Action::PowerOff(broker(3)))
            .at_ms(3_000, Action::Start(broker(3)));
        let said = "linger.ms=20, pause broker 1 at 1.0 s and 2 more";
        assert_eq!(difference(&busy, &base()).en, said);
    }

    #[test]
    fn a_link_a_disk_and_an_application_have_words_too() {
        let client = base().consumer_node(0);
        let disturbed = base()
            .at_ms(1_000, cut(1, 2))
            .at_ms(2_000, Action::Throw(client));
        let said = "cut broker 1–broker 2 at 1.0 s, throw in the consumer at 2.0 s";
        assert_eq!(difference(&disturbed, &base()).en, said);
        let full = base().at_ms(1_000, Action::FillDisk(broker(1)));
        let said = "without the filling of the disk of broker 1";
        assert_eq!(difference(&base(), &full).en, said);
        assert_eq!(difference(&base(), &full).zh, "没有：写满 broker 1 的磁盘");
    }
}

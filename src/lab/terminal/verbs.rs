//! The lab's own verbs: what an operator's hands do, and what only a simulation can be asked.

use super::desk::Desk;
use super::printed::{Printed, Step, Wish};
use super::{TOOLS, printed};
use crate::kafka::Action;
use crate::lab::experiment::{cut, heal};
use crate::lab::text::Text;
use crate::sim::NodeId;

/// A verb, what it takes and what it does.
pub struct Verb {
    pub name: &'static str,
    pub takes: &'static str,
    pub does: Text,
}

macro_rules! verbs {
    ($($name:literal $takes:literal $en:literal $zh:literal;)*) => {
        /// All verbs.
        pub const VERBS: &[Verb] = &[$(Verb { name: $name, takes: $takes, does: Text::fixed($en, $zh) }),*];
    };
}

verbs! {
    "kill" "ID" "kill -9 of a broker; a controller goes by 100" "kill -9 一个 broker；controller 的编号从 100 起";
    "stop" "ID" "controlled shutdown" "正常停机";
    "start" "ID" "start the process again" "重新启动进程";
    "pause" "ID" "SIGSTOP, or a long GC pause" "SIGSTOP，或一次很长的 GC 停顿";
    "resume" "ID" "SIGCONT" "SIGCONT";
    "poweroff" "ID" "power loss: what the OS had not written is gone" "断电：操作系统尚未落盘的数据丢失";
    "sync" "ID" "the OS writes all dirty pages" "操作系统写回所有脏页";
    "wipe" "ID" "replace the disk of a stopped broker by an empty one" "给已停止的 broker 换一块空磁盘";
    "fill" "ID" "no space left on the disk" "磁盘写满";
    "free" "ID" "space again" "腾出磁盘空间";
    "cut" "A-B" "nothing passes between two nodes" "两个节点之间断网";
    "heal" "A-B" "the link passes everything again" "恢复两个节点之间的网络";
    "why" "MESSAGE" "why a message met its fate" "一条消息为什么落得这个结局";
    "go" "SECONDS" "let time go on; a negative number goes back" "让时间前进若干秒；负数则后退";
    "clear" "" "an empty screen" "清屏";
    "help" "" "this list" "这份列表";
}

/// Runs a verb; what is neither a tool nor a verb is refused as a shell refuses it.
pub fn run(name: &str, words: &[String], desk: &Desk, printed: &mut Printed) -> Step {
    let Some(verb) = VERBS.iter().find(|verb| verb.name == name) else {
        printed.lab(Text::new(
            format!("{name}: command not found; help lists what there is"),
            format!("{name}：没有这个命令；help 列出所有命令"),
        ));
        return printed.exit(127);
    };
    match name {
        "help" => help(printed),
        "clear" => {
            printed.wish = Some(Wish::Clear);
            Ok(())
        }
        "why" | "go" => asks(verb, words, printed),
        "cut" | "heal" => link(verb, words, desk, printed),
        _ => node(verb, words, desk, printed),
    }
}

fn help(printed: &mut Printed) -> Step {
    printed.lab(Text::fixed(
        "Kafka 4.3's tools, with their own options (Tab completes):",
        "Kafka 4.3 自带的工具，选项与原版一致（Tab 补全）：",
    ));
    for tool in TOOLS {
        printed.lab(Text::same(format!("  {}", tool.name)));
    }
    printed.lab(Text::fixed(
        "The lab's own verbs; what they do stands on the timeline and can be rewound:",
        "实验室自己的命令；所做的操作会出现在时间轴上，可以回退：",
    ));
    for verb in VERBS {
        let what = format!("{} {}", verb.name, verb.takes);
        printed.lab(Text::new(
            format!("  {what:14} {}", verb.does.en),
            format!("  {what:14} {}", verb.does.zh),
        ));
    }
    Ok(())
}

fn usage<T>(verb: &Verb, printed: &mut Printed) -> Step<T> {
    let (name, takes) = (verb.name, verb.takes);
    printed.lab(Text::new(
        format!("usage: {name} {takes}"),
        format!("用法：{name} {takes}"),
    ));
    printed.exit(2)
}

fn asks(verb: &Verb, words: &[String], printed: &mut Printed) -> Step {
    let word = words.first().map(|word| word.trim_start_matches('#'));
    let wish = match verb.name {
        "why" => word.and_then(|word| word.parse().ok()).map(Wish::Why),
        _ => word.and_then(microseconds).map(Wish::Go),
    };
    match wish {
        Some(wish) => {
            printed.wish = Some(wish);
            Ok(())
        }
        None => usage(verb, printed),
    }
}

/// `1.5` seconds in microseconds.
fn microseconds(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let text = text.trim_end_matches('s');
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = format!("{part:0<6}").get(..6)?.parse().ok()?;
    Some(sign * whole.checked_mul(1_000_000)?.checked_add(part)?)
}

/// The node of a broker's or a controller's id.
fn node_of(id: &str, desk: &Desk) -> Option<NodeId> {
    let id: i32 = id.parse().ok()?;
    let nodes = desk
        .spec()
        .broker_nodes()
        .chain(desk.spec().controller_nodes());
    let mut nodes = nodes.filter(|node| desk.id_of(*node) == id);
    nodes.next()
}

fn unknown<T>(id: &str, printed: &mut Printed) -> Step<T> {
    printed.lab(Text::new(
        format!("there is no node {id}"),
        format!("没有节点 {id}"),
    ));
    printed.exit(1)
}

fn node(verb: &Verb, words: &[String], desk: &Desk, printed: &mut Printed) -> Step {
    if words.is_empty() {
        return usage(verb, printed);
    }
    for id in words {
        let Some(node) = node_of(id, desk) else {
            return unknown(id, printed);
        };
        let is_broker = desk.spec().broker_nodes().any(|broker| broker == node);
        if !is_broker && ["wipe", "fill", "free", "sync"].contains(&verb.name) {
            return unknown(id, printed);
        }
        printed.actions.push(match verb.name {
            "kill" => Action::Kill(node),
            "stop" => Action::Stop(node),
            "start" => Action::Start(node),
            "pause" => Action::Pause(node),
            "resume" => Action::Resume(node),
            "poweroff" => Action::PowerOff(node),
            "sync" => Action::OsWriteBack(node),
            "fill" => Action::FillDisk(node),
            "free" => Action::FreeDisk(node),
            _ => Action::WipeDisk {
                broker: node,
                keep_identity: false,
            },
        });
    }
    Ok(())
}

fn link(verb: &Verb, words: &[String], desk: &Desk, printed: &mut Printed) -> Step {
    let joined = words.join("-");
    let Some((one, other)) = joined.split_once('-') else {
        return usage(verb, printed);
    };
    let mut ends = Vec::new();
    for id in [one, other] {
        match node_of(id, desk) {
            Some(node) => ends.push(node.0),
            None => return unknown(id, printed),
        }
    }
    printed.actions.push(match (verb.name, &ends[..]) {
        ("cut", [a, b]) => cut(*a, *b),
        (_, [a, b]) => heal(*a, *b),
        _ => return printed::Printed::exit(printed, 1),
    });
    Ok(())
}

//! Phrases with a number or a state in them.

use super::Lang;
use crate::view::{BrokerState, ClientState, ControllerView, Fate, Fault, NodeKey, VoterRole};

/// "10.648 s" of simulated time.
pub fn seconds(time_us: u64) -> String {
    format!("{}.{:03} s", time_us / 1_000_000, time_us / 1000 % 1000)
}

/// "10.648", for the dated lines.
pub fn stamp(time_us: u64) -> String {
    format!("{}.{:03}", time_us / 1_000_000, time_us / 1000 % 1000)
}

/// "3.2 s": a span, rounded down to a tenth.
pub fn span(span_us: u64) -> String {
    format!("{}.{} s", span_us / 1_000_000, span_us / 100_000 % 10)
}

/// "120 000": digits in groups of three.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

/// "1/100×", "10×".
pub fn speed(ppm: u64) -> String {
    if ppm >= 1_000_000 {
        format!("{}×", ppm / 1_000_000)
    } else {
        format!("1/{}×", 1_000_000 / ppm.max(1))
    }
}

/// "Lesson 4".
pub fn lesson(lang: Lang, number: u8) -> String {
    match lang {
        Lang::En => format!("Lesson {number}"),
        Lang::Zh => format!("第 {number} 课"),
    }
}

/// "seed 42".
pub fn seed(lang: Lang, seed: u64) -> String {
    match lang {
        Lang::En => format!("seed {seed}"),
        Lang::Zh => format!("种子 {seed}"),
    }
}

/// A node by name.
pub fn node(lang: Lang, key: NodeKey) -> String {
    match (key, lang) {
        (NodeKey::Broker(id), _) => format!("broker {id}"),
        (NodeKey::Controller(place), _) => format!("controller {}", 100 + i32::from(place)),
        (NodeKey::Producer(0), _) => "producer".into(),
        (NodeKey::Producer(place), _) => format!("producer {}", place + 1),
        (NodeKey::Consumer(0), _) => "consumer".into(),
        (NodeKey::Consumer(place), _) => format!("consumer {}", place + 1),
        (NodeKey::Relay, _) => "relay".into(),
        (NodeKey::Outbox, _) => "outbox".into(),
        (NodeKey::Sink, Lang::En) => "business ledger".into(),
        (NodeKey::Sink, Lang::Zh) => "业务账本".into(),
    }
}

/// What a broker's badge says.
pub fn broker_state(lang: Lang, state: BrokerState) -> String {
    let (en, zh) = match state {
        BrokerState::Up => ("up", "运行中"),
        BrokerState::Leader => ("leader", "leader"),
        BrokerState::InSync => ("in sync", "in sync"),
        BrokerState::OutOfIsr => ("not in ISR", "不在 ISR"),
        BrokerState::Fenced => ("fenced", "fenced"),
        BrokerState::ShuttingDown => ("shutting down", "正在关闭"),
        BrokerState::Down { clean: false } => ("down", "已宕机"),
        BrokerState::Down { clean: true } => ("shut down", "已关闭"),
        BrokerState::PoweredOff => ("no power", "已断电"),
        BrokerState::DiskFailed => ("disk failed", "磁盘故障"),
        BrokerState::Lagging { behind, for_us } => {
            return match lang {
                Lang::En => format!("{behind} behind, {}", span(for_us)),
                Lang::Zh => format!("落后 {behind} 条，{}", span(for_us)),
            };
        }
        BrokerState::Paused { for_us } => {
            return match lang {
                Lang::En => format!("paused {}", span(for_us)),
                Lang::Zh => format!("已暂停 {}", span(for_us)),
            };
        }
        BrokerState::Recovering { percent } => {
            return match lang {
                Lang::En => format!("recovering {percent}%"),
                Lang::Zh => format!("恢复中 {percent}%"),
            };
        }
    };
    pick(lang, en, zh).into()
}

/// A client's badge; none while it runs as it should.
pub fn client_state(lang: Lang, state: ClientState) -> Option<&'static str> {
    match state {
        ClientState::Running => None,
        ClientState::Paused => Some(pick(lang, "paused", "已暂停")),
        ClientState::Crashed => Some(pick(lang, "crashed", "已崩溃")),
        ClientState::Blocked => Some(pick(lang, "send() blocks", "send() 阻塞")),
        ClientState::Closed => Some(pick(lang, "closed", "已关闭")),
    }
}

/// What a controller is in its quorum.
pub fn voter_role(lang: Lang, role: VoterRole) -> &'static str {
    let (en, zh) = match role {
        VoterRole::Leader => ("leader", "leader"),
        VoterRole::Follower => ("follower", "follower"),
        VoterRole::Candidate => ("asks for votes", "请求投票"),
        VoterRole::Unattached => ("knows no leader", "没有 leader"),
        VoterRole::Starting => ("starting", "启动中"),
        VoterRole::Paused => ("paused", "已暂停"),
        VoterRole::Down => ("down", "已宕机"),
        VoterRole::PoweredOff => ("no power", "已断电"),
    };
    pick(lang, en, zh)
}

/// "3 voters, 101 active".
pub fn quorum(lang: Lang, controller: &ControllerView) -> String {
    let voters = controller.voters.len();
    match (lang, controller.active) {
        (Lang::En, Some(id)) => {
            let plural = if voters == 1 { "voter" } else { "voters" };
            format!("{voters} {plural}, {id} active")
        }
        (Lang::Zh, Some(id)) => format!("{voters} 个 voter，{id} 为 active"),
        (Lang::En, None) => "no active controller".into(),
        (Lang::Zh, None) => "没有 active controller".into(),
    }
}

/// "1 silent 4.1 s", "1 silent 10.1 s, fenced".
pub fn silent(lang: Lang, broker: i32, silent_us: u64, fenced: bool) -> String {
    match (lang, fenced) {
        (Lang::En, false) => format!("{broker} silent {}", span(silent_us)),
        (Lang::En, true) => format!("{broker} silent {}, fenced", span(silent_us)),
        (Lang::Zh, false) => format!("{broker} 已沉默 {}", span(silent_us)),
        (Lang::Zh, true) => format!("{broker} 已沉默 {}，fenced", span(silent_us)),
    }
}

/// A fault as its button says it.
pub fn fault(lang: Lang, fault: Fault) -> &'static str {
    match fault {
        Fault::Kill => "kill -9",
        Fault::PowerOff => pick(lang, "power off", "断电"),
        Fault::Restart => pick(lang, "restart", "重启"),
        Fault::Shutdown => pick(lang, "shut down", "正常关闭"),
        Fault::Pause => pick(lang, "pause", "暂停"),
        Fault::Resume => pick(lang, "resume", "恢复"),
        Fault::DiskFull => pick(lang, "disk full", "磁盘写满"),
        Fault::DiskFail => pick(lang, "disk fails", "磁盘损坏"),
        Fault::DirectoryFail => pick(lang, "one log dir fails", "一个 log dir 损坏"),
        Fault::DiskFree => pick(lang, "free disk", "腾出磁盘"),
        Fault::WipeDisk => pick(lang, "wipe disk", "清空磁盘"),
        Fault::SlowDisk => pick(lang, "slow disk", "慢盘"),
        Fault::HealDisk => pick(lang, "heal disk", "磁盘复原"),
        Fault::Cut => pick(lang, "cut", "切断"),
        Fault::CutForward | Fault::CutBackward => pick(lang, "cut one way", "单向切断"),
        Fault::SlowLink => pick(lang, "slow", "变慢"),
        Fault::LossyLink => pick(lang, "lossy", "丢包"),
        Fault::HealLink => pick(lang, "heal", "复原"),
        Fault::Crash => pick(lang, "crash", "崩溃"),
        Fault::Throw => pick(lang, "throw", "抛异常"),
        Fault::SlowHandler => pick(lang, "slow", "变慢"),
        Fault::HealHandler => pick(lang, "as before", "复原"),
        Fault::Burst => pick(lang, "burst", "突发"),
        Fault::Resend => pick(lang, "resend", "重发"),
        Fault::ClusterOff => pick(lang, "cluster off", "集群断电"),
        Fault::ClusterOn => pick(lang, "cluster on", "集群上电"),
    }
}

/// What a fault does, in two words, at the right of its menu line.
pub fn fault_note(lang: Lang, fault: Fault) -> &'static str {
    match fault {
        Fault::Kill => pick(lang, "keeps cache", "page cache 保留"),
        Fault::PowerOff => pick(lang, "loses cache", "page cache 丢失"),
        Fault::Pause => "SIGSTOP",
        Fault::Resume => "SIGCONT",
        Fault::Shutdown => pick(lang, "leaders move", "leader 先迁走"),
        Fault::DiskFull => pick(lang, "log dir offline", "log dir 离线"),
        Fault::DiskFail => pick(lang, "I/O errors", "I/O 错误"),
        Fault::DirectoryFail => pick(lang, "the others go on", "其余目录继续"),
        Fault::SlowDisk => pick(lang, "×20", "慢 20 倍"),
        Fault::WipeDisk => pick(lang, "empty", "清空"),
        Fault::Cut => pick(lang, "both ways", "双向"),
        Fault::Resend => pick(lang, "dead and old rows", "dead 和过期的行"),
        Fault::CutForward => "→",
        Fault::CutBackward => "←",
        _ => "",
    }
}

/// What became of a message, in a few words.
pub fn fate(lang: Lang, fate: Fate) -> &'static str {
    match fate {
        Fate::NotSent => pick(lang, "not sent yet", "未发送"),
        Fate::Stored => pick(lang, "in the outbox", "在 outbox 中"),
        Fate::Dead => pick(lang, "dead in the outbox", "outbox 中已 dead"),
        Fate::Phantom => pick(lang, "no such order", "没有对应的订单"),
        Fate::Buffered => pick(lang, "buffered", "在缓冲区"),
        Fate::InFlight => pick(lang, "in flight", "在途"),
        Fate::Written => pick(lang, "written", "已写入"),
        Fate::OnDisk => pick(lang, "on disk", "已落盘"),
        Fate::OneCopy => pick(lang, "one copy", "仅一份副本"),
        Fate::Committed => pick(lang, "committed", "已 committed"),
        Fate::Visible => pick(lang, "visible", "可见"),
        Fate::Processed => pick(lang, "processed", "已处理"),
        Fate::Finished => pick(lang, "processed, committed", "已处理并提交"),
        Fate::SetAside => pick(lang, "set aside in dead letters", "已放入死信 topic"),
        Fate::Doomed => pick(lang, "to be cut", "将被截断"),
        Fate::Lost => pick(lang, "lost", "丢失"),
        Fate::Skipped => pick(lang, "skipped", "被跳过"),
        Fate::Expired => pick(lang, "deleted unread", "未读即被删除"),
        Fate::Deleted => pick(lang, "deleted", "已删除"),
        Fate::Open => pick(lang, "in an open transaction", "在未结束的事务中"),
        Fate::Aborted => pick(lang, "aborted", "事务已中止"),
        Fate::Twice => pick(lang, "twice", "重复"),
        Fate::InDoubt => pick(lang, "in doubt", "结果未知"),
        Fate::Failed => pick(lang, "failed, reported", "失败，已告知"),
    }
}

/// "+4 wait", "… and 12 more".
pub fn more(lang: Lang, count: u64) -> String {
    match lang {
        Lang::En => format!("+{} more", grouped(count)),
        Lang::Zh => format!("另有 {} 条", grouped(count)),
    }
}

/// "m9 · lost": a ledger cell for readers.
pub fn cell(lang: Lang, number: u64, is: Fate) -> String {
    format!("m{number} {}", fate(lang, is))
}

fn pick<'a>(lang: Lang, en: &'a str, zh: &'a str) -> &'a str {
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_in_threes() {
        let all = [0, 999, 1000, 120_000, 2_147_483_647].map(grouped);
        assert_eq!(
            all.map(|s| s.replace('\u{a0}', " ")),
            ["0", "999", "1 000", "120 000", "2 147 483 647"]
        );
    }

    #[test]
    fn times_and_speeds_read_as_in_a_player() {
        assert_eq!(seconds(10_648_999), "10.648 s");
        assert_eq!(span(3_260_000), "3.2 s");
        assert_eq!(
            [10_000, 100_000, 1_000_000, 100_000_000]
                .map(speed)
                .join(" "),
            "1/100× 1/10× 1× 100×"
        );
    }

    #[test]
    fn every_fate_is_named_in_both_languages() {
        for is in Fate::ALL {
            assert!(fate(Lang::En, is).is_ascii());
            assert!(!fate(Lang::Zh, is).is_ascii());
        }
    }
}

//! A trial in words.

use super::{Attempt, Goal, Report, Trial, harmed, ms};
use crate::lab::experiment::Experiment;
use crate::lab::hunt::{Kind, Spell};
use crate::lab::story::{both, name};
use crate::lab::text::Text;
use crate::sim::{MS, Micros};

/// "5.25 s".
pub fn clock(us: Micros) -> String {
    let ms = us / MS;
    let text = format!("{}.{:03}", ms / 1000, ms % 1000);
    let short = text.trim_end_matches('0').trim_end_matches('.');
    format!("{short} s")
}

/// One fault as a sentence: "broker 2 loses power, for 12 s".
pub fn told(experiment: &Experiment, spell: &Spell) -> Text {
    let who = name(experiment, spell.node);
    let directory = u32::from(spell.directory) + 1;
    let what = fault(
        spell.kind,
        &who,
        spell.other.map(|node| name(experiment, node)),
        directory,
    );
    match spell.lasts_us {
        Some(us) => both(
            format!("{}, for {}", what.en, clock(us)),
            format!("{}，持续 {}", what.zh, clock(us)),
        ),
        None => what,
    }
}

fn fault(kind: Kind, who: &Text, other: Option<Text>, directory: u32) -> Text {
    let other = other.unwrap_or_default();
    let (en, zh) = (&who.en, &who.zh);
    match kind {
        Kind::Kill | Kind::KillClient | Kind::KillController => {
            both(format!("kill -9 of {en}"), format!("kill -9 {zh}"))
        }
        Kind::PowerOff => both(format!("{en} loses power"), format!("{zh} 断电")),
        Kind::Pause | Kind::PauseClient => both(format!("{en} stands still"), format!("{zh} 停顿")),
        Kind::Stop => both(
            format!("{en} is stopped in good order"),
            format!("{zh} 正常停止"),
        ),
        Kind::NewDisk => both(
            format!("{en} loses its disk and gets an empty one"),
            format!("{zh} 的磁盘损坏，换成空盘"),
        ),
        Kind::FailDirectory => both(
            format!("log directory {directory} of {en} fails"),
            format!("{zh} 的第 {directory} 个日志目录故障"),
        ),
        Kind::CutPeers | Kind::CutController => both(
            format!("the link between {en} and {} is cut", other.en),
            format!("{zh} 与 {} 之间断网", other.zh),
        ),
        Kind::CutAnswers => both(
            format!("what {en} sends does not reach {}", other.en),
            format!("{zh} 发出的数据到不了 {}", other.zh),
        ),
        Kind::Elect => Text::fixed(
            "leadership goes back to the preferred leader",
            "leader 切回 preferred leader",
        ),
        Kind::Blackout => Text::fixed("all brokers lose power", "所有 broker 断电"),
    }
}

impl Trial {
    /// What is asked.
    pub fn task(&self) -> Text {
        match self.goal {
            Goal::LoseNothing(limits) => both(
                format!(
                    "Turn the knobs until nothing is lost or doubled: every single fault, then {} schedules by chance. \
                     No more than {} machines; half of the acks within {}.",
                    self.runs,
                    limits.machines,
                    ms(limits.ack_us)
                ),
                format!(
                    "调整配置，直到不丢也不重：先试遍每一个单点故障，再随机抽 {} 组故障。机器不超过 {} 台，ack 中位数不超过 {}。",
                    self.runs,
                    limits.machines,
                    ms(limits.ack_us)
                ),
            ),
            Goal::FindOut => both(
                format!(
                    "Which faults lose or double a message with these settings? Every single one at every decisive moment, then \
                     {} schedules by chance, one fault at a time.",
                    self.runs
                ),
                format!(
                    "在这套配置下，哪些故障会丢失或重复消息？先在每个关键时刻试遍每一个单点故障，再随机抽 {} 组故障，一次只坏一处。",
                    self.runs
                ),
            ),
            Goal::BreakIt { actions } => both(
                format!(
                    "One fault takes nothing here. Find {actions} actions that lose or double a message. Repairs at the end are free."
                ),
                format!(
                    "这里一个故障什么也丢不了。找出 {actions} 个操作，让消息丢失或重复。最后的修复不计数。"
                ),
            ),
        }
    }
}

impl Report {
    /// The verdict so far.
    pub fn verdict(&self) -> Text {
        let Some(found) = &self.best else {
            return match (self.complete, self.within_limits) {
                (true, true) => {
                    Text::fixed("Nothing was lost or doubled.", "没有丢失，也没有重复。")
                }
                (true, false) => Text::fixed(
                    "Nothing was lost or doubled, but it costs more than it may.",
                    "没有丢失，也没有重复，但代价超出预算。",
                ),
                (false, _) => Text::fixed(
                    "Nothing was lost or doubled so far.",
                    "目前没有丢失，也没有重复。",
                ),
            };
        };
        let (gone, sent) = (harmed(&found.tally), found.tally.sent);
        let faults = found.spells.len();
        let (s, harm) = if faults == 1 {
            ("", "harms")
        } else {
            ("s", "harm")
        };
        both(
            format!("{faults} fault{s} {harm} {gone} of {sent} messages."),
            format!("{faults} 个故障使 {sent} 条消息中的 {gone} 条丢失或重复。"),
        )
    }

    /// "2 600 of 2 600 single faults safe, at 40 distinct points".
    pub fn of_singles(&self) -> Text {
        let (done, safe, total) = self.singles;
        let points = self.points;
        match done == total {
            true => both(
                format!("{safe} of {total} single faults safe ({points} distinct points)"),
                format!("{total} 个单点故障中 {safe} 个安全（{points} 个不同的时刻）"),
            ),
            false => both(
                format!("{safe} of {done} single faults safe, {total} in all"),
                format!("已试 {done} 个单点故障，{safe} 个安全，共 {total} 个"),
            ),
        }
    }

    /// "300 of 300 schedules by chance".
    pub fn of_hunt(&self) -> Text {
        let (drawn, runs) = self.drawn;
        match self.shrunk {
            0 => both(
                format!("{drawn} of {runs} schedules by chance"),
                format!("随机故障组合 {drawn} / {runs}"),
            ),
            n => both(
                format!("{drawn} of {runs} schedules by chance, {n} to find the smallest"),
                format!("随机故障组合 {drawn} / {runs}，另用 {n} 次缩到最小"),
            ),
        }
    }

    /// "1240 runs a second, about 25 s to go".
    pub fn of_pace(&self) -> Option<Text> {
        let (runs, left) = (self.runs_per_s?, self.left_s?);
        Some(both(
            format!("{runs} runs a second, about {left} s to go"),
            format!("每秒 {runs} 次，大约还要 {left} 秒"),
        ))
    }

    /// What the configuration costs in a quiet run.
    pub fn price(&self) -> Text {
        let (ack, machines, fsyncs) = (ms(self.ack_us), self.machines, self.fsyncs);
        both(
            format!("median ack {ack}, {machines} machines, {fsyncs} flushes"),
            format!("ack 中位数 {ack}，{machines} 台机器，{fsyncs} 次 flush"),
        )
    }
}

impl Attempt {
    /// How the learner's own try stands.
    pub fn told(&self) -> Text {
        let (used, most) = (self.actions, self.most);
        let count = both(
            format!("{used} of {most} actions used"),
            format!("已用 {used} / {most} 个操作"),
        );
        let Some(gone) = self.harmed else {
            return count;
        };
        let sent = self.sent;
        let outcome = match (gone, self.wins()) {
            (0, _) => Text::fixed(
                "nothing lost or doubled once all is healed",
                "恢复之后没有丢失，也没有重复",
            ),
            (_, true) => both(
                format!("broken: {gone} of {sent} messages lost or doubled"),
                format!("攻破：{sent} 条中 {gone} 条丢失或重复"),
            ),
            (_, false) => both(
                format!("{gone} of {sent} lost or doubled, but with too many actions"),
                format!("{sent} 条中 {gone} 条丢失或重复，但操作太多"),
            ),
        };
        both(
            format!("{}: {}.", count.en, outcome.en),
            format!("{}：{}。", count.zh, outcome.zh),
        )
    }
}

//! What would have saved it: the same actions and luck, one knob of the registry changed at a time.
//!
//! Each trial is a whole run; [`WhatIf::step`] does one of them, so that a page can spread them over frames.

use super::experiment::Experiment;
use super::judge::Judgement;
use super::run::Run;
use super::story::both;
use super::text::Text;
use crate::kafka::config::{AppConfig, BrokerConfig, ConfigSet, Configs, Owner, Severity};

/// Values that protect, of configs in the registry; the likeliest first.
const PROTECTIVE: [(Owner, &str, &str); 16] = [
    (Owner::Producer, "acks", "all"),
    (Owner::Topic, "unclean.leader.election.enable", "false"),
    (Owner::Topic, "flush.messages", "1"),
    (Owner::Topic, "min.insync.replicas", "2"),
    (Owner::Application, "commit.mode", "sync-after"),
    (Owner::Application, "handler.handoff", "false"),
    (Owner::Consumer, "enable.auto.commit", "false"),
    (Owner::Application, "handler.idempotent", "true"),
    (Owner::Application, "handler.on.error", "crash"),
    (Owner::Producer, "enable.idempotence", "true"),
    (Owner::Producer, "retries", "2147483647"),
    (Owner::Producer, "delivery.timeout.ms", "120000"),
    (Owner::Consumer, "auto.offset.reset", "earliest"),
    (Owner::Application, "send.mode", "callback"),
    (Owner::Application, "resend.on.failure", "true"),
    (Owner::Broker, "eligible.leader.replicas.version", "1"),
];

/// Values that are often believed to help: worth a line even if they change nothing.
const BELIEVED: [&str; 2] = ["min.insync.replicas", "flush.messages"];
/// So many changes that do not help are told.
const MOST_IN_VAIN: usize = 3;

/// A run of more events takes so long that only a few changes are tried.
const HEAVY_EVENTS: u64 = 60_000;
/// So many.
const MOST_OF_HEAVY: usize = 3;

/// What came of one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Nothing lost, nothing doubled.
    Saved,
    /// Nothing lost, at a price that the note names.
    SavedAtPrice,
    /// Still lost.
    NotSaved,
}

/// One change that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Whose config.
    pub owner: Owner,
    /// Which.
    pub name: &'static str,
    /// The value tried.
    pub value: &'static str,
    /// What came of it.
    pub outcome: Outcome,
    /// The price, or why it does not help.
    pub note: Text,
}

/// Trials under way.
#[derive(Clone, Debug)]
pub struct WhatIf {
    experiment: Experiment,
    base: Numbers,
    queue: Vec<(Owner, &'static str, &'static str)>,
    /// What was tried so far, the helpful ones first.
    pub trials: Vec<Trial>,
}

/// What a trial is compared by.
#[derive(Clone, Copy, Debug, Default)]
struct Numbers {
    hash: u64,
    lost: u64,
    twice: u64,
    failed: u64,
    waiting: u64,
    processed: u64,
    median_ack_us: u32,
    leaderless_us: u64,
}

impl WhatIf {
    /// Gets ready to try what is not yet so in `experiment`, which was judged `base`.
    pub fn new(experiment: &Experiment, base: &Judgement) -> WhatIf {
        let (configs, _) = Configs::build(&experiment.configs);
        let differs = |(owner, name, value): &(Owner, &'static str, &'static str)| {
            current(&configs, *owner, name).is_some_and(|now| now != *value)
        };
        let mut queue: Vec<_> = PROTECTIVE.into_iter().filter(differs).collect();
        if base.tally.skipped + base.tally.twice == 0 {
            queue.retain(|(owner, name, _)| !is_of_consumers(*owner, name));
        }
        if base.healed.world().handled() > HEAVY_EVENTS {
            queue.truncate(MOST_OF_HEAVY);
        }
        queue.reverse();
        WhatIf {
            experiment: experiment.clone(),
            base: Numbers::of(base),
            queue,
            trials: Vec::new(),
        }
    }

    /// Whether there is something left to try.
    pub fn is_trying(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Tries one change. Returns whether something is left.
    pub fn step(&mut self) -> bool {
        let Some((owner, name, value)) = self.queue.pop() else {
            return false;
        };
        let changed = self.experiment.clone().with(owner, name, value);
        let (_, problems) = Configs::build(&changed.configs);
        if problems
            .iter()
            .all(|problem| problem.severity != Severity::Error)
        {
            let mut run = Run::new(changed);
            run.seek(self.experiment.horizon_us);
            let numbers = Numbers::of(&Judgement::of(&run));
            let (outcome, note) = match numbers.hash == self.base.hash {
                true => (
                    Outcome::NotSaved,
                    Text::fixed("changes nothing here", "在这里不起作用"),
                ),
                false => self.base.against(&numbers),
            };
            self.enter(
                Trial {
                    owner,
                    name,
                    value,
                    outcome,
                    note,
                },
                numbers.hash != self.base.hash,
            );
        }
        self.is_trying()
    }
}

impl WhatIf {
    /// Keeps a trial that says something.
    fn enter(&mut self, trial: Trial, has_effect: bool) {
        let vain = |trial: &&Trial| trial.outcome == Outcome::NotSaved;
        let too_many = self.trials.iter().filter(vain).count() >= MOST_IN_VAIN;
        let worth_it = has_effect || BELIEVED.contains(&trial.name);
        if worth_it && !(vain(&&trial) && too_many) {
            self.trials.push(trial);
            self.trials.sort_by_key(|trial| trial.outcome);
        }
    }
}

impl Numbers {
    fn of(judged: &Judgement) -> Numbers {
        Numbers {
            hash: judged.healed.hash(),
            lost: judged.tally.lost(),
            twice: judged.tally.twice,
            failed: judged.tally.failed,
            waiting: judged.tally.waiting,
            processed: judged.tally.processed,
            median_ack_us: judged.median_ack_us().unwrap_or(0),
            leaderless_us: judged.leaderless_us,
        }
    }

    /// What `tried` came to, compared with these.
    fn against(&self, tried: &Numbers) -> (Outcome, Text) {
        if tried.lost > 0 || (self.lost == 0 && tried.twice > 0) {
            return (Outcome::NotSaved, self.still(tried));
        }
        let price = self.price(tried);
        match price {
            Some(note) => (Outcome::SavedAtPrice, note),
            None => (
                Outcome::Saved,
                acks(self.median_ack_us, tried.median_ack_us),
            ),
        }
    }

    fn still(&self, tried: &Numbers) -> Text {
        match (tried.lost, self.lost) {
            (0, _) => both(
                format!("{} still twice", tried.twice),
                format!("仍有 {} 条重复", tried.twice),
            ),
            (after, before) if after == before => both(
                format!("all {after} lost all the same"),
                format!("{after} 条照样丢失"),
            ),
            (after, before) => both(
                format!("{after} lost instead of {before}"),
                format!("丢失 {before} → {after} 条"),
            ),
        }
    }

    /// The dearest thing it costs.
    fn price(&self, tried: &Numbers) -> Option<Text> {
        if tried.twice > self.twice {
            return Some(both(
                format!("{} come twice", tried.twice),
                format!("{} 条重复", tried.twice),
            ));
        }
        if tried.failed > self.failed {
            return Some(both(
                format!("{} sends fail and are reported", tried.failed),
                format!("{} 条发送失败并报告", tried.failed),
            ));
        }
        if tried.waiting > self.waiting {
            return Some(both(
                format!("{} still wait at the end", tried.waiting),
                format!("结束时仍有 {} 条在等", tried.waiting),
            ));
        }
        if tried.leaderless_us > self.leaderless_us + 1_000_000 {
            let (before, after) = (self.leaderless_us / 100_000, tried.leaderless_us / 100_000);
            return Some(both(
                format!(
                    "no leader for {}.{} s instead of {}.{} s",
                    after / 10,
                    after % 10,
                    before / 10,
                    before % 10
                ),
                format!(
                    "无 leader {}.{} s（之前 {}.{} s）",
                    after / 10,
                    after % 10,
                    before / 10,
                    before % 10
                ),
            ));
        }
        if tried.processed < self.processed {
            return Some(both(
                format!(
                    "{} instead of {} done in the time",
                    tried.processed, self.processed
                ),
                format!(
                    "同样时间处理 {} 条（之前 {} 条）",
                    tried.processed, self.processed
                ),
            ));
        }
        let dearer = u64::from(tried.median_ack_us) * 10 > u64::from(self.median_ack_us) * 11;
        dearer.then(|| acks(self.median_ack_us, tried.median_ack_us))
    }
}

/// Whether a config rules what becomes of a record once it is in the log.
fn is_of_consumers(owner: Owner, name: &str) -> bool {
    let of_the_work = name.starts_with("commit.") || name.starts_with("handler.");
    owner == Owner::Consumer || (owner == Owner::Application && of_the_work)
}

/// "median ack 2.1 → 4.8 ms".
fn acks(before_us: u32, after_us: u32) -> Text {
    let (before, after) = (ms(before_us), ms(after_us));
    match before_us {
        0 => both(
            format!("an ack takes {after} ms"),
            format!("一次 ack 要 {after} ms"),
        ),
        _ => both(
            format!("median ack {before} → {after} ms"),
            format!("ack 中位数 {before} → {after} ms"),
        ),
    }
}

/// Milliseconds with one decimal.
fn ms(us: u32) -> String {
    let tenths = (us + 50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The effective value of a config, as text.
pub fn current(configs: &Configs, owner: Owner, name: &str) -> Option<String> {
    match owner {
        Owner::Producer => configs.producer.get(name),
        Owner::Consumer => configs.consumer.get(name),
        Owner::Broker => BrokerConfig::get(&configs.broker, name),
        Owner::Topic => configs.topic.get(name),
        Owner::Environment => configs.environment.get(name),
        Owner::Application => AppConfig::get(&configs.app, name),
    }
}

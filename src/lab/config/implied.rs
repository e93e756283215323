//! The experiment that the files imply, and everything that had to be assumed to play it.

use super::account::Account;
use super::kind::Kind;
use super::topology::Described;
use crate::kafka::config::Owner::{self, Application, Broker, Consumer, Topic};
use crate::lab::experiment::{Experiment, MAX_BROKERS, MAX_CONTROLLERS, MAX_PARTITIONS};
use crate::lab::text::Text;

/// Messages of each run.
pub const ORDERS: u64 = 300;
/// So many producers send them, so that one's order may come while another's is being copied.
const PRODUCERS: u8 = 2;
/// Orders a second of each.
const RATE: u64 = 50;
/// Everything is sent, and read, well before.
const HORIZON_MS: u64 = 12_000;
/// Partitions that are played: each is led by another broker, more show nothing new.
const MOST_PARTITIONS: u16 = 3;

/// An experiment and what was assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Implied {
    /// What is played, without faults.
    pub experiment: Experiment,
    /// What the files do not say.
    pub assumptions: Vec<Text>,
}

/// The experiment that `account` implies.
pub fn implied(account: &Account) -> Implied {
    let mut made = Implied {
        experiment: Experiment::three_brokers(),
        assumptions: Vec::new(),
    };
    made.experiment.configs = account.overrides.clone();
    made.experiment.horizon_us = HORIZON_MS * crate::sim::MS;
    made.cluster(account);
    made.clients(account);
    made.application(account);
    made
}

impl Implied {
    fn assume(&mut self, en: String, zh: String) {
        self.assumptions.push(Text::new(en, zh));
    }

    fn set(&mut self, owner: Owner, name: &str, value: &str) {
        if self.experiment.configs.get(owner, name).is_none() {
            self.experiment.configs.set(owner, name, value);
        }
    }

    fn cluster(&mut self, account: &Account) {
        let facts = &account.facts;
        let judged = account.topic.as_ref();
        let described = facts
            .described
            .iter()
            .find(|topic| Some(&topic.name) == judged);
        let replication = match account.choice.copies {
            Some(copies) => copies.max(1),
            None => self.replication(account, described),
        };
        let named = facts.brokers.len() as u8;
        let brokers = named.max(replication).clamp(1, MAX_BROKERS);
        let brokers = match named {
            // One server.properties is one of several that are alike.
            0 | 1 if facts.described.is_empty() && !facts.alone => brokers.max(3),
            _ => brokers,
        };
        let chosen = account.choice.brokers;
        let brokers = chosen.map_or(brokers, |chosen| chosen.clamp(1, MAX_BROKERS));
        if brokers > named && chosen.is_none() {
            let (en, zh) = match named {
                0 => (
                    format!("{brokers} brokers are assumed."),
                    format!("假定有 {brokers} 个 broker。"),
                ),
                _ => (
                    format!(
                        "{brokers} brokers are assumed, all set alike; {named} of them is named."
                    ),
                    format!("假定有 {brokers} 个 broker，配置相同；其中 {named} 个有名字。"),
                ),
            };
            self.assume(en, zh);
        }
        let topology = &mut self.experiment.topology;
        topology.brokers = brokers;
        topology.replication_factor = replication.min(brokers);
        self.controllers(account, brokers);
        self.partitions(described, account);
        self.racks(account, brokers);
        if facts.elr == Some(false) {
            self.set(Broker, "eligible.leader.replicas.version", "0");
        }
    }

    fn replication(&mut self, account: &Account, described: Option<&Described>) -> u8 {
        let facts = &account.facts;
        if let Some(factor) = described.and_then(|topic| topic.replication_factor) {
            return factor.max(1);
        }
        if let Some(first) = described.and_then(|topic| topic.replicas.first()) {
            return (first.len() as u8).max(1);
        }
        if let Some(factor) = facts.default_replication {
            self.assume(
                format!("The topic has default.replication.factor={factor} copies."),
                format!("topic 的副本数取 default.replication.factor={factor}。"),
            );
            return factor.max(1);
        }
        if facts.has_server {
            self.assume(
                "default.replication.factor is not set: Kafka makes one copy of a topic that does not ask for more.".into(),
                "没有设置 default.replication.factor：没有另外指定的 topic 只有一份。".into(),
            );
            return 1;
        }
        self.assume(
            "The topic is assumed to have 3 copies.".into(),
            "假定 topic 有 3 个副本。".into(),
        );
        if self
            .experiment
            .configs
            .get(Topic, "min.insync.replicas")
            .is_none()
        {
            self.set(Topic, "min.insync.replicas", "2");
            self.assume(
                "min.insync.replicas=2 is assumed; paste kafka-topics --describe to judge your own.".into(),
                "假定 min.insync.replicas=2；粘贴 kafka-topics --describe 可按实际值判断。".into(),
            );
        }
        3
    }

    /// `broker.rack` of all brokers, in their order.
    fn racks(&mut self, account: &Account, brokers: u8) {
        let facts = &account.facts;
        let known = facts.racks.iter();
        let mut racks: Vec<String> = match account.choice.racks {
            Some(count) => (1..=count.min(brokers))
                .map(|n| format!("rack-{n}"))
                .collect(),
            None if facts.racks.len() > 1 => {
                let of = |id: &u32| known.clone().find(|(of, _)| *of == Some(*id));
                let by_id = facts
                    .brokers
                    .iter()
                    .map(|id| of(id).map(|(_, rack)| rack.clone()));
                let by_id: Option<Vec<String>> = by_id.collect();
                by_id.unwrap_or_else(|| known.map(|(_, rack)| rack.clone()).collect())
            }
            None => Vec::new(),
        };
        if racks.is_empty() && !facts.racks.is_empty() && account.choice.racks.is_none() {
            // One file is that of one broker; whoever names racks spreads brokers over them.
            let count = brokers.min(3);
            racks = (1..=count).map(|n| format!("rack-{n}")).collect();
            self.assume(
                format!("The brokers are assumed to stand in {count} racks in turn; one file names one of them."),
                format!("假定各 broker 依次放在 {count} 个机架；一个文件只写了其中一个。"),
            );
        }
        let configs = &mut self.experiment.configs;
        match racks.is_empty() {
            true => configs.unset(Broker, "broker.rack"),
            false => configs.set(Broker, "broker.rack", &racks.join(",")),
        }
    }

    fn controllers(&mut self, account: &Account, brokers: u8) {
        let chosen = account.choice.controllers.map(usize::from);
        let known = chosen.or(account.facts.controllers);
        let assumed = if brokers >= 3 { 3 } else { 1 };
        let count = known.map_or(assumed, |count| {
            count.min(usize::from(MAX_CONTROLLERS)) as u8
        });
        self.experiment.topology.controllers = match count {
            2 => 1,
            count => count.max(1),
        };
        match known {
            None => self.assume(
                format!("{assumed} controllers are assumed."),
                format!("假定有 {assumed} 个 controller。"),
            ),
            Some(count) if count > usize::from(MAX_CONTROLLERS) => self.assume(
                format!("3 of the {count} controllers are played."),
                format!("{count} 个 controller 中模拟 3 个。"),
            ),
            Some(_) => {}
        }
    }

    fn partitions(&mut self, described: Option<&Described>, account: &Account) {
        let configured = account.overrides.get(Broker, "num.partitions");
        let configured = configured.and_then(|count| count.parse::<u16>().ok());
        let count = described
            .and_then(|topic| topic.partitions)
            .or(configured)
            .unwrap_or(1);
        let played = count.clamp(1, MOST_PARTITIONS.min(MAX_PARTITIONS));
        self.experiment.topology.partitions = played;
        if count > played {
            self.assume(
                format!("{played} of {count} partitions are played."),
                format!("{count} 个 partition 中模拟 {played} 个。"),
            );
        }
        let ids = &account.facts.brokers;
        let place = |id: &u32| {
            ids.iter()
                .position(|known| known == id)
                .map(|place| place as u8 + 1)
        };
        let lists = described.map(|topic| topic.replicas.iter().take(usize::from(played)));
        let lists = lists.into_iter().flatten();
        let lists = lists.map(|list| {
            list.iter()
                .filter_map(place)
                .filter(|id| *id <= MAX_BROKERS)
                .collect()
        });
        self.experiment.topology.replicas = lists.collect();
    }

    fn clients(&mut self, account: &Account) {
        let spring = account.has(&[Kind::SpringYaml, Kind::SpringProperties]);
        let has_producer = account.says(Owner::Producer)
            || account.has(&[Kind::Producer, Kind::Clients])
            || spring;
        if !has_producer {
            self.assume(
                "No producer was pasted: one with Kafka's defaults (acks=all, idempotent) sends."
                    .into(),
                "没有粘贴 producer 配置：由默认配置的 producer 发送（acks=all，幂等）。".into(),
            );
        }
        if has_consumer(account) {
            if account.overrides.get(Consumer, "group.id").is_none() {
                self.set(Consumer, "group.id", "billing");
            }
            if spring
                && account
                    .overrides
                    .get(Consumer, "enable.auto.commit")
                    .is_none()
            {
                self.set(Consumer, "enable.auto.commit", "false");
                self.assume(
                    "Spring turns enable.auto.commit off; its listener commits after the work."
                        .into(),
                    "Spring 默认关闭 enable.auto.commit，由 listener 在处理之后提交。".into(),
                );
            }
        } else {
            self.experiment.topology.consumers = 0;
            self.assume(
                "No consumer was pasted: nobody reads, the log is judged.".into(),
                "没有粘贴 consumer 配置：没有人读取，只判断日志。".into(),
            );
        }
        // A group that has worked for long is not waiting for its first members.
        self.set(Broker, "group.initial.rebalance.delay.ms", "0");
    }

    fn application(&mut self, account: &Account) {
        let auto = self.experiment.configs.get(Consumer, "enable.auto.commit");
        let commits = match auto {
            Some("false") => "sync-after",
            _ => "auto",
        };
        self.set(Application, "commit.mode", commits);
        if has_consumer(account) {
            match commits {
                "auto" => self.assume(
                    "enable.auto.commit is on, and the work is done in the polling thread.".into(),
                    "enable.auto.commit 打开，处理在 poll 线程中完成。".into(),
                ),
                _ => self.assume(
                    "The application commits after its work.".into(),
                    "应用在处理之后提交。".into(),
                ),
            }
        }
        if self
            .experiment
            .configs
            .get(Topic, "cleanup.policy")
            .is_some_and(|policy| policy.contains("compact"))
        {
            self.set(Application, "record.keys", "1000");
            self.assume(
                "Orders have keys, as a compacted topic asks.".into(),
                "订单带有 key，压实的 topic 要求如此。".into(),
            );
        }
        let each = ORDERS / u64::from(PRODUCERS);
        self.experiment.topology.producers = PRODUCERS;
        self.set(Application, "send.rate", &RATE.to_string());
        self.set(Application, "send.count", &each.to_string());
        self.assume(
            format!("{PRODUCERS} producers send {each} orders each, {RATE} a second; they look at the result of each send()."),
            format!("{PRODUCERS} 个 producer 各发送 {each} 条订单，每秒 {RATE} 条；应用会看每次 send() 的结果。"),
        );
    }
}

/// Whether something of a consumer was pasted.
pub fn has_consumer(account: &Account) -> bool {
    account.says(Owner::Consumer) || account.has(&[Kind::Consumer])
}

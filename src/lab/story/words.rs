//! Words that stories and explanations share.

use crate::kafka::Cut;
use crate::kafka::spec::FIRST_CONTROLLER_ID;
use crate::lab::experiment::Experiment;
use crate::lab::text::Text;
use crate::sim::NodeId;

/// "broker 1", "the controller", "controller 101", "the producer", "the consumer": a node in a sentence.
pub fn name(experiment: &Experiment, node: NodeId) -> Text {
    let first_client = experiment.producer_node(0).0;
    let first_consumer = experiment.consumer_node(0).0;
    if node == experiment.relay_node() {
        return Text::fixed("the relay", "relay");
    }
    match node.0 {
        0 => Text::fixed("you", "你"),
        n if n <= experiment.topology.brokers => Text::same(format!("broker {n}")),
        n if n < first_client && experiment.topology.controllers == 1 => {
            Text::fixed("the controller", "controller")
        }
        n if n < first_client => {
            let place = n - experiment.controller_node().0;
            Text::same(format!(
                "controller {}",
                FIRST_CONTROLLER_ID + i32::from(place)
            ))
        }
        n if n < first_consumer => {
            several("producer", n - first_client, experiment.topology.producers)
        }
        n => several(
            "consumer",
            n - first_consumer,
            experiment.topology.consumers,
        ),
    }
}

fn several(kind: &str, place: u8, of: u8) -> Text {
    match of {
        1 => Text::new(format!("the {kind}"), kind.to_string()),
        _ => Text::same(format!("{kind} {}", place + 1)),
    }
}

/// One sentence made from a run, in both languages.
pub fn both(en: String, zh: String) -> Text {
    Text::new(en, zh)
}

pub(super) fn sent(m: u32, to: &Text, attempt: u32) -> Text {
    match attempt {
        0 | 1 => both(
            format!("m{m} leaves for {}", to.en),
            format!("m{m} 发往 {}", to.zh),
        ),
        n => both(
            format!("m{m} leaves for {}, attempt {n}", to.en),
            format!("m{m} 第 {n} 次发往 {}", to.zh),
        ),
    }
}

/// Why a copy left a log.
pub fn cut(experiment: &Experiment, m: u32, who: &Text, why: Cut) -> Text {
    match why {
        Cut::Truncated { leader, epoch } => {
            let leader = name(experiment, leader);
            both(
                format!(
                    "{} follows {} (epoch {epoch}) and cuts m{m} off its log",
                    who.en, leader.en
                ),
                format!(
                    "{} 跟随 {}（epoch {epoch}），把 m{m} 从日志中截掉",
                    who.zh, leader.zh
                ),
            )
        }
        Cut::PowerLost => both(
            format!(
                "{} had m{m} only in its page cache: gone with the power",
                who.en
            ),
            format!("{} 的 m{m} 只在页缓存里：随断电消失", who.zh),
        ),
        Cut::Torn => both(
            format!("{} finds a torn batch and cuts m{m} off", who.en),
            format!("{} 发现不完整的 batch，m{m} 被截掉", who.zh),
        ),
        Cut::Removed => both(
            format!(
                "{} is a replica no longer and deletes m{m} with its log",
                who.en
            ),
            format!("{} 不再是副本，连同日志删除了 m{m}", who.zh),
        ),
        Cut::Wiped => both(
            format!(
                "the disk of {} with m{m} is replaced by an empty one",
                who.en
            ),
            format!("{} 存有 m{m} 的磁盘被换成空盘", who.zh),
        ),
        Cut::Overtaken { leader } => {
            let leader = name(experiment, leader);
            both(
                format!(
                    "{} starts anew where the log of {} begins",
                    who.en, leader.en
                ),
                format!("{} 从 {} 的日志起点重新开始", who.zh, leader.zh),
            )
        }
    }
}

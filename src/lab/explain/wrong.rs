//! What was wrong at a time: faults, repairs that came late, and what operators asked for.

use super::Explainer;
use crate::kafka::Entry;
use crate::lab::story::{Line, Tone, both, name};
use crate::lab::text::Text;
use crate::sim::journal::{EntryId, Stamped};
use crate::sim::{Micros, NodeId, SECOND};

/// A process that is back is not at work at once: sessions run out, logs are loaded, groups rebalance. What was
/// repaired longer ago than this is forgotten.
const AFTERMATH_US: Micros = 15 * SECOND;

/// Something that is wrong from its entry on.
#[derive(Clone, Copy)]
struct Wrong {
    entry: EntryId,
    node: NodeId,
    other: Option<NodeId>,
    over_us: Option<Micros>,
}

impl Explainer<'_> {
    /// What was wrong at some time between two entries at those nodes for which `matters`, in order: no more than
    /// `most`, the latest kept.
    pub(super) fn wrong(
        &self,
        (from, to): (EntryId, EntryId),
        most: usize,
        matters: impl Fn(NodeId) -> bool,
    ) -> Vec<Line> {
        let from_us = self.journal.get(from).map_or(0, |stamped| stamped.at);
        let mut found: Vec<Wrong> = Vec::new();
        let entries = self.journal.entries().iter().take(to.0 as usize + 1);
        for (place, stamped) in entries.enumerate() {
            let (entry, node) = (EntryId(place as u32), stamped.node);
            let ends = |wrong: &Wrong| self.ends(wrong, stamped);
            found
                .iter_mut()
                .filter(|wrong| ends(wrong))
                .for_each(|wrong| {
                    wrong.over_us.get_or_insert(stamped.at);
                });
            if !is_wrong(&stamped.what) {
                continue;
            }
            let other = match stamped.what {
                Entry::LinkCut { to, .. }
                | Entry::LinkLossy { to, .. }
                | Entry::LinkSlow { to, .. } => Some(to),
                _ => None,
            };
            found.push(Wrong {
                entry,
                node,
                other,
                over_us: None,
            });
        }
        let lasts = |wrong: &&Wrong| {
            wrong
                .over_us
                .is_none_or(|over_us| over_us + AFTERMATH_US >= from_us)
        };
        let here = |wrong: &&Wrong| matters(wrong.node) && wrong.other.is_none_or(&matters);
        let mut kept: Vec<&Wrong> = found.iter().filter(lasts).filter(here).collect();
        // The same node's end is told once: what came first explains the rest.
        kept.dedup_by_key(|wrong| (wrong.node, wrong.other, wrong.over_us.is_none()));
        let from = kept.len().saturating_sub(most);
        kept[from..]
            .iter()
            .filter_map(|wrong| self.wrong_line(wrong.entry))
            .collect()
    }

    /// The sentence about something that is wrong.
    pub(super) fn wrong_line(&self, entry: EntryId) -> Option<Line> {
        let stamped = self.journal.get(entry)?;
        let text = self.wrong_words(stamped)?;
        Some(Line::new(self.journal, entry, Tone::Lost, text))
    }

    /// Whether `stamped` ends what is wrong.
    fn ends(&self, wrong: &Wrong, stamped: &Stamped<Entry>) -> bool {
        let Some(was) = self.journal.get(wrong.entry) else {
            return false;
        };
        let same = wrong.node == stamped.node;
        match (&was.what, &stamped.what) {
            (
                Entry::Killed
                | Entry::PowerLost
                | Entry::Halted
                | Entry::Stopped
                | Entry::StopAsked,
                Entry::Started,
            )
            | (Entry::Paused, Entry::Resumed | Entry::Killed | Entry::PowerLost)
            | (Entry::DiskFull, Entry::DiskFreed | Entry::DiskWiped { .. })
            | (
                Entry::DiskFailed | Entry::DirectoryFailed(_) | Entry::DirectoryOffline { .. },
                Entry::DiskWiped { .. },
            )
            | (Entry::DiskSlow { .. }, Entry::DiskSlow { .. })
            | (Entry::HandlerSlowed { .. }, Entry::HandlerSlowed { .. }) => same,
            (_, Entry::LinkHealed { to }) => {
                let other = wrong.other;
                (same && other == Some(*to)) || (wrong.node == *to && other == Some(stamped.node))
            }
            _ => false,
        }
    }

    fn wrong_words(&self, stamped: &Stamped<Entry>) -> Option<Text> {
        let who = name(self.experiment, stamped.node);
        let (en, zh) = (&who.en, &who.zh);
        Some(match stamped.what {
            Entry::DiskSlow { times } if times > 1 => both(
                format!("the disk of {en} becomes {times} times slower"),
                format!("{zh} 的磁盘变慢 {times} 倍"),
            ),
            Entry::DiskFull => both(
                format!("the disk of {en} is full"),
                format!("{zh} 的磁盘写满"),
            ),
            Entry::DiskFailed => both(
                format!("the disk of {en} fails"),
                format!("{zh} 的磁盘损坏"),
            ),
            Entry::HandlerSlowed { time_ms } => both(
                format!("work on one message takes {en} {time_ms} ms from now on"),
                format!("{zh} 处理一条消息从此要 {time_ms} ms"),
            ),
            Entry::HandlerThrew { .. } => both(
                format!("the handler of {en} throws an exception"),
                format!("{zh} 的处理代码抛出异常"),
            ),
            Entry::MinIsrSet { min_isr, .. } => both(
                format!("the operator sets min.insync.replicas={min_isr}"),
                format!("运维把 min.insync.replicas 设为 {min_isr}"),
            ),
            Entry::ElectionAsked { unclean, .. } => {
                let (en, zh) = match unclean {
                    true => ("an unclean", "一次 unclean 选举"),
                    false => ("a preferred", "一次 preferred 选举"),
                };
                both(
                    format!("the operator asks for {en} election"),
                    format!("运维发起{zh}"),
                )
            }
            Entry::Started => both(format!("{en} starts"), format!("{zh} 启动")),
            Entry::Resumed => both(format!("{en} goes on"), format!("{zh} 恢复运行")),
            _ => {
                return self
                    .link_words(stamped)
                    .or_else(|| super::fault_words(&stamped.what, &who));
            }
        })
    }

    fn link_words(&self, stamped: &Stamped<Entry>) -> Option<Text> {
        let who = name(self.experiment, stamped.node);
        let (en, zh) = (&who.en, &who.zh);
        let between = |to: NodeId| {
            let to = name(self.experiment, to);
            both(
                format!("between {en} and {}", to.en),
                format!("{zh} 与 {} 之间", to.zh),
            )
        };
        Some(match stamped.what {
            Entry::LinkCut { to, both: ways } => {
                let to = name(self.experiment, to);
                match ways {
                    true => both(
                        format!("nothing passes between {en} and {} any more", to.en),
                        format!("{zh} 与 {} 之间不再通", to.zh),
                    ),
                    false => both(
                        format!("nothing passes from {en} to {} any more", to.en),
                        format!("{zh} 发往 {} 的数据不再通", to.zh),
                    ),
                }
            }
            Entry::LinkLossy { to, loss_ppm } => {
                let (link, percent) = (between(to), loss_ppm / 10_000);
                both(
                    format!(
                        "{} every packet is lost with a chance of {percent} %",
                        link.en
                    ),
                    format!("{}每个数据包有 {percent}% 的概率丢失", link.zh),
                )
            }
            Entry::LinkSlow { to, extra_us } => {
                let (link, ms) = (between(to), extra_us / 1_000);
                both(
                    format!("{} everything takes {ms} ms longer", link.en),
                    format!("{}的传输多花 {ms} ms", link.zh),
                )
            }
            Entry::LinkHealed { to } => {
                let to = name(self.experiment, to);
                both(
                    format!("the link between {en} and {} is whole again", to.en),
                    format!("{zh} 与 {} 之间恢复", to.zh),
                )
            }
            _ => return None,
        })
    }
}

/// Whether something is wrong from this entry on.
fn is_wrong(entry: &Entry) -> bool {
    match entry {
        Entry::DiskSlow { times } => *times > 1,
        Entry::LinkLossy { .. }
        | Entry::LinkSlow { .. }
        | Entry::DiskFull
        | Entry::DiskFailed
        | Entry::HandlerSlowed { .. }
        | Entry::MinIsrSet { .. }
        | Entry::ElectionAsked { .. } => true,
        other => super::is_fault(other),
    }
}

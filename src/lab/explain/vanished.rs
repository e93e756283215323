//! Lost: the message is in no log that lives on.

use crate::sim::order::Set;

use super::{Explainer, fault_words};
use crate::kafka::config::{Acks, Configs};
use crate::kafka::{ClientError, Entry, LeaderEpoch, Offset};
use crate::lab::ledger::Told;
use crate::lab::moments::On;
use crate::lab::story::{self, Line, Tone, at, both, name};
use crate::lab::text::Text;
use crate::sim::journal::EntryId;
use crate::sim::{NodeId, Stamped};

/// So many things that kept copies back are told.
const MOST_HINDRANCES: usize = 2;

impl Explainer<'_> {
    /// Lost: in no log that lives on.
    pub(super) fn vanished(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let found = self.life.lost.or(self.life.last_cut());
        let Some(last) = found.or(self.life.died_with) else {
            return lines;
        };
        lines.extend(self.written_and_told());
        let decision = self
            .journal
            .get(last)
            .map(|stamped| (&stamped.what, stamped.node));
        match decision {
            Some((
                Entry::BecameLeader {
                    partition,
                    epoch,
                    log_end,
                },
                leader,
            )) => {
                let part = self.history.parts.get(partition);
                let old = part.and_then(|part| part.leader_before);
                let ended = old.and_then(|old| self.leader_ended(old, last));
                lines.extend(self.kept_back(ended.as_ref().map_or(last, |line| line.entry)));
                lines.extend(ended);
                lines.push(self.crowned(last, leader, *epoch, *log_end));
                lines.extend(self.cut_lines());
            }
            Some((Entry::Acked { .. }, zombie)) => lines.extend(self.zombie(last, zombie)),
            Some((Entry::LogCut { why, .. }, node)) => {
                lines.extend(self.why_cut(last, *why, node));
                let text = story::cut(self.experiment, self.m, &name(self.experiment, node), *why);
                lines.push(self.decisive(last, text));
            }
            Some((Entry::Killed | Entry::PowerLost | Entry::Halted, node)) => {
                lines.extend(self.fault_before(last, node));
                lines.push(self.died_with(last, node));
            }
            Some((Entry::ProduceRefused { error: code, .. }, node)) => {
                let (m, who, error) = (self.m, name(self.experiment, node), code.name());
                let text = both(
                    format!(
                        "{} refuses m{m} ({error}); with acks=0 nobody hears of it",
                        who.en
                    ),
                    format!("{} 拒绝了 m{m}（{error}）；acks=0 时没有人知道", who.zh),
                );
                lines.extend(self.on_the_way(last));
                let line = self.decisive(last, text);
                lines.push(self.blame_limit(line, ClientError::Broker(*code)));
            }
            Some((Entry::Failed { .. } | Entry::BelievedSent { .. }, _)) => {
                lines.extend(self.nobody_looked(last));
            }
            _ => {
                let cut = self.cut_lines().into_iter();
                lines.extend(cut.map(|line| Line {
                    decisive: true,
                    ..line
                }));
                if let Some(entry) = self.life.last_cut()
                    && let Some(stamped) = self.journal.get(entry)
                    && let Entry::LogCut { why, .. } = stamped.what
                {
                    lines.extend(self.why_cut(entry, why, stamped.node));
                }
            }
        }
        self.short(lines)
    }

    /// "broker 1 writes m9 at offset 8 and answers at once (acks=1)".
    pub(super) fn written_and_told(&self) -> Vec<Line> {
        let (configs, _) = Configs::build(&self.experiment.configs);
        let m = self.m;
        let mut lines = Vec::new();
        let place = self.life.places.last();
        if let Some(place) = place {
            let leader = self
                .journal
                .get(place.written)
                .map_or(NodeId(0), |stamped| stamped.node);
            let who = name(self.experiment, leader);
            let offset = place.offset;
            let text = match configs.producer.acks {
                Acks::Leader => both(
                    format!(
                        "{} writes m{m} at offset {offset} and answers at once (acks=1)",
                        who.en
                    ),
                    format!(
                        "{} 把 m{m} 写到 offset {offset}，立刻返回 ack（acks=1）",
                        who.zh
                    ),
                ),
                _ => both(
                    format!(
                        "{} writes m{m} at offset {offset}, into the page cache",
                        who.en
                    ),
                    format!("{} 把 m{m} 写到 offset {offset}（页缓存）", who.zh),
                ),
            };
            lines.push(Line::new(self.journal, place.written, Tone::Risk, text));
        }
        match self.life.told {
            Told::Acked(told) if configs.producer.acks == Acks::All => {
                lines.push(self.acked_by_all(told))
            }
            Told::Believed(told) => {
                let text = both(
                    format!("m{m} counts as sent; no broker has said so"),
                    format!("m{m} 算作已发送；没有任何 broker 确认过"),
                );
                lines.push(Line::new(self.journal, told, Tone::Risk, text));
            }
            _ => {}
        }
        lines
    }

    /// acks=all: who was in the ISR when the ack came.
    pub(super) fn acked_by_all(&self, told: EntryId) -> Line {
        let then = at(self.experiment, self.journal, told);
        let isr = self
            .life
            .partition
            .and_then(|partition| then.parts.get(&partition))
            .map(|p| p.isr);
        let isr: Vec<String> = isr
            .unwrap_or_default()
            .iter()
            .map(|node| node.0.to_string())
            .collect();
        let (m, isr) = (self.m, isr.join(", "));
        let text = both(
            format!("the whole ISR ({isr}) has m{m}: it is acked"),
            format!("ISR（{isr}）都有了 m{m}：返回 ack"),
        );
        Line::new(self.journal, told, Tone::Risk, text)
    }

    /// What kept the followers from copying it: pauses, cuts and ISR changes that still held at `before`.
    pub(super) fn kept_back(&self, before: EntryId) -> Vec<Line> {
        let written = self
            .life
            .places
            .last()
            .and_then(|place| self.journal.get(place.written));
        let leader = written.map(|stamped| stamped.node);
        let mut over = Set::new();
        let mut lines = Vec::new();
        let entries = self
            .journal
            .entries()
            .iter()
            .enumerate()
            .take(before.0 as usize);
        for (place, stamped) in entries.rev() {
            let node = stamped.node;
            let follower = Some(node) != leader && self.is_replica(node);
            if matches!(
                stamped.what,
                Entry::Resumed | Entry::Started | Entry::LinkHealed { .. }
            ) {
                over.insert(node);
            } else if let Some(text) = self.hindrance(stamped, follower && !over.contains(&node)) {
                lines.push(Line::new(
                    self.journal,
                    EntryId(place as u32),
                    Tone::Risk,
                    text,
                ));
            }
            if lines.len() == MOST_HINDRANCES {
                break;
            }
        }
        lines
    }

    fn hindrance(&self, stamped: &Stamped<Entry>, follower: bool) -> Option<Text> {
        let who = name(self.experiment, stamped.node);
        Some(match &stamped.what {
            Entry::Paused if follower => both(
                format!("{} stands still, still in the ISR", who.en),
                format!("{} 停住了，但仍在 ISR 中", who.zh),
            ),
            Entry::Stopped | Entry::Killed | Entry::PowerLost if follower => {
                both(format!("{} is down", who.en), format!("{} 已停", who.zh))
            }
            Entry::LinkCut { to, .. } => {
                let to = name(self.experiment, *to);
                both(
                    format!("nothing passes between {} and {} any more", who.en, to.en),
                    format!("{} 与 {} 之间不再通", who.zh, to.zh),
                )
            }
            Entry::Partition {
                before,
                after,
                partition,
                ..
            } if Some(*partition) == self.life.partition && before.leader == after.leader => {
                let left = before.isr.iter().find(|node| !after.isr.contains(node))?;
                let left = name(self.experiment, *left);
                both(
                    format!(
                        "{} leaves the ISR; from here on nobody waits for it",
                        left.en
                    ),
                    format!("{} 离开 ISR，此后没有人等它", left.zh),
                )
            }
            _ => return None,
        })
    }

    pub(super) fn is_replica(&self, node: NodeId) -> bool {
        let part = self
            .life
            .partition
            .and_then(|partition| self.history.parts.get(&partition));
        part.is_some_and(|part| part.replicas.contains(&node))
    }

    /// What took the old leader away, and how many other logs had the message then.
    pub(super) fn leader_ended(&self, old: NodeId, before: EntryId) -> Option<Line> {
        let entry = self.last_fault(old, before)?;
        let then = at(self.experiment, self.journal, entry);
        let life = then.ledger.get(self.life.message)?;
        let others = life.living_place().map_or(0, |place| {
            place.holders.len() - u32::from(place.holders.has(old))
        });
        let (m, who) = (self.m, name(self.experiment, old));
        let end = fault_words(&self.journal.get(entry)?.what, &who)?;
        let text = match others {
            0 => both(
                format!("{}; no other log has m{m}", end.en),
                format!("{}；没有别的日志里有 m{m}", end.zh),
            ),
            n => both(
                format!(
                    "{}; {n} other log{} m{m}",
                    end.en,
                    if n == 1 { " has" } else { "s have" }
                ),
                format!("{}；另有 {n} 份日志里有 m{m}", end.zh),
            ),
        };
        Some(Line::new(self.journal, entry, Tone::Lost, text))
    }

    pub(super) fn crowned(
        &self,
        last: EntryId,
        leader: NodeId,
        epoch: LeaderEpoch,
        log_end: Offset,
    ) -> Line {
        let (m, who) = (self.m, name(self.experiment, leader));
        let unclean = self.history.moments.iter().rev().any(|moment| {
            moment.on == On::ElectedUnclean && moment.node == leader && moment.epoch == epoch
        });
        let how = if unclean {
            (" unclean", "（unclean 选举）")
        } else {
            ("", "")
        };
        let text = both(
            format!(
                "{} leads epoch {epoch}{} with log end {log_end}: m{m} is in no living log",
                who.en, how.0
            ),
            format!(
                "{} 成为 epoch {epoch} 的 leader{}，LEO 是 {log_end}：m{m} 不在任何存活的日志里",
                who.zh, how.1
            ),
        );
        self.decisive(last, text)
    }

    pub(super) fn cut_lines(&self) -> Vec<Line> {
        let cut = self
            .life
            .last_cut()
            .and_then(|entry| Some((entry, self.journal.get(entry)?)));
        let Some((entry, stamped)) = cut else {
            return Vec::new();
        };
        let Entry::LogCut { why, .. } = stamped.what else {
            return Vec::new();
        };
        let who = name(self.experiment, stamped.node);
        let text = story::cut(self.experiment, self.m, &who, why);
        vec![Line::new(self.journal, entry, Tone::Lost, text)]
    }

    /// Acked by a leader that was one no longer.
    pub(super) fn zombie(&self, last: EntryId, _producer: NodeId) -> Vec<Line> {
        let Some(partition) = self.life.partition else {
            return Vec::new();
        };
        let elected = self.history.moments.iter().rev().find(|moment| {
            moment.entry < last
                && moment.partition == Some(partition)
                && matches!(moment.on, On::Elected | On::ElectedUnclean)
        });
        let m = self.m;
        let mut lines: Vec<Line> = elected
            .map(|moment| {
                let who = name(self.experiment, moment.node);
                let text = both(
                    format!("{} leads epoch {} already", who.en, moment.epoch),
                    format!("{} 已经是 epoch {} 的 leader", who.zh, moment.epoch),
                );
                Line::new(self.journal, moment.entry, Tone::Risk, text)
            })
            .into_iter()
            .collect();
        let text = both(
            format!("the old leader, which does not know it, still acks m{m}"),
            format!("旧 leader 还不知道，仍然对 m{m} 返回 ack"),
        );
        lines.push(self.decisive(last, text));
        lines.extend(self.cut_lines());
        lines
    }

    pub(super) fn died_with(&self, last: EntryId, node: NodeId) -> Line {
        let (m, who) = (self.m, name(self.experiment, node));
        let is_broker = node.0 <= self.experiment.topology.brokers;
        let text = if is_broker {
            both(
                format!(
                    "{} ends with m{m} unread in its socket; nobody holds another copy",
                    who.en
                ),
                format!(
                    "{} 结束时 m{m} 还在它的 socket 里没有读；别处没有副本",
                    who.zh
                ),
            )
        } else {
            both(
                format!("{} ends with m{m} still in its memory", who.en),
                format!("{} 结束时 m{m} 还在它的内存里", who.zh),
            )
        };
        self.decisive(last, text)
    }
}

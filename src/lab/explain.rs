//! Why it vanished: from the decision that made the loss final back to what it needed to happen.
//!
//! The journal gives each entry its cause. The walk goes from the entry at which the message was first found lost to
//! the fault at its root, and keeps the entries without which the loss would not have happened: where it was written,
//! what the producer was told, what kept the copies back, what took the last one, who decided that it stays gone.

use super::experiment::Experiment;
use super::history::History;
use super::ledger::{Fate, Life, Told};
use super::story::{self, Line, Tone, at, both, name};
use super::text::Text;
use crate::kafka::config::{Acks, Configs};
use crate::kafka::{Entry, Journal, MessageId};
use crate::sim::NodeId;
use crate::sim::journal::EntryId;

/// No explanation is longer than this.
const MOST_LINES: usize = 6;

/// An explanation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// "Why m9 vanished".
    pub title: Text,
    /// Dated sentences in order.
    pub lines: Vec<Line>,
}

/// Explains what became of `message`, by what is known at `history`'s moment.
pub fn explain(
    experiment: &Experiment,
    journal: &Journal,
    history: &History,
    message: MessageId,
) -> Why {
    let Some(life) = history.ledger.get(message) else {
        return Why::default();
    };
    let m = message.0;
    let teller = Explainer {
        experiment,
        journal,
        history,
        life,
        m,
    };
    let (title, mut lines) = match history.fate(life) {
        Fate::Lost | Fate::Doomed => (
            both(format!("Why m{m} vanished"), format!("m{m} 为什么丢失")),
            teller.vanished(),
        ),
        Fate::Skipped => (
            both(
                format!("Why m{m} was never done"),
                format!("m{m} 为什么没有处理"),
            ),
            teller.skipped(),
        ),
        Fate::Twice => (
            both(format!("Why m{m} came twice"), format!("m{m} 为什么重复")),
            teller.twice(),
        ),
        _ => {
            let lines = story::life(experiment, journal, history.seen(), message);
            (
                both(format!("The life of m{m}"), format!("m{m} 的经历")),
                lines,
            )
        }
    };
    lines.sort_by_key(|line| line.entry);
    lines.dedup_by_key(|line| line.entry);
    Why { title, lines }
}

/// The chain of causes of `entry`, from itself to its root.
pub fn causes(journal: &Journal, entry: EntryId) -> Vec<EntryId> {
    let mut chain = vec![entry];
    let mut at = entry;
    while let Some(cause) = journal.get(at).and_then(|stamped| stamped.cause.known()) {
        // A cause is always older than what it causes.
        if cause >= at {
            break;
        }
        chain.push(cause);
        at = cause;
    }
    chain
}

struct Explainer<'a> {
    experiment: &'a Experiment,
    journal: &'a Journal,
    history: &'a History,
    life: &'a Life,
    m: u32,
}

impl Explainer<'_> {
    /// Lost: in no log that lives on.
    fn vanished(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let Some(last) = self.life.lost else {
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
                lines.extend(self.kept_back(last));
                let old = self
                    .history
                    .parts
                    .get(partition)
                    .and_then(|part| part.leader_before);
                lines.extend(old.and_then(|old| self.leader_ended(old, last)));
                lines.push(self.crowned(last, leader, *epoch, *log_end));
                lines.extend(self.cut_lines());
            }
            Some((Entry::Acked { .. }, zombie)) => lines.extend(self.zombie(last, zombie)),
            Some((Entry::LogCut { why, .. }, node)) => {
                lines.extend(self.fault_before(last, node));
                let text = story::cut(self.experiment, self.m, &name(self.experiment, node), *why);
                lines.push(self.decisive(last, text));
            }
            Some((Entry::Killed | Entry::PowerLost | Entry::Halted, node)) => {
                lines.extend(self.fault_before(last, node));
                lines.push(self.died_with(last, node));
            }
            Some((Entry::Failed { error, .. }, _)) => {
                let (m, class) = (self.m, error.class());
                let text = both(
                    format!("the send of m{m} fails with {class}; nobody looks at the result"),
                    format!("m{m} 发送失败：{class}；没有人看结果"),
                );
                lines.push(self.decisive(last, text));
            }
            _ => lines.extend(self.cut_lines()),
        }
        self.short(lines)
    }

    /// "broker 1 writes m9 at offset 8 and answers at once (acks=1)".
    fn written_and_told(&self) -> Vec<Line> {
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
    fn acked_by_all(&self, told: EntryId) -> Line {
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

    /// What kept the followers from copying it: the last pause, cut or ISR shrink before `before`.
    fn kept_back(&self, before: EntryId) -> Option<Line> {
        let written = self.life.places.last()?;
        let entries = self.journal.entries();
        let holders = at(self.experiment, self.journal, before);
        let leader = self.journal.get(written.written)?.node;
        for place in (0..before.0).rev() {
            let stamped = &entries[place as usize];
            let (entry, who) = (EntryId(place), name(self.experiment, stamped.node));
            let text = match &stamped.what {
                Entry::Paused if stamped.node != leader && self.is_replica(stamped.node) => both(
                    format!("{} stands still, still in the ISR", who.en),
                    format!("{} 停住了，但仍在 ISR 中", who.zh),
                ),
                Entry::LinkCut { to, .. } => {
                    let to = name(self.experiment, *to);
                    both(
                        format!("nothing passes between {} and {} any more", who.en, to.en),
                        format!("{} 与 {} 之间不再通", who.zh, to.zh),
                    )
                }
                Entry::Partition {
                    before: was, after, ..
                } if was.leader == after.leader && after.isr.len() < was.isr.len() => {
                    let left = was.isr.iter().find(|node| !after.isr.contains(node))?;
                    let left = name(self.experiment, *left);
                    both(
                        format!(
                            "{} leaves the ISR; from here on nobody waits for it",
                            left.en
                        ),
                        format!("{} 离开 ISR，此后没有人等它", left.zh),
                    )
                }
                Entry::Stopped | Entry::Killed
                    if stamped.node != leader && self.is_replica(stamped.node) =>
                {
                    both(format!("{} is down", who.en), format!("{} 已停", who.zh))
                }
                _ => continue,
            };
            debug_assert!(holders.seen() > place);
            return Some(Line::new(self.journal, entry, Tone::Risk, text));
        }
        None
    }

    fn is_replica(&self, node: NodeId) -> bool {
        let part = self
            .life
            .partition
            .and_then(|partition| self.history.parts.get(&partition));
        part.is_some_and(|part| part.replicas.contains(&node))
    }

    /// What took the old leader away, and how many other logs had the message then.
    fn leader_ended(&self, old: NodeId, before: EntryId) -> Option<Line> {
        let entry = self.last_fault(old, before)?;
        let then = at(self.experiment, self.journal, entry);
        let life = then.ledger.get(self.life.message)?;
        let others = life.living_place().map_or(0, |place| {
            place.holders.len() - u32::from(place.holders.has(old))
        });
        let (m, who) = (self.m, name(self.experiment, old));
        let end = fault_words(self.journal, entry, &who)?;
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

    /// The last thing that ended or stopped `node` before an entry: by cause if the chain shows it.
    fn last_fault(&self, node: NodeId, before: EntryId) -> Option<EntryId> {
        let is_fault = |entry: &EntryId| {
            let stamped = self.journal.get(*entry);
            stamped.is_some_and(|s| s.node == node && is_fault(&s.what))
        };
        causes(self.journal, before)
            .into_iter()
            .find(is_fault)
            .or_else(|| (0..before.0).rev().map(EntryId).find(is_fault))
    }

    fn fault_before(&self, last: EntryId, node: NodeId) -> Option<Line> {
        let entry = self.last_fault(node, last)?;
        let text = fault_words(self.journal, entry, &name(self.experiment, node))?;
        Some(Line::new(self.journal, entry, Tone::Lost, text))
    }

    fn crowned(&self, last: EntryId, leader: NodeId, epoch: u32, log_end: u64) -> Line {
        let (m, who) = (self.m, name(self.experiment, leader));
        let unclean = self.history.moments.iter().rev().any(|moment| {
            moment.on == super::moments::On::ElectedUnclean
                && moment.node == leader
                && moment.epoch == epoch
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

    fn cut_lines(&self) -> Vec<Line> {
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
    fn zombie(&self, last: EntryId, _producer: NodeId) -> Vec<Line> {
        let Some(partition) = self.life.partition else {
            return Vec::new();
        };
        let elected = self.history.moments.iter().rev().find(|moment| {
            moment.entry < last
                && moment.partition == Some(partition)
                && matches!(
                    moment.on,
                    super::moments::On::Elected | super::moments::On::ElectedUnclean
                )
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

    fn died_with(&self, last: EntryId, node: NodeId) -> Line {
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

    /// In the log, and the group went past it.
    fn skipped(&self) -> Vec<Line> {
        let (m, mut lines) = (self.m, Vec::new());
        let offset = self.life.places.last().map_or(0, |place| place.offset);
        if let Some(polled) = self.life.polled {
            let text = both(format!("a poll returns m{m}"), format!("poll 返回了 m{m}"));
            lines.push(Line::new(self.journal, polled, Tone::Plain, text));
        }
        let committed =
            self.history.moments.iter().find(|moment| {
                moment.on == super::moments::On::Committed && moment.offset > offset
            });
        if let Some(moment) = committed {
            let to = moment.offset;
            let text = both(
                format!("offset {to} is committed: m{m} (offset {offset}) counts as done"),
                format!("提交了 offset {to}：m{m}（offset {offset}）被算作处理完"),
            );
            lines.push(Line::new(self.journal, moment.entry, Tone::Risk, text));
        }
        if let Some(last) = self.life.lost {
            let node = self
                .journal
                .get(last)
                .map(|stamped| (&stamped.what, stamped.node));
            if let Some((Entry::Killed | Entry::PowerLost | Entry::Stopped | Entry::Halted, node)) =
                node
            {
                let who = name(self.experiment, node);
                let text = both(
                    format!("{} ends before the work on m{m} is done", who.en),
                    format!("{} 在处理完 m{m} 之前结束", who.zh),
                );
                lines.push(self.decisive(last, text));
            }
            let resumed =
                self.history.moments.iter().find(|moment| {
                    moment.on == super::moments::On::FirstPoll && moment.entry > last
                });
            if let Some(moment) = resumed {
                let to = moment.offset;
                let text = both(
                    format!("reading goes on at offset {to}: nobody will poll m{m} again"),
                    format!("从 offset {to} 继续读：m{m} 不会再被 poll 到"),
                );
                lines.push(Line::new(self.journal, moment.entry, Tone::Lost, text));
            }
        }
        self.short(lines)
    }

    /// Written twice, or its effect seen twice.
    fn twice(&self) -> Vec<Line> {
        let lines = story::life(
            self.experiment,
            self.journal,
            self.history.seen(),
            self.life.message,
        );
        let mut kept: Vec<Line> = lines
            .into_iter()
            .filter(|line| {
                let what = self.journal.get(line.entry).map(|stamped| &stamped.what);
                matches!(
                    what,
                    Some(
                        Entry::Appended { .. }
                            | Entry::BatchRetried { .. }
                            | Entry::Processed { .. }
                            | Entry::Polled { .. }
                            | Entry::LogCut { .. }
                    )
                )
            })
            .collect();
        if let Some((first, last)) = self.life.effects
            && first != last
        {
            let between = self.history.moments.iter().filter(|moment| {
                first < moment.entry
                    && moment.entry < last
                    && matches!(
                        moment.on,
                        super::moments::On::Killed | super::moments::On::FirstPoll
                    )
            });
            for moment in between {
                let who = name(self.experiment, moment.node);
                let text = match moment.on {
                    super::moments::On::Killed => both(
                        format!("{} is killed; what it had done is not committed", who.en),
                        format!("{} 被 kill，已做的还没有提交", who.zh),
                    ),
                    _ => both(
                        format!("reading goes on at the committed offset {}", moment.offset),
                        format!("从已提交的 offset {} 继续读", moment.offset),
                    ),
                };
                kept.push(Line::new(self.journal, moment.entry, Tone::Risk, text));
            }
            if let Some(line) = kept.iter_mut().find(|line| line.entry == last) {
                (line.tone, line.decisive) = (Tone::Twice, true);
            }
        }
        kept.sort_by_key(|line| line.entry);
        self.short(kept)
    }

    fn decisive(&self, entry: EntryId, text: Text) -> Line {
        Line {
            decisive: true,
            ..Line::new(self.journal, entry, Tone::Lost, text)
        }
    }

    /// At most [`MOST_LINES`], the decisive one and the latest kept.
    fn short(&self, mut lines: Vec<Line>) -> Vec<Line> {
        lines.sort_by_key(|line| line.entry);
        lines.dedup_by_key(|line| line.entry);
        while lines.len() > MOST_LINES {
            let middle = lines
                .iter()
                .skip(1)
                .position(|line| !line.decisive)
                .map_or(0, |n| n + 1);
            lines.remove(middle);
        }
        lines
    }
}

fn is_fault(entry: &Entry) -> bool {
    matches!(
        entry,
        Entry::Killed
            | Entry::PowerLost
            | Entry::Halted
            | Entry::Stopped
            | Entry::StopAsked
            | Entry::Paused
            | Entry::DiskWiped { .. }
            | Entry::DirectoryOffline
            | Entry::LinkCut { .. }
    )
}

/// What happened to `who`.
fn fault_words(journal: &Journal, entry: EntryId, who: &Text) -> Option<Text> {
    let (en, zh) = match journal.get(entry)?.what {
        Entry::Killed => ("is killed (kill -9)", "被 kill -9"),
        Entry::PowerLost => ("loses power", "断电"),
        Entry::Halted => ("halts after an error", "因错误停止"),
        Entry::Stopped | Entry::StopAsked => ("is stopped in order", "正常停止"),
        Entry::Paused => ("stands still", "停住了"),
        Entry::DiskWiped { .. } => ("gets an empty disk", "换上了空盘"),
        Entry::DirectoryOffline => ("loses its log directory", "的日志目录离线"),
        Entry::LinkCut { .. } => ("is cut off", "被隔离"),
        _ => return None,
    };
    let gap = if zh.is_ascii() { "" } else { " " };
    Some(both(
        format!("{} {en}", who.en),
        format!("{}{gap}{zh}", who.zh),
    ))
}

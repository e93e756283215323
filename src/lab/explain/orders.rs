//! The shop's database: an order without a message, a message without an order, a row that nobody sends.

use super::Explainer;
use crate::kafka::config::{Configs, Owner};
use crate::kafka::shop::RowMark;
use crate::kafka::{Entry, MessageId};
use crate::lab::ledger::{Order, Told};
use crate::lab::story::{Line, Tone, both, name};
use crate::sim::NodeId;
use crate::sim::journal::EntryId;
use crate::sim::order::sort_by_number;

impl Explainer<'_> {
    /// The order is in the shop's books, and no broker ever acked its message.
    pub(super) fn is_order_alone(&self) -> bool {
        matches!(self.life.order, Order::Stored(_)) && !matches!(self.life.told, Told::Acked(_))
    }

    /// "Why order m7 has no message".
    pub(super) fn order_alone(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = self.stored().into_iter().collect();
        match (self.life.told, self.life.died_with) {
            (Told::Failed(failed), _) => {
                lines.extend(self.on_the_way(failed));
                lines.push(self.send_failed(failed));
            }
            (_, Some(ended)) => {
                let node = self.journal.get(ended).map(|stamped| stamped.node);
                lines.extend(self.on_the_way(ended));
                let node = node.unwrap_or(self.experiment.producer_node(0));
                lines.push(match self.is_client(node) {
                    true => self.forgotten_by(ended, node),
                    false => self.died_with(ended, node),
                });
            }
            _ => {}
        }
        self.short(lines)
    }

    /// The process that was to send it has ended.
    fn forgotten_by(&self, ended: EntryId, node: NodeId) -> Line {
        let (m, who) = (self.m, name(self.experiment, node));
        let text = both(
            format!(
                "{} ends before m{m} has left it: the row stays, and nothing remembers the message",
                who.en
            ),
            format!(
                "{} 在 m{m} 发出之前结束：行还在，没有任何地方记得这条消息",
                who.zh
            ),
        );
        self.decisive(ended, text)
    }

    fn send_failed(&self, failed: EntryId) -> Line {
        let class = match self.journal.get(failed).map(|stamped| &stamped.what) {
            Some(Entry::Failed { error, .. }) => error.class(),
            _ => "",
        };
        let m = self.m;
        let text = both(
            format!(
                "the send of m{m} fails with {class}; the order is stored, and nobody sends again"
            ),
            format!("m{m} 发送失败：{class}；订单已存，没有人再发"),
        );
        self.decisive(failed, text)
    }

    /// "Why m7 has no order".
    pub(super) fn message_alone(&self) -> Vec<Line> {
        let m = self.m;
        let sent = both(
            format!("send() is called for m{m}; its row is to be written afterwards"),
            format!("先为 m{m} 调用 send()，行在之后才写"),
        );
        let mut lines = vec![Line::new(
            self.journal,
            self.life.buffered,
            Tone::Plain,
            sent,
        )];
        if let Order::Never(ended) = self.life.order {
            let text = both(
                format!(
                    "the shop ends before it has written the row of m{m}: there is no such order"
                ),
                format!("商店在写 m{m} 的行之前结束：没有这个订单"),
            );
            lines.push(self.decisive(ended, text));
        }
        if let Some((first, _)) = self.life.effects {
            let text = both(
                format!("m{m} is worked on all the same"),
                format!("m{m} 照样被处理了"),
            );
            lines.push(Line::new(self.journal, first, Tone::Twice, text));
        }
        self.short(lines)
    }

    /// "the shop commits order m9", alone or with its row of the outbox.
    pub(super) fn stored(&self) -> Option<Line> {
        let Order::Stored(stored) = self.life.order else {
            return None;
        };
        let m = self.m;
        let text = match self.life.row {
            Some(_) => both(
                format!("one transaction writes order m{m} and its row of the outbox"),
                format!("一个事务写入订单 m{m} 和它的 outbox 行"),
            ),
            None => both(
                format!("the shop commits order m{m}: to the customer it is placed"),
                format!("商店提交了订单 m{m}：对顾客来说已下单"),
            ),
        };
        Some(Line::new(self.journal, stored, Tone::Plain, text))
    }

    /// "Why m7 is still in the outbox".
    pub(super) fn dead_row(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = self.stored().into_iter().collect();
        let dead = self.marks().filter(|(_, mark)| is_dead(*mark)).last();
        let until = dead.map_or(EntryId(self.history.seen()), |(entry, _)| entry);
        let wrong = self.wrong((self.life.buffered, until), 2, |node| {
            !self.is_consumer(node)
        });
        let blameless = wrong.is_empty();
        lines.extend(wrong);
        lines.extend(self.tries(until));
        if let Some((entry, RowMark::Dead { tries })) = dead {
            let text = both(
                format!(
                    "try {tries} fails{}, relay.tries={tries}: the row is dead and is not sent again",
                    self.error_behind(entry)
                ),
                format!(
                    "第 {tries} 次失败{}，relay.tries={tries}：标记为 dead，不再发送",
                    self.error_behind(entry)
                ),
            );
            let line = self.decisive(entry, text);
            lines.push(match blameless {
                true => line.blaming(Owner::Application, "relay.tries", "0"),
                false => line,
            });
        }
        let rings = |(_, stamped): &(usize, &crate::sim::Stamped<Entry>)| {
            matches!(stamped.what, Entry::AlarmRang { .. })
        };
        if let Some((place, _)) = self.known().rfind(rings) {
            let text = both(
                "the alarm rings: rows are too old. They wait for the compensation desk".into(),
                "告警响起：有行过期。它们等着补偿台处理".into(),
            );
            let entry = EntryId(place as u32);
            lines.push(Line::new(self.journal, entry, Tone::Risk, text));
        }
        self.short(lines)
    }

    /// Tries of the job that failed before `until`, the last two.
    pub(super) fn tries(&self, until: EntryId) -> Vec<Line> {
        if self.life.row.is_none() {
            return Vec::new();
        }
        let marks = self.marks().filter(|(entry, _)| *entry < until);
        let tried = marks.filter_map(|(entry, mark)| match mark {
            RowMark::Tried { tries } => Some((entry, tries)),
            _ => None,
        });
        let tried: Vec<(EntryId, u32)> = tried.collect();
        let last = tried.iter().skip(tried.len().saturating_sub(2));
        let (m, said) = (self.m, last);
        let lines = said.map(|(entry, tries)| {
            let error = self.error_behind(*entry);
            let text = both(
                format!("try {tries} of the relay with m{m} fails{error}; the row waits for its next run"),
                format!("relay 第 {tries} 次发送 m{m} 失败{error}；这一行等下一次扫描"),
            );
            Line::new(self.journal, *entry, Tone::Risk, text)
        });
        lines.collect()
    }

    /// " (TimeoutException)": what the job heard before it marked the row.
    fn error_behind(&self, mark: EntryId) -> String {
        let stamped = self.journal.get(mark);
        let heard = stamped.and_then(|stamped| self.journal.get(stamped.cause.known()?));
        match heard.map(|stamped| &stamped.what) {
            Some(Entry::Failed { error, .. }) => format!(" ({})", error.class()),
            _ => String::new(),
        }
    }

    /// How the job comes round, and how many rows are before this one when it is written.
    pub(super) fn in_the_queue(&self) -> Option<Line> {
        self.life.row?;
        let Order::Stored(entry) = self.life.order else {
            return None;
        };
        let mut before = 0_u32;
        for (_, stamped) in self.known().take(entry.0 as usize) {
            match stamped.what {
                Entry::OrderStored { outbox: true, .. } => before += 1,
                Entry::RowMarked {
                    mark: RowMark::Sent | RowMark::Delivered | RowMark::Dead { .. },
                    ..
                } => before = before.saturating_sub(1),
                _ => {}
            }
        }
        let (configs, _) = Configs::build(&self.experiment.configs);
        let (every, batch) = (configs.app.relay_interval_ms, configs.app.relay_batch);
        let text = both(
            format!(
                "the relay takes relay.batch={batch} rows every relay.interval.ms={every}; {before} older ones wait"
            ),
            format!(
                "relay 每 relay.interval.ms={every} 取 relay.batch={batch} 行；前面还有 {before} 行"
            ),
        );
        let line = Line::new(self.journal, entry, Tone::Risk, text);
        Some(match u64::from(before) >= batch {
            true => line.blaming(Owner::Application, "relay.batch", "50"),
            false => line.blaming(Owner::Application, "relay.interval.ms", "50"),
        })
    }

    /// What became of its row, in order.
    fn marks(&self) -> impl Iterator<Item = (EntryId, RowMark)> {
        let mine = MessageId(self.m);
        self.known()
            .filter_map(move |(place, stamped)| match stamped.what {
                Entry::RowMarked { message, mark } if message == mine => {
                    Some((EntryId(place as u32), mark))
                }
                _ => None,
            })
    }

    fn known(&self) -> impl DoubleEndedIterator<Item = (usize, &crate::sim::Stamped<Entry>)> {
        let seen = (self.history.seen() as usize).min(self.journal.len());
        self.journal.entries()[..seen].iter().enumerate()
    }

    /// Twice, with what the outbox and the seen-table have to do with it.
    pub(super) fn twice_explained(&self) -> Vec<Line> {
        let mut lines = self.twice();
        lines.extend(self.not_marked());
        lines.extend(self.both_ways());
        lines.extend(self.forgotten());
        sort_by_number(&mut lines, |line| line.entry.0.into());
        self.short(lines)
    }

    /// The job died between the ack and the mark.
    fn not_marked(&self) -> Option<Line> {
        self.life.row?;
        let (mut acked, mut ended, relay) = (false, None, self.experiment.relay_node());
        for (place, stamped) in self.known() {
            match &stamped.what {
                Entry::Acked { message, .. } if message.0 == self.m => acked = true,
                Entry::RowMarked { message, .. } if message.0 == self.m => break,
                Entry::Killed | Entry::Halted if acked && stamped.node == relay => {
                    ended = ended.or(Some(EntryId(place as u32)));
                }
                _ => {}
            }
        }
        let m = self.m;
        let text = both(
            format!(
                "the relay is killed after the ack of m{m}, before it marks the row as sent: it will send it again"
            ),
            format!("relay 在收到 m{m} 的 ack 之后、标记之前被 kill：它会再发一次"),
        );
        ended.map(|entry| Line::new(self.journal, entry, Tone::Risk, text))
    }

    fn both_ways(&self) -> Option<Line> {
        let direct = self.life.direct?;
        let m = self.m;
        let text = both(
            format!("service B takes m{m} from a direct call; Kafka brings it, too"),
            format!("B 服务从直接调用收到 m{m}；Kafka 也会送来一份"),
        );
        Some(Line::new(self.journal, direct, Tone::Risk, text))
    }

    /// The table of an idempotent handler had no room any more.
    fn forgotten(&self) -> Option<Line> {
        let (first, last) = self.life.effects.filter(|(first, last)| first != last)?;
        let (configs, _) = Configs::build(&self.experiment.configs);
        let memory = configs.app.handler_memory;
        if !configs.app.handler_idempotent || memory == 0 {
            return None;
        }
        let works = |entry: &Entry| {
            matches!(
                entry,
                Entry::Processed { .. } | Entry::Served { effect: true, .. }
            )
        };
        let between = self.known().skip(first.0 as usize + 1);
        let mut between = between.filter(|(_, stamped)| works(&stamped.what));
        let (place, _) = between.nth(usize::try_from(memory).ok()?.checked_sub(1)?)?;
        let (entry, m) = (EntryId(place as u32), self.m);
        let text = both(
            format!(
                "the handler remembers handler.memory={memory} messages: with this one it forgets m{m}"
            ),
            format!("处理端只记住 handler.memory={memory} 条：到这一条它忘了 m{m}"),
        );
        (entry < last).then(|| Line::new(self.journal, entry, Tone::Risk, text))
    }
}

fn is_dead(mark: RowMark) -> bool {
    matches!(mark, RowMark::Dead { .. })
}

//! The shop's database: an order without a message, a message without an order, a row that nobody sends.

use super::{Explainer, Why};
use crate::kafka::config::Configs;
use crate::kafka::shop::RowMark;
use crate::kafka::{Entry, MessageId};
use crate::lab::harm::Harm;
use crate::lab::ledger::{Fate, Order, Told};
use crate::lab::story::{Line, Tone, both, name};
use crate::lab::text::Text;
use crate::sim::journal::EntryId;
use crate::sim::order::sort_by_number;

impl Explainer<'_> {
    /// What the shop's database has to do with it, if it is that.
    pub(super) fn of_the_shop(&self, fate: Fate) -> Option<Why> {
        let alone = fate == Fate::Lost && self.is_order_alone();
        let is_the_shops = alone || matches!(fate, Fate::Phantom | Fate::Dead);
        is_the_shops.then(|| self.in_the_shop(fate))
    }

    #[inline(never)]
    fn in_the_shop(&self, fate: Fate) -> Why {
        let m = self.m;
        let (en, zh, lines) = match fate {
            Fate::Lost => (
                format!("Why order m{m} has no message"),
                format!("订单 m{m} 为什么没有消息"),
                self.order_alone(),
            ),
            Fate::Phantom => (
                format!("Why m{m} has no order"),
                format!("m{m} 为什么没有订单"),
                self.message_alone(),
            ),
            _ => (
                format!("Why m{m} is still in the outbox"),
                format!("m{m} 为什么还在 outbox 里"),
                self.dead_row(),
            ),
        };
        let title = both(en, zh);
        let about = (fate == Fate::Lost).then_some((Harm::Vanished, self.life.message));
        Why {
            title,
            lines,
            about,
        }
    }

    /// The order is in the shop's books, and no broker ever acked its message.
    pub(super) fn is_order_alone(&self) -> bool {
        matches!(self.life.order, Order::Stored(_)) && !matches!(self.life.told, Told::Acked(_))
    }

    /// "Why order m7 has no message".
    pub(super) fn order_alone(&self) -> Vec<Line> {
        let (m, mut lines) = (self.m, Vec::new());
        if let Order::Stored(stored) = self.life.order {
            let text = both(
                format!("the shop commits order m{m}: to the customer it is placed"),
                format!("商店提交了订单 m{m}：对顾客来说已下单"),
            );
            lines.push(Line::new(self.journal, stored, Tone::Plain, text));
        }
        match (self.life.told, self.life.died_with) {
            (Told::Failed(failed), _) => lines.push(self.send_failed(failed)),
            (_, Some(ended)) => {
                let node = self.journal.get(ended).map(|stamped| stamped.node);
                let who = node.map_or(Text::default(), |node| name(self.experiment, node));
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
                lines.push(self.decisive(ended, text));
            }
            _ => {}
        }
        self.short(lines)
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
    fn message_alone(&self) -> Vec<Line> {
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

    /// "Why m7 is still in the outbox".
    fn dead_row(&self) -> Vec<Line> {
        let m = self.m;
        let stored = both(
            format!("one transaction writes order m{m} and its row of the outbox"),
            format!("一个事务写入订单 m{m} 和它的 outbox 行"),
        );
        let mut lines = vec![Line::new(
            self.journal,
            self.life.buffered,
            Tone::Plain,
            stored,
        )];
        lines.extend(
            self.marks()
                .filter_map(|(entry, mark)| self.mark(entry, mark)),
        );
        let rings = |(_, stamped): &(usize, &crate::sim::Stamped<Entry>)| {
            matches!(stamped.what, Entry::AlarmRang { .. })
        };
        let rang = self.known().rfind(rings);
        if let Some((place, _)) = rang {
            let text = both(
                "the alarm rings: rows are too old. They wait for the compensation desk".into(),
                "告警响起：有行过期。它们等着补偿台处理".into(),
            );
            lines.push(Line::new(
                self.journal,
                EntryId(place as u32),
                Tone::Risk,
                text,
            ));
        }
        self.short(lines)
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

    fn mark(&self, entry: EntryId, mark: RowMark) -> Option<Line> {
        let m = self.m;
        Some(match mark {
            RowMark::Tried { tries } => {
                let text = both(
                    format!("try {tries} of m{m} fails"),
                    format!("m{m} 第 {tries} 次发送失败"),
                );
                Line::new(self.journal, entry, Tone::Risk, text)
            }
            RowMark::Dead { tries } => {
                let text = both(
                    format!(
                        "try {tries} fails, relay.tries={tries}: the row is dead and is not sent again"
                    ),
                    format!("第 {tries} 次失败，relay.tries={tries}：标记为 dead，不再发送"),
                );
                self.decisive(entry, text)
            }
            RowMark::Sent | RowMark::Delivered => return None,
        })
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

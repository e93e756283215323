//! Late, failed, stuck: what a message waited for.

use super::Explainer;
use crate::kafka::config::{Acks, Configs, Owner};
use crate::kafka::{ClientError, Entry, ErrorCode};
use crate::lab::ledger::{Fate, Told};
use crate::lab::moments::On;
use crate::lab::story::{Line, Tone, both, name};
use crate::lab::text::Text;
use crate::sim::journal::EntryId;
use crate::sim::{Micros, NodeId};

/// So many things that were wrong are told.
const MOST_WRONG: usize = 3;

impl Explainer<'_> {
    /// Its answer came late.
    pub(super) fn late(&self) -> Vec<Line> {
        let Told::Acked(told) = self.life.told else {
            return Vec::new();
        };
        let m = self.m;
        let mut lines = vec![self.handed_over()];
        lines.extend(self.in_the_queue());
        lines.extend(self.on_the_way(told));
        let took_us = self.life.told_us - self.life.buffered_us;
        let took = seconds(took_us);
        let text = match self.life.row {
            Some(_) => both(
                format!("the relay has the ack of m{m} {took} s after its order was stored"),
                format!("订单存下 {took} s 之后，relay 才收到 m{m} 的 ack"),
            ),
            None => both(
                format!("the ack of m{m} comes {took} s after send()"),
                format!("m{m} 的 ack 在 send() 之后 {took} s 才到"),
            ),
        };
        lines.push(self.decisive(told, text));
        self.short(lines)
    }

    /// The application heard an error, or died before it heard anything.
    pub(super) fn failed(&self) -> Vec<Line> {
        let m = self.m;
        let failed = match self.life.told {
            Told::Failed(entry) => entry,
            _ => return self.died_unheard(),
        };
        let mut lines = vec![self.handed_over()];
        lines.extend(self.on_the_way(failed));
        let error = self
            .journal
            .get(failed)
            .and_then(|stamped| match stamped.what {
                Entry::Failed { error, .. } => Some(error),
                _ => None,
            });
        if error == Some(ClientError::TransactionAborted) {
            lines.extend(self.abort_asked(failed));
        }
        if let Some(error) = error {
            let class = error.class();
            let why = self.limit(error);
            let text = both(
                format!("the callback hears {class}: {}", why.en),
                format!("callback 收到 {class}：{}", why.zh),
            );
            let line = self.decisive(failed, text);
            lines.push(self.blame_limit(line, error));
        }
        if let Some(place) = self.life.living_place() {
            let (who, offset) = (self.written_by(place.written), place.offset);
            let text = both(
                format!(
                    "yet {} wrote m{m} at offset {offset}: failed means unknown here",
                    who.en
                ),
                format!(
                    "但 {} 已把 m{m} 写到 offset {offset}：这里的失败是“结果未知”",
                    who.zh
                ),
            );
            lines.push(Line::new(self.journal, place.written, Tone::Risk, text));
        }
        self.short(lines)
    }

    fn error_of(&self, failed: EntryId) -> Option<ClientError> {
        match self.journal.get(failed)?.what {
            Entry::Failed { error, .. } => Some(error),
            _ => None,
        }
    }

    /// The send failed, and the application does not look.
    pub(super) fn nobody_looked(&self, last: EntryId) -> Vec<Line> {
        let m = self.m;
        let failed = self.life.died_with.unwrap_or(last);
        let mut lines = self.on_the_way(failed);
        if let Some(error) = self.error_of(failed) {
            let (class, why) = (error.class(), self.limit(error));
            let text = both(
                format!(
                    "the send of m{m} fails with {class} and nobody looks at the result: {}",
                    why.en
                ),
                format!("m{m} 发送失败：{class}，没有人看结果：{}", why.zh),
            );
            let line = self.decisive(failed, text);
            lines.push(self.blame_limit(line, error));
        }
        lines
    }

    /// In the memory of a producer that ended.
    fn died_unheard(&self) -> Vec<Line> {
        let mut lines = vec![self.handed_over()];
        if let Some(died) = self.life.died_with {
            lines.extend(self.on_the_way(died));
            let node = self
                .journal
                .get(died)
                .map_or(NodeId(0), |stamped| stamped.node);
            lines.push(self.died_with(died, node));
        }
        self.short(lines)
    }

    /// It has not come to its end although everything is healed.
    pub(super) fn stuck(&self) -> Vec<Line> {
        let (m, fate) = (self.m, self.history.fate(self.life));
        let end = EntryId(self.history.seen().saturating_sub(1));
        let mut lines = vec![self.handed_over()];
        let consumed = matches!(fate, Fate::Committed | Fate::Visible | Fate::Open);
        lines.extend(self.in_the_queue().filter(|_| fate == Fate::Stored));
        let until = match self.life.sent {
            Some((sent, _)) if self.life.acks0 && self.life.places.is_empty() => sent,
            _ => end,
        };
        lines.extend(self.wrong((self.life.buffered, until), MOST_WRONG, |node| {
            consumed || !self.is_consumer(node)
        }));
        let place = self.life.living_place();
        if let Some(place) = place {
            let (who, offset) = (self.written_by(place.written), place.offset);
            let text = both(
                format!("{} writes m{m} at offset {offset}", who.en),
                format!("{} 把 m{m} 写到 offset {offset}", who.zh),
            );
            lines.push(Line::new(self.journal, place.written, Tone::Plain, text));
            if fate == Fate::Committed {
                lines.extend(self.offsets_reused(place.written, offset));
            }
        }
        let part = self
            .life
            .partition
            .and_then(|partition| self.history.parts.get(&partition));
        let leaderless = part.is_some_and(|part| part.leader.is_none());
        let text = match fate {
            _ if leaderless => Text::fixed(
                "everything is healed, and the partition still has no leader: no replica that may lead is there",
                "一切都已修复，partition 仍没有 leader：没有可以当选的副本",
            ),
            Fate::InFlight if self.life.acks0 => both(
                format!(
                    "m{m} left with acks=0 for a broker that never read it: nobody sends it again"
                ),
                format!("m{m} 以 acks=0 发往一个没有读到它的 broker：不会重发"),
            ),
            Fate::Stored => both(
                format!("everything is healed, and the row of m{m} still waits in the outbox"),
                format!("一切都已修复，m{m} 的行仍在 outbox 里等待"),
            ),
            Fate::InFlight | Fate::Buffered | Fate::NotSent => both(
                format!("everything is healed, and m{m} still waits in the producer"),
                format!("一切都已修复，m{m} 仍在 producer 里等待"),
            ),
            Fate::Committed | Fate::Visible | Fate::Open => both(
                format!("everything is healed, and no consumer has come to m{m} yet"),
                format!("一切都已修复，还没有 consumer 读到 m{m}"),
            ),
            _ => both(
                format!("everything is healed, and m{m} still waits for its answer"),
                format!("一切都已修复，m{m} 仍在等待结果"),
            ),
        };
        let last = match (fate, self.life.sent) {
            (Fate::InFlight, Some((sent, _))) if self.life.acks0 => sent,
            _ => end,
        };
        let line = self.decisive(last, text);
        lines.push(match fate {
            Fate::InFlight if self.life.acks0 => line.blaming(Owner::Producer, "acks", "all"),
            _ => line,
        });
        self.short(lines)
    }

    /// "the application sends m9"; in a shop with a database, what was written there first.
    pub(super) fn handed_over(&self) -> Line {
        if let Some(line) = self.stored() {
            return line;
        }
        let m = self.m;
        let text = both(
            format!("the application sends m{m}"),
            format!("应用发送 m{m}"),
        );
        Line::new(self.journal, self.life.buffered, Tone::Plain, text)
    }

    pub(super) fn written_by(&self, written: EntryId) -> Text {
        let stamped = self.journal.get(written);
        stamped.map_or(Text::default(), |stamped| {
            name(self.experiment, stamped.node)
        })
    }

    pub(super) fn is_consumer(&self, node: NodeId) -> bool {
        node.0 >= self.experiment.consumer_node(0).0 && node != self.experiment.relay_node()
    }

    /// What was wrong between its sending and `until`, why it was sent again, and who led.
    pub(super) fn on_the_way(&self, until: EntryId) -> Vec<Line> {
        let mut lines = self.wrong((self.life.buffered, until), MOST_WRONG, |node| {
            !self.is_consumer(node)
        });
        lines.extend(self.tries(until));
        lines.extend(self.sent_again(until));
        lines.extend(self.new_leader(until));
        lines
    }

    /// The last time that it had to be sent again.
    pub(super) fn sent_again(&self, until: EntryId) -> Option<Line> {
        let m = self.m;
        let ids = (self.life.buffered.0..until.0).rev().map(EntryId);
        let mut retried = ids.filter_map(|id| match &self.journal.get(id)?.what {
            Entry::BatchRetried { batch, error, .. } => {
                let mut records = batch.data().iter();
                let ours = records.any(|record| record.message == self.life.message);
                ours.then_some((id, *error))
            }
            _ => None,
        });
        let (id, error) = retried.next()?;
        let error = error.name();
        let text = both(
            format!("the answer is {error}: m{m} will be sent again"),
            format!("得到 {error}：m{m} 将重发"),
        );
        Some(Line::new(self.journal, id, Tone::Risk, text))
    }

    /// The last election of its partition's leader.
    fn new_leader(&self, until: EntryId) -> Option<Line> {
        let moments = self.history.moments.iter().rev();
        let mut moments = moments.filter(|moment| {
            self.life.buffered < moment.entry
                && moment.entry < until
                && moment.partition == self.life.partition
        });
        let moment = moments.find(|moment| {
            matches!(moment.on, On::Elected | On::ElectedUnclean | On::Leaderless)
        })?;
        let who = name(self.experiment, moment.node);
        let (epoch, dark) = (moment.epoch, seconds(moment.span_us));
        let text = match moment.on {
            On::Leaderless => Text::fixed("the partition has no leader", "partition 没有 leader"),
            _ if moment.span_us > 1_000_000 => both(
                format!(
                    "{} leads epoch {epoch}, after {dark} s without a leader",
                    who.en
                ),
                format!(
                    "{} 成为 epoch {epoch} 的 leader，此前 {dark} s 没有 leader",
                    who.zh
                ),
            ),
            _ => both(
                format!("{} leads epoch {epoch}", who.en),
                format!("{} 成为 epoch {epoch} 的 leader", who.zh),
            ),
        };
        Some(Line::new(self.journal, moment.entry, Tone::Plain, text))
    }

    /// Which limit was reached.
    fn limit(&self, error: ClientError) -> Text {
        let (configs, _) = Configs::build(&self.experiment.configs);
        let producer = &configs.producer;
        match error {
            ClientError::RecordTooLarge => {
                let limit = producer.max_request_size;
                both(
                    format!(
                        "it is larger than max.request.size={limit} (or all of buffer.memory) and never left"
                    ),
                    format!("它超过 max.request.size={limit}（或整个 buffer.memory），没有发出"),
                )
            }
            ClientError::Broker(ErrorCode::MessageTooLarge) => {
                let limit = configs.topic.max_message_bytes;
                both(
                    format!("the broker refuses what is larger than max.message.bytes={limit}"),
                    format!("broker 拒绝超过 max.message.bytes={limit} 的 batch"),
                )
            }
            ClientError::Timeout if self.life.partition.is_none() => {
                let limit = producer.max_block_ms;
                both(
                    format!("send() waited max.block.ms={limit} for metadata or memory"),
                    format!("send() 等待 metadata 或缓冲内存达到 max.block.ms={limit}"),
                )
            }
            ClientError::Timeout => {
                let limit = producer.delivery_timeout_ms;
                both(
                    format!("delivery.timeout.ms={limit} is over"),
                    format!("超过 delivery.timeout.ms={limit}"),
                )
            }
            ClientError::BufferExhausted => {
                let limit = producer.max_block_ms;
                both(
                    format!("buffer.memory stayed full for max.block.ms={limit}"),
                    format!("buffer.memory 满了 max.block.ms={limit} 之久"),
                )
            }
            ClientError::TransactionAborted => Text::fixed(
                "its transaction was aborted before it was sent",
                "所在事务在它发出之前已中止",
            ),
            ClientError::ProducerClosedForcefully => Text::fixed(
                "the producer is closed with it still in memory",
                "producer 关闭时它还在内存里",
            ),
            ClientError::Broker(code) if code.is_retriable() && producer.acks != Acks::None => {
                let retries = producer.retries;
                both(
                    format!("retries={retries} are used up"),
                    format!("retries={retries} 已用完"),
                )
            }
            _ => Text::fixed("that is not tried again", "这种错误不会重试"),
        }
    }

    pub(super) fn blame_limit(&self, line: Line, error: ClientError) -> Line {
        use Owner::{Application, Producer, Topic};
        match error {
            ClientError::RecordTooLarge => line.blaming(Application, "record.size.bytes", "200"),
            ClientError::Broker(ErrorCode::MessageTooLarge) => {
                line.blaming(Topic, "max.message.bytes", "2147483647")
            }
            ClientError::Timeout if self.life.partition.is_none() => {
                line.blaming(Producer, "max.block.ms", "600000")
            }
            ClientError::BufferExhausted => line.blaming(Producer, "buffer.memory", "33554432"),
            ClientError::TransactionAborted => {
                line.blaming(Application, "transaction.abort.every", "0")
            }
            ClientError::Broker(code) if code.is_retriable() => {
                line.blaming(Producer, "retries", "2147483647")
            }
            _ => line,
        }
    }
}

/// Seconds with one decimal.
pub(super) fn seconds(us: Micros) -> String {
    let tenths = (us + 50_000) / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

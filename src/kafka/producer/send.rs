//! `KafkaProducer.doSend`: from the application into the accumulator.

use crate::kafka::config::SendMode;
use crate::kafka::ids::TopicId;
use crate::kafka::record::Record;
use crate::kafka::{ClientError, Entry, Outbox, TopicPartition};
use crate::sim::EntryId;

use super::accumulator::NoMemory;
use super::batch::upper_bound_bytes;
use super::calls::{Job, Step, What, returned, thrown};
use super::client::Client;

/// What became of one `send()`.
enum Sent {
    Blocked,
    /// The record is in the accumulator, as this entry says.
    Buffered(EntryId),
    /// A failed Future was returned and the callback has heard.
    Failed,
    /// The call itself threw.
    Thrown(ClientError),
}

impl Client {
    /// The records of a scripted `send()`, one after the other.
    pub fn step_send(&mut self, job: &mut Job, out: &mut Outbox) -> Step {
        while let What::Send {
            topic,
            partition,
            records,
            next,
        } = &mut job.what
        {
            let Some(record) = records.get(*next).copied() else {
                return returned("send", out);
            };
            let (topic, partition) = (*topic, *partition);
            match self.send_record(topic, partition, record, job, out) {
                Sent::Blocked => return Step::Blocked,
                Sent::Thrown(error) => drop(thrown("send", error, out)),
                Sent::Buffered(_) | Sent::Failed => {}
            }
            if let What::Send { next, .. } = &mut job.what {
                *next += 1;
            }
            (job.since, job.choice) = (out.now(), None);
        }
        Step::Done
    }

    /// A message of the application, and what it does with the result.
    pub fn step_app_send(&mut self, job: &mut Job, record: Record, out: &mut Outbox) -> Step {
        let Some((topic, partition, mode)) = self.app.as_ref().map(|app| app.target()) else {
            return Step::Done;
        };
        let sent = self.send_record(topic, partition, record, job, out);
        let message = record.message;
        match (sent, mode) {
            (Sent::Blocked, _) => return Step::Blocked,
            (Sent::Buffered(entry), SendMode::Forget) => {
                out.note_because(Entry::BelievedSent { message }, entry);
            }
            // The failed Future is not looked at either.
            (Sent::Failed, SendMode::Forget) => {
                out.note(Entry::BelievedSent { message });
            }
            (Sent::Buffered(_), SendMode::Sync) => {
                job.what = What::Await(message);
                return Step::Blocked;
            }
            _ => {}
        }
        Step::Done
    }

    /// What the broker's exceptions are for: the callback hears of them. All others are thrown.
    fn refused_by_transaction(
        &mut self,
        record: &Record,
        named: Option<TopicPartition>,
        error: ClientError,
        out: &mut Outbox,
    ) -> Sent {
        if !matches!(error, ClientError::Broker(_)) {
            return Sent::Thrown(error);
        }
        self.tell_failure(record, named, error, out.cause(), out);
        Sent::Failed
    }

    /// `KafkaProducer.doSend`: metadata, partition, size, memory.
    fn send_record(
        &mut self,
        topic: TopicId,
        partition: Option<u16>,
        record: Record,
        job: &mut Job,
        out: &mut Outbox,
    ) -> Sent {
        let (now, in_time) = (out.now(), out.now() < self.max_block_ends_at(job));
        let named = partition.map(|p| TopicPartition::new(topic, p));
        if !self.metadata.has(topic, partition, now) {
            if in_time {
                return Sent::Blocked;
            }
            self.tell_failure(&record, named, ClientError::Timeout, out.cause(), out);
            return Sent::Failed;
        }
        let size_bytes = u64::from(upper_bound_bytes(&record));
        if size_bytes > self.config.max_request_size.min(self.config.buffer_memory) {
            self.tell_failure(
                &record,
                named,
                ClientError::RecordTooLarge,
                out.cause(),
                out,
            );
            return Sent::Failed;
        }
        if let Some(Err(error)) = self.transaction.as_mut().map(|t| t.may_send()) {
            return self.refused_by_transaction(&record, named, error, out);
        }
        let choice = job
            .choice
            .filter(|choice| !choice.sticky)
            .unwrap_or_else(|| {
                let (metadata, queues) = (&self.metadata, &self.queues);
                self.partitioner
                    .choose(topic, partition, &record, metadata, queues)
            });
        job.choice = Some(choice);
        let slot = self.layout.slot(choice.partition);
        let appended = slot
            .ok_or(NoMemory)
            .and_then(|slot| self.queues.append(slot, record, now));
        let Ok(appended) = appended else {
            self.queues.exhausted = in_time;
            if in_time {
                return Sent::Blocked;
            }
            let (partition, error) = (Some(choice.partition), ClientError::BufferExhausted);
            self.tell_failure(&record, partition, error, out.cause(), out);
            return Sent::Failed;
        };
        self.queues.exhausted = false;
        if let Some(transaction) = &mut self.transaction {
            transaction.started = true;
        }
        let (message, partition) = (record.message, choice.partition);
        let entry = out.note(Entry::Buffered { message, partition });
        let batch = self.queues.batches.get_mut(appended.batch);
        batch.because = batch.because.known().unwrap_or(entry);
        let (metadata, queues) = (&self.metadata, &self.queues);
        self.partitioner
            .appended(choice, appended.bytes, metadata, queues);
        Sent::Buffered(entry)
    }
}

//! The application around a consumer: subscribe, poll, process, commit, over and over.
//!
//! ```text
//! while (running) { records = poll(); [commit()]; process(records); [commit()] }
//! ```
//!
//! Workers process the messages of a poll side by side; the polling thread waits for them, or,
//! with hand-off, polls on.

use std::collections::VecDeque;

use super::ConsumerTimer;
use super::calls::Outcome;
use super::effects::Effects;
use super::fetcher::PolledPartition;
use crate::kafka::cluster::Timer;
use crate::kafka::config::{CommitMode, OnError};
use crate::kafka::spec::ConsumerWork;
use crate::kafka::{Call, Entry, GroupId, MessageId, Offset, Outbox, TopicPartition};
use crate::sim::{EntryId, MS, Micros, SECOND};

/// A message on its way through the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    pub message: MessageId,
    pub partition: TopicPartition,
    pub offset: Offset,
    /// The poll that brought it.
    polled: EntryId,
}

/// A worker thread.
#[derive(Clone, Copy, Debug)]
pub struct Worker {
    pub item: Item,
    /// When it began, and when it will have done.
    pub since: Micros,
    pub until: Micros,
}

/// What the polling thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Waits for its time to start.
    Waiting {
        until: Micros,
    },
    /// About to poll, or in it.
    Polling,
    CommittingBefore,
    /// Waits for its workers.
    Working,
    CommittingAfter,
    /// Waits for what it wrote, or for the transaction with that and the offsets.
    Writing,
    Closing,
}

/// What comes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Lives,
    /// The process dies of an exception.
    Dies,
}

/// The application of one consumer process.
#[derive(Clone, Debug)]
pub struct App {
    work: ConsumerWork,
    group: Option<GroupId>,
    phase: Phase,
    subscribed: bool,
    handler_time_us: Micros,
    throws_next: bool,
    stop_asked: bool,
    queue: VecDeque<Item>,
    workers: Vec<Option<Worker>>,
    /// Done, and to be written.
    done: Vec<MessageId>,
    /// Worked on since the last commit.
    uncommitted: u64,
    /// The work on a poll is done: its producer is to finish what it was given.
    finishes: bool,
    /// Direct calls it works on.
    pub(super) serving: VecDeque<super::serving::Serving>,
}

impl App {
    /// The application as its process starts.
    pub fn new(work: &ConsumerWork, group: Option<GroupId>, now: Micros) -> Self {
        let until = now.max(work.start_ms * MS);
        App {
            group,
            phase: Phase::Waiting { until },
            subscribed: false,
            handler_time_us: work.app.handler_time_ms * MS,
            throws_next: false,
            stop_asked: false,
            queue: VecDeque::new(),
            workers: vec![None; work.app.handler_threads.max(1) as usize],
            done: Vec::new(),
            finishes: false,
            serving: VecDeque::new(),
            uncommitted: 0,
            work: work.clone(),
        }
    }

    /// What the polling thread calls next; `None` while it works or waits.
    pub fn next_call(&mut self, now: Micros) -> Option<Call> {
        let idle = matches!(self.phase, Phase::Waiting { .. } | Phase::Polling);
        if self.stop_asked && idle {
            self.phase = Phase::Closing;
        }
        match self.phase {
            Phase::Waiting { until } if now < until => None,
            Phase::Waiting { .. } | Phase::Polling if !self.subscribed => {
                self.subscribed = true;
                self.phase = Phase::Polling;
                Some(Call::Subscribe(self.work.topics.clone()))
            }
            Phase::Waiting { .. } | Phase::Polling => {
                let timeout_ms = self.work.app.poll_timeout_ms;
                Some(Call::Poll { timeout_ms })
            }
            Phase::CommittingBefore => Some(Call::CommitSync(None)),
            Phase::CommittingAfter => Some(match self.work.app.commit_mode {
                CommitMode::AsyncAfter => Call::CommitAsync,
                _ => Call::CommitSync(None),
            }),
            Phase::Closing => Some(Call::Close { timeout_ms: None }),
            Phase::Working | Phase::Writing => None,
        }
    }

    /// The call came back.
    pub fn on_outcome(
        &mut self,
        outcome: &Outcome,
        noted: &[EntryId],
        effects: &mut Effects,
        out: &mut Outbox,
    ) -> Fate {
        match (self.phase, outcome) {
            (Phase::Polling, Outcome::Polled(polled)) if !polled.is_empty() => {
                self.take_in(polled, noted);
                if self.work.app.commit_mode == CommitMode::Before {
                    self.phase = Phase::CommittingBefore;
                    return Fate::Lives;
                }
                self.process(effects, out)
            }
            (Phase::Polling, Outcome::Thrown(_)) => {
                // Where exceptions are swallowed, the loop takes a breath before it goes on.
                let until = out.now() + SECOND;
                self.phase = Phase::Waiting { until };
                self.failed()
            }
            // A commit that failed is logged; the loop goes on.
            (Phase::CommittingBefore, _) => self.process(effects, out),
            (Phase::CommittingAfter, _) => {
                self.phase = Phase::Polling;
                Fate::Lives
            }
            _ => Fate::Lives,
        }
    }

    fn take_in(&mut self, polled: &[PolledPartition], noted: &[EntryId]) {
        for (part, polled) in polled.iter().zip(noted) {
            let item = |&(offset, message): &(Offset, MessageId)| Item {
                message,
                partition: part.partition,
                offset,
                polled: *polled,
            };
            self.queue.extend(part.records.iter().map(item));
            self.uncommitted += part.records.len() as u64;
        }
    }

    /// Lets the workers have what there is.
    fn process(&mut self, effects: &mut Effects, out: &mut Outbox) -> Fate {
        self.phase = Phase::Working;
        if self.start_workers(effects, out) == Fate::Dies {
            return Fate::Dies;
        }
        if self.work.app.handler_handoff && self.work.writer.is_none() {
            self.batch_done();
        }
        Fate::Lives
    }

    fn start_workers(&mut self, effects: &mut Effects, out: &mut Outbox) -> Fate {
        for place in 0..self.workers.len() {
            while self.workers[place].is_none() {
                let Some(item) = self.queue.pop_front() else {
                    break;
                };
                if self.handler_time_us == 0 {
                    if self.finish(item, effects, out) == Fate::Dies {
                        return Fate::Dies;
                    }
                    continue;
                }
                let (since, until) = (out.now(), out.now() + self.handler_time_us);
                self.workers[place] = Some(Worker { item, since, until });
                let timer = ConsumerTimer::Work {
                    worker: place as u8,
                };
                let cause = out.cause();
                out.because(item.polled);
                out.timer(self.handler_time_us, Timer::Consumer(timer));
                out.because(cause);
            }
        }
        self.maybe_batch_done();
        Fate::Lives
    }

    fn maybe_batch_done(&mut self) {
        let idle = self.queue.is_empty() && self.workers.iter().all(Option::is_none);
        if idle && self.phase == Phase::Working {
            self.batch_done();
        }
    }

    fn batch_done(&mut self) {
        if self.phase == Phase::Working {
            self.finishes = self.work.writer.is_some();
            self.phase = match self.finishes {
                true => Phase::Writing,
                false => self.after_work(),
            };
        }
    }

    fn after_work(&mut self) -> Phase {
        match self.work.app.commit_mode {
            CommitMode::SyncAfter | CommitMode::AsyncAfter
                if self.uncommitted < self.work.app.commit_every =>
            {
                Phase::Polling
            }
            CommitMode::SyncAfter | CommitMode::AsyncAfter => {
                self.uncommitted = 0;
                Phase::CommittingAfter
            }
            CommitMode::Auto | CommitMode::Before | CommitMode::Transaction => Phase::Polling,
        }
    }

    /// A worker's time is over.
    pub fn on_work(&mut self, worker: u8, effects: &mut Effects, out: &mut Outbox) -> Fate {
        let Some(slot) = self.workers.get_mut(usize::from(worker)) else {
            return Fate::Lives;
        };
        let Some(done) = slot.take_if(|worker| worker.until <= out.now()) else {
            return Fate::Lives;
        };
        match self.finish(done.item, effects, out) {
            Fate::Dies => Fate::Dies,
            Fate::Lives => self.start_workers(effects, out),
        }
    }

    /// The handler's effect on the business, or its exception.
    fn finish(&mut self, item: Item, effects: &mut Effects, out: &mut Outbox) -> Fate {
        let Item {
            message,
            partition,
            offset,
            polled,
        } = item;
        if std::mem::take(&mut self.throws_next) {
            let threw = Entry::HandlerThrew {
                message,
                partition,
                offset,
            };
            let threw = out.note_because(threw, polled);
            out.because(threw);
            return self.failed();
        }
        if self.work.writer.is_some() {
            // Its effect is what it writes, once that is read.
            self.done.push(message);
            return Fate::Lives;
        }
        // Only the idempotent handler looks; the table is there for all.
        let first = self.is_new(message, effects);
        let entry = match first {
            true => Entry::Processed {
                message,
                partition,
                offset,
            },
            false => Entry::Ignored {
                message,
                partition,
                offset,
            },
        };
        out.note_because(entry, polled);
        Fate::Lives
    }

    /// Whether the work on a message has an effect: the first time, or, where nobody looks, each time.
    pub(super) fn is_new(&self, message: MessageId, effects: &mut Effects) -> bool {
        let app = &self.work.app;
        // A table that nobody looks into needs no end.
        let memory = usize::try_from(app.handler_memory).unwrap_or(usize::MAX);
        effects.insert(self.group, message, memory) || !app.handler_idempotent
    }

    fn failed(&mut self) -> Fate {
        match self.work.app.handler_on_error {
            OnError::Crash => Fate::Dies,
            OnError::Skip => Fate::Lives,
            OnError::Close => {
                self.queue.clear();
                self.workers.fill(None);
                self.phase = Phase::Closing;
                Fate::Lives
            }
        }
    }

    /// What is to be written now.
    pub fn take_done(&mut self) -> Vec<MessageId> {
        std::mem::take(&mut self.done)
    }

    /// Whether that was all of one poll.
    pub fn take_finish(&mut self) -> bool {
        std::mem::take(&mut self.finishes)
    }

    /// Whether something waits for its producer.
    pub fn has_output(&self) -> bool {
        self.finishes || !self.done.is_empty()
    }

    /// What came of a poll is written. If not, the process starts anew from what is committed.
    pub fn on_written(&mut self, written: bool) -> Fate {
        self.phase = self.after_work();
        match written {
            true => Fate::Lives,
            false => Fate::Dies,
        }
    }

    /// SIGTERM: the loop ends after what it is at.
    pub fn stop(&mut self) {
        self.stop_asked = true;
    }

    /// How long the work on one message takes now.
    pub(super) fn handler_time_us(&self) -> Micros {
        self.handler_time_us
    }

    /// The handler takes so long from now on.
    pub fn slow_down(&mut self, time_ms: u64) {
        self.handler_time_us = time_ms * MS;
    }

    /// The handler throws at the next message it gets done with.
    pub fn throw_next(&mut self) {
        self.throws_next = true;
    }

    /// When it wakes of its own accord, but for its workers.
    pub fn wake_at(&self) -> Micros {
        match self.phase {
            Phase::Waiting { until } => until,
            _ => Micros::MAX,
        }
    }

    /// What the polling thread does now.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Polled, not yet begun.
    pub fn queued(&self) -> impl Iterator<Item = &Item> {
        self.queue.iter()
    }
}

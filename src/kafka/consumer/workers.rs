//! The threads that do the work: who takes which message, what an exception leads to, and what is remembered of it.

use super::ConsumerTimer;
use super::app::{App, Fate, Phase};
use super::effects::{Effects, Memory};
use crate::kafka::cluster::Timer;
use crate::kafka::config::{Dispatch, LetterLost, OnError, SeenIn};
use crate::kafka::{Entry, MessageId, Offset, Outbox, TopicId, TopicPartition};
use crate::sim::{EntryId, MS, Micros};

/// A message on its way through the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    pub message: MessageId,
    pub partition: TopicPartition,
    pub offset: Offset,
    /// The poll that brought it.
    pub(super) polled: EntryId,
    /// How often the work on it has thrown.
    pub(super) tries: u64,
}

/// A worker thread.
#[derive(Clone, Copy, Debug)]
pub struct Worker {
    pub item: Item,
    /// When it began, and when it will have done.
    pub since: Micros,
    pub until: Micros,
}

impl App {
    /// Gives whoever is free something to do.
    pub(super) fn start_workers(&mut self, effects: &mut Effects, out: &mut Outbox) -> Fate {
        for place in 0..self.workers.len() {
            while self.workers[place].is_none() {
                let Some(item) = self.next_item(place) else {
                    break;
                };
                let takes_us = self.takes_us();
                if takes_us == 0 {
                    if self.finish(item, effects, out) == Fate::Dies {
                        return Fate::Dies;
                    }
                    continue;
                }
                let (since, until) = (out.now(), out.now() + takes_us);
                self.workers[place] = Some(Worker { item, since, until });
                let timer = ConsumerTimer::Work {
                    worker: place as u8,
                };
                let cause = out.cause();
                out.because(item.polled);
                out.timer(takes_us, Timer::Consumer(timer));
                out.because(cause);
            }
        }
        self.maybe_batch_done();
        Fate::Lives
    }

    fn next_item(&mut self, place: usize) -> Option<Item> {
        if self.work.app.handler_dispatch == Dispatch::Free {
            return self.queue.pop_front();
        }
        let workers = self.workers.len();
        let is_mine = |item: &Item| usize::from(item.partition.partition) % workers == place;
        let nth = self.queue.iter().position(is_mine)?;
        self.queue.remove(nth)
    }

    fn takes_us(&mut self) -> Micros {
        let spread_us = self.work.app.handler_spread_ms * MS;
        let more_us = (self.luck.as_mut()).map_or(0, |luck| luck.below(spread_us));
        self.handler_time_us + more_us
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
        let (message, partition, offset) = (item.message, item.partition, item.offset);
        if std::mem::take(&mut self.throws_next) || self.is_poison(message) {
            return self.threw(item, out);
        }
        if let Some(topic) = self.outputs() {
            // Its effect is what it writes, once that is read.
            self.done.push((topic, message));
            return Fate::Lives;
        }
        // Only the idempotent handler looks; the table is there for all.
        let entry = match self.is_new(message, effects, out.now()) {
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
        out.note_because(entry, item.polled);
        Fate::Lives
    }

    fn is_poison(&self, message: MessageId) -> bool {
        let every = self.work.app.record_poison_every;
        u64::from(message.0).checked_rem(every) == Some(0)
    }

    /// Whether the work on a message has an effect: the first time, or, where nobody looks, each time.
    pub(super) fn is_new(
        &mut self,
        message: MessageId,
        effects: &mut Effects,
        now: Micros,
    ) -> bool {
        let app = &self.work.app;
        // A table that nobody looks into needs no end.
        let memory = Memory {
            most: usize::try_from(app.handler_memory).unwrap_or(usize::MAX),
            age_us: app.handler_memory_ms.saturating_mul(MS),
        };
        let seen = match app.handler_seen_in {
            SeenIn::Database => effects,
            SeenIn::Memory => &mut self.seen,
        };
        let new = seen.insert(self.group, message, memory, now);
        new || !app.handler_idempotent
    }

    fn threw(&mut self, item: Item, out: &mut Outbox) -> Fate {
        let threw = Entry::HandlerThrew {
            message: item.message,
            partition: item.partition,
            offset: item.offset,
        };
        let threw = out.note_because(threw, item.polled);
        out.because(threw);
        if self.work.app.handler_on_error == OnError::DeadLetter {
            self.try_again_or_set_aside(item);
        }
        self.failed()
    }

    /// The same thread tries it again at once, so often; then it becomes a dead letter.
    fn try_again_or_set_aside(&mut self, item: Item) {
        let tries = item.tries + 1;
        if tries < self.work.app.dead_letter_tries {
            self.queue.push_front(Item { tries, ..item });
        } else if let Some(topic) = self.letters() {
            self.set_aside = true;
            self.done.push((topic, item.message));
        }
    }

    /// What an exception leads to.
    pub(super) fn failed(&mut self) -> Fate {
        match self.work.app.handler_on_error {
            OnError::Crash => Fate::Dies,
            OnError::Skip | OnError::DeadLetter => Fate::Lives,
            OnError::Close => {
                self.queue.clear();
                self.workers.fill(None);
                self.phase = Phase::Closing;
                Fate::Lives
            }
        }
    }

    /// Where what comes of the work is written, if it is.
    pub(super) fn outputs(&self) -> Option<TopicId> {
        self.work.writer.as_ref()?.outputs
    }

    fn letters(&self) -> Option<TopicId> {
        self.work.writer.as_ref()?.letters
    }

    /// Whether the polling thread has to wait for its producer before it goes on. Nobody does where work was handed off.
    pub(super) fn has_to_write(&mut self) -> bool {
        let set_aside = std::mem::take(&mut self.set_aside);
        self.outputs().is_some() || set_aside && self.awaits_letters
    }

    /// What came of a poll is written. If not, the process starts anew from what is committed, unless only dead letters
    /// are missing and nobody minds.
    pub fn on_written(&mut self, written: bool) -> Fate {
        let app = &self.work.app;
        let minds = self.outputs().is_some() || app.dead_letter_on_failure == LetterLost::Crash;
        self.phase = self.after_work();
        match written || !minds {
            true => Fate::Lives,
            false => Fate::Dies,
        }
    }
}

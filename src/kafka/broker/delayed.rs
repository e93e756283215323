//! Requests that wait: produces for their replicas, fetches for data
//! (`DelayedOperationPurgatory`, `DelayedProduce`, `DelayedFetch`).
//!
//! A connection has one request in work, so there are only a few: a list will do.

use std::rc::Rc;

use super::connection::Caller;
use super::fetch::Progress;
use super::process::Broker;
use super::replica::ReplicaRole;
use super::store::Local;
use crate::kafka::config::Acks;
use crate::kafka::protocol::{FetchRequest, ProducedPartition};
use crate::kafka::{ErrorCode, Offset, Outbox};
use crate::sim::{EntryId, Micros};

/// A request that waits.
#[derive(Clone, Debug)]
pub struct Delayed {
    pub caller: Caller,
    pub deadline: Micros,
    /// What led to it: the answer's cause if time runs out.
    pub cause: EntryId,
    pub what: Waiting,
}

/// What it waits for.
#[derive(Clone, Debug)]
pub enum Waiting {
    /// acks=all: each batch for its own partition's high watermark.
    Replicas(Vec<Acking>),
    /// Markers of a transaction: the same.
    Markers(Vec<Acking>),
    /// acks=0 or 1 with flush.messages: for the disk, which is done at the deadline.
    Disk {
        acks: Acks,
        produced: Vec<ProducedPartition>,
    },
    /// A fetch: for enough data.
    Data(Rc<FetchRequest>),
}

/// One batch of a produce.
#[derive(Clone, Debug)]
pub struct Acking {
    pub produced: ProducedPartition,
    /// Where the high watermark must come to; `None`: the outcome is known.
    pub required: Option<(Local, Offset)>,
}

/// All that wait.
#[derive(Clone, Debug, Default)]
pub struct Purgatory {
    waiting: Vec<Delayed>,
    /// When the one timer rings that looks for those that have waited long enough.
    timer_at: Option<Micros>,
}

impl Purgatory {
    /// Whether a fetch waits for data.
    pub fn has_fetches(&self) -> bool {
        let mut waiting = self.waiting.iter();
        waiting.any(|delayed| matches!(delayed.what, Waiting::Data(_)))
    }
}

impl Broker<'_> {
    /// Lets a request wait until it can be completed, at most until its deadline.
    pub(super) fn delay(&mut self, delayed: Delayed, out: &mut Outbox) {
        self.arm_purgatory(delayed.deadline, out);
        self.process.purgatory.waiting.push(delayed);
    }

    /// One timer for all: it rings at the earliest deadline known when it was set, and is set anew
    /// for what is left then.
    fn arm_purgatory(&mut self, deadline: Micros, out: &mut Outbox) {
        let purgatory = &mut self.process.purgatory;
        if purgatory.timer_at.is_none_or(|at| deadline < at) {
            purgatory.timer_at = Some(deadline);
            let delay_us = deadline.saturating_sub(out.now());
            out.timer(delay_us, super::BrokerTimer::Delayed.into());
        }
    }

    /// Answers what waits for `local` and can be completed now.
    pub(super) fn complete_waiting(&mut self, local: Local, out: &mut Outbox) {
        let mut place = 0;
        while place < self.process.purgatory.waiting.len() {
            if self.completes(place, local) {
                let delayed = self.process.purgatory.waiting.remove(place);
                self.complete(delayed, out);
            } else {
                place += 1;
            }
        }
    }

    /// Whether the request at `place` is done, now that `local` has changed.
    fn completes(&mut self, place: usize, local: Local) -> bool {
        let store = &*self.store;
        match &mut self.process.purgatory.waiting[place].what {
            Waiting::Replicas(acking) | Waiting::Markers(acking) => {
                for one in acking.iter_mut() {
                    if let Some((at, required)) = one.required
                        && at == local
                        && let Some(error) = store.replica(local).outcome_of_ack(required)
                    {
                        one.produced.settle(error);
                        one.required = None;
                    }
                }
                acking.iter().all(|one| one.required.is_none())
            }
            Waiting::Disk { produced, .. } => {
                // An fsync that failed takes the log directory with it.
                let offline = matches!(store.replica(local).role, ReplicaRole::Offline);
                let partition = store.replica(local).partition;
                let here = produced.iter_mut().find(|one| one.partition == partition);
                match here.filter(|_| offline) {
                    Some(one) => one.settle(ErrorCode::KafkaStorageError),
                    None => return false,
                }
                true
            }
            Waiting::Data(request) => {
                let partition = store.replica(local).partition;
                let request = Rc::clone(request);
                let part = request
                    .partitions
                    .iter()
                    .find(|part| part.partition == partition);
                part.is_some_and(|part| match self.progress(local, part, &request) {
                    Progress::Nothing => false,
                    Progress::Urgent => true,
                    Progress::Data => request.min_bytes <= 1 || self.has_enough(&request),
                })
            }
        }
    }

    /// Answers what has waited long enough.
    pub(super) fn expire_waiting(&mut self, out: &mut Outbox) {
        let now = out.now();
        let purgatory = &mut self.process.purgatory;
        if purgatory.timer_at.is_some_and(|at| at <= now) {
            purgatory.timer_at = None;
        }
        let mut place = 0;
        while place < self.process.purgatory.waiting.len() {
            if self.process.purgatory.waiting[place].deadline <= now {
                let delayed = self.process.purgatory.waiting.remove(place);
                out.because(delayed.cause);
                self.complete(delayed, out);
            } else {
                place += 1;
            }
        }
        let waiting = &self.process.purgatory.waiting;
        if let Some(deadline) = waiting.iter().map(|delayed| delayed.deadline).min() {
            self.arm_purgatory(deadline, out);
        }
    }

    fn complete(&mut self, delayed: Delayed, out: &mut Outbox) {
        let caller = delayed.caller;
        match delayed.what {
            Waiting::Replicas(acking) => {
                let produced = acking.into_iter().map(|mut one| {
                    if one.required.is_some() {
                        one.produced.settle(ErrorCode::RequestTimedOut);
                    }
                    one.produced
                });
                let produced = produced.collect();
                self.answer_produce(caller, Acks::All, produced, out);
            }
            Waiting::Markers(acking) => self.answer_markers(caller, acking, out),
            Waiting::Disk { acks, produced } => self.answer_produce(caller, acks, produced, out),
            Waiting::Data(request) => self.answer_fetch(caller, &request, out),
        }
    }
}

impl ProducedPartition {
    /// The outcome of a batch that waited for its replicas.
    fn settle(&mut self, error: ErrorCode) {
        self.error = error;
        if error != ErrorCode::None {
            self.base_offset = None;
        }
    }
}

//! The scheduled job that empties the outbox: scan, send, hear the callbacks, mark; then wait for the next run.
//!
//! Between an ack and its mark the job may die. Then the row still waits, and is sent again: at least once.

use std::collections::VecDeque;

use super::Database;
use crate::kafka::config::AppConfig;
use crate::kafka::record::Record;
use crate::kafka::{Entry, MessageId, Outbox};
use crate::sim::{EntryId, MS, Micros};

/// The job, while its process runs.
#[derive(Clone, Debug)]
pub struct Relay {
    interval_us: Micros,
    batch: usize,
    tries: u32,
    /// From an ack to the mark in the database.
    step_us: Micros,
    next_scan_at: Micros,
    /// Locked, to be sent in this run.
    queue: VecDeque<Record>,
    /// Sent, and not heard of.
    open: u32,
    /// Heard of, not marked.
    heard: VecDeque<Heard>,
    running: bool,
    rows_wait: bool,
}

/// A callback that ran.
#[derive(Clone, Copy, Debug)]
struct Heard {
    marked_at: Micros,
    message: MessageId,
    failed: bool,
    entry: EntryId,
}

impl Relay {
    /// The job of a process that starts at `now`.
    pub fn new(app: &AppConfig, now: Micros) -> Self {
        Relay {
            interval_us: app.relay_interval_ms.max(1).saturating_mul(MS),
            batch: usize::try_from(app.relay_batch).unwrap_or(usize::MAX),
            tries: u32::try_from(app.relay_tries).unwrap_or(u32::MAX),
            step_us: app.order_step_ms.saturating_mul(MS),
            next_scan_at: now,
            queue: VecDeque::new(),
            open: 0,
            heard: VecDeque::new(),
            running: false,
            rows_wait: false,
        }
    }

    /// What it sends next.
    pub fn next_record(&mut self) -> Option<Record> {
        let record = self.queue.pop_front()?;
        self.open += 1;
        Some(record)
    }

    /// The callback of a record ran, as `entry` says.
    pub fn hears(&mut self, message: MessageId, failed: bool, entry: EntryId, now: Micros) {
        self.open = self.open.saturating_sub(1);
        self.heard.push_back(Heard {
            marked_at: now + self.step_us,
            message,
            failed,
            entry,
        });
    }

    /// Marks what is due and begins a run when it is time. Returns whether there may be something to send or to wait for.
    pub fn go_on(&mut self, database: &mut Database, out: &mut Outbox) -> bool {
        let marked = self.mark(database, out);
        if self.running && self.is_idle() {
            self.running = false;
            self.next_scan_at = out.now() + self.interval_us;
        }
        let waited = std::mem::replace(&mut self.rows_wait, database.has_waiting());
        if !self.rows_wait || self.running {
            return marked;
        }
        self.skip_idle_scans(out.now());
        if out.now() >= self.next_scan_at {
            self.queue = database.claim(self.batch);
            self.running = true;
            self.rows_wait = database.has_waiting();
            return true;
        }
        marked || !waited
    }

    fn mark(&mut self, database: &mut Database, out: &mut Outbox) -> bool {
        let mut marked = false;
        while let Some(heard) = self.heard.front().copied() {
            if heard.marked_at > out.now() {
                break;
            }
            self.heard.pop_front();
            marked = true;
            let message = heard.message;
            let mark = match heard.failed {
                true => database.failed(message, self.tries),
                false => database.sent(message).then_some(super::RowMark::Sent),
            };
            // What was delivered meanwhile is not there any more.
            if let Some(mark) = mark {
                out.note_because(Entry::RowMarked { message, mark }, heard.entry);
            }
        }
        marked
    }

    fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.open == 0 && self.heard.is_empty()
    }

    /// Scans that found nothing cost nothing here: the next one keeps to their beat.
    fn skip_idle_scans(&mut self, now: Micros) {
        let late_us = now.saturating_sub(self.next_scan_at);
        self.next_scan_at += late_us.div_ceil(self.interval_us) * self.interval_us;
    }

    /// The desk asks for a run now.
    pub fn hurry(&mut self, now: Micros) {
        if !self.running {
            self.next_scan_at = now;
        }
    }

    /// Begins another run beside the one that is on: what no desk should ask for.
    pub fn forget_run(&mut self) {
        self.running = false;
    }

    /// When it has something to do although nothing arrives.
    pub fn wakes_at(&self) -> Option<Micros> {
        let scan = (self.rows_wait && !self.running).then_some(self.next_scan_at);
        let mark = self.heard.front().map(|heard| heard.marked_at);
        scan.into_iter().chain(mark).min()
    }
}

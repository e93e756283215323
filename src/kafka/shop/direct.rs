//! The second way: a scheduled job calls service B directly with rows that Kafka has not taken for too long, one at a
//! time, oldest first. Both ways may deliver the same order, and not in one order.

use std::rc::Rc;

use super::{Database, RowMark};
use crate::kafka::config::AppConfig;
use crate::kafka::protocol::{Request, channel};
use crate::kafka::{Entry, Input, MessageId, Outbox};
use crate::sim::{MS, Micros, NodeId};

/// The job, while its process runs.
#[derive(Clone, Debug)]
pub struct Direct {
    /// The instances of service B.
    instances: Vec<NodeId>,
    after_us: Micros,
    timeout_us: Micros,
    interval_us: Micros,
    calling: Option<Calling>,
    not_before: Micros,
    next_instance: usize,
    correlation: u32,
    /// The last call got no answer: said once.
    silent: bool,
    /// Whether service B has answered just now, or is gone.
    heard: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
struct Calling {
    message: MessageId,
    to: NodeId,
    until: Micros,
}

impl Direct {
    /// The job of a process that has just started; `None` unless it is asked for and there is somebody to call.
    pub fn new(app: &AppConfig, instances: Vec<NodeId>) -> Option<Self> {
        (app.direct_call && !instances.is_empty()).then(|| Direct {
            instances,
            after_us: app.direct_after_ms.saturating_mul(MS),
            timeout_us: app.direct_timeout_ms.max(1).saturating_mul(MS),
            interval_us: app.relay_interval_ms.max(1).saturating_mul(MS),
            calling: None,
            not_before: 0,
            next_instance: 0,
            correlation: 0,
            silent: false,
            heard: None,
        })
    }

    /// Whether an answer or a lost connection is for this job, which then keeps it in mind.
    pub fn takes(&mut self, input: &Input) -> bool {
        let (conn, answered) = match input {
            Input::Message {
                conn, correlation, ..
            } => (conn, *correlation == self.correlation),
            Input::Disconnected(conn) => (conn, false),
            _ => return false,
        };
        if !self.instances.contains(&conn.server) {
            return false;
        }
        let lost = matches!(input, Input::Disconnected(_));
        if answered || lost && self.calling.is_some_and(|call| call.to == conn.server) {
            self.heard = Some(answered);
        }
        true
    }

    /// Service B has answered, or its connection is gone.
    pub fn hear(&mut self, database: &mut Database, out: &mut Outbox) {
        match self.heard.take() {
            Some(true) => self.answered(database, out),
            Some(false) => self.unanswered(out),
            None => {}
        }
    }

    fn answered(&mut self, database: &mut Database, out: &mut Outbox) {
        self.silent = false;
        if let Some(call) = self.calling.take()
            && database.sent(call.message)
        {
            let (message, mark) = (call.message, RowMark::Delivered);
            out.note(Entry::RowMarked { message, mark });
        }
    }

    /// B may have done the work all the same: it is called again, and has to know the order.
    fn unanswered(&mut self, out: &mut Outbox) {
        let Some(call) = self.calling.take() else {
            return;
        };
        out.close(call.to, channel::DATA);
        self.next_instance += 1;
        self.not_before = out.now() + self.interval_us;
        if !std::mem::replace(&mut self.silent, true) {
            let (message, to) = (call.message, call.to);
            out.note(Entry::CallFailed { message, to });
        }
    }

    /// Gives up what takes too long, calls for the next old row.
    pub fn go_on(&mut self, database: &Database, out: &mut Outbox) {
        if self.calling.is_some_and(|call| call.until <= out.now()) {
            self.unanswered(out);
        }
        let Some(row) = database.oldest().filter(|_| self.calling.is_none()) else {
            return;
        };
        if out.now() < self.not_before.max(row.written_at + self.after_us) {
            return;
        }
        let to = self.instances[self.next_instance % self.instances.len()];
        let message = row.record.message;
        self.correlation = self.correlation.wrapping_add(1);
        let until = out.now() + self.timeout_us;
        self.calling = Some(Calling { message, to, until });
        if !self.silent {
            out.decide(Entry::Called { message, to });
        }
        let request = Request::Order(Rc::new(row.record));
        out.request(to, channel::DATA, self.correlation, request.into());
    }

    /// When it has something to do although nothing arrives.
    pub fn wakes_at(&self, database: &Database) -> Option<Micros> {
        match self.calling {
            Some(call) => Some(call.until),
            None => {
                let oldest = database.oldest()?;
                Some(self.not_before.max(oldest.written_at + self.after_us))
            }
        }
    }
}

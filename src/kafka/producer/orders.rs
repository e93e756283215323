//! An application with a database: an order is a row and a message. Two writes that no transaction holds together, in
//! one order or the other; or one transaction that writes the row and a row of the outbox.

use crate::kafka::config::OrderStore;
use crate::kafka::record::Record;
use crate::kafka::{Entry, Outbox};
use crate::sim::{EntryId, Micros};

use super::app::App;
use super::calls::{Job, Step, What};
use super::client::Client;

/// An order under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub record: Record,
    stage: Stage,
    /// What was written first.
    first: EntryId,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Row,
    /// One of the two writes is done. A crash now leaves it alone.
    Between {
        until: Micros,
    },
    Send,
    /// `send().get()`.
    Sending,
}

impl Order {
    pub fn stage(&self) -> Stage {
        self.stage
    }
}

impl App {
    /// How it goes about a new order, if there is more to it than a send.
    pub fn order(&self, record: Record) -> Option<Order> {
        let stage = match self.store {
            OrderStore::None => return None,
            OrderStore::SendFirst => Stage::Send,
            OrderStore::RowFirst | OrderStore::Outbox => Stage::Row,
        };
        let first = EntryId::NONE;
        Some(Order {
            record,
            stage,
            first,
        })
    }
}

impl Client {
    /// An order goes on: both writes, one after the other.
    pub fn step_order(&mut self, job: &mut Job, mut order: Order, out: &mut Outbox) -> Step {
        let Some((store, step_us)) = self.app.as_ref().map(|app| (app.store, app.step_us)) else {
            return Step::Done;
        };
        loop {
            match (order.stage, store) {
                (Stage::Row, OrderStore::RowFirst) => {
                    order.first = self.store_order(&order, false, out);
                    let until = out.now() + step_us;
                    order.stage = Stage::Between { until };
                }
                (Stage::Row, _) => {
                    self.store_order(&order, store == OrderStore::Outbox, out);
                    return Step::Done;
                }
                (Stage::Between { until }, _) if out.now() < until => break,
                (Stage::Between { .. }, OrderStore::RowFirst) => {
                    (order.stage, job.since) = (Stage::Send, out.now());
                }
                (Stage::Between { .. }, _) => order.stage = Stage::Row,
                (Stage::Send, OrderStore::RowFirst) => {
                    out.because(order.first);
                    job.what = What::AppOrder(order);
                    return self.step_app_send(job, order.record, out);
                }
                (Stage::Send, _) => match self.step_app_send(job, order.record, out) {
                    Step::Done => {
                        let until = out.now() + step_us;
                        order.stage = Stage::Between { until };
                    }
                    Step::Blocked => {
                        if let What::Await(_) = job.what {
                            order.stage = Stage::Sending;
                        }
                        break;
                    }
                },
                (Stage::Sending, _) => break,
            }
        }
        job.what = What::AppOrder(order);
        Step::Blocked
    }

    fn store_order(&mut self, order: &Order, outbox: bool, out: &mut Outbox) -> EntryId {
        if let Some(app) = self.app.as_mut().filter(|_| outbox) {
            app.stored.push(order.record);
        }
        let message = order.record.message;
        out.note(Entry::OrderStored { message, outbox })
    }
}

impl Job {
    /// `get()` returned: the order's row is next. Not if it threw.
    pub fn order_heard(&mut self, failed: bool, now: Micros) -> bool {
        match &mut self.what {
            What::AppOrder(order) if order.stage == Stage::Sending && !failed => {
                order.stage = Stage::Between { until: now };
                true
            }
            _ => false,
        }
    }
}

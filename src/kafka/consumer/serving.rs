//! Service B's other entrance: another service calls it with an order, without Kafka. The work and the seen-table are the
//! same as for polled messages.

use super::ConsumerTimer;
use super::app::App;
use super::effects::Effects;
use crate::kafka::cluster::Timer;
use crate::kafka::protocol::Response;
use crate::kafka::{Entry, MessageId, Outbox};
use crate::sim::{Conn, EntryId, Micros};

/// A direct call that is worked on.
#[derive(Clone, Copy, Debug)]
pub struct Serving {
    until: Micros,
    conn: Conn,
    correlation: u32,
    message: MessageId,
    /// What it was called for.
    cause: EntryId,
}

impl App {
    /// A call came: it takes as long as a message.
    pub fn serve(
        &mut self,
        conn: Conn,
        correlation: u32,
        message: MessageId,
        effects: &mut Effects,
        out: &mut Outbox,
    ) {
        let takes_us = self.handler_time_us();
        self.serving.push_back(Serving {
            until: out.now() + takes_us,
            conn,
            correlation,
            message,
            cause: out.cause(),
        });
        if takes_us == 0 {
            return self.on_served(effects, out);
        }
        out.timer(takes_us, Timer::Consumer(ConsumerTimer::Serve));
    }

    /// The work of those that are due is done, and answered.
    pub fn on_served(&mut self, effects: &mut Effects, out: &mut Outbox) {
        while let Some(call) = self.serving.front().copied() {
            if call.until > out.now() {
                return;
            }
            self.serving.pop_front();
            let message = call.message;
            let effect = self.is_new(message, effects, out.now());
            let served = out.note_because(Entry::Served { message, effect }, call.cause);
            out.because(served);
            out.respond(call.conn, call.correlation, Response::Order.into());
        }
    }
}

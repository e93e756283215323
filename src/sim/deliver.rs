//! Delivery: whether an event that is due reaches its node, and what cut links and dead machines
//! hold back.

use std::rc::Rc;

use super::net::next_retransmission;
use super::{
    Conn, Core, Ending, EntryId, Event, Flight, Input, Micros, Model, NodeId, Status, What,
};

impl<M: Model> Core<M> {
    /// Decides whether an event that is due reaches its node, and as what.
    pub(crate) fn admit(&mut self, event: Event<M>) -> Option<(NodeId, EntryId, Input<M>)> {
        let Event {
            to,
            cause,
            ref what,
        } = event;
        let arrives = match *what {
            What::Action(_) | What::MachineTimer { .. } => true,
            What::Timer { incarnation, .. } => self.wakes(to, incarnation),
            What::Disconnected { conn } => {
                if self.blocked(conn.server, to) {
                    self.held.push(event);
                    return None;
                }
                self.net.is_open(conn) && self.processes.status(to) != Status::Down
            }
            What::Message {
                conn,
                to_server,
                flight,
                ..
            } => {
                let from = if to_server { conn.client } else { conn.server };
                if self.blocked(from, to) {
                    self.flight_ended(flight, Ending::Held);
                    self.held.push(event);
                    return None;
                }
                // Bytes arrive in order: it was under way behind others that a cut held back.
                let until = self.net.held_until(conn, to_server);
                if until > self.now {
                    self.queue.push(until, event);
                    return None;
                }
                let arrives = if to_server {
                    self.reaches(conn, cause)
                } else {
                    self.net.is_open(conn)
                };
                if !arrives {
                    self.flight_ended(flight, Ending::Refused);
                }
                arrives
            }
        };
        if !arrives {
            return None;
        }
        let machine = matches!(what, What::Action(_) | What::MachineTimer { .. });
        if !machine && self.processes.status(to) == Status::Paused {
            self.processes.wait(to, event);
            return None;
        }
        Some((to, cause, self.input(event.what)))
    }

    fn input(&mut self, what: What<M>) -> Input<M> {
        match what {
            What::Action(action) => Input::Action(Rc::clone(&action)),
            What::MachineTimer { timer } | What::Timer { timer, .. } => Input::Timer(timer),
            What::Message {
                conn,
                correlation,
                msg,
                ..
            } => Input::Message {
                conn,
                correlation,
                msg,
            },
            What::Disconnected { conn } => {
                self.net.close(conn.client, conn.server, conn.channel);
                Input::Disconnected(conn)
            }
        }
    }

    /// Shows a message to whoever watches; 0 if nobody does.
    pub(super) fn watch(
        &mut self,
        from: NodeId,
        to: NodeId,
        arrives_at: Micros,
        msg: &M::Msg,
        cause: EntryId,
    ) -> u32 {
        let ending = if self.blocked(from, to) {
            Ending::Held
        } else {
            Ending::Arrives
        };
        let sent_at = self.now;
        self.traffic.as_mut().map_or(0, |traffic| {
            let msg = msg.clone();
            traffic.push(Flight {
                id: 0,
                from,
                to,
                sent_at,
                arrives_at,
                ending,
                msg,
                cause,
            })
        })
    }

    fn flight_ended(&mut self, flight: u32, ending: Ending) {
        if let Some(traffic) = &mut self.traffic {
            traffic.ended(flight, ending);
        }
    }

    /// Nothing passes now: the link is cut, or the machine at the far end is off.
    pub(crate) fn blocked(&self, from: NodeId, to: NodeId) -> bool {
        self.net.link(from, to).cut || self.processes.status(to) == Status::Off
    }

    fn wakes(&self, node: NodeId, incarnation: u16) -> bool {
        let alive = matches!(self.processes.status(node), Status::Up | Status::Paused);
        alive && self.processes.incarnation(node) == incarnation
    }

    /// Whether a request reaches the process it was sent to; if not, its client is told.
    fn reaches(&mut self, conn: Conn, cause: EntryId) -> bool {
        let reached = self.wakes(conn.server, conn.incarnation);
        if reached {
            self.net.established(conn);
        } else {
            self.reset(conn, cause);
        }
        reached
    }

    pub(crate) fn reset(&mut self, conn: Conn, cause: EntryId) {
        if self.net.is_open(conn) {
            let at = self.net.arrival(conn, false, self.now, 0, false);
            let what = What::Disconnected { conn };
            self.queue.push(
                at,
                Event {
                    to: conn.client,
                    cause,
                    what,
                },
            );
        }
    }

    pub(crate) fn end_process(&mut self, node: NodeId, status: Status, cause: EntryId) {
        self.processes.set(node, status, self.now);
        let (as_client, as_server) = self.net.open_conns_of(node);
        for conn in as_client {
            self.net.close(conn.client, conn.server, conn.channel);
        }
        if status == Status::Down {
            for conn in as_server {
                self.reset(conn, cause);
            }
        }
    }

    /// Puts back what was held and can now move, at TCP's next retransmission.
    pub(crate) fn release_held(&mut self, cause: EntryId) {
        for event in std::mem::take(&mut self.held) {
            let (from, sent_at) = match &event.what {
                What::Message {
                    conn,
                    to_server: true,
                    sent_at,
                    ..
                } => (conn.client, *sent_at),
                What::Message { conn, sent_at, .. } => (conn.server, *sent_at),
                What::Disconnected { conn } => (conn.server, self.now),
                _ => continue,
            };
            if self.blocked(from, event.to) {
                self.held.push(event);
                continue;
            }
            if let What::Message { conn, .. } = event.what
                && self.net.is_stillborn(conn)
            {
                continue;
            }
            let delay_us = self.net.link(from, event.to).delay_us;
            let mut at = next_retransmission(sent_at, self.now) + delay_us;
            if let What::Message {
                conn, to_server, ..
            } = event.what
            {
                at = self.net.release(conn, to_server, at, self.now);
            }
            let cause = if event.cause == EntryId::NONE {
                cause
            } else {
                event.cause
            };
            self.queue.push(at, Event { cause, ..event });
        }
    }
}

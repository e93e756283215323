//! The outbox: all that a state machine can do to the world.

use std::rc::Rc;

use super::net::next_retransmission;
use super::{
    Conn, Core, Ending, EntryId, Event, Flight, Input, Journal, Micros, Model, NodeId, Stamped,
    Status, Stream, What, Wire,
};

/// Everything a model may do while it handles one input.
pub struct Outbox<'a, M: Model> {
    core: &'a mut Core<M>,
    journal: &'a mut Journal<M::Entry>,
    node: NodeId,
    cause: EntryId,
}

impl<'a, M: Model> Outbox<'a, M> {
    pub(crate) fn new(
        core: &'a mut Core<M>,
        journal: &'a mut Journal<M::Entry>,
        node: NodeId,
        cause: EntryId,
    ) -> Self {
        Outbox {
            core,
            journal,
            node,
            cause,
        }
    }

    /// Simulated time, in microseconds.
    pub fn now(&self) -> Micros {
        self.core.now
    }

    /// The node that acts.
    pub fn me(&self) -> NodeId {
        self.node
    }

    /// The same outbox for another node: for a machine's doings outside of the handled input.
    pub fn as_node(&mut self, node: NodeId) -> Outbox<'_, M> {
        Outbox {
            core: self.core,
            journal: self.journal,
            node,
            cause: self.cause,
        }
    }

    /// The journal entry that caused what is being handled.
    pub fn cause(&self) -> EntryId {
        self.cause
    }

    /// From here on, what this outbox does is caused by `entry`.
    pub fn because(&mut self, entry: EntryId) {
        self.cause = entry;
    }

    /// Writes a journal entry.
    pub fn note(&mut self, what: M::Entry) -> EntryId {
        self.note_because(what, self.cause)
    }

    /// Writes a journal entry that `cause` led to.
    pub fn note_because(&mut self, what: M::Entry, cause: EntryId) -> EntryId {
        let id = self.core.entries;
        self.core.entries += 1;
        let stamped = Stamped {
            at: self.core.now,
            node: self.node,
            cause,
            what,
        };
        self.journal.write(id, stamped);
        EntryId(id)
    }

    /// Writes a journal entry that is the cause of all that follows in this handling.
    pub fn decide(&mut self, what: M::Entry) -> EntryId {
        self.cause = self.note(what);
        self.cause
    }

    /// Sends a request to `server` on this node's connection number `channel`, opening it if need
    /// be. The response carries the same `correlation`.
    pub fn request(&mut self, server: NodeId, channel: u8, correlation: u32, msg: M::Msg) {
        let incarnation = self.core.processes.incarnation(server);
        let (conn, opened) = self.core.net.open(self.node, server, channel, incarnation);
        self.send(conn, true, correlation, msg, opened);
    }

    /// Answers a request that came on `conn`; lost if its client has closed it meanwhile.
    pub fn respond(&mut self, conn: Conn, correlation: u32, msg: M::Msg) {
        self.send(conn, false, correlation, msg, false);
    }

    fn send(&mut self, conn: Conn, to_server: bool, correlation: u32, msg: M::Msg, open: bool) {
        let sent_at = self.core.now;
        let at = self
            .core
            .net
            .arrival(conn, to_server, sent_at, msg.size_bytes(), open);
        let (from, to) = if to_server {
            (conn.client, conn.server)
        } else {
            (conn.server, conn.client)
        };
        let flight = self.core.watch(from, to, at, &msg, self.cause);
        let what = What::Message {
            conn,
            to_server,
            correlation,
            sent_at,
            flight,
            msg,
        };
        self.core.queue.push(
            at,
            Event {
                to,
                cause: self.cause,
                what,
            },
        );
    }

    /// Whether the client of `conn` still listens.
    pub fn is_open(&self, conn: Conn) -> bool {
        self.core.net.is_open(conn)
    }

    /// Closes this node's connection number `channel` to `server`. Requests already written still
    /// arrive; responses are not read.
    pub fn close(&mut self, server: NodeId, channel: u8) {
        self.core.net.close(self.node, server, channel);
    }

    /// Lets the server end a connection (as a broker does on a refused acks=0 request): the
    /// client learns of it after the link's delay.
    pub fn reset(&mut self, conn: Conn) {
        self.core.reset(conn, self.cause);
    }

    /// Wakes this process after `delay_us`, unless it has ended by then. A paused process is
    /// woken when it goes on.
    pub fn timer(&mut self, delay_us: Micros, timer: M::Timer) {
        let incarnation = self.core.processes.incarnation(self.node);
        let what = What::Timer { incarnation, timer };
        let at = self.core.now.saturating_add(delay_us);
        self.core.queue.push(
            at,
            Event {
                to: self.node,
                cause: self.cause,
                what,
            },
        );
    }

    /// Wakes this *machine* after `delay_us`, whatever its process does.
    pub fn machine_timer(&mut self, delay_us: Micros, timer: M::Timer) {
        let what = What::MachineTimer { timer };
        let at = self.core.now.saturating_add(delay_us);
        self.core.queue.push(
            at,
            Event {
                to: self.node,
                cause: self.cause,
                what,
            },
        );
    }

    /// The state of a process.
    pub fn status(&self, node: NodeId) -> Status {
        self.core.processes.status(node)
    }

    /// How often a process has ended: tells one start from the next.
    pub fn incarnation(&self, node: NodeId) -> u16 {
        self.core.processes.incarnation(node)
    }

    /// The random stream for `purpose` of `who`; keep it, each call starts it anew.
    pub fn luck(&self, purpose: &str, who: u64) -> Stream {
        self.core.luck.stream(purpose, who)
    }

    /// Remembers `fault` as what may silence `node` from now on, so that whoever misses it can
    /// say why.
    pub fn blame(&mut self, node: NodeId, fault: EntryId) {
        self.core.processes.blame(node, fault, self.core.now);
    }

    /// The last fault that may have silenced `node`, and when it happened.
    pub fn last_fault(&self, node: NodeId) -> Option<(EntryId, Micros)> {
        self.core.processes.last_fault(node)
    }

    /// Ends the process of `node`, which the present cause silences. Its kernel closes its sockets, unless `silently`: then the
    /// machine is off and peers hear nothing.
    pub fn end_process(&mut self, node: NodeId, silently: bool) {
        let status = if silently { Status::Off } else { Status::Down };
        self.blame(node, self.cause);
        self.core.end_process(node, status, self.cause);
    }

    /// Starts the process of `node`.
    pub fn start_process(&mut self, node: NodeId) {
        self.core.processes.set(node, Status::Up, self.core.now);
        self.core.release_held(self.cause);
    }

    /// Stops the process of `node` in its tracks, sockets open; the present cause silences it.
    pub fn pause_process(&mut self, node: NodeId) {
        self.blame(node, self.cause);
        self.core.processes.set(node, Status::Paused, self.core.now);
    }

    /// Lets a paused process go on, with all that came meanwhile.
    pub fn resume_process(&mut self, node: NodeId) {
        self.core.processes.set(node, Status::Up, self.core.now);
        for event in self.core.processes.take_backlog(node) {
            self.core.queue.push(self.core.now, event);
        }
    }

    /// Changes one direction of a link; what a cut held back is retransmitted once it is whole.
    pub fn change_link(&mut self, from: NodeId, to: NodeId, change: impl FnOnce(&mut super::Link)) {
        change(self.core.net.link_mut(from, to));
        self.core.release_held(self.cause);
    }
}

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
    fn watch(
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
    fn blocked(&self, from: NodeId, to: NodeId) -> bool {
        self.net.link(from, to).cut || self.processes.status(to) == Status::Off
    }

    fn wakes(&self, node: NodeId, incarnation: u16) -> bool {
        let alive = matches!(self.processes.status(node), Status::Up | Status::Paused);
        alive && self.processes.incarnation(node) == incarnation
    }

    /// Whether a request reaches the process it was sent to; if not, its client is told.
    fn reaches(&mut self, conn: Conn, cause: EntryId) -> bool {
        let reached = self.wakes(conn.server, conn.incarnation);
        if !reached {
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
            let delay_us = self.net.link(from, event.to).delay_us;
            let at = next_retransmission(sent_at, self.now) + delay_us;
            let cause = if event.cause == EntryId::NONE {
                cause
            } else {
                event.cause
            };
            self.queue.push(at, Event { cause, ..event });
        }
    }
}

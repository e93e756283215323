//! The outbox: all that a state machine can do to the world.

use super::{
    Conn, Core, EntryId, Event, Journal, Micros, Model, NodeId, Stamped, Status, Stream, What, Wire,
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

    /// Whether a TCP handshake with `node`'s machine would go through now, if only to be refused: no link between is
    /// cut and the machine is on.
    pub fn is_reachable(&self, node: NodeId) -> bool {
        !self.core.blocked(self.node, node) && !self.core.blocked(node, self.node)
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

    /// What cut the link from `from` to `to`, slows it or makes it lose packets, if anything does.
    pub fn link_fault(&self, from: NodeId, to: NodeId) -> Option<EntryId> {
        self.core.net.link_fault(from, to)
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
        change(self.core.net.change(from, to, self.cause));
        self.core.release_held(self.cause);
    }
}

//! The engine: time, order, luck, wires, processes and the journal. It knows nothing of Kafka.
//!
//! [`Sim::step`] is the whole story: take the earliest event, let the model react, put what the
//! model wants sent back into the queue. A [`Model`] is a set of state machines without I/O;
//! everything it wants done goes through its [`Outbox`].
//!
//! Invariants: time is whole microseconds; equal times run in the order they were scheduled; all
//! randomness comes from named [`luck::Stream`]s; no floats, no wall clock, no hash-ordered
//! collection. Hence the same start and the same actions give the same journal, everywhere.

mod deliver;
pub mod disk;
pub mod journal;
pub mod luck;
pub mod net;
pub mod order;
pub mod outbox;
pub mod process;
pub mod queue;
#[cfg(test)]
mod tests;
pub mod traffic;

use std::rc::Rc;

use traffic::Traffic;

pub use disk::Disk;
pub use journal::{EntryId, Journal, Stamped};
pub use luck::{Luck, Stream};
pub use net::{Conn, Link, Network};
pub use outbox::Outbox;
pub use process::{Processes, Status};
pub use queue::EventQueue;
pub use traffic::{Ending, Flight};

/// Simulated time or a span of it, in microseconds.
pub type Micros = u64;
/// One millisecond in [`Micros`].
pub const MS: Micros = 1_000;
/// One second in [`Micros`].
pub const SECOND: Micros = 1_000_000;

/// A node: a process on a machine of its own. Node 0 is always the operator, who never fails.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct NodeId(pub u8);

/// The person at the controls: sends actions and administrative requests.
pub const OPERATOR: NodeId = NodeId(0);

/// What the simulated nodes are made of.
pub trait Model: Clone {
    /// What travels on wires; keep it within 16 bytes (put bodies behind `Rc`).
    type Msg: Clone + Wire;
    /// What a timer carries; keep it within 16 bytes.
    type Timer: Copy;
    /// What a person or a script does to the world.
    type Action;
    /// One kind of journal entry.
    type Entry: PartialEq + std::fmt::Debug;

    /// Lets `node` react to `input` at `out.now()`.
    fn handle(&mut self, node: NodeId, input: Input<Self>, out: &mut Outbox<'_, Self>);
}

/// A message has a size on the wire.
pub trait Wire {
    /// Bytes on the wire, headers included.
    fn size_bytes(&self) -> u32;
}

/// What a node can be given.
pub enum Input<M: Model> {
    /// A message arrived on `conn`; `correlation` ties a response to its request.
    Message {
        conn: Conn,
        correlation: u32,
        msg: M::Msg,
    },
    /// A timer set by [`Outbox::timer`] or [`Outbox::machine_timer`] ran out.
    Timer(M::Timer),
    /// The connection on which this node is the client is gone: refused, reset, or the server
    /// process ended. Whatever was in flight on it will get no response.
    Disconnected(Conn),
    /// The operator did something (only node 0 gets this).
    Action(Rc<M::Action>),
}

/// What waits in the queue.
pub(crate) enum What<M: Model> {
    Message {
        conn: Conn,
        to_server: bool,
        correlation: u32,
        sent_at: Micros,
        flight: u32,
        msg: M::Msg,
    },
    Disconnected {
        conn: Conn,
    },
    Timer {
        incarnation: u16,
        timer: M::Timer,
    },
    MachineTimer {
        timer: M::Timer,
    },
    Action(Rc<M::Action>),
}

// By hand: a derive would ask that actions can be cloned.
impl<M: Model> Clone for What<M> {
    fn clone(&self) -> Self {
        match self {
            What::Message {
                conn,
                to_server,
                correlation,
                sent_at,
                flight,
                msg,
            } => What::Message {
                conn: *conn,
                to_server: *to_server,
                correlation: *correlation,
                sent_at: *sent_at,
                flight: *flight,
                msg: msg.clone(),
            },
            What::Disconnected { conn } => What::Disconnected { conn: *conn },
            What::Timer { incarnation, timer } => What::Timer {
                incarnation: *incarnation,
                timer: *timer,
            },
            What::MachineTimer { timer } => What::MachineTimer { timer: *timer },
            What::Action(action) => What::Action(Rc::clone(action)),
        }
    }
}

#[derive(Clone)]
pub(crate) struct Event<M: Model> {
    pub to: NodeId,
    pub cause: EntryId,
    pub what: What<M>,
}

/// Everything of a simulation but its model: clock, queue, wires, processes.
#[derive(Clone)]
pub struct Core<M: Model> {
    pub(crate) now: Micros,
    pub(crate) queue: EventQueue<Event<M>>,
    /// Links between machines and connections over them.
    pub net: Network,
    /// Which processes run.
    pub(crate) processes: Processes<Event<M>>,
    /// Where randomness comes from.
    pub luck: Luck,
    /// How many journal entries this world has made.
    pub(crate) entries: u32,
    /// What cut links and dead machines hold back.
    pub(crate) held: Vec<Event<M>>,
    /// The last messages sent, if somebody watches.
    pub(crate) traffic: Option<Traffic<M::Msg>>,
    /// How many events it has handled.
    pub(crate) handled: u64,
}

/// A simulated world: cheap to clone, so that it can be kept as a checkpoint and forked.
#[derive(Clone)]
pub struct Sim<M: Model> {
    pub core: Core<M>,
    pub model: M,
}

impl<M: Model> Sim<M> {
    /// A world of `nodes` nodes (node 0, the operator, included), all processes up, at time 0.
    pub fn new(nodes: u8, seed: u64, link: Link, model: M) -> Self {
        let luck = Luck::new(seed);
        let core = Core {
            now: 0,
            queue: EventQueue::default(),
            net: Network::new(nodes, link, &luck),
            processes: Processes::new(nodes),
            luck,
            entries: 0,
            held: Vec::new(),
            traffic: None,
            handled: 0,
        };
        Sim { core, model }
    }

    /// Simulated time, in microseconds.
    pub fn now(&self) -> Micros {
        self.core.now
    }

    /// The state of a process, and since when.
    pub fn status(&self, node: NodeId) -> (Status, Micros) {
        (
            self.core.processes.status(node),
            self.core.processes.since(node),
        )
    }

    /// When the next event is due.
    pub fn next_at(&self) -> Option<Micros> {
        self.core.queue.next_at()
    }

    /// Events handled since the start.
    pub fn handled(&self) -> u64 {
        self.core.handled
    }

    /// How many journal entries this world has made: its position in its journal.
    pub fn entries(&self) -> u32 {
        self.core.entries
    }

    /// Does `action` at `at` (now, if that has passed).
    pub fn schedule(&mut self, at: Micros, action: M::Action) {
        let at = at.max(self.core.now);
        let what = What::Action(Rc::new(action));
        self.core.queue.push(
            at,
            Event {
                to: OPERATOR,
                cause: EntryId::NONE,
                what,
            },
        );
    }

    /// Handles the earliest event. `false` when there is none.
    pub fn step(&mut self, journal: &mut Journal<M::Entry>) -> bool {
        let Some((at, event)) = self.core.queue.pop() else {
            return false;
        };
        debug_assert!(at >= self.core.now, "time never goes back");
        self.core.now = at;
        self.core.handled += 1;
        if let Some((node, cause, input)) = self.core.admit(event) {
            let mut out = Outbox::new(&mut self.core, journal, node, cause);
            self.model.handle(node, input, &mut out);
        }
        true
    }

    /// Handles every event due up to and including `until`, then sets the clock there.
    pub fn run_until(&mut self, until: Micros, journal: &mut Journal<M::Entry>) {
        while self.next_at().is_some_and(|at| at <= until) {
            self.step(journal);
        }
        self.core.now = self.core.now.max(until);
    }

    /// Lets the model do something outside of any event, as node `node`, now.
    pub fn with<T>(
        &mut self,
        node: NodeId,
        journal: &mut Journal<M::Entry>,
        act: impl FnOnce(&mut M, &mut Outbox<'_, M>) -> T,
    ) -> T {
        let mut out = Outbox::new(&mut self.core, journal, node, EntryId::NONE);
        act(&mut self.model, &mut out)
    }

    /// Remembers messages from here on, for a stage to draw them: see [`traffic::Traffic`].
    pub fn watch_traffic(&mut self) {
        self.core.traffic.get_or_insert_default();
    }

    /// The last messages sent, oldest first; none unless [`Sim::watch_traffic`] was asked.
    pub fn traffic(&self) -> impl Iterator<Item = &Flight<M::Msg>> {
        self.core
            .traffic
            .iter()
            .flat_map(|traffic| traffic.flights())
    }
}

//! Processes: which run, which stand still, which are gone.

use super::{EntryId, Micros, NodeId};

/// The state of one node's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It runs.
    Up,
    /// SIGSTOP or a long GC pause: nothing moves, sockets stay open, the kernel goes on receiving.
    Paused,
    /// It ended; its machine answers connection attempts with a reset.
    Down,
    /// Its machine is off: nobody answers.
    Off,
}

/// All processes, and what waits for the paused ones.
#[derive(Clone, Debug)]
pub struct Processes<E> {
    states: Vec<Process<E>>,
}

#[derive(Clone, Debug)]
struct Process<E> {
    status: Status,
    /// Counts ends; what was meant for an ended process never reaches its successor.
    incarnation: u16,
    since: Micros,
    /// What last was done to it that may keep others from hearing of it, and when.
    fault: Option<(EntryId, Micros)>,
    backlog: Vec<E>,
}

impl<E> Processes<E> {
    pub(crate) fn new(nodes: u8) -> Self {
        let fresh = |_| Process {
            status: Status::Up,
            incarnation: 0,
            since: 0,
            fault: None,
            backlog: Vec::new(),
        };
        Processes {
            states: (0..nodes).map(fresh).collect(),
        }
    }

    /// The state of `node`'s process.
    pub fn status(&self, node: NodeId) -> Status {
        self.states[node.0 as usize].status
    }

    /// Since when it has been in that state, in microseconds.
    pub fn since(&self, node: NodeId) -> Micros {
        self.states[node.0 as usize].since
    }

    /// How many times `node`'s process has ended.
    pub fn incarnation(&self, node: NodeId) -> u16 {
        self.states[node.0 as usize].incarnation
    }

    /// How many nodes there are, the operator included.
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// The last fault that may have silenced `node`, and when.
    pub fn last_fault(&self, node: NodeId) -> Option<(EntryId, Micros)> {
        self.states[node.0 as usize].fault
    }

    pub(crate) fn blame(&mut self, node: NodeId, fault: EntryId, now: Micros) {
        self.states[node.0 as usize].fault = Some((fault, now));
    }

    pub(crate) fn set(&mut self, node: NodeId, status: Status, now: Micros) {
        let process = &mut self.states[node.0 as usize];
        process.status = status;
        process.since = now;
        if matches!(status, Status::Down | Status::Off) {
            process.incarnation += 1;
            process.backlog.clear();
        }
    }

    pub(crate) fn wait(&mut self, node: NodeId, event: E) {
        self.states[node.0 as usize].backlog.push(event);
    }

    pub(crate) fn take_backlog(&mut self, node: NodeId) -> Vec<E> {
        std::mem::take(&mut self.states[node.0 as usize].backlog)
    }
}

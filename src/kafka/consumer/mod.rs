//! A consumer: Kafka's client and the application around it.

use std::rc::Rc;

use super::{Action, Call, ClusterSpec, Input, Outbox};
use crate::sim::NodeId;

/// What a consumer's timer is for.
#[derive(Clone, Copy, Debug)]
pub enum ConsumerTimer {}

/// A consumer's process, whether it runs or not.
#[derive(Clone)]
pub struct ConsumerHost {}

impl ConsumerHost {
    /// The consumer `node` of the spec, not started yet.
    pub fn new(_node: NodeId, _spec: &Rc<ClusterSpec>) -> Self {
        ConsumerHost {}
    }
    /// The process was started: a new client, nothing remembered.
    pub fn start(&mut self, _out: &mut Outbox) {}
    /// The process is gone, and all it had in memory.
    pub fn ended(&mut self, _out: &mut Outbox) {}
    /// A scripted call, to be made after those before it.
    pub fn call(&mut self, _call: Call, _out: &mut Outbox) {}
    /// The operator does something to the application.
    pub fn application_action(&mut self, _action: &Action, _out: &mut Outbox) {}
    /// A message, timer or lost connection.
    pub fn handle(&mut self, _input: Input, _out: &mut Outbox) {}
}

//! A broker: its machine (disk, logs) and its process.

pub mod log;

pub mod lifecycle;

use std::rc::Rc;

use super::metadata::MetadataImage;
use super::{Action, ClusterSpec, Input, Outbox};
use crate::sim::NodeId;

/// What a broker's timer is for.
#[derive(Clone, Copy, Debug)]
pub enum BrokerTimer {
    /// For [`lifecycle::Lifecycle`].
    Lifecycle(lifecycle::LifecycleTimer),
    /// For the group coordinator.
    Group(super::group::GroupTimer),
}

/// A broker's machine, whether its process runs or not.
#[derive(Clone)]
pub struct BrokerHost {}

impl BrokerHost {
    /// The machine of broker `node` in a cluster that is up.
    pub fn new(_node: NodeId, _spec: &Rc<ClusterSpec>, _image: &Rc<MetadataImage>) -> Self {
        BrokerHost {}
    }
    /// Lets an already running process begin its periodic work, at time 0.
    pub fn begin(&mut self, _out: &mut Outbox) {}
    /// The process was started.
    pub fn start(&mut self, _out: &mut Outbox) {}
    /// An orderly stop was asked for: controlled shutdown.
    pub fn stop(&mut self, _out: &mut Outbox) {}
    /// The process is gone; with power lost, so is the page cache.
    pub fn ended(&mut self, _power_lost: bool, _out: &mut Outbox) {}
    /// One of the disk actions.
    pub fn disk_action(&mut self, _action: &Action, _out: &mut Outbox) {}
    /// A message, timer or lost connection.
    pub fn handle(&mut self, _input: Input, _out: &mut Outbox) {}
}

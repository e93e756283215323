//! The controller: registrations, fencing, elections, ISR and ELR.

use std::rc::Rc;

use super::metadata::MetadataImage;
use super::{ClusterSpec, Input, Outbox};
use crate::sim::NodeId;

/// What a controller's timer is for.
#[derive(Clone, Copy, Debug)]
pub enum ControllerTimer {}

/// A controller's machine, whether its process runs or not.
#[derive(Clone)]
pub struct ControllerHost {}

impl ControllerHost {
    /// The controller `node` of a cluster that is up.
    pub fn new(_node: NodeId, _spec: &Rc<ClusterSpec>, _image: &Rc<MetadataImage>) -> Self {
        ControllerHost {}
    }
    /// Lets an already running process begin its periodic work, at time 0.
    pub fn begin(&mut self, _out: &mut Outbox) {}
    /// The process was started; its metadata log is as it left it.
    pub fn start(&mut self, _out: &mut Outbox) {}
    /// The process is gone. The metadata log is fsynced, so nothing of it is lost.
    pub fn ended(&mut self, _out: &mut Outbox) {}
    /// A message, timer or lost connection.
    pub fn handle(&mut self, _input: Input, _out: &mut Outbox) {}
}

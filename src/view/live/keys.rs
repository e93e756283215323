//! Node numbers of a world and names on the stage.

use crate::kafka::spec::ClientKind;
use crate::kafka::{ClusterSpec, Role};
use crate::sim::NodeId;
use crate::view::NodeKey;

/// How the stage names `node`; the operator is not on it.
pub fn key_of(spec: &ClusterSpec, node: NodeId) -> Option<NodeKey> {
    match spec.role(node) {
        Role::Operator => None,
        Role::Broker => Some(NodeKey::Broker(i32::from(node.0))),
        Role::Controller => Some(NodeKey::Controller(node.0 - spec.controller_node().0)),
        Role::Client(place) if spec.relay() == Some(place) => Some(NodeKey::Relay),
        Role::Client(place) => {
            let is_producer =
                |at: usize| matches!(spec.clients[at].kind, ClientKind::Producer { .. });
            let same_kind = |at: &usize| is_producer(*at) == is_producer(place);
            let nth = (0..place).filter(same_kind).count() as u8;
            Some(if is_producer(place) {
                NodeKey::Producer(nth)
            } else {
                NodeKey::Consumer(nth)
            })
        }
    }
}

/// The node of a name on the stage; the business ledger has none.
pub fn node_of(spec: &ClusterSpec, key: NodeKey) -> Option<NodeId> {
    match key {
        NodeKey::Broker(id) => {
            let node = NodeId(u8::try_from(id).ok()?);
            (spec.role(node) == Role::Broker).then_some(node)
        }
        NodeKey::Controller(place) => spec.controller_nodes().nth(place.into()),
        NodeKey::Sink | NodeKey::Outbox => None,
        NodeKey::Relay => spec.relay().map(|place| spec.client_node(place)),
        NodeKey::Producer(_) | NodeKey::Consumer(_) => {
            let nodes = (0..spec.clients.len()).map(|place| spec.client_node(place));
            nodes
                .into_iter()
                .find(|node| key_of(spec, *node) == Some(key))
        }
    }
}

//! The controller by itself: its answers to requests that tests make up.

mod assignments;
mod cluster;
mod election;
mod quorum;
mod requests;
mod sessions;

use std::rc::Rc;

use super::ControllerHost;
use super::decisions::Decided;
use crate::kafka::config::{BrokerConfig, Environment, TopicConfig};
use crate::kafka::ids::{DirectoryId, TopicId, TopicPartition};
use crate::kafka::metadata::{Cause, MetadataImage, MetadataRecord, PartitionState, Recovery};
use crate::kafka::protocol::{
    AlterConfigsRequest, AlterPartitionRequest, AlterPartitionResponse,
    AssignReplicasToDirsRequest, BrokerHeartbeatRequest, BrokerHeartbeatResponse,
    BrokerRegistrationRequest, BrokerRegistrationResponse, ElectLeadersRequest,
};
use crate::kafka::spec::TopicSpec;
use crate::kafka::{Action, ClusterSpec, Entry, ErrorCode, Journal, Outbox, World, world};
use crate::sim::{MS, NodeId};

/// The partition of the only topic, on brokers 1, 2, 3.
const PARTITION: TopicPartition = TopicPartition::new(TopicId(0), 0);

/// Three brokers, one controller, one topic `t` with min.insync.replicas 2.
fn spec() -> ClusterSpec {
    ClusterSpec {
        seed: 7,
        brokers: vec![BrokerConfig::default(); 3],
        controllers: 1,
        elr: true,
        topics: vec![TopicSpec {
            allows_unclean: None,
            name: "t".into(),
            config: TopicConfig {
                min_insync_replicas: 2,
                ..TopicConfig::default()
            },
            assignment: vec![vec![NodeId(1), NodeId(2), NodeId(3)]],
        }],
        spare_partitions: 0,
        groups: Vec::new(),
        clients: Vec::new(),
        environment: Environment::default(),
        rules: crate::kafka::Rules::default(),
    }
}

/// A controller that is asked by hand; the world around it only lends its clock and journal.
struct Lab {
    world: World,
    journal: Journal,
    controller: ControllerHost,
    decided: Decided,
    /// Of the latest incarnation of brokers 1, 2, 3.
    incarnations: [u16; 3],
}

impl Lab {
    fn new() -> Self {
        Lab::with(spec())
    }

    fn with(spec: ClusterSpec) -> Self {
        let mut journal = Journal::default();
        let mut world = world(spec.clone(), &mut journal);
        for node in 1..=4 {
            world.schedule(0, Action::Kill(NodeId(node)));
        }
        world.run_until(0, &mut journal);
        let spec = Rc::new(spec);
        let image = Rc::new(MetadataImage::at_start(&spec));
        let controller = ControllerHost::new(spec.controller_node(), &spec, &image);
        let mut lab = Lab {
            world,
            journal,
            controller,
            decided: Decided::at_start(&image),
            incarnations: [0; 3],
        };
        lab.ask(|controller, out| controller.begin(out));
        lab
    }

    fn ask<T>(&mut self, act: impl FnOnce(&mut ControllerHost, &mut Outbox) -> T) -> T {
        let node = self.controller.node;
        let (controller, decided) = (&mut self.controller, &mut self.decided);
        self.world.with(node, &mut self.journal, |_, out| {
            controller.cause = Cause::Entry(out.cause());
            let answer = act(controller, out);
            // What was decided is committed at once.
            let end = controller.raft.log.end();
            controller.raft.log.write();
            controller.raft.log.mark_flushed(end);
            controller.raft.high_watermark = end;
            controller.settle(decided, out);
            answer
        })
    }

    fn wait_ms(&mut self, span_ms: u64) {
        let until = self.world.now() + span_ms * MS;
        self.world.run_until(until, &mut self.journal);
    }

    fn state(&self) -> &PartitionState {
        &self.controller.image().partitions[&PARTITION]
    }

    /// Leader, ISR, ELR.
    fn shown(&self) -> (Option<u8>, Vec<u8>, Vec<u8>) {
        let plain = |nodes: &[NodeId]| nodes.iter().map(|node| node.0).collect();
        let state = self.state();
        let leader = state.leader.map(|node| node.0);
        (leader, plain(&state.isr), plain(&state.elr))
    }

    fn epoch_of(&self, broker: u8) -> u64 {
        self.controller.image().brokers[&NodeId(broker)].broker_epoch
    }

    /// A heartbeat of a broker that knows everything, changed by `change`.
    fn heartbeat(
        &mut self,
        broker: u8,
        change: impl FnOnce(&mut BrokerHeartbeatRequest),
    ) -> BrokerHeartbeatResponse {
        let mut request = BrokerHeartbeatRequest {
            broker: NodeId(broker),
            broker_epoch: self.epoch_of(broker),
            current_metadata_offset: self.controller.image().offset,
            want_fence: false,
            want_shut_down: false,
            offline_directories: Vec::new(),
        };
        change(&mut request);
        self.ask(|controller, out| controller.heartbeat(&request, out))
    }

    fn lives(&mut self, broker: u8) -> BrokerHeartbeatResponse {
        self.heartbeat(broker, |_| ())
    }

    fn wants_to_stop(&mut self, broker: u8) -> BrokerHeartbeatResponse {
        self.heartbeat(broker, |request| request.want_shut_down = true)
    }

    /// Ends every session that has run out by now.
    fn check_sessions(&mut self) {
        while self.ask(|controller, out| controller.end_one_session(out)) {}
    }

    /// `broker` is not heard of until its session has ended; `alive` are.
    fn silence(&mut self, broker: u8, alive: &[u8]) {
        for _ in 0..5 {
            for other in alive {
                self.lives(*other);
            }
            self.wait_ms(2_000);
        }
        self.check_sessions();
        assert!(self.controller.image().brokers[&NodeId(broker)].fenced);
    }

    /// A new process of `broker`; `clean`: it found the marker of an orderly stop.
    fn register(&mut self, broker: u8, clean: bool) -> BrokerRegistrationResponse {
        let place = usize::from(broker) - 1;
        self.incarnations[place] += 1;
        let request = BrokerRegistrationRequest {
            broker: NodeId(broker),
            incarnation: self.incarnations[place],
            directories: vec![DirectoryId(u32::from(broker))],
            previous_broker_epoch: clean.then(|| self.epoch_of(broker)),
        };
        self.ask(|controller, out| controller.register(&request, out))
    }

    fn returns(&mut self, broker: u8, clean: bool) {
        assert_eq!(self.register(broker, clean).error, ErrorCode::None);
        assert!(!self.lives(broker).is_fenced);
    }

    /// The leader asks for this ISR, as it should be asked for; `change` spoils it.
    fn alter(
        &mut self,
        isr: &[u8],
        change: impl FnOnce(&mut AlterPartitionRequest),
    ) -> AlterPartitionResponse {
        let state = self.state().clone();
        let broker = state.leader.expect("somebody leads");
        let mut request = AlterPartitionRequest {
            broker,
            broker_epoch: self.epoch_of(broker.0),
            partition: PARTITION,
            leader_epoch: state.leader_epoch,
            partition_epoch: state.partition_epoch,
            new_isr: isr
                .iter()
                .map(|node| (NodeId(*node), self.epoch_of(*node)))
                .collect(),
            recovery: Recovery::Recovered,
        };
        change(&mut request);
        self.ask(|controller, _| controller.alter_partition(&request))
    }

    fn elect(&mut self, unclean: bool) -> ErrorCode {
        let request = ElectLeadersRequest {
            partition: PARTITION,
            unclean,
        };
        self.ask(|controller, _| controller.elect_leader(&request))
    }

    fn assign(&mut self, broker: u8, directory: DirectoryId) {
        let request = AssignReplicasToDirsRequest {
            broker: NodeId(broker),
            broker_epoch: self.epoch_of(broker),
            directory,
            partitions: vec![PARTITION],
        };
        self.ask(|controller, _| controller.assign_replicas_to_dirs(&request));
    }

    /// How often `broker` was fenced.
    fn fencings(&self, broker: u8) -> usize {
        let broker = NodeId(broker);
        let entries = self.journal.entries().iter();
        entries
            .filter(|entry| entry.what == Entry::Fenced { broker })
            .count()
    }
}

//! The cluster: every node of a world, and who gets what.

use std::rc::Rc;

use super::action::{Action, Call};
use super::broker::{BrokerHost, BrokerTimer};
use super::client::Client;
use super::consumer::{ConsumerHost, ConsumerTimer};
use super::controller::decisions::Decided;
use super::controller::{ControllerHost, ControllerTimer};
use super::entry::Entry;
use super::group::protocol::OffsetCommitRequest;
use super::metadata::MetadataImage;
use super::producer::{ProducerHost, ProducerTimer};
use super::protocol::{DeleteRecordsRequest, Msg, Request};
use super::shop::{Business, ShopTimer};
use super::spec::{ClientKind, ClusterSpec, Role};
use super::{Input, Journal, Offset, Outbox, TopicPartition, World};
use crate::sim::{Link, Model, NodeId, OPERATOR, Status};

/// Bytes a millisecond over a 1 Gbit/s link.
const LINK_BYTES_PER_MS: u32 = 125_000;

/// All nodes of a world.
#[derive(Clone)]
pub struct Cluster {
    pub spec: Rc<ClusterSpec>,
    brokers: Vec<BrokerHost>,
    controllers: Vec<ControllerHost>,
    /// What is committed of the metadata log, as the journal tells it.
    decided: Decided,
    pub(super) clients: Vec<Client>,
    /// What the databases of the applications hold.
    pub business: Business,
    /// The place of the job that empties the outbox, among the clients.
    pub(super) relay: Option<usize>,
}

/// What a timer is for.
#[derive(Clone, Copy, Debug)]
pub enum Timer {
    Broker(BrokerTimer),
    Controller(ControllerTimer),
    Producer(ProducerTimer),
    Consumer(ConsumerTimer),
    Shop(ShopTimer),
}

/// A world at time 0: brokers registered, leaders elected, topics there, clients that are open at
/// the start about to begin.
pub fn world(spec: ClusterSpec, journal: &mut Journal) -> World {
    let env = &spec.environment;
    let link = Link {
        delay_us: env.link_delay_us,
        jitter_us: env.link_jitter_us,
        bytes_per_ms: LINK_BYTES_PER_MS,
        loss_ppm: env.link_loss_ppm as u32,
        extra_us: 0,
        cut: false,
    };
    let (nodes, seed) = (spec.nodes(), spec.seed);
    let mut world = World::new(nodes, seed, link, Cluster::new(Rc::new(spec)));
    world.with(OPERATOR, journal, |cluster, out| cluster.begin(out));
    world
}

impl Cluster {
    pub(crate) fn new(spec: Rc<ClusterSpec>) -> Self {
        let image = Rc::new(MetadataImage::at_start(&spec));
        let brokers = spec
            .broker_nodes()
            .map(|node| BrokerHost::new(node, &spec, &image));
        let controllers = spec
            .controller_nodes()
            .map(|node| ControllerHost::new(node, &spec, &image));
        let clients = spec.clients.iter().enumerate().map(|(place, client)| {
            let node = spec.client_node(place);
            match client.kind {
                ClientKind::Producer { .. } => Client::Producer(ProducerHost::new(node, &spec)),
                ClientKind::Consumer { .. } => Client::Consumer(ConsumerHost::new(node, &spec)),
            }
        });
        let (brokers, controllers) = (brokers.collect(), controllers.collect());
        let clients = clients.collect();
        let relay = spec.relay();
        Cluster {
            spec,
            brokers,
            controllers,
            decided: Decided::at_start(&image),
            clients,
            business: Business::default(),
            relay,
        }
    }

    fn begin(&mut self, out: &mut Outbox) {
        for (node, controller) in (self.spec.controller_node().0..).zip(&mut self.controllers) {
            controller.begin(&mut out.as_node(NodeId(node)));
        }
        for (node, broker) in (1..).zip(&mut self.brokers) {
            broker.begin(&mut out.as_node(NodeId(node)));
        }
        for place in 0..self.clients.len() {
            let node = self.spec.client_node(place);
            if self.spec.clients[place].open_at_start {
                self.clients[place].start(&mut self.business.effects, &mut out.as_node(node));
            } else {
                out.end_process(node, false);
            }
        }
    }

    /// A broker's machine.
    pub fn broker(&self, node: NodeId) -> &BrokerHost {
        &self.brokers[node.0 as usize - 1]
    }

    /// All controllers, the voters of the metadata quorum.
    pub fn controllers(&self) -> &[ControllerHost] {
        &self.controllers
    }

    /// The active controller, of the latest epoch if several think that they are; while there is
    /// none, the one that knows most.
    pub fn controller(&self) -> &ControllerHost {
        let rank = |host: &ControllerHost| {
            let (active, committed) = (host.is_active(), host.committed_offset());
            (
                active,
                if active {
                    host.epoch().into()
                } else {
                    committed
                },
            )
        };
        let mut best = &self.controllers[0];
        for other in &self.controllers[1..] {
            if rank(other) > rank(best) {
                best = other;
            }
        }
        best
    }

    /// The operator's tool asks the active controller.
    fn ask_controller(&self, action: &Action, out: &mut Outbox) {
        if let Some(request) = super::operator::request(action) {
            out.request(self.controller().node(), 0, 0, request.into());
        }
    }

    /// A client.
    pub fn client(&self, place: usize) -> &Client {
        &self.clients[place]
    }

    fn act(&mut self, action: &Action, out: &mut Outbox) {
        if !self.is_there(action) {
            return;
        }
        match *action {
            Action::Kill(node) => self.end(node, Entry::Killed, out),
            Action::PowerOff(node) => self.end(node, Entry::PowerLost, out),
            Action::Start(node) => self.start(node, out),
            Action::Stop(node) => self.stop(node, out),
            Action::Pause(node) if out.status(node) == Status::Up => {
                let paused = out.as_node(node).note(Entry::Paused);
                out.because(paused);
                out.pause_process(node);
            }
            Action::Resume(node) if out.status(node) == Status::Paused => {
                let resumed = out.as_node(node).decide(Entry::Resumed);
                out.because(resumed);
                out.resume_process(node);
            }
            Action::Pause(_) | Action::Resume(_) => {}
            Action::CutLink { .. }
            | Action::HealLink { .. }
            | Action::LossyLink { .. }
            | Action::SlowLink { .. } => super::operator::change_link(&self.spec, action, out),
            Action::ElectLeader { partition, unclean } => {
                let asked = out.note(Entry::ElectionAsked { partition, unclean });
                out.because(asked);
                self.ask_controller(action, out);
            }
            Action::SetMinIsr { .. }
            | Action::SetUnclean { .. }
            | Action::CancelReassignment(_)
            | Action::Reassign { .. }
            | Action::CreatePartitions { .. } => self.ask_controller(action, out),
            Action::DescribeTopics { ref topics, broker } => {
                super::operator::describe(&self.spec, topics, broker, out);
            }
            Action::AlterGroupOffsets { group, ref offsets } => {
                super::operator::alter_group_offsets(self, group, offsets, out);
            }
            Action::DeleteRecords { partition, offset } => {
                self.delete_records(partition, offset, out);
            }
            Action::WipeDisk { broker, .. }
            | Action::FillDisk(broker)
            | Action::FreeDisk(broker)
            | Action::FailDisk(broker)
            | Action::FailDirectory { broker, .. }
            | Action::SlowDisk { broker, .. }
            | Action::OsWriteBack(broker) => {
                if self.spec.role(broker) == Role::Broker {
                    let host = &mut self.brokers[broker.0 as usize - 1];
                    host.disk_action(action, &mut out.as_node(broker));
                }
            }
            Action::Resend { ref rows } => self.resend(rows, out),
            Action::SlowHandler { client, .. }
            | Action::Throw(client)
            | Action::Burst { client, .. } => {
                if let Role::Client(place) = self.spec.role(client) {
                    self.clients[place].application_action(action, &mut out.as_node(client));
                }
            }
            Action::Call(node, ref call) => self.call(node, call, out),
        }
    }

    /// Whether its nodes are: the job that empties the outbox is not always there.
    fn is_there(&self, action: &Action) -> bool {
        action.nodes().iter().all(|node| node.0 < self.spec.nodes())
    }

    /// A scripted call of a client's API.
    fn call(&mut self, node: NodeId, call: &Call, out: &mut Outbox) {
        let Role::Client(place) = self.spec.role(node) else {
            return;
        };
        if out.status(node) == Status::Down {
            return;
        }
        if let Call::SendOffsets { offsets, of, kept } = call {
            let metadata = self.group_metadata(*of, *kept);
            return self.send_offsets(place, metadata, offsets, &mut out.as_node(node));
        }
        let effects = &mut self.business.effects;
        self.clients[place].call(call.clone(), effects, &mut out.as_node(node));
    }

    /// What an application knows of the group that this consumer is in.
    fn group_metadata(&self, consumer: NodeId, kept: bool) -> Option<OffsetCommitRequest> {
        let Role::Client(place) = self.spec.role(consumer) else {
            return None;
        };
        match &self.clients[place] {
            Client::Consumer(consumer) if kept => consumer.kept_group_metadata(),
            Client::Consumer(consumer) => consumer.group_metadata(),
            Client::Producer(_) => None,
        }
    }

    /// A producer commits offsets for a consumer, by its word of what group it is in.
    fn send_offsets(
        &mut self,
        place: usize,
        metadata: Option<OffsetCommitRequest>,
        offsets: &[(TopicPartition, Offset)],
        out: &mut Outbox,
    ) {
        if let (Some(metadata), Client::Producer(producer)) = (metadata, &mut self.clients[place]) {
            producer.send_offsets(metadata, offsets, out);
        }
    }

    /// The operator's tool asks the leader.
    fn delete_records(&self, partition: TopicPartition, before_offset: Offset, out: &mut Outbox) {
        let image = self.controller().image();
        let state = image.partitions.get(&partition);
        if let Some(leader) = state.and_then(|state| state.leader) {
            let asked = DeleteRecordsRequest {
                partition,
                before_offset,
            };
            let request = Request::DeleteRecords(Rc::new(asked));
            out.request(leader, 0, 0, request.into());
        }
    }

    /// kill -9 or power loss of one node.
    fn end(&mut self, node: NodeId, how: Entry, out: &mut Outbox) {
        if matches!(out.status(node), Status::Down | Status::Off) {
            return;
        }
        let power_lost = how == Entry::PowerLost;
        let silently = power_lost && !self.spec.environment.power_loss_closes_connections;
        let ended = out.as_node(node).note(how);
        out.because(ended);
        out.end_process(node, silently);
        let mut out = out.as_node(node);
        match self.spec.role(node) {
            Role::Operator => {}
            Role::Broker => self.brokers[node.0 as usize - 1].ended(power_lost, &mut out),
            Role::Controller => {
                let place = self.controller_place(node);
                self.controllers[place].ended(power_lost);
            }
            Role::Client(place) => self.clients[place].ended(&mut out),
        }
    }

    fn start(&mut self, node: NodeId, out: &mut Outbox) {
        if !matches!(out.status(node), Status::Down | Status::Off) {
            return;
        }
        let started = out.as_node(node).note(Entry::Started);
        out.because(started);
        out.start_process(node);
        let mut out = out.as_node(node);
        match self.spec.role(node) {
            Role::Operator => {}
            Role::Broker => self.brokers[node.0 as usize - 1].start(&mut out),
            Role::Controller => {
                let place = self.controller_place(node);
                self.controllers[place].start(&mut out);
            }
            Role::Client(place) => self.clients[place].start(&mut self.business.effects, &mut out),
        }
    }

    fn stop(&mut self, node: NodeId, out: &mut Outbox) {
        if out.status(node) != Status::Up {
            return;
        }
        let asked = out.as_node(node).note(Entry::StopAsked);
        out.because(asked);
        match self.spec.role(node) {
            Role::Operator => {}
            Role::Broker => self.brokers[node.0 as usize - 1].stop(&mut out.as_node(node)),
            Role::Controller => {
                let place = self.controller_place(node);
                let controller = &mut self.controllers[place];
                controller.stop(&mut self.decided, &mut out.as_node(node));
                out.as_node(node).note(Entry::Stopped);
                out.end_process(node, false);
                controller.ended(false);
            }
            Role::Client(place) => {
                self.clients[place].stop(&mut self.business.effects, &mut out.as_node(node));
            }
        }
    }

    fn controller_place(&self, node: NodeId) -> usize {
        usize::from(node.0 - self.spec.controller_node().0)
    }
}

impl Model for Cluster {
    type Msg = Msg;
    type Timer = Timer;
    type Action = Action;
    type Entry = Entry;

    fn handle(&mut self, node: NodeId, input: Input, out: &mut Outbox) {
        match input {
            Input::Action(action) if self.is_there(&action) => self.act(&action, out),
            Input::Action(_) => {}
            input => self.give(node, input, out),
        }
        if self.relay.is_some() {
            self.shop_goes_on(out);
        }
    }
}

impl Cluster {
    fn give(&mut self, node: NodeId, input: Input, out: &mut Outbox) {
        match self.spec.role(node) {
            Role::Operator => super::operator::answered(input, out),
            Role::Broker => self.brokers[node.0 as usize - 1].handle(input, out),
            Role::Controller => {
                let place = self.controller_place(node);
                self.controllers[place].handle(input, &mut self.decided, out);
            }
            Role::Client(place) => match &mut self.clients[place] {
                Client::Producer(producer) => {
                    if let Input::Timer(Timer::Shop(timer)) = input {
                        return self.shop_timer(timer, out);
                    }
                    producer.handle(input, out);
                }
                Client::Consumer(consumer) => {
                    consumer.handle(input, &mut self.business.effects, out);
                }
            },
        }
    }
}

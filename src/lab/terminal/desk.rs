//! What a tool sees of the cluster: the world at the current moment, and what was set when it was formatted.

use std::rc::Rc;

use crate::kafka::metadata::{MetadataImage, PartitionState};
use crate::kafka::{ClusterSpec, GroupId, MessageId, Offset, Role, TopicId, TopicPartition, World};
use crate::sim::{NodeId, Status};

/// Settings by name, in the order of their names.
pub type Named = Vec<(String, String)>;

/// What a tool looks at.
pub struct Desk<'a> {
    /// The cluster at the current moment.
    pub world: &'a World,
    /// What each topic was created with.
    pub topics: Vec<(TopicId, Named)>,
    /// What is in the brokers' `server.properties`.
    pub brokers: Named,
    /// The value of a message, as its producer wrote it.
    pub text: Box<dyn Fn(MessageId) -> String + 'a>,
    /// The host name of a broker or a controller.
    pub host: Box<dyn Fn(NodeId) -> String + 'a>,
    /// Milliseconds since 1970 when the simulated time was 0.
    pub epoch_ms: u64,
}

impl Desk<'_> {
    /// What the cluster is made of.
    pub fn spec(&self) -> &Rc<ClusterSpec> {
        &self.world.model.spec
    }

    /// The broker that answers a tool with these bootstrap servers: the first of those named whose process runs, or
    /// any, for an admin client asks every broker that it has heard of.
    pub fn asked(&self, bootstrap: &str) -> Option<NodeId> {
        let named = bootstrap.split(',').filter_map(node_of_address);
        let all = self.spec().broker_nodes();
        let mut all = named.chain(all).filter(|node| self.answers(*node));
        all.next()
    }

    /// Whether a broker's process runs and answers.
    pub fn answers(&self, node: NodeId) -> bool {
        self.spec().role(node) == Role::Broker && self.world.status(node).0 == Status::Up
    }

    /// Whether the controllers decide anything.
    pub fn has_controller(&self) -> bool {
        let controllers = self.world.model.controllers().iter();
        let mut up = controllers.filter(|host| self.world.status(host.node()).0 == Status::Up);
        up.any(|host| host.is_active())
    }

    /// The metadata as a broker knows it.
    pub fn image(&self, asked: NodeId) -> &Rc<MetadataImage> {
        self.world.model.broker(asked).image()
    }

    /// The topics that exist, by name.
    pub fn topic_names(&self, image: &MetadataImage) -> Vec<(String, TopicId)> {
        let topics = self.spec().topics.iter().enumerate();
        let topics = topics.map(|(place, topic)| (topic.name.clone(), TopicId(place as u16)));
        let mut there: Vec<_> = topics.filter(|(_, id)| image.count(*id) > 0).collect();
        there.sort();
        there
    }

    /// The partitions of a topic, in order.
    pub fn partitions(
        &self,
        image: &MetadataImage,
        topic: TopicId,
    ) -> Vec<(TopicPartition, Rc<PartitionState>)> {
        let all = (0..image.count(topic)).map(|number| TopicPartition::new(topic, number));
        let states = all.map(|partition| (partition, image.partitions.get(&partition).cloned()));
        states
            .filter_map(|(id, state)| Some((id, state?)))
            .collect()
    }

    /// The group of this name.
    pub fn group(&self, name: &str) -> Option<GroupId> {
        let place = self.spec().groups.iter().position(|group| group == name)?;
        Some(GroupId(place as u16))
    }

    /// The leader of a partition, as `image` has it, if it answers.
    pub fn leader(&self, image: &MetadataImage, partition: TopicPartition) -> Option<NodeId> {
        let state = image.partitions.get(&partition)?;
        state.leader.filter(|leader| self.answers(*leader))
    }

    /// Where a consumer's reading may end: the leader's high watermark.
    pub fn latest(&self, image: &MetadataImage, partition: TopicPartition) -> Option<Offset> {
        let leader = self.leader(image, partition)?;
        self.world.model.broker(leader).high_watermark(partition)
    }

    /// Where the leader's log begins.
    pub fn earliest(&self, image: &MetadataImage, partition: TopicPartition) -> Option<Offset> {
        let leader = self.leader(image, partition)?;
        let log = self.world.model.broker(leader).log(partition)?;
        Some(log.log_start_offset())
    }

    /// A topic id, as Kafka writes them: made of the topic's name, since simulated topics have none.
    pub fn topic_uuid(&self, topic: TopicId) -> String {
        uuid(&self.spec().topic(topic).name)
    }

    /// The id that a node goes by: controllers are numbered from 100.
    pub fn id_of(&self, node: NodeId) -> i32 {
        match self.spec().role(node) {
            Role::Controller => {
                crate::kafka::spec::FIRST_CONTROLLER_ID
                    + i32::from(node.0 - self.spec().controller_node().0)
            }
            _ => i32::from(node.0),
        }
    }
}

/// `broker2:9092`, `b2` or `2:9092` name broker 2; `localhost:9092` names none.
fn node_of_address(address: &str) -> Option<NodeId> {
    let host = address.split(':').next()?;
    let digits = host.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.parse().ok().filter(|id| *id > 0).map(NodeId)
}

/// 22 letters of Kafka's base64, made of a name.
pub fn uuid(name: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut state = name.bytes().fold(0x9e37_79b9_7f4a_7c15_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(LETTERS[(state >> 58) as usize])
    };
    let mut letters: String = (0..21).map(|_| next()).collect();
    letters.push('w');
    letters
}

/// Ids, separated by commas.
pub fn ids(nodes: &[NodeId]) -> String {
    let ids: Vec<String> = nodes.iter().map(|node| node.0.to_string()).collect();
    ids.join(",")
}

//! From an experiment to the cluster it starts from.

use super::clients::{Written, consumer_app, in_transactions, sets_aside, writes};
use super::{
    Experiment, LETTERS, MAX_BROKERS, MAX_CLIENTS, MAX_CONTROLLERS, MAX_HORIZON, MAX_PARTITIONS,
    OUTPUT,
};
use crate::kafka::config::{
    BrokerConfig, CleanupPolicy, Configs, ConsumerConfig, Owner, Problem, TopicConfig,
};
use crate::kafka::spec::{OFFSETS_TOPIC, TRANSACTIONS_TOPIC, TopicSpec};
use crate::kafka::{Action, ClusterSpec, Rules, TopicId};
use crate::sim::{MS, NodeId};

impl Experiment {
    /// Brings numbers into their ranges and says which were out of them.
    pub(super) fn trim(&mut self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let topology = &mut self.topology;
        let mut fit = |name: &str, value: u64, low: u64, high: u64| {
            if !(low..=high).contains(&value) {
                let why = format!("{name} {value} must be from {low} to {high}");
                problems.push(Problem::error(Owner::Application, name, why));
            }
            value.clamp(low, high)
        };
        let t = &mut *topology;
        t.brokers = fit("brokers", t.brokers.into(), 1, MAX_BROKERS.into()) as u8;
        let most = MAX_CONTROLLERS.into();
        t.controllers = fit("controllers", t.controllers.into(), 1, most) as u8;
        t.partitions = fit("partitions", t.partitions.into(), 1, MAX_PARTITIONS.into()) as u16;
        t.producers = fit("producers", t.producers.into(), 0, MAX_CLIENTS.into()) as u8;
        t.consumers = fit("consumers", t.consumers.into(), 0, MAX_CLIENTS.into()) as u8;
        let (rf, most) = (t.replication_factor.into(), t.brokers.into());
        t.replication_factor = fit("replication.factor", rf, 1, most) as u8;
        self.horizon_us = fit("horizon", self.horizon_us, MS, MAX_HORIZON);
        // What is done to the job that empties the outbox is kept while there is none.
        let nodes = self.relay_node().0 + 1;
        if self.drop_actions_beyond(nodes) > 0 {
            let why = "an action names a node that is not there".to_string();
            problems.push(Problem::error(Owner::Application, "actions", why));
        }
        problems
    }

    pub(super) fn cluster(&self, configs: &Configs) -> ClusterSpec {
        let (topology, consumer) = (&self.topology, self.group_config(configs));
        let mut topics = vec![self.orders(configs), self.offsets_topic(&configs.broker)];
        // As the brokers create it when the first transactional producer asks.
        if configs.producer.transactional_id.is_some() || in_transactions(configs) {
            topics.push(self.transactions_topic(&configs.broker));
        }
        let mut add = |name: &str| {
            topics.push(self.written_topic(name, configs));
            TopicId(topics.len() as u16 - 1)
        };
        let written = Written {
            outputs: writes(configs).then(|| add(OUTPUT)),
            letters: sets_aside(configs).then(|| add(LETTERS)),
        };
        let producers = (0..topology.producers).map(|n| self.producer(n, configs));
        let consumers =
            (0..topology.consumers).map(|n| consumer_app(n, configs, &consumer, written));
        ClusterSpec {
            seed: self.seed,
            brokers: (0..topology.brokers)
                .map(|nth| broker(nth, configs))
                .collect(),
            controllers: topology.controllers,
            elr: configs.broker.eligible_leader_replicas_version >= 1,
            topics,
            spare_partitions: self.added_partitions(),
            groups: vec![consumer.group_id.clone().unwrap_or_default()],
            clients: producers
                .chain(consumers)
                .chain(self.relay(configs))
                .collect(),
            environment: configs.environment.clone(),
            rules: Rules::default(),
        }
    }

    /// How many partitions its actions add.
    fn added_partitions(&self) -> u16 {
        let counts = self.actions.iter().map(|timed| match timed.action {
            Action::CreatePartitions { count, .. } => count.min(MAX_PARTITIONS),
            _ => 0,
        });
        let most = counts.max().unwrap_or(0);
        most.saturating_sub(self.topology.partitions)
    }

    /// Consumers are in the group `billing` unless they were put into another.
    fn group_config(&self, configs: &Configs) -> ConsumerConfig {
        let group_id = configs.consumer.group_id.clone();
        ConsumerConfig {
            group_id: group_id.or_else(|| Some("billing".into())),
            // Offsets are committed with what was written, and in no other way.
            enable_auto_commit: configs.consumer.enable_auto_commit && !in_transactions(configs),
            ..configs.consumer.clone()
        }
    }

    fn orders(&self, configs: &Configs) -> TopicSpec {
        let topology = &self.topology;
        let settings = self.configs.of(Owner::Topic);
        let lists = (0..topology.partitions).map(|partition| self.replicas_of(partition));
        TopicSpec {
            allows_unclean: settings
                .get("unclean.leader.election.enable")
                .map(|allowed| allowed == "true"),
            name: "orders".into(),
            config: configs.topic.clone(),
            assignment: lists.collect(),
        }
    }

    /// One partition: what applications write keeps the order in which it is written.
    fn written_topic(&self, name: &str, configs: &Configs) -> TopicSpec {
        let allows = (self.configs).get(Owner::Topic, "unclean.leader.election.enable");
        TopicSpec {
            allows_unclean: allows.map(|allowed| allowed == "true"),
            name: name.into(),
            config: configs.topic.clone(),
            assignment: vec![self.replicas_of(0)],
        }
    }

    /// The explicit replica list of a partition, or brokers in turn from the partition's number on.
    fn replicas_of(&self, partition: u16) -> Vec<NodeId> {
        let topology = &self.topology;
        let known = |id: &&u8| (1..=topology.brokers).contains(*id);
        let explicit = topology.replicas.get(usize::from(partition));
        let listed: Vec<NodeId> = explicit
            .into_iter()
            .flatten()
            .filter(known)
            .map(|id| NodeId(*id))
            .collect();
        if listed.is_empty() {
            in_turn(partition, topology.replication_factor, topology.brokers)
        } else {
            listed
        }
    }

    /// As the group coordinator creates it: as many replicas as asked for, at most one a broker. It starts at the
    /// last broker, so that the coordinator is not the leader that a story kills.
    fn offsets_topic(&self, broker: &BrokerConfig) -> TopicSpec {
        let brokers = self.topology.brokers;
        let factor = broker
            .offsets_topic_replication_factor
            .min(u64::from(brokers)) as u8;
        TopicSpec {
            allows_unclean: None,
            name: OFFSETS_TOPIC.into(),
            config: TopicConfig {
                min_insync_replicas: broker.min_insync_replicas,
                segment_bytes: broker.offsets_topic_segment_bytes,
                cleanup_policy: CleanupPolicy::COMPACT,
                ..TopicConfig::default()
            },
            assignment: vec![in_turn(u16::from(brokers - 1), factor, brokers)],
        }
    }

    /// As the transaction coordinator creates it. It starts at the last broker, too.
    fn transactions_topic(&self, broker: &BrokerConfig) -> TopicSpec {
        let brokers = self.topology.brokers;
        let factor = broker.transaction_state_log_replication_factor;
        let factor = factor.min(u64::from(brokers)) as u8;
        TopicSpec {
            allows_unclean: None,
            name: TRANSACTIONS_TOPIC.into(),
            config: TopicConfig {
                min_insync_replicas: broker.transaction_state_log_min_isr,
                ..TopicConfig::default()
            },
            assignment: vec![in_turn(u16::from(brokers - 1), factor, brokers)],
        }
    }
}

/// All brokers are set alike, but for their racks, which may be a list.
fn broker(nth: u8, configs: &Configs) -> BrokerConfig {
    let mut config = configs.broker.clone();
    if let Some(racks) = &config.broker_rack {
        let racks: Vec<&str> = racks.split(',').collect();
        // Splitting gives at least one part.
        let rack = racks[usize::from(nth) % racks.len()].trim().to_string();
        config.broker_rack = Some(rack);
    }
    config
}

/// `factor` brokers in turn, the first one by the partition's number.
fn in_turn(partition: u16, factor: u8, brokers: u8) -> Vec<NodeId> {
    let first = (partition % u16::from(brokers)) as u8;
    (0..factor)
        .map(|n| NodeId(1 + (first + n) % brokers))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::TOPIC;
    use super::*;
    use crate::kafka::TopicPartition;
    use crate::lab::history::History;
    use crate::lab::run::Run;

    fn played(experiment: &Experiment) -> History {
        let mut run = Run::new(experiment.clone());
        run.seek(experiment.horizon_us);
        let mut history = History::new(experiment);
        history.follow(run.journal(), run.entries());
        history
    }

    /// One partition; two more come after five seconds. Clients look for them every three.
    fn growing() -> Experiment {
        let more = Action::CreatePartitions {
            topic: TOPIC,
            count: 3,
            assignment: Vec::new(),
        };
        Experiment::three_brokers()
            .with(Owner::Producer, "metadata.max.age.ms", "3000")
            .with(Owner::Consumer, "metadata.max.age.ms", "3000")
            .with(Owner::Consumer, "auto.offset.reset", "earliest")
            .until_ms(40_000)
            .at_ms(5_000, more)
    }

    #[test]
    fn a_producer_writes_to_added_partitions_and_a_group_reads_them() {
        let history = played(&growing());
        assert_eq!(history.parts.len(), 3);
        for number in 1..3 {
            let partition = TopicPartition::new(TOPIC, number);
            let part = &history.parts[&partition];
            assert!(part.high_watermark > 0, "nothing was written to {number}");
            assert!(part.committed > 0, "nobody has read {number}");
        }
    }

    #[test]
    fn an_unclean_election_that_is_allowed_later_comes_with_the_next_look() {
        let experiment = Experiment::three_brokers()
            .with(Owner::Broker, "unclean.leader.election.interval.ms", "5000")
            .until_ms(60_000)
            .at_ms(1_000, Action::Kill(NodeId(2)))
            .at_ms(1_000, Action::Kill(NodeId(3)))
            .at_ms(20_000, Action::Kill(NodeId(1)))
            .at_ms(21_000, Action::Start(NodeId(2)))
            .at_ms(
                45_500,
                Action::SetUnclean {
                    topic: Some(TOPIC),
                    allowed: true,
                },
            );
        let mut run = Run::new(experiment);
        let mut leader_at = |at_ms: u64| {
            run.seek(at_ms * MS);
            let image = run.world().model.controller().image();
            image.partitions[&TopicPartition::new(TOPIC, 0)].leader
        };
        assert_eq!(leader_at(45_000), None);
        assert_eq!(leader_at(46_000), None, "nobody has looked yet");
        assert_eq!(leader_at(52_000), Some(NodeId(2)));
    }

    #[test]
    fn added_partitions_are_found_when_metadata_is_renewed() {
        let slow = growing()
            .with(Owner::Producer, "metadata.max.age.ms", "300000")
            .with(Owner::Consumer, "metadata.max.age.ms", "300000");
        let history = played(&slow);
        let written = |number| {
            let partition = TopicPartition::new(TOPIC, number);
            history.parts[&partition].high_watermark
        };
        assert!(written(0) > 0);
        assert_eq!((written(1), written(2)), (0, 0), "nobody has looked yet");
    }
}

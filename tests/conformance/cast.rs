//! Who plays in a story: the recorded cluster as a [`ClusterSpec`], with the clients that the harness itself used.

use crate::golden::{Client, Golden, Topic};
use crate::step::Do;
use acklab::kafka::config::{
    BrokerConfig, ConsumerConfig, Environment, Problem, ProducerConfig, Settings, Severity,
    TopicConfig,
};
use acklab::kafka::spec::{
    ClientKind, ClientSpec, ClusterSpec, OFFSETS_TOPIC, TRANSACTIONS_TOPIC, TopicSpec,
};
use acklab::kafka::{GroupId, MessageId, Rules, TopicId, TopicPartition};
use acklab::sim::NodeId;
use std::collections::{BTreeMap, BTreeSet};

/// The harness's client for looks at the high watermark.
pub const TOOL: &str = "(tool)";
/// The fresh consumer that reads all partitions back at the end.
pub const READER: &str = "(reader)";
/// The same with isolation.level=read_committed.
pub const READER_OF_COMMITTED: &str = "(reader of committed)";

/// The cluster of a story, and the names of things in it.
pub struct Cast {
    pub spec: ClusterSpec,
    /// The story's own partitions, by name; internal topics are not among them.
    pub partitions: BTreeMap<String, TopicPartition>,
    texts: Vec<Option<String>>,
}

/// How many partitions the story adds to a topic.
fn added_partitions(golden: &Golden) -> u16 {
    let added = golden.steps.iter().map(|step| match &step.action {
        Do::CreatePartitions { topic, count, .. } => {
            let known = golden.topics.iter().find(|known| known.name == *topic);
            let before = known.map_or(0, |known| known.replicas.len());
            (*count as u16).saturating_sub(before as u16)
        }
        _ => 0,
    });
    added.max().unwrap_or(0)
}

impl Cast {
    pub fn of(golden: &Golden, seed: u64) -> Result<Cast, String> {
        let ids = &golden.brokers.ids;
        if !ids.iter().copied().eq(1..=ids.len() as i32) {
            return Err(format!("the brokers {ids:?} are not numbered from 1"));
        }
        let mut settings = Settings(golden.brokers.config.clone());
        if golden.brokers.log_dirs > 1 {
            let dirs = (1..=golden.brokers.log_dirs).map(|nth| format!("/data/{nth}"));
            let dirs = dirs.collect::<Vec<_>>().join(",");
            settings.0.insert("log.dirs".into(), dirs);
            let apart = "/metadata".to_owned();
            settings.0.insert("metadata.log.dir".into(), apart);
        }
        let none = BTreeMap::new();
        let broker = |id: &i32| {
            let own = golden.brokers.own_config.get(&id.to_string());
            let own = Settings(own.unwrap_or(&none).clone());
            accept("a broker", BrokerConfig::build(&settings.overlaid(&own)))
        };
        let groups = groups(golden);
        let spec = ClusterSpec {
            seed,
            brokers: ids.iter().map(broker).collect::<Result<_, _>>()?,
            controllers: golden.brokers.voters().len() as u8,
            elr: golden
                .features
                .get("eligible.leader.replicas.version")
                .is_some_and(|v| *v > 0),
            topics: topics(golden, &settings)?,
            clients: clients(golden, &groups)?,
            spare_partitions: added_partitions(golden),
            groups,
            // The harness cuts the power of a broker's disk and kills its process: peers get resets.
            environment: Environment {
                power_loss_closes_connections: true,
                ..Environment::default()
            },
            rules: Rules::default(),
        };
        let mut cast = Cast {
            partitions: BTreeMap::new(),
            texts: texts(golden),
            spec,
        };
        for topic in &golden.topics {
            for number in 0..topic.replicas.len() {
                let name = format!("{}-{number}", topic.name);
                let partition = cast.partition(&name)?;
                cast.partitions.insert(name, partition);
            }
        }
        Ok(cast)
    }

    /// The node of the controller with this place among the voters.
    pub fn controller(&self, place: usize) -> NodeId {
        NodeId(self.spec.controller_node().0 + place as u8)
    }

    pub fn topic(&self, name: &str) -> Result<TopicId, String> {
        self.spec
            .topic_named(name)
            .ok_or_else(|| format!("there is no topic {name}"))
    }

    /// The partition called `t-0`.
    pub fn partition(&self, name: &str) -> Result<TopicPartition, String> {
        let unknown = || format!("there is no partition {name}");
        let (topic, number) = name.rsplit_once('-').ok_or_else(unknown)?;
        Ok(TopicPartition::new(
            self.topic(topic)?,
            number.parse().map_err(|_| unknown())?,
        ))
    }

    pub fn client(&self, name: &str) -> Result<NodeId, String> {
        self.spec
            .client_named(name)
            .ok_or_else(|| format!("there is no client {name}"))
    }

    /// The message that this text is the value of.
    pub fn message(&self, value: &Option<String>) -> MessageId {
        // `texts` collected every value of every step.
        MessageId(
            self.texts
                .iter()
                .position(|text| text == value)
                .unwrap_or(usize::MAX) as u32,
        )
    }

    pub fn text(&self, message: MessageId) -> Option<String> {
        self.texts.get(message.0 as usize).cloned().flatten()
    }
}

/// The client that stands for the harness's seeding producer at its `nth` use.
pub fn seeder(nth: usize) -> String {
    format!("(seed {nth})")
}

/// The admin client that looks at what a group has committed.
pub fn auditor(group: &str) -> String {
    format!("(auditor of {group})")
}

/// The recorded name of a client: all seeding producers are `seed`.
pub fn recorded_name(client: &str) -> &str {
    if client.starts_with("(seed ") {
        "seed"
    } else {
        client
    }
}

fn accept<T>(whose: &str, (config, problems): (T, Vec<Problem>)) -> Result<T, String> {
    match problems.into_iter().find(|p| p.severity == Severity::Error) {
        Some(problem) => Err(format!(
            "the config of {whose} is refused: {}: {}",
            problem.name, problem.en
        )),
        None => Ok(config),
    }
}

fn groups(golden: &Golden) -> Vec<String> {
    let named: BTreeSet<&String> = golden
        .clients
        .values()
        .filter_map(|c| c.config.get("group.id"))
        .collect();
    named.into_iter().cloned().collect()
}

fn texts(golden: &Golden) -> Vec<Option<String>> {
    let mut texts = Vec::new();
    for step in &golden.steps {
        if let Do::Send(send) = &step.action {
            for value in &send.values {
                if !texts.contains(value) {
                    texts.push(value.clone());
                }
            }
        }
    }
    texts
}

fn topics(golden: &Golden, broker: &Settings) -> Result<Vec<TopicSpec>, String> {
    let offsets_named = golden
        .internal_topics
        .iter()
        .any(|t| t.name == OFFSETS_TOPIC);
    let all = golden.topics.iter().chain(&golden.internal_topics);
    let mut topics = all
        .map(|topic| topic_spec(topic, broker))
        .collect::<Result<Vec<_>, _>>()?;
    if !offsets_named {
        // Where the brokers create it themselves, who leads it is left to chance.
        let replicas = golden.brokers.ids.iter().take(3).copied().collect();
        let config = BTreeMap::new();
        topics.push(topic_spec(
            &Topic {
                name: OFFSETS_TOPIC.into(),
                replicas: vec![replicas],
                config,
            },
            broker,
        )?);
    }
    Ok(topics)
}

fn topic_spec(topic: &Topic, broker: &Settings) -> Result<TopicSpec, String> {
    let mut settings = Settings(topic.config.clone());
    if topic.name == TRANSACTIONS_TOPIC {
        // As the brokers create it.
        let given = broker.0.get("transaction.state.log.min.isr");
        let min_isr = given.map_or("2", String::as_str).to_owned();
        let name = "min.insync.replicas".to_owned();
        settings.0.entry(name).or_insert(min_isr);
    }
    let config = TopicConfig::build(broker, &settings);
    let nodes = |replicas: &Vec<i32>| replicas.iter().map(|id| NodeId(*id as u8)).collect();
    Ok(TopicSpec {
        allows_unclean: settings
            .get("unclean.leader.election.enable")
            .map(|allowed| allowed == "true"),
        name: topic.name.clone(),
        config: accept(&topic.name, config)?,
        assignment: topic.replicas.iter().map(nodes).collect(),
    })
}

fn clients(golden: &Golden, groups: &[String]) -> Result<Vec<ClientSpec>, String> {
    let mut cast = Vec::new();
    for (name, client) in &golden.clients {
        cast.push(client_spec(name, client, groups)?);
    }
    let seeds = golden
        .steps
        .iter()
        .filter(|s| s.action.client() == Some("seed"))
        .count();
    for nth in 0..seeds {
        cast.push(helper(
            &seeder(nth),
            "producer",
            &[("acks", "all")],
            groups,
        )?);
    }
    cast.push(helper(
        TOOL,
        "consumer",
        &[("default.api.timeout.ms", "4000")],
        groups,
    )?);
    let patient = [
        ("default.api.timeout.ms", "25000"),
        ("request.timeout.ms", "25000"),
        ("enable.auto.commit", "false"),
    ];
    // The harness's reader seeks to the beginning, wherever that is.
    let reader = [&patient[..], &[("auto.offset.reset", "earliest")]].concat();
    cast.push(helper(READER, "consumer", &reader, groups)?);
    if golden.has_transactions() {
        let committed = [&reader[..], &[("isolation.level", "read_committed")]].concat();
        cast.push(helper(READER_OF_COMMITTED, "consumer", &committed, groups)?);
    }
    for group in groups {
        let config = [
            ("default.api.timeout.ms", "5000"),
            ("enable.auto.commit", "false"),
            ("group.id", group),
        ];
        cast.push(helper(&auditor(group), "consumer", &config, groups)?);
    }
    Ok(cast)
}

fn helper(
    name: &str,
    kind: &str,
    config: &[(&str, &str)],
    groups: &[String],
) -> Result<ClientSpec, String> {
    let config = config
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    client_spec(
        name,
        &Client {
            kind: kind.to_owned(),
            config,
        },
        groups,
    )
}

fn client_spec(name: &str, client: &Client, groups: &[String]) -> Result<ClientSpec, String> {
    let settings = Settings(client.config.clone());
    let kind = match client.kind.as_str() {
        "producer" => ClientKind::Producer {
            config: accept(name, ProducerConfig::build(&settings))?,
            work: None,
        },
        "consumer" => {
            let group = client
                .config
                .get("group.id")
                .and_then(|id| groups.iter().position(|g| g == id));
            let group = group.map(|place| GroupId(place as u16));
            ClientKind::Consumer {
                config: accept(name, ConsumerConfig::build(&settings))?,
                group,
                work: None,
            }
        }
        other => return Err(format!("a client of the kind {other} is not known")),
    };
    Ok(ClientSpec {
        name: name.to_owned(),
        kind,
        open_at_start: false,
    })
}

//! From an experiment to the applications that run in it.

use super::{Experiment, GROUP, MESSAGES_EACH, TOPIC};
use crate::kafka::config::{
    Acks, CommitMode, Configs, ConsumerConfig, OnError, OrderStore, ProducerConfig,
};
use crate::kafka::spec::{ClientKind, ClientSpec, ConsumerWork, ProducerWork, WriterWork};
use crate::kafka::{MessageId, TopicId};

impl Experiment {
    /// The job that empties the outbox of all shops: a process of its own.
    pub(super) fn relay(&self, configs: &Configs) -> Option<ClientSpec> {
        let work = ProducerWork {
            topic: TOPIC,
            partition: None,
            start_ms: 0,
            first_message: MessageId(0),
            app: configs.app.clone(),
            relays: true,
        };
        let kind = ClientKind::Producer {
            config: producer_config(configs),
            work: Some(work),
        };
        (configs.app.order_store == OrderStore::Outbox).then(|| ClientSpec {
            name: "outbox-relay".into(),
            kind,
            open_at_start: true,
        })
    }

    pub(super) fn producer(&self, place: u8, configs: &Configs) -> ClientSpec {
        let work = ProducerWork {
            topic: TOPIC,
            partition: None,
            start_ms: 0,
            first_message: MessageId(u32::from(place) * MESSAGES_EACH + 1),
            app: configs.app.clone(),
            relays: false,
        };
        let mut config = producer_config(configs);
        if let Some(id) = &mut config.transactional_id {
            // Each application has its own.
            id.push_str(&suffix(place));
        }
        ClientSpec {
            name: format!("order-service{}", suffix(place)),
            kind: ClientKind::Producer {
                config,
                work: Some(work),
            },
            open_at_start: true,
        }
    }
}

/// An application that keeps its orders in a database has no use for Kafka's transactions.
fn producer_config(configs: &Configs) -> ProducerConfig {
    let mut config = configs.producer.clone();
    if configs.app.order_store != OrderStore::None {
        config.transactional_id = None;
    }
    config
}

/// Whether what consumer applications write and their offsets are one transaction.
pub(super) fn in_transactions(configs: &Configs) -> bool {
    configs.app.commit_mode == CommitMode::Transaction
}

/// Whether consumer applications write something for what they read.
pub(super) fn writes(configs: &Configs) -> bool {
    configs.app.handler_output || in_transactions(configs)
}

/// Whether messages that cannot be worked on are put into a topic of their own.
pub(super) fn sets_aside(configs: &Configs) -> bool {
    configs.app.handler_on_error == OnError::DeadLetter
}

/// The topics that consumer applications write to.
#[derive(Clone, Copy)]
pub(super) struct Written {
    pub outputs: Option<TopicId>,
    pub letters: Option<TopicId>,
}

/// The producer of a consumer application that writes. What it does for dead letters alone has acks of its own.
fn writer(place: u8, configs: &Configs, written: Written) -> Option<Box<WriterWork>> {
    let Written { outputs, letters } = written;
    outputs.or(letters)?;
    let acks = match outputs {
        Some(_) => Acks::All,
        None => configs.app.dead_letter_acks,
    };
    Some(Box::new(WriterWork {
        outputs,
        letters,
        config: ProducerConfig {
            acks,
            enable_idempotence: acks == Acks::All,
            transactional_id: in_transactions(configs).then(|| format!("billing{}", suffix(place))),
            transaction_timeout_ms: configs.producer.transaction_timeout_ms,
            ..ProducerConfig::default()
        },
    }))
}

pub(super) fn consumer_app(
    place: u8,
    configs: &Configs,
    config: &ConsumerConfig,
    written: Written,
) -> ClientSpec {
    let work = ConsumerWork {
        writer: writer(place, configs, written),
        topics: vec![TOPIC],
        start_ms: 0,
        app: configs.app.clone(),
    };
    let (mut config, group) = (config.clone(), Some(GROUP));
    if let Some(id) = &mut config.group_instance_id {
        // Each process has its own.
        id.push_str(&suffix(place));
    }
    ClientSpec {
        name: format!("billing{}", suffix(place)),
        kind: ClientKind::Consumer {
            config,
            group,
            work: Some(work),
        },
        open_at_start: true,
    }
}

fn suffix(place: u8) -> String {
    match place {
        0 => String::new(),
        n => format!("-{}", n + 1),
    }
}

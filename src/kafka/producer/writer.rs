//! The producer in a process that reads, processes and writes. With transactions, what came of one poll and the offsets
//! of that poll are one (`sendOffsetsToTransaction`); without, each record counts once it is written.

use std::rc::Rc;

use super::app::{App, Source};
use super::client::Client;
use super::txn_app::Given;
use crate::kafka::config::AppConfig;
use crate::kafka::group::protocol::OffsetCommitRequest;
use crate::kafka::protocol::channel;
use crate::kafka::record::Record;
use crate::kafka::spec::{ProducerWork, WriterWork};
use crate::kafka::{ClientError, ClusterSpec, Input, MessageId, Outbox, TopicId};

/// Bytes of what is written for each message.
const RECORD_BYTES: u32 = 100;

/// A producer that writes what it is given.
#[derive(Clone, Debug)]
pub struct Writer {
    client: Box<Client>,
}

impl Writer {
    /// The producer of a process that has just started; with transactions it begins with `initTransactions`.
    pub fn new(work: &WriterWork, spec: &ClusterSpec, out: &mut Outbox) -> Self {
        let app = ProducerWork {
            topic: work.outputs.or(work.letters).unwrap_or(TopicId(0)),
            partition: None,
            start_ms: 0,
            first_message: MessageId(0),
            app: AppConfig::default(),
            relays: false,
        };
        let mut app = App::new(&app, Source::default(), true, out.now());
        if let Some(batching) = &mut app.batching {
            let plain = work.config.transactional_id.is_none();
            batching.given = Some(Given {
                plain,
                letters: work.letters,
                ..Given::default()
            });
        }
        let config = Rc::new(work.config.clone());
        let mut client = Client::new(&config, spec, Some(app), out);
        client.channel = channel::WRITER;
        client.go_on(out);
        Writer {
            client: Box::new(client),
        }
    }

    /// Writes one record for each message, to its topic.
    pub fn write(&mut self, done: &[(TopicId, MessageId)], out: &mut Outbox) {
        let record = |(topic, message): &(TopicId, MessageId)| {
            let record = Record {
                message: *message,
                key: None,
                size_bytes: RECORD_BYTES,
                tombstone: false,
            };
            (*topic, record)
        };
        if let Some(given) = self.client.app.as_mut().and_then(App::given) {
            given.records.extend(done.iter().map(record));
        }
        self.client.go_on(out);
    }

    /// That was all of one poll: commits it with these offsets, all or nothing; without transactions, waits until it is
    /// written.
    pub fn finish(&mut self, offsets: OffsetCommitRequest, out: &mut Outbox) {
        if let Some(given) = self.client.app.as_mut().and_then(App::given) {
            given.outcome = None;
            given.flush = given.plain;
            given.offsets = (!given.plain).then_some(offsets);
        }
        self.client.go_on(out);
    }

    /// How that ended, once it has.
    pub fn outcome(&mut self) -> Option<Result<(), ClientError>> {
        self.client.app.as_mut()?.given()?.outcome.take()
    }

    /// Whether what it writes and the offsets are one transaction.
    pub fn is_transactional(&self) -> bool {
        self.client.config.transactional_id.is_some()
    }

    /// A message, a timer or a lost connection of its own.
    pub fn handle(&mut self, input: Input, out: &mut Outbox) {
        self.client.handle(input, out);
    }
}

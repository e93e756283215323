//! Kafka's command line tools, on the simulated cluster.

use super::Player;
use crate::golden::{Event, Topic};
use acklab::kafka::config::Settings;
use acklab::kafka::{MessageId, TopicId};
use acklab::lab::terminal::configs::of_internal;
use acklab::lab::terminal::{self, Desk, Stream};
use acklab::sim::{NodeId, SECOND};

/// A tool's process takes about so long to start, and what it changes is there before the next one has started.
const START_US: u64 = SECOND;

impl Player<'_> {
    pub(super) fn run_tool(&mut self, line: &str) {
        self.run(START_US);
        let printed = terminal::run(line, &self.desk());
        for action in printed.actions.clone() {
            self.act(action);
        }
        self.run(START_US / 2);
        let mut err = printed.text(Stream::Err);
        err.push_str(&printed.text(Stream::Lab));
        let event = Event::Printed {
            line: line.to_owned(),
            exit_status: printed.exit,
            out: printed.text(Stream::Out),
            err,
        };
        self.recorder.saw(self.now_ms(), Some("admin"), event);
    }

    fn desk(&self) -> Desk<'_> {
        let all = self
            .golden
            .topics
            .iter()
            .chain(&self.golden.internal_topics);
        let topics = all.filter_map(|topic: &Topic| {
            let id: TopicId = self.cast.spec.topic_named(&topic.name)?;
            let mut settings = of_internal(&topic.name);
            settings.extend(topic.config.clone());
            Some((id, settings))
        });
        Desk {
            world: &self.world,
            topics: topics.collect(),
            brokers: Settings(self.golden.brokers.config.clone())
                .0
                .into_iter()
                .collect(),
            text: Box::new(|message: MessageId| self.cast.text(message).unwrap_or_default()),
            host: Box::new(|node: NodeId| {
                let controller = self.cast.spec.controller_node().0;
                let clients = controller + self.cast.spec.controllers;
                match node.0 {
                    client if client >= clients => "127.0.0.1".to_owned(),
                    broker if broker < controller => format!("127.77.0.{broker}"),
                    other => format!("127.77.0.{}", 100 + other - controller),
                }
            }),
            epoch_ms: 1_795_455_000_000,
        }
    }
}

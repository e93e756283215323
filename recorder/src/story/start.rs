//! The cluster comes up: formatted disks, a controller, brokers, topics.

use super::Player;
use crate::case::Storage;
use crate::chronicle::now_ms;
use crate::cluster::internal_config;
use anyhow::{Result, bail, ensure};
use serde_json::json;
use std::collections::BTreeMap;

const CLUSTER_STARTS_MS: i64 = 180_000;
/// A controller that was just elected may lose its office again while all start at once.
const ELECTED_FOR_GOOD_MS: i64 = 1000;
/// Long enough for the others to miss it and to elect one of them.
const AWAY_MS: i64 = 4000;
const ELECTIONS: usize = 20;

impl Player<'_> {
    pub(super) fn start(&mut self) -> Result<()> {
        for node in self.story.controllers.iter().chain(&self.story.brokers) {
            self.format(*node)?;
        }
        self.start_controllers()?;
        for broker in &self.story.brokers {
            self.cluster.start(*broker)?;
        }
        let brokers = self.story.brokers.clone();
        self.until("all brokers are up", |p| {
            brokers.iter().all(|b| {
                p.chronicle
                    .brokers
                    .get(b)
                    .is_some_and(|state| state == "unfenced")
            })
        })?;
        self.tool(
            "open_admin",
            json!({"config": {"bootstrap.servers": self.cluster.bootstrap()}}),
        )?;
        for topic in self.story.internal_topics.iter().chain(&self.story.topics) {
            let usual = internal_config(&topic.name).unwrap_or_default().iter();
            let mut config: BTreeMap<String, String> = usual
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect();
            config.extend(topic.config.clone());
            self.tool(
                "create_topic",
                json!({"topic": topic.name, "replicas": topic.replicas, "config": config}),
            )?;
        }
        let names = self.chronicle.names.clone();
        self.until("the topics exist", |p| {
            names.iter().all(|name| p.chronicle.knows(name))
        })?;
        // Leaders and followers find each other.
        self.pass(500)?;
        if self.story.storage == Storage::Disk {
            for broker in brokers {
                self.cluster.write_back(broker)?;
            }
        }
        self.chronicle.begin()
    }

    /// Of several controllers the first is to lead when the story begins. Whom they elect is chance, so another one is taken
    /// away until they elect that one.
    fn start_controllers(&mut self) -> Result<()> {
        for node in &self.story.controllers {
            self.cluster.start(*node)?;
        }
        self.tool("watch", json!({"file": self.cluster.metadata_log()}))?;
        self.until("the controllers have a leader", |p| {
            p.chronicle.quorum.is_some()
        })?;
        let first = self.story.controllers.first().copied();
        for _ in 0..ELECTIONS {
            self.pass(ELECTED_FOR_GOOD_MS)?;
            let leader = self.chronicle.quorum;
            let Some(other) = leader.filter(|_| leader != first) else {
                return Ok(());
            };
            let elections = self.chronicle.elections;
            self.cluster.kill(other)?;
            self.pass(AWAY_MS)?;
            self.cluster.start(other)?;
            // Only now: the log that is read may be that of the one that was away. It may be elected again, too.
            self.until_elected(elections)?;
        }
        bail!("the controllers did not elect the first of them")
    }

    fn until_elected(&mut self, before: usize) -> Result<()> {
        let until = now_ms() + CLUSTER_STARTS_MS;
        while self.chronicle.elections == before {
            ensure!(
                now_ms() < until,
                "the controllers elect nobody within {} s",
                CLUSTER_STARTS_MS / 1000
            );
            self.hear()?;
        }
        Ok(())
    }

    pub(super) fn format(&mut self, node: i32) -> Result<()> {
        let log = self.cluster.logs().join(format!("{node}.format"));
        self.tool(
            "format",
            json!({"args": self.cluster.format_args(node), "log": log}),
        )?;
        Ok(())
    }

    pub(super) fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) -> Result<()> {
        let until = now_ms() + CLUSTER_STARTS_MS;
        while !holds(self) {
            if let Some(node) = self.cluster.ended().first() {
                bail!(
                    "node {node} ended before {what}; its log is {}/{node}.log",
                    self.cluster.logs().display()
                );
            }
            ensure!(
                now_ms() < until,
                "{what}: not within {} s",
                CLUSTER_STARTS_MS / 1000
            );
            self.hear()?;
        }
        Ok(())
    }
}

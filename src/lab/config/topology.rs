//! What the files say of the cluster: brokers, controllers, topics with their replicas.

use super::kind::Kind;
use super::source::{Entry, Parsed};

/// A topic as it was described.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// How many replicas.
    pub replication_factor: Option<u8>,
    /// How many partitions.
    pub partitions: Option<u16>,
    /// Replicas of each partition, in order, as broker ids.
    pub replicas: Vec<Vec<u32>>,
}

/// What the files say of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Broker ids that are named.
    pub brokers: Vec<u32>,
    /// The rack that each file names for its broker.
    pub racks: Vec<(Option<u32>, String)>,
    /// How many controllers vote.
    pub controllers: Option<usize>,
    /// Topics that are described.
    pub described: Vec<Described>,
    /// Whether eligible leader replicas are on, where the description shows it.
    pub elr: Option<bool>,
    /// `default.replication.factor`, where it is set.
    pub default_replication: Option<u8>,
    /// The one controller is the broker itself: there is only this machine.
    pub alone: bool,
    /// A `server.properties` was pasted.
    pub has_server: bool,
}

impl Facts {
    /// Adds what a file says.
    pub fn gather(&mut self, kind: Kind, parsed: &Parsed) {
        let is_controller =
            |entry: &Entry| entry.key == "process.roles" && !entry.value.contains("broker");
        let only_controller = kind == Kind::Server && parsed.entries.iter().any(is_controller);
        if kind == Kind::Server && !only_controller {
            self.of_rack(parsed);
        }
        for entry in &parsed.entries {
            match kind {
                Kind::Server => self.of_server(entry, only_controller),
                Kind::Topics => self.of_topics(entry),
                Kind::Configs => self.of_configs(entry),
                _ => {}
            }
        }
        let is_both = |entry: &Entry| {
            entry.key == "process.roles"
                && entry.value.contains("broker")
                && entry.value.contains("controller")
        };
        let is_both = kind == Kind::Server && parsed.entries.iter().any(is_both);
        self.alone |= is_both && self.controllers == Some(1);
        self.has_server |= kind == Kind::Server;
    }

    /// Topics by name, Kafka's own left out.
    pub fn topics(&self) -> Vec<String> {
        let names = self.described.iter().map(|topic| topic.name.clone());
        names.filter(|name| !name.starts_with("__")).collect()
    }

    /// The rack of the broker whose file it is.
    fn of_rack(&mut self, parsed: &Parsed) {
        let value = |names: &[&str]| {
            let mut entries = parsed.entries.iter().rev();
            let found = entries.find(|entry| names.contains(&entry.key.as_str()));
            found.map(|entry| entry.value.trim())
        };
        let Some(rack) = value(&["broker.rack"]).filter(|rack| !rack.is_empty()) else {
            return;
        };
        let id = value(&["node.id", "broker.id"]).and_then(|id| id.parse().ok());
        self.racks.push((id, rack.to_string()));
    }

    fn topic(&mut self, name: &str) -> &mut Described {
        let place = self.described.iter().position(|topic| topic.name == name);
        let place = place.unwrap_or_else(|| {
            self.described.push(Described {
                name: name.into(),
                ..Described::default()
            });
            self.described.len() - 1
        });
        &mut self.described[place] // found or just made
    }

    fn add_broker(&mut self, id: u32) {
        if !self.brokers.contains(&id) {
            self.brokers.push(id);
        }
    }

    fn of_server(&mut self, entry: &Entry, only_controller: bool) {
        let value = entry.value.trim();
        match entry.key.as_str() {
            "node.id" | "broker.id" if !only_controller => {
                if let Ok(id) = value.parse() {
                    self.add_broker(id);
                }
            }
            "controller.quorum.voters" | "controller.quorum.bootstrap.servers"
                if !value.is_empty() =>
            {
                self.controllers = Some(value.split(',').count());
            }
            "default.replication.factor" => self.default_replication = value.parse().ok(),
            _ => {}
        }
    }

    fn of_topics(&mut self, entry: &Entry) {
        let Some(name) = entry.of.clone() else {
            return;
        };
        let value = entry.value.as_str();
        match entry.key.as_str() {
            "Topic:" => {
                self.topic(&name);
            }
            "ReplicationFactor:" => self.topic(&name).replication_factor = value.parse().ok(),
            "PartitionCount:" => self.topic(&name).partitions = value.parse().ok(),
            "Replicas:" => {
                let ids: Vec<u32> = value
                    .split(',')
                    .filter_map(|id| id.trim().parse().ok())
                    .collect();
                ids.iter().for_each(|id| self.add_broker(*id));
                self.topic(&name).replicas.push(ids);
            }
            "Elr:" => self.elr = Some(value != "N/A"),
            _ => {}
        }
    }

    fn of_configs(&mut self, entry: &Entry) {
        let whose = entry.of.as_deref().unwrap_or("");
        let key = entry.key.trim_matches(['(', ')']);
        if let Some(id) = whose.strip_prefix("broker ").and_then(|id| id.parse().ok()) {
            self.add_broker(id);
        }
        if let Some(topic) = whose.strip_prefix("topic ") {
            self.topic(topic);
        }
        if whose.starts_with("broker") && key == "default.replication.factor" {
            self.default_replication = entry.value.parse().ok();
            self.has_server = true;
        }
    }
}

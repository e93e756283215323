//! One controller and its brokers on this machine: processes, disks and links that can be hurt.

mod disk;
mod network;
mod processes;

use crate::case::{Network, Storage, Story};
use crate::kit::Kit;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;

/// A cluster lives for one repetition, so all may have the same id. It must be 16 bytes in Kafka's base64.
pub const CLUSTER_ID: &str = "acklab0recorder0kafkaA";

/// What a broker gives this topic when it creates it itself; `None` for a topic that is not internal.
pub fn internal_config(topic: &str) -> Option<&'static [(&'static str, &'static str)]> {
    match topic {
        "__consumer_offsets" => Some(&[
            ("cleanup.policy", "compact"),
            ("compression.type", "producer"),
            ("segment.bytes", "104857600"),
        ]),
        "__transaction_state" => Some(&[
            ("cleanup.policy", "compact"),
            ("compression.type", "uncompressed"),
            ("segment.bytes", "104857600"),
            ("min.insync.replicas", "2"),
            ("unclean.leader.election.enable", "false"),
        ]),
        _ => None,
    }
}

pub struct Cluster<'a> {
    kit: &'a Kit,
    story: &'a Story,
    net: u8,
    home: PathBuf,
    keep: bool,
    nodes: BTreeMap<i32, Child>,
    pub paused: BTreeSet<i32>,
}

impl<'a> Cluster<'a> {
    /// Empty disks, links and settings; no node runs yet.
    pub fn lay_out(kit: &'a Kit, story: &'a Story, net: u8, keep: bool) -> Result<Self> {
        let cluster = Cluster {
            kit,
            story,
            net,
            home: kit.home(net),
            keep,
            nodes: BTreeMap::new(),
            paused: BTreeSet::new(),
        };
        cluster
            .clear()
            .context("what an earlier run left cannot be removed")?;
        fs::create_dir_all(cluster.logs())?;
        if story.network == Network::Netns {
            network::build(net, &cluster.ids())?;
        }
        for node in cluster.ids() {
            for place in cluster.places(node) {
                fs::create_dir_all(&place)?;
                if cluster.has_disk(node) {
                    disk::make(&image(&place), &place)?;
                }
            }
            fs::write(cluster.properties(node), cluster.settings(node))?;
        }
        Ok(cluster)
    }

    // ---- places

    fn ids(&self) -> Vec<i32> {
        let all = self.story.controllers.iter().chain(&self.story.brokers);
        all.copied().collect()
    }

    /// Where the processes' logs are.
    pub fn logs(&self) -> PathBuf {
        self.home.join("logs")
    }

    /// What is on a node's disk; of several, on that with the metadata log.
    fn place(&self, node: i32) -> PathBuf {
        self.home.join(node.to_string())
    }

    /// What is on all of a node's disks.
    fn places(&self, node: i32) -> Vec<PathBuf> {
        let dirs = match self.is_controller(node) {
            true => 1,
            false => self.story.log_dirs,
        };
        let more = (1..=dirs).filter(|_| dirs > 1);
        let more = more.map(|nth| self.home.join(format!("{node}-{nth}")));
        std::iter::once(self.place(node)).chain(more).collect()
    }

    /// Its `log.dirs`.
    fn data_dirs(&self, node: i32) -> Vec<PathBuf> {
        let mut places = self.places(node);
        if places.len() > 1 {
            places.remove(0);
        }
        places.iter().map(|place| place.join("data")).collect()
    }

    fn data(&self, node: i32) -> PathBuf {
        self.place(node).join("data")
    }

    fn properties(&self, node: i32) -> PathBuf {
        self.home.join(format!("{node}.properties"))
    }

    fn has_disk(&self, node: i32) -> bool {
        self.story.storage == Storage::Disk && !self.is_controller(node)
    }

    pub fn is_controller(&self, node: i32) -> bool {
        self.story.controllers.contains(&node)
    }

    pub fn metadata_log(&self) -> PathBuf {
        self.data(self.story.witness())
            .join("__cluster_metadata-0/00000000000000000000.log")
    }

    /// The folder of a replica, whether it is there or not.
    pub fn replica(&self, broker: i32, partition: &str) -> PathBuf {
        let places = self.data_dirs(broker).into_iter();
        let mut places = places.map(|data| data.join(partition));
        let found = places.find(|place| place.exists());
        found.unwrap_or_else(|| self.data(broker).join(partition))
    }

    /// The rows of one of a broker's checkpoint files, split at spaces.
    pub fn checkpoint(&self, broker: i32, file: &str) -> Option<Vec<Vec<String>>> {
        let texts = self.data_dirs(broker).into_iter();
        let texts = texts.filter_map(|data| fs::read_to_string(data.join(file)).ok());
        let texts: Vec<String> = texts.collect();
        // Version and count come first.
        let rows = texts.iter().flat_map(|text| text.lines().skip(2));
        let rows = rows.map(|row| row.split_whitespace().map(str::to_owned).collect());
        (!texts.is_empty()).then(|| rows.collect())
    }

    fn address(&self, node: i32) -> String {
        match self.story.network {
            Network::Loopback => format!("127.{}.0.{node}", self.net),
            Network::Netns => network::address(self.net, node),
        }
    }

    /// One of Kafka's command line tools.
    pub fn tool(&self, class: &str) -> Command {
        self.kit.tool(class)
    }

    /// With `/data/1` for what is on broker 1's disk, as it lies on this machine.
    pub fn with_data_places(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for broker in &self.story.brokers {
            let place = self.data(*broker).display().to_string();
            text = text.replace(&format!("/data/{broker}/"), &format!("{place}/"));
        }
        text
    }

    /// The other way round.
    pub fn without_data_places(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for broker in &self.story.brokers {
            let place = self.data(*broker).display().to_string();
            text = text.replace(&place, &format!("/data/{broker}"));
        }
        text
    }

    pub fn bootstrap(&self) -> String {
        self.addresses(|_| true)
    }

    /// The brokers that answer.
    pub fn answering(&mut self) -> String {
        let alive: Vec<i32> = self
            .story
            .brokers
            .clone()
            .into_iter()
            .filter(|b| self.is_alive(*b))
            .collect();
        self.addresses(|broker| alive.contains(&broker) && !self.paused.contains(&broker))
    }

    fn addresses(&self, chosen: impl Fn(i32) -> bool) -> String {
        let brokers = self.story.brokers.iter().filter(|b| chosen(**b));
        brokers
            .map(|b| format!("{}:9092", self.address(*b)))
            .collect::<Vec<_>>()
            .join(",")
    }

    fn settings(&self, node: i32) -> String {
        let address = self.address(node);
        let role = if self.is_controller(node) {
            format!("process.roles=controller\nlisteners=CONTROLLER://{address}:9093\n")
        } else {
            format!(
                "process.roles=broker\nlisteners=PLAINTEXT://{address}:9092\nadvertised.listeners=PLAINTEXT://{address}:9092\n"
            )
        };
        let voters = self
            .story
            .controllers
            .iter()
            .map(|id| format!("{id}@{}:9093", self.address(*id)));
        let mut text = format!(
            "node.id={node}\nlog.dirs={}\ncontroller.listener.names=CONTROLLER\ncontroller.quorum.voters={}\n{role}",
            self.data_dirs(node)
                .iter()
                .map(|data| data.display().to_string())
                .collect::<Vec<_>>()
                .join(","),
            voters.collect::<Vec<_>>().join(","),
        );
        if self.places(node).len() > 1 {
            text.push_str(&format!("metadata.log.dir={}\n", self.data(node).display()));
        }
        // Of a setting that is there twice the last one counts.
        let own = self.story.own_config.get(&node).into_iter().flatten();
        for (name, value) in self.story.config.iter().chain(own) {
            text.push_str(&format!("{name}={value}\n"));
        }
        text
    }

    /// How the storage tool formats a node's empty disk.
    pub fn format_args(&self, node: i32) -> Vec<String> {
        let mut args = vec![
            "format".to_owned(),
            "-t".to_owned(),
            CLUSTER_ID.to_owned(),
            "-c".to_owned(),
        ];
        args.push(self.properties(node).display().to_string());
        for (feature, level) in &self.story.features {
            args.extend(["--feature".to_owned(), format!("{feature}={level}")]);
        }
        args
    }

    // ---- disks

    /// The OS writes what it holds of this broker's files to its disk.
    pub fn write_back(&self, broker: i32) -> Result<()> {
        self.each_place(broker, disk::write_back)
    }

    fn each_place(&self, broker: i32, work: impl Fn(&std::path::Path) -> Result<()>) -> Result<()> {
        self.places(broker).iter().try_for_each(|place| work(place))
    }

    /// What a power cut at this moment leaves of a disk, set aside. The process must be dead.
    pub fn set_aside_disk(&self, broker: i32) -> Result<()> {
        self.each_place(broker, |place| disk::copy(&image(place), &cut_image(place)))
    }

    /// From here on the broker's disk is the one that was set aside.
    pub fn lose_power(&self, broker: i32) -> Result<()> {
        self.each_place(broker, |place| {
            disk::exchange(&image(place), &cut_image(place), place)
        })
    }

    pub fn fill_disk(&self, broker: i32) -> Result<()> {
        self.each_place(broker, disk::fill)
    }

    /// All of its disks, or the one that holds a partition.
    pub fn fail_disk(&self, broker: i32, holding: Option<&str>) -> Result<()> {
        let Some(partition) = holding else {
            return self.each_place(broker, disk::fail);
        };
        let replica = self.replica(broker, partition);
        let places = self.places(broker);
        let place = places.iter().find(|place| replica.starts_with(place));
        disk::fail(place.with_context(|| format!("{partition} is not on {broker}"))?)
    }

    pub fn free_disk(&self, broker: i32) -> Result<()> {
        self.each_place(broker, disk::free)
    }

    /// An empty disk. The identity is what the storage tool wrote: with it the directory keeps its id.
    pub fn wipe(&self, broker: i32, keep_identity: bool) -> Result<()> {
        let mut entries = Vec::new();
        for place in self.places(broker) {
            let folder = fs::read_dir(place.join("data"))?;
            entries.extend(folder.collect::<std::io::Result<Vec<_>>>()?);
        }
        for path in entries.iter().map(fs::DirEntry::path) {
            let name = path.file_name().unwrap_or_default();
            if keep_identity && (name == "meta.properties" || name == "bootstrap.checkpoint") {
                continue;
            }
            if path.is_dir() {
                fs::remove_dir_all(&path)?
            } else {
                fs::remove_file(&path)?
            }
        }
        Ok(())
    }

    // ---- links

    /// No packet passes between these two any more; neither is told.
    pub fn cut(&self, a: network::End, b: network::End) -> Result<()> {
        network::cut(self.net, a, b)
    }

    pub fn heal(&self, a: network::End, b: network::End) -> Result<()> {
        network::heal(self.net, a, b)
    }

    // ---- the end

    /// Removes processes, mounts, links and files of a run with this number, also those of one that was killed.
    fn clear(&self) -> Result<()> {
        for pid in processes::left_in(&self.home) {
            drop(Command::new("kill").arg("-KILL").arg(&pid).status());
        }
        // A process that is still ending keeps its disk busy.
        for _ in 0..100 {
            if processes::left_in(&self.home).is_empty() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        disk::unmount_below(&self.home)?;
        network::remove(self.net);
        if self.home.exists() {
            fs::remove_dir_all(&self.home)?;
        }
        Ok(())
    }
}

/// The file that is a disk.
fn image(place: &std::path::Path) -> PathBuf {
    place.with_extension("img")
}

/// What a power cut leaves of it.
fn cut_image(place: &std::path::Path) -> PathBuf {
    place.with_extension("cut.img")
}

pub use network::End;

impl Drop for Cluster<'_> {
    fn drop(&mut self) {
        for process in self.nodes.values_mut() {
            drop(process.kill().and_then(|()| process.wait()));
        }
        let cleared = if self.keep {
            network::remove(self.net);
            disk::unmount_below(&self.home)
        } else {
            self.clear()
        };
        if let Err(error) = cleared {
            eprintln!("{} cannot be cleared: {error:#}", self.home.display());
        }
    }
}

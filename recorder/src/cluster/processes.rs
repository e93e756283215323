//! The nodes' processes: started, stopped, made to stand still, killed.

use super::{Cluster, network};
use crate::agents::send_signal;
use crate::case::Network;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

impl Cluster<'_> {
    pub fn start(&mut self, node: i32) -> Result<()> {
        let mut command = self.kit.node(&self.properties(node));
        if self.story.network == Network::Netns {
            command = network::inside(self.net, node, &command);
        }
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.logs().join(format!("{node}.log")))?;
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let process = command
            .spawn()
            .with_context(|| format!("cannot start node {node}"))?;
        // Should this program be killed, the next run finds what it left.
        fs::write(
            self.home.join(format!("{node}.pid")),
            process.id().to_string(),
        )?;
        self.nodes.insert(node, process);
        Ok(())
    }

    pub fn is_alive(&mut self, node: i32) -> bool {
        self.nodes
            .get_mut(&node)
            .is_some_and(|process| matches!(process.try_wait(), Ok(None)))
    }

    /// The nodes whose process was started and has ended.
    pub fn ended(&mut self) -> BTreeSet<i32> {
        let nodes: Vec<i32> = self.nodes.keys().copied().collect();
        nodes
            .into_iter()
            .filter(|node| !self.is_alive(*node))
            .collect()
    }

    /// Its status as a shell shows it, a signal's number negative; none while it runs.
    pub fn exit_status(&mut self, node: i32) -> Option<i32> {
        let status = self.nodes.get_mut(&node)?.try_wait().ok()??;
        status.code().or_else(|| {
            std::os::unix::process::ExitStatusExt::signal(&status).map(|signal| -signal)
        })
    }

    pub fn kill(&mut self, node: i32) -> Result<()> {
        if let Some(process) = self.nodes.get_mut(&node) {
            process.kill()?;
            process.wait()?;
        }
        self.paused.remove(&node);
        Ok(())
    }

    /// Asks for an orderly end.
    pub fn terminate(&mut self, node: i32) -> Result<()> {
        self.signal(node, "TERM")
    }

    pub fn pause(&mut self, node: i32) -> Result<()> {
        self.signal(node, "STOP")?;
        self.paused.insert(node);
        Ok(())
    }

    pub fn resume(&mut self, node: i32) -> Result<()> {
        self.signal(node, "CONT")?;
        self.paused.remove(&node);
        Ok(())
    }

    fn signal(&self, node: i32, signal: &str) -> Result<()> {
        let process = self
            .nodes
            .get(&node)
            .with_context(|| format!("node {node} was never started"))?;
        send_signal(process, signal).with_context(|| format!("node {node}"))
    }

    /// Stops the brokers that run in an orderly way; those that do not end in time are killed.
    pub fn stop_brokers(&mut self, patience: Duration) -> Result<()> {
        let brokers = self.story.brokers.clone();
        let running: Vec<i32> = brokers
            .into_iter()
            .filter(|b| self.is_alive(*b) && !self.paused.contains(b))
            .collect();
        for broker in &running {
            self.terminate(*broker)?;
        }
        let until = Instant::now() + patience;
        for broker in running {
            while self.is_alive(broker) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(20));
            }
            self.kill(broker)?;
        }
        Ok(())
    }
}

/// Processes of which a run in this folder left the numbers, if they are still what they were.
pub(super) fn left_in(home: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(home) else {
        return Vec::new();
    };
    let files = entries
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|f| f.extension().is_some_and(|e| e == "pid"));
    let pids = files.filter_map(|file| fs::read_to_string(file).ok());
    let is_ours = |pid: &String| {
        let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&command).contains(&*home.to_string_lossy())
    };
    pids.filter(is_ours).collect()
}

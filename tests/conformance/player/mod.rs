//! Plays a golden's story on the simulated cluster: step after step, as the harness played it on the real one.
//!
//! A call that the harness waited for is waited for here, a sleep sleeps, and a wait ends when what it says holds. All other steps
//! follow one another at once.

mod calls;
mod ending;
mod waits;

use crate::cast::Cast;
use crate::course::{self, LookAt};
use crate::golden::{Event, Golden, Trace};
use crate::step::{Do, Step, Target};
use crate::trace::Recorder;
use acklab::kafka::{Action, Journal, World, cluster};
use acklab::sim::{MS, NodeId, SECOND, Status};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The cluster has been up for this long when a story begins: sessions, fetches and heartbeats are under way.
const WARM_UP_US: u64 = 5 * SECOND;
/// The harness looks every 10 ms, and sees the metadata log up to 20 ms late.
const LOOK_US: u64 = 20 * MS;
/// A client process takes a moment to start.
const OPEN_US: u64 = 300 * MS;
/// No wait of a story is longer; what has not happened by then never will.
const PATIENCE_US: u64 = 180 * SECOND;

pub struct Player<'a> {
    golden: &'a Golden,
    cast: Cast,
    world: World,
    journal: Journal,
    recorder: Recorder,
    /// Steps with the times at which they were played.
    played: Vec<Step>,
    sent: BTreeMap<String, usize>,
    seeds: usize,
    slower_starts: BTreeMap<usize, u64>,
    names: BTreeSet<String>,
    consumer_protocol: BTreeSet<String>,
}

/// Seeds that are tried for the luck that a story had.
const SEEDS: u64 = 64;

/// What the simulator shows of this story. `Err` says why it cannot be played.
///
/// It is played with the first seed that has the luck of the recording (see [`course`]); if none has all of it, with the first
/// that has most of it, and else with the first of all.
pub fn play(golden: &Golden) -> Result<Trace, String> {
    let first = play_with(golden, 1);
    if first
        .as_ref()
        .is_ok_and(|trace| course::same_luck(golden, trace))
    {
        return first;
    }
    let mut close = None;
    for trace in (1..=SEEDS).filter_map(|seed| play_with(golden, seed).ok()) {
        if course::same_luck(golden, &trace) {
            return Ok(trace);
        }
        if close.is_none() && course::similar_luck(golden, &trace) {
            close = Some(trace);
        }
    }
    close.map_or(first, Ok)
}

fn play_with(golden: &Golden, seed: u64) -> Result<Trace, String> {
    let mut player = Player::new(golden, seed)?;
    let mut looks = golden.course.looks.iter().peekable();
    for step in &golden.steps {
        while let Some(look) = looks.next_if(|look| look.at_ms <= step.at_ms) {
            player.look(&look.at)?;
        }
        if let Err(reason) = player.step(step) {
            player.show();
            return Err(reason);
        }
    }
    player.end()
}

impl<'a> Player<'a> {
    fn new(golden: &'a Golden, seed: u64) -> Result<Self, String> {
        let cast = Cast::of(golden, seed)?;
        let mut journal = Journal::default();
        let world = cluster::world(cast.spec.clone(), &mut journal);
        let mut recorder = Recorder::new(&golden.brokers);
        recorder.know(&cast);
        recorder.watched = watched(golden);
        let of_kip_848 = golden.clients.iter().filter(|(_, c)| {
            c.config
                .get("group.protocol")
                .is_some_and(|p| p == "consumer")
        });
        let consumer_protocol = of_kip_848.map(|(name, _)| name.clone()).collect();
        let names = cast.partitions.keys().cloned().collect();
        let (played, sent, seeds) = (Vec::new(), BTreeMap::new(), 0);
        let mut player = Player {
            golden,
            cast,
            world,
            journal,
            recorder,
            played,
            sent,
            seeds,
            slower_starts: course::slower_starts(golden),
            names,
            consumer_protocol,
        };
        player.run(WARM_UP_US);
        if golden.brokers.storage == "disk" {
            for node in player.cast.spec.broker_nodes() {
                player.act(Action::OsWriteBack(node));
            }
        }
        player.recorder.begin(player.world.now(), &player.cast);
        Ok(player)
    }

    /// With SHOW_JOURNAL set: all that happened, for whoever looks for the cause of a difference.
    fn show(&self) {
        if std::env::var_os("SHOW_JOURNAL").is_some() {
            println!("---- seed {}", self.cast.spec.seed);
            for (nth, entry) in self.journal.entries().iter().enumerate() {
                let (ms, node, cause) = (
                    self.recorder.at_ms(entry.at),
                    entry.node.0,
                    entry.cause.known(),
                );
                println!(
                    "{nth:5} {ms:7} ms  node {node} {:?}  because of {:?}",
                    entry.what,
                    cause.map(|c| c.0)
                );
            }
        }
    }

    // ---- time

    /// Lets simulated time go on for `us`.
    fn run(&mut self, us: u64) {
        let until = self.world.now() + us;
        self.world.run_until(until, &mut self.journal);
        self.recorder.read(&self.journal, &self.cast);
    }

    /// Lets time go on until `holds`, looking whenever something happened and every so often; false: it never did.
    fn run_until(&mut self, limit_us: u64, mut holds: impl FnMut(&Self) -> bool) -> bool {
        let until = self.world.now() + limit_us;
        let mut look_at = self.world.now();
        loop {
            let now = self.world.now();
            let news = self.recorder.read(&self.journal, &self.cast);
            if news || now >= look_at {
                look_at = now + LOOK_US;
                if holds(self) {
                    return true;
                }
            }
            match self.world.next_at() {
                Some(at) if at <= until.min(look_at) => drop(self.world.step(&mut self.journal)),
                _ if look_at > until => return false,
                _ => self.world.run_until(look_at, &mut self.journal),
            }
        }
    }

    fn now_ms(&self) -> i64 {
        self.recorder.at_ms(self.world.now())
    }

    /// Does something to the cluster, now.
    fn act(&mut self, action: Action) {
        let now = self.world.now();
        self.world.schedule(now, action);
        self.world.run_until(now, &mut self.journal);
        self.recorder.read(&self.journal, &self.cast);
    }

    // ---- the story

    fn step(&mut self, step: &Step) -> Result<(), String> {
        let began_ms = self.now_ms();
        let mut played = Step {
            at_ms: began_ms,
            took_ms: None,
            timed_out: false,
            action: step.action.clone(),
        };
        let place = self.played.len();
        self.played.push(played.clone());
        let waited = match &step.action {
            Do::Wait { until, .. } => {
                played.timed_out = self.wait(until, step)?;
                true
            }
            action
                if action
                    .client()
                    .is_some_and(|c| self.cast.client(c).is_ok() || c == "seed") =>
            {
                self.client_step(action, step.took_ms.is_some())?
            }
            action => {
                self.cluster_step(action)?;
                false
            }
        };
        played.took_ms = waited.then(|| self.now_ms() - began_ms);
        self.played[place] = played;
        Ok(())
    }

    /// A look that the harness took between two steps.
    fn look(&mut self, at: &LookAt) -> Result<(), String> {
        let (client, event) = match at {
            LookAt::Group { group } => {
                let offsets = self.group_offsets(group)?;
                (Some("admin"), Event::CommittedIs { offsets })
            }
            LookAt::Log { broker } => {
                // Of a process that ended the log was looked at when it did.
                if matches!(
                    self.world.status(node(*broker)).0,
                    Status::Up | Status::Paused
                ) {
                    self.snapshot(&Target {
                        broker: Some(*broker),
                        controller: None,
                        client: None,
                    });
                }
                return Ok(());
            }
            LookAt::HighWatermark { partition } => {
                let offset = self
                    .latest(self.cast.partition(partition)?)?
                    .map(|o| o as i64);
                (
                    None,
                    Event::HighWatermark {
                        partition: partition.clone(),
                        offset,
                    },
                )
            }
        };
        self.recorder.saw(self.now_ms(), client, event);
        Ok(())
    }

    fn cluster_step(&mut self, action: &Do) -> Result<(), String> {
        match action {
            Do::Kill(target) => {
                self.signal(target, Action::Kill)?;
                self.snapshot(target);
            }
            Do::Pause(target) => self.signal(target, Action::Pause)?,
            Do::Resume(target) => self.signal(target, Action::Resume)?,
            Do::Stop(target) => self.signal(target, Action::Stop)?,
            Do::Start(target) => {
                let node = self.node_of(target)?;
                let slower_ms = self
                    .slower_starts
                    .get(&(self.played.len() - 1))
                    .copied()
                    .unwrap_or(0);
                let at = self.world.now() + slower_ms * MS;
                self.world.schedule(at, Action::Start(node));
                self.run(0);
            }
            Do::PowerOff { broker } => self.power_off(*broker),
            Do::OsWriteBack { broker } => self.act(Action::OsWriteBack(node(*broker))),
            Do::FillDisk { broker } => self.act(Action::FillDisk(node(*broker))),
            Do::FreeDisk { broker } => self.act(Action::FreeDisk(node(*broker))),
            Do::Wipe {
                broker,
                keep_identity,
            } => {
                self.act(Action::WipeDisk {
                    broker: node(*broker),
                    keep_identity: *keep_identity,
                });
            }
            Do::Cut { between } => self.links(between, |from, to| Action::CutLink {
                from,
                to,
                both: true,
            })?,
            Do::Heal { between } => {
                self.links(between, |from, to| Action::HealLink { from, to })?
            }
            Do::Elect { partition, unclean } => {
                let partition = self.cast.partition(partition)?;
                self.act(Action::ElectLeader {
                    partition,
                    unclean: *unclean,
                });
                self.run(LOOK_US);
            }
            Do::DeleteRecords { partition, offset } => {
                let partition = self.cast.partition(partition)?;
                self.act(Action::DeleteRecords {
                    partition,
                    offset: *offset as u64,
                });
                self.run(LOOK_US);
            }
            Do::Sleep { ms, .. } => self.run(*ms as u64 * MS),
            Do::Note { .. } | Do::End => {}
            other => return Err(format!("the simulator does not know the step {other:?}")),
        }
        Ok(())
    }

    fn node_of(&self, target: &Target) -> Result<NodeId, String> {
        match (target.broker, target.controller, &target.client) {
            (Some(broker), None, None) => Ok(node(broker)),
            (None, Some(_), None) => Ok(self.cast.spec.controller_node()),
            (None, None, Some(client)) => self.cast.client(client),
            _ => Err(format!("{target:?} names no single process")),
        }
    }

    fn signal(&mut self, target: &Target, action: fn(NodeId) -> Action) -> Result<(), String> {
        let node = self.node_of(target)?;
        self.act(action(node));
        Ok(())
    }

    /// Its logs as an ended broker left them.
    fn snapshot(&mut self, target: &Target) {
        let Some(broker) = target.broker else { return };
        for (name, partition) in self.cast.partitions.clone() {
            let Some(log) = self.recorder.logs.get(&(node(broker), partition)) else {
                continue;
            };
            let records = log.iter().map(|row| row.short.clone()).collect();
            let event = Event::Log {
                broker,
                partition: name,
                records,
            };
            self.recorder.saw(self.now_ms(), None, event);
        }
    }

    fn power_off(&mut self, broker: i32) {
        let target = Target {
            broker: Some(broker),
            controller: None,
            client: None,
        };
        self.snapshot(&target);
        let before = self.recorder.logs.clone();
        self.act(Action::PowerOff(node(broker)));
        for (name, partition) in self.cast.partitions.clone() {
            let key = (node(broker), partition);
            let Some(log) = before.get(&key) else {
                continue;
            };
            let kept = self.recorder.logs.get(&key).map_or(0, Vec::len);
            let lost = log[kept.min(log.len())..].iter();
            let lost_from_disk = lost.map(|row| (row.short.0, row.short.2.clone())).collect();
            let event = Event::PowerCut {
                broker,
                partition: name,
                lost_from_disk,
            };
            self.recorder.saw(self.now_ms(), None, event);
        }
    }

    /// The same to every link between two ends; an end is a node, or `clients`.
    fn links(
        &mut self,
        between: &[Value; 2],
        action: impl Fn(NodeId, NodeId) -> Action,
    ) -> Result<(), String> {
        let [from, to] = [
            self.end_of_link(&between[0])?,
            self.end_of_link(&between[1])?,
        ];
        for &a in &from {
            for &b in &to {
                self.act(action(a, b));
            }
        }
        Ok(())
    }

    fn end_of_link(&self, end: &Value) -> Result<Vec<NodeId>, String> {
        let spec = &self.cast.spec;
        match end.as_i64() {
            Some(id) if id == i64::from(self.golden.brokers.controller) => {
                Ok(vec![spec.controller_node()])
            }
            Some(id) if self.golden.brokers.ids.contains(&(id as i32)) => Ok(vec![node(id as i32)]),
            None if end == "clients" => Ok((0..spec.clients.len())
                .map(|c| spec.client_node(c))
                .collect()),
            _ => Err(format!("{end} is no end of a link")),
        }
    }
}

fn node(broker: i32) -> NodeId {
    NodeId(broker as u8)
}

/// Internal partitions whose changes the recording watched: it has facts about them.
fn watched(golden: &Golden) -> BTreeSet<String> {
    let varied = golden.varied.iter().flat_map(|v| v.seen.iter().flatten());
    let about = golden
        .expect
        .iter()
        .chain(varied)
        .filter(|f| f.get("fact").is_some_and(|n| n == "leaders" || n == "isr"));
    about
        .filter_map(|f| f.get("partition")?.as_str().map(str::to_owned))
        .collect()
}

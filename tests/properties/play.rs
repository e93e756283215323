//! Plays a plan and watches.

use crate::plan::{Fault, Mode, Plan, Step};
use acklab::kafka::broker::ProcessState;
use acklab::kafka::metadata::PartitionState;
use acklab::kafka::{Action, Entry, Journal, Rule, Rules, TopicPartition, World, world};
use acklab::lab::experiment::{Experiment, refused};
use acklab::lab::invariants::{Breach, Invariant, Watch};
use acklab::sim::{MS, Micros, NodeId, Stamped, Status};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Faults begin when everybody is at work.
const FIRST_FAULT_US: Micros = 500 * MS;
/// How often it is looked whether all is whole again.
const LOOK_US: Micros = 50 * MS;
/// So many entries are told of what led to a breach.
const TOLD: usize = 400;
/// A follower with a good link fetches at least this often.
const FETCHES_WITHIN_US: Micros = 700 * MS;
/// How long a healed cluster may take for that.
const PATIENCE_US: Micros = 40_000 * MS;

/// What came of a plan.
pub struct Outcome {
    /// What holds whatever is done, and what is claimed for this mode: all of it must be empty.
    pub breaches: Vec<Breach>,
    /// Something acked or committed was lost where nothing is claimed.
    pub lost: bool,
    pub acked: usize,
    pub events: u64,
    /// The simulator panicked, and said so.
    pub panicked: Option<String>,
    /// Every ISR was whole again after the healing.
    pub healed: bool,
    /// What happened just before the first breach.
    pub before: Vec<String>,
    /// The same run, to be opened in the lab.
    pub experiment: Experiment,
}

impl Outcome {
    /// The first breach of this invariant, or of any.
    pub fn breach(&self, invariant: Option<Invariant>) -> Option<&Breach> {
        let mut breaches = self.breaches.iter();
        breaches.find(|breach| invariant.is_none_or(|wanted| breach.invariant == wanted))
    }
}

struct Play {
    world: World,
    journal: Journal,
    watch: Watch,
    experiment: Experiment,
}

/// Plays `plan` in a cluster that may lack one of its rules.
pub fn play(plan: &Plan, without: Option<Rule>) -> Outcome {
    let experiment = plan.experiment();
    let (mut spec, problems) = experiment.spec();
    assert!(!refused(&problems), "{problems:?}");
    if let Some(rule) = without {
        spec.rules = Rules::without(rule);
    }
    let mut journal = Journal::default();
    let watch = Watch::new(&spec);
    let world = world(spec, &mut journal);
    let mut play = Play {
        world,
        journal,
        watch,
        experiment,
    };
    let played = catch_unwind(AssertUnwindSafe(|| {
        play.run_to(FIRST_FAULT_US);
        match plan.mode {
            Mode::OneAtATime => play.one_at_a_time(&plan.steps),
            _ => play.as_they_come(plan),
        }
    }));
    play.outcome(plan, played.map_err(said))
}

fn said(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without a word").to_owned()
}

impl Play {
    fn run_to(&mut self, to_us: Micros) {
        while self.world.next_at().is_some_and(|at| at <= to_us) {
            self.world.step(&mut self.journal);
            self.watch.follow(&self.world, &self.journal);
        }
        self.world.run_until(to_us, &mut self.journal);
    }

    /// Does it now, after all that is due.
    fn act(&mut self, action: Action) {
        let now_us = self.world.now();
        self.run_to(now_us);
        let experiment = std::mem::replace(&mut self.experiment, Experiment::brokers(1));
        self.experiment = experiment.at_us(now_us, action.clone());
        self.world.schedule(now_us, action);
        self.world.step(&mut self.journal);
        self.watch.follow(&self.world, &self.journal);
    }

    fn one_at_a_time(&mut self, steps: &[Step]) -> bool {
        for step in steps {
            if !self.wait_until_whole() {
                return false;
            }
            self.run_to(self.world.now() + step.gap_ms * MS);
            let (faults, repairs) = self.actions(step, step.broker);
            faults.into_iter().for_each(|action| self.act(action));
            self.run_to(self.world.now() + step.hold_ms * MS);
            repairs.into_iter().for_each(|action| self.act(action));
        }
        self.wait_until_whole()
    }

    fn as_they_come(&mut self, plan: &Plan) -> bool {
        let mut timed: Vec<(Micros, Vec<Action>)> = Vec::new();
        let mut at_us = self.world.now();
        // The machine that fails may be any of them.
        let shift = if plan.mode == Mode::OneMachine {
            plan.luck as u8
        } else {
            0
        };
        for step in &plan.steps {
            at_us += step.gap_ms * MS;
            let (faults, repairs) = self.actions(step, step.broker.wrapping_add(shift % 4));
            timed.push((at_us, faults));
            timed.push((at_us + step.hold_ms * MS, repairs));
        }
        timed.sort_by_key(|(at_us, _)| *at_us);
        for (at_us, actions) in timed {
            self.run_to(at_us);
            actions.into_iter().for_each(|action| self.act(action));
        }
        self.wait_until_whole()
    }

    /// Lets time pass until every replica is in sync and every broker alive.
    fn wait_until_whole(&mut self) -> bool {
        let give_up_us = self.world.now() + PATIENCE_US;
        while !self.is_whole() {
            if self.world.now() >= give_up_us {
                return false;
            }
            self.revive();
            self.run_to(self.world.now() + LOOK_US);
        }
        true
    }

    /// A process that ended of its own accord (its disk was full) is started again.
    fn revive(&mut self) {
        for node in 1..self
            .experiment
            .consumer_node(self.experiment.topology.consumers)
            .0
        {
            if matches!(
                self.world.status(NodeId(node)).0,
                Status::Down | Status::Off
            ) {
                self.act(Action::Start(NodeId(node)));
            }
        }
    }

    fn is_whole(&self) -> bool {
        let cluster = &self.world.model;
        let image = cluster.controller().image();
        // A process that was started again is not counted by what the controller knows of the last one.
        let runs = |node: &NodeId| cluster.broker(*node).process_state() == ProcessState::Running;
        let mut partitions = image.partitions.iter();
        cluster.controller().is_active()
            && image.brokers.keys().all(runs)
            && image
                .brokers
                .values()
                .all(|broker| !broker.fenced && !broker.in_controlled_shutdown)
            && partitions.all(|(partition, state)| {
                state.isr.len() == state.replicas.len() && self.flows(*partition, state)
            })
    }

    /// Whether the followers fetch and have everything: an ISR can be whole in name while a link that was
    /// cut is not used again yet.
    fn flows(&self, partition: TopicPartition, state: &PartitionState) -> bool {
        let replica = state
            .leader
            .and_then(|node| self.world.model.broker(node).replica(partition));
        let Some((replica, leader)) =
            replica.and_then(|replica| Some((replica, replica.leader()?)))
        else {
            return false;
        };
        let log_end = replica.log.log_end_offset();
        let recently_us = self.world.now().saturating_sub(FETCHES_WITHIN_US);
        let mut followers = leader.followers.iter();
        leader.pending.is_none()
            && followers.all(|f| f.log_end == Some(log_end) && f.last_fetch_at >= recently_us)
    }

    /// What a step does, and what undoes it.
    fn actions(&self, step: &Step, broker: u8) -> (Vec<Action>, Vec<Action>) {
        let brokers = self.experiment.topology.brokers;
        let broker = NodeId(1 + broker % brokers);
        let controller = self.experiment.controller_node();
        let (producer, consumer) = (
            self.experiment.producer_node(0),
            self.experiment.consumer_node(0),
        );
        let peers = (1..=brokers).map(NodeId).filter(|other| *other != broker);
        let peer = |nth: u8| peers.clone().cycle().nth(usize::from(nth));
        let cut = |others: Vec<NodeId>, both: bool| {
            let cuts = others.iter().map(|to| Action::CutLink {
                from: broker,
                to: *to,
                both,
            });
            let heals = others.iter().map(|to| Action::HealLink {
                from: broker,
                to: *to,
            });
            (cuts.collect(), heals.collect())
        };
        let end_and_start = |end: Action, node| (vec![end], vec![Action::Start(node)]);
        match step.fault {
            Fault::Kill => end_and_start(Action::Kill(broker), broker),
            Fault::Stop => end_and_start(Action::Stop(broker), broker),
            Fault::PowerOff => end_and_start(Action::PowerOff(broker), broker),
            Fault::KillController => end_and_start(Action::Kill(controller), controller),
            Fault::KillProducer => end_and_start(Action::Kill(producer), producer),
            Fault::KillConsumer => end_and_start(Action::Kill(consumer), consumer),
            Fault::Pause => (vec![Action::Pause(broker)], vec![Action::Resume(broker)]),
            Fault::PauseConsumer => (
                vec![Action::Pause(consumer)],
                vec![Action::Resume(consumer)],
            ),
            Fault::CutPeer { other, both } => cut(peer(other).into_iter().collect(), both),
            Fault::CutPeers => cut(peers.collect(), true),
            Fault::CutController { both } => cut(vec![controller], both),
            Fault::CutClients => cut(vec![producer, consumer], true),
            Fault::Isolate => cut(
                peers.chain([controller, producer, consumer]).collect(),
                true,
            ),
            Fault::SlowDisk => (
                vec![Action::SlowDisk { broker, times: 50 }],
                vec![Action::SlowDisk { broker, times: 1 }],
            ),
            Fault::FullDisk => (
                vec![Action::FillDisk(broker)],
                vec![Action::FreeDisk(broker)],
            ),
            Fault::NewDisk { keep_identity } => (
                vec![
                    Action::PowerOff(broker),
                    Action::WipeDisk {
                        broker,
                        keep_identity,
                    },
                ],
                vec![Action::Start(broker)],
            ),
        }
    }

    fn outcome(mut self, plan: &Plan, played: Result<bool, String>) -> Outcome {
        if played.is_ok() {
            self.watch.at_the_end(&self.world);
        }
        let all = self.watch.breaches().to_vec();
        // Kept is claimed where min.insync.replicas is 2; __consumer_offsets may have less.
        let spec = &self.world.model.spec;
        let careful = |breach: &Breach| {
            let topic = breach
                .partition
                .map(|partition| spec.topic(partition.topic));
            topic.is_none_or(|topic| topic.config.min_insync_replicas > 1)
        };
        let entries = self.journal.entries();
        let claimed = |breach: &Breach| {
            breach.invariant != Invariant::Kept || (plan.mode.keeps() && careful(breach))
        };
        let lost = |breach: &Breach| breach.invariant == Invariant::Kept && careful(breach);
        let breaches: Vec<Breach> = all.iter().filter(|one| claimed(one)).cloned().collect();
        let shown = breaches
            .first()
            .map_or(0, |breach| breach.entry.0 as usize + 1);
        let shown = shown.min(entries.len());
        let before = entries[shown.saturating_sub(TOLD)..shown].iter();
        let told = |e: &Stamped<Entry>| format!("{} us, node {}: {:?}", e.at, e.node.0, e.what);
        let before = before.map(told).collect();
        self.experiment.horizon_us = self.world.now();
        Outcome {
            lost: !plan.mode.keeps() && all.iter().any(lost),
            before,
            breaches,
            acked: self.watch.acked(),
            events: self.world.handled(),
            healed: played == Ok(true),
            panicked: played.err(),
            experiment: self.experiment,
        }
    }
}

//! Plays a plan and watches.

use crate::plan::{Fault, Mode, Plan, Step};
use crate::whole::{Amiss, unrest, wanting};
use acklab::kafka::spec::TopicSpec;
use acklab::kafka::{Action, Entry, Journal, Rule, Rules, World, world};
use acklab::lab::experiment::{Experiment, refused};
use acklab::lab::invariants::{Breach, Invariant, Watch};
use acklab::sim::{MS, Micros, NodeId, SECOND, Stamped, Status};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Faults begin when everybody is at work.
const FIRST_FAULT_US: Micros = 500 * MS;
/// How often it is looked whether all is whole again.
const LOOK_US: Micros = 50 * MS;
/// So many entries are told of what led to a breach.
const TOLD: usize = 2_000;
/// More events than any run of a sweep has: somebody asks again and again without a pause.
const MOST_EVENTS: u64 = 1_000_000;
/// How long a whole cluster may take until the shop's outbox is empty: sends that hang end by then.
const OUTBOX_PATIENCE_US: Micros = 120_000 * MS;
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
    /// What was still amiss when nobody waited any longer after the healing.
    pub amiss: Option<String>,
    /// A partition has no leader because its replica's disk was replaced: the broker is elected only when something
    /// else happens after it has told of its new directory (golden `last-isr-member-new-disk`).
    pub waits_for_an_event: bool,
    /// What happened just before the first breach, or the end.
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
    directories: u8,
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
        directories: plan.directories,
    };
    let played = catch_unwind(AssertUnwindSafe(|| {
        play.run_to(FIRST_FAULT_US);
        match plan.mode {
            Mode::OneAtATime => play.one_at_a_time(&plan.steps),
            _ => play.as_they_come(plan),
        }
        // Where transactions' own log may have been lost, an end may be refused for ever.
        .and_then(|()| play.wait_until_none(if plan.mode.keeps() { unrest } else { wanting }))
        .map(|()| play.empty_the_outbox())
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
            let events = self.world.handled();
            assert!(
                events < MOST_EVENTS,
                "it does not come to rest: {events} events"
            );
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

    fn one_at_a_time(&mut self, steps: &[Step]) -> Result<(), Amiss> {
        for step in steps {
            self.wait_until_none(wanting)?;
            self.run_to(self.world.now() + step.gap_ms * MS);
            let (faults, repairs) = self.actions(step, step.broker);
            faults.into_iter().for_each(|action| self.act(action));
            self.run_to(self.world.now() + step.hold_ms * MS);
            repairs.into_iter().for_each(|action| self.act(action));
        }
        self.wait_until_none(wanting)
    }

    fn as_they_come(&mut self, plan: &Plan) -> Result<(), Amiss> {
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
        self.wait_until_none(wanting)
    }

    /// Lets time pass until nothing is amiss any more; not for ever.
    fn wait_until_none(&mut self, amiss: fn(&World) -> Option<Amiss>) -> Result<(), Amiss> {
        let give_up_us = self.world.now() + PATIENCE_US;
        while let Some(what) = amiss(&self.world) {
            if self.world.now() >= give_up_us {
                return Err(what);
            }
            self.revive();
            self.run_to(self.world.now() + LOOK_US);
        }
        Ok(())
    }

    /// The shop goes on until all its orders are taken and every row is sent; not for ever.
    fn empty_the_outbox(&mut self) {
        if self.world.model.spec.relay().is_none() {
            return;
        }
        let give_up_us = self.world.now() + OUTBOX_PATIENCE_US;
        loop {
            self.revive();
            self.run_to(self.world.now() + SECOND);
            let mut rows = self.world.model.business.database.rows();
            if rows.next().is_none() || self.world.now() >= give_up_us {
                break;
            }
        }
        self.watch.rows_at_the_end(&self.world);
    }

    /// A process that ended of its own accord (its disk was full) is started again.
    fn revive(&mut self) {
        for node in 1..self.world.model.spec.nodes() {
            if matches!(
                self.world.status(NodeId(node)).0,
                Status::Down | Status::Off
            ) {
                self.act(Action::Start(NodeId(node)));
            }
        }
    }

    /// What a step does, and what undoes it.
    fn actions(&self, step: &Step, broker: u8) -> (Vec<Action>, Vec<Action>) {
        let brokers = self.experiment.topology.brokers;
        let broker = NodeId(1 + broker % brokers);
        let topology = &self.experiment.topology;
        let first = self.experiment.controller_node().0;
        let controllers: Vec<NodeId> = (first..first + topology.controllers).map(NodeId).collect();
        let controller = |which: u8| NodeId(first + which % topology.controllers);
        let producer = self.experiment.producer_node(0);
        let consumer = |which: u8| self.experiment.consumer_node(which % topology.consumers);
        let relay = self.experiment.relay_node();
        let nodes = self.world.model.spec.nodes();
        let clients: Vec<NodeId> = (producer.0..nodes).map(NodeId).collect();
        let peers = (1..=brokers).map(NodeId).filter(|other| *other != broker);
        let peer = |nth: u8| peers.clone().cycle().nth(usize::from(nth));
        let cut_off = |from: NodeId, others: Vec<NodeId>, both: bool| {
            let cuts = others.iter().map(|to| Action::CutLink {
                from,
                to: *to,
                both,
            });
            let heals = others.iter().map(|to| Action::HealLink { from, to: *to });
            (cuts.collect(), heals.collect())
        };
        let cut = |others, both| cut_off(broker, others, both);
        let pause = |node| (vec![Action::Pause(node)], vec![Action::Resume(node)]);
        let end_and_start = |end: Action, node| (vec![end], vec![Action::Start(node)]);
        match step.fault {
            Fault::Kill => end_and_start(Action::Kill(broker), broker),
            Fault::Stop => end_and_start(Action::Stop(broker), broker),
            Fault::PowerOff => end_and_start(Action::PowerOff(broker), broker),
            Fault::KillController(which) => {
                end_and_start(Action::Kill(controller(which)), controller(which))
            }
            Fault::PowerOffController(which) => {
                end_and_start(Action::PowerOff(controller(which)), controller(which))
            }
            Fault::StopController(which) => {
                end_and_start(Action::Stop(controller(which)), controller(which))
            }
            Fault::PauseController(which) => pause(controller(which)),
            Fault::KillProducer => end_and_start(Action::Kill(producer), producer),
            Fault::KillConsumer(which) => {
                end_and_start(Action::Kill(consumer(which)), consumer(which))
            }
            Fault::StopConsumer(which) => {
                end_and_start(Action::Stop(consumer(which)), consumer(which))
            }
            Fault::KillRelay => end_and_start(Action::Kill(relay), relay),
            Fault::PauseRelay => pause(relay),
            Fault::PressDesk => {
                let press = Action::Resend { rows: Vec::new() };
                (vec![press.clone(), press], Vec::new())
            }
            Fault::Pause => pause(broker),
            Fault::PauseProducer => pause(producer),
            Fault::PauseConsumer(which) => pause(consumer(which)),
            Fault::CutPeer { other, both } => cut(peer(other).into_iter().collect(), both),
            Fault::CutPeers => cut(peers.collect(), true),
            Fault::CutController { which: 3.., both } => cut(controllers, both),
            Fault::CutController { which, both } => cut(vec![controller(which)], both),
            Fault::CutVoter { which, both } => {
                let mut others = controllers;
                others.retain(|other| *other != controller(which));
                cut_off(controller(which), others, both)
            }
            Fault::CutClients => cut(clients, true),
            Fault::Isolate => cut(peers.chain(controllers).chain(clients).collect(), true),
            Fault::SlowDisk => (
                vec![Action::SlowDisk { broker, times: 50 }],
                vec![Action::SlowDisk { broker, times: 1 }],
            ),
            Fault::FullDisk if self.directories > 1 => (
                vec![Action::FailDirectory {
                    broker,
                    directory: (step.hold_ms % u64::from(self.directories)) as u8,
                }],
                vec![
                    Action::Kill(broker),
                    Action::WipeDisk {
                        broker,
                        keep_identity: false,
                    },
                    Action::Start(broker),
                ],
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

    fn outcome(mut self, plan: &Plan, played: Result<Result<(), Amiss>, String>) -> Outcome {
        let (amiss, panicked) = match played {
            Ok(healed) => (healed.err(), None),
            Err(panicked) => (None, Some(panicked)),
        };
        let new_disk = Fault::NewDisk {
            keep_identity: false,
        };
        let leaderless = amiss.as_ref().is_some_and(|amiss| amiss.leaderless);
        let replaced = |step: &Step| {
            step.fault == new_disk || (plan.directories > 1 && step.fault == Fault::FullDisk)
        };
        let waits_for_an_event = leaderless && plan.steps.iter().any(replaced);
        if panicked.is_none() {
            self.watch.at_the_end(&self.world);
        }
        let all = self.watch.breaches().to_vec();
        // Kept is claimed where min.insync.replicas is 2; __consumer_offsets may have less.
        let spec = &self.world.model.spec;
        let is_careful = |topic: &TopicSpec| topic.config.min_insync_replicas > 1;
        let careful = |breach: &Breach| {
            let topic = breach
                .partition
                .map(|partition| spec.topic(partition.topic));
            topic.is_none_or(is_careful)
        };
        let entries = self.journal.entries();
        let claimed = |breach: &Breach| {
            let kept = match breach.invariant {
                // It needs committed offsets that are not lost.
                Invariant::ExactlyOnce => spec.topics.iter().all(is_careful),
                invariant => !invariant.is_conditional() || careful(breach),
            };
            kept && (plan.mode.keeps() || !breach.invariant.is_conditional())
        };
        let lost = |breach: &Breach| breach.invariant == Invariant::Kept && careful(breach);
        let breaches: Vec<Breach> = all.iter().filter(|one| claimed(one)).cloned().collect();
        let shown = breaches
            .first()
            .map_or(entries.len(), |breach| breach.entry.0 as usize + 1);
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
            waits_for_an_event,
            amiss: amiss
                .filter(|_| !waits_for_an_event)
                .map(|amiss| amiss.what),
            panicked,
            experiment: self.experiment,
        }
    }
}

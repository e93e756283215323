//! Many plans, on all cores; what they break is shrunk and shown with the command that plays it again.

use crate::options::Options;
use crate::plan::{Mode, Plan, plans, shops};
use crate::play::{Outcome, play};
use acklab::lab::invariants::Invariant;
use acklab::lab::{lessons, share};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Seeds that a thread takes at a time.
const CHUNK: u64 = 50;
/// Progress is told this often, in schedules.
const PROGRESS: u64 = 20_000;

/// Seeds from here on have a shop.
pub const SHOPS: u64 = 1 << 32;

/// Seeds that found something wrong once.
const KEPT: [u64; 8] = [
    // What a cut link had held back overtook other bytes of the same connection, which was closed meanwhile.
    35_330,
    // A follower took a refusal of its last leader epoch for one of the present, and fetched no more.
    4_367,
    // Two timers became four and four became eight while a marker had no leader to go to.
    19_738,
    // A request of a dead process reached a controller that had been off all the time.
    24_484,
    // After a power cut the checkpoint of the high watermark was ahead of the log: a new leader showed more than was committed.
    1_134_919,
    // A new leader that knew nothing of a producer took a later sequence first; what was in flight came twice, under the
    // next epoch, as with Kafka.
    1_511_243, 2_109_987,
    // A controller that was elected just now did not know yet who was in the ISR.
    2_179_122,
];

/// What was wrong once and is wrong again.
pub fn kept(options: &Options) -> Vec<String> {
    let again = |seed: &u64| {
        let outcome = play(&tree(*seed).current(), None);
        let amiss = || format!("seed {seed}: {:?} {:?}", outcome.amiss, outcome.panicked);
        match outcome.breach(None) {
            Some(breach) => Some(shrunk(*seed, breach.invariant, options)),
            None => (outcome.amiss.is_some() || outcome.panicked.is_some()).then(amiss),
        }
    };
    KEPT.iter().filter_map(again).collect()
}

/// What a sweep came to.
#[derive(Default)]
pub struct Swept {
    pub schedules: u64,
    pub events: u64,
    pub acked: u64,
    /// Schedules that lost something where nothing is claimed, by mode.
    pub lost: Vec<(Mode, u64)>,
    /// Schedules whose cluster was not whole again in time.
    pub unhealed: Vec<(u64, String)>,
    /// Schedules that ended with a partition that waits for another event, as in Kafka.
    pub waiting: u64,
    /// Seeds that broke something, with the first invariant they broke.
    pub broken: Vec<(u64, Invariant)>,
    /// Seeds that made the simulator panic, and what it said.
    pub panics: Vec<(u64, String)>,
}

/// The plan of a seed, still able to shrink.
pub fn tree(seed: u64) -> Box<dyn ValueTree<Value = Plan>> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let luck = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), luck);
    let plans = if seed < SHOPS { plans } else { shops };
    let tree = plans(Mode::of(seed)).new_tree(&mut runner);
    Box::new(tree.expect("these strategies reject nothing"))
}

/// Plays the schedules that are asked for.
pub fn sweep(options: &Options) -> Swept {
    let next = AtomicU64::new(options.seed);
    let end = options.seed + options.count;
    let swept = Mutex::new(Swept::default());
    std::thread::scope(|threads| {
        for _ in 0..options.jobs {
            threads.spawn(|| {
                loop {
                    let first = next.fetch_add(CHUNK, Ordering::Relaxed);
                    if first >= end {
                        return;
                    }
                    let mut part = Swept::default();
                    for seed in first..end.min(first + CHUNK) {
                        let outcome = play(&tree(seed).current(), options.without);
                        part.count(seed, &outcome, options.property);
                    }
                    let mut all = swept.lock().expect("no thread panics while it counts");
                    all.add(part);
                    if options.progress && all.schedules % PROGRESS == 0 {
                        eprintln!("{all}");
                    }
                }
            });
        }
    });
    let mut swept = swept.into_inner().expect("all threads have ended");
    swept.broken.sort_unstable();
    swept.unhealed.sort_unstable();
    swept
}

impl Swept {
    fn count(&mut self, seed: u64, outcome: &Outcome, property: Option<Invariant>) {
        self.schedules += 1;
        self.events += outcome.events;
        self.acked += outcome.acked as u64;
        if outcome.lost {
            self.lost.push((Mode::of(seed), 1));
        }
        self.waiting += u64::from(outcome.waits_for_an_event);
        if let Some(amiss) = &outcome.amiss {
            self.unhealed.push((seed, amiss.clone()));
        }
        if let Some(breach) = outcome.breach(property) {
            self.broken.push((seed, breach.invariant));
        } else if let Some(said) = &outcome.panicked {
            self.panics.push((seed, said.clone()));
        }
    }

    fn add(&mut self, other: Swept) {
        self.schedules += other.schedules;
        self.events += other.events;
        self.acked += other.acked;
        self.unhealed.extend(other.unhealed);
        self.waiting += other.waiting;
        self.broken.extend(other.broken);
        self.panics.extend(other.panics);
        for (mode, count) in other.lost {
            match self.lost.iter_mut().find(|(known, _)| *known == mode) {
                Some((_, sum)) => *sum += count,
                None => self.lost.push((mode, count)),
            }
        }
    }

    fn lost_in(&self, mode: Mode) -> u64 {
        let found = self.lost.iter().find(|(known, _)| *known == mode);
        found.map_or(0, |(_, count)| *count)
    }

    /// What is wrong with it, each breach shrunk and with the way to play it again.
    pub fn complaints(&self, options: &Options) -> Vec<String> {
        let shown = self.broken.iter().take(options.show);
        let mut complaints: Vec<String> = shown
            .map(|(seed, invariant)| shrunk(*seed, *invariant, options))
            .collect();
        let panics = self.panics.iter().take(options.show);
        complaints.extend(panics.map(|(seed, said)| format!("seed {seed} panicked: {said}")));
        if self.broken.len() > complaints.len() {
            let seeds = self
                .broken
                .iter()
                .take(20)
                .map(|(seed, _)| seed.to_string());
            let seeds: Vec<_> = seeds.collect();
            complaints.push(format!(
                "{} in all: seeds {}",
                self.broken.len(),
                seeds.join(" ")
            ));
        }
        if options.journal && options.count == 1 && self.broken.is_empty() {
            let plan = tree(options.seed).current();
            let outcome = play(&plan, options.without);
            outcome
                .before
                .iter()
                .for_each(|entry| println!("  {entry}"));
            println!("{plan:?}");
        }
        let unhealed = self.unhealed.iter().take(20 * options.show);
        complaints.extend(
            unhealed.map(|(seed, amiss)| format!("seed {seed} is not whole in time: {amiss}")),
        );
        // Two faults at once can lose even so; a sweep that never sees it would see nothing else either.
        if options.whole && self.lost_in(Mode::Together) == 0 {
            complaints.push("no schedule of faults at once has lost an acked record".into());
        }
        complaints
    }
}

impl fmt::Display for Swept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} schedules, {} events, {} acks: {} broke an invariant; {} of faults at once and {} with any \
             configs lost what was acked or committed; {} were not whole in time, {} waited for an event after a new disk",
            self.schedules,
            self.events,
            self.acked,
            self.broken.len(),
            self.lost_in(Mode::Together),
            self.lost_in(Mode::Anything),
            self.unhealed.len(),
            self.waiting,
        )
    }
}

/// The smallest plan that proptest finds which still breaks `invariant`.
fn shrunk(seed: u64, invariant: Invariant, options: &Options) -> String {
    let without = options.without;
    let mut tree = tree(seed);
    let mut smallest = (tree.current(), play(&tree.current(), without));
    let mut goes_on = tree.simplify();
    for _ in 0..2_000 {
        if !goes_on {
            break;
        }
        let plan = tree.current();
        let outcome = play(&plan, without);
        goes_on = match outcome.breach(Some(invariant)) {
            Some(_) => {
                smallest = (plan, outcome);
                tree.simplify()
            }
            None => tree.complicate(),
        };
    }
    let (plan, outcome) = smallest;
    if options.journal {
        outcome
            .before
            .iter()
            .for_each(|entry| println!("  {entry}"));
    }
    let what = outcome
        .breach(Some(invariant))
        .map_or("", |breach| &breach.what);
    let rule = without.map_or(String::new(), |rule| format!(" --without {rule:?}"));
    let lesson = lessons::all().next().expect("there are lessons");
    let link = share::write(&lesson, &outcome.experiment, 0);
    format!(
        "{invariant:?}: {what}\n  again: cargo xtask sweep --seed {seed} --count 1{rule}\n  smallest: {plan:?}\n  \
         in the lab: #{link}"
    )
}

//! The smallest change that turns red verdicts green: everything that is known to protect at once, then less and less of it,
//! as long as no schedule that lost something loses again. Each step is one run.

use super::account::Account;
use super::class::Class;
use super::verdict::{Harm, Word};
use crate::kafka::config::Owner::{self, Broker, Consumer, Producer, Topic};
use crate::kafka::config::{Configs, Overrides};
use crate::lab::experiment::{Experiment, refused};
use crate::lab::hunt::Spell;
use crate::lab::what_if::current;

/// How many copies, as a turn names it: a number of the topology, not a config.
pub const COPIES: &str = "replication.factor";

/// One config that is turned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Whose.
    pub owner: Owner,
    /// Which.
    pub name: &'static str,
    /// To what.
    pub value: &'static str,
}

/// What protects, in the order in which it is kept: the last is given up first. A number is only ever raised.
const PROTECTS: [(Owner, &str, &str, Only); 15] = [
    (Producer, "acks", "all", Only::Differs),
    (
        Broker,
        "unclean.leader.election.enable",
        "false",
        Only::Written,
    ),
    (
        Topic,
        "unclean.leader.election.enable",
        "false",
        Only::Written,
    ),
    (Broker, COPIES, "3", Only::Below),
    (Topic, "min.insync.replicas", "2", Only::Below),
    (Producer, "enable.idempotence", "true", Only::Differs),
    (Consumer, "enable.auto.commit", "false", Only::Written),
    (Consumer, "auto.offset.reset", "earliest", Only::Differs),
    (Producer, "retries", "2147483647", Only::Below),
    (Producer, "delivery.timeout.ms", "120000", Only::Below),
    (Producer, "max.block.ms", "60000", Only::Below),
    (Broker, "offsets.topic.replication.factor", "3", Only::Below),
    (
        Broker,
        "transaction.state.log.replication.factor",
        "3",
        Only::Below,
    ),
    (Broker, "controlled.shutdown.enable", "true", Only::Differs),
    (
        Broker,
        "eligible.leader.replicas.version",
        "1",
        Only::Differs,
    ),
];

/// What helps where that does not, at a price or in the application's code.
pub const EXTRA: [&[Turn]; 3] = [
    &[Turn {
        owner: Owner::Application,
        name: "handler.idempotent",
        value: "true",
    }],
    &[Turn {
        owner: Topic,
        name: "flush.messages",
        value: "1",
    }],
    &[
        Turn {
            owner: Topic,
            name: "flush.messages",
            value: "1",
        },
        Turn {
            owner: Owner::Application,
            name: "handler.idempotent",
            value: "true",
        },
    ],
];

/// When something is worth a try.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Only {
    /// It is another value.
    Differs,
    /// It is written, with another value.
    Written,
    /// It is a lower number.
    Below,
}

/// Everything that could protect `experiment` and is not so yet.
fn candidates(account: &Account, experiment: &Experiment) -> Vec<Turn> {
    let (configs, _) = Configs::build(&experiment.configs);
    let topology = &experiment.topology;
    let worth = |(owner, name, value, only): &(Owner, &'static str, &'static str, Only)| {
        let now = match *name {
            COPIES if topology.brokers < 3 => return None,
            COPIES => topology.replication_factor.to_string(),
            name => current(&configs, *owner, name)?,
        };
        let is_written = account.overrides.get(*owner, name).is_some();
        let worth = match only {
            Only::Differs => now != *value,
            Only::Written => is_written && now != *value,
            Only::Below => now.parse::<u64>().ok() < value.parse::<u64>().ok(),
        };
        // A topic that nobody described takes what its broker says.
        let of_broker = *name == "min.insync.replicas"
            && !account.says(Topic)
            && account.facts.described.is_empty();
        let owner = if of_broker && account.facts.has_server {
            Broker
        } else {
            *owner
        };
        worth.then_some(Turn { owner, name, value })
    };
    PROTECTS.iter().filter_map(worth).collect()
}

/// `experiment` with all of `turns`, `None` where Kafka refuses them together.
pub fn turned<'a>(
    experiment: &Experiment,
    turns: impl Iterator<Item = &'a Turn>,
) -> Option<Experiment> {
    let mut changed = experiment.clone();
    for turn in turns {
        if turn.name == COPIES {
            changed.topology.replication_factor = turn.value.parse().ok()?;
            changed.topology.replicas.clear();
            continue;
        }
        set(&mut changed.configs, turn.owner, turn.name, turn.value);
        if turn.name == "enable.auto.commit" {
            changed
                .configs
                .set(Owner::Application, "commit.mode", "sync-after");
        }
        if turn.name == "enable.idempotence" {
            let in_flight = "max.in.flight.requests.per.connection";
            let most = changed.configs.get(Producer, in_flight);
            if most
                .and_then(|n| n.parse::<u64>().ok())
                .is_some_and(|n| n > 5)
            {
                changed.configs.set(Producer, in_flight, "5");
            }
        }
    }
    let (_, problems) = changed.spec();
    (!refused(&problems)).then_some(changed)
}

fn set(configs: &mut Overrides, owner: Owner, name: &str, value: &str) {
    // A topic's own value stands above its broker's.
    if owner == Broker && configs.get(Topic, name).is_some() {
        configs.unset(Topic, name);
    }
    configs.set(owner, name, value);
}

/// A schedule that loses something, on its stage.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// What it is evidence of.
    pub class: Class,
    /// What is played, without faults.
    pub stage: Experiment,
    /// The faults.
    pub spells: Vec<Spell>,
    /// What happens there without faults.
    pub calm: Harm,
    /// What is said of it: mended is what is better than this.
    pub was: Word,
}

/// The search under way.
#[derive(Clone, Debug)]
pub struct Search {
    evidence: Vec<Evidence>,
    all: Vec<Turn>,
    /// Which of them are kept.
    kept: Vec<bool>,
    /// Which evidence all of them together mend; known once all was played.
    mended: Vec<bool>,
    /// What all of them together make of each.
    best: Vec<Word>,
    /// The candidate that is left out for a try; `None` while all are tried.
    without: Option<usize>,
    /// The evidence to be played next.
    next: usize,
}

impl Search {
    /// Gets ready to search in `experiment`.
    pub fn new(account: &Account, experiment: &Experiment, evidence: Vec<Evidence>) -> Search {
        let all = candidates(account, experiment);
        Search {
            kept: vec![true; all.len()],
            mended: vec![false; evidence.len()],
            best: vec![Word::Lost; evidence.len()],
            evidence,
            all,
            without: None,
            next: 0,
        }
    }

    /// The same search with more evidence, from its beginning.
    pub fn with_more(&self, mut more: Vec<Evidence>) -> Search {
        let mut again = self.clone();
        again.evidence.append(&mut more);
        again.kept = vec![true; again.all.len()];
        again.mended = vec![false; again.evidence.len()];
        again.best = vec![Word::Lost; again.evidence.len()];
        (again.without, again.next) = (None, 0);
        again
    }

    /// What is to be turned.
    pub fn turns(&self) -> Vec<Turn> {
        match self.mended.contains(&true) {
            true => self.chosen(None).cloned().collect(),
            false => Vec::new(),
        }
    }

    /// Whether some schedule of this class is mended.
    pub fn mends_some(&self, class: Class) -> bool {
        let mut all = self.evidence.iter().zip(&self.mended);
        all.any(|(evidence, mended)| *mended && evidence.class == class)
    }

    fn chosen(&self, without: Option<usize>) -> impl Iterator<Item = &Turn> {
        let all = self.all.iter().enumerate();
        all.filter(move |(place, _)| self.kept[*place] && Some(*place) != without)
            .map(|(_, turn)| turn)
    }

    /// Plays one run. Returns whether there is more to play.
    pub fn step(&mut self) -> bool {
        if self.evidence.is_empty() || self.all.is_empty() {
            return false;
        }
        let Some(evidence) = self.evidence.get(self.next) else {
            return self.conclude(true);
        };
        let asked = self.without.is_none() || self.mended[self.next];
        let word = asked.then(|| {
            let changed = turned(&evidence.stage, self.chosen(self.without));
            let harm =
                |changed: Experiment| Harm::of(&changed, &evidence.spells).beyond(evidence.calm);
            changed.map_or(Word::Lost, |changed| harm(changed).word())
        });
        // Mended is what is better than it was, and as good as with everything.
        let most = self.best[self.next].max(Word::NeverAcked);
        let red = word
            .is_some_and(|word| word >= evidence.was || (self.without.is_some() && word > most));
        if self.without.is_none() {
            self.mended[self.next] = !red;
            self.best[self.next] = word.unwrap_or(Word::Lost);
        }
        self.next += 1;
        match red && self.without.is_some() {
            true => self.conclude(false),
            false => true,
        }
    }

    /// All evidence was played, or enough of it: goes on with one less.
    fn conclude(&mut self, holds: bool) -> bool {
        if let Some(place) = self.without
            && holds
        {
            self.kept[place] = false;
        }
        self.next = 0;
        let before = self.without.unwrap_or(self.all.len());
        self.without = before.checked_sub(1);
        self.without.is_some() && self.mended.contains(&true)
    }
}

//! What the journal says about the state of everything at one moment: nodes, partitions, logs, messages.
//!
//! A history is the fold of the journal's entries up to a moment. It goes forward entry by entry; to go back it
//! starts anew. It looks into nothing but the journal.

mod apply;
mod clients;
mod copies;
mod diverged;
mod letters;
mod logs;
mod loss;
mod machines;
mod nodes;
mod orders;
mod outputs;
mod owners;
mod partitions;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod torn;
mod transactions;

use crate::sim::order::{Map, Set};

pub use letters::Letters;
pub use logs::{LogMirror, Slot};
pub use nodes::{NodeState, Standing};
pub use outputs::Outputs;
pub(crate) use outputs::{is_elsewhere, partition_of};
pub use partitions::Part;

use super::experiment::Experiment;
use super::ledger::{Bound, Fate, Ledger, Life, Order, Place, Told};
use super::moments::Moment;
use crate::kafka::config::{Acks, OrderStore};
use crate::kafka::spec::ClientKind;
use crate::kafka::{ClusterSpec, Journal, MessageId, Role, TopicPartition};
use crate::sim::journal::EntryId;
use crate::sim::{Micros, NodeId};

/// The state of everything, as the journal tells it.
#[derive(Clone, Debug)]
pub struct History {
    /// How many entries it has seen.
    seen: u32,
    /// The time of the last entry seen, in microseconds.
    now_us: Micros,
    /// Every node, by number.
    pub nodes: Vec<NodeState>,
    /// Every partition of the topic.
    pub parts: Map<TopicPartition, Part>,
    /// Every replica's log.
    pub logs: Map<(TopicPartition, NodeId), LogMirror>,
    /// Every message.
    pub ledger: Ledger,
    /// What may be told, in order.
    pub moments: Vec<Moment>,
    /// There is somebody to consume what is written.
    pub consumed: bool,
    /// Links that are cut, lossy or slow.
    pub disturbed: Set<(NodeId, NodeId)>,
    /// First effects on the business that came after that of a later message: the entry, the message, the later one.
    pub reordered: Vec<(EntryId, MessageId, MessageId)>,
    /// The latest message whose effect was seen, by partition and producer.
    last_effect: Map<(TopicPartition, u32), MessageId>,
    /// Which node sends the messages of a producer.
    senders: Map<u32, NodeId>,
    /// What producers have sent in their open transactions, as far as they know.
    bound: Map<NodeId, Vec<MessageId>>,
    /// What applications have written for what they read.
    pub outputs: Outputs,
    /// What they have put aside.
    pub letters: Letters,
    /// How orders come to be, and whether the application sends again what failed.
    store: OrderStore,
    resends: bool,
    /// What rang the alarm, while it rings.
    pub alarm: Option<EntryId>,
    /// Every partition had an owner once.
    all_owned: bool,
    /// Since then some have none.
    unowned: Option<owners::Gap>,
    /// For producers: whether they run with acks=0; by node.
    acks0: Vec<Option<bool>>,
}

impl History {
    /// The state before anything happened.
    pub fn new(experiment: &Experiment) -> Self {
        Self::of(experiment, &experiment.spec().0)
    }

    /// The same for a run of `experiment`, whose cluster is known.
    pub fn of(experiment: &Experiment, spec: &ClusterSpec) -> Self {
        let mut parts = Map::new();
        let mut logs = Map::new();
        let (store, resends) = orders_of(spec);
        let topic = super::experiment::TOPIC;
        for partition in spec.partitions().filter(|p| p.topic == topic) {
            let replicas = &spec.topic(topic).assignment[usize::from(partition.partition)];
            for node in replicas {
                logs.insert((partition, *node), LogMirror::default());
            }
            parts.insert(
                partition,
                Part::new(replicas, spec.effective_min_isr(partition)),
            );
        }
        History {
            seen: 0,
            now_us: 0,
            nodes: vec![NodeState::default(); spec.nodes().into()],
            parts,
            logs,
            ledger: Ledger::default(),
            moments: Vec::new(),
            consumed: experiment.topology.consumers > 0,
            disturbed: Set::new(),
            reordered: Vec::new(),
            last_effect: Map::new(),
            senders: Map::new(),
            bound: Map::new(),
            outputs: Outputs::new(spec),
            letters: Letters::new(spec),
            store,
            resends,
            alarm: None,
            all_owned: false,
            unowned: None,
            acks0: acks0(spec),
        }
    }

    /// Goes on to the journal's entry number `until` (exclusive). Never back.
    pub fn follow(&mut self, journal: &Journal, until: u32) {
        let entries = journal.entries();
        while self.seen < until.min(entries.len() as u32) {
            let id = EntryId(self.seen);
            self.apply(id, &entries[self.seen as usize]);
            self.seen += 1;
        }
    }

    /// How many entries it has seen.
    pub fn seen(&self) -> u32 {
        self.seen
    }

    /// The replica that leads a partition now, with its log.
    pub fn leader_log(&self, partition: TopicPartition) -> Option<(NodeId, &LogMirror)> {
        let leader = self.parts.get(&partition)?.leader?;
        Some((leader, self.logs.get(&(partition, leader))?))
    }

    /// What has become of a message so far.
    pub fn fate_of(&self, message: MessageId) -> Fate {
        self.ledger
            .get(message)
            .map_or(Fate::NotSent, |life| self.fate(life))
    }

    /// What has become of this life so far.
    pub fn fate(&self, life: &Life) -> Fate {
        if matches!(life.order, Order::Never(_))
            && (life.processed > 0 || life.living_place().is_some())
        {
            return Fate::Phantom;
        }
        if life.is_set_aside() {
            return Fate::SetAside;
        }
        let Some(part) = life
            .partition
            .and_then(|partition| self.parts.get(&partition))
        else {
            return self.unwritten(life);
        };
        let led = |place: &&Place| part.leader.is_some_and(|leader| place.holders.has(leader));
        let seen = |place: &&Place| self.counts(part, life, place) == Some(true);
        let copies = life.places.iter().filter(led).filter(seen).count();
        // A copy that its reader ignores has no effect.
        if life.processed > 1 || copies > 1 + usize::from(life.ignored) {
            return Fate::Twice;
        }
        let mut all_led = life.places.iter().filter(led);
        if let Some(place) = all_led.clone().find(seen).or_else(|| all_led.next_back()) {
            return self.kept(life, part, place);
        }
        if let Some((_, unread)) = life.deleted {
            return deleted(life, part, unread);
        }
        match life.living_place() {
            Some(place) if part.leader.is_none() => self.kept(life, part, place),
            Some(_) => elsewhere(life),
            None => self.unwritten(life),
        }
    }

    /// The leader has it, or nobody leads and somebody has it.
    fn kept(&self, life: &Life, part: &Part, place: &Place) -> Fate {
        let committed = place.offset < part.high_watermark;
        let everywhere = committed || (place.holders.covers(part.isr) && !part.isr.is_empty());
        match life.told {
            _ if life.processed > 0 => done(life, part),
            _ if life.is_worked_on() => Fate::Visible,
            _ if self.counts(part, life, place).is_none() => Fate::Open,
            _ if self.counts(part, life, place) == Some(false) => Fate::Aborted,
            _ if part.passed > place.offset => Fate::Skipped,
            Told::Failed(_) if !committed => Fate::InDoubt,
            _ if committed => Fate::Committed,
            Told::Acked(_) | Told::Believed(_) if everywhere => Fate::Committed,
            Told::Acked(_) | Told::Believed(_) => Fate::OneCopy,
            _ if self.on_a_disk(life, place) => Fate::OnDisk,
            _ => Fate::Written,
        }
    }

    /// No log has it.
    fn unwritten(&self, life: &Life) -> Fate {
        if life.processed > 1 {
            return Fate::Twice;
        }
        orders::stored_only(life, self.resends).unwrap_or_else(|| unwritten(life))
    }

    fn on_a_disk(&self, life: &Life, place: &Place) -> bool {
        let Some(partition) = life.partition else {
            return false;
        };
        place.holders.iter().any(|node| {
            self.logs
                .get(&(partition, node))
                .is_some_and(|log| log.flushed > place.offset)
        })
    }
}

/// For each node that is a producer: whether it runs with acks=0.
fn acks0(spec: &ClusterSpec) -> Vec<Option<bool>> {
    let of = |node| match spec.role(NodeId(node)) {
        Role::Client(place) => match &spec.clients[place].kind {
            ClientKind::Producer { config, .. } => Some(config.acks == Acks::None),
            ClientKind::Consumer { .. } => None,
        },
        _ => None,
    };
    (0..spec.nodes()).map(of).collect()
}

/// How the applications go about orders, and whether they send again what failed.
fn orders_of(spec: &ClusterSpec) -> (OrderStore, bool) {
    let app = spec.clients.iter().find_map(|client| match &client.kind {
        ClientKind::Producer { work, .. } => work.as_ref().map(|work| &work.app),
        ClientKind::Consumer { .. } => None,
    });
    app.map_or((OrderStore::None, false), |app| {
        (app.order_store, app.resend_on_failure)
    })
}

fn done(life: &Life, part: &Part) -> Fate {
    let offset = life.places.last().map_or(0, |place| place.offset);
    if part.committed > offset {
        Fate::Finished
    } else {
        Fate::Processed
    }
}

/// The leader's log starts behind it.
fn deleted(life: &Life, part: &Part, unread: bool) -> Fate {
    match life.told {
        _ if life.processed > 0 => done(life, part),
        _ if life.is_worked_on() => Fate::Visible,
        Told::Acked(_) | Told::Believed(_) if unread => Fate::Expired,
        // It was read before, and not worked on.
        Told::Acked(_) | Told::Believed(_) if life.polled.is_some() => Fate::Skipped,
        _ => Fate::Deleted,
    }
}

/// Only logs have it that the leader does not follow.
fn elsewhere(life: &Life) -> Fate {
    match life.told {
        Told::Acked(_) if transactions::unpromised(life).is_some() => Fate::InDoubt,
        Told::Acked(_) | Told::Believed(_) => Fate::Doomed,
        Told::Failed(_) => Fate::InDoubt,
        Told::Nothing => Fate::InFlight,
    }
}

/// No log has it.
fn unwritten(life: &Life) -> Fate {
    let was_written = life.last_cut().is_some();
    if let Some(fate) = transactions::unpromised(life) {
        return fate;
    }
    match life.told {
        Told::Acked(_) => Fate::Lost,
        Told::Believed(_) if was_written || life.died_with.is_some() => Fate::Lost,
        Told::Failed(_) => Fate::Failed,
        _ if life.died_with.is_some() => Fate::Failed,
        _ if life.sent.is_some() => Fate::InFlight,
        _ => Fate::Buffered,
    }
}

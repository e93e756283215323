//! Transactions: what the application was promised, and what the logs say.

use super::apply::Here;
use super::{Bound, Fate, History, Life, Part, Place, Told};
use crate::kafka::{MessageId, Offset, TopicPartition};
use crate::sim::NodeId;

impl History {
    /// A producer's transaction begins.
    pub(super) fn transaction_began(&mut self, node: NodeId) {
        self.bound.insert(node, Vec::new());
    }

    /// A message was handed over while its producer is in a transaction.
    pub(super) fn bind(&mut self, node: NodeId, message: MessageId) {
        let Some(open) = self.bound.get_mut(&node) else {
            return;
        };
        open.push(message);
        if let Some(life) = self.ledger.get_mut(message) {
            life.bound = Bound::Open;
        }
    }

    /// The producer heard how its transaction ended.
    pub(super) fn transaction_ended(&mut self, here: Here, commit: bool) {
        let messages = self.bound.remove(&here.node).unwrap_or_default();
        for message in &messages {
            if let Some(life) = self.ledger.get_mut(*message) {
                life.bound = match commit {
                    true => Bound::Committed,
                    false => Bound::Aborted,
                };
            }
        }
        self.find_lost(here, &messages);
    }

    /// The producer's process is gone, and will never end what it had begun.
    pub(super) fn transaction_orphaned(&mut self, here: Here) -> Vec<MessageId> {
        let messages = self.bound.remove(&here.node).unwrap_or_default();
        for message in &messages {
            if let Some(life) = self.ledger.get_mut(*message) {
                life.died_with = Some(here.id);
            }
        }
        messages
    }

    /// A log has the end of a transaction: what came before it in the partition may count now.
    pub(super) fn transaction_marked(
        &mut self,
        here: Here,
        partition: TopicPartition,
        marker: Offset,
        producer_id: u64,
    ) {
        let Some(log) = self.logs.get(&(partition, here.node)) else {
            return;
        };
        let since = log.last_marker_before(marker, producer_id);
        let slots = (since..marker).filter_map(|offset| log.at(offset));
        let messages: Vec<MessageId> = slots.map(|slot| slot.message).collect();
        self.find_lost(here, &messages);
    }

    /// Whether the place counts for whoever reads committed records: `None` while its transaction is open.
    pub fn counts(&self, part: &Part, life: &Life, place: &Place) -> Option<bool> {
        let Some(producer_id) = place.transaction else {
            return Some(true);
        };
        let partition = life.partition?;
        let of_leader = part.leader.filter(|leader| place.holders.has(*leader));
        let holder = of_leader.or_else(|| place.holders.iter().next())?;
        let log = self.logs.get(&(partition, holder))?;
        log.ended(place.offset, producer_id)
    }

    /// Whether the leader has it, and not as part of an aborted transaction.
    pub fn stays(&self, life: &Life) -> bool {
        let part = life.partition.and_then(|p| self.parts.get(&p));
        let Some((part, leader)) = part.and_then(|part| Some((part, part.leader?))) else {
            return false;
        };
        let mut places = life.places.iter().filter(|place| place.holders.has(leader));
        places.any(|place| self.counts(part, life, place) != Some(false))
    }

    /// The oldest message of an open transaction before `offset`: what a read_committed reader stands before.
    pub fn hidden_behind(&self, partition: TopicPartition, offset: Offset) -> Option<MessageId> {
        let (_, log) = self.leader_log(partition)?;
        let open = |(at, message): &(Offset, MessageId)| {
            let life = self.ledger.get(*message);
            let place = life.and_then(|life| life.places.iter().find(|p| p.offset == *at));
            let producer_id = place.and_then(|place| place.transaction);
            producer_id.is_some_and(|id| log.ended(*at, id).is_none())
        };
        let before = log.messages().map(|(at, slot)| (at, slot.message));
        let mut before = before.take_while(|(at, _)| *at < offset);
        before.find(open).map(|(_, message)| message)
    }
}

/// No log has it any more, and it was part of a transaction that was never committed, as far as its producer knows: an
/// ack in a transaction promises nothing.
pub(super) fn unpromised(life: &Life) -> Option<Fate> {
    match (life.bound, life.told) {
        (Bound::Aborted, _) => Some(Fate::Aborted),
        (Bound::Open, Told::Acked(_)) if life.died_with.is_some() => Some(Fate::Failed),
        (Bound::Open, Told::Acked(_)) => Some(Fate::InFlight),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::kafka::config::Owner;
    use crate::kafka::{Action, Entry, MessageId};
    use crate::lab::experiment::Experiment;
    use crate::lab::explain::explain;
    use crate::lab::history::History;
    use crate::lab::judge::Judgement;
    use crate::lab::ledger::{Fate, Told};
    use crate::lab::properties::Property;
    use crate::lab::run::Run;
    use crate::sim::SECOND;

    /// A producer that commits every five messages, and a consumer with this isolation.
    fn transactional(isolation: &str) -> Experiment {
        Experiment::three_brokers()
            .with(Owner::Producer, "transactional.id", "orders")
            .with(Owner::Topic, "min.insync.replicas", "2")
            .with(Owner::Consumer, "isolation.level", isolation)
            .with(Owner::Consumer, "auto.offset.reset", "earliest")
            .until_ms(10_000)
    }

    fn judged(experiment: Experiment) -> Judgement {
        Judgement::of(&Run::new(experiment))
    }

    fn nothing_is_wrong(judged: &Judgement) {
        for (property, verdict) in &judged.verdicts {
            let stuck = *property == Property::Stuck;
            assert!(stuck || !verdict.is_violated(), "{property:?} {verdict:?}");
        }
    }

    #[test]
    fn what_is_committed_is_done_once() {
        let judged = judged(transactional("read_committed"));
        nothing_is_wrong(&judged);
        assert!(judged.tally.processed > 100, "{:?}", judged.tally);
        assert_eq!(judged.tally.aborted, 0);
    }

    #[test]
    fn what_the_application_aborts_is_no_loss() {
        let experiment = transactional("read_committed");
        let judged = judged(experiment.with(Owner::Application, "transaction.abort.every", "3"));
        nothing_is_wrong(&judged);
        let tally = judged.tally;
        assert!(tally.aborted > 30 && tally.processed > 60, "{tally:?}");
        assert!(tally.aborted + tally.processed <= tally.sent);
    }

    #[test]
    fn whoever_reads_uncommitted_works_on_what_is_aborted() {
        let experiment = transactional("read_uncommitted");
        let judged = judged(experiment.with(Owner::Application, "transaction.abort.every", "3"));
        assert!(judged.verdict(Property::PhantomRead).is_violated());
        assert!(!judged.verdict(Property::LostAfterAck).is_violated());
    }

    #[test]
    fn an_aborted_transaction_that_is_sent_again_counts_once() {
        let experiment = transactional("read_committed")
            .with(Owner::Application, "transaction.abort.every", "3")
            .with(Owner::Application, "resend.on.failure", "true");
        let judged = judged(experiment);
        nothing_is_wrong(&judged);
        let twice = judged
            .history
            .ledger
            .iter()
            .filter(|life| life.places.len() > 1);
        assert!(twice.count() > 30, "many are written a second time");
        assert_eq!(judged.tally.twice, 0);
    }

    #[test]
    fn a_producer_that_dies_in_a_transaction_loses_nothing_it_was_promised() {
        let experiment = transactional("read_committed");
        let producer = experiment.producer_node(0);
        let experiment = experiment
            .with(Owner::Application, "transaction.size", "50")
            .at_ms(4_000, Action::Kill(producer))
            .at_ms(6_000, Action::Start(producer));
        let judged = judged(experiment);
        nothing_is_wrong(&judged);
        assert_eq!(judged.tally.lost(), 0);
        assert!(judged.tally.aborted > 0, "{:?}", judged.tally);
        let acked = judged.history.ledger.iter().filter(|life| {
            matches!(life.told, Told::Acked(_)) && judged.history.fate(life) == Fate::Aborted
        });
        assert!(
            acked.count() > 0,
            "an ack in a transaction promises nothing"
        );
    }

    #[test]
    fn a_message_behind_an_open_transaction_is_explained_by_it() {
        let mut experiment = transactional("read_committed");
        experiment.topology.producers = 2;
        let producer = experiment.producer_node(0);
        let experiment = experiment
            .with(Owner::Application, "transaction.size", "7")
            .at_ms(4_000, Action::Kill(producer));
        let mut run = Run::new(experiment);
        run.seek(9 * SECOND);
        let mut history = History::new(run.experiment());
        history.follow(run.journal(), run.entries());
        let hidden = history
            .ledger
            .of_producer(1)
            .iter()
            .filter(|life| history.fate(life) == Fate::Committed && life.polled.is_none());
        let hidden: Vec<MessageId> = hidden.map(|life| life.message).collect();
        assert!(hidden.len() > 20, "{hidden:?}");
        let why = explain(run.experiment(), run.journal(), &history, hidden[5]);
        let told = why.lines.iter().map(|line| line.text.en.as_ref());
        let told: Vec<&str> = told.collect();
        assert!(
            told.iter().any(|line| line.contains("is hidden behind it")),
            "{told:#?}"
        );
        assert!(
            told.iter().any(|line| line.contains("producer is gone")),
            "{told:#?}"
        );
    }

    /// An application that reads orders, works on them, and writes an invoice for each.
    fn read_process_write(commit_mode: &str, kill_ms: u64) -> Experiment {
        let experiment = Experiment::three_brokers()
            .with(Owner::Consumer, "auto.offset.reset", "earliest")
            .with(Owner::Consumer, "isolation.level", "read_committed")
            .with(Owner::Consumer, "enable.auto.commit", "false")
            .with(Owner::Consumer, "max.poll.records", "10")
            .with(Owner::Application, "commit.mode", commit_mode)
            .with(Owner::Application, "handler.time.ms", "30")
            .until_ms(16_000);
        let consumer = experiment.consumer_node(0);
        experiment
            .at_ms(kill_ms, Action::Kill(consumer))
            .at_ms(kill_ms + 500, Action::Start(consumer))
    }

    #[test]
    fn read_process_write_in_a_transaction_survives_a_crash_at_any_time_without_a_double() {
        let mut aborted = 0;
        for kill_ms in (12_000..12_050).step_by(5) {
            let judged = judged(read_process_write("transaction", kill_ms));
            nothing_is_wrong(&judged);
            assert!(judged.tally.processed > 100, "{:?}", judged.tally);
            let entries = judged.healed.journal().entries().iter();
            let ends =
                |entry: &Entry| matches!(entry, Entry::TransactionDecided { commit: false, .. });
            aborted += entries.filter(|entry| ends(&entry.what)).count();
        }
        assert!(aborted > 0, "some of the crashes left a transaction open");
    }

    #[test]
    fn read_process_write_without_one_does_not() {
        let judged = judged(read_process_write("sync-after", 6_020));
        assert!(
            judged.verdict(Property::Doubled).is_violated(),
            "{:?}",
            judged.tally
        );
    }
}

//! Transactions under one fault after the other, at random: each is whole or not there.

use crate::kafka::config::Owner;
use crate::kafka::{Action, Entry, MessageId};
use crate::lab::experiment::Experiment;
use crate::lab::judge::Judgement;
use crate::lab::ledger::Fate;
use crate::lab::properties::Property;
use crate::lab::run::Run;
use crate::sim::{Luck, NodeId};

/// A producer over two partitions and a read_committed consumer.
fn transactional() -> Experiment {
    Experiment::three_brokers()
        .with(Owner::Producer, "transactional.id", "orders")
        .with(Owner::Producer, "transaction.timeout.ms", "8000")
        .with(Owner::Topic, "min.insync.replicas", "2")
        .with(Owner::Consumer, "isolation.level", "read_committed")
        .with(Owner::Consumer, "auto.offset.reset", "earliest")
        .with(Owner::Application, "send.rate", "40")
        .with(Owner::Application, "transaction.abort.every", "7")
        .until_ms(60_000)
}

/// A consumer that writes what it has done in transactions, with its offsets.
fn read_process_write() -> Experiment {
    Experiment::three_brokers()
        .with(Owner::Producer, "transaction.timeout.ms", "8000")
        .with(Owner::Topic, "min.insync.replicas", "2")
        .with(Owner::Consumer, "auto.offset.reset", "earliest")
        .with(Owner::Consumer, "max.poll.records", "7")
        .with(Owner::Consumer, "session.timeout.ms", "6000")
        .with(Owner::Application, "commit.mode", "transaction")
        .with(Owner::Application, "handler.time.ms", "4")
        .until_ms(60_000)
}

/// With a fault every few seconds, of a broker or of `client`, healed before the next.
fn tormented(mut experiment: Experiment, client: NodeId, seed: u64) -> Experiment {
    experiment.seed = seed;
    experiment.topology.partitions = 2;
    let mut luck = Luck::new(seed).stream("faults", 0);
    for round in 0..4 {
        let at_ms = 4_000 + round * 14_000 + luck.below(2_000);
        let broker = NodeId(1 + luck.below(3) as u8);
        let node = match luck.below(4) {
            0 => client,
            _ => broker,
        };
        let (fault, cure) = match luck.below(3) {
            0 => (Action::Pause(node), Action::Resume(node)),
            _ => (Action::Kill(node), Action::Start(node)),
        };
        let lasts_ms = 200 + luck.below(11_000);
        experiment = experiment.at_ms(at_ms, fault).at_ms(at_ms + lasts_ms, cure);
    }
    experiment
}

/// The messages of each transaction, and whether its producer heard that it is committed.
fn transactions(judged: &Judgement) -> Vec<(Vec<MessageId>, bool)> {
    let mut all: Vec<(Vec<MessageId>, bool)> = Vec::new();
    for entry in judged.healed.journal().entries() {
        match &entry.what {
            Entry::TransactionBegan => all.push((Vec::new(), false)),
            Entry::Buffered { message, .. } => {
                if let Some((messages, _)) = all.last_mut() {
                    messages.push(*message);
                }
            }
            Entry::TransactionEnded { commit } => {
                if let Some((_, heard)) = all.last_mut() {
                    *heard = *commit;
                }
            }
            _ => {}
        }
    }
    all
}

/// Properties that do not hold.
fn violated(judged: &Judgement, seed: u64) -> Vec<String> {
    let asked = [
        Property::LostAfterAck,
        Property::Doubled,
        Property::PhantomRead,
    ];
    let verdicts = asked.map(|property| (property, judged.verdict(property)));
    let violated = verdicts.iter().filter(|(_, verdict)| verdict.is_violated());
    violated
        .map(|(property, verdict)| format!("seed {seed}: {property:?} {verdict:?}"))
        .collect()
}

fn seeds() -> u64 {
    let seeds = std::env::var("ACKLAB_SEEDS").ok();
    seeds.and_then(|text| text.parse().ok()).unwrap_or(6)
}

/// What is wrong with the run of this seed.
fn wrong(seed: u64) -> Vec<String> {
    let experiment = transactional();
    let producer = experiment.producer_node(0);
    let judged = Judgement::of(&Run::new(tormented(experiment, producer, seed)));
    let mut wrong = violated(&judged, seed);
    let all = transactions(&judged);
    // The last one may be open when the run ends.
    for (messages, heard) in &all[..all.len().saturating_sub(2)] {
        let fates = messages
            .iter()
            .map(|message| judged.history.fate_of(*message));
        let seen = |fate: &Fate| matches!(fate, Fate::Processed | Fate::Finished);
        let (count, of) = (fates.filter(seen).count(), messages.len());
        let whole = count == of || count == 0;
        if !whole || (*heard && count < of) {
            wrong.push(format!(
                "seed {seed}: {count} of {messages:?} are seen, commit heard: {heard}"
            ));
        }
    }
    wrong
}

#[test]
fn a_transaction_is_whole_or_not_there_whatever_fails() {
    let wrong: Vec<String> = (1..=seeds()).flat_map(wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_read_processed_and_written_in_transactions_has_its_effect_once() {
    let judged = |seed| {
        let experiment = read_process_write();
        let consumer = experiment.consumer_node(0);
        let judged = Judgement::of(&Run::new(tormented(experiment, consumer, seed)));
        assert!(judged.tally.processed > 200, "{:?}", judged.tally);
        violated(&judged, seed)
    };
    let wrong: Vec<String> = (1..=seeds()).flat_map(judged).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

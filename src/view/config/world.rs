//! What is played: the numbers of the cluster, to be corrected, and what was assumed.

use super::{Number, NumberView, WorldView};
use crate::lab::config::{Account, Implied, racks};
use crate::lab::experiment::{MAX_BROKERS, MAX_CONTROLLERS};
use crate::lab::text::Text;

/// The world of what was read.
pub fn world(account: &Account, implied: &Implied) -> WorldView {
    let (choice, topics) = (&account.choice, account.facts.topics());
    let place = |name: &Option<String>, of: &[String]| {
        let name = name.as_ref()?;
        of.iter().position(|known| known == name)
    };
    WorldView {
        numbers: numbers(account, implied),
        topic: place(&account.topic, &topics).unwrap_or(0),
        topics,
        profile: place(&choice.profile, &account.profiles),
        profiles: account.profiles.clone(),
        assumed: account
            .notes
            .iter()
            .chain(&implied.assumptions)
            .cloned()
            .collect(),
    }
}

fn numbers(account: &Account, implied: &Implied) -> Vec<NumberView> {
    let (choice, topology) = (&account.choice, &implied.experiment.topology);
    let number = |what, (en, zh), value, range, set: Option<u8>| NumberView {
        what,
        name: Text::fixed(en, zh),
        value,
        range,
        is_set: set.is_some(),
    };
    let brokers = topology.brokers;
    vec![
        number(
            Number::Brokers,
            ("brokers", "broker"),
            brokers,
            (1, MAX_BROKERS),
            choice.brokers,
        ),
        number(
            Number::Racks,
            ("racks (0: not known)", "机架（0：未知）"),
            racks(&implied.experiment).len() as u8,
            (0, brokers),
            choice.racks,
        ),
        number(
            Number::Copies,
            ("copies of the topic", "topic 副本数"),
            topology.replication_factor,
            (1, brokers),
            choice.copies,
        ),
        number(
            Number::Controllers,
            ("controllers", "controller"),
            topology.controllers,
            (1, MAX_CONTROLLERS),
            choice.controllers,
        ),
    ]
}

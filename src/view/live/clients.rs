//! Producing and consuming applications, and the business ledger.

use super::faults;
use super::keys::key_of;
use super::scene::Scene;
use crate::lab::history::Standing;
use crate::lab::ledger::Life;
use crate::lab::text::Text;
use crate::sim::NodeId;
use crate::sim::order::sort_by_number;
use crate::view::{
    Bytes, ClientState, ConsumerView, Fate, Hue, Mark, NodeKey, ProducerView, RecordView, Room,
    SinkView,
};

/// Records shown in a buffer or in a consumer's hand.
const SHOWN: usize = 8;
/// Entries of the business ledger shown.
const ENTRIES: usize = 24;

/// Every producing application.
pub(super) fn producers(scene: &Scene<'_>) -> Vec<ProducerView> {
    nodes(scene)
        .filter_map(|node| match key_of(scene.spec(), node)? {
            NodeKey::Producer(index) => Some(producer(scene, node, index)),
            _ => None,
        })
        .collect()
}

/// Every consuming application.
pub(super) fn consumers(scene: &Scene<'_>) -> Vec<ConsumerView> {
    nodes(scene)
        .filter_map(|node| match key_of(scene.spec(), node)? {
            NodeKey::Consumer(index) => Some(consumer(scene, node, index)),
            _ => None,
        })
        .collect()
}

fn nodes(scene: &Scene<'_>) -> impl Iterator<Item = NodeId> {
    let spec = scene.spec();
    (0..spec.clients.len()).map(|place| spec.client_node(place))
}

fn producer(scene: &Scene<'_>, node: NodeId, index: u8) -> ProducerView {
    let state = client_state(scene, node);
    let mine = scene.history.ledger.of_producer(index);
    let with = |fate: Fate| {
        mine.iter()
            .filter(move |life| scene.history.fate(life) == fate)
    };
    let buffered = with(Fate::Buffered).count();
    let in_flight = with(Fate::InFlight).count();
    let first = scene.room == Room::First;
    let line = Text::new(
        format!("{buffered} buffered, {in_flight} in flight"),
        format!("{buffered} 条在缓冲，{in_flight} 条在途"),
    );
    let name = &scene.spec().clients[place(scene, node)].name;
    ProducerView {
        index,
        title: if first {
            Text::fixed("the shop", "商店")
        } else {
            Text::same("producer")
        },
        name: if first {
            Text::same("producer")
        } else {
            Text::same(name.clone())
        },
        state,
        buffered: with(Fate::Buffered)
            .take(SHOWN)
            .map(|life| plain(scene, life))
            .collect(),
        buffered_more: buffered.saturating_sub(SHOWN) as u64,
        figure: first.then(|| Text::same((buffered + in_flight).to_string())),
        line: if first {
            Text::fixed("orders waiting", "条订单在等")
        } else {
            line
        },
        faults: faults::of_producer(state),
    }
}

fn consumer(scene: &Scene<'_>, node: NodeId, index: u8) -> ConsumerView {
    let state = client_state(scene, node);
    let first = scene.room == Room::First;
    let in_hand = scene
        .history
        .ledger
        .iter()
        .filter(|life| life.hand == Some(node));
    let committed = scene.part().map(|part| part.committed);
    let done = scene
        .history
        .ledger
        .iter()
        .filter(|life| life.processed > 0)
        .count();
    let group = scene.spec().groups.first().cloned().unwrap_or_default();
    ConsumerView {
        index,
        title: if first {
            Text::fixed("billing", "账单")
        } else {
            Text::same("consumer")
        },
        name: if first {
            Text::same("consumer")
        } else {
            Text::new(format!("group {group}"), format!("group {group}"))
        },
        state,
        polled: in_hand.take(SHOWN).map(|life| plain(scene, life)).collect(),
        position: position(scene, node),
        committed,
        figure: first.then(|| Text::same(done.to_string())),
        line: if first {
            Text::fixed("orders billed", "条订单已记账")
        } else {
            Text::default()
        },
        faults: faults::of_consumer(state, scene.node(node).handler_slow),
    }
}

/// Where the consumer reads next: after the last record it was given.
fn position(scene: &Scene<'_>, node: NodeId) -> Option<u64> {
    let mine = scene.history.ledger.iter();
    let given = mine.filter(|life| life.partition == Some(scene.shown) && life.polled.is_some());
    let last = given
        .flat_map(|life| life.places.last())
        .map(|place| place.offset + 1)
        .max();
    last.filter(|_| scene.node(node).is_running())
}

/// What was really done, in the order it was done.
pub(super) fn sink(scene: &Scene<'_>) -> SinkView {
    let mut done: Vec<(u32, &Life, bool)> = Vec::new();
    for life in scene.history.ledger.iter() {
        if let Some((first, last)) = life.effects {
            done.push((first.0, life, false));
            if last != first {
                done.push((last.0, life, true));
            }
        }
    }
    sort_by_number(&mut done, |(entry, ..)| (*entry).into());
    let earlier = done.len().saturating_sub(ENTRIES);
    let entries = done[earlier..].iter().map(|(_, life, again)| {
        let mark = if *again { Mark::Twice } else { Mark::None };
        let hue = if *again { Hue::Dup } else { Hue::Safe };
        RecordView {
            mark,
            hue,
            bytes: Bytes::Disk,
            ..plain(scene, life)
        }
    });
    SinkView {
        title: Text::fixed("business ledger", "业务账本"),
        name: Text::fixed("what was really billed", "真正记账的订单"),
        entries: entries.collect(),
        earlier: earlier as u64,
    }
}

fn plain(scene: &Scene<'_>, life: &Life) -> RecordView {
    let number = u64::from(life.message.0);
    RecordView {
        number,
        offset: number,
        hue: scene.history.fate(life).hue(),
        ..RecordView::default()
    }
}

fn place(scene: &Scene<'_>, node: NodeId) -> usize {
    usize::from(node.0 - scene.spec().client_node(0).0)
}

fn client_state(scene: &Scene<'_>, node: NodeId) -> ClientState {
    match scene.node(node).standing {
        Standing::Paused => ClientState::Paused,
        Standing::Down { clean: true } => ClientState::Closed,
        Standing::Down { clean: false } | Standing::Off => ClientState::Crashed,
        Standing::Up | Standing::Starting | Standing::Stopping => ClientState::Running,
    }
}

//! Producing and consuming applications, and the business ledger.

use super::census::{Census, Sending};
use super::faults;
use super::keys::key_of;
use super::outbox::relay_work;
use super::scene::Scene;
use super::several;
use crate::lab::history::Standing;
use crate::lab::ledger::Life;
use crate::lab::text::Text;
use crate::sim::NodeId;
use crate::view::{
    Bytes, ClientState, ConsumerView, Hue, Mark, NodeKey, ProducerView, RecordView, Room, SinkView,
};

/// Every producing application.
pub(super) fn producers(scene: &Scene<'_>, census: &Census<'_>) -> Vec<ProducerView> {
    let all = nodes(scene).filter_map(|node| match key_of(scene.spec(), node)? {
        NodeKey::Producer(index) => Some(producer(scene, census, node, index)),
        _ => None,
    });
    let mut all: Vec<ProducerView> = all.collect();
    if all.len() > 1 {
        all.iter_mut()
            .for_each(|view| view.title = Text::same(format!("producer {}", view.index + 1)));
    }
    all
}

/// Every consuming application.
pub(super) fn consumers(scene: &Scene<'_>, census: &Census<'_>) -> Vec<ConsumerView> {
    let all = nodes(scene).filter_map(|node| match key_of(scene.spec(), node)? {
        NodeKey::Consumer(index) => Some(consumer(scene, census, node, index)),
        _ => None,
    });
    let mut all: Vec<ConsumerView> = all.collect();
    if all.len() > 1 {
        all.iter_mut()
            .for_each(|view| view.title = Text::same(format!("consumer {}", view.index + 1)));
    }
    all
}

fn nodes(scene: &Scene<'_>) -> impl Iterator<Item = NodeId> {
    let spec = scene.spec();
    (0..spec.clients.len()).map(|place| spec.client_node(place))
}

fn producer(scene: &Scene<'_>, census: &Census<'_>, node: NodeId, index: u8) -> ProducerView {
    let state = client_state(scene, node);
    let nothing = Sending::default();
    let sending = census.sending.get(usize::from(index)).unwrap_or(&nothing);
    let (buffered, in_flight) = (sending.buffered, sending.in_flight);
    let first = scene.room == Room::First;
    let work = relay_work(scene);
    let line = match work {
        Some(_) => Text::new(
            format!("{} orders stored", sending.orders),
            format!("已存 {} 个订单", sending.orders),
        ),
        None => Text::new(
            format!("{buffered} buffered, {in_flight} in flight"),
            format!("{buffered} 条在缓冲，{in_flight} 条在途"),
        ),
    };
    let name = &scene.spec().clients[place(scene, node)].name;
    ProducerView {
        index,
        title: if first {
            Text::fixed("the shop", "商店")
        } else if work.is_some() {
            Text::fixed("service A", "A 服务")
        } else {
            Text::same("producer")
        },
        name: if first {
            Text::same("producer")
        } else {
            Text::same(name.clone())
        },
        state,
        buffered: sending
            .first
            .iter()
            .map(|life| plain(scene, life))
            .collect(),
        buffered_more: (buffered - sending.first.len()) as u64,
        figure: first.then(|| Text::same((buffered + in_flight).to_string())),
        line: if first {
            Text::fixed("orders waiting", "条订单在等")
        } else {
            and_where_to(scene, index, line)
        },
        faults: faults::of_producer(state),
    }
}

/// A job with a producer of its own.
pub(super) fn job(scene: &Scene<'_>, node: NodeId, sending: &Sending<'_>) -> ProducerView {
    let (buffered, in_flight) = (sending.buffered, sending.in_flight);
    let shown = sending.first.iter().map(|life| plain(scene, life));
    ProducerView {
        name: Text::same(scene.spec().clients[place(scene, node)].name.clone()),
        state: client_state(scene, node),
        buffered: shown.collect(),
        buffered_more: (buffered - sending.first.len()) as u64,
        line: Text::new(
            format!("{buffered} buffered, {in_flight} in flight"),
            format!("{buffered} 条在缓冲，{in_flight} 条在途"),
        ),
        ..ProducerView::default()
    }
}

fn consumer(scene: &Scene<'_>, census: &Census<'_>, node: NodeId, index: u8) -> ConsumerView {
    let state = client_state(scene, node);
    let first = scene.room == Room::First;
    let committed = scene.part().map(|part| part.committed);
    let group = scene.spec().groups.first().cloned().unwrap_or_default();
    ConsumerView {
        index,
        title: if first {
            Text::fixed("billing", "账单")
        } else if relay_work(scene).is_some_and(|work| work.app.direct_call) {
            Text::fixed("service B", "B 服务")
        } else {
            consumer_title(scene, index)
        },
        name: if first {
            Text::same("consumer")
        } else {
            Text::new(format!("group {group}"), format!("group {group}"))
        },
        state,
        polled: census
            .hand(node)
            .iter()
            .map(|life| plain(scene, life))
            .collect(),
        position: census.position.filter(|_| scene.node(node).is_running()),
        committed,
        owned: several::owned(scene, node),
        figure: first.then(|| Text::same(census.done.to_string())),
        line: if first {
            Text::fixed("orders billed", "条订单已记账")
        } else {
            Text::default()
        },
        faults: faults::of_consumer(state, scene.node(node).handler_slow),
    }
}

/// Numbered where there are several.
fn consumer_title(scene: &Scene<'_>, index: u8) -> Text {
    let spec = scene.spec();
    let consumers = (0..spec.clients.len()).filter(|place| spec.is_consumer(*place));
    match consumers.count() {
        0 | 1 => Text::same("consumer"),
        _ => Text::same(format!("consumer {}", index + 1)),
    }
}

/// With several partitions: which of them the last messages went to.
fn and_where_to(scene: &Scene<'_>, index: u8, line: Text) -> Text {
    if !scene.several() {
        return line;
    }
    let written = several::written(scene, index);
    let numbers: Vec<String> = written.iter().map(u16::to_string).collect();
    let numbers = match numbers.is_empty() {
        true => "–".to_string(),
        false => numbers.join(", "),
    };
    Text::new(
        format!("{}; writes to {numbers}", line.en),
        format!("{}；写到 {numbers}", line.zh),
    )
}

/// What was really done, in the order it was done.
pub(super) fn sink(scene: &Scene<'_>, census: &Census<'_>) -> SinkView {
    let entries = census.effects.iter().map(|(_, life, again)| {
        let mark = if *again { Mark::Twice } else { Mark::None };
        let hue = if *again { Hue::Dup } else { Hue::Safe };
        RecordView {
            mark,
            hue,
            bytes: Bytes::Disk,
            ..plain(scene, life)
        }
    });
    let (title, name) = if scene.history.outputs.are_there() {
        outputs(scene)
    } else {
        (
            Text::fixed("business ledger", "业务账本"),
            Text::fixed("what was really billed", "真正记账的订单"),
        )
    };
    SinkView {
        title,
        name,
        entries: entries.collect(),
        earlier: census.earlier as u64,
    }
}

/// What the applications write, as whoever reads it sees it.
fn outputs(scene: &Scene<'_>) -> (Text, Text) {
    let outputs = &scene.history.outputs;
    let (end, stable) = outputs.ends();
    let isolation = match outputs.are_read_committed() {
        true => "read_committed",
        false => "read_uncommitted",
    };
    (
        Text::new(
            format!("topic invoices, {isolation}"),
            format!("topic invoices，{isolation}"),
        ),
        Text::new(
            format!("invoices as seen · LSO {stable}, LEO {end}"),
            format!("读者看到的发票 · LSO {stable}，LEO {end}"),
        ),
    )
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

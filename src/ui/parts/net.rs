//! The stage: nodes in their columns, wires under them, packets over them.

use super::super::browser;
use super::super::measure::use_places;
use super::super::part::{Part, class, each, keyed, maybe, part, when};
use super::super::same::Same;
use super::super::state::Open;
use super::super::wires::Places;
use super::super::words::{Lang, owned_short};
use super::{
    BrokerCard, ConsumerCard, ControllerCard, LettersCard, Links, OutboxBar, OutboxCard,
    PacketLayer, ProducerCard, Seen, SinkCard, all_members, members,
};
use crate::view::{
    Action, BrokerView, ConsumerView, Fault, LettersView, NodeKey, OutboxView, PacketView,
    ProducerView, StageView, Target,
};
use std::rc::Rc;
use yew::prelude::*;

/// Where the stage is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The Lab on a desk.
    Wide,
    /// The first screen: large cells, few controls.
    First,
    /// A narrow screen: one column.
    Narrow,
}

impl Frame {
    /// How many cells a log has room for on a card of this width.
    fn fit(self, card: f64, pitch: f64, compact: bool) -> usize {
        let around = match self {
            Frame::First => 72.0,
            Frame::Narrow => 134.0,
            Frame::Wide if compact => 196.0,
            Frame::Wide => 84.0,
        };
        ((card - around) / pitch.max(8.0)).clamp(3.0, 60.0) as usize
    }
}

/// With more brokers than this, cards lose their header row, not their log.
const ROOMY: usize = 3;
/// With more than this, cells get smaller too.
const MANY: usize = 7;

/// With more packets than this, single records are not seen to arrive: each would be drawn as a layer of its own.
const CROWD: usize = 40;

#[derive(PartialEq, Properties)]
pub struct NetProps {
    pub lang: Lang,
    pub frame: Frame,
    pub stage: Same<StageView>,
    pub packets: Same<Vec<PacketView>>,
    pub now_us: u64,
    pub real_ms: f64,
    pub playing: bool,
    pub open: Option<Open>,
    pub invite: Option<Action>,
}

/// The stage with all that moves on it.
#[component]
pub fn Net(props: &NetProps) -> Html {
    let net = use_node_ref();
    let narrow = props.frame == Frame::Narrow;
    let shape = (heights(&props.stage), props.frame, props.lang);
    let places = Same(use_places(&net, shape, narrow));
    let seen = use_mut_ref(Vec::<Seen>::new);
    let still = use_memo((), |()| browser::reduced_motion());
    let layer = PacketLayer {
        packets: &props.packets,
        places: &places,
        now_us: props.now_us,
        real_ms: props.real_ms,
        playing: props.playing,
        still: *still,
    };
    let (lang, frame, stage) = (props.lang, props.frame, props.stage.clone());
    let links = Links {
        lang,
        frame,
        stage: stage.clone(),
        places: places.clone(),
        open: props.open,
    };
    let chrome = Chrome {
        lang,
        frame,
        stage,
        places: places.clone(),
        open: props.open,
        invite: props.invite,
    };
    html! {
        <div class={class(&[if narrow { "st1" } else { "net" }, when(props.packets.len() > CROWD, "crowd")])} ref={net} role="list" data-test="stage"
            aria-label={lang.words().stage}>
            { part(links) }
            { part(chrome) }
            { layer.draw(&mut seen.borrow_mut()) }
        </div>
    }
}

/// What the heights of the cards depend on: only when it changes are boxes measured again.
fn heights(stage: &StageView) -> Vec<usize> {
    let mut all = vec![
        usize::from(stage.partition.is_some()),
        usize::from(stage.sink.is_some()),
        stage.partitions.len(),
    ];
    all.extend(stage.brokers.iter().map(|broker| broker.id as usize));
    for producer in &stage.producers {
        all.extend([producer.buffered.len().min(9), producer.line.en.len() / 4]);
    }
    for consumer in &stage.consumers {
        all.extend([consumer.polled.len(), consumer.line.en.len() / 4]);
        all.extend(consumer.owned.iter().map(Vec::len));
    }
    all.extend(stage.sink.iter().map(|sink| sink.entries.len()));
    all.extend(stage.outbox.iter().flat_map(|outbox| {
        let alarm = usize::from(outbox.alarm.is_some());
        [
            outbox.rows.len(),
            outbox.dead.len(),
            outbox.audit.len(),
            alarm,
        ]
    }));
    all.extend(stage.letters.iter().map(|letters| letters.rows.len()));
    all.extend(stage.controller.iter().flat_map(|controller| {
        controller
            .beats
            .iter()
            .map(|beat| usize::from(beat.silent_us.is_some()))
    }));
    all
}

/// Everything on the stage that only changes with an event.
#[derive(PartialEq)]
struct Chrome {
    lang: Lang,
    frame: Frame,
    stage: Same<StageView>,
    places: Same<Places>,
    open: Option<Open>,
    invite: Option<Action>,
}

impl Part for Chrome {
    fn draw(&self) -> Html {
        if self.frame == Frame::Narrow {
            self.narrow()
        } else {
            self.wide()
        }
    }
}

impl Chrome {
    /// Whose menu is open.
    fn open_controller(&self) -> Option<u8> {
        match self.open {
            Some(Open::Node(NodeKey::Controller(place))) => Some(place),
            _ => None,
        }
    }

    fn is_open(&self, node: NodeKey) -> bool {
        self.open == Some(Open::Node(node))
    }

    /// Clients at both sides, the cluster between them.
    fn wide(&self) -> Html {
        let (lang, stage) = (self.lang, &*self.stage);
        let producer = |producer: &ProducerView| {
            let node = NodeKey::Producer(producer.index);
            let open = self.is_open(node);
            keyed(
                u32::from(producer.index),
                ProducerCard {
                    lang,
                    node,
                    producer: producer.clone(),
                    open,
                },
            )
        };
        let consumer = |consumer: &ConsumerView| {
            let open = self.is_open(NodeKey::Consumer(consumer.index));
            keyed(
                u32::from(consumer.index),
                ConsumerCard {
                    lang,
                    consumer: consumer.clone(),
                    open,
                },
            )
        };
        html! {
            <>
                <div class="col">
                    { each(&stage.producers, &producer) }
                    { maybe(stage.outbox.as_ref(), &|outbox| self.outbox(outbox)) }
                </div>
                <div class="col" />
                <div class={class(&["col", crowd(stage.brokers.len())])}>
                    { maybe(stage.controller.as_ref(), &|controller| part(ControllerCard {
                        lang,
                        controller: controller.clone(),
                        cluster: stage.faults.clone(),
                        open: self.open_controller(),
                    })) }
                    { maybe(stage.partition.as_ref(), &|partition| html! { <div role="listitem">{ members(lang, partition, false) }</div> }) }
                    if !stage.partitions.is_empty() { <div role="listitem">{ all_members(lang, &stage.partitions) }</div> }
                    { self.brokers() }
                </div>
                <div class="col" />
                <div class="col">
                    { each(&stage.consumers, &consumer) }
                    { maybe(stage.sink.as_ref(), &|sink| part(SinkCard { lang, sink: sink.clone() })) }
                    { maybe(stage.letters.as_ref(), &|letters| self.letters(letters)) }
                </div>
            </>
        }
    }

    /// The shop's outbox, and the job that empties it.
    fn outbox(&self, outbox: &Rc<OutboxView>) -> Html {
        let (lang, node) = (self.lang, NodeKey::Relay);
        let invited = invited(self.invite, NodeKey::Outbox);
        let table = Same::from(outbox);
        if self.frame == Frame::Narrow {
            return part(OutboxBar {
                lang,
                outbox: table,
                invited,
            });
        }
        let card = OutboxCard {
            lang,
            outbox: table,
            invited,
        };
        let relay = &outbox.relay;
        html! {
            <>
                { part(card) }
                { part(ProducerCard {
                    lang,
                    node,
                    producer: relay.clone(),
                    open: self.is_open(node),
                }) }
            </>
        }
    }

    /// What consumers have set aside.
    fn letters(&self, letters: &Rc<LettersView>) -> Html {
        part(LettersCard {
            lang: self.lang,
            letters: Same::from(letters),
            narrow: self.frame == Frame::Narrow,
        })
    }

    fn brokers(&self) -> Html {
        let compact = self.frame == Frame::Narrow || self.stage.brokers.len() > ROOMY;
        let pitch = if self.places.pitch > 0.0 {
            self.places.pitch
        } else {
            27.0
        };
        each(&self.stage.brokers, &|broker: &Rc<BrokerView>| {
            let node = NodeKey::Broker(broker.id);
            let place = self.places.nodes.iter().find(|(key, _)| *key == node);
            let card = BrokerCard {
                lang: self.lang,
                broker: Same::from(broker),
                frame: self.frame,
                compact,
                fit: self
                    .frame
                    .fit(place.map_or(400.0, |(_, place)| place.w), pitch, compact),
                open: self.is_open(node),
                invited: invited(self.invite, node),
            };
            keyed(broker.id, card)
        })
    }

    /// One column: a bar for the producer, the brokers, a bar for the consumer.
    fn narrow(&self) -> Html {
        let (lang, stage) = (self.lang, &*self.stage);
        // Who owns which partition is seen in the consumers' bars.
        let bars = match stage.partitions.is_empty() {
            true => stage.consumers.len().min(1),
            false => stage.consumers.len(),
        };
        html! {
            <>
                { maybe(stage.producers.first(), &|producer| html! {
                    <div class="bar1" role="listitem" data-test="node-producer-0">
                        <span><b>{ lang.of(&producer.title) }</b></span>
                        <span class="lane" data-node="producer-0" />
                        <small>{ lang.of(producer.figure.as_ref().unwrap_or(&producer.line)) }</small>
                    </div>
                }) }
                { maybe(stage.outbox.as_ref(), &|outbox| self.outbox(outbox)) }
                { self.brokers() }
                { each(&stage.consumers[..bars], &|consumer| self.bar(consumer)) }
                { maybe(stage.letters.as_ref(), &|letters| self.letters(letters)) }
            </>
        }
    }

    fn bar(&self, consumer: &ConsumerView) -> Html {
        let (lang, stage) = (self.lang, &*self.stage);
        let node = format!("consumer-{}", consumer.index);
        html! {
            <div class="bar1" role="listitem" key={consumer.index} data-test={format!("node-{node}")}>
                <span><b>{ lang.of(&consumer.title) }</b></span>
                <span class="lane" data-node={node} />
                { maybe(stage.partition.as_ref(), &|partition| members(lang, partition, true)) }
                <small class="opt">{ position(lang, consumer) }</small>
            </div>
        }
    }
}

fn crowd(brokers: usize) -> &'static str {
    match brokers {
        0..=ROOMY => "",
        _ if brokers <= MANY => "crowd",
        _ => "crowd many",
    }
}

fn invited(invite: Option<Action>, node: NodeKey) -> Option<Fault> {
    invite
        .filter(|action| action.target == Target::Node(node))
        .map(|action| action.fault)
}

fn position(lang: Lang, consumer: &ConsumerView) -> String {
    if let Some(owned) = &consumer.owned {
        return owned_short(lang, owned);
    }
    match (&consumer.figure, consumer.position) {
        (Some(figure), _) => lang.of(figure),
        (None, Some(offset)) => format!("{} {offset}", lang.words().position),
        (None, None) => String::new(),
    }
}

//! The stage: nodes in their columns, wires under them, packets over them.

use super::super::measure::use_places;
use super::super::same::Same;
use super::super::state::Open;
use super::super::wires::Places;
use super::super::words::Lang;
use super::{
    BrokerCard, ConsumerCard, ControllerCard, Links, Members, Packets, ProducerCard, SinkCard,
};
use crate::view::{Action, Fault, NodeKey, PacketView, StageView, Target};
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
    let shape = (props.stage.clone(), props.frame, props.lang);
    let places = use_places(&net, shape, narrow);
    let class = if narrow { "st1" } else { "net" };
    html! {
        <div {class} ref={net} role="list" aria-label={props.lang.words().stage} data-test="stage">
            <Links lang={props.lang} frame={props.frame} stage={props.stage.clone()}
                places={Same(places.clone())} open={props.open} />
            <Chrome lang={props.lang} frame={props.frame} stage={props.stage.clone()}
                places={Same(places.clone())} open={props.open} invite={props.invite} />
            <Packets packets={props.packets.clone()} places={Same(places)} now_us={props.now_us}
                real_ms={props.real_ms} playing={props.playing} />
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct ChromeProps {
    lang: Lang,
    frame: Frame,
    stage: Same<StageView>,
    places: Same<Places>,
    open: Option<Open>,
    invite: Option<Action>,
}

/// Everything on the stage that only changes with an event.
#[component]
fn Chrome(props: &ChromeProps) -> Html {
    if props.frame == Frame::Narrow {
        narrow(props)
    } else {
        wide(props)
    }
}

fn wide(props: &ChromeProps) -> Html {
    let (lang, stage) = (props.lang, &*props.stage);
    let is_open = |node| props.open == Some(Open::Node(node));
    html! {
        <>
            <div class="col">
                { for stage.producers.iter().map(|producer| html! {
                    <ProducerCard key={producer.index} {lang} producer={producer.clone()}
                        open={is_open(NodeKey::Producer(producer.index))} />
                }) }
            </div>
            <div class="col" />
            <div class={classes!("col", crowd(stage.brokers.len()))}>
                if let Some(controller) = &stage.controller {
                    <ControllerCard {lang} controller={controller.clone()} cluster={stage.faults.clone()}
                        open={is_open(NodeKey::Controller)} />
                }
                if let Some(partition) = &stage.partition {
                    <Members {lang} partition={partition.clone()} />
                }
                { brokers(props) }
            </div>
            <div class="col" />
            <div class="col">
                { for stage.consumers.iter().map(|consumer| html! {
                    <ConsumerCard key={consumer.index} {lang} consumer={consumer.clone()}
                        open={is_open(NodeKey::Consumer(consumer.index))} />
                }) }
                if let Some(sink) = &stage.sink { <SinkCard {lang} sink={sink.clone()} /> }
            </div>
        </>
    }
}

fn brokers(props: &ChromeProps) -> Html {
    let compact = props.frame == Frame::Narrow || props.stage.brokers.len() > ROOMY;
    let pitch = if props.places.pitch > 0.0 {
        props.places.pitch
    } else {
        27.0
    };
    let card = |broker: &Rc<crate::view::BrokerView>| {
        let node = NodeKey::Broker(broker.id);
        let place = props.places.nodes.iter().find(|(key, _)| *key == node);
        let width = place.map_or(400.0, |(_, place)| place.w);
        let fit = props.frame.fit(width, pitch, compact);
        html! {
            <BrokerCard key={broker.id} lang={props.lang} broker={Same::from(broker)} frame={props.frame} {compact}
                {fit} open={props.open == Some(Open::Node(node))} invited={invited(props.invite, node)} />
        }
    };
    props.stage.brokers.iter().map(card).collect()
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

/// One column: a bar for the producer, the brokers, a bar for the consumer.
fn narrow(props: &ChromeProps) -> Html {
    let (lang, stage) = (props.lang, &*props.stage);
    html! {
        <>
            { for stage.producers.first().map(|producer| html! {
                <div class="bar1" key="producer" role="listitem" data-test="node-producer-0">
                    <span><b>{ lang.of(&producer.title) }</b></span>
                    <span class="lane" data-node="producer-0" />
                    <small>{ lang.of(producer.figure.as_ref().unwrap_or(&producer.line)) }</small>
                </div>
            }) }
            { brokers(props) }
            { for stage.consumers.first().map(|consumer| html! {
                <div class="bar1" key="consumer" role="listitem" data-test="node-consumer-0">
                    <span><b>{ lang.of(&consumer.title) }</b></span>
                    <span class="lane" data-node="consumer-0" />
                    if let Some(partition) = &stage.partition {
                        <Members {lang} partition={partition.clone()} short={true} />
                    }
                    <small class="opt">{ position(lang, consumer) }</small>
                </div>
            }) }
        </>
    }
}

fn position(lang: Lang, consumer: &crate::view::ConsumerView) -> String {
    match (&consumer.figure, consumer.position) {
        (Some(figure), _) => lang.of(figure),
        (None, Some(offset)) => format!("{} {offset}", lang.words().position),
        (None, None) => String::new(),
    }
}

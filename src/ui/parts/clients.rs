//! Producers, consumers and the business ledger.

use super::super::measure::node_attr;
use super::super::words::{Lang, client_state, more};
use super::Faults;
use super::log::mini_row;
use crate::view::{ClientState, ConsumerView, NodeKey, ProducerView, SinkView};
use yew::prelude::*;

/// Records of the accumulator that are drawn one by one.
const BUFFER_SHOWN: usize = 8;

#[derive(PartialEq, Properties)]
pub struct ProducerCardProps {
    pub lang: Lang,
    pub producer: ProducerView,
    pub open: bool,
}

fn badge(lang: Lang, state: ClientState) -> Html {
    let class = match state {
        ClientState::Crashed => "st dead",
        ClientState::Blocked => "st lag",
        _ => "st",
    };
    match client_state(lang, state) {
        Some(word) => html! { <span {class}>{ word }</span> },
        None => Html::default(),
    }
}

fn card_class(state: ClientState) -> Classes {
    let state = match state {
        ClientState::Crashed => "down",
        ClientState::Paused => "paused",
        ClientState::Closed => "off",
        ClientState::Running | ClientState::Blocked => "",
    };
    classes!("node", "client", state)
}

/// A producing application.
#[component]
pub fn ProducerCard(props: &ProducerCardProps) -> Html {
    let (lang, producer) = (props.lang, &props.producer);
    let node = NodeKey::Producer(producer.index);
    let shown = &producer.buffered[..producer.buffered.len().min(BUFFER_SHOWN)];
    let unseen = (producer.buffered.len() - shown.len()) as u64 + producer.buffered_more;
    html! {
        <section class={card_class(producer.state)} data-node={node_attr(node)} role="listitem"
            data-test={format!("node-{}", node_attr(node))} aria-label={lang.of(&producer.title)}>
            <header><h4>{ lang.of(&producer.title) }</h4>{ badge(lang, producer.state) }</header>
            <p>{ lang.of(&producer.name) }</p>
            if let Some(figure) = &producer.figure { <p class="big3">{ lang.of(figure) }</p> }
            if !shown.is_empty() { { mini_row(shown, 0) } }
            if unseen > 0 { <p>{ more(lang, unseen) }</p> }
            <p>{ lang.of(&producer.line) }</p>
            <Faults {lang} {node} faults={producer.faults.clone()} on_card={2} open={props.open} />
        </section>
    }
}

#[derive(PartialEq, Properties)]
pub struct ConsumerCardProps {
    pub lang: Lang,
    pub consumer: ConsumerView,
    pub open: bool,
}

/// A consuming application.
#[component]
pub fn ConsumerCard(props: &ConsumerCardProps) -> Html {
    let (lang, consumer) = (props.lang, &props.consumer);
    let words = lang.words();
    let node = NodeKey::Consumer(consumer.index);
    let offset = |at: Option<u64>| at.map_or("–".into(), |offset| offset.to_string());
    let plain = consumer.figure.is_some();
    html! {
        <section class={card_class(consumer.state)} data-node={node_attr(node)} role="listitem"
            data-test={format!("node-{}", node_attr(node))} aria-label={lang.of(&consumer.title)}>
            <header><h4>{ lang.of(&consumer.title) }</h4>{ badge(lang, consumer.state) }</header>
            <p>{ lang.of(&consumer.name) }</p>
            if let Some(figure) = &consumer.figure { <p class="big3">{ lang.of(figure) }</p> }
            if !plain {
                { mini_row(&consumer.polled, 0) }
                <p>{ words.position }{ " " }{ offset(consumer.position) }</p>
                <p>{ words.committed }{ " " }{ offset(consumer.committed) }</p>
            }
            if !consumer.line.is_empty() { <p>{ lang.of(&consumer.line) }</p> }
            <Faults {lang} {node} faults={consumer.faults.clone()} on_card={2} open={props.open} />
        </section>
    }
}

#[derive(PartialEq, Properties)]
pub struct SinkCardProps {
    pub lang: Lang,
    pub sink: SinkView,
}

/// The business ledger.
#[component]
pub fn SinkCard(props: &SinkCardProps) -> Html {
    let (lang, sink) = (props.lang, &props.sink);
    html! {
        <section class="node sink" data-node="sink" data-test="node-sink" role="listitem"
            aria-label={lang.of(&sink.title)}>
            <header><h4>{ lang.of(&sink.title) }</h4></header>
            <p>{ lang.of(&sink.name) }</p>
            { mini_row(&sink.entries, sink.earlier) }
        </section>
    }
}

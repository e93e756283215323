//! Producers, consumers and the business ledger.

use super::super::measure::node_attr;
use super::super::part::{Part, class, maybe};
use super::super::words::{Lang, client_state, more};
use super::faults;
use super::log::mini_row;
use super::replicas::owned;
use crate::view::{ClientState, ConsumerView, NodeKey, ProducerView, SinkView, Text};
use yew::prelude::*;

/// Records of the accumulator that are drawn one by one.
const BUFFER_SHOWN: usize = 8;

/// A client's card: heading, name, what it holds, what can be done to it.
fn card(lang: Lang, node: NodeKey, state: ClientState, title: &Text, body: Html) -> Html {
    let card = match state {
        ClientState::Crashed => "down",
        ClientState::Paused => "paused",
        ClientState::Closed => "off",
        ClientState::Running | ClientState::Blocked => "",
    };
    let badge = match state {
        ClientState::Crashed => "st dead",
        ClientState::Blocked => "st lag",
        _ => "st",
    };
    let word = client_state(lang, state);
    let attr = node_attr(node);
    html! {
        <div class={class(&["node client", card])} data-node={attr.clone()} role="listitem"
            data-test={format!("node-{attr}")} aria-label={lang.of(title)}>
            <header>
                <h2>{ lang.of(title) }</h2>
                { maybe(word, &|word| html! { <span class={AttrValue::Static(badge)}>{ word }</span> }) }
            </header>
            { body }
        </div>
    }
}

pub(super) fn paragraph(text: String) -> Html {
    if text.is_empty() {
        Html::default()
    } else {
        html! { <p>{ text }</p> }
    }
}

fn figure(lang: Lang, figure: Option<&Text>) -> Html {
    maybe(
        figure,
        &|figure| html! { <p class="big3">{ lang.of(figure) }</p> },
    )
}

/// A producing application.
#[derive(PartialEq)]
pub struct ProducerCard {
    pub lang: Lang,
    /// Which node it is.
    pub node: NodeKey,
    pub producer: ProducerView,
    pub open: bool,
}

impl Part for ProducerCard {
    fn draw(&self) -> Html {
        let (lang, producer) = (self.lang, &self.producer);
        let node = self.node;
        let shown = &producer.buffered[..producer.buffered.len().min(BUFFER_SHOWN)];
        let unseen = (producer.buffered.len() - shown.len()) as u64 + producer.buffered_more;
        let body = html! {
            <>
                { paragraph(lang.of(&producer.name)) }
                { figure(lang, producer.figure.as_ref()) }
                if !shown.is_empty() && producer.figure.is_none() { { mini_row(shown, 0) } }
                if unseen > 0 && producer.figure.is_none() { { paragraph(more(lang, unseen)) } }
                { paragraph(lang.of(&producer.line)) }
                { faults(lang, node, &producer.faults, 2, self.open, None) }
            </>
        };
        card(lang, node, producer.state, &producer.title, body)
    }
}

/// A consuming application.
#[derive(PartialEq)]
pub struct ConsumerCard {
    pub lang: Lang,
    pub consumer: ConsumerView,
    pub open: bool,
}

impl Part for ConsumerCard {
    fn draw(&self) -> Html {
        let (lang, consumer) = (self.lang, &self.consumer);
        let words = lang.words();
        let node = NodeKey::Consumer(consumer.index);
        let line = |word: &str, at: Option<u64>| {
            let offset = at.map_or("–".into(), |offset| offset.to_string());
            paragraph(format!("{word} {offset}"))
        };
        let body = html! {
            <>
                { paragraph(lang.of(&consumer.name)) }
                { figure(lang, consumer.figure.as_ref()) }
                if consumer.figure.is_none() {
                    { mini_row(&consumer.polled, 0) }
                }
                if let Some(mine) = &consumer.owned {
                    { owned(lang, mine) }
                } else if consumer.figure.is_none() {
                    { line(words.position, consumer.position) }
                    { line(words.committed, consumer.committed) }
                }
                { paragraph(lang.of(&consumer.line)) }
                { faults(lang, node, &consumer.faults, 2, self.open, None) }
            </>
        };
        card(lang, node, consumer.state, &consumer.title, body)
    }
}

/// The business ledger.
#[derive(PartialEq)]
pub struct SinkCard {
    pub lang: Lang,
    pub sink: SinkView,
}

impl Part for SinkCard {
    fn draw(&self) -> Html {
        let (lang, sink) = (self.lang, &self.sink);
        html! {
            <div class="node sink" data-node="sink" data-test="node-sink" role="listitem"
                aria-label={lang.of(&sink.title)}>
                <header><h2>{ lang.of(&sink.title) }</h2></header>
                { paragraph(lang.of(&sink.name)) }
                { mini_row(&sink.entries, sink.earlier) }
            </div>
        }
    }
}

//! A broker's card.

use super::super::intent::{Intent, on};
use super::super::look;
use super::super::measure::node_attr;
use super::super::part::{Part, class, maybe, when};
use super::super::same::Same;
use super::super::words::{Lang, broker_state, fault as fault_words};
use super::faults::fault_test;
use super::log::log;
use super::net::Frame;
use super::replicas::replicas;
use super::{faults, icon};
use crate::view::{Action, BrokerState, BrokerView, Fault, NodeKey, Target};
use yew::prelude::*;

/// A broker: name, badge, epoch, what can be done to it, its log.
#[derive(PartialEq)]
pub struct BrokerCard {
    pub lang: Lang,
    pub broker: Same<BrokerView>,
    pub frame: Frame,
    /// Without its header row.
    pub compact: bool,
    /// How many records its log has room for.
    pub fit: usize,
    /// Its menu is open.
    pub open: bool,
    /// The fault that the lesson invites to.
    pub invited: Option<Fault>,
}

impl Part for BrokerCard {
    fn draw(&self) -> Html {
        let (lang, broker) = (self.lang, &*self.broker);
        let (card, badge, _) = look::broker(broker.state);
        let body = match &broker.log {
            _ if !broker.replicas.is_empty() => replicas(&broker.replicas, self.fit),
            Some(view) => log(view, self.fit, self.frame == Frame::First),
            None => html! { <p>{ lang.words().no_replica }</p> },
        };
        let (name, id) = (format!("broker {}", broker.id), node_attr(self.node()));
        let label = format!("{name}, {}", broker_state(lang, broker.state));
        let many = !broker.replicas.is_empty();
        let class = class(&[
            "node broker",
            card,
            when(self.compact, "flat"),
            when(many, "parts"),
        ]);
        html! {
            <div {class} data-node={id.clone()} role="listitem" aria-label={label}
                data-test={format!("node-broker-{id}")} data-state={badge}>
                if self.compact {
                    <div><h2>{ name }</h2>{ self.badge() }</div>
                    { body }
                    { self.faults() }
                } else {
                    { self.header(name) }
                    { body }
                    { recovery(broker.state) }
                }
            </div>
        }
    }
}

impl BrokerCard {
    fn node(&self) -> NodeKey {
        NodeKey::Broker(self.broker.id)
    }

    fn badge(&self) -> Html {
        let (_, badge, glyph) = look::broker(self.broker.state);
        let word = broker_state(self.lang, self.broker.state);
        html! { <span class={class(&["st", badge])}>{ icon(glyph) }{ word }</span> }
    }

    fn header(&self, name: String) -> Html {
        let broker = &*self.broker;
        let invited = self.invited.filter(|_| self.frame == Frame::First);
        html! {
            <header>
                <h2>{ name }</h2>
                { self.badge() }
                { maybe(broker.epoch, &|epoch| html! { <small>{ format!("epoch {epoch}") }</small> }) }
                { maybe(broker.note.as_ref(), &|note| html! { <small class="note">{ self.lang.of(note) }</small> }) }
                { match invited {
                    Some(fault) => invite(self.lang, self.node(), fault),
                    None => self.faults(),
                } }
            </header>
        }
    }

    fn faults(&self) -> Html {
        let broker = &*self.broker;
        let is_down = matches!(
            broker.state,
            BrokerState::Down { .. } | BrokerState::PoweredOff
        );
        let on_card = match self.frame {
            _ if self.compact => 0,
            Frame::Wide => 2,
            Frame::First => usize::from(is_down),
            Frame::Narrow => 0,
        };
        faults(
            self.lang,
            self.node(),
            &broker.faults,
            on_card,
            self.open,
            self.invited,
        )
    }
}

fn recovery(state: BrokerState) -> Html {
    match state {
        BrokerState::Recovering { percent } => html! {
            <div class="bar recovery"><i style={format!("width:{percent}%")} /></div>
        },
        _ => Html::default(),
    }
}

/// The tempting button of the first screen.
pub fn invite(lang: Lang, node: NodeKey, fault: Fault) -> Html {
    let target = Target::Node(node);
    let onclick = on(Intent::Act(Action { target, fault }));
    let words = match fault {
        Fault::Kill => lang.words().kill_leader,
        other => fault_words(lang, other),
    };
    html! {
        <button class="btn danger big invite lost tempting" {onclick} data-test={fault_test(fault, target)}>
            { icon(look::fault(fault).0) }{ words }
        </button>
    }
}

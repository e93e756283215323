//! A broker's card.

use super::super::look;
use super::super::same::Same;
use super::super::words::{Lang, broker_state, fault as fault_words};
use super::log::log;
use super::net::Frame;
use super::{Faults, icon, use_driver};
use crate::view::{Action, BrokerState, BrokerView, Fault, NodeKey, Target};
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct BrokerCardProps {
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

/// A broker: name, badge, epoch, what can be done to it, its log.
#[component]
pub fn BrokerCard(props: &BrokerCardProps) -> Html {
    let (lang, broker) = (props.lang, &*props.broker);
    let (card, badge, glyph) = look::broker(broker.state);
    let word = broker_state(lang, broker.state);
    let on_card = match props.frame {
        _ if props.compact => 0,
        Frame::Wide => 2,
        Frame::First => usize::from(card == "down" || card == "off"),
        Frame::Narrow => 0,
    };
    let state =
        html! { <span class={classes!("st", badge)}>{ icon(glyph) }{ word.clone() }</span> };
    let epoch = broker
        .epoch
        .map(|epoch| html! { <small>{ format!("epoch {epoch}") }</small> });
    let note = broker
        .note
        .as_ref()
        .map(|note| html! { <small class="note">{ lang.of(note) }</small> });
    let faults = html! {
        <Faults {lang} node={NodeKey::Broker(broker.id)} faults={broker.faults.clone()} {on_card}
            open={props.open} invited={props.invited} />
    };
    let body = match &broker.log {
        Some(view) => log(view, props.fit, props.frame == Frame::First),
        None => html! { <p>{ lang.words().no_replica }</p> },
    };
    let name = format!("broker {}", broker.id);
    let id = broker.id.to_string();
    html! {
        <section class={classes!("node", "broker", card, props.compact.then_some("flat"))} data-node={id.clone()} role="listitem"
            data-test={format!("node-broker-{id}")} data-state={badge} aria-label={format!("{name}, {word}")}>
            if props.compact {
                <div><h4>{ name }</h4>{ state }</div>
                { body }
                { faults }
            } else {
                <header>
                    <h4>{ name }</h4>{ state }{ epoch.unwrap_or_default() }{ note.unwrap_or_default() }
                    if let (Frame::First, Some(fault)) = (props.frame, props.invited) {
                        <Invite {lang} node={NodeKey::Broker(broker.id)} {fault} />
                    } else {
                        { faults }
                    }
                </header>
                { body }
                { recovery(broker.state) }
            }
        </section>
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

#[derive(PartialEq, Properties)]
pub struct InviteProps {
    pub lang: Lang,
    pub node: NodeKey,
    pub fault: Fault,
}

/// The tempting button of the first screen.
#[component]
pub fn Invite(props: &InviteProps) -> Html {
    let driver = use_driver();
    let (target, fault) = (Target::Node(props.node), props.fault);
    let onclick = Callback::from(move |_| driver.act(Action { target, fault }));
    let (glyph, name) = look::fault(fault);
    let words = match fault {
        Fault::Kill => props.lang.words().kill_leader,
        other => fault_words(props.lang, other),
    };
    html! {
        <button class="btn danger big invite lost tempting" {onclick}
            data-test={format!("fault-{name}-{}", super::super::measure::node_attr(props.node))}>
            { icon(glyph) }{ words }
        </button>
    }
}

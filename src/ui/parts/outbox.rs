//! The shop's outbox: its rows, the alarm, the compensation desk.

use super::super::intent::{Intent, on};
use super::super::part::{Part, class, each, each_at, maybe, when};
use super::super::same::Same;
use super::super::words::{Lang, fault as fault_words};
use super::clients::paragraph;
use super::log::mini_row;
use super::{act_buttons, icon};
use crate::view::{Action, Fault, NodeKey, OutboxView, Target, Text};
use yew::prelude::*;

/// The table, in its place between service A and the job that empties it.
#[derive(PartialEq)]
pub struct OutboxCard {
    pub lang: Lang,
    pub outbox: Same<OutboxView>,
    pub invited: Option<Fault>,
}

impl Part for OutboxCard {
    fn draw(&self) -> Html {
        let (lang, outbox) = (self.lang, &*self.outbox);
        let badge = |alarm: &Text| html! { <span class="st lag" data-test="alarm">{ icon("warn") }{ lang.of(alarm) }</span> };
        html! {
            <section class={class(&["node client outbox", when(outbox.alarm.is_some(), "rings")])}
                data-node="outbox" data-test="node-outbox" role="listitem" aria-label="outbox">
                <header><h4>{ "outbox" }</h4>{ maybe(outbox.alarm.as_ref(), &badge) }</header>
                { paragraph(lang.of(&outbox.line)) }
                { mini_row(&outbox.rows, outbox.earlier) }
                <div class="acts">
                    { act_buttons(lang, Target::Node(NodeKey::Outbox), &outbox.faults, self.invited) }
                    { each(&outbox.dead, &|message| pick(lang, *message)) }
                </div>
                { audit(lang, &outbox.audit) }
            </section>
        }
    }
}

/// One dead row to send again.
fn pick(lang: Lang, message: u32) -> Html {
    let (target, fault) = (Target::Row(message), Fault::Resend);
    let onclick = on(Intent::Act(Action { target, fault }));
    let label = format!("{} m{message}", fault_words(lang, fault));
    html! {
        <button key={message} class="act" {onclick} aria-label={label.clone()} title={label}
            data-test={format!("resend-{message}")}>{ format!("m{message}") }</button>
    }
}

/// Who resent what, and when.
fn audit(lang: Lang, lines: &[Text]) -> Html {
    if lines.is_empty() {
        return Html::default();
    }
    let line = |place: usize, line: &Text| html! { <li key={place}>{ lang.of(line) }</li> };
    html! { <ul class="audit" data-test="audit">{ each_at(lines, &line) }</ul> }
}

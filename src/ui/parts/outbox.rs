//! The shop's outbox: its rows, the alarm, the compensation desk. And the dead letters of consumers.

use super::super::intent::{Intent, on};
use super::super::part::{Part, class, each, each_at, maybe, when};
use super::super::same::Same;
use super::super::words::{Lang, fault as fault_words};
use super::clients::paragraph;
use super::log::mini_row;
use super::{act_buttons, icon};
use crate::lab::experiment::LETTERS;
use crate::view::{Action, Fault, LettersView, NodeKey, OutboxView, Target, Text};
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
        let badge = |text: &Text| alarm(lang, text);
        html! {
            <div class={class(&["node client outbox", when(outbox.alarm.is_some(), "rings")])}
                data-node="outbox" data-test="node-outbox" role="listitem" aria-label="outbox">
                <header><h2>{ "outbox" }</h2>{ maybe(outbox.alarm.as_ref(), &badge) }</header>
                { paragraph(lang.of(&outbox.line)) }
                { mini_row(&outbox.rows, outbox.earlier) }
                <div class="acts">
                    { act_buttons(lang, Target::Node(NodeKey::Outbox), &outbox.faults, self.invited) }
                    { each(&outbox.dead, &|message| pick(lang, *message)) }
                </div>
                { audit(lang, &outbox.audit) }
            </div>
        }
    }
}

fn alarm(lang: Lang, text: &Text) -> Html {
    html! { <span class="st lag" data-test="alarm">{ icon("warn") }{ lang.of(text) }</span> }
}

/// The table and its job on a narrow stage: two lines, and the desk where it is needed. Rows and audit trail are in the
/// sheet below.
#[derive(PartialEq)]
pub struct OutboxBar {
    pub lang: Lang,
    pub outbox: Same<OutboxView>,
    pub invited: Option<Fault>,
}

impl Part for OutboxBar {
    fn draw(&self) -> Html {
        let (lang, outbox) = (self.lang, &*self.outbox);
        let needed = outbox.alarm.is_some() || !outbox.dead.is_empty() || self.invited.is_some();
        let relay = &outbox.relay;
        html! {
            <>
                <div class="bar1 outbar" data-node="outbox" role="listitem" data-test="node-outbox">
                    <span><b>{ "outbox" }</b>{ maybe(outbox.alarm.as_ref(), &|text| alarm(lang, text)) }</span>
                    <small>{ lang.of(&outbox.line) }</small>
                    if needed {
                        { act_buttons(lang, Target::Node(NodeKey::Outbox), &outbox.faults, self.invited) }
                    }
                </div>
                <div class="bar1" role="listitem" data-test="node-relay">
                    <span><b>{ lang.of(&relay.title) }</b></span>
                    <span class="lane" data-node="relay" />
                    <small>{ lang.of(&relay.line) }</small>
                </div>
            </>
        }
    }
}

/// Messages that no handler could take, for somebody to look at.
#[derive(PartialEq)]
pub struct LettersCard {
    pub lang: Lang,
    pub letters: Same<LettersView>,
    pub narrow: bool,
}

impl Part for LettersCard {
    fn draw(&self) -> Html {
        let (lang, letters) = (self.lang, &*self.letters);
        let failed = maybe(
            letters.failed.as_ref(),
            &|text| html! { <span class="st dead" data-test="letter-failed">{ lang.of(text) }</span> },
        );
        if self.narrow {
            return html! {
                <div class="bar1" role="listitem" data-test="node-letters">
                    <span><b>{ LETTERS }</b>{ failed }</span><small>{ lang.of(&letters.line) }</small>
                </div>
            };
        }
        html! {
            <section class="node sink" data-test="node-letters" role="listitem" aria-label={LETTERS}>
                <header><h4>{ LETTERS }</h4>{ failed }</header>
                { paragraph(lang.of(&letters.line)) }
                { mini_row(&letters.rows, letters.earlier) }
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

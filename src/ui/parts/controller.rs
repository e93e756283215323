//! The controller's card and the partition strip.

use super::super::part::{Part, class, each, maybe};
use super::super::words::{Lang, quorum, silent, span};
use super::{act_buttons, faults, icon};
use crate::view::{Beat, ControllerView, Fault, NodeKey, PartitionView, Target};
use yew::prelude::*;

/// The controller quorum: who is active, who is silent.
#[derive(PartialEq)]
pub struct ControllerCard {
    pub lang: Lang,
    pub controller: ControllerView,
    /// What can be done to the whole cluster.
    pub cluster: Vec<Fault>,
    pub open: bool,
}

impl Part for ControllerCard {
    fn draw(&self) -> Html {
        let (lang, controller) = (self.lang, &self.controller);
        let down = if controller.active.is_none() {
            "down"
        } else {
            ""
        };
        html! {
            <section class={class(&["node ctrl", down])} data-node="controller" role="listitem"
                data-test="node-controller" aria-label="controller">
                <header>
                    <h4>{ "controller" }</h4>
                    <small>{ quorum(lang, controller) }</small>
                    <div class="acts cluster">{ act_buttons(lang, Target::Cluster, &self.cluster, None) }</div>
                    { faults(lang, NodeKey::Controller, &controller.faults, 1, self.open, None) }
                </header>
                <p class="beats">
                    <span>{ lang.words().heartbeats }</span>
                    { each(&controller.beats, &|beat| self.beat(beat)) }
                </p>
            </section>
        }
    }
}

impl ControllerCard {
    fn beat(&self, beat: &Beat) -> Html {
        let bad = |glyph: &str, words: String| {
            html! { <b class="fi lost" key={beat.broker}>{ icon(glyph) }{ words }</b> }
        };
        match beat.silent_us {
            Some(silent_us) => bad(
                "lost",
                silent(self.lang, beat.broker, silent_us, beat.fenced),
            ),
            None if beat.fenced => bad(
                "fenced",
                format!("{} {}", beat.broker, self.lang.words().fenced_word),
            ),
            None => html! {
                <span key={beat.broker}>{ beat.broker.to_string() }<i class="fi safe">{ icon("done") }</i></span>
            },
        }
    }
}

fn discs(ids: &[i32], look: &dyn Fn(i32) -> &'static str) -> Html {
    each(
        ids,
        &|&id| html! { <i key={id} class={class(&["m", look(id)])}>{ id.to_string() }</i> },
    )
}

/// The partition strip: ISR, ELR, out, min.isr; `short` is its form in a narrow bar.
pub fn members(lang: Lang, partition: &PartitionView, short: bool) -> Html {
    let words = lang.words();
    let in_sync = |id| {
        if partition.leader == Some(id) {
            "lead"
        } else {
            "isr"
        }
    };
    let dash = |ids: &[i32]| if ids.is_empty() { "–" } else { "" };
    html! {
        <div class="members" data-test="members">
            if !short { <span><code>{ partition.name.clone() }</code></span> }
            <span>
                { "ISR " }{ dash(&partition.isr) }
                { discs(&partition.isr, &in_sync) }
                { discs(&partition.joining, &|_| "join") }
            </span>
            if !partition.out.is_empty() {
                <span>{ words.out }{ " " }{ discs(&partition.out, &|_| "out") }</span>
            }
            if !short || !partition.elr.is_empty() {
                <span>{ "ELR " }{ dash(&partition.elr) }{ discs(&partition.elr, &|_| "elr") }</span>
            }
            { maybe(partition.leaderless_us, &|for_us| html! {
                <span class="fi lost">{ icon("refused") }{ format!("{} {}", words.no_leader, span(for_us)) }</span>
            }) }
            if partition.unclean { <span class="tag bad">{ icon("warn") }{ words.unclean }</span> }
            if !short { <span class="end">{ format!("{} {}", words.min_isr, partition.min_isr) }</span> }
        </div>
    }
}

//! The controller's card and the partition strip.

use super::super::measure::node_attr;
use super::super::part::{Part, class, each, maybe, when};
use super::super::terms::said;
use super::super::words::{Lang, quorum, silent, span, voter_role};
use super::replicas::partitions;
use super::{act_buttons, faults, icon};
use crate::view::{
    Beat, ControllerView, Fault, NodeKey, PartitionView, Target, VoterRole, VoterView,
};
use yew::prelude::*;

/// The controller quorum: who leads it, who is silent.
#[derive(PartialEq)]
pub struct ControllerCard {
    pub lang: Lang,
    pub controller: ControllerView,
    /// What can be done to the whole cluster.
    pub cluster: Vec<Fault>,
    /// Whose menu is open.
    pub open: Option<u8>,
}

impl Part for ControllerCard {
    fn draw(&self) -> Html {
        let (lang, controller) = (self.lang, &self.controller);
        let down = when(controller.active.is_none(), "down");
        // One controller is the card itself, several are listed on it.
        let only = match &controller.voters[..] {
            [only] => Some(only),
            _ => None,
        };
        let node = only.map(|only| node_attr(NodeKey::Controller(only.index)));
        html! {
            <div class={class(&["node ctrl", down])} data-node={node} role="listitem"
                data-test="node-controller" aria-label="controller">
                <header>
                    <h2>{ if only.is_some() { "controller" } else { "controllers" } }</h2>
                    <small>{ quorum(lang, controller) }</small>
                    <div class="acts cluster">{ act_buttons(lang, Target::Cluster, &self.cluster, None) }</div>
                    { maybe(only, &|only| self.faults(only, 1)) }
                </header>
                if only.is_none() {
                    <div class="voters" role="list">
                        { each(&controller.voters, &|voter| self.voter(voter)) }
                    </div>
                }
                <p class="beats">
                    <span>{ lang.words().heartbeats }</span>
                    { each(&controller.beats, &|beat| self.beat(beat)) }
                </p>
            </div>
        }
    }
}

impl ControllerCard {
    fn faults(&self, voter: &VoterView, on_card: usize) -> Html {
        let open = self.open == Some(voter.index);
        let node = NodeKey::Controller(voter.index);
        faults(self.lang, node, &voter.faults, on_card, open, None)
    }

    fn voter(&self, voter: &VoterView) -> Html {
        let gone = matches!(voter.role, VoterRole::Down | VoterRole::PoweredOff);
        let leads = voter.role == VoterRole::Leader;
        let class = class(&["voter", when(gone, "down"), when(leads, "lead")]);
        let role = voter_role(self.lang, voter.role);
        html! {
            <div key={voter.index} {class} role="listitem" data-node={node_attr(NodeKey::Controller(voter.index))}
                data-test={format!("voter-{}", voter.index)}>
                <b>{ voter.id }</b>
                <span>{ role }</span>
                <small>{ format!("epoch {}", voter.epoch) }</small>
                { self.faults(voter, 0) }
            </div>
        }
    }

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

/// Every partition of a topic that has several: its in-sync replicas, and who is out of them.
pub fn all_members(lang: Lang, all: &[PartitionView]) -> Html {
    let words = lang.words();
    let one = |partition: &PartitionView| {
        let look = |id| match partition.leader == Some(id) {
            true => "lead",
            false => "isr",
        };
        html! {
            <>
                { discs(&partition.isr, &look) }
                { discs(&partition.out, &|_| "out") }
                { maybe(partition.leaderless_us, &|_| html! { <b class="fi lost">{ words.no_leader }</b> }) }
            </>
        }
    };
    partitions(all, &one)
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
                { said(lang, "ISR".into()) }{ " " }{ dash(&partition.isr) }
                { discs(&partition.isr, &in_sync) }
                { discs(&partition.joining, &|_| "join") }
            </span>
            if !partition.out.is_empty() {
                <span>{ words.out }{ " " }{ discs(&partition.out, &|_| "out") }</span>
            }
            if !short || !partition.elr.is_empty() {
                <span>{ said(lang, "ELR".into()) }{ " " }{ dash(&partition.elr) }{ discs(&partition.elr, &|_| "elr") }</span>
            }
            { maybe(partition.leaderless_us, &|for_us| html! {
                <span class="fi lost">{ icon("refused") }{ format!("{} {}", words.no_leader, span(for_us)) }</span>
            }) }
            if partition.unclean { <span class="tag bad">{ icon("warn") }{ words.unclean }</span> }
            if !short { <span class="end">{ format!("{} {}", words.min_isr, partition.min_isr) }</span> }
        </div>
    }
}

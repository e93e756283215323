//! The controller's card and the partition strip.

use super::super::words::{Lang, quorum, silent, span};
use super::{Faults, act_buttons, icon, use_driver};
use crate::view::{Beat, ControllerView, Fault, NodeKey, PartitionView, Target};
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct ControllerCardProps {
    pub lang: Lang,
    pub controller: ControllerView,
    /// What can be done to the whole cluster.
    pub cluster: Vec<Fault>,
    pub open: bool,
}

/// The controller quorum: who is active, who is silent.
#[component]
pub fn ControllerCard(props: &ControllerCardProps) -> Html {
    let driver = use_driver();
    let (lang, controller) = (props.lang, &props.controller);
    let cluster = act_buttons(&driver, lang, Target::Cluster, &props.cluster, None);
    let beat = |beat: &Beat| match beat.silent_us {
        Some(silent_us) => html! {
            <b class="fi lost" key={beat.broker}>
                { icon("lost") }{ silent(lang, beat.broker, silent_us, beat.fenced) }
            </b>
        },
        None if beat.fenced => html! {
            <b class="fi lost" key={beat.broker}>
                { icon("fenced") }{ format!("{} {}", beat.broker, lang.words().fenced_word) }
            </b>
        },
        None => html! {
            <span key={beat.broker}>{ beat.broker }<i class="fi safe">{ icon("done") }</i></span>
        },
    };
    let down = controller.active.is_none().then_some("down");
    html! {
        <section class={classes!("node", "ctrl", down)} data-node="controller" role="listitem"
            data-test="node-controller" aria-label="controller">
            <header>
                <h4>{ "controller" }</h4>
                <small>{ quorum(lang, controller) }</small>
                <div class="acts cluster">{ cluster }</div>
                <Faults {lang} node={NodeKey::Controller} faults={controller.faults.clone()} on_card={1}
                    open={props.open} />
            </header>
            <p class="beats"><span>{ lang.words().heartbeats }</span>{ for controller.beats.iter().map(beat) }</p>
        </section>
    }
}

#[derive(PartialEq, Properties)]
pub struct MembersProps {
    pub lang: Lang,
    pub partition: PartitionView,
    /// Only ISR and out, for a narrow bar.
    #[prop_or_default]
    pub short: bool,
}

/// The partition strip: ISR, ELR, out, min.isr.
#[component]
pub fn Members(props: &MembersProps) -> Html {
    let (lang, partition) = (props.lang, &props.partition);
    let words = lang.words();
    let disc = |class: &'static str| move |id: &i32| html! { <i key={format!("{class}{id}")} class={classes!("m", class)}>{ *id }</i> };
    let isr = partition.isr.iter().map(|id| {
        disc(if partition.leader == Some(*id) {
            "lead"
        } else {
            "isr"
        })(id)
    });
    html! {
        <div class="members" data-test="members">
            if !props.short { <span><code>{ &partition.name }</code></span> }
            <span>
                { "ISR " }
                if partition.isr.is_empty() { { "–" } }
                { for isr }
                { for partition.joining.iter().map(disc("join")) }
            </span>
            if !partition.out.is_empty() {
                <span>{ words.out }{ " " }{ for partition.out.iter().map(disc("out")) }</span>
            }
            if !props.short || !partition.elr.is_empty() {
                <span>
                    { "ELR " }
                    if partition.elr.is_empty() { { "–" } }
                    { for partition.elr.iter().map(disc("elr")) }
                </span>
            }
            if let Some(for_us) = partition.leaderless_us {
                <span class="fi lost">{ icon("refused") }{ words.no_leader }{ " " }{ span(for_us) }</span>
            }
            if partition.unclean { <span class="tag bad">{ icon("warn") }{ words.unclean }</span> }
            if !props.short {
                <span class="end">{ words.min_isr }{ " " }{ partition.min_isr }</span>
            }
        </div>
    }
}

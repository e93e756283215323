//! What can be done to a node or a link: two buttons on the card, the rest behind "…".

use super::super::browser;
use super::super::intent::{Intent, on};
use super::super::look;
use super::super::measure::node_attr;
use super::super::part::{class, each, when, yes_no};
use super::super::state::Open;
use super::super::words::{Lang, fault as fault_words, fault_note, node as node_words};
use super::icon;
use crate::view::{Action, Fault, NodeKey, Target};
use yew::prelude::*;

/// The name tests know a target by.
fn target_name(target: Target) -> String {
    match target {
        Target::Node(key) => node_attr(key),
        Target::Link(a, b) => format!("{}-{}", node_attr(a), node_attr(b)),
        Target::Cluster => "cluster".into(),
        Target::Row(message) => format!("row-{message}"),
    }
}

/// A target for readers.
fn target_words(lang: Lang, target: Target) -> String {
    match target {
        Target::Node(key) => node_words(lang, key),
        Target::Link(a, b) => format!("{} – {}", node_words(lang, a), node_words(lang, b)),
        Target::Cluster => lang.words().cluster.into(),
        Target::Row(message) => format!("m{message}"),
    }
}

/// A fault's name for tests on this target.
pub fn fault_test(fault: Fault, target: Target) -> String {
    format!("fault-{}-{}", look::fault(fault).1, target_name(target))
}

/// A node's buttons: `on_card` of them, the rest behind "…"; `invited` is the one that the lesson
/// invites to.
pub fn faults(
    lang: Lang,
    node: NodeKey,
    faults: &[Fault],
    on_card: usize,
    is_open: bool,
    invited: Option<Fault>,
) -> Html {
    let target = Target::Node(node);
    let (shown, hidden) = faults.split_at(on_card.min(faults.len()));
    let onclick = on(Intent::Open((!is_open).then_some(Open::Node(node))));
    let label = format!(
        "{}: {}",
        lang.words().more_faults,
        target_words(lang, target)
    );
    let test = format!("fault-menu-{}", target_name(target));
    html! {
        <div class="acts" data-menu="true">
            { act_buttons(lang, target, shown, invited) }
            if !hidden.is_empty() {
                <button class="act more" {onclick} aria-label={label} aria-haspopup="menu"
                    aria-expanded={yes_no(is_open)} data-test={test}>{ icon("more") }</button>
            }
            if is_open { { fault_menu(lang, target, hidden, None) } }
        </div>
    }
}

/// A small button for each of these faults.
pub fn act_buttons(lang: Lang, target: Target, faults: &[Fault], invited: Option<Fault>) -> Html {
    each(faults, &|&fault| {
        let onclick = on(Intent::Act(Action { target, fault }));
        let label = format!(
            "{} {}",
            fault_words(lang, fault),
            target_words(lang, target)
        );
        let class = class(&["act", when(invited == Some(fault), "invite lost")]);
        html! {
            <button key={look::fault(fault).1} {class} {onclick} aria-label={label}
                title={fault_note(lang, fault)} data-test={fault_test(fault, target)}>
                { fault_words(lang, fault) }
            </button>
        }
    })
}

/// The way to a broker's log files.
fn log_files(lang: Lang, target: Target) -> Html {
    let Target::Node(NodeKey::Broker(id)) = target else {
        return Html::default();
    };
    let later = lang.later();
    let onclick = on(Intent::Open(Some(Open::Files(id, None))));
    html! {
        <button class="mi" role="menuitem" {onclick} data-test={format!("log-files-{id}")}>
            { icon("disk") }<span>{ later.files_title }</span><small>{ later.files_note }</small>
        </button>
    }
}

/// The list behind "…".
pub fn fault_menu(lang: Lang, target: Target, faults: &[Fault], style: Option<String>) -> Html {
    let lines = each(faults, &|&fault| {
        let onclick = on(Intent::Act(Action { target, fault }));
        let (glyph, name) = look::fault(fault);
        html! {
            <button key={name} class="mi" role="menuitem" {onclick} data-test={fault_test(fault, target)}>
                { icon(glyph) }
                <span>{ fault_words(lang, fault) }</span>
                <small>{ fault_note(lang, fault) }</small>
            </button>
        }
    });
    html! {
        <div class="menu" role="menu" onkeydown={browser::rove()} {style} data-menu="true"
            aria-label={target_words(lang, target)}>
            { lines }
            { log_files(lang, target) }
        </div>
    }
}

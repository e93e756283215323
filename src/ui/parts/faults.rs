//! What can be done to a node or a link: two buttons on the card, the rest behind "…".

use super::super::browser;
use super::super::look;
use super::super::measure::node_attr;
use super::super::state::{Msg, Open};
use super::super::words::{Lang, fault as fault_words, fault_note, node as node_words};
use super::{Driver, icon, use_driver};
use crate::view::{Action, Fault, NodeKey, Target};
use yew::prelude::*;

/// The name tests know a target by.
fn target_name(target: Target) -> String {
    match target {
        Target::Node(key) => node_attr(key),
        Target::Link(a, b) => format!("{}-{}", node_attr(a), node_attr(b)),
        Target::Cluster => "cluster".into(),
    }
}

/// A target for readers.
fn target_words(lang: Lang, target: Target) -> String {
    match target {
        Target::Node(key) => node_words(lang, key),
        Target::Link(a, b) => format!("{} – {}", node_words(lang, a), node_words(lang, b)),
        Target::Cluster => lang.words().cluster.into(),
    }
}

#[derive(PartialEq, Properties)]
pub struct FaultsProps {
    pub lang: Lang,
    pub node: NodeKey,
    pub faults: Vec<Fault>,
    /// How many are on the card.
    pub on_card: usize,
    pub open: bool,
    /// The one that the lesson invites to.
    #[prop_or_default]
    pub invited: Option<Fault>,
}

/// A node's buttons.
#[component]
pub fn Faults(props: &FaultsProps) -> Html {
    let driver = use_driver();
    let target = Target::Node(props.node);
    let (shown, hidden) = props.faults.split_at(props.on_card.min(props.faults.len()));
    let buttons = act_buttons(&driver, props.lang, target, shown, props.invited);
    let toggle = {
        let (driver, open) = (driver.clone(), Open::Node(props.node));
        let next = if props.open { None } else { Some(open) };
        Callback::from(move |_| driver.tell(Msg::Open(next)))
    };
    let more = format!(
        "{}: {}",
        props.lang.words().more_faults,
        target_words(props.lang, target)
    );
    html! {
        <div class="acts" data-menu="true">
            { buttons }
            if !hidden.is_empty() {
                <button key="more" class="act more" onclick={toggle} aria-label={more} aria-haspopup="menu"
                    aria-expanded={props.open.to_string()}
                    data-test={format!("fault-menu-{}", target_name(target))}>{ icon("more") }</button>
            }
            if props.open {
                <FaultMenu key="menu" lang={props.lang} {target} faults={hidden.to_vec()} />
            }
        </div>
    }
}

/// A small button for each of these faults.
pub fn act_buttons(
    driver: &Driver,
    lang: Lang,
    target: Target,
    faults: &[Fault],
    invited: Option<Fault>,
) -> Html {
    let button = |&fault: &Fault| {
        let act = driver.clone();
        let onclick = Callback::from(move |_| act.act(Action { target, fault }));
        let (_, name) = look::fault(fault);
        let label = format!(
            "{} {}",
            fault_words(lang, fault),
            target_words(lang, target)
        );
        let class = classes!("act", (invited == Some(fault)).then_some("invite lost"));
        html! {
            <button key={name} {class} {onclick} aria-label={label} title={fault_note(lang, fault)}
                data-test={format!("fault-{name}-{}", target_name(target))}>
                { fault_words(lang, fault) }
            </button>
        }
    };
    faults.iter().map(button).collect()
}

#[derive(PartialEq, Properties)]
pub struct FaultMenuProps {
    pub lang: Lang,
    pub target: Target,
    pub faults: Vec<Fault>,
    #[prop_or_default]
    pub style: Option<String>,
}

/// The list behind "…".
#[component]
pub fn FaultMenu(props: &FaultMenuProps) -> Html {
    let driver = use_driver();
    let (lang, target) = (props.lang, props.target);
    let menu = use_node_ref();
    {
        let menu = menu.clone();
        use_effect_with((), move |_| {
            if let Some(menu) = menu.cast::<web_sys::Element>() {
                browser::focus_first(&menu);
            }
        });
    }
    let lines = props.faults.iter().map(|&fault| {
        let driver = driver.clone();
        let onclick = Callback::from(move |_| driver.act(Action { target, fault }));
        let (glyph, name) = look::fault(fault);
        html! {
            <button key={name} class="mi" role="menuitem" {onclick}
                data-test={format!("fault-{name}-{}", target_name(target))}>
                { icon(glyph) }
                <span>{ fault_words(lang, fault) }</span>
                <small>{ fault_note(lang, fault) }</small>
            </button>
        }
    });
    html! {
        <div class="menu" role="menu" ref={menu} onkeydown={|event: KeyboardEvent| browser::rove(&event)} style={props.style.clone()} data-menu="true"
            aria-label={target_words(lang, target)}>
            { for lines }
        </div>
    }
}

//! Wires between nodes, each with its state and its menu.

use super::super::look;
use super::super::measure::node_attr;
use super::super::same::Same;
use super::super::state::{Msg, Open};
use super::super::wires::{Places, Wire};
use super::super::words::{Lang, node as node_words};
use super::net::Frame;
use super::{FaultMenu, use_driver};
use crate::view::{LinkState, LinkView, StageView, Target};
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct LinksProps {
    pub lang: Lang,
    pub frame: Frame,
    pub stage: Same<StageView>,
    pub places: Same<Places>,
    pub open: Option<Open>,
}

/// All wires. They lie under the nodes.
#[component]
pub fn Links(props: &LinksProps) -> Html {
    if props.frame == Frame::Narrow {
        return Html::default();
    }
    let wires = props.stage.links.iter().filter_map(|link| {
        let wire = props.places.wire(link.a, link.b)?;
        let key = format!("{}-{}", node_attr(link.a), node_attr(link.b));
        Some(html! {
            <Link {key} lang={props.lang} link={link.clone()} {wire} big={props.frame == Frame::First} />
        })
    });
    let menu = props.stage.links.iter().find_map(|link| {
        (props.open == Some(Open::Link(link.a, link.b))).then_some(())?;
        let (x, y) = props.places.wire(link.a, link.b)?.at(0.5);
        let style = format!("left:{x:.0}px;top:{y:.0}px");
        let target = Target::Link(link.a, link.b);
        Some(
            html! { <FaultMenu lang={props.lang} {target} faults={link.faults.clone()} {style} /> },
        )
    });
    html! {
        <>
            <svg class="wires under">{ for wires }</svg>
            { menu.unwrap_or_default() }
        </>
    }
}

#[derive(PartialEq, Properties)]
struct LinkProps {
    lang: Lang,
    link: LinkView,
    wire: Wire,
    big: bool,
}

#[component]
fn Link(props: &LinkProps) -> Html {
    let driver = use_driver();
    let link = &props.link;
    let open = Msg::Open(Some(Open::Link(link.a, link.b)));
    let onclick = {
        let (driver, open) = (driver.clone(), Open::Link(link.a, link.b));
        Callback::from(move |_: MouseEvent| driver.tell(Msg::Open(Some(open))))
    };
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Enter" || event.key() == " " {
            event.prevent_default();
            event.stop_propagation();
            if let Msg::Open(open) = open {
                driver.tell(Msg::Open(open));
            }
        }
    });
    let label = format!(
        "{}: {} – {}",
        props.lang.words().link_faults,
        node_words(props.lang, link.a),
        node_words(props.lang, link.b)
    );
    let d = props.wire.path();
    let (class, big) = (wire_class(link), props.big.then_some("big"));
    let test = format!("link-{}-{}", node_attr(link.a), node_attr(link.b));
    html! {
        <g>
            <path class={classes!(class, big)} d={d.clone()} />
            { marks(link.state, props.wire) }
            if !link.faults.is_empty() {
                <path class="hit" {d} role="button" tabindex="0" aria-label={label} data-menu="true"
                    data-test={test} {onclick} {onkeydown} />
            }
        </g>
    }
}

fn wire_class(link: &LinkView) -> String {
    let hue = link.hue.map_or("idle", look::hue);
    match link.state {
        LinkState::Open => format!("w {hue}"),
        LinkState::Cut | LinkState::CutForward | LinkState::CutBackward | LinkState::Refused => {
            "w lost cutl".into()
        }
        LinkState::Slow { .. } => format!("w {hue} slowl"),
        LinkState::Lossy { .. } => format!("w {hue} lossl"),
    }
}

/// What is written or drawn at the middle of a wire that is not as it should be.
fn marks(state: LinkState, wire: Wire) -> Html {
    let (x, y) = wire.at(0.5);
    let at = format!("translate({x:.1} {y:.1})");
    let words =
        |text: String| html! { <text class="lb" transform={at.clone()} y="-8">{ text }</text> };
    match state {
        LinkState::Open | LinkState::Refused => Html::default(),
        LinkState::Cut => html! {
            <g transform={at}><path class="x" d="M-6 -6l12 12m0-12l-12 12" /></g>
        },
        LinkState::CutForward => html! {
            <g transform={at}><path class="cap" d="M0 -8v16" /><path class="w" d="M14 12H-12m6-4l-6 4 6 4" /></g>
        },
        LinkState::CutBackward => html! {
            <g transform={at}><path class="cap" d="M0 -8v16" /><path class="w" d="M-14 12H12m-6-4l6 4-6 4" /></g>
        },
        LinkState::Slow { extra_us } => words(format!("+{} ms", extra_us / 1000)),
        LinkState::Lossy { loss_ppm } => words(format!("{}%", loss_ppm / 10_000)),
    }
}

//! Wires between nodes, each with its state and its menu.

use super::super::intent::{Intent, on};
use super::super::look;
use super::super::measure::node_attr;
use super::super::part::{Part, list};
use super::super::px::{px, translate};
use super::super::same::Same;
use super::super::state::Open;
use super::super::wires::{Places, Wire};
use super::super::words::{Lang, node as node_words};
use super::fault_menu;
use super::net::Frame;
use crate::view::{LinkState, LinkView, NodeKey, StageView, Target};
use yew::prelude::*;

/// All wires. They lie under the nodes.
#[derive(PartialEq)]
pub struct Links {
    pub lang: Lang,
    pub frame: Frame,
    pub stage: Same<StageView>,
    pub places: Same<Places>,
    pub open: Option<Open>,
}

impl Part for Links {
    fn draw(&self) -> Html {
        if self.frame == Frame::Narrow {
            return Html::default();
        }
        let (mut wires, mut menu) = (Vec::new(), Html::default());
        for link in &self.stage.links {
            let Some(wire) = self.places.wire(link.a, link.b) else {
                continue;
            };
            wires.push(self.link(link, wire));
            if self.open == Some(Open::Link(link.a, link.b)) {
                let (x, y) = wire.at(0.5);
                let style = format!("left:{}px;top:{}px", px(x), px(y));
                let target = Target::Link(link.a, link.b);
                menu = fault_menu(self.lang, target, &link.faults, Some(style));
            }
        }
        html! { <><svg class="wires under" role="listitem">{ list(wires) }</svg>{ menu }</> }
    }
}

impl Links {
    fn link(&self, link: &LinkView, wire: Wire) -> Html {
        let name = format!("{}-{}", node_attr(link.a), node_attr(link.b));
        let label = format!(
            "{}: {} – {}",
            self.lang.words().link_faults,
            node_words(self.lang, link.a),
            node_words(self.lang, link.b)
        );
        let onclick = on(Intent::Open(Some(Open::Link(link.a, link.b))));
        let d: AttrValue = wire.path().into();
        let big = if self.frame == Frame::First {
            " big"
        } else {
            ""
        };
        let class: AttrValue = format!("{}{big}", wire_class(link)).into();
        html! {
            <g key={name.clone()}>
                <path {class} d={d.clone()} />
                { marks(link.state, wire) }
                if !link.faults.is_empty() {
                    <path class="hit" {d} role="button" tabindex="0" aria-label={label} data-menu="true"
                        data-test={format!("link-{name}")} {onclick} />
                }
            </g>
        }
    }
}

fn wire_class(link: &LinkView) -> String {
    let hue = link.hue.map_or("idle", look::hue);
    match link.state {
        LinkState::Open if matches!(link.a, NodeKey::Controller(_)) => format!("w {hue} faint"),
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
    let style = translate(wire.at(0.5));
    let words =
        |text: String| html! { <text class="lb" style={style.clone()} y="-8">{ text }</text> };
    let arrow = |d: &'static str| {
        html! { <g style={style.clone()}><path class="cap" d="M0 -8v16" /><path class="w" {d} /></g> }
    };
    match state {
        LinkState::Open | LinkState::Refused => Html::default(),
        LinkState::Cut => html! { <g {style}><path class="x" d="M-6 -6l12 12m0-12l-12 12" /></g> },
        LinkState::CutForward => arrow("M14 12H-12m6-4l-6 4 6 4"),
        LinkState::CutBackward => arrow("M-14 12H12m-6-4l6 4-6 4"),
        LinkState::Slow { extra_us } => words(format!("+{} ms", extra_us / 1000)),
        LinkState::Lossy { loss_ppm } => words(format!("{}%", loss_ppm / 10_000)),
    }
}

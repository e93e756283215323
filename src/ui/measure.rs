//! Boxes measured on the page: where nodes are, how wide an element is.

use super::wires::{Place, Places};
use crate::view::NodeKey;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// The `data-node` attribute of a node.
pub fn node_attr(key: NodeKey) -> String {
    match key {
        NodeKey::Producer(place) => format!("producer-{place}"),
        NodeKey::Broker(id) => id.to_string(),
        NodeKey::Controller(place) => format!("controller-{place}"),
        NodeKey::Consumer(place) => format!("consumer-{place}"),
        NodeKey::Sink => "sink".into(),
        NodeKey::Relay => "relay".into(),
        NodeKey::Outbox => "outbox".into(),
    }
}

fn node_of(attr: &str) -> Option<NodeKey> {
    if let Some(place) = attr.strip_prefix("producer-") {
        return place.parse().ok().map(NodeKey::Producer);
    }
    if let Some(place) = attr.strip_prefix("consumer-") {
        return place.parse().ok().map(NodeKey::Consumer);
    }
    if let Some(place) = attr.strip_prefix("controller-") {
        return place.parse().ok().map(NodeKey::Controller);
    }
    match attr {
        "sink" => Some(NodeKey::Sink),
        "relay" => Some(NodeKey::Relay),
        "outbox" => Some(NodeKey::Outbox),
        _ => attr.parse().ok().map(NodeKey::Broker),
    }
}

fn measure(net: &Element, narrow: bool) -> Places {
    let origin = net.get_bounding_client_rect();
    let mut nodes = Vec::new();
    let found = net.query_selector_all("[data-node]").ok();
    for place in 0..found.as_ref().map_or(0, |list| list.length()) {
        let node = found.as_ref().and_then(|list| list.item(place));
        let Some(element) = node.and_then(|node| node.dyn_into::<Element>().ok()) else {
            continue;
        };
        let Some(key) = element
            .get_attribute("data-node")
            .and_then(|attr| node_of(&attr))
        else {
            continue;
        };
        let rect = element.get_bounding_client_rect();
        let round = |value: f64| (value * 2.0).round() / 2.0;
        nodes.push((
            key,
            Place {
                x: round(rect.x() - origin.x()),
                y: round(rect.y() - origin.y()),
                w: round(rect.width()),
                h: round(rect.height()),
            },
        ));
    }
    Places {
        nodes,
        narrow,
        pitch: pitch(net),
    }
}

/// Width of a record cell and of the gap after it, as the style sheet has them here.
fn pitch(net: &Element) -> f64 {
    let cell = net
        .query_selector(".log .rec")
        .ok()
        .flatten()
        .unwrap_or_else(|| net.clone());
    let style =
        web_sys::window().and_then(|window| window.get_computed_style(&cell).ok().flatten());
    let pixels = |name: &str| {
        let value = style
            .as_ref()
            .and_then(|style| style.get_property_value(name).ok());
        value
            .map(|value| js_sys::parse_float(&value))
            .filter(|px| px.is_finite())
    };
    pixels("--cw").unwrap_or(24.0) + pixels("--cg").unwrap_or(3.0)
}

/// Calls back whenever the element's box changes, until dropped.
struct Watch {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl Watch {
    fn new(element: &Element, callback: impl FnMut() + 'static) -> Option<Self> {
        let callback = Closure::<dyn FnMut()>::new(callback);
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self {
            observer,
            _callback: callback,
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// The boxes of all nodes inside `net`, measured anew when `shape` or the size changes.
#[hook]
pub fn use_places<T: PartialEq + 'static>(net: &NodeRef, shape: T, narrow: bool) -> Rc<Places> {
    let places = use_state(Rc::<Places>::default);
    let remeasure = {
        let (places, net) = (places.setter(), net.clone());
        let last = use_mut_ref(Rc::<Places>::default);
        move || {
            let Some(net) = net.cast::<Element>() else {
                return;
            };
            let fresh = measure(&net, narrow);
            if **last.borrow() != fresh {
                let fresh = Rc::new(fresh);
                *last.borrow_mut() = fresh.clone();
                places.set(fresh);
            }
        }
    };
    {
        let remeasure = remeasure.clone();
        use_effect_with((shape, narrow), move |_| remeasure());
    }
    let net = net.clone();
    use_effect_with(narrow, move |_| {
        let watch = net
            .cast::<Element>()
            .and_then(|net| Watch::new(&net, remeasure));
        move || drop(watch)
    });
    (*places).clone()
}

/// The width of an element in whole pixels.
#[hook]
pub fn use_width(node: &NodeRef, at_first: f64) -> f64 {
    let width = use_state_eq(|| at_first);
    let (setter, node) = (width.setter(), node.clone());
    use_effect_with((), move |_| {
        let element = node.cast::<Element>();
        let watch = element.clone().and_then(|element| {
            let watched = element.clone();
            Watch::new(&watched, move || {
                setter.set(element.get_bounding_client_rect().width().round());
            })
        });
        move || drop(watch)
    });
    *width
}

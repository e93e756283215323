//! Parts of the page: values that know how to draw themselves.
//!
//! All parts share one component, which draws a part again only when it differs from the one
//! before. A component of its own for each part would do the same, but every component type costs
//! the page some kilobytes of Yew's machinery.

use std::any::Any;
use std::rc::Rc;
use yew::prelude::*;
use yew::virtual_dom::Key;

/// A part of the page, drawn from its own values. Views inside are
/// [`Same`](super::same::Same), so comparing is cheap.
pub trait Part: PartialEq + 'static {
    /// What the part looks like.
    fn draw(&self) -> Html;
}

/// A part whose type is forgotten.
trait AnyPart {
    fn draw_any(&self) -> Html;
    fn same_as(&self, other: &dyn AnyPart) -> bool;
    fn as_any(&self) -> &dyn Any;
}

impl<P: Part> AnyPart for P {
    fn draw_any(&self) -> Html {
        self.draw()
    }

    fn same_as(&self, other: &dyn AnyPart) -> bool {
        other.as_any().downcast_ref::<P>() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The properties of the one component.
#[derive(Clone, Properties)]
struct Held {
    part: Rc<dyn AnyPart>,
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.part.same_as(&*other.part)
    }
}

/// The one component.
struct Memo;

impl Component for Memo {
    type Message = ();
    type Properties = Held;

    fn create(_ctx: &Context<Self>) -> Self {
        Self
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        ctx.props().part.draw_any()
    }
}

/// A part in its place.
pub fn part<P: Part>(part: P) -> Html {
    held(Rc::new(part), None)
}

/// A part in a list.
pub fn keyed<P: Part>(key: impl Into<Key>, part: P) -> Html {
    held(Rc::new(part), Some(key.into()))
}

fn held(part: Rc<dyn AnyPart>, key: Option<Key>) -> Html {
    match key {
        Some(key) => html! { <Memo {key} {part} /> },
        None => html! { <Memo {part} /> },
    }
}

/// A list drawn item by item; items bring their keys.
pub fn each<T>(items: &[T], draw: &dyn Fn(&T) -> Html) -> Html {
    list(items.iter().map(draw).collect())
}

/// A list drawn with each item's place.
pub fn each_at<T>(items: &[T], draw: &dyn Fn(usize, &T) -> Html) -> Html {
    list(
        items
            .iter()
            .enumerate()
            .map(|(place, item)| draw(place, item))
            .collect(),
    )
}

/// Nodes as one node.
pub fn list(nodes: Vec<Html>) -> Html {
    yew::virtual_dom::VList::with_children(nodes, None).into()
}

/// What is there, or nothing.
pub fn maybe<T>(value: Option<T>, draw: &dyn Fn(T) -> Html) -> Html {
    value.map_or_else(Html::default, draw)
}

/// Class names with a space between them; empty ones are left out.
pub fn class(names: &[&str]) -> AttrValue {
    let mut all = String::new();
    for name in names.iter().filter(|name| !name.is_empty()) {
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(name);
    }
    all.into()
}

/// The name when it applies.
pub fn when(applies: bool, name: &'static str) -> &'static str {
    if applies { name } else { "" }
}

/// "true" or "false", for attributes that spell it out.
pub fn yes_no(yes: bool) -> &'static str {
    if yes { "true" } else { "false" }
}

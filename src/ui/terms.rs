//! Terms of the glossary in running text: marked, and explained on hover, focus and tap.
//!
//! The card that explains is no component: it belongs to whatever is under the pointer, in every room, and nothing
//! else depends on it.

use super::later;
use super::part::list;
use super::words::Lang;
use crate::view::glossary::{Entry, Glossary, Piece};
use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, Event, HtmlElement, KeyboardEvent, PointerEvent};
use yew::prelude::*;

/// Whoever only passes over a term is not shown its card.
const REST_MS: u32 = 140;
/// Time to move the pointer from the term to the card.
const LEAVE_MS: u32 = 260;
/// A button with several terms explains so many.
const MOST_ENTRIES: usize = 3;
const CARD_ID: &str = "term-card";

thread_local! {
    static GLOSSARY: RefCell<Option<Rc<Glossary>>> = const { RefCell::new(None) };
    static SHOWN: RefCell<Option<Shown>> = const { RefCell::new(None) };
    static WAITING: RefCell<Option<Timeout>> = const { RefCell::new(None) };
    /// A finger is on a term; what comes of it is no press of the button around the term.
    static TAPPED: Cell<bool> = const { Cell::new(false) };
}

struct Shown {
    card: Element,
    of: Element,
}

/// The glossary, made when it is first needed.
pub fn glossary() -> Rc<Glossary> {
    GLOSSARY.with(|slot| Rc::clone(slot.borrow_mut().get_or_insert_with(Rc::default)))
}

/// A sentence with its terms marked, once the rest of the program is here.
pub fn said(lang: Lang, text: String) -> Html {
    match later::has_rest() {
        true => marked(lang, &text, true),
        false => text.into(),
    }
}

/// The same on a button, which has the focus itself.
pub fn said_on_button(lang: Lang, text: String) -> Html {
    match later::has_rest() {
        true => marked(lang, &text, false),
        false => text.into(),
    }
}

/// The value of `data-term` for a config, once the rest of the program is here.
pub fn named(config: &str) -> Option<String> {
    let number = later::has_rest().then(|| glossary().find(config)).flatten();
    number.map(|number| number.to_string())
}

#[inline(never)]
fn marked(lang: Lang, text: &str, focusable: bool) -> Html {
    let pieces = glossary().pieces(text, lang == Lang::Zh);
    let draw = |piece: &Piece| match piece.entry {
        None => piece.text.to_owned().into(),
        Some(entry) => term(entry, piece.text.to_owned(), focusable),
    };
    list(pieces.iter().map(draw).collect())
}

fn term(entry: usize, text: String, focusable: bool) -> Html {
    let tabindex = focusable.then_some("0");
    html! { <span class="term" {tabindex} data-term={entry.to_string()}>{ text }</span> }
}

/// Begins to listen for pointer, focus and keys; once, as soon as the rest of the program is here.
#[inline(never)]
pub fn install() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return;
    };
    let listen = |name: &'static str, act: fn(&Event)| {
        let options = EventListenerOptions {
            phase: gloo::events::EventListenerPhase::Capture,
            passive: false,
        };
        let listener = EventListener::new_with_options(&document, name, options, act);
        // The page never stops listening.
        listener.forget();
    };
    listen("pointerover", hovered);
    listen("pointerdown", pressed);
    listen("click", clicked);
    listen("focusin", focused);
    listen("focusout", |_| hide());
    listen("keydown", key_pressed);
    listen("scroll", |_| hide());
}

fn element(event: &Event) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()
}

fn closest(event: &Event, selector: &str) -> Option<Element> {
    element(event)?.closest(selector).ok().flatten()
}

fn is_touch(event: &Event) -> bool {
    let pointer = event.dyn_ref::<PointerEvent>();
    pointer.is_some_and(|pointer| pointer.pointer_type() != "mouse")
}

fn hovered(event: &Event) {
    if is_touch(event) {
        return;
    }
    if let Some(of) = closest(event, "[data-term]") {
        if is_shown_for(&of) {
            wait(None);
        } else {
            wait(Some(Timeout::new(REST_MS, move || show(&of))));
        }
    } else if closest(event, "#term-card").is_some() {
        wait(None);
    } else if SHOWN.with_borrow(Option::is_some) {
        wait(Some(Timeout::new(LEAVE_MS, hide)));
    } else {
        wait(None);
    }
}

fn pressed(event: &Event) {
    let of = closest(event, "[data-term]").filter(|_| is_touch(event));
    TAPPED.set(of.is_some());
    match of {
        Some(of) if is_shown_for(&of) => hide(),
        Some(of) => show(&of),
        None if closest(event, "#term-card").is_none() => hide(),
        None => {}
    }
}

fn clicked(event: &Event) {
    if TAPPED.replace(false) && closest(event, "[data-term]").is_some() {
        event.prevent_default();
        event.stop_propagation();
    }
}

fn focused(event: &Event) {
    let by_keyboard = |of: &Element| of.matches(":focus-visible").unwrap_or(false);
    if let Some(of) = element(event).filter(by_keyboard) {
        show(&of);
    }
}

fn key_pressed(event: &Event) {
    let escape = event
        .dyn_ref::<KeyboardEvent>()
        .is_some_and(|event| event.key() == "Escape");
    if escape && SHOWN.with_borrow(Option::is_some) {
        hide();
        event.prevent_default();
        event.stop_propagation();
    }
}

fn wait(timeout: Option<Timeout>) {
    // A timeout that is dropped is cancelled.
    WAITING.with(|slot| *slot.borrow_mut() = timeout);
}

fn is_shown_for(of: &Element) -> bool {
    SHOWN.with_borrow(|shown| shown.as_ref().is_some_and(|shown| shown.of == *of))
}

fn hide() {
    wait(None);
    if let Some(Shown { card, of }) = SHOWN.take() {
        card.remove();
        // An element that is gone needs no description.
        let _ = of.remove_attribute("aria-describedby");
    }
}

/// Shows the card of a term, or of the terms on a button.
fn show(of: &Element) {
    hide();
    let glossary = glossary();
    let known = numbers(of).into_iter();
    let entries: Vec<&Entry> = known
        .filter_map(|number| glossary.entries.get(number))
        .collect();
    if entries.is_empty() || !of.is_connected() {
        return;
    }
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(card) = document.and_then(|document| draw(&document, &entries)) {
        place(&card, of);
        let _ = of.set_attribute("aria-describedby", CARD_ID);
        let of = of.clone();
        SHOWN.with(|shown| *shown.borrow_mut() = Some(Shown { card, of }));
    }
}

/// The entries that an element names, or that are named within a button.
fn numbers(of: &Element) -> Vec<usize> {
    let number = |of: &Element| of.get_attribute("data-term")?.parse().ok();
    if let Some(number) = number(of) {
        return vec![number];
    }
    if !of.matches("button").unwrap_or(false) {
        return Vec::new();
    }
    let Ok(terms) = of.query_selector_all("[data-term]") else {
        return Vec::new();
    };
    (0..terms.length())
        .filter_map(|place| terms.item(place)?.dyn_into::<Element>().ok())
        .filter_map(|term| number(&term))
        .take(MOST_ENTRIES)
        .collect()
}

fn draw(document: &Document, entries: &[&Entry]) -> Option<Element> {
    let code = document.document_element()?.get_attribute("lang");
    let lang = Lang::from_code(&code.unwrap_or_default());
    let add = |parent: &Element, tag: &str, text: String| {
        let child = document.create_element(tag).ok()?;
        child.set_text_content(Some(&text));
        parent.append_child(&child).ok()
    };
    let card = document.create_element("div").ok()?;
    card.set_id(CARD_ID);
    for (name, value) in [
        ("role", "tooltip"),
        ("data-menu", "true"),
        ("data-test", CARD_ID),
    ] {
        card.set_attribute(name, value).ok()?;
    }
    for entry in entries {
        add(&card, "b", lang.of(&entry.name))?;
        for meaning in &entry.meanings {
            add(&card, "p", lang.of(&meaning.text))?;
            if !meaning.about.is_empty() {
                add(&card, "small", lang.of(&meaning.about))?;
            }
        }
    }
    document.body()?.append_child(&card).ok()?;
    Some(card)
}

/// Below the term, or above it where there is no room; never over the edge of the window.
fn place(card: &Element, of: &Element) {
    const GAP: f64 = 6.0;
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.document_element());
    let (Some(root), Some(card)) = (root, card.dyn_ref::<HtmlElement>()) else {
        return;
    };
    let (width, height) = (
        f64::from(root.client_width()),
        f64::from(root.client_height()),
    );
    let (at, size) = (
        of.get_bounding_client_rect(),
        card.get_bounding_client_rect(),
    );
    let left = at.left().min(width - size.width() - GAP).max(GAP);
    let below = at.bottom() + GAP;
    let top = match below + size.height() + GAP > height {
        true => (at.top() - size.height() - GAP).max(GAP),
        false => below,
    };
    for (side, px) in [("left", left), ("top", top)] {
        // Without its place the card stands in the corner, and can still be read.
        let _ = card.style().set_property(side, &format!("{px}px"));
    }
}

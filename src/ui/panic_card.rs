//! A panic shows a card with the seed and a link, never a white page. Drawn by hand, since the
//! components can no longer be trusted.

use super::browser;
use super::words::Lang;
use std::cell::Cell;
use wasm_bindgen::JsCast;

thread_local! {
    static SEED: Cell<u64> = const { Cell::new(0) };
}

/// Keeps the seed for the card.
pub fn remember(seed: u64) {
    SEED.with(|cell| cell.set(seed));
}

/// Draws the card when the program panics.
pub fn install() {
    yew::set_custom_panic_hook(Box::new(|info| {
        let text = info.to_string();
        web_sys::console::error_1(&text.as_str().into());
        // Nothing more can be done for a card that cannot be drawn.
        let _ = draw(&text);
    }));
}

fn draw(text: &str) -> Option<()> {
    let document = web_sys::window()?.document()?;
    if document.get_element_by_id("panic").is_some() {
        return None;
    }
    let lang = document
        .document_element()?
        .get_attribute("lang")
        .unwrap_or_default();
    let words = Lang::from_code(&lang).later();
    let add = |parent: &web_sys::Element, tag: &str, content: &str| {
        let child = document.create_element(tag).ok()?;
        child.set_text_content(Some(content));
        parent.append_child(&child).ok()?;
        Some(child)
    };
    let card = document.create_element("section").ok()?;
    card.set_id("panic");
    card.set_attribute("role", "alertdialog").ok()?;
    card.set_attribute("data-test", "panic").ok()?;
    add(&card, "h2", words.panic_title)?;
    add(&card, "p", words.panic_text)?;
    add(
        &card,
        "pre",
        &format!("{text}\nseed {}", SEED.with(Cell::get)),
    )?;
    let address = browser::address();
    let link = add(&card, "a", &address)?;
    link.set_attribute("href", &address).ok()?;
    let button = add(&card, "button", words.panic_reload)?;
    button.set_attribute("class", "btn pri").ok()?;
    let reload = wasm_bindgen::closure::Closure::<dyn FnMut()>::new(|| {
        if let Some(window) = web_sys::window() {
            let _ = window.location().reload();
        }
    });
    let listener = reload.as_ref().unchecked_ref();
    button
        .add_event_listener_with_callback("click", listener)
        .ok()?;
    // The card stays for the rest of the page's life.
    reload.forget();
    document.body()?.append_child(&card).ok()?;
    Some(())
}

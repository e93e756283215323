//! Giving a run away and taking one in: link, snippet, file.

use super::browser;
use super::driver::{Driver, with};
use super::state::{Msg, Open};
use super::words::{LATER_EN, LATER_ZH, LaterWords};
use crate::view::Text;
use crate::view::share::{from_link, snippet, to_link};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use web_sys::{Blob, Event, HtmlInputElement};
use yew::prelude::{Callback, TargetCast};

const JSON: &str = "application/json";

/// One way to give a run away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Copy the address, which holds the whole experiment.
    Link,
    /// Copy HTML for another page.
    Snippet,
    /// Save a file.
    File,
}

impl Driver {
    /// Stands still and shows the ways.
    pub fn open_share(&self) {
        self.pause();
        self.write_address();
        self.tell(Msg::Open(Some(Open::Share)));
    }

    /// Gives the run away.
    #[inline(never)]
    pub fn share(&self, way: Share) {
        let address = browser::address();
        match way {
            Share::Link => browser::copy(
                &address,
                || tell(|words| words.copied),
                || tell(|words| words.copy_failed),
            ),
            Share::Snippet => browser::copy(
                &snippet(&address, &self.title()),
                || tell(|words| words.snippet_copied),
                || tell(|words| words.price_copy_failed),
            ),
            Share::File => {
                let name = self.ask(|session| format!("acklab-{}.json", session.lesson_id()));
                let text = from_link(&self.ask(|session| session.link()));
                if browser::download(&name, JSON, &text).is_err() {
                    tell(|words| words.no_download);
                }
            }
        }
    }

    /// What the frame in another page is called.
    fn title(&self) -> String {
        let title = browser::shown_lang().of(&self.shown().lesson.title);
        format!("acklab: {title}")
    }

    /// Opens what a file holds.
    fn open_file(&self, text: &str) {
        match to_link(text) {
            Ok(unpacked) => {
                self.open_link(&unpacked.link);
                self.complain(unpacked.problems);
            }
            Err(why) => self.complain(vec![why]),
        }
    }
}

/// Reads the file that was chosen, then opens it.
pub fn chosen() -> Callback<Event> {
    Callback::from(|event: Event| {
        let field: Option<HtmlInputElement> = event.target_dyn_into();
        let file = field.and_then(|field| field.files()?.get(0));
        if let Some(file) = file {
            read(&file);
        }
    })
}

fn read(file: &Blob) {
    let opened = Closure::once_into_js(|text: JsValue| {
        let text = text.as_string().unwrap_or_default();
        with(|driver| driver.open_file(&text));
    });
    let failed = Closure::once_into_js(|| tell(|words| words.no_file));
    browser::then(&file.text(), &opened, &failed);
}

fn tell(pick: fn(&LaterWords) -> &'static str) {
    let text = Text::fixed(pick(&LATER_EN), pick(&LATER_ZH));
    with(|driver| driver.tell(Msg::Notice(text)));
}

/// Presses the field that asks for a file, which itself is not drawn.
pub fn ask_for_file() {
    let document = web_sys::window().and_then(|window| window.document());
    let field = document.and_then(|document| document.get_element_by_id(FIELD));
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
        field.click();
    }
}

/// The field's id.
pub const FIELD: &str = "experiment-file";

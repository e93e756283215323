//! The parts of the page's program that come after the first screen, or not at all.
//!
//! `cargo xtask dist` cuts the program: what the first screen does not run is the rest, and Chinese
//! sentences are a part of their own. `www/boot.js` fetches a part and joins it to the running program.

use super::words::Lang;
use std::cell::Cell;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(js_namespace = acklab)]
extern "C" {
    /// Fetches the rest, then calls back. In the middle of a call to a function of the rest, the doors that
    /// xtask builds call this with null: then the rest is there when it returns.
    fn rest(then: &JsValue);

    /// Fetches the Chinese sentences, then calls back.
    fn chinese(then: &JsValue);
}

thread_local! {
    static HAS_REST: Cell<bool> = const { Cell::new(false) };
}

/// Whether the rest of the program is here.
pub fn has_rest() -> bool {
    HAS_REST.get()
}

/// Fetches the rest of the program unless it is here, then does this.
pub fn after_rest(then: impl FnOnce() + 'static) {
    rest(&Closure::once_into_js(move || {
        if !HAS_REST.replace(true) {
            super::terms::install();
        }
        then();
    }));
}

/// Fetches a language's sentences unless they are here, then does this. English is always here.
pub fn after_words(lang: Lang, then: impl FnOnce() + 'static) {
    match lang {
        Lang::En => then(),
        Lang::Zh => chinese(&Closure::once_into_js(then)),
    }
}

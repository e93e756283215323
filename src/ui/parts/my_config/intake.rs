//! How files come in: pasted, dropped, opened.

use super::bench;
use crate::view::Text;
use crate::view::config::{MOST_BYTES, too_large};
use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Event, File, FileList, HtmlInputElement};

/// Takes what was pasted; answers whether there was something.
pub fn take_paste(event: &Event) -> bool {
    let pasted = event.dyn_ref::<ClipboardEvent>();
    let Some(data) = pasted.and_then(ClipboardEvent::clipboard_data) else {
        return false;
    };
    let is_taken = take_transfer(&data);
    if is_taken {
        event.prevent_default();
    }
    is_taken
}

/// Takes what was dropped.
pub fn take_drop(event: &DragEvent) {
    event.prevent_default();
    if let Some(data) = event.data_transfer() {
        take_transfer(&data);
    }
}

/// Takes the files that were chosen.
pub fn take_chosen(event: &Event) {
    let field = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let Some(field) = field else { return };
    if let Some(files) = field.files() {
        take_files(&files);
    }
    // The same file may be chosen again.
    field.set_value("");
}

fn take_transfer(data: &DataTransfer) -> bool {
    let files = data.files().filter(|files| files.length() > 0);
    if let Some(files) = files {
        take_files(&files);
        return true;
    }
    let text = data.get_data("text/plain").unwrap_or_default();
    if text.trim().is_empty() {
        return false;
    }
    bench::take("", text.as_bytes());
    true
}

fn take_files(files: &FileList) {
    for file in (0..files.length()).filter_map(|place| files.item(place)) {
        read(&file);
    }
}

fn read(file: &File) {
    let name = file.name();
    let read = Closure::once_into_js(move |buffer: JsValue| {
        let bytes = buffer.dyn_into::<ArrayBuffer>();
        bench::take(
            &name,
            &bytes
                .map(|buffer| Uint8Array::new(&buffer).to_vec())
                .unwrap_or_default(),
        );
    });
    if file.size() > MOST_BYTES as f64 {
        bench::notice(too_large(&Text::same(file.name()), file.size() as usize));
        return;
    }
    let promise = file.array_buffer();
    let then = js_sys::Reflect::get(&promise, &JsValue::from_str("then")).ok();
    if let Some(then) = then.and_then(|then| then.dyn_into::<js_sys::Function>().ok()) {
        // A file that cannot be read is not taken; the browser says why.
        let _ = js_sys::Reflect::apply(&then, &promise, &Array::of1(&read));
    }
}

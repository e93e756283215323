//! The few things the page asks of the browser: storage, the address bar, the root element.

use super::state::Theme;
use super::words::Lang;
use gloo::timers::callback::Timeout;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, Element, HtmlAnchorElement, HtmlElement, KeyboardEvent, Url};
use yew::Callback;

/// Entries are versioned by name; one that cannot be read is ignored.
const LANG_KEY: &str = "acklab.1.lang";
const THEME_KEY: &str = "acklab.1.theme";
const TEACH_KEY: &str = "acklab.1.teach";

fn window() -> Option<web_sys::Window> {
    web_sys::window()
}

fn root() -> Option<Element> {
    window()?.document()?.document_element()
}

/// What was kept under this name.
pub fn saved(key: &str) -> Option<String> {
    window()?.local_storage().ok()??.get_item(key).ok()?
}

/// Keeps this under a name, which says its version.
pub fn save(key: &str, value: &str) {
    if let Some(Ok(Some(storage))) = window().map(|window| window.local_storage()) {
        // A full or forbidden storage only means that the choice is not remembered.
        let _ = storage.set_item(key, value);
    }
}

/// Forgets what was kept under this name.
pub fn forget(key: &str) {
    if let Some(Ok(Some(storage))) = window().map(|window| window.local_storage()) {
        // What cannot be forgotten was not kept.
        let _ = storage.remove_item(key);
    }
}

/// The language saved, or the one the browser prefers.
pub fn first_lang() -> Lang {
    let preferred = || window()?.navigator().language();
    saved(LANG_KEY)
        .or_else(preferred)
        .map_or(Lang::En, |code| Lang::from_code(&code))
}

/// The theme saved.
pub fn first_theme() -> Theme {
    saved(THEME_KEY).map_or(Theme::Auto, |code| Theme::from_code(&code))
}

fn query() -> Option<String> {
    window()?.location().search().ok()
}

/// Whether the page stands in a frame of another one: the address says `?embed=1`.
pub fn first_embed() -> bool {
    query().is_some_and(|query| query.contains("embed=1"))
}

/// Whether a teacher shows the page: the address says `?teach=1`, or it was on before.
pub fn first_teach() -> bool {
    query().is_some_and(|query| query.contains("teach=1"))
        || saved(TEACH_KEY).is_some_and(|kept| kept == "on")
}

/// Shows and remembers whether a teacher shows the page.
pub fn apply_teach(teaches: bool) {
    let code = if teaches { "on" } else { "off" };
    if let Some(root) = root() {
        let _ = root.set_attribute("data-teach", code);
    }
    save(TEACH_KEY, code);
}

/// The language on the screen.
pub fn shown_lang() -> Lang {
    let code = root().and_then(|root| root.get_attribute("lang"));
    Lang::from_code(&code.unwrap_or_default())
}

/// Asks for a yes.
pub fn confirmed(question: &str) -> bool {
    let window = window();
    window.is_some_and(|window| window.confirm_with_message(question).unwrap_or(false))
}

/// Opens the browser's print dialogue.
pub fn print() {
    if let Some(window) = window() {
        // Whoever forbids printing sees no dialogue.
        let _ = window.print();
    }
}

/// Shows and remembers the language.
pub fn apply_lang(lang: Lang) {
    if let Some(root) = root() {
        let _ = root.set_attribute("lang", lang.code());
    }
    save(LANG_KEY, lang.code());
}

/// Shows and remembers the theme.
pub fn apply_theme(theme: Theme) {
    if let Some(root) = root() {
        let _ = root.set_attribute("data-theme", theme.code());
    }
    save(THEME_KEY, theme.code());
}

/// The address's fragment without its `#`.
pub fn fragment() -> String {
    let hash = window()
        .and_then(|window| window.location().hash().ok())
        .unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

/// Writes the fragment without a new entry in the history.
pub fn set_fragment(fragment: &str) {
    let address = format!("#{fragment}");
    if let Some(Ok(history)) = window().map(|window| window.history()) {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// Writes the fragment as a new entry of the history, so that the browser's way back leads here.
pub fn push_fragment(fragment: &str) {
    let address = format!("#{fragment}");
    if let Some(Ok(history)) = window().map(|window| window.history()) {
        // Without an entry there is no way back, and no harm.
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// The whole address.
pub fn address() -> String {
    window()
        .and_then(|window| window.location().href().ok())
        .unwrap_or_default()
}

/// Whether the person asked for less motion.
pub fn reduced_motion() -> bool {
    matches("(prefers-reduced-motion: reduce)")
}

/// Whether the screen is narrow now.
pub fn is_narrow() -> bool {
    matches(NARROW)
}

/// Below this width the page takes its one-column form.
pub const NARROW: &str = "(max-width: 1179px)";

fn matches(query: &str) -> bool {
    let list = window().and_then(|window| window.match_media(query).ok().flatten());
    list.is_some_and(|list| list.matches())
}

/// Real time in milliseconds.
pub fn real_ms() -> f64 {
    window()
        .and_then(|window| window.performance())
        .map_or(0.0, |clock| clock.now())
}

/// Moves the focus to the first button of the menu or card that is open.
pub fn focus_opened() {
    let opened = ".menu:not(.tools) button,.helpcard button,.pricecard button";
    let document = window().and_then(|window| window.document());
    focus(document.and_then(|document| document.query_selector(opened).ok().flatten()));
}

/// In an open menu, arrow down and up go from line to line.
pub fn rove() -> Callback<KeyboardEvent> {
    Callback::from(|event: KeyboardEvent| rove_on(&event))
}

fn rove_on(event: &KeyboardEvent) {
    let step = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => return,
    };
    let Some(menu) = event
        .current_target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return;
    };
    event.prevent_default();
    let Ok(lines) = menu.query_selector_all("button") else {
        return;
    };
    let count = i64::from(lines.length());
    let here = (0..lines.length()).find(|&place| {
        let line = lines
            .item(place)
            .and_then(|line| line.dyn_into::<Element>().ok());
        line.is_some_and(|line| line.matches(":focus").unwrap_or(false))
    });
    let next = (here.map_or(-1, i64::from) + step).rem_euclid(count.max(1));
    let line = lines
        .item(next as u32)
        .and_then(|line| line.dyn_into::<Element>().ok());
    focus(line);
}

/// Moves the focus to the first element that this selects.
pub fn focus_on(selector: &str) {
    let document = window().and_then(|window| window.document());
    focus(document.and_then(|document| document.query_selector(selector).ok().flatten()));
}

fn focus(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // A menu without focus is still usable by pointer.
        let _ = element.focus();
    }
}

/// The document's title.
pub fn set_title(title: &str) {
    if let Some(document) = window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// Copies a text to the clipboard, then says whether that worked.
pub fn copy(text: &str, done: fn(), failed: fn()) {
    let Some(window) = window() else { return };
    let promise = window.navigator().clipboard().write_text(text);
    then(
        &promise,
        &Closure::once_into_js(done),
        &Closure::once_into_js(failed),
    );
}

/// Calls one of two functions once a promise is kept or broken.
pub fn then(promise: &JsValue, kept: &JsValue, broken: &JsValue) {
    let handlers = js_sys::Array::of2(kept, broken);
    let then = js_sys::Reflect::get(promise, &JsValue::from_str("then")).ok();
    if let Some(then) = then.and_then(|then| then.dyn_into::<js_sys::Function>().ok()) {
        // Nothing is left to do for a promise that cannot be waited for.
        let _ = js_sys::Reflect::apply(&then, promise, &handlers);
    }
}

/// A browser takes this long at most to begin with a download.
const DOWNLOAD_MS: u32 = 30_000;

/// Saves a text as a file of this kind.
pub fn download(name: &str, mime: &str, text: &str) -> Result<(), JsValue> {
    let document = window().and_then(|window| window.document());
    let document = document.ok_or(JsValue::NULL)?;
    let kind = BlobPropertyBag::new();
    kind.set_type(&format!("{mime};charset=utf-8"));
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &kind)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    // What is left of it takes memory only until then.
    Timeout::new(DOWNLOAD_MS, move || drop(Url::revoke_object_url(&address))).forget();
    Ok(())
}

/// A button that is drawn rather than native does not press itself on space and Enter.
pub fn press_drawn(event: &KeyboardEvent) {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let drawn = target.filter(|target| target.matches("svg [role=button]").unwrap_or(false));
    let Some(drawn) = drawn else { return };
    event.prevent_default();
    if let Ok(click) = web_sys::MouseEvent::new_with_mouse_event_init_dict("click", &bubbling()) {
        // The answer says only whether somebody prevented the default.
        let _ = drawn.dispatch_event(&click);
    }
}

fn bubbling() -> web_sys::MouseEventInit {
    let init = web_sys::MouseEventInit::new();
    init.set_bubbles(true);
    init
}

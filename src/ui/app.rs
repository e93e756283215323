//! The app: state, driver, keyboard, rooms.

use super::browser;
use super::driver::{Driver, with};
use super::keys;
use super::later;
use super::part::part;
use super::parts::{
    Fidelity, Files, Glossary, Help, Notices, Price, RunCard, ShareCard, Sheet, Terminal,
};
use super::place::Place;
use super::rooms;
use super::same::Same;
use super::state::{Msg, Open, Play, State, Teach};
use super::words::Lang;
use crate::view::{Room, Session, Text, Views};
use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

/// Puts the page into the document. Without a window this is a worker of the page.
pub fn mount() {
    if web_sys::window().is_none() {
        return later::after_rest(super::worker::serve);
    }
    super::panic_card::install();
    later::after_words(browser::first_lang(), || {
        if browser::first_embed() {
            later::after_rest(start);
        } else {
            start();
        }
    });
}

fn start() {
    yew::Renderer::<App>::new().render();
}

/// The session behind the page.
fn session() -> Box<dyn Session> {
    #[cfg(feature = "fixture")]
    return Box::new(crate::view::fixture::Fixture::default());
    #[cfg(not(feature = "fixture"))]
    Box::new(crate::view::live::Live::default())
}

fn first_state() -> State {
    State {
        lang: browser::first_lang(),
        theme: browser::first_theme(),
        embed: browser::first_embed(),
        views: Views::default(),
        play: Play::default(),
        seed: 0,
        teach: if browser::first_teach() {
            Teach::Veiled
        } else {
            Teach::Off
        },
        lessons: Rc::default(),
        place: Place::Lab,
        open: None,
        tab: Default::default(),
        more: 0,
        notices: Rc::default(),
        spoken: Text::default(),
    }
}

#[component]
fn App() -> Html {
    let state = use_reducer(first_state);
    let driver = {
        let dispatch = state.dispatcher();
        use_memo((), |()| Driver::new(session(), dispatch))
    };
    let narrow = use_narrow();
    {
        let driver = driver.clone();
        use_effect_with((), move |()| driver.open_address());
    }
    use_effect_with(state.lang, |lang| browser::apply_lang(*lang));
    use_effect_with(state.theme, |theme| browser::apply_theme(*theme));
    let teaches = state.teach != Teach::Off;
    use_effect_with(teaches, |teaches| browser::apply_teach(*teaches));
    let title = state.lang.of(&state.views.lesson.title);
    use_effect_with(title, |title| {
        let name = if title.is_empty() {
            "acklab".into()
        } else {
            format!("{title} · acklab")
        };
        browser::set_title(&name);
    });
    use_effect_with(state.open.is_some(), |open| {
        if *open {
            browser::focus_opened();
        }
    });
    use_rest_comes(!state.views.lesson.offers.is_empty());
    use_notices_leave(&driver, state.notices.clone());
    let is_out = state.views.lesson.reveal.is_some() && state.teach == Teach::Veiled;
    use_keyboard(&driver, state.open, teaches, is_out);
    use_outside_click(&driver, state.open.filter(|open| *open != Open::Terminal));
    use_hash(&driver);
    let room = match state.place {
        _ if state.views.lesson.id.is_empty() => Html::default(),
        Place::Compare => rooms::compare(&state, narrow),
        Place::Lab if state.embed => rooms::embed(&state),
        Place::Config => rooms::my_config(&state, narrow),
        Place::Hunt => rooms::hunt(&state, narrow),
        Place::Lab if narrow => rooms::narrow(&state),
        Place::Lab if state.views.lesson.room == Room::First => rooms::first(&state),
        Place::Lab => rooms::lab(&state),
    };
    let lang = state.lang;
    html! {
        <>
            { room }
            { opened(&state) }
            { part(Notices { lang, notices: Same::from(&state.notices) }) }
            <div class="aloud" aria-live="polite" role="log" data-test="live">{ lang.of(&state.spoken) }</div>
        </>
    }
}

/// The card over the page.
fn opened(state: &State) -> Html {
    let lang = state.lang;
    match state.open {
        Some(Open::Runs) => part(RunCard::of(lang, &state.views.timeline)),
        Some(Open::Help) => part(Help { lang }),
        Some(Open::Share) => part(ShareCard { lang }),
        Some(Open::Files(left, right)) => files(lang, left, right),
        Some(Open::Price) => html! { <Price {lang} /> },
        Some(Open::Fidelity) => part(Fidelity { lang }),
        Some(Open::Glossary) => part(Glossary { lang }),
        Some(Open::Terminal) => html! { <Terminal {lang} /> },
        Some(Open::Sheet) => part(Sheet {
            lang,
            address: browser::address(),
        }),
        _ => Html::default(),
    }
}

/// The log files at the moment shown; the part is drawn again only when they say something else.
#[inline(never)]
fn files(lang: Lang, left: i32, right: Option<i32>) -> Html {
    let mut files = None;
    with(|driver| files = driver.ask(|session| session.files(left, right)));
    match files {
        Some(files) => part(Files { lang, files }),
        None => Html::default(),
    }
}

/// Whether the screen is narrow, kept up to date.
#[hook]
fn use_narrow() -> bool {
    let narrow = use_state_eq(browser::is_narrow);
    let setter = narrow.setter();
    use_effect_with((), move |()| {
        let window = web_sys::window();
        let listener = window.map(|window| {
            EventListener::new(&window, "resize", move |_| setter.set(browser::is_narrow()))
        });
        move || drop(listener)
    });
    *narrow
}

/// Keys that mean something everywhere but in a field. What is out and not revealed yet comes before going on.
#[hook]
fn use_keyboard(driver: &Rc<Driver>, open: Option<Open>, teaches: bool, is_out: bool) {
    let driver = driver.clone();
    use_effect_with((open, teaches, is_out), move |(open, teaches, is_out)| {
        let (open, teaches, is_out) = (*open, *teaches, *is_out);
        let options = EventListenerOptions::enable_prevent_default();
        let listener = web_sys::window().map(|window| {
            EventListener::new_with_options(&window, "keydown", options, move |event| {
                let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
                    return;
                };
                if event.ctrl_key()
                    || event.meta_key()
                    || event.alt_key()
                    || event.default_prevented()
                {
                    return;
                }
                let Some(key) = keys::meaning(&event.key(), teaches) else {
                    return;
                };
                let key = if is_out && key == keys::Key::Onward {
                    keys::Key::Reveal
                } else {
                    key
                };
                if belongs_to_target(event, key) {
                    browser::press_drawn(event);
                    return;
                }
                if driver.press(key, open) {
                    event.prevent_default();
                }
            })
        });
        move || drop(listener)
    });
}

/// A field takes every key; a button that was reached by keyboard takes space and Enter.
fn belongs_to_target(event: &KeyboardEvent, key: keys::Key) -> bool {
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return false;
    };
    if target.matches("input,textarea,select").unwrap_or(false) {
        return key != keys::Key::Escape;
    }
    let presses = matches!(key, keys::Key::Toggle | keys::Key::Enter);
    presses
        && target
            .matches("button:focus-visible,a:focus-visible,[role=button]")
            .unwrap_or(false)
}

/// The rest of the program is fetched this long after the first story was told, if nobody has asked for it
/// before: what is pressed next needs it.
const REST_AFTER_MS: u32 = 5_000;

fn fetch_rest() {
    later::after_rest(|| with(Driver::write_address));
}

#[hook]
fn use_rest_comes(told: bool) {
    use_effect_with(told, |told| {
        let timer = told.then(|| Timeout::new(REST_AFTER_MS, fetch_rest));
        move || drop(timer)
    });
}

/// A notice leaves by itself after this long.
const NOTICE_MS: u32 = 12_000;

#[hook]
fn use_notices_leave(driver: &Rc<Driver>, notices: Rc<Vec<Text>>) {
    let driver = driver.clone();
    use_effect_with(notices, move |notices| {
        let leave = move || driver.tell(Msg::Dismiss);
        let timer = (!notices.is_empty()).then(|| Timeout::new(NOTICE_MS, leave));
        move || drop(timer)
    });
}

/// A press outside an open menu closes it.
#[hook]
fn use_outside_click(driver: &Rc<Driver>, open: Option<Open>) {
    let driver = driver.clone();
    use_effect_with(open.is_some(), move |open| {
        let window = web_sys::window().filter(|_| *open);
        let listener = window.map(|window| {
            EventListener::new(&window, "pointerdown", move |event| {
                let target = event
                    .target()
                    .and_then(|target| target.dyn_into::<Element>().ok());
                let inside = target.and_then(|target| target.closest("[data-menu]").ok().flatten());
                if inside.is_none() {
                    driver.tell(Msg::Open(None));
                }
            })
        });
        move || drop(listener)
    });
}

/// A link pasted into the address bar opens.
#[hook]
fn use_hash(driver: &Rc<Driver>) {
    let driver = driver.clone();
    use_effect_with((), move |()| {
        let listener = web_sys::window().map(|window| {
            EventListener::new(&window, "hashchange", move |_| driver.open_address())
        });
        move || drop(listener)
    });
}

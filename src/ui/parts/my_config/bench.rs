//! Where the check is played: on the page's own thread, a part of each frame. Whoever looks asks for [`view`], does something
//! with [`act`], and is told when there is something new.

use super::super::super::browser;
use super::super::super::driver::with;
use super::super::super::state::Msg;
use crate::view::Text;
use crate::view::config::{ConfigView, Desk};
use gloo::timers::callback::Timeout;
use std::cell::RefCell;
use std::rc::Rc;
use yew::Callback;

/// The number is the version.
const KEY: &str = "acklab.1.config";
/// So long the check plays at a stretch, in milliseconds: a run takes a few of them.
const SHARE_MS: f64 = 12.0;
/// Between two stretches the page is drawn and keys are heard.
const BREATH_MS: u32 = 4;
/// What is known is shown anew after this long.
const LOOK_MS: f64 = 150.0;

#[derive(Default)]
struct Bench {
    desk: Desk,
    view: Rc<ConfigView>,
    /// What this browser kept was read.
    is_open: bool,
    looked_ms: f64,
    timer: Option<Timeout>,
    changed: Callback<()>,
}

thread_local! {
    static BENCH: RefCell<Bench> = RefCell::default();
}

/// The room is shown: what this browser kept is there, and a check goes on.
pub fn enter(changed: Callback<()>) {
    let damage = BENCH.with_borrow_mut(|bench| {
        bench.changed = changed;
        if std::mem::replace(&mut bench.is_open, true) {
            return None;
        }
        let kept = browser::saved(KEY).unwrap_or_default();
        bench.desk.restore(&kept)
    });
    if let Some(damage) = damage {
        notice(damage);
    }
    show();
    play_on();
}

/// The words of another language have come.
pub fn retell() {
    BENCH.with_borrow_mut(|bench| bench.desk.retell());
    show();
}

/// The room is left: the check stands still.
pub fn leave() {
    BENCH.with_borrow_mut(|bench| {
        bench.timer = None;
        bench.changed = Callback::default();
    });
}

/// What is known.
pub fn view() -> Rc<ConfigView> {
    BENCH.with_borrow(|bench| bench.view.clone())
}

/// Asks the desk.
pub fn ask<T>(question: impl FnOnce(&Desk) -> T) -> T {
    BENCH.with_borrow(|bench| question(&bench.desk))
}

/// Does something at the desk; what came of it is kept, shown and played.
pub fn act(deed: impl FnOnce(&mut Desk)) {
    let kept = BENCH.with_borrow_mut(|bench| {
        deed(&mut bench.desk);
        bench.desk.kept()
    });
    match kept.is_empty() {
        true => browser::forget(KEY),
        false => browser::save(KEY, &kept),
    }
    show();
    play_on();
}

/// Takes files, and says of those that are none.
pub fn take(name: &str, bytes: &[u8]) {
    act(|desk| {
        if let Err(refusal) = desk.add(name, bytes) {
            notice(refusal.0);
        }
    });
}

pub fn notice(text: Text) {
    with(|driver| driver.tell(Msg::Notice(text)));
}

fn show() {
    let changed = BENCH.with_borrow_mut(|bench| {
        bench.desk.look();
        bench.view = Rc::new(bench.desk.view());
        bench.looked_ms = browser::real_ms();
        bench.changed.clone()
    });
    changed.emit(());
}

fn play_on() {
    let until_ms = browser::real_ms() + SHARE_MS;
    let (was_on, more, is_due) = BENCH.with_borrow_mut(|bench| {
        bench.timer = None;
        let was_on = bench.desk.is_checking();
        let mut more = was_on;
        while more && browser::real_ms() < until_ms {
            more = bench.desk.step();
        }
        let is_due = browser::real_ms() - bench.looked_ms > LOOK_MS;
        (was_on, more, is_due)
    });
    if is_due || was_on && !more {
        show();
    }
    if more {
        let timer = Timeout::new(BREATH_MS, play_on);
        BENCH.with_borrow_mut(|bench| bench.timer = Some(timer));
    } else if was_on {
        let view = view();
        let mut said = view.title.clone();
        said.say(&Text::fixed(".", "。"));
        said.say(&view.line);
        with(|driver| driver.tell(Msg::Speak(said)));
    }
}

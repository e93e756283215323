//! The hunt of this page: its desk, the orders to whoever does the work, and what is kept of it in the browser.
//!
//! It goes on while another room is shown.

use super::browser;
use super::driver::with;
use super::state::Msg;
use super::worker::{self, Progress};
use crate::lab::work::{JobId, Order, Report};
use crate::view::Text;
use crate::view::hunt::{HuntView, ScopeView};
use crate::view::live::hunt::{Change, Desk};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use yew::Callback;

/// Its entry says its version once more inside.
const KEY: &str = "acklab.1.hunt";
/// The screen is drawn no more often than this while it plays, in milliseconds.
const SHOW_MS: f64 = 240.0;
/// What was found is kept this often while it plays, in milliseconds.
const KEEP_MS: f64 = 1500.0;

thread_local! {
    static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
    static SHOW: RefCell<Option<Callback<()>>> = const { RefCell::new(None) };
    /// The number of this piece of work: reports of another one are of another hunt.
    static JOB: Cell<JobId> = const { Cell::new(0) };
    static SHOWN_MS: Cell<f64> = const { Cell::new(0.0) };
    static KEPT_MS: Cell<f64> = const { Cell::new(0.0) };
}

fn lab_link() -> String {
    let mut link = String::new();
    with(|driver| link = driver.ask(|session| session.link()));
    link
}

/// Does something at the desk, which is set up when it is first asked for.
fn at_desk<T>(act: impl FnOnce(&mut Desk) -> T) -> T {
    DESK.with_borrow_mut(|slot| act(slot.get_or_insert_with(set_up)))
}

fn set_up() -> Desk {
    let mut desk = Desk::new(&lab_link());
    if let Some(complaint) = browser::saved(KEY).and_then(|kept| desk.restore(&kept)) {
        with(|driver| driver.tell(Msg::Notice(complaint)));
    }
    desk
}

/// The room is entered: it is drawn anew by `show` from now on.
pub fn enter(show: Callback<()>) {
    let lab = lab_link();
    at_desk(|desk| desk.follow(&lab));
    show.emit(());
    SHOW.set(Some(show));
}

/// The room is left.
pub fn leave() {
    SHOW.set(None);
}

/// What to show.
pub fn view() -> (Rc<HuntView>, Rc<ScopeView>) {
    at_desk(|desk| (Rc::new(desk.view()), Rc::new(desk.scope())))
}

/// Changes the scope.
pub fn change(change: &Change) {
    let lab = lab_link();
    halt();
    JOB.set(0);
    at_desk(|desk| desk.change(change, &lab));
    keep();
    redraw();
}

/// Begins, goes on, or stops.
pub fn toggle() {
    if at_desk(|desk| desk.is_running()) {
        halt();
        at_desk(Desk::stop);
        keep();
    } else if at_desk(|desk| desk.can_begin()) {
        let task = at_desk(Desk::begin);
        JOB.set(worker::new_job());
        order(|job| Order::Begin(job, task));
    }
    redraw();
}

/// Forgets what was hunted, in the same scope.
pub fn again() {
    let same = at_desk(|desk| Change::Seed(desk.scope().seed));
    change(&same);
}

fn halt() {
    if at_desk(|desk| desk.is_running()) {
        order(Order::Stop);
    }
}

fn order(order: impl FnOnce(JobId) -> Order) {
    let job = JOB.get();
    let listener = move |progress| {
        if job == JOB.get() {
            hear(progress);
        }
    };
    worker::order(order(job), Rc::new(listener));
}

fn hear(progress: Progress) {
    let Report::Hunt(report) = progress.report;
    let took_ms = progress.took_ms as u64;
    let before = at_desk(|desk| {
        let before = (desk.is_running(), desk.found());
        desk.hear(*report, progress.runs, took_ms, progress.going);
        before
    });
    let after = at_desk(|desk| (desk.is_running(), desk.found()));
    let last = !progress.going;
    let now_ms = browser::real_ms();
    if before != after {
        say(&at_desk(|desk| desk.spoken()));
    }
    if last || now_ms - KEPT_MS.get() > KEEP_MS {
        keep();
    }
    if last || before != after || now_ms - SHOWN_MS.get() > SHOW_MS {
        redraw();
    }
}

fn say(text: &Text) {
    with(|driver| driver.tell(Msg::Speak(text.clone())));
}

fn keep() {
    KEPT_MS.set(browser::real_ms());
    let kept = at_desk(|desk| desk.kept());
    match kept.is_empty() {
        true => browser::forget(KEY),
        false => browser::save(KEY, &kept),
    }
}

fn redraw() {
    SHOWN_MS.set(browser::real_ms());
    if let Some(show) = SHOW.with_borrow(Clone::clone) {
        show.emit(());
    }
}

//! Who does long work: a worker beside the page, with the same program; where there can be none (a page opened from
//! disk), the page itself, a little between two breaths.
//!
//! Both hear [`Order`]s and say [`Told`] (see [`crate::lab::work`]); between page and worker these go as JSON.

use super::browser;
use crate::lab::work::{Hands, JobId, Order, Report, Told};
use gloo::timers::callback::Timeout;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, Worker, WorkerOptions, WorkerType};

/// A worker reports this often.
const SLICE_MS: f64 = 120.0;
/// The page itself is kept busy for no longer than this, then it breathes.
const SHORT_SLICE_MS: f64 = 14.0;
const BREATH_MS: u32 = 6;
/// A worker that is not ready by then is not waited for.
const PATIENCE_MS: u32 = 20_000;

/// How a piece of work stands, as far as it is known now.
pub struct Progress {
    pub report: Report,
    /// Runs since the last report, and how long they took, in milliseconds.
    pub runs: u32,
    pub took_ms: f64,
    /// More is to come.
    pub going: bool,
}

/// Who wants to know.
type Listener = Rc<dyn Fn(Progress)>;

thread_local! {
    static SHOP: RefCell<Shop> = RefCell::default();
    /// The work of a worker, or of a page that has none.
    static HANDS: RefCell<Hands> = RefCell::default();
}

/// What the page knows of its work.
#[derive(Default)]
struct Shop {
    doer: Doer,
    /// Numbers given out.
    jobs: JobId,
    /// Asked for before the worker was ready.
    waiting: Vec<Order>,
    /// Given to the worker and not over yet: begun anew by the page should it break.
    given: Vec<Order>,
    listeners: Vec<(JobId, Listener)>,
    /// When each piece of work was last reported, in real milliseconds.
    last_ms: f64,
}

/// Who does it.
#[derive(Default)]
enum Doer {
    #[default]
    Nobody,
    /// A worker that is fetched.
    Coming(Worker),
    Worker(Worker),
    /// The page.
    Page,
}

/// A number for a new piece of work.
pub fn new_job() -> JobId {
    SHOP.with_borrow_mut(|shop| {
        shop.jobs += 1;
        shop.jobs
    })
}

/// Gives an order; `listener` hears how that piece of work stands from now on.
pub fn order(order: Order, listener: Rc<dyn Fn(Progress)>) {
    let job = of(&order);
    SHOP.with_borrow_mut(|shop| {
        shop.listeners.retain(|(of, _)| *of != job);
        shop.listeners.push((job, listener));
        shop.last_ms = browser::real_ms();
        if matches!(shop.doer, Doer::Nobody) {
            shop.doer = hire().map_or(Doer::Page, Doer::Coming);
        }
        shop.waiting.push(order);
    });
    catch_up();
}

fn of(order: &Order) -> JobId {
    let (Order::Begin(job, _) | Order::Stop(job)) = order;
    *job
}

/// Whether the page does the work itself.
pub fn is_page() -> bool {
    SHOP.with_borrow(|shop| matches!(shop.doer, Doer::Page))
}

/// Starts a worker with the page's own program, if that can be.
fn hire() -> Option<Worker> {
    let document = web_sys::window()?.document()?;
    let boot = document.query_selector("script[src$='boot.js']").ok()??;
    let address = boot.get_attribute("src")?.replace("boot.js", "worker.js");
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(&address, &options).ok()?;
    let heard = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        let told = event.data().as_string();
        if let Some(told) = told.and_then(|text| serde_json::from_str(&text).ok()) {
            hear(told);
        }
    });
    let failed = Closure::<dyn Fn()>::new(let_go);
    worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
    // One that cannot start does not always say so.
    Timeout::new(PATIENCE_MS, || {
        if SHOP.with_borrow(|shop| matches!(shop.doer, Doer::Coming(_))) {
            let_go();
        }
    })
    .forget();
    // The worker lives as long as the page.
    heard.forget();
    failed.forget();
    Some(worker)
}

/// The worker could not be fetched, or broke: the page goes on by itself with what it knows of.
fn let_go() {
    SHOP.with_borrow_mut(|shop| {
        if let Doer::Coming(worker) | Doer::Worker(worker) = &shop.doer {
            worker.terminate();
        }
        shop.doer = Doer::Page;
        let given = std::mem::take(&mut shop.given);
        shop.waiting.splice(0..0, given);
    });
    catch_up();
}

/// Orders that wait are given to whoever is there now.
fn catch_up() {
    let orders = SHOP.with_borrow_mut(|shop| match &shop.doer {
        Doer::Page => std::mem::take(&mut shop.waiting),
        Doer::Worker(worker) => {
            shop.waiting.iter().for_each(|order| post(worker, order));
            shop.given.append(&mut shop.waiting);
            Vec::new()
        }
        Doer::Nobody | Doer::Coming(_) => Vec::new(),
    });
    if orders.is_empty() {
        return;
    }
    // Not at once: whoever orders is in the middle of something.
    Timeout::new(0, move || {
        for order in orders {
            if let Some(told) = HANDS.with_borrow_mut(|hands| hands.take(order)) {
                hear(told);
            }
        }
        go_on(SHORT_SLICE_MS, BREATH_MS, hear);
    })
    .forget();
}

fn post(worker: &Worker, order: &Order) {
    // Orders are plain data, and a worker that is gone has said so.
    if let Ok(text) = serde_json::to_string(order) {
        let _ = worker.post_message(&JsValue::from_str(&text));
    }
}

fn hear(told: Told) {
    let (job, report, runs, going) = match told {
        Told::Ready => {
            SHOP.with_borrow_mut(|shop| {
                if let Doer::Coming(worker) = std::mem::take(&mut shop.doer) {
                    shop.doer = Doer::Worker(worker);
                }
                shop.last_ms = browser::real_ms();
            });
            return catch_up();
        }
        Told::Stands {
            job,
            report,
            runs,
            going,
        } => (job, report, runs, going),
    };
    let now_ms = browser::real_ms();
    let (listener, took_ms) = SHOP.with_borrow_mut(|shop| {
        let took_ms = now_ms - std::mem::replace(&mut shop.last_ms, now_ms);
        let mut listeners = shop.listeners.iter();
        let listener = listeners.find(|(of, _)| *of == job);
        if !going {
            shop.given.retain(|order| of(order) != job);
        }
        (listener.map(|(_, listener)| listener.clone()), took_ms)
    });
    if let Some(listener) = listener {
        listener(Progress {
            report,
            runs,
            took_ms,
            going,
        });
    }
}

/// Works for a slice, says how it stands, and comes back unless nothing is left.
fn go_on(slice_ms: f64, breath_ms: u32, say: fn(Told)) {
    let until_ms = js_sys::Date::now() + slice_ms;
    let told = HANDS.with_borrow_mut(|hands| hands.work(&mut || js_sys::Date::now() >= until_ms));
    if let Some(told) = told {
        say(told);
    }
    if !HANDS.with_borrow(Hands::rest) && !IS_COMING.replace(true) {
        Timeout::new(breath_ms, move || {
            IS_COMING.set(false);
            go_on(slice_ms, breath_ms, say);
        })
        .forget();
    }
}

thread_local! {
    /// A slice is due.
    static IS_COMING: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Listens for orders: this is the worker.
pub fn serve() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else {
        return;
    };
    let heard = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        let order = event.data().as_string();
        let Some(order) = order.and_then(|text| serde_json::from_str(&text).ok()) else {
            return;
        };
        if let Some(told) = HANDS.with_borrow_mut(|hands| hands.take(order)) {
            answer(told);
        }
        go_on(SLICE_MS, 0, answer);
    });
    scope.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    heard.forget();
    answer(Told::Ready);
}

fn answer(told: Told) {
    let scope = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>();
    if let (Ok(scope), Ok(text)) = (scope, serde_json::to_string(&told)) {
        // A page that is gone hears nothing.
        let _ = scope.post_message(&JsValue::from_str(&text));
    }
}

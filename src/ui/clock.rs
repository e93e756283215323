//! The one animation clock: a callback a frame while somebody needs frames.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

type Tick = Closure<dyn FnMut(f64)>;

/// Calls its tick before each frame until the tick says that it is enough.
#[derive(Default)]
pub struct Clock {
    running: Cell<bool>,
    tick: RefCell<Option<Tick>>,
}

impl Clock {
    /// Sets what is done each frame; it gets real time in milliseconds and answers whether it
    /// wants another frame.
    pub fn on_frame(self: &Rc<Self>, frame: impl Fn(f64) -> bool + 'static) {
        let clock = Rc::downgrade(self);
        let tick = Closure::new(move |real_ms: f64| {
            let Some(clock) = clock.upgrade() else { return };
            clock.running.set(false);
            if frame(real_ms) {
                clock.start();
            }
        });
        *self.tick.borrow_mut() = Some(tick);
    }

    /// Asks for frames, if they do not come already.
    pub fn start(&self) {
        if self.running.get() {
            return;
        }
        let tick = self.tick.borrow();
        if let (Some(window), Some(tick)) = (web_sys::window(), tick.as_ref()) {
            let asked = window.request_animation_frame(tick.as_ref().unchecked_ref());
            self.running.set(asked.is_ok());
        }
    }
}

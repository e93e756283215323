//! The driver owns the session and the clock. Components call it; it acts on the session and sends
//! what came of it to the reducer, one message a frame.

mod pair;
mod places;
mod speed;
mod terminal;
mod trial;

use super::browser;
use super::clock::Clock;
use super::later::{self, after_rest, after_words};
use super::learner;
use super::place::Place;
use super::state::{Msg, Play, State};
use super::words::Lang;
use crate::view::price::PriceView;
use crate::view::{Action, Offer, Session, Step, Text, Views, aloud};
use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;
use yew::UseReducerDispatcher;

/// A packet is seen for at least this long, however fast simulated time goes.
pub const PACKET_MIN_MS: f64 = 180.0;
/// A frame later than this (a hidden tab, a slow machine) does not make up for lost time.
const FRAME_MAX_MS: f64 = 100.0;
/// Frames go on for this long after the last change, until packets and falls have come to rest.
const SETTLE_MS: f64 = 1200.0;

thread_local! {
    static DRIVER: RefCell<Option<Driver>> = const { RefCell::new(None) };
}

/// Lets the page's driver do something. Before the page is mounted there is none.
pub fn with(act: impl FnOnce(&Driver)) {
    let driver = DRIVER.with(|slot| slot.borrow().clone());
    if let Some(driver) = driver {
        act(&driver);
    }
}

/// What the page drives a run with. Cheap to clone; equal when it is the same one.
#[derive(Clone)]
pub struct Driver(Rc<Inner>);

struct Inner {
    session: RefCell<Box<dyn Session>>,
    play: Cell<Play>,
    place: Cell<Place>,
    shown: RefCell<Views>,
    /// What decided since the last look, still to be spoken.
    decided: RefCell<Text>,
    last_frame_ms: Cell<f64>,
    busy_until_ms: Cell<f64>,
    clock: Rc<Clock>,
    dispatch: UseReducerDispatcher<State>,
}

impl PartialEq for Driver {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Driver {
    /// A driver of this session that reports to the reducer.
    pub fn new(session: Box<dyn Session>, dispatch: UseReducerDispatcher<State>) -> Self {
        let driver = Self(Rc::new(Inner {
            session: RefCell::new(session),
            play: Cell::new(Play::default()),
            place: Cell::new(Place::Lab),
            shown: RefCell::default(),
            decided: RefCell::default(),
            last_frame_ms: Cell::new(0.0),
            busy_until_ms: Cell::new(0.0),
            clock: Rc::default(),
            dispatch,
        }));
        let weak = Rc::downgrade(&driver.0);
        driver
            .0
            .clock
            .on_frame(move |real_ms| match weak.upgrade() {
                Some(inner) => Driver(inner).frame(real_ms),
                None => false,
            });
        DRIVER.with(|slot| *slot.borrow_mut() = Some(driver.clone()));
        driver
    }

    /// Sends a message that concerns the page alone.
    pub fn tell(&self, msg: Msg) {
        self.0.dispatch.dispatch(msg);
    }

    /// Opens what the address says, or the first screen.
    pub fn open_address(&self) {
        let fragment = browser::fragment();
        if fragment.is_empty() {
            self.load("first");
            return;
        }
        after_rest(move || {
            with(|driver| match Place::of_fragment(&fragment) {
                Some(Place::Compare) => driver.open_pair(&fragment),
                Some(place) => driver.go(place),
                None => driver.open_link(&fragment),
            });
        });
    }

    pub(super) fn open_link(&self, fragment: &str) {
        self.tell(Msg::Dismiss);
        let complaints = self.session().open_link(fragment);
        self.complain(complaints);
        self.restore_runs(true);
        self.begin();
    }

    /// Shows the page in this language. What was told before its words were here is told again.
    pub fn speak_in(&self, lang: Lang) {
        after_words(lang, move || {
            with(|driver| {
                driver.0.session.borrow_mut().retell();
                driver.tell(Msg::Lang(lang));
                driver.settle();
            });
        });
    }

    /// What is on the screen.
    pub fn shown(&self) -> Views {
        self.0.shown.borrow().clone()
    }

    /// What the run costs, as far as it has been measured; with `step` one more run is made first.
    pub fn price(&self, wide: bool, step: bool) -> Rc<PriceView> {
        self.0.session.borrow_mut().price(wide, step)
    }

    /// Starts a lesson, the sandbox or the first screen.
    pub fn load(&self, id: &str) {
        let outcome = self.0.session.borrow_mut().load(id);
        match outcome {
            Ok(()) if later::has_rest() => self.restore_runs(false),
            outcome => self.complain(outcome.err().into_iter().collect()),
        }
        self.begin();
    }

    /// A run is open in the Lab.
    fn begin(&self) {
        self.begin_in(Place::Lab);
    }

    /// A run is open: from here on it plays at its own speed.
    fn begin_in(&self, place: Place) {
        let base_ppm = self.0.session.borrow_mut().views().pace.base_ppm;
        let speed_ppm = if base_ppm == 0 { 1_000_000 } else { base_ppm };
        self.0.play.set(Play {
            playing: true,
            speed_ppm,
            ..Play::default()
        });
        self.enter(place);
        self.tell(Msg::Open(None));
        self.changed();
    }

    /// After anything that changes the experiment: link, seed, lessons, screen.
    pub(super) fn changed(&self) {
        let seed = self.0.session.borrow().seed();
        if later::has_rest() {
            self.write_address();
            self.keep_runs();
        }
        super::panic_card::remember(seed);
        self.tell(Msg::Loaded { seed });
        self.settle();
    }

    /// The session that is driven.
    pub(super) fn session(&self) -> RefMut<'_, Box<dyn Session>> {
        self.0.session.borrow_mut()
    }

    /// To be spoken with what is shown next.
    pub(super) fn say(&self, text: &Text) {
        if !text.is_empty() {
            self.0.decided.borrow_mut().say(text);
        }
    }

    /// Shows the session as it is and asks for frames until all has come to rest.
    pub(super) fn settle(&self) {
        let now_ms = browser::real_ms();
        self.0.busy_until_ms.set(now_ms + SETTLE_MS);
        self.0.last_frame_ms.set(now_ms);
        self.show(now_ms);
        self.0.clock.start();
    }

    fn show(&self, real_ms: f64) {
        let views = self.0.session.borrow_mut().views();
        let mut play = self.0.play.get();
        let rate = views.pace.rate(views.now_us, play.tempo());
        (play.slowed, play.hurried) = (rate.slowed, rate.hurried);
        play.real_ms = real_ms;
        self.0.play.set(play);
        let before = self.0.shown.replace(views.clone());
        self.speak(&before, &views);
        if views.lesson.number.is_some() {
            learner::note(&views.lesson);
        }
        self.tell(Msg::Show { views, play });
    }

    /// One frame; answers whether another one is wanted.
    fn frame(&self, real_ms: f64) -> bool {
        let since_ms = real_ms - self.0.last_frame_ms.replace(real_ms);
        let play = self.0.play.get();
        if play.playing {
            self.play_on(since_ms.clamp(0.0, FRAME_MAX_MS), play);
        }
        if !self.0.shown.borrow().packets.is_empty() {
            let rest_ms = real_ms + PACKET_MIN_MS * 2.0;
            self.0
                .busy_until_ms
                .set(self.0.busy_until_ms.get().max(rest_ms));
        }
        if self.is_examining() {
            self.examine(real_ms);
        }
        let wanted = self.0.play.get().playing || real_ms < self.0.busy_until_ms.get();
        self.show(real_ms);
        wanted && (self.0.play.get().playing || real_ms < self.0.busy_until_ms.get())
    }

    fn play_on(&self, since_ms: f64, play: Play) {
        let (from_us, pace) = {
            let shown = self.0.shown.borrow();
            (shown.now_us, shown.pace.clone())
        };
        let (real_us, tempo) = ((since_ms * 1000.0) as u64, play.tempo());
        let to_us = pace.advance(from_us, real_us, tempo);
        let stopped = self.0.session.borrow_mut().advance_to(to_us);
        let now_us = self.0.session.borrow().now_us();
        self.decided_between(from_us, now_us);
        if stopped || tempo.pauses() && pace.decides_at(now_us) {
            self.pause();
        }
    }

    /// Notes what decided after one moment and up to another, for the live region.
    fn decided_between(&self, after_us: u64, to_us: u64) {
        let decided = self.0.session.borrow().spoken_between(after_us, to_us);
        self.say(&decided);
    }

    /// The live region speaks what decided, and what the listener has to know now.
    fn speak(&self, before: &Views, after: &Views) {
        let mut said = self.0.decided.take();
        let news = aloud::news(before, after);
        if !news.is_empty() {
            said.say(&news);
        }
        if !said.is_empty() {
            self.tell(Msg::Speak(said));
        }
    }

    /// Play or pause. At the horizon, play starts again from the beginning.
    pub fn toggle(&self) {
        let play = self.0.play.get();
        let at_end = {
            let shown = self.0.shown.borrow();
            shown.now_us >= shown.timeline.end_us
        };
        if !play.playing && at_end {
            self.0.session.borrow_mut().seek(0);
        }
        self.set_playing(!play.playing);
        self.settle();
    }

    pub fn pause(&self) {
        self.set_playing(false);
    }

    pub(super) fn set_playing(&self, playing: bool) {
        self.0.play.set(Play {
            playing,
            ..self.0.play.get()
        });
    }

    /// Goes to a moment.
    pub fn seek(&self, time_us: u64) {
        self.0.session.borrow_mut().seek(time_us);
        self.settle();
    }

    /// Goes one step and stands still there.
    pub fn step(&self, step: Step) {
        self.pause();
        self.0.session.borrow_mut().step(step);
        let now_us = self.0.session.borrow().now_us();
        self.decided_between(now_us.saturating_sub(1), now_us);
        self.settle();
    }

    /// Does something to the cluster, and lets time go on so that its outcome is seen.
    pub fn act(&self, action: Action) {
        let outcome = self.0.session.borrow_mut().act(action);
        match outcome {
            Ok(()) => self.set_playing(true),
            Err(text) => self.tell(Msg::Notice(text)),
        }
        self.tell(Msg::Open(None));
        self.changed();
    }

    /// Answers the open question, if there is one with so many options.
    pub fn answer(&self, option: usize) {
        let lesson = self.shown().lesson;
        let asked = lesson.question.as_ref().map(|q| q.options.len());
        if asked.is_some_and(|options| option < options) {
            self.0.session.borrow_mut().answer(option);
            self.set_playing(true);
            self.changed();
        }
    }

    /// Goes on after a beat, or closes the reveal.
    pub fn next_beat(&self) {
        let lesson = self.shown().lesson;
        if lesson.narrator.waits || lesson.reveal.is_some() {
            self.0.session.borrow_mut().next_beat();
            self.set_playing(true);
            self.settle();
        }
    }

    /// Takes an offer.
    pub fn take(&self, offer: &Offer) {
        match offer {
            Offer::Retry { knob, value } => self.retry(knob, value),
            Offer::Fix => self.fix(),
            Offer::Lesson(id) => self.load(id),
            Offer::Continue => self.next_beat(),
            Offer::Price => self.open_price(),
            Offer::Compare(with) => self.compare(with),
            Offer::WatchSlowly { from_us } => {
                self.0.session.borrow_mut().seek(*from_us);
                // What decides is slowed by itself.
                self.0.play.set(Play {
                    playing: true,
                    by_hand: false,
                    ..self.0.play.get()
                });
                self.settle();
            }
        }
    }

    /// Chooses a message, or none.
    pub fn select(&self, message: Option<u64>) {
        self.0.session.borrow_mut().select(message);
        self.settle();
    }
}

//! What a person can ask for by pressing something: plain data, so that every button shares one
//! way to say it.

use super::browser;
use super::driver::{self, with};
use super::keys::{Key, shift_speed};
use super::later::after_rest;
use super::learner::Learner;
use super::share::Share;
use super::state::{Msg, Open, Tab};
use super::words::{LATER_EN, LATER_ZH, Lang, LaterWords};
use crate::view::{Action, Offer, Room, Step, Tend, Text, TrialAct, With};
use yew::prelude::*;

/// One wish.
#[derive(Clone, Debug)]
pub enum Intent {
    /// Play or pause.
    Toggle,
    Step(Step),
    /// Stand still at this moment.
    Show(u64),
    Speed(u64),
    AutoSpeed,
    Act(Action),
    Knob(String, String),
    /// Turn several knobs, in order, and play again on the same luck.
    Knobs(Vec<(String, String)>),
    /// Copy the table of prices, in this language; of all alternatives, or of the lesson's.
    CopyPrices(Lang, bool),
    /// Turn a knob and play again on the same luck.
    Retry(String, String),
    /// Put a run beside the one on the screen.
    Compare(With),
    /// Back to the Lab: with A, or with B.
    LeavePair(bool),
    Answer(usize),
    NextBeat,
    Take(Offer),
    Select(Option<u64>),
    Branch(u32),
    /// Name, forget or mark.
    Tend(Tend),
    /// Something about the lesson's trial.
    Trial(TrialAct),
    Load(String),
    Open(Option<Open>),
    Tab(Tab),
    /// Show or hide a group's further knobs.
    More(usize),
    Lang(Lang),
    NextTheme,
    Share(Share),
    /// Copy the link of this fragment.
    CopyLink(String),
    Dismiss,
    /// For who learns and who teaches.
    Learner(Learner),
}

/// A button's callback for this wish.
pub fn on(intent: Intent) -> Callback<MouseEvent> {
    Callback::from(move |_| with(|driver| driver.perform(&intent)))
}

impl Intent {
    /// Whether the first screen offers it.
    fn is_offered_first(&self) -> bool {
        matches!(self, Intent::Toggle | Intent::Act(_))
    }
}

impl driver::Driver {
    /// Does what was asked for, once the part of the program is here that can.
    pub fn perform(&self, intent: &Intent) {
        if intent.is_offered_first() {
            self.perform_now(intent);
        } else {
            let intent = intent.clone();
            after_rest(move || with(|driver| driver.perform_now(&intent)));
        }
    }

    fn perform_now(&self, intent: &Intent) {
        match intent {
            Intent::Toggle => self.toggle(),
            Intent::Step(step) => self.step(*step),
            Intent::Show(at_us) => {
                self.pause();
                self.seek(*at_us);
            }
            Intent::Speed(ppm) => self.set_speed(*ppm),
            Intent::AutoSpeed => self.auto_speed(),
            Intent::Act(action) => self.act(*action),
            Intent::Knob(name, value) => self.set_knob(name, value),
            Intent::Knobs(knobs) => self.retry_all(knobs),
            Intent::CopyPrices(lang, wide) => self.copy_prices(*lang, *wide),
            Intent::Retry(name, value) => self.retry(name, value),
            Intent::Compare(with) => self.compare(with),
            Intent::LeavePair(take) => self.leave_pair(*take),
            Intent::Answer(option) => self.answer(*option),
            Intent::NextBeat => self.next_beat(),
            Intent::Take(offer) => self.take(offer),
            Intent::Select(message) => self.select(*message),
            Intent::Branch(id) => self.branch(*id),
            Intent::Tend(tend) => self.tend(tend),
            Intent::Trial(act) => self.trial(*act),
            Intent::Load(id) => self.load(id),
            Intent::Open(Some(Open::Lessons)) => self.open_lessons(),
            Intent::Open(Some(Open::Price)) => self.open_price(),
            Intent::Open(Some(Open::Share)) => self.open_share(),
            Intent::Open(open) => self.tell(Msg::Open(*open)),
            Intent::Tab(tab) => self.tell(Msg::Tab(*tab)),
            Intent::More(group) => self.tell(Msg::More(*group)),
            Intent::Lang(lang) => self.speak_in(*lang),
            Intent::NextTheme => self.tell(Msg::NextTheme),
            Intent::Share(way) => self.share(*way),
            Intent::CopyLink(fragment) => self.copy_link(fragment),
            Intent::Dismiss => self.tell(Msg::Dismiss),
            Intent::Learner(wish) => self.perform_for(*wish),
        }
    }

    /// Copies the link of this fragment.
    fn copy_link(&self, fragment: &str) {
        let address = browser::address();
        let page = address.split('#').next().unwrap_or_default();
        browser::copy(
            &format!("{page}#{fragment}"),
            || with(|driver| driver.tell(Msg::Notice(notice(|words| words.copied)))),
            || with(|driver| driver.tell(Msg::Notice(notice(|words| words.copy_failed)))),
        );
    }

    /// Stands still and shows what the run costs.
    pub fn open_price(&self) {
        self.pause();
        self.tell(Msg::Open(Some(Open::Price)));
    }

    /// Copies the table of prices.
    fn copy_prices(&self, lang: Lang, wide: bool) {
        let csv = self.price(wide, false).csv(&|text| lang.of(text));
        browser::copy(
            &csv,
            || with(|driver| driver.tell(Msg::Notice(notice(|words| words.price_copied)))),
            || with(|driver| driver.tell(Msg::Notice(notice(|words| words.price_copy_failed)))),
        );
    }

    /// Turns several knobs and plays again.
    fn retry_all(&self, knobs: &[(String, String)]) {
        let Some(((name, value), first)) = knobs.split_last() else {
            return;
        };
        for (name, value) in first {
            self.set_knob(name, value);
        }
        self.retry(name, value);
        self.tell(Msg::Open(None));
    }

    /// Does what a key asks for; answers whether it was of use. Rooms beside the Lab have keys of their own.
    pub fn press(&self, key: Key, open: Option<Open>) -> bool {
        if !key.is_for(self.place()) {
            return false;
        }
        if key == Key::Toggle {
            self.toggle();
        } else {
            after_rest(move || with(|driver| driver.press_now(key, open)));
        }
        true
    }

    /// The first screen has none.
    fn toggle_terminal(&self, open: Option<Open>) {
        let shut = open != Some(Open::Terminal);
        let opens = shut && self.shown().lesson.room == Room::Lab;
        self.tell(Msg::Open(opens.then_some(Open::Terminal)));
    }

    fn press_now(&self, key: Key, open: Option<Open>) {
        match key {
            Key::Toggle => self.toggle(),
            Key::Forward => self.step(Step::Forward),
            Key::Back => self.step(Step::Back),
            Key::Next => self.step(Step::NextDecisive),
            Key::Previous => self.step(Step::PreviousDecisive),
            Key::Bookmark => self.tend(&Tend::Bookmark),
            Key::Slower => self.set_speed(shift_speed(self.play().speed_ppm, false)),
            Key::Faster => self.set_speed(shift_speed(self.play().speed_ppm, true)),
            Key::Help => {
                let help = if open == Some(Open::Help) {
                    None
                } else {
                    Some(Open::Help)
                };
                self.tell(Msg::Open(help));
            }
            Key::Terminal => self.toggle_terminal(open),
            Key::Answer(option) => self.answer(option),
            Key::Enter => self.next_beat(),
            Key::Escape => self.tell(Msg::Open(None)),
            Key::Onward => self.perform_for(Learner::Onward),
            Key::Backward => self.perform_for(Learner::Backward),
            Key::Reveal => self.perform_for(Learner::Reveal),
        }
    }
}

/// A notice in both languages from the page's own words.
fn notice(pick: fn(&LaterWords) -> &'static str) -> Text {
    Text::fixed(pick(&LATER_EN), pick(&LATER_ZH))
}

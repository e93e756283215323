//! What the page knows, and the one pure reducer over it.

use super::browser;
use super::place::Place;
use super::words::Lang;
use crate::view::{LessonCard, NodeKey, Tempo, Text, Views};
use std::rc::Rc;
use yew::Reducible;

/// The theme asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    /// The value of `data-theme`.
    pub fn code(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The theme of a saved entry.
    pub fn from_code(code: &str) -> Self {
        match code {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::Auto,
        }
    }

    /// The next one, in a circle.
    pub fn next(self) -> Self {
        match self {
            Theme::Auto => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::Auto,
        }
    }
}

/// A menu or card that is open; one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// The list of lessons.
    Lessons,
    /// The narrow screen's menu.
    Page,
    /// A node's faults.
    Node(NodeKey),
    /// A broker's log files, and those of another one beside them.
    Files(i32, Option<i32>),
    /// The knobs of the run beside.
    Beside,
    /// A link's faults.
    Link(NodeKey, NodeKey),
    /// Runs and bookmarks.
    Runs,
    /// The keys.
    Help,
    /// How true the model is.
    Fidelity,
    /// What safety costs.
    Price,
    /// Terms and configs.
    Glossary,
    /// The lesson on paper.
    Sheet,
    /// The ways to give the run away.
    Share,
    /// Kafka's tools on the cluster.
    Terminal,
}

/// Teacher mode, for a class that watches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Teach {
    #[default]
    Off,
    /// On; verdict, fates and why of this run are hidden.
    Veiled,
    /// On; they were revealed.
    Revealed,
}

/// The sheet shown on a narrow screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    Knobs,
    #[default]
    Ledger,
    Why,
}

/// How the clock runs, as the driver last said.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Play {
    pub playing: bool,
    /// The speed on the panel, parts per million of real time.
    pub speed_ppm: u64,
    /// A person set the speed in this run.
    pub by_hand: bool,
    /// Slow motion now.
    pub slowed: bool,
    /// Hurrying through this wait (place in the pace's list).
    pub hurried: Option<usize>,
    /// Real time of this frame, in milliseconds.
    pub real_ms: f64,
}

impl Play {
    /// How time goes on from here.
    pub fn tempo(self) -> Tempo {
        Tempo {
            chosen_ppm: self.speed_ppm,
            by_hand: self.by_hand,
            still: browser::reduced_motion(),
        }
    }

    /// Without the frame's real time, for what does not move.
    pub fn without_frame(self) -> Self {
        Self {
            real_ms: 0.0,
            ..self
        }
    }
}

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct State {
    pub lang: Lang,
    pub theme: Theme,
    /// It stands in a frame of another page.
    pub embed: bool,
    pub views: Views,
    pub play: Play,
    pub seed: u64,
    pub teach: Teach,
    pub lessons: Rc<Vec<LessonCard>>,
    pub place: Place,
    pub open: Option<Open>,
    pub tab: Tab,
    /// Groups of knobs that show their further ones, a bit for each place.
    pub more: u32,
    /// What went wrong or worked, until it is closed.
    pub notices: Rc<Vec<Text>>,
    /// What the live region speaks.
    pub spoken: Text,
}

/// What can happen to the page.
pub enum Msg {
    /// A frame, or the outcome of an action.
    Show {
        views: Views,
        play: Play,
    },
    /// A run was loaded.
    Loaded {
        seed: u64,
    },
    /// The list of lessons opens.
    Lessons(Rc<Vec<LessonCard>>),
    Speak(Text),
    Teach(Teach),
    Lang(Lang),
    NextTheme,
    /// Show or hide a group's further knobs.
    More(usize),
    /// Another room is entered.
    Place(Place),
    Open(Option<Open>),
    Tab(Tab),
    Notice(Text),
    Dismiss,
}

impl Reducible for State {
    type Action = Msg;

    fn reduce(self: Rc<Self>, msg: Msg) -> Rc<Self> {
        if self.is_already(&msg) {
            return self;
        }
        let mut next = (*self).clone();
        match msg {
            Msg::Show { views, play } => (next.views, next.play) = (views, play),
            Msg::Loaded { seed } => {
                next.seed = seed;
                // Another run has secrets of its own.
                if next.teach == Teach::Revealed {
                    next.teach = Teach::Veiled;
                }
            }
            Msg::Teach(teach) => next.teach = teach,
            Msg::Lessons(lessons) => {
                (next.lessons, next.open) = (lessons, Some(Open::Lessons));
            }
            Msg::Speak(text) => next.spoken = text,
            Msg::Lang(lang) => next.lang = lang,
            Msg::NextTheme => next.theme = next.theme.next(),
            Msg::More(group) => next.more ^= 1 << (group % 32),
            Msg::Place(place) => (next.place, next.open) = (place, None),
            Msg::Open(open) => next.open = open,
            Msg::Tab(tab) => next.tab = tab,
            Msg::Notice(text) => {
                let mut notices = (*next.notices).clone();
                notices.retain(|notice| *notice != text);
                notices.push(text);
                next.notices = Rc::new(notices);
            }
            Msg::Dismiss => next.notices = Rc::default(),
        }
        Rc::new(next)
    }
}

impl State {
    /// Whether the message would change nothing.
    fn is_already(&self, msg: &Msg) -> bool {
        match msg {
            Msg::Show { views, play } => *play == self.play && same_views(views, &self.views),
            Msg::Loaded { seed } => *seed == self.seed && self.teach != Teach::Revealed,
            Msg::Teach(teach) => *teach == self.teach,
            Msg::Speak(text) => *text == self.spoken,
            Msg::Place(place) => *place == self.place,
            Msg::Open(open) => *open == self.open,
            Msg::Tab(tab) => *tab == self.tab,
            Msg::Lessons(_) | Msg::Notice(_) | Msg::Lang(_) | Msg::NextTheme | Msg::More(_) => {
                false
            }
            Msg::Dismiss => self.notices.is_empty(),
        }
    }
}

fn same_pair(a: &Views, b: &Views) -> bool {
    match (&a.compare, &b.compare) {
        (Some(a), Some(b)) => Rc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    }
}

fn same_views(a: &Views, b: &Views) -> bool {
    a.now_us == b.now_us
        && Rc::ptr_eq(&a.stage, &b.stage)
        && Rc::ptr_eq(&a.packets, &b.packets)
        && Rc::ptr_eq(&a.timeline, &b.timeline)
        && Rc::ptr_eq(&a.ledger, &b.ledger)
        && Rc::ptr_eq(&a.why, &b.why)
        && Rc::ptr_eq(&a.knobs, &b.knobs)
        && Rc::ptr_eq(&a.lesson, &b.lesson)
        && Rc::ptr_eq(&a.pace, &b.pace)
        && same_pair(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    wasm_bindgen_test_configure!(run_in_browser);

    fn state() -> Rc<State> {
        Rc::new(State {
            lang: Lang::En,
            theme: Theme::Auto,
            embed: false,
            views: Views::default(),
            play: Play::default(),
            seed: 1,
            teach: Teach::Off,
            lessons: Rc::default(),
            place: Place::Lab,
            open: None,
            tab: Tab::default(),
            more: 0,
            notices: Rc::default(),
            spoken: Text::default(),
        })
    }

    #[wasm_bindgen_test]
    fn a_message_that_changes_nothing_keeps_the_state() {
        let state = state();
        let show = Msg::Show {
            views: state.views.clone(),
            play: state.play,
        };
        for msg in [show, Msg::Tab(Tab::Ledger), Msg::Open(None), Msg::Dismiss] {
            assert!(Rc::ptr_eq(&state, &state.clone().reduce(msg)));
        }
    }

    #[wasm_bindgen_test]
    fn a_new_view_is_shown_even_when_it_says_the_same() {
        let state = state();
        let views = Views {
            stage: Rc::default(),
            ..state.views.clone()
        };
        let next = state.clone().reduce(Msg::Show {
            views,
            play: state.play,
        });
        assert!(!Rc::ptr_eq(&state, &next));
    }

    #[wasm_bindgen_test]
    fn a_notice_is_not_repeated() {
        let once = state().reduce(Msg::Notice(Text::same("x")));
        let twice = once.reduce(Msg::Notice(Text::same("x")));
        assert_eq!(twice.notices.len(), 1);
    }
}

//! Runs left behind and marked moments: a row of chips, and the card where they are named and forgotten.

use super::super::driver::with;
use super::super::intent::{Intent, on};
use super::super::part::{Part, class, each, list, when, yes_no};
use super::super::words::{Lang, seconds};
use super::icon;
use crate::view::{BookmarkView, BranchView, Tend, TimelineView, With};
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// The runs as chips; a click brings one back.
#[derive(PartialEq)]
pub struct Runs {
    lang: Lang,
    branches: Rc<Vec<BranchView>>,
}

impl Runs {
    /// The runs of this timeline.
    pub fn of(lang: Lang, timeline: &TimelineView) -> Self {
        let branches = Rc::clone(&timeline.branches);
        Self { lang, branches }
    }
}

impl Part for Runs {
    fn draw(&self) -> Html {
        let later = self.lang.later();
        let chip = |branch: &BranchView| {
            let (id, name) = (branch.id, self.lang.of(&branch.label));
            html! {
                <button key={id} class={class(&["chip", when(branch.current, "on")])} onclick={on(Intent::Branch(id))}
                    title={later.branch_back} aria-pressed={yes_no(branch.current)} data-test={format!("branch-{id}")}>
                    { name }
                </button>
            }
        };
        html! {
            <div class="runs" data-test="branch" role="group" aria-label={later.branches}>
                { icon("fork") }{ each(&self.branches, &chip) }
            </div>
        }
    }
}

/// The card with all runs of this lesson and the bookmarks of the one on the screen.
#[derive(PartialEq)]
pub struct RunCard {
    lang: Lang,
    branches: Rc<Vec<BranchView>>,
    bookmarks: Rc<Vec<BookmarkView>>,
}

impl RunCard {
    /// The card of this timeline.
    pub fn of(lang: Lang, timeline: &TimelineView) -> Self {
        Self {
            lang,
            branches: Rc::clone(&timeline.branches),
            bookmarks: Rc::clone(&timeline.bookmarks),
        }
    }

    fn run(&self, branch: &BranchView) -> Html {
        let (id, later) = (branch.id, self.lang.later());
        let name = self.lang.of(&branch.label);
        let (word, glyph) = if branch.current {
            (later.on_screen, "play")
        } else {
            (later.branch_back, "fork")
        };
        html! {
            <li key={id} data-test="kept-run">
                <button class="btn icon" onclick={on(Intent::Branch(id))} aria-label={format!("{word}: {name}")} title={word}
                    aria-pressed={yes_no(branch.current)}>{ icon(glyph) }</button>
                { name_field(&name, later.run_name, move |name| Tend::RenameRun(id, name)) }
                if !branch.current {
                    <button class="btn icon" onclick={on(Intent::Compare(With::Run(id)))} title={later.cmp_run}
                        aria-label={format!("{}: {name}", later.cmp_run)} data-test="compare-run">{ icon("copy") }</button>
                    { self.remover(&name, Tend::RemoveRun(id)) }
                }
            </li>
        }
    }

    fn bookmark(&self, bookmark: &BookmarkView) -> Html {
        let (id, at_us) = (bookmark.id, bookmark.at_us);
        let (name, at) = (self.lang.of(&bookmark.label), seconds(at_us));
        html! {
            <li key={id} data-test="bookmark">
                <button class="btn mono" onclick={on(Intent::Show(at_us))} aria-label={format!("{at}: {name}")}>{ at }</button>
                { name_field(&name, self.lang.later().bookmark_name, move |name| Tend::RenameBookmark(id, name)) }
                { self.remover(&name, Tend::RemoveBookmark(id)) }
            </li>
        }
    }

    fn remover(&self, name: &str, tend: Tend) -> Html {
        let word = self.lang.later().remove;
        html! {
            <button class="btn icon" onclick={on(Intent::Tend(tend))} aria-label={format!("{word}: {name}")} title={word}
                data-test="remove">{ icon("lost") }</button>
        }
    }
}

/// A field that gives a new name as soon as it is left.
fn name_field(name: &str, label: &'static str, tend: impl Fn(String) -> Tend + 'static) -> Html {
    let onchange = Callback::from(move |event: Event| {
        let field: Option<HtmlInputElement> = event.target_dyn_into();
        if let Some(field) = field {
            with(|driver| driver.perform(&Intent::Tend(tend(field.value()))));
        }
    });
    html! { <input value={name.to_owned()} aria-label={label} maxlength="60" {onchange} /> }
}

impl Part for RunCard {
    fn draw(&self) -> Html {
        let (words, later) = (self.lang.words(), self.lang.later());
        let group = |title: &'static str, lines: Vec<Html>| {
            if lines.is_empty() {
                return Html::default();
            }
            html! { <><h2 class="eyebrow">{ title }</h2><ul>{ list(lines) }</ul></> }
        };
        let runs = self.branches.iter().map(|branch| self.run(branch));
        let bookmarks = self
            .bookmarks
            .iter()
            .map(|bookmark| self.bookmark(bookmark));
        html! {
            <section class="helpcard keptcard" role="dialog" aria-label={later.runs_title} data-menu="true" data-test="run-card">
                <header role="presentation">
                    <h2>{ later.runs_title }</h2>
                    <button class="btn icon" onclick={on(Intent::Open(None))} aria-label={words.close}>{ icon("lost") }</button>
                </header>
                { group(later.branches, runs.collect()) }
                { group(later.bookmarks, bookmarks.collect()) }
                <p class="soft">{ later.runs_hint }</p>
                <button class="btn" onclick={on(Intent::Tend(Tend::Bookmark))} data-test="bookmark-now">
                    { icon("mark") }{ later.bookmark_now }{ " " }<span class="key">{ "b" }</span>
                </button>
            </section>
        }
    }
}

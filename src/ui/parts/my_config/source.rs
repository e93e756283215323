//! What was pasted: files, line by line, and the ways to add more.

use super::super::super::part::{Part, class, each, each_at, maybe, when, yes_no};
use super::super::super::same::Same;
use super::super::super::words::Lang;
use super::super::icon;
use super::bench;
use super::intake;
use crate::view::config::{ChipView, ConfigView, FileView, LineState, LineView};
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

/// What is open on the left: what a person does there, nothing that is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Doing {
    /// The field to paste into is open.
    pub pastes: bool,
    /// This file is edited.
    pub edits: Option<usize>,
    /// Files whose lines are shown although they would not be, or the other way.
    pub turned: Vec<String>,
}

/// The left side.
#[derive(PartialEq)]
pub struct Source {
    pub lang: Lang,
    pub view: Same<ConfigView>,
    pub narrow: bool,
    pub doing: Doing,
    pub set: Callback<Doing>,
}

impl Part for Source {
    fn draw(&self) -> Html {
        let (words, view) = (self.lang.config(), &self.view);
        let is_empty = view.files.is_empty();
        let more = {
            let doing = Doing {
                pastes: !self.doing.pastes,
                ..self.doing.clone()
            };
            self.set.reform(move |_: MouseEvent| doing.clone())
        };
        html! {
            <section class="pane src" aria-label={words.pasted}>
                <div class="mchead">
                    if is_empty {
                        <h1>{ words.title }</h1>
                    } else {
                        <h2>{ words.pasted }</h2>
                        <button class="btn" onclick={more} aria-expanded={yes_no(self.doing.pastes)} data-test="config-more">
                            { words.paste_more }
                        </button>
                    }
                </div>
                if is_empty { <p class="mcintro">{ words.intro }</p> }
                if !is_empty { <div class="acct">{ each(&view.chips, &chip(self.lang)) }</div> }
                if is_empty || self.doing.pastes { { self.intake(is_empty) } }
                { each_at(&view.files, &|place, file| self.file(place, file)) }
                if !is_empty { <p class="soft mcstays">{ words.stays }</p> }
            </section>
        }
    }
}

impl Source {
    /// The field to paste into, and the way to files.
    fn intake(&self, is_empty: bool) -> Html {
        let words = self.lang.config();
        let closed = self.set.reform(|()| Doing::default());
        let pasted = {
            let closed = closed.clone();
            Callback::from(move |event: Event| {
                if intake::take_paste(&event) {
                    closed.emit(());
                }
            })
        };
        let field = NodeRef::default();
        let typed = {
            let (field, closed) = (field.clone(), closed.clone());
            Callback::from(move |_: MouseEvent| {
                let field = field.cast::<HtmlTextAreaElement>();
                if let Some(field) = field.filter(|field| !field.value().trim().is_empty()) {
                    bench::take("", field.value().as_bytes());
                    field.set_value("");
                    closed.emit(());
                }
            })
        };
        let opened = Callback::from(|event: Event| intake::take_chosen(&event));
        let example = closed.reform(|_: MouseEvent| bench::act(|desk| desk.try_example()));
        html! {
            <div class="intake">
                <textarea rows={if is_empty { "9" } else { "4" }} aria-label={words.paste_here} placeholder={words.paste_here}
                    spellcheck="false" autocomplete="off" onpaste={pasted} ref={field} data-test="config-paste" />
                <div class="intakeways">
                    <button class="btn" onclick={typed} data-test="config-take">{ words.take }</button>
                    <label class="btn" data-test="config-open">
                        { words.open_files }
                        <input class="aloud" type="file" multiple=true onchange={opened} data-test="config-files" />
                    </label>
                    <span class="soft">{ words.drop }</span>
                </div>
                if is_empty {
                    <button class="btn pri" onclick={example} data-test="config-example">{ words.example }</button>
                    <p class="soft">{ words.takes }</p>
                    <p class="soft">{ words.stays }</p>
                }
            </div>
        }
    }

    fn is_open(&self, file: &FileView) -> bool {
        self.doing.turned.contains(&file.name) == self.narrow
    }

    fn file(&self, place: usize, file: &FileView) -> Html {
        let words = self.lang.config();
        let (is_open, is_edited) = (self.is_open(file), self.doing.edits == Some(place));
        let named = |word: &str| format!("{word}: {}", file.name);
        let fold = {
            let mut doing = self.doing.clone();
            match doing.turned.iter().position(|name| *name == file.name) {
                Some(place) => drop(doing.turned.remove(place)),
                None => doing.turned.push(file.name.clone()),
            }
            self.set.reform(move |_: MouseEvent| doing.clone())
        };
        let edit = {
            let doing = Doing {
                edits: Some(place),
                ..self.doing.clone()
            };
            self.set.reform(move |_: MouseEvent| doing.clone())
        };
        let remove = self.set.reform(move |_: MouseEvent| {
            bench::act(|desk| desk.remove(place));
            Doing::default()
        });
        html! {
            <section class="file" key={file.name.clone()} aria-label={file.name.clone()} data-test="config-file">
                <header>
                    <button class="fold" onclick={fold} aria-expanded={yes_no(is_open)} title={words.fold}>
                        <i class={class(&["g g-down", when(!is_open, "shut")])} aria-hidden="true" />{ file.name.clone() }
                    </button>
                    <small class="soft">{ format!("{} {}", file.lines.len(), words.lines) }</small>
                    <button class="btn" onclick={edit} aria-label={named(words.edit)} data-test="config-edit">{ words.edit }</button>
                    <button class="btn icon" onclick={remove} aria-label={named(words.remove)} title={words.remove} data-test="config-remove">
                        { icon("lost") }
                    </button>
                </header>
                if is_edited {
                    { self.editor(place) }
                } else if is_open {
                    <p class="filekind soft">{ self.lang.of(&file.kind) }</p>
                    <ol>{ each(&file.lines, &|line| self.line(place, line)) }</ol>
                }
            </section>
        }
    }

    fn editor(&self, place: usize) -> Html {
        let words = self.lang.config();
        let text = bench::ask(|desk| desk.text(place).to_string());
        let field = NodeRef::default();
        let closed = Doing {
            edits: None,
            ..self.doing.clone()
        };
        let (doing, cancelled) = (closed.clone(), closed);
        let done = {
            let field = field.clone();
            self.set.reform(move |_: MouseEvent| {
                if let Some(field) = field.cast::<HtmlTextAreaElement>() {
                    bench::act(|desk| desk.edit(place, &field.value()));
                }
                doing.clone()
            })
        };
        let cancel = self.set.reform(move |_: MouseEvent| cancelled.clone());
        let rows = text.lines().count().clamp(4, 24).to_string();
        html! {
            <div class="intake">
                <textarea ref={field} {rows} aria-label={words.edit} spellcheck="false" autocomplete="off"
                    defaultvalue={text} data-test="config-text" />
                <div class="intakeways">
                    <button class="btn pri" onclick={done} data-test="config-done">{ words.done }</button>
                    <button class="btn" onclick={cancel}>{ words.cancel }</button>
                </div>
            </div>
        }
    }

    fn line(&self, place: usize, line: &LineView) -> Html {
        let words = self.lang.config();
        let (name, glyph, state) = look(self.lang, line.state);
        let number = line.number;
        let right =
            Callback::from(move |_: MouseEvent| bench::act(|desk| desk.put_right(place, number)));
        let reason = self.lang.of(&line.reason);
        html! {
            <li class={class(&["ln", name])} data-state={state_word(line.state)}>
                <s>{ number }</s>
                <i class={class(&[when(!glyph.is_empty(), "g"), glyph, when(line.state != LineState::Quiet, "fi")])} aria-hidden="true" />
                <div>
                    <span class="aloud">{ state }</span>
                    <code>{ line.text.clone() }</code>
                    if !reason.is_empty() {
                        <small>
                            { reason }
                            { maybe(line.meant.clone(), &|meant| html! {
                                <>{ ". " }{ words.did_you_mean }{ " " }
                                <button class="dym" onclick={right.clone()} data-test="config-right">{ meant }</button>{ words.ask }</>
                            }) }
                        </small>
                    }
                </div>
            </li>
        }
    }
}

fn chip(lang: Lang) -> impl Fn(&ChipView) -> Html {
    move |chip: &ChipView| {
        let (name, glyph) = match chip.state {
            Some(state) if state != LineState::Used => (look(lang, state).0, look(lang, state).1),
            _ => ("", ""),
        };
        let name = if name == "ln-unknown" || name == "dim" {
            ""
        } else {
            name
        };
        html! {
            <span class={class(&["chip", name])} data-state={chip.state.map_or("all", state_word)}>
                if !glyph.is_empty() { <i class={class(&["g", glyph])} aria-hidden="true" /> }
                { lang.of(&chip.text) }
            </span>
        }
    }
}

fn state_word(state: LineState) -> &'static str {
    state.word()
}

/// Class, glyph and word of a line.
fn look(lang: Lang, state: LineState) -> (&'static str, &'static str, &'static str) {
    let words = lang.config();
    match state {
        LineState::Blank => ("dim", "", ""),
        LineState::Quiet => ("dim", "g-wait", words.state_quiet),
        LineState::Used => ("safe", "g-done", words.state_used),
        LineState::Risk => ("risk", "g-warn", words.state_risk),
        LineState::Unknown => ("ln-unknown", "g-doubt", words.state_unknown),
        LineState::Refused => ("lost", "g-refused", words.state_refused),
    }
}

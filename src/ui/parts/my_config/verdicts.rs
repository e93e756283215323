//! The verdict of every kind of fault, as pasted and with the change.

use super::super::super::browser;
use super::super::super::driver::with;
use super::super::super::look;
use super::super::super::part::{Part, class, each, maybe, part, when};
use super::super::super::same::Same;
use super::super::super::words::Lang;
use super::bench;
use super::world::World;
use crate::view::config::{CellView, ConfigView, GroupView, RowView, Word, hue_of};
use yew::prelude::*;

/// The middle.
#[derive(PartialEq)]
pub struct Verdicts {
    pub lang: Lang,
    pub view: Same<ConfigView>,
}

/// Plays the worst run of a kind of fault, or of all, in the Lab.
pub fn play(row: Option<&'static str>) {
    let link = bench::ask(|desk| desk.link(row));
    if let Some(link) = link {
        // The browser's way back leads here again.
        browser::push_fragment(&link);
        with(|driver| driver.open_address());
    }
}

impl Part for Verdicts {
    fn draw(&self) -> Html {
        let (lang, words, view) = (self.lang, self.lang.config(), &self.view);
        let hue = look::hue(view.hue);
        html! {
            <>
                <h1 class="mctitle" data-test="config-verdict" data-hue={hue}
                    data-state={if view.progress.is_some() { "playing" } else { "done" }}>{ lang.of(&view.title) }</h1>
                <p class="soft mcline">{ lang.of(&view.line) }</p>
                { maybe(view.progress, &|permille| html! {
                    <progress class="mcprogress" value={permille.to_string()} max="1000" aria-label={words.progress}
                        data-test="config-progress" />
                }) }
                if !view.groups.is_empty() {
                    <table class="vt" data-test="config-verdicts">
                        <caption class="aloud">{ words.verdicts }</caption>
                        <thead><tr>
                            <th scope="col">{ words.fault }</th>
                            <th scope="col">{ words.as_pasted }</th>
                            <th scope="col">{ words.with_change }</th>
                        </tr></thead>
                        { each(&view.groups, &|group| self.group(group)) }
                    </table>
                    { legend(lang) }
                }
                if !view.left_out.is_empty() { <p class="soft mcline">{ lang.of(&view.left_out) }</p> }
                { part(World { lang, view: view.clone() }) }
            </>
        }
    }
}

impl Verdicts {
    fn group(&self, group: &GroupView) -> Html {
        html! {
            <tbody>
                <tr class="grp"><th class="eyebrow" colspan="3" scope="rowgroup">{ self.lang.of(&group.title) }</th></tr>
                { each(&group.rows, &|row| self.row(row)) }
            </tbody>
        }
    }

    fn row(&self, row: &RowView) -> Html {
        let (lang, words) = (self.lang, self.lang.config());
        let title = lang.of(&row.title);
        let id = row.id;
        let onclick = Callback::from(move |_: MouseEvent| play(Some(id)));
        html! {
            <tr data-test={format!("config-row-{id}")}>
                <th scope="row">{ title.clone() }if !row.note.is_empty() { <small>{ lang.of(&row.note) }</small> }</th>
                <td class="mcnow">
                    { self.cell(&row.before) }
                    if row.plays {
                        <button class="btn icon mcplay" {onclick} aria-label={format!("{} {title}", words.play_row)}
                            title={format!("{} {title}", words.play_row)} data-test={format!("config-play-{id}")}>
                            <i class="g g-play" aria-hidden="true" />
                        </button>
                    }
                </td>
                <td>{ self.cell(&row.after) }</td>
            </tr>
        }
    }

    fn cell(&self, cell: &CellView) -> Html {
        let words = self.lang.config();
        let Some(word) = cell.word else {
            let said = if cell.is_on {
                words.playing
            } else {
                words.not_yet
            };
            return html! {
                <span class={class(&["v none", when(cell.is_on, "on"), when(!cell.is_on, "idle")])} data-word="none">
                    if cell.is_on { { said } } else { <span class="aloud">{ said }</span> }
                </span>
            };
        };
        html! {
            <span class={class(&["v", look::hue(hue_of(word))])} data-word={word.word()}>
                <i class={format!("g g-{}", glyph(word))} aria-hidden="true" />{ self.lang.of(&cell.text) }
            </span>
        }
    }
}

fn glyph(word: Word) -> &'static str {
    match word {
        Word::Safe => "done",
        Word::HeldUp => "pause",
        Word::NeverAcked => "doubt",
        Word::Twice => "twice",
        Word::Lost => "lost",
    }
}

fn legend(lang: Lang) -> Html {
    let words = lang.config();
    let all = [
        (Word::Safe, words.leg_safe),
        (Word::Lost, words.leg_lost),
        (Word::Twice, words.leg_twice),
        (Word::HeldUp, words.leg_held),
        (Word::NeverAcked, words.leg_never),
    ];
    let line = |(word, said): &(Word, &'static str)| {
        html! {
            <span class={look::hue(hue_of(*word))}>
                <i class={format!("g g-{} fi", glyph(*word))} aria-hidden="true" />{ " " }<span class="soft">{ *said }</span>
            </span>
        }
    };
    html! { <div class="pl">{ each(&all, &line) }</div> }
}

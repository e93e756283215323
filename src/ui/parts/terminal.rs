//! The terminal: a drawer over the Lab with a prompt. What was printed stays until it is cleared; what was typed is kept.

use super::super::browser;
use super::super::driver::with;
use super::super::intent::{Intent, on};
use super::super::part::each;
use super::super::words::{Lang, seconds};
use super::icon;
use crate::view::Text;
use crate::view::terminal::{Answer, Kind, Recall, TermLine, append, tab};
use std::cell::RefCell;
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

/// Commands typed before; the version is in the name.
const HISTORY_KEY: &str = "acklab.1.terminal";
/// Where the focus goes back to.
const DOOR: &str = "[data-test=terminal],[data-test=page-menu]";

thread_local! {
    /// What is on the screen while the drawer is closed.
    static SCREEN: RefCell<Vec<TermLine>> = const { RefCell::new(Vec::new()) };
}

/// A line of the lab's own words.
fn own(text: Text) -> TermLine {
    let kind = Kind::Lab;
    TermLine { kind, text }
}

fn welcome(lang: Lang) -> Html {
    html! { <p class="soft">{ lang.later().terminal_welcome }</p> }
}

#[derive(PartialEq, Properties)]
pub struct TerminalProps {
    pub lang: Lang,
}

/// The drawer.
#[component]
pub fn Terminal(props: &TerminalProps) -> Html {
    let lang = props.lang;
    let words = lang.later();
    let screen = use_state(|| SCREEN.with(|kept| kept.borrow().clone()));
    let recall = use_mut_ref(|| Recall::of(&browser::saved(HISTORY_KEY).unwrap_or_default()));
    let (input, output) = (use_node_ref(), use_node_ref());
    {
        let (input, output) = (input.clone(), output.clone());
        use_effect_with((*screen).clone(), move |_| scroll_down(&output));
        use_effect_with((), move |()| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                // A prompt without focus is still usable by pointer.
                let _ = input.focus();
            }
            || browser::focus_on(DOOR)
        });
    }
    let show = {
        let setter = screen.setter();
        Callback::from(move |(lines, clears): (Vec<TermLine>, bool)| {
            let all = SCREEN.with(|kept| {
                let mut kept = kept.borrow_mut();
                if clears {
                    kept.clear();
                } else {
                    append(&mut kept, lines);
                }
                kept.clone()
            });
            setter.set(all);
        })
    };
    let onkeydown = {
        let (recall, show, input) = (recall.clone(), show.clone(), input.clone());
        Callback::from(move |event: KeyboardEvent| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                press(&event, &input, &mut recall.borrow_mut(), &show);
            }
        })
    };
    let clear = Callback::from(move |_: MouseEvent| show.emit((Vec::new(), true)));
    let copied = plain(&screen, lang);
    let copy = Callback::from(move |_: MouseEvent| browser::copy(&copied, || {}, || {}));
    let line = |line: &TermLine| draw(line, lang);
    html! {
        <section class="console" role="dialog" aria-label={words.terminal} data-test="terminal-drawer">
            <header role="presentation">
                <h2>{ words.terminal }</h2>
                <span class="soft">{ words.terminal_line }</span>
                <span class="spring" />
                <button class="btn" onclick={copy} data-test="terminal-copy">{ icon("copy") }{ words.terminal_copy }</button>
                <button class="btn" onclick={clear} data-test="terminal-clear">{ words.terminal_clear }</button>
                <button class="btn icon" onclick={on(Intent::Open(None))} aria-label={lang.words().close} data-test="terminal-close">{ icon("lost") }</button>
            </header>
            <div class="termout" ref={output} role="log" aria-label={words.terminal_output} tabindex="0" data-test="terminal-output">
                if screen.is_empty() { { welcome(lang) } }
                { each(&screen, &line) }
            </div>
            <div class="termin">
                <span aria-hidden="true">{ "$" }</span>
                <input ref={input} {onkeydown} aria-label={words.terminal_prompt} autocomplete="off" autocapitalize="off"
                    spellcheck="false" data-test="terminal-input" />
            </div>
        </section>
    }
}

fn draw(line: &TermLine, lang: Lang) -> Html {
    let class = match line.kind {
        Kind::Typed => "t-typed",
        Kind::Out => "t-out",
        Kind::Err => "t-err",
        Kind::Lab => "t-own",
    };
    // An empty line has its height, too.
    let text = lang.of(&line.text) + "\n";
    html! { <pre {class}>{ text }</pre> }
}

fn plain(screen: &[TermLine], lang: Lang) -> String {
    let lines = screen.iter().map(|line| lang.of(&line.text) + "\n");
    lines.collect()
}

fn scroll_down(output: &NodeRef) {
    if let Some(output) = output.cast::<Element>() {
        output.set_scroll_top(output.scroll_height());
    }
}

/// A key in the prompt.
fn press(
    event: &KeyboardEvent,
    input: &HtmlInputElement,
    recall: &mut Recall,
    show: &Callback<(Vec<TermLine>, bool)>,
) {
    let line = input.value();
    let becomes = match event.key().as_str() {
        "Enter" => {
            recall.push(&line);
            browser::save(HISTORY_KEY, &recall.kept());
            let (lines, clears) = run(&line);
            show.emit((lines, clears));
            Some(String::new())
        }
        "ArrowUp" => recall.back(&line),
        "ArrowDown" => recall.forth(),
        // Without a word Tab goes on to the next button, as everywhere.
        "Tab" if !line.trim().is_empty() && !event.shift_key() => {
            let (line, offers) = tab(&line, completions(&line));
            if !offers.is_empty() {
                show.emit((vec![own(Text::same(offers.join("   ")))], false));
            }
            Some(line)
        }
        "l" if event.ctrl_key() => {
            show.emit((Vec::new(), true));
            Some(line)
        }
        _ => return,
    };
    event.prevent_default();
    if let Some(line) = becomes {
        input.set_value(&line);
    }
}

fn completions(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    with(|driver| found = driver.ask(|session| session.completions(line)));
    found
}

/// Runs a line; what was typed stands above what came of it, with its moment.
fn run(line: &str) -> (Vec<TermLine>, bool) {
    let mut lines = Vec::new();
    let mut answer = Answer::default();
    with(|driver| {
        let at = seconds(driver.shown().now_us);
        let text = Text::same(format!("{at} $ {line}"));
        lines.push(TermLine {
            kind: Kind::Typed,
            text,
        });
        answer = driver.command(line);
    });
    lines.extend(answer.lines);
    (lines, answer.clears)
}

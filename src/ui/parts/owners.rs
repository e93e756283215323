//! Who reads what: a row for each partition, its owners over time.

use super::super::part::{Part, class, each, each_at};
use super::super::same::Same;
use super::super::words::{Lang, owner, owners_title, seconds};
use crate::view::{OwnedView, OwnersRow, OwnersView};
use yew::prelude::*;

/// The head moves in this many steps.
const STEPS: u64 = 400;

/// Every partition's owner over time, and the same as a table for who cannot see it.
#[derive(PartialEq)]
pub struct Owners {
    pub lang: Lang,
    pub owners: Same<OwnersView>,
    /// Where the run is, in steps of the axis.
    step: u64,
}

impl Owners {
    pub fn new(lang: Lang, owners: Same<OwnersView>, now_us: u64) -> Self {
        let step = now_us * STEPS / owners.end_us.max(1);
        Owners { lang, owners, step }
    }

    /// Thousandths of the axis.
    fn place(&self, at_us: u64) -> u64 {
        at_us.min(self.owners.end_us) * 1_000 / self.owners.end_us.max(1)
    }

    fn row(&self, row: &OwnersRow) -> Html {
        html! {
            <div class="ownrow" key={row.partition}>
                <code>{ row.partition.to_string() }</code>
                <div class="ownbed">{ each_at(&row.owners, &|place, owned| self.span(place, owned)) }</div>
            </div>
        }
    }

    fn span(&self, place: usize, owned: &OwnedView) -> Html {
        let to_us = owned.to_us.unwrap_or(self.owners.known_us);
        let (from, to) = (self.place(owned.from_us), self.place(to_us));
        let width = (to - from.min(to)).max(4);
        let style = format!(
            "left:{}.{}%;width:{}.{}%",
            from / 10,
            from % 10,
            width / 10,
            width % 10
        );
        let shade = ["own0", "own1", "own2", "own3"][usize::from(owned.consumer) % 4];
        let number = if width > 18 {
            (owned.consumer + 1).to_string()
        } else {
            String::new()
        };
        html! { <i key={place} class={class(&["own", shade])} {style}>{ number }</i> }
    }

    fn table(&self) -> Html {
        let lang = self.lang;
        let line = |row: &OwnersRow| {
            let had = |owned: &OwnedView| {
                let to = owned.to_us.map_or("…".into(), seconds);
                let text = format!(
                    "{}: {} – {to}",
                    owner(lang, owned.consumer),
                    seconds(owned.from_us)
                );
                html! { <td key={owned.from_us.to_string()}>{ text }</td> }
            };
            html! {
                <tr key={row.partition}><th scope="row">{ format!("orders-{}", row.partition) }</th>
                    { each(&row.owners, &had) }</tr>
            }
        };
        html! { <table class="aloud"><caption>{ owners_title(lang) }</caption>{ each(&self.owners.rows, &line) }</table> }
    }
}

impl Part for Owners {
    fn draw(&self) -> Html {
        let head = self.step * 1_000 / STEPS;
        html! {
            <section class="owners" data-test="owners" aria-label={owners_title(self.lang)}>
                <div aria-hidden="true">
                    <h2 class="eyebrow">{ owners_title(self.lang) }</h2>
                    <div class="ownrows">
                        { each(&self.owners.rows, &|row| self.row(row)) }
                        <div class="ownhead"><b style={format!("left:{}.{}%", head / 10, head % 10)} /></div>
                    </div>
                </div>
                { self.table() }
            </section>
        }
    }
}

//! Glyphs.

use yew::prelude::*;

/// A glyph of the style sheet, for the eye alone.
pub fn icon(name: &str) -> Html {
    html! { <i class={format!("g g-{name}")} aria-hidden="true" /> }
}

//! The `ui` layer.

use yew::prelude::*;

/// Puts the page into the document's body.
pub fn mount() {
    yew::Renderer::<App>::new().render();
}

#[component]
fn App() -> Html {
    html! { <main id="app"><section data-test="stage">{ "acklab" }</section></main> }
}

//! The page: Yew components over the view's plain data, one clock, one reducer.
//!
//! [`driver`](self) owns the session and the clock and sends one message a frame to the pure
//! reducer in `state`; components get `Rc` views that they compare by pointer. What needs no
//! browser (words, looks, wire geometry, keys) is compiled and tested natively too.
//!
//! Tests find parts by `data-test`: `stage`, `play` (`data-playing`), `step`, `step-back`, `next`, `speed`,
//! `speed-<ppm>`, `auto`, `clock` (`data-us`), `scrubber` (role slider), `branch`, `branch-<id>`, `knob-<name>`
//! (`data-value`) with `knob-<name>-<value>`, `-switch` or `-input`, `node-broker-<id>` (`data-state`),
//! `node-producer-0`, `node-consumer-0`, `node-controller` (with several, each is `voter-0` ...), `node-sink`, `fault-<what>-<node>`,
//! `place-<address>`, `fault-menu-<node>`, `link-<a>-<b>`, `verdict` (`data-hue`), `counter-sent|acked|lost|twice`, `cell-<n>`
//! (`data-fate`), `why`, `why-line` (`data-at`), `saved-row` (`data-knob`, `data-outcome`), `offer-<n>`,
//! `lesson-menu`, `lesson-<id>`, `narrator`, `question`, `answer-<n>`, `reveal`, `next-beat`, `lang`, `theme`,
//! `term-card`, `glossary`, `marks`, `teach`, `teach-veil`, `teach-reveal`, `lab-sheet`, `report`, `reset-progress`,
//! `files`, `file-<id>`, `files-of-<id>`, `files-beside-<id>`, `files-apart`, `log-files-<id>`,
//! `compare` (with `half-a|b`, `parting-a|b`, `first-difference` (`data-at`), `no-difference`, `verdict-a|b`, `costs`, `change`,
//! `change-back`, `change-b`, `knobs-b`, `close-b`, `take-b`), `compare-row`, `compare-run`, `offer-compare`, `share` (`share-card`, `share-link|snippet|file`,
//! `open-file`), `open-whole`, `config-paste`, `config-example`, `config-file`, `config-verdict` (`data-hue`, `data-state`),
//! `config-row-<fault>` (`data-word` in its cells), `config-play`, `config-change`, `config-copy`, `config-apply`,
//! `config-brokers|racks|copies|controllers`, `help`, `help-card`, `notices`, `live`, `tab-knobs|ledger|why`, `panic`, `trial`
//! (`data-state`) with `trial-begin|stop|play|byhand`, `trial-progress`, `trial-verdict`, `score`, `schedule`, `attempt`,
//! `hunt` with `hunt-head` (`data-state`, `data-by`), `hunt-toggle|again|scope`, `hunt-ground`, `hunt-most|runs|seed|one`,
//! `hunt-kind-<fault>`, `hunt-progress`, `hunt-pace` (`data-rate`), `hunt-best` (`data-faults`), `hunt-step-<n>`,
//! `hunt-play|copy|saved`, `hunt-singles`, `hunt-map`, `hunt-table`.

pub mod axis;
pub mod keys;
pub mod look;
pub mod place;
pub mod px;
pub mod wires;
pub mod words;

#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod clock;
#[cfg(target_arch = "wasm32")]
mod driver;
#[cfg(target_arch = "wasm32")]
mod hunting;
#[cfg(target_arch = "wasm32")]
mod intent;
#[cfg(target_arch = "wasm32")]
mod later;
#[cfg(target_arch = "wasm32")]
mod learner;
#[cfg(target_arch = "wasm32")]
mod measure;
#[cfg(target_arch = "wasm32")]
mod panic_card;
#[cfg(target_arch = "wasm32")]
mod part;
#[cfg(target_arch = "wasm32")]
mod parts;
#[cfg(target_arch = "wasm32")]
mod rooms;
#[cfg(target_arch = "wasm32")]
mod runs;
#[cfg(target_arch = "wasm32")]
mod same;
#[cfg(target_arch = "wasm32")]
mod share;
#[cfg(target_arch = "wasm32")]
mod state;
#[cfg(target_arch = "wasm32")]
mod terms;
#[cfg(target_arch = "wasm32")]
mod worker;

#[cfg(target_arch = "wasm32")]
pub use app::mount;

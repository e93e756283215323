//! The timeline: what happened, drawn once a change; the head moves with each frame.

use super::super::axis::Axis;
use super::super::driver::{self, Driver};
use super::super::measure::use_width;
use super::super::part::part;
use super::super::px::translate;
use super::super::same::Same;
use super::super::state::Play;
use super::super::words::{Lang, seconds};
use super::track::{Shape, Track};
use crate::view::{PaceView, TimelineView};
use web_sys::Element;
use yew::prelude::*;

/// A click this near to a bookmark or a decisive event means that moment.
const SNAP_PX: f64 = 6.0;

#[derive(PartialEq, Properties)]
pub struct TimelineProps {
    pub lang: Lang,
    pub timeline: Same<TimelineView>,
    pub pace: Same<PaceView>,
    pub now_us: u64,
    pub play: Play,
    pub shape: Shape,
}

/// The scrubber: a slider with the run drawn on it.
#[component]
pub fn Timeline(props: &TimelineProps) -> Html {
    let bed = use_node_ref();
    let width = use_width(&bed, 900.0);
    let end_us = shown_end_us(&props.timeline, props.shape);
    let depends = (
        end_us,
        props.timeline.clone(),
        props.pace.clone(),
        width,
        props.shape,
    );
    let axis = Same(use_memo(
        depends,
        |(end_us, timeline, pace, width, shape)| axis(*end_us, timeline, pace, *width, *shape),
    ));
    let scrub = Scrub {
        bed: bed.clone(),
        axis: axis.clone(),
        timeline: props.timeline.clone(),
    };
    let drag = scrub.clone();
    let onpointerdown =
        Callback::from(move |event| driver::with(|driver| scrub.press(driver, &event)));
    let onpointermove =
        Callback::from(move |event| driver::with(|driver| drag.drag(driver, &event, false)));
    let onkeydown = Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
        "Home" => driver::with(|driver| driver.seek(0)),
        "End" => driver::with(|driver| driver.seek(end_us)),
        _ => {}
    });
    let lang = props.lang;
    let track = Track {
        lang,
        timeline: props.timeline.clone(),
        axis: axis.clone(),
        width,
        shape: props.shape,
    };
    let thumb = if props.play.playing { "going" } else { "" };
    html! {
        <div class={props.shape.class()} ref={bed} role="slider" tabindex="0" data-test="scrubber"
            aria-label={lang.words().timeline} aria-valuemin="0" aria-valuemax={end_us.to_string()}
            aria-valuenow={props.now_us.to_string()} aria-valuetext={seconds(props.now_us)}
            {onpointerdown} {onpointermove} {onkeydown}>
            { part(track) }
            <div class="head" style={translate((axis.x(props.now_us), 0.0))}>
                if props.shape == Shape::Bar { <i class={thumb} /> }
            </div>
        </div>
    }
}

/// The first screen's strip ends soon after what is known: what comes next is not decided.
fn shown_end_us(timeline: &TimelineView, shape: Shape) -> u64 {
    let known_us = timeline.known_us;
    let ahead_us = match shape {
        Shape::Rows | Shape::Bar => return timeline.end_us,
        Shape::Strip if timeline.decisive.is_empty() => known_us * 17 / 10,
        Shape::Strip => known_us / 8,
    };
    (known_us + ahead_us).clamp(100_000, timeline.end_us.max(100_000))
}

fn axis(end_us: u64, timeline: &TimelineView, pace: &PaceView, width: f64, shape: Shape) -> Axis {
    let (left, right) = shape.margins();
    let (from_x, to_x) = (left, width - right);
    if shape == Shape::Rows {
        return Axis::plain(end_us, from_x, to_x);
    }
    let known_us = timeline.known_us;
    let gaps = timeline
        .gaps
        .iter()
        .map(|gap| (gap.from_us, gap.to_us.unwrap_or(known_us)));
    let gaps: Vec<(u64, u64)> = gaps.collect();
    let waits = if gaps.is_empty() {
        &pace.waits_us
    } else {
        &gaps
    };
    Axis::squeezed(end_us, from_x, to_x, waits)
}

/// Press and drag to seek.
#[derive(Clone)]
struct Scrub {
    bed: NodeRef,
    axis: Same<Axis>,
    timeline: Same<TimelineView>,
}

impl Scrub {
    fn press(&self, driver: &Driver, event: &PointerEvent) {
        if let Some(bed) = self.bed.cast::<Element>() {
            // Without capture the drag only ends sooner, at the element's edge.
            let _ = bed.set_pointer_capture(event.pointer_id());
        }
        driver.pause();
        self.drag(driver, event, true);
    }

    fn drag(&self, driver: &Driver, event: &PointerEvent, snaps: bool) {
        let Some(bed) = self.bed.cast::<Element>() else {
            return;
        };
        if event.buttons() & 1 == 0 {
            return;
        }
        let x = f64::from(event.client_x()) - bed.get_bounding_client_rect().x();
        let near = |at_us: &u64| snaps && (self.axis.x(*at_us) - x).abs() < SNAP_PX;
        let decisive = self.timeline.decisive.iter().map(|mark| mark.at_us);
        let marked = self.timeline.bookmarks.iter().map(|mark| mark.at_us);
        let snap = marked.chain(decisive).find(near);
        driver.seek(snap.unwrap_or_else(|| self.axis.time_us(x)));
    }
}

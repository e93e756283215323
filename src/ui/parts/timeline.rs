//! The timeline: what happened, drawn once a change; the head moves with each frame.

use super::super::axis::Axis;
use super::super::measure::use_width;
use super::super::same::Same;
use super::super::state::Play;
use super::super::words::{Lang, seconds};
use super::track::{Shape, Track};
use super::{Driver, use_driver};
use crate::view::{PaceView, TimelineView};
use std::rc::Rc;
use web_sys::Element;
use yew::prelude::*;

/// A click this near to a decisive event means the event.
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
    let driver = use_driver();
    let bed = use_node_ref();
    let width = use_width(&bed, 900.0);
    let (left, right) = props.shape.margins();
    let known_us = props.timeline.known_us;
    let gaps = props
        .timeline
        .gaps
        .iter()
        .map(|gap| (gap.from_us, gap.to_us.unwrap_or(known_us)));
    let gaps: Vec<(u64, u64)> = gaps.collect();
    let waits = if gaps.is_empty() {
        props.pace.waits_us.clone()
    } else {
        gaps
    };
    let squeezed = props.shape != Shape::Rows;
    let end_us = shown_end_us(&props.timeline, props.shape);
    let axis = use_memo(
        (end_us, waits, width, squeezed),
        |(end_us, waits, width, squeezed)| {
            let (from_x, to_x) = (left, width - right);
            if *squeezed {
                Axis::squeezed(*end_us, from_x, to_x, waits)
            } else {
                Axis::plain(*end_us, from_x, to_x)
            }
        },
    );
    let scrub = use_scrub(&driver, &bed, &axis, &props.timeline);
    let (onpointerdown, onpointermove) = (
        scrub.reform(|e: PointerEvent| (e, true)),
        scrub.reform(|e| (e, false)),
    );
    let onkeydown = Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
        "Home" => driver.seek(0),
        "End" => driver.seek(end_us),
        _ => {}
    });
    let head = format!("transform:translateX({:.1}px)", axis.x(props.now_us));
    html! {
        <div class={classes!("bed", props.shape.class())} ref={bed} role="slider" tabindex="0"
            aria-label={props.lang.words().timeline} aria-valuemin="0" aria-valuemax={end_us.to_string()}
            aria-valuenow={props.now_us.to_string()} aria-valuetext={seconds(props.now_us)}
            data-test="scrubber" {onpointerdown} {onpointermove} {onkeydown}>
            <Track lang={props.lang} timeline={props.timeline.clone()} axis={Same(axis)} {width} shape={props.shape}
                narrow_now={props.shape == Shape::Strip} />
            <div class="head" style={head}>
                if props.shape == Shape::Bar { <i class={if props.play.playing { "going" } else { "" }} /> }
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

/// Press and drag to seek.
#[hook]
fn use_scrub(
    driver: &Driver,
    bed: &NodeRef,
    axis: &Rc<Axis>,
    timeline: &Same<TimelineView>,
) -> Callback<(PointerEvent, bool)> {
    let (driver, bed, axis, timeline) =
        (driver.clone(), bed.clone(), axis.clone(), timeline.clone());
    Callback::from(move |(event, pressed): (PointerEvent, bool)| {
        let Some(bed) = bed.cast::<Element>() else {
            return;
        };
        if event.buttons() & 1 == 0 {
            return;
        }
        if pressed {
            // Without capture the drag only ends sooner, at the element's edge.
            let _ = bed.set_pointer_capture(event.pointer_id());
            driver.pause();
        }
        let x = f64::from(event.client_x()) - bed.get_bounding_client_rect().x();
        let mut near = timeline.decisive.iter().map(|mark| mark.at_us);
        let snap = near.rfind(|&at_us| pressed && (axis.x(at_us) - x).abs() < SNAP_PX);
        driver.seek(snap.unwrap_or_else(|| axis.time_us(x)));
    })
}

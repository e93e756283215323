//! The desk from its scope to the smallest schedule, as the room plays it.

use super::*;
use crate::lab::work::{Hands, Order, Report, Told};
use crate::view::hunt::Spot;

fn desk(ground: &str, runs: u32) -> Desk {
    let mut desk = Desk::new("");
    desk.change(&Change::Ground(ground.into()), "");
    desk.change(&Change::Runs(runs), "");
    desk
}

/// acks=1 and those faults alone that it does not survive, so that there are few single ones.
fn with_few_faults(runs: u32) -> Desk {
    let mut desk = desk("hole:acks-1", runs);
    for kind in desk.scope().kinds {
        let (handle, _, is_on, _) = kind;
        if is_on && !matches!(handle, "pause" | "cut-peers") {
            desk.change(&Change::Kind(handle.into()), "");
        }
    }
    desk
}

/// Plays slices of so many runs, at most so many of them.
fn play(desk: &mut Desk, runs: u32, slices: u32) {
    let mut hands = Hands::default();
    hands.take(Order::Begin(1, desk.begin()));
    for _ in 0..slices {
        let mut left = runs;
        let told = hands.work(&mut || {
            left -= 1;
            left == 0
        });
        let Some(Told::Stands {
            report: Report::Hunt(report),
            runs,
            going,
            ..
        }) = told
        else {
            return;
        };
        desk.hear(*report, runs, 400, going);
    }
    desk.stop();
}

#[test]
fn a_hole_is_found_and_the_room_shows_how_it_shrank() {
    let mut desk = desk("hole:last-standing", 150);
    assert_eq!(desk.view().state, HuntState::Ready);
    play(&mut desk, 100_000, 1);
    let view = desk.view();
    assert_eq!((view.state, view.done), (HuntState::Over, 1000));
    let best = view.best.expect("a schedule");
    assert!(best.faults.len() > 1 && !best.why.is_empty(), "{best:?}");
    let last = best.steps.last().expect("a step");
    let kept = last.marks.iter().filter(|mark| !mark.gone);
    assert_eq!(kept.count(), best.faults.len());
    assert!(best.steps[0].marks.iter().all(|mark| !mark.gone));
    let played = Judgement::of(&Run::new(share::read(&best.link).experiment));
    assert!(played.tally.lost() + played.tally.twice > 0);
}

#[test]
fn a_hunt_that_is_kept_goes_on_where_it_stopped() {
    let mut whole = with_few_faults(40);
    play(&mut whole, 100_000, 1);
    let mut half = with_few_faults(40);
    play(&mut half, 50, 2);
    let mut back = Desk::new("");
    assert_eq!(back.restore(&half.kept()), None);
    assert_eq!(back.view().state, HuntState::Stopped);
    assert_eq!(back.scope().ground, "hole:acks-1");
    play(&mut back, 100_000, 1);
    let (back, whole) = (back.view(), whole.view());
    assert_eq!((back.best, back.map), (whole.best, whole.map));
    let mut other = Desk::new("");
    assert!(other.restore("{\"version\":9}").is_some());
    assert_eq!(other.view().state, HuntState::Ready);
}

#[test]
fn the_map_shows_every_fault_at_every_point() {
    let mut desk = with_few_faults(1);
    play(&mut desk, 100_000, 1);
    let map = desk.view().map;
    let harms = map.rows.iter().filter(|row| row.harmful > 0);
    assert!(harms.clone().count() > 0 && map.hue == crate::view::Hue::Lost);
    for row in harms {
        let spots = row.spots.iter().filter(|spot| **spot == Spot::Harms);
        assert!(spots.count() > 0 && row.first.is_some());
    }
    let all = map.rows.iter().flat_map(|row| &row.spots);
    assert!(all.clone().all(|spot| *spot != Spot::Open));
    let two_each = map.rows.iter().all(|row| row.played == 2 * row.spots.len());
    assert!(two_each, "each fault lasts 1 s and 15 s");
}

#[test]
fn a_run_that_harms_by_itself_is_not_hunted_in() {
    let lab = "v=1&x=sandbox&p.acks=0&t.retention.ms=1";
    let desk = Desk::new(lab);
    let view = desk.view();
    assert_eq!(desk.can_begin(), view.unsound.is_none());
}

#[test]
fn another_scope_leaves_what_was_hunted() {
    let mut desk = with_few_faults(20);
    play(&mut desk, 50, 1);
    assert!(desk.view().state == HuntState::Stopped);
    desk.follow("v=1&x=sandbox&seed=9");
    assert_eq!(desk.scope().ground, "hole:acks-1");
    desk.change(&Change::Ground("lab".into()), "v=1&x=sandbox&seed=9");
    assert_eq!(desk.view().state, HuntState::Ready);
    assert_eq!(desk.ground.seed, 9);
}

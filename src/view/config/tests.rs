//! The room from the first paste to the last verdict.

use super::*;
use crate::lab::config::Class;

fn played(desk: &mut Desk) -> ConfigView {
    while desk.step() {}
    desk.look();
    desk.view()
}

fn rows(view: &ConfigView) -> Vec<(&'static str, Option<Word>, Option<Word>)> {
    let rows = view.groups.iter().flat_map(|group| &group.rows);
    rows.map(|row| (row.id, row.before.word, row.after.word))
        .collect()
}

#[test]
fn the_example_loses_and_its_change_turns_it_green() {
    let mut desk = Desk::of(&[Class::Killed, Class::CutOff], 6);
    desk.try_example();
    assert!(desk.is_checking() && desk.has_findings());
    let view = played(&mut desk);
    assert!(!desk.is_checking());
    assert_eq!((view.files.len(), view.progress), (3, None));
    assert_eq!(view.title.en, "It loses orders that were acked");
    let lost_then_safe = |(_, before, after): &(&str, Option<Word>, Option<Word>)| {
        *before == Some(Word::Lost) && *after < Some(Word::Twice)
    };
    assert!(rows(&view).iter().all(lost_then_safe), "{:?}", rows(&view));
    let losing = view.losing.unwrap_or_default();
    assert!(losing.acks.iter().any(|(_, lost)| *lost), "{losing:?}");
    assert!(losing.story.len() >= 3 && losing.faults.len() == 1);
    assert!(
        desk.link(None)
            .is_some_and(|link| link.starts_with("v=1&x=sandbox"))
    );
    assert!(desk.patch().contains("-acks=1\n"));

    desk.apply();
    let view = played(&mut desk);
    assert_eq!(
        (view.hue == crate::view::Hue::Lost, view.losing.is_some()),
        (false, false)
    );
    assert!(rows(&view).iter().all(|row| row.1 < Some(Word::Twice)));
    assert_eq!(view.change.none.en, "Nothing has to be changed.");
}

#[test]
fn a_check_says_how_far_it_is() {
    let mut desk = Desk::of(&[Class::Killed], 6);
    desk.add("", b"acks=0\nlinger.ms=5\n").ok();
    let (mut seen, mut steps) = (0, 0);
    while desk.step() {
        steps += 1;
        desk.look();
        let now = desk.view().progress.unwrap_or(1_000);
        assert!(now >= seen, "{now} after {seen}");
        seen = now;
    }
    assert!(steps > 12, "only {steps} steps");
}

#[test]
fn what_is_no_configuration_is_refused_in_a_sentence() {
    let mut desk = Desk::default();
    let refused = |desk: &mut Desk, name: &str, bytes: &[u8]| match desk.add(name, bytes) {
        Err(Refusal(text)) => text.en.to_string(),
        Ok(()) => String::new(),
    };
    assert!(refused(&mut desk, "a.jar", b"PK\0\0").contains("not a text"));
    assert!(refused(&mut desk, "big.log", &vec![b'a'; MOST_BYTES + 1]).contains("512 KB"));
    assert!(refused(&mut desk, "", b" \n").contains("is empty"));
    assert_eq!(desk.view(), ConfigView::default());
    assert_eq!(refused(&mut desk, "", b"hello=world\n"), "");
    let view = desk.view();
    assert!(!desk.is_checking() && view.groups.is_empty());
    assert_eq!(view.title.en, "No line of this is one that Kafka uses");
}

#[test]
fn several_pastes_add_up_and_each_can_be_edited_or_removed() {
    let mut desk = Desk::default();
    desk.add("", b"acks=1\nretires=3\n").ok();
    desk.add("", b"group.id=a\nauto.offset.reset=latest\n").ok();
    desk.add("", b"acks=all\n").ok();
    let names: Vec<String> = desk
        .view()
        .files
        .into_iter()
        .map(|file| file.name)
        .collect();
    assert_eq!(names[..2], ["producer.properties", "consumer.properties"]);
    assert_ne!(names[2], names[0]);
    desk.remove(2);
    let unknown = &desk.view().files[0].lines[1];
    assert_eq!(
        (unknown.state, unknown.meant.as_deref()),
        (LineState::Unknown, Some("retries"))
    );
    desk.put_right(0, 2);
    assert_eq!(desk.text(0), "acks=1\nretries=3\n");
    desk.edit(0, "acks=all\n");
    assert_eq!(desk.view().files[0].lines.len(), 1);
    desk.edit(0, "");
    desk.remove(0);
    assert_eq!(desk.view(), ConfigView::default());
}

#[test]
fn the_cluster_can_be_corrected() {
    let mut desk = Desk::default();
    desk.add("", b"acks=all\n").ok();
    desk.correct(Number::Brokers, 6);
    desk.correct(Number::Racks, 3);
    desk.correct(Number::Copies, 2);
    let view = desk.view();
    let values: Vec<u8> = view
        .world
        .numbers
        .iter()
        .map(|number| number.value)
        .collect();
    assert_eq!(values[..3], [6, 3, 2]);
    let rack = view
        .groups
        .iter()
        .flat_map(|group| &group.rows)
        .find(|row| row.id == "rack");
    assert_eq!(
        rack.map(|row| row.note.en.to_string()).as_deref(),
        Some("3 racks, one at a time")
    );
}

#[test]
fn what_was_kept_comes_back_and_damage_loses_only_itself() {
    let mut desk = Desk::default();
    desk.try_example();
    desk.correct(Number::Brokers, 5);
    let kept = desk.kept();
    let mut again = Desk::default();
    assert_eq!(again.restore(&kept), None);
    assert_eq!(again.kept(), kept);
    assert_eq!(again.view().files, desk.view().files);

    let damaged = kept.replacen("acks%3D1", "acks", 1);
    let told = again.restore(&damaged);
    assert!(told.is_some_and(|told| told.en.starts_with("1 parts")));
    assert_eq!(again.view().files.len(), 2);
    assert!(again.restore("something else\nfile=x").is_some());
    assert_eq!(again.restore(""), None);
    assert_eq!(Desk::default().kept(), "");
}

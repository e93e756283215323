use super::*;
use crate::lab::lessons;
use crate::lab::share;

#[test]
fn a_file_gives_back_the_link_that_it_was_made_of() {
    for lesson in lessons::all() {
        let sandbox = lessons::find("sandbox").expect("a lesson");
        for base in [&lesson, &sandbox] {
            let link = share::write(base, &lesson.experiment, 0);
            let again = to_link(&from_link(&link)).expect("a file");
            assert_eq!(again.problems, Vec::new(), "{}", lesson.id);
            let (one, other) = (share::read(&link), share::read(&again.link));
            assert_eq!(one.experiment, other.experiment, "{}", lesson.id);
            assert_eq!(other.problems, Vec::new(), "{}", lesson.id);
        }
    }
}

#[test]
fn what_is_no_experiment_is_refused() {
    let why = |text: &str| to_link(text).expect_err("it is wrong").en.into_owned();
    assert!(why("{").contains("EOF"));
    assert_eq!(why("[1, 2]"), "The file holds no experiment.");
    assert_eq!(why(r#"{"version": 1}"#), "The file holds no experiment.");
    assert!(why(&" ".repeat(MOST_BYTES + 1)).contains("too long"));
}

#[test]
fn a_member_that_cannot_be_read_is_named_and_the_rest_is_opened() {
    let text = r#"{"acklab": 1, "from": "acks", "sed": 1, "brokers": -5,
        "configs": {"prodcer": {"acks": "1"}, "producer": {"acks": "all", "linger.ms": {}}},
        "actions": [{"atSeconds": 2, "action": "kill:1"}, {"atSeconds": "x", "action": "kill:2"},
                    {"atSeconds": 3, "action": "kill:2&p.acks=0"}]}"#;
    let unpacked = to_link(text).expect("a file");
    let named: Vec<&str> = unpacked
        .problems
        .iter()
        .map(|problem| &*problem.en)
        .collect();
    for part in [
        "sed: 1",
        "brokers: -5",
        "configs.prodcer",
        "linger.ms",
        "\"x\"",
        "kill:2&p",
    ] {
        assert!(
            named.iter().any(|said| said.contains(part)),
            "{part} in {named:?}"
        );
    }
    assert_eq!(named.len(), 6, "{named:?}");
    let opened = share::read(&unpacked.link);
    assert_eq!(opened.problems, Vec::new());
    assert!(
        unpacked.link.contains("p.acks=all&do=2:kill:1&")
            || unpacked.link.contains("do=2:kill:1&p.acks=all")
    );
}

#[test]
fn a_file_that_breaks_off_is_read_up_to_there() {
    let text =
        from_link("v=1&x=acks&seed=77&p.acks=all&p.linger.ms=9&do=2:kill:1&do=3:start:1&c=0000");
    let whole = to_link(&text).expect("a file").link;
    let mut read = 0;
    for end in (0..text.trim_end().len()).filter(|end| text.is_char_boundary(*end)) {
        let Ok(unpacked) = to_link(&text[..end]) else {
            continue;
        };
        read += 1;
        assert!(!unpacked.problems.is_empty(), "{}", &text[..end]);
        for part in unpacked
            .link
            .split('&')
            .filter(|part| !part.starts_with("c="))
        {
            assert!(whole.contains(part), "{part} is not in {whole}");
        }
    }
    assert!(read > text.len() / 2, "{read} of {}", text.len());
    let damaged = text.replace("\"linger.ms\": \"9\"", "\"linger.ms\": nine");
    let unpacked = to_link(&damaged).expect("a file");
    assert!(
        unpacked.problems[0].en.contains("line"),
        "{:?}",
        unpacked.problems
    );
}

#[test]
fn a_newer_file_is_opened_as_far_as_it_is_understood() {
    let text =
        r#"{"acklab": 99, "from": "acks", "warp": 9, "configs": {"producer": {"acks": "all"}}}"#;
    let unpacked = to_link(text).expect("a file");
    let opened = share::read(&unpacked.link);
    assert!(unpacked.problems[0].en.contains("warp: 9"));
    assert!(opened.problems[0].en.contains("newer acklab (version 99)"));
    assert!(unpacked.link.contains("p.acks=all"));
}

#[test]
fn the_schema_names_every_member() {
    let text = include_str!("../../../../docs/experiment.schema.json");
    let schema: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
    let named = |at: &str| -> Vec<String> {
        let members = schema.pointer(at).and_then(|members| members.as_object());
        members.expect("members").keys().cloned().collect()
    };
    let number = || Some(serde_json::Number::from(1));
    let step = || Step {
        at_seconds: 1.into(),
        action: "kill:1".into(),
    };
    let full = ExperimentFile {
        acklab: VERSION,
        from: "acks".into(),
        seed: Some(1),
        end_seconds: number(),
        brokers: Some(1),
        controllers: Some(1),
        partitions: Some(1),
        replication_factor: Some(1),
        producers: Some(1),
        consumers: Some(1),
        configs: OWNERS
            .map(|(owner, _)| (owner.into(), BTreeMap::new()))
            .into(),
        actions: vec![step()],
        without: vec![step()],
    };
    let written = serde_json::to_value(&full).expect("it can be written");
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value
            .as_object()
            .expect("members")
            .keys()
            .cloned()
            .collect()
    };
    let sorted = |mut all: Vec<String>| {
        all.sort();
        all
    };
    assert_eq!(sorted(named("/properties")), sorted(keys(&written)));
    let owners = named("/properties/configs/properties");
    assert_eq!(sorted(owners), sorted(keys(&written["configs"])));
    assert_eq!(
        sorted(named("/$defs/step/properties")),
        sorted(keys(&written["actions"][0]))
    );
}

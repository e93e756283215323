use super::*;

fn parse(json: Value) -> Result<Case> {
    Case::parse("x", &json.to_string())
}

fn story(json: Value) -> Box<Story> {
    match parse(json).expect("a good case").content {
        Content::Story(story) => story,
        Content::Vectors(_) => panic!("a story"),
    }
}

fn refusal(json: Value) -> String {
    match parse(json) {
        Ok(_) => panic!("this should be refused"),
        Err(error) => format!("{error:#}"),
    }
}

fn steps(steps: Value) -> Value {
    json!({"about": "what happens", "clients": {"p1": {"kind": "producer", "config": {}}}, "steps": steps})
}

fn planned(act: &Act) -> &Planned {
    match act {
        Act::Step(planned) => planned,
        Act::Look(_) => panic!("a step"),
    }
}

#[test]
fn a_case_file_needs_no_more_than_a_sentence_and_steps() {
    let story = story(
        json!({"about": "nothing happens", "steps": [{"do": "sleep", "ms": 5, "why": "to see"}]}),
    );
    assert_eq!(story.brokers, [1, 2, 3]);
    assert_eq!(
        (story.storage, story.network),
        (Storage::Dir, Network::Loopback)
    );
    assert_eq!(story.partitions().into_iter().collect::<Vec<_>>(), ["t-0"]);
    assert_eq!(story.config["offsets.topic.num.partitions"], "1");
}

#[test]
fn a_call_is_waited_for_unless_the_case_says_otherwise() {
    let story = story(steps(json!([
        {"do": "open", "client": "p1"},
        {"do": "flush", "client": "p1"},
        {"do": "flush", "client": "p1", "wait": false},
        {"do": "wait", "until": "p1: every send has an outcome", "timeout_ms": 10},
        {"do": "look", "at": "high_watermark", "partition": "t-0"},
    ])));
    assert!(planned(&story.acts[1]).waits);
    assert!(!planned(&story.acts[2]).waits);
    assert!(!planned(&story.acts[2]).fields.contains_key("wait"));
    assert_eq!(planned(&story.acts[3]).patience_ms, 10);
    assert!(
        matches!(&story.acts[4], Act::Look(LookAt::HighWatermark { partition }) if partition == "t-0")
    );
}

#[test]
fn what_is_not_understood_is_refused_by_name() {
    for (wrong, reason) in [
        (json!([{"do": "dance"}]), "dance"),
        (json!([{"do": "kill", "broker": 7}]), "there is no broker 7"),
        (json!([{"do": "kill"}]), "exactly one of"),
        (
            json!([{"do": "flush", "client": "p1"}]),
            "p1 was not opened before",
        ),
        (
            json!([{"do": "open", "client": "p2"}]),
            "does not say what p2 is",
        ),
        (
            json!([{"do": "wait", "until": "the moon is full"}]),
            "the moon is full",
        ),
        (
            json!([{"do": "wait", "until": "p9: every send has an outcome"}]),
            "there is no client p9",
        ),
        (
            json!([{"do": "power_off", "broker": 1}]),
            "\"storage\": \"disk\"",
        ),
        (
            json!([{"do": "cut", "between": [1, 2]}]),
            "\"network\": \"netns\"",
        ),
        (
            json!([{"do": "send", "client": "seed", "topic": "u", "partition": 0, "values": ["m0"]}]),
            "there is no topic u",
        ),
        (json!([{"do": "look", "at": "the moon"}]), "a look is"),
        (
            json!([{"do": "wait", "until": "[1] fenced", "timeout_ms": "soon"}]),
            "is a number",
        ),
        (json!({"do": "end"}), "\"steps\" is not understood"),
    ] {
        let said = refusal(steps(wrong.clone()));
        assert!(said.contains(reason), "{wrong}: {said}");
    }
    assert!(refusal(json!({"steps": []})).contains("\"about\" is missing"));
    assert!(
        refusal(json!({"about": "x", "steps": [], "step": []})).contains("\"step\" is not known")
    );
    assert!(
        refusal(json!({"about": "x", "steps": [], "brokers": {"ids": []}})).contains("no brokers")
    );
    assert!(
        refusal(json!({"about": "x", "steps": [], "brokers": {"ids": [100]}}))
            .contains("100 is a controller")
    );
    assert!(Case::parse("x", "{").is_err());
}

#[test]
fn of_a_golden_it_is_known_what_was_waited_for_and_what_was_looked_at() {
    let story = story(json!({
        "about": "x",
        "features": {"metadata.version": 30, "group.version": 1, "streams.version": 1, "transaction.version": 2},
        "clients": {"c1": {"kind": "consumer", "config": {"group.id": "g"}}},
        "steps": [
            {"at_ms": 0, "do": "open", "client": "c1"},
            {"at_ms": 5, "do": "poll", "client": "c1", "timeout_ms": 100, "took_ms": 4},
            {"at_ms": 10, "do": "process", "client": "c1", "values": ["m0"]},
            {"at_ms": 11, "do": "process", "client": "c1", "values": ["m0", "m1"]},
            {"at_ms": 20, "do": "commit_sync", "client": "c1"},
            {"at_ms": 30, "do": "wait", "until": "[1] fenced", "timed_out": true, "took_ms": 77},
            {"at_ms": 110, "do": "end"},
        ],
        "observed": [
            {"at_ms": 8, "client": "c1", "event": "polled", "records": [{"topic": "t", "partition": 0, "offset": 0, "value": "m0"}]},
            {"at_ms": 25, "client": "admin", "event": "committed_is", "group": "g", "offsets": {}},
            {"at_ms": 26, "event": "partition", "topic": "__consumer_offsets", "partition": 0, "leader": 1},
        ],
    }));
    assert_eq!(
        story.features,
        BTreeMap::from([("eligible.leader.replicas.version".to_owned(), 0)])
    );
    assert_eq!(
        story.watch.first().map(String::as_str),
        Some("__consumer_offsets")
    );
    assert!(planned(&story.acts[1]).waits);
    assert!(planned(&story.acts[2]).of_last_poll && !planned(&story.acts[3]).of_last_poll);
    assert!(!planned(&story.acts[4]).waits);
    assert!(matches!(&story.acts[5], Act::Look(LookAt::Group { group }) if group == "g"));
    assert_eq!(planned(&story.acts[6]).patience_ms, 77);
    assert_eq!(story.groups().len(), 1);
}

#[test]
fn the_example_in_the_guide_for_contributors_can_be_played() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../CONTRIBUTING.md");
    let guide = std::fs::read_to_string(guide).expect("the guide");
    let start = guide.find("    {\n     \"about\"").expect("an example");
    let end = guide[start..].find("\n    }\n").expect("its end");
    let case = Case::parse("x", &guide[start..start + end + 6]).expect("a good case");
    assert!(matches!(case.content, Content::Story(story) if story.acts.len() > 10));
}

#[test]
fn of_several_controllers_one_to_which_nothing_happens_is_the_witness() {
    let case = json!({
        "about": "x",
        "brokers": {"controller": 100, "controllers": [100, 101, 102], "own_config": {"2": {"broker.rack": "b"}}},
        "steps": [{"do": "kill", "controller": 102}],
    });
    let story = story(case.clone());
    assert_eq!((story.controllers.len(), story.witness()), (3, 101));
    let mut other = case.clone();
    other["brokers"]["controller"] = json!(101);
    assert!(refusal(other).contains("the first of \"controllers\""));
    let mut unknown = case;
    unknown["steps"] = json!([{"do": "kill", "controller": 103}]);
    assert!(refusal(unknown).contains("there is no controller 103"));
}

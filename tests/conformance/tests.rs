//! Unit tests of the suite's parts; apart from them, since the suite itself runs without the test harness.

mod compare {
    use crate::facts::Fact;
    use crate::golden::Golden;
    use serde_json::Value;

    use crate::compare::*;
    use serde_json::json;

    fn golden(expect: Value, varied: Value, config: Value) -> Golden {
        serde_json::from_value(json!({
            "features": {}, "topics": [], "steps": [], "observed": [], "expect": expect, "varied": varied,
            "brokers": {"ids": [1], "controller": 100, "storage": "dir", "network": "loopback", "config": {}},
            "clients": {"p1": {"kind": "producer", "config": config}},
        }))
        .expect("a golden")
    }

    fn judge(golden: &Golden, shown: Value) -> usize {
        let shown: Vec<Fact> = serde_json::from_value(shown).expect("facts");
        differences(golden, &shown).len()
    }

    #[test]
    fn the_same_facts_are_no_difference_and_any_other_value_is() {
        let g = golden(
            json!([{"fact": "lost", "values": ["m1"]}]),
            json!([]),
            json!({}),
        );
        assert_eq!(judge(&g, json!([{"fact": "lost", "values": ["m1"]}])), 0);
        assert_eq!(judge(&g, json!([{"fact": "lost", "values": ["m2"]}])), 1);
        assert_eq!(judge(&g, json!([])), 1);
    }

    #[test]
    fn a_fact_that_no_repetition_showed_is_a_difference() {
        let g = golden(json!([]), json!([]), json!({}));
        assert_eq!(judge(&g, json!([{"fact": "lost", "values": ["m1"]}])), 1);
    }

    #[test]
    fn a_fact_that_varied_is_left_open_but_the_others_of_its_kind_are_not() {
        let isr = |s: Value| json!({"fact": "isr", "partition": "t-0", "sequence": s});
        let open = json!([{"fact": "isr", "seen": [isr(json!([[1]])), null]}]);
        let g = golden(json!([isr(json!([[2]]))]), open, json!({}));
        assert_eq!(judge(&g, json!([isr(json!([[2]]))])), 0);
        assert_eq!(judge(&g, json!([isr(json!([[3]])), isr(json!([[2]]))])), 0);
        assert_eq!(judge(&g, json!([isr(json!([[3]]))])), 1);
        assert_eq!(
            judge(
                &g,
                json!([isr(json!([[2]])), isr(json!([[3]])), isr(json!([[4]]))])
            ),
            1
        );
    }

    #[test]
    fn times_count_only_where_a_timer_rules_them() {
        let slow = |min: i64, max: i64| json!([{"fact": "slowest_failed", "client": "p1", "min_ms": min, "max_ms": max}]);
        let took = |ms: i64| json!([{"fact": "slowest_failed", "client": "p1", "ms": ms}]);
        let ruled = golden(
            slow(6100, 6200),
            json!([]),
            json!({"delivery.timeout.ms": "6000"}),
        );
        assert_eq!(judge(&ruled, took(6000)), 0);
        assert_eq!(judge(&ruled, took(2000)), 1);
        assert_eq!(judge(&ruled, took(9000)), 1);
        let free = golden(slow(2600, 2700), json!([]), json!({}));
        assert_eq!(
            judge(&free, took(10)),
            0,
            "no timer made the recording slow"
        );
        assert_eq!(
            judge(&free, took(30_000)),
            1,
            "a request timeout the cluster never ran into"
        );
    }

    #[test]
    fn fencing_is_always_timed() {
        let want = json!([{"fact": "fenced_after", "broker": 1, "step": "kill", "min_ms": 6948, "max_ms": 8000}]);
        let g = golden(want, json!([]), json!({}));
        let after =
            |ms: i64| json!([{"fact": "fenced_after", "broker": 1, "step": "kill", "ms": ms}]);
        assert_eq!(judge(&g, after(8700)), 0);
        assert_eq!(judge(&g, after(3000)), 1);
        let early = json!([{"fact": "fenced_after", "broker": 1, "step": "kill", "although_back": true, "ms": 8000}]);
        assert_eq!(
            judge(&g, early),
            1,
            "that the broker was back already is part of the fact"
        );
    }
}

mod report {

    use crate::report::*;

    fn verdict(name: &str, passed: bool) -> Verdict {
        let differences = if passed {
            vec![]
        } else {
            vec!["lost".to_owned()]
        };
        Verdict {
            name: name.to_owned(),
            about: "a | b".to_owned(),
            differences,
        }
    }

    #[test]
    fn the_list_must_name_exactly_those_that_fail() {
        let verdicts = [verdict("good", true), verdict("bad", false)];
        let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert!(complaints(&verdicts, &list(&["bad"]), true).is_empty());
        assert_eq!(complaints(&verdicts, &[], true), ["bad fails"]);
        assert_eq!(
            complaints(&verdicts, &list(&["bad", "good", "gone"]), true).len(),
            2
        );
        assert!(complaints(&verdicts, &list(&["bad", "good", "gone"]), false).is_empty());
    }

    #[test]
    fn the_table_counts_and_escapes() {
        let text = table(&[verdict("good", true), verdict("bad", false)]);
        assert!(text.starts_with("1 of 2 "));
        assert!(text.contains("| bad | a \\| b | not yet |"));
    }
}

mod wait {
    use crate::golden::Seen;
    use std::collections::{BTreeMap, BTreeSet};

    use crate::wait::*;
    use serde_json::json;

    #[test]
    fn the_texts_of_the_harness_are_understood() {
        let owned = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            parse("[1, 2] unfenced"),
            Ok(Condition::Unfenced {
                brokers: vec![1, 2]
            })
        );
        let isr = Condition::Isr {
            partition: "__consumer_offsets-0".into(),
            brokers: vec![3],
        };
        assert_eq!(parse("ISR of __consumer_offsets-0 is [3]"), Ok(isr));
        let led = Condition::LedBy {
            partition: "t-0".into(),
            among: vec![-1],
        };
        assert_eq!(parse("t-0 led by one of [-1]"), Ok(led));
        let assigned = Condition::Assigned {
            when: "c1 and c2".into(),
            members: owned(&["c1", "c2"]),
        };
        assert_eq!(
            parse("c1 and c2: each partition belongs to one of ['c1', 'c2']"),
            Ok(assigned)
        );
        let got = Condition::Got {
            client: "read-committed".into(),
            values: owned(&["x0", "x1"]),
        };
        assert_eq!(parse("read-committed got ['x0', 'x1']"), Ok(got));
        let lost = Condition::Events {
            client: "c1".into(),
            event: "partitions_lost".into(),
            count: 2,
        };
        assert_eq!(parse("c1: 2 x partitions_lost"), Ok(lost));
        assert!(parse("the moon is full").is_err());
    }

    #[test]
    fn a_group_has_settled_when_each_partition_has_one_owner_and_nothing_moved_for_a_while() {
        let seen: Vec<Seen> = serde_json::from_value(json!([
            {"at_ms": 100, "client": "c1", "event": "assigned", "partitions": ["t-0", "t-1"]},
            {"at_ms": 900, "client": "c1", "event": "revoked", "partitions": ["t-1"]},
            {"at_ms": 900, "client": "c2", "event": "assigned", "partitions": ["t-1"]},
        ]))
        .expect("events");
        let names = BTreeSet::from(["t-0".to_owned(), "t-1".to_owned()]);
        let both = parse("both: each partition belongs to one of ['c1', 'c2']").expect("known");
        let holds = |now_ms: i64| {
            let sight = Sight {
                now_ms,
                observed: &seen,
                partitions: &BTreeMap::new(),
                brokers: &BTreeMap::new(),
                ended: &BTreeSet::new(),
                sent: &BTreeMap::new(),
                names: &names,
                consumer_protocol: &BTreeSet::new(),
            };
            both.holds(&sight, 0)
        };
        assert!(!holds(2000));
        assert!(holds(2401));
    }
}

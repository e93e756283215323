use rand::Rng;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;
use crate::kafka::{Action, TopicPartition};
use crate::lab::experiment::TOPIC;
use crate::lab::lessons::all;
use crate::sim::NodeId;

#[test]
fn every_lesson_comes_back_as_it_was() {
    for lesson in all() {
        let link = write(&lesson, &lesson.experiment, 0);
        let opened = read(&link);
        assert_eq!(opened.problems, [], "{link}");
        assert_eq!(opened.lesson, lesson.id);
        assert_eq!(opened.experiment, lesson.experiment);
    }
}

#[test]
fn what_the_learner_changed_comes_back() {
    let lesson = lessons::find("acks").expect("lesson");
    let mut changed = lesson
        .experiment
        .clone()
        .with(Owner::Producer, "acks", "all");
    changed.seed = 7;
    changed.configs.unset(Owner::Application, "send.rate");
    changed
        .configs
        .set(Owner::Consumer, "group.id", "bücher & co=1");
    changed.topology.replication_factor = 2;
    changed.actions.remove(0);
    let hand = Timed {
        at_us: 1_234_567,
        action: Action::PowerOff(NodeId(2)),
        by_hand: true,
    };
    changed.actions.insert(1, hand);
    let opened = read(&write(&lesson, &changed, 1_500_000));
    assert_eq!(opened.problems, []);
    assert_eq!(opened.experiment, changed);
    assert_eq!(opened.at_us, 1_500_000);
}

#[test]
fn a_part_that_cannot_be_read_is_named_and_the_rest_is_opened() {
    let link = "v=1&x=acks&p.acks=all&p.aks=1&do=1:dance:1&seed=9";
    let opened = read(&format!("{link}&c={:04x}", checksum(link)));
    let named: Vec<&str> = opened.problems.iter().map(|problem| &*problem.en).collect();
    assert_eq!(named.len(), 2, "{named:?}");
    assert!(named[0].ends_with("p.aks=1") && named[1].ends_with("do=1:dance:1"));
    assert_eq!(
        opened.experiment.configs.get(Owner::Producer, "acks"),
        Some("all")
    );
    assert_eq!(opened.experiment.seed, 9);
}

#[test]
fn a_link_that_was_cut_short_says_so() {
    let lesson = lessons::find("acks").expect("lesson");
    let changed = lesson
        .experiment
        .clone()
        .with(Owner::Producer, "acks", "all");
    let link = write(&lesson, &changed, 0);
    for end in 0..link.len() {
        assert!(!read(&link[..end]).problems.is_empty(), "{}", &link[..end]);
    }
}

#[test]
fn a_newer_link_is_opened_as_far_as_it_is_understood() {
    let opened = read("v=99&x=acks&p.acks=all&warp=9");
    assert!(
        opened.problems[0].en.contains("newer acklab (version 99)"),
        "{:?}",
        opened.problems
    );
    assert_eq!(
        opened.experiment.configs.get(Owner::Producer, "acks"),
        Some("all")
    );
}

#[test]
fn no_text_whatever_makes_it_panic() {
    let mut luck = Xoshiro256PlusPlus::seed_from_u64(1);
    let links: Vec<String> = all()
        .map(|lesson| write(&lesson, &lesson.experiment, 1))
        .collect();
    let spice: Vec<char> = "&=.:%~é💥#v1xpcatdo\u{0}9-".chars().collect();
    for round in 0..20_000 {
        let link = &links[round % links.len()];
        let mut letters: Vec<char> = link.chars().collect();
        for _ in 0..1 + luck.next_u32() % 8 {
            let place = luck.next_u32() as usize % (letters.len() + 1);
            let letter = spice[luck.next_u32() as usize % spice.len()];
            match luck.next_u32() % 3 {
                0 => letters.insert(place, letter),
                1 if place < letters.len() => letters[place] = letter,
                _ => letters.truncate(place),
            }
        }
        let text: String = letters.into_iter().collect();
        let opened = read(&text);
        let (spec, _) = opened.experiment.spec();
        assert!(spec.nodes() > 1);
    }
}

#[test]
fn what_an_operator_asks_of_the_cluster_comes_back() {
    let lesson = lessons::find("acks").expect("lesson");
    let partition = TopicPartition::new(TOPIC, 0);
    let asked = [
        Action::Reassign {
            partition,
            replicas: vec![NodeId(3), NodeId(1)],
        },
        Action::CancelReassignment(partition),
        Action::FailDirectory {
            broker: NodeId(2),
            directory: 1,
        },
        Action::DescribeTopics {
            topics: vec![TOPIC],
            broker: None,
        },
        Action::DescribeTopics {
            topics: vec![TOPIC],
            broker: Some(NodeId(2)),
        },
        Action::CreatePartitions {
            topic: TOPIC,
            count: 3,
            assignment: Vec::new(),
        },
        Action::SetMinIsr {
            topic: TOPIC,
            min_isr: 1,
        },
        Action::SetUnclean {
            topic: Some(TOPIC),
            allowed: true,
        },
        Action::SetUnclean {
            topic: None,
            allowed: false,
        },
    ];
    let mut changed = lesson.experiment.clone();
    let by_hand = asked.map(|action| Timed {
        at_us: 1_000_000,
        action,
        by_hand: true,
    });
    changed.actions.splice(0..0, by_hand);
    let opened = read(&write(&lesson, &changed, 0));
    assert_eq!(opened.problems, []);
    assert_eq!(opened.experiment, changed);
}

#[test]
fn two_runs_travel_in_one_link_and_the_first_is_read_as_ever() {
    let lesson = lessons::find("acks").expect("a lesson");
    let mine = lesson
        .experiment
        .clone()
        .with(Owner::Topic, "min.insync.replicas", "2");
    let other = mine.clone().with(Owner::Producer, "acks", "all");
    let link = write_beside(&lesson, &mine, 1_500_000, &other);
    assert!(link.contains("&vs=p.acks=all&c="), "{link}");
    let opened = read(&format!("#{COMPARED}{link}"));
    assert_eq!(opened.problems, []);
    assert_eq!((opened.experiment, opened.at_us), (mine.clone(), 1_500_000));
    assert_eq!(opened.beside, Some(other));
    let same = read(&write_beside(&lesson, &mine, 0, &mine));
    assert_eq!((same.problems, same.beside), (Vec::new(), Some(mine)));
    assert_eq!(read(&write(&lesson, &lesson.experiment, 0)).beside, None);
}

#[test]
fn what_cannot_be_read_of_the_run_beside_loses_only_itself() {
    let opened = read("v=1&x=acks&vs=p.acks=all&vs=p.nonsense=1&vs=at=3");
    assert!(opened.problems.len() >= 3, "{:?}", opened.problems);
    let beside = opened.beside.expect("a run beside");
    assert_eq!(beside.configs.get(Owner::Producer, "acks"), Some("all"));
}

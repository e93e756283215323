//! Three controllers: elections, and what is left of decisions when their leader is gone.

use super::cluster::Story;
use super::*;
use crate::kafka::broker::ReplicaRole;
use crate::sim::{Micros, SECOND, Status};

/// Three brokers (1, 2, 3) and three controllers (4, 5, 6), of which 4 leads at first.
fn three(seed: u64) -> Story {
    Story::with(ClusterSpec {
        seed,
        controllers: 3,
        ..spec()
    })
}

impl Story {
    /// Who thinks that it is the active controller.
    fn active(&self) -> Vec<u8> {
        let controllers = self.world.model.controllers().iter();
        let active = controllers.filter(|host| host.is_active());
        active.map(|host| host.node().0).collect()
    }

    /// When a controller other than `before` became active.
    fn next_active_at(&self, before: u8, since: Micros) -> Option<Micros> {
        let mut entries = self.journal.entries().iter();
        let active = entries.find(|entry| {
            let elected = matches!(entry.what, Entry::ControllerActive { .. });
            elected && entry.at >= since && entry.node != NodeId(before)
        });
        active.map(|entry| entry.at)
    }

    fn cut(&mut self, from: u8, to: u8) {
        self.does(Action::CutLink {
            from: NodeId(from),
            to: NodeId(to),
            both: true,
        });
    }

    fn heal(&mut self, from: u8, to: u8) {
        self.does(Action::HealLink {
            from: NodeId(from),
            to: NodeId(to),
        });
    }

    fn changes_of_partitions(&self, since: Micros) -> usize {
        let entries = self.journal.entries().iter();
        let changes = entries.filter(|entry| matches!(entry.what, Entry::Partition { .. }));
        changes.filter(|entry| entry.at >= since).count()
    }

    /// No two controllers disagree on what is committed, nor does a broker know of more.
    fn agrees(&self) {
        let controllers = self.world.model.controllers();
        for (one, other) in [(0, 1), (1, 2), (0, 2)] {
            let (one, other) = (&controllers[one], &controllers[other]);
            let common = one.committed.offset.min(other.committed.offset);
            let records = |host: &ControllerHost| -> Vec<(u32, MetadataRecord)> {
                let end = common.min(host.raft.log.end());
                let records = host.raft.log.read(0, end).iter();
                records.map(|r| (r.epoch, r.record.clone())).collect()
            };
            let (one, other) = (records(one), records(other));
            let both = one.len().min(other.len());
            assert_eq!(one[..both], other[..both], "at {}", self.world.now());
        }
        let known = controllers.iter().map(|host| host.committed.offset).max();
        for broker in 1..=3 {
            let image = self.world.model.broker(NodeId(broker)).image();
            assert!(Some(image.offset) <= known, "broker {broker} knows more");
        }
    }
}

#[test]
fn three_controllers_have_one_leader_and_nothing_to_tell_while_nothing_happens() {
    let mut story = three(1);
    let before = story.journal.len();
    story.wait_ms(60_000);
    assert_eq!(story.active(), [4]);
    assert_eq!(story.journal.len(), before);
    let epochs: Vec<u32> = story
        .world
        .model
        .controllers()
        .iter()
        .map(|c| c.epoch())
        .collect();
    assert_eq!(epochs, [1, 1, 1]);
}

#[test]
fn a_killed_active_controller_is_followed_by_another_that_knows_all_that_was_decided() {
    for seed in 0..20 {
        let mut story = three(seed);
        story.lose(3);
        let before = story.image().clone();
        let killed = story.kill(4);
        story.wait_ms(10_000);
        let active = story.next_active_at(4, killed).expect("elected");
        let after_ms = (active - killed) / MS;
        // The fetch timeout, and at the worst some rounds that nobody wins.
        assert!(
            (1_400..=9_000).contains(&after_ms),
            "seed {seed}: {after_ms} ms"
        );
        assert_eq!(story.active().len(), 1, "seed {seed}");
        assert_eq!(story.image().partitions, before.partitions, "seed {seed}");
        assert_eq!(story.image().brokers, before.brokers, "seed {seed}");
        story.agrees();
    }
}

#[test]
fn brokers_find_the_new_controller_and_their_sessions_begin_anew() {
    let mut story = three(2);
    let killed = story.kill(4);
    story.kill(1);
    story.wait_ms(20_000);
    let active = story.next_active_at(4, killed).expect("elected");
    let fenced = story.fenced_at(1, killed).expect("fenced");
    let after_ms = (fenced - active) / MS;
    assert!((9_000..=10_200).contains(&after_ms), "{after_ms} ms");
    assert_eq!(story.shown(), (Some(2), 1, vec![2, 3]), "the others live");
    assert_eq!(
        story.fenced_at(2, killed).or(story.fenced_at(3, killed)),
        None
    );
}

#[test]
fn without_a_quorum_leaders_go_on_and_nothing_changes() {
    let mut story = three(3);
    story.kill(5);
    let lost = story.kill(6);
    story.wait_ms(1_000);
    story.kill(3);
    story.wait_ms(60_000);
    assert_eq!(story.active(), Vec::<u8>::new(), "it has resigned");
    let resigned = story.find(lost, |what| {
        matches!(what, Entry::ControllerResigned { .. })
    });
    let after_ms = (resigned.expect("resigned").at - lost) / MS;
    assert!((2_400..=3_100).contains(&after_ms), "{after_ms} ms");
    assert_eq!(
        story.shown(),
        (Some(1), 0, vec![1, 2, 3]),
        "3 is dead, and in sync"
    );
    let role = story.world.model.broker(NodeId(1)).role(PARTITION);
    assert!(matches!(role, Some(ReplicaRole::Leader(_))));

    story.start(5);
    story.wait_ms(20_000);
    assert_eq!(
        story.shown(),
        (Some(1), 0, vec![1, 2]),
        "two are a quorum again"
    );
}

#[test]
fn a_controller_on_the_side_of_the_minority_can_not_fence() {
    let mut story = three(4);
    let cut = story.world.now();
    for other in [5, 6, 1, 2, 3] {
        story.cut(4, other);
    }
    story.wait_ms(30_000);
    assert_eq!(story.changes_of_partitions(cut), 0);
    for broker in 1..=3 {
        assert_eq!(
            story.fenced_at(broker, cut),
            None,
            "the others hear of {broker}"
        );
    }
    assert!(!story.active().contains(&4));
    assert_eq!(story.active().len(), 1);
    for other in [5, 6, 1, 2, 3] {
        story.heal(4, other);
    }
    story.wait_ms(5_000);
    assert_eq!(story.active().len(), 1, "it follows whoever leads now");
    let ends: Vec<u64> = story
        .world
        .model
        .controllers()
        .iter()
        .map(|c| c.raft.log.end())
        .collect();
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
    story.agrees();
}

#[test]
fn a_change_that_was_not_committed_is_lost_with_its_leader_and_no_broker_ever_sees_it() {
    let mut story = three(5);
    let cut = story.world.now();
    story.cut(4, 5);
    story.cut(4, 6);
    // The broker asks to leave; the controller that is cut off lets it.
    story.stop(3);
    story.wait_ms(1_500);
    let decided = &story.world.model.controllers()[0];
    assert_eq!(
        decided.image().partitions[&PARTITION].isr.len(),
        2,
        "decided"
    );
    assert_eq!(story.changes_of_partitions(cut), 0, "and told to nobody");
    for broker in 1..=3 {
        let image = story.world.model.broker(NodeId(broker)).image();
        assert_eq!(image.partitions[&PARTITION].isr.len(), 3);
    }

    story.wait_ms(2_000);
    let resigned = |what: &Entry| matches!(what, Entry::ControllerResigned { uncommitted, .. } if *uncommitted > 0);
    assert!(story.find(cut, resigned).is_some());
    let forgot = &story.world.model.controllers()[0];
    assert_eq!(
        forgot.image().partitions[&PARTITION].isr.len(),
        3,
        "it forgets"
    );

    story.wait_ms(12_000);
    assert_eq!(
        story.shown(),
        (Some(1), 0, vec![1, 2]),
        "the next one lets it go"
    );
    assert_eq!(story.world.status(NodeId(3)).0, Status::Down);
    story.agrees();
}

#[test]
fn a_controller_that_ends_in_order_hands_over_at_once() {
    for seed in 0..10 {
        let mut story = three(seed);
        let stopped = story.stop(4);
        story.wait_ms(3_000);
        let active = story.next_active_at(4, stopped).expect("elected");
        let after_ms = (active - stopped) / MS;
        assert!(after_ms < 1_000, "seed {seed}: {after_ms} ms");
    }
}

#[test]
fn a_controller_that_stood_still_learns_that_it_was_replaced() {
    let mut story = three(7);
    let paused = story.does(Action::Pause(NodeId(4)));
    story.wait_ms(12_000);
    assert_eq!(story.active().len(), 2, "it does not know yet");
    assert!(story.next_active_at(4, paused).is_some());
    let resumed = story.does(Action::Resume(NodeId(4)));
    story.wait_ms(3_000);
    assert!(!story.active().contains(&4));
    assert_eq!(story.active().len(), 1);
    assert_eq!(story.changes_of_partitions(resumed), 0);
    story.agrees();
}

#[test]
fn a_power_loss_of_all_controllers_loses_nothing_that_was_decided() {
    for seed in 0..10 {
        let mut story = three(seed);
        story.lose(3);
        let before = story.image().clone();
        for controller in [4, 5, 6] {
            story.does(Action::PowerOff(NodeId(controller)));
        }
        story.wait_ms(5_000);
        for controller in [6, 5, 4] {
            story.start(controller);
        }
        story.wait_ms(12_000);
        assert_eq!(story.active().len(), 1, "seed {seed}");
        assert_eq!(story.image().partitions, before.partitions, "seed {seed}");
    }
}

/// Whatever happens to controllers, what is committed stays, and once all is well again there is
/// one leader whom all follow.
#[test]
fn any_faults_of_controllers_leave_one_history() {
    for seed in 0..30 {
        let mut story = three(seed);
        let mut luck = story.world.core.luck.stream("chaos", 0);
        for _ in 0..25 {
            let node = NodeId(4 + luck.below(3) as u8);
            let other = NodeId(4 + luck.below(3) as u8);
            let broker = NodeId(1 + luck.below(3) as u8);
            let action = match luck.below(9) {
                0 => Action::Kill(node),
                1 => Action::PowerOff(node),
                2 => Action::Pause(node),
                3 => Action::Resume(node),
                4 if node != other => Action::CutLink {
                    from: node,
                    to: other,
                    both: luck.below(2) == 0,
                },
                5 if node != other => Action::HealLink {
                    from: node,
                    to: other,
                },
                6 => Action::Kill(broker),
                7 => Action::Start(broker),
                _ => Action::Start(node),
            };
            story.does(action);
            for _ in 0..4 {
                story.wait_ms(luck.below(700));
                story.agrees();
                story.leaders_are_of_different_epochs();
            }
        }
        for node in 4..=6 {
            story.does(Action::Resume(NodeId(node)));
            story.start(node);
            for other in node + 1..=6 {
                story.heal(node, other);
            }
        }
        story.wait_ms(20_000);
        assert_eq!(story.active().len(), 1, "seed {seed}");
        story.agrees();
    }
}

impl Story {
    fn leaders_are_of_different_epochs(&self) {
        let controllers = self.world.model.controllers().iter();
        let mut epochs: Vec<u32> = controllers
            .filter(|host| host.raft.leads())
            .map(|host| host.epoch())
            .collect();
        let leaders = epochs.len();
        epochs.dedup();
        epochs.sort_unstable();
        epochs.dedup();
        assert_eq!(epochs.len(), leaders, "at {}", self.world.now() / SECOND);
    }
}

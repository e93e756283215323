//! A whole cluster: faults, and what the controller makes of them.

use super::*;
use crate::sim::{EntryId, Micros, SECOND, Stamped};

/// A cluster that lives, and a script of faults.
pub(super) struct Story {
    pub(super) world: World,
    pub(super) journal: Journal,
}

impl Story {
    fn new(seed: u64) -> Self {
        Story::with(ClusterSpec { seed, ..spec() })
    }

    pub(super) fn with(spec: ClusterSpec) -> Self {
        let mut journal = Journal::default();
        let world = world(spec, &mut journal);
        let mut story = Story { world, journal };
        story.wait_ms(5_000 + story.world.core.luck.stream("test", 0).below(2_000));
        story
    }

    pub(super) fn wait_ms(&mut self, span_ms: u64) {
        let until = self.world.now() + span_ms * MS;
        self.world.run_until(until, &mut self.journal);
    }

    pub(super) fn does(&mut self, action: Action) -> Micros {
        let now = self.world.now();
        self.world.schedule(now, action);
        self.world.run_until(now, &mut self.journal);
        now
    }

    pub(super) fn kill(&mut self, broker: u8) -> Micros {
        self.does(Action::Kill(NodeId(broker)))
    }

    pub(super) fn start(&mut self, broker: u8) -> Micros {
        self.does(Action::Start(NodeId(broker)))
    }

    pub(super) fn stop(&mut self, broker: u8) -> Micros {
        self.does(Action::Stop(NodeId(broker)))
    }

    /// Kills `broker` and waits until it is fenced.
    pub(super) fn lose(&mut self, broker: u8) {
        let at = self.kill(broker);
        self.wait_ms(10_200);
        assert!(self.fenced_at(broker, at).is_some());
    }

    pub(super) fn find(
        &self,
        since: Micros,
        what: impl Fn(&Entry) -> bool,
    ) -> Option<&Stamped<Entry>> {
        let mut entries = self.journal.entries().iter();
        entries.find(|entry| entry.at >= since && what(&entry.what))
    }

    pub(super) fn fenced_at(&self, broker: u8, since: Micros) -> Option<Micros> {
        let broker = NodeId(broker);
        let found = self.find(since, |what| *what == Entry::Fenced { broker });
        found.map(|entry| entry.at)
    }

    fn unfenced_at(&self, broker: u8, since: Micros) -> Option<Micros> {
        let broker = NodeId(broker);
        let found = self.find(since, |what| *what == Entry::Unfenced { broker });
        found.map(|entry| entry.at)
    }

    pub(super) fn image(&self) -> &MetadataImage {
        self.world.model.controller().image()
    }

    /// Leader, leader epoch, ISR in order of broker numbers.
    pub(super) fn shown(&self) -> (Option<u8>, u32, Vec<u8>) {
        let state = &self.image().partitions[&PARTITION];
        let mut isr: Vec<u8> = state.isr.iter().map(|node| node.0).collect();
        isr.sort_unstable();
        (state.leader.map(|node| node.0), state.leader_epoch, isr)
    }

    /// The entries that led to `entry`, itself first.
    fn causes(&self, entry: &Stamped<Entry>) -> Vec<Entry> {
        let mut found = vec![entry.what.clone()];
        let mut cause: EntryId = entry.cause;
        while let Some(entry) = self.journal.get(cause) {
            found.push(entry.what.clone());
            cause = entry.cause;
        }
        found
    }
}

#[test]
fn a_killed_leader_is_fenced_when_its_session_ends_and_the_next_of_the_list_leads() {
    for seed in 0..20 {
        let mut story = Story::new(seed);
        let killed = story.kill(1);
        story.wait_ms(6_900);
        assert_eq!(
            story.shown(),
            (Some(1), 0, vec![1, 2, 3]),
            "seed {seed}: nobody knows yet"
        );
        story.wait_ms(3_400);
        let fenced = story.fenced_at(1, killed).expect("its session has ended");
        let after_ms = (fenced - killed) / MS;
        assert!(
            (7_000..=10_200).contains(&after_ms),
            "seed {seed}: {after_ms} ms"
        );
        assert_eq!(story.shown(), (Some(2), 1, vec![2, 3]), "seed {seed}");
    }
}

#[test]
fn an_election_is_explained_by_the_fencing_and_the_fencing_by_the_fault() {
    let mut story = Story::new(1);
    story.lose(1);
    let moved = |what: &Entry| matches!(what, Entry::Partition { after, .. } if after.leader == Some(NodeId(2)));
    let election = story.find(0, moved).expect("2 was elected");
    let causes = story.causes(election);
    assert_eq!(
        causes[1..],
        [Entry::Fenced { broker: NodeId(1) }, Entry::Killed]
    );
}

#[test]
fn a_paused_broker_is_fenced_because_of_the_pause_and_unfenced_when_it_goes_on() {
    let mut story = Story::new(2);
    let paused = story.does(Action::Pause(NodeId(3)));
    story.wait_ms(10_200);
    let broker = NodeId(3);
    let fenced = story
        .find(paused, |what| *what == Entry::Fenced { broker })
        .expect("fenced");
    assert_eq!(story.causes(fenced)[1], Entry::Paused);
    let resumed = story.does(Action::Resume(broker));
    story.wait_ms(500);
    let unfenced = story
        .unfenced_at(3, resumed)
        .expect("its next heartbeat unfences it");
    assert!(unfenced - resumed < 100 * MS);
}

#[test]
fn a_broker_cut_off_from_the_controller_is_fenced_because_of_the_cut() {
    let mut story = Story::new(3);
    let (from, to) = (NodeId(2), NodeId(4));
    let cut = story.does(Action::CutLink {
        from,
        to,
        both: true,
    });
    story.wait_ms(10_200);
    let fenced = story
        .find(cut, |what| *what == Entry::Fenced { broker: from })
        .expect("fenced");
    assert_eq!(story.causes(fenced)[1], Entry::LinkCut { to, both: true });
    story.does(Action::HealLink { from, to });
    story.wait_ms(15_000);
    assert!(story.unfenced_at(2, cut).is_some());
}

#[test]
fn a_broker_that_halts_with_its_disk_is_fenced_because_of_the_disk() {
    let mut story = Story::new(16);
    let broker = NodeId(1);
    let failed = story.does(Action::FailDisk(broker));
    story.wait_ms(20_000);
    let fenced = story
        .find(failed, |what| *what == Entry::Fenced { broker })
        .expect("fenced");
    let causes = story.causes(fenced);
    assert_eq!(
        causes[1..],
        [
            Entry::Halted,
            Entry::DirectoryOffline { left: 0 },
            Entry::DiskFailed
        ]
    );
}

#[test]
fn a_pause_shorter_than_the_session_goes_unnoticed() {
    let mut story = Story::new(4);
    story.does(Action::Pause(NodeId(1)));
    story.wait_ms(5_000);
    story.does(Action::Resume(NodeId(1)));
    story.wait_ms(20_000);
    assert_eq!(story.fenced_at(1, 0), None);
}

#[test]
fn a_killed_leader_started_at_once_is_refused_until_the_session_of_its_former_self_has_ended() {
    let mut story = Story::new(5);
    let killed = story.kill(1);
    story.start(1);
    story.wait_ms(30_000);
    let refused = Entry::RegistrationRefused { broker: NodeId(1) };
    assert!(story.find(killed, |what| *what == refused).is_some());
    let fenced = story
        .fenced_at(1, killed)
        .expect("fenced although it is back");
    let unfenced = story.unfenced_at(1, killed).expect("let in at last");
    assert!((7_000..=10_200).contains(&((fenced - killed) / MS)));
    assert!(unfenced > fenced);
    assert_eq!(
        story.shown().0,
        Some(2),
        "leadership does not come back by itself so soon"
    );
}

#[test]
fn a_stopped_leader_hands_over_at_once_and_ends_when_the_others_know() {
    let mut story = Story::new(6);
    let stopped = story.stop(1);
    story.wait_ms(300);
    assert_eq!(story.shown(), (Some(2), 1, vec![2, 3]));
    story.wait_ms(10_000);
    let ended = story
        .find(stopped, |what| *what == Entry::Stopped)
        .expect("it ended");
    assert!(
        (ended.at - stopped) / SECOND <= 4,
        "two heartbeats at the most"
    );
    let first = story.fenced_at(1, stopped).expect("fenced as it ends");
    assert!(first <= ended.at);
    story.wait_ms(2_000);
    let second = story.fenced_at(1, first + 1).expect("and once more");
    assert!((9_000..=10_200).contains(&((second - first) / MS)));
}

#[test]
fn a_stopped_follower_ends_at_once() {
    let mut story = Story::new(7);
    let stopped = story.stop(3);
    story.wait_ms(1_000);
    assert_eq!(story.shown(), (Some(1), 0, vec![1, 2]));
    assert!(
        story
            .find(stopped, |what| *what == Entry::Stopped)
            .is_some()
    );
}

#[test]
fn without_controller_an_orderly_stop_gives_up_waiting_after_five_minutes() {
    let mut story = Story::new(14);
    story.does(Action::Kill(NodeId(4)));
    let stopped = story.stop(1);
    story.wait_ms(299_000);
    assert!(
        story
            .find(stopped, |what| *what == Entry::Stopped)
            .is_none()
    );
    story.wait_ms(2_000);
    assert!(
        story
            .find(stopped, |what| *what == Entry::Stopped)
            .is_some()
    );
}

#[test]
fn a_replaced_disk_is_known_to_the_controller_soon_after_the_start() {
    let mut story = Story::new(15);
    story.lose(1);
    story.does(Action::WipeDisk {
        broker: NodeId(1),
        keep_identity: false,
    });
    story.start(1);
    story.wait_ms(5_000);
    let registered = &story.image().brokers[&NodeId(1)].directories;
    assert_ne!(
        *registered,
        [DirectoryId(1)],
        "a formatted disk has an identity of its own"
    );
    assert_eq!(
        story.image().partitions[&PARTITION].directories[..1],
        *registered
    );
    assert_eq!(story.shown(), (Some(2), 1, vec![1, 2, 3]));
}

#[test]
fn without_controller_nobody_is_fenced_or_elected_until_it_is_back() {
    let mut story = Story::new(8);
    let controller = NodeId(4);
    story.does(Action::Kill(controller));
    story.kill(1);
    story.wait_ms(60_000);
    assert_eq!(story.shown(), (Some(1), 0, vec![1, 2, 3]));
    let back = story.does(Action::Start(controller));
    story.wait_ms(20_000);
    let fenced = story.fenced_at(1, back).expect("nothing was heard of 1");
    assert!(
        fenced - back >= 9 * SECOND,
        "every broker got a fresh session"
    );
    assert_eq!(story.shown(), (Some(2), 1, vec![2, 3]));
    for alive in [2, 3] {
        assert_eq!(story.fenced_at(alive, 0), None);
    }
}

#[test]
fn when_all_die_the_last_one_in_sync_leads_again_and_nobody_else() {
    let mut story = Story::new(9);
    for broker in [3, 2, 1] {
        story.lose(broker);
    }
    assert_eq!(story.shown(), (None, 1, vec![]));
    for broker in [2, 3] {
        story.start(broker);
    }
    story.wait_ms(5_000);
    assert_eq!(
        story.shown(),
        (None, 1, vec![]),
        "2 and 3 are alive but may not lead"
    );
    story.start(1);
    story.wait_ms(5_000);
    assert_eq!(
        story.shown(),
        (Some(1), 2, vec![1, 2, 3]),
        "and all are in sync again"
    );
    assert_eq!(
        story.image().partitions[&PARTITION].recovery,
        Recovery::Recovered
    );
}

#[test]
fn the_preferred_leader_is_given_its_place_back_after_five_minutes() {
    let mut story = Story::new(10);
    story.lose(1);
    story.start(1);
    story.wait_ms(30_000);
    assert_eq!(story.shown(), (Some(2), 1, vec![1, 2, 3]));
    story.wait_ms(260_000);
    assert_eq!(story.shown(), (Some(1), 2, vec![1, 2, 3]));
}

#[test]
fn a_quiet_hour_leaves_no_entry() {
    let mut story = Story::new(11);
    let before = story.journal.len();
    story.wait_ms(3_600_000);
    assert_eq!(story.journal.len(), before);
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let told = |seed| {
        let mut story = Story::new(seed);
        for broker in [1, 2, 3] {
            story.kill(broker);
        }
        story.wait_ms(12_000);
        for broker in [1, 2, 3] {
            story.start(broker);
        }
        story.wait_ms(20_000);
        story.journal.hash()
    };
    assert_eq!(told(12), told(12));
    assert_ne!(told(12), told(13));
}

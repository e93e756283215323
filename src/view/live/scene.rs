//! The stage at one moment: brokers with their logs, the partition, the controller, links.

use std::rc::Rc;

use super::census::Census;
use super::clients::{consumers, producers, sink};
use super::faults;
use super::keys::key_of;
use super::letters::letters;
use super::logs::log_view;
use super::outbox::{outbox, relay_work};
use super::several;
use crate::kafka::controller::ControllerHost;
use crate::kafka::controller::raft::RaftRole;
use crate::kafka::spec::{ClientKind, FIRST_CONTROLLER_ID};
use crate::kafka::{ClusterSpec, Role, TopicPartition, World};
use crate::lab::history::{History, NodeState, Part, Standing};
use crate::lab::ledger::Brokers;
use crate::sim::{Micros, NodeId, SECOND};
use crate::view::{
    Beat, BrokerState, BrokerView, ControllerView, Fault, Hue, LinkState, LinkView, NodeKey,
    PartitionView, Room, StageView, VoterRole, VoterView,
};

/// Spans on the stage are rounded down to this, so that a card stays the same from frame to frame.
const TENTH_US: Micros = SECOND / 10;
/// A follower behind for less than this is not called lagging: it is just fetching.
const LAG_WORTH_SAYING_US: Micros = SECOND;
/// Up to this long after a cut, a log shows where it ended before.
const CUT_SHOWN_US: Micros = 500_000;

/// What a stage is made from.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub world: &'a World,
    /// The journal read up to the world's moment.
    pub history: &'a History,
    /// The partition shown.
    pub shown: TopicPartition,
    pub room: Room,
}

impl Scene<'_> {
    /// Everything on the stage but what travels.
    pub fn stage(&self) -> StageView {
        let in_lab = self.room == Room::Lab;
        let census = Census::of(self);
        StageView {
            producers: producers(self, &census),
            brokers: self
                .spec()
                .broker_nodes()
                .map(|node| Rc::new(self.broker(node)))
                .collect(),
            controller: in_lab.then(|| self.controller()),
            partition: self
                .part()
                .filter(|_| in_lab && !self.several())
                .map(|part| self.partition(self.shown, part)),
            partitions: match self.several() {
                true => several::partitions(self),
                false => Vec::new(),
            },
            consumers: consumers(self, &census),
            sink: (in_lab && self.history.consumed).then(|| sink(self, &census)),
            outbox: outbox(self, &census),
            letters: letters(self),
            links: self.links(),
            faults: vec![if self.all_off() {
                Fault::ClusterOn
            } else {
                Fault::ClusterOff
            }],
        }
    }

    pub(super) fn spec(&self) -> &ClusterSpec {
        &self.world.model.spec
    }

    pub(super) fn now_us(&self) -> Micros {
        self.world.now()
    }

    pub(super) fn part(&self) -> Option<&Part> {
        self.history.parts.get(&self.shown)
    }

    pub(super) fn node(&self, node: NodeId) -> NodeState {
        self.history
            .nodes
            .get(usize::from(node.0))
            .copied()
            .unwrap_or_default()
    }

    /// Whether the topic has more than one partition.
    pub(super) fn several(&self) -> bool {
        self.history.parts.len() > 1
    }

    fn all_off(&self) -> bool {
        self.spec()
            .broker_nodes()
            .all(|node| !self.node(node).is_running())
    }

    fn broker(&self, node: NodeId) -> BrokerView {
        let state = self.node(node);
        if self.several() {
            return BrokerView {
                id: i32::from(node.0),
                state: self.broker_state(node, &state, None),
                replicas: several::replicas(self, node),
                faults: self.broker_faults(node, &state),
                ..BrokerView::default()
            };
        }
        let part = self.part().filter(|part| part.replicas.contains(&node));
        let log = self.history.logs.get(&(self.shown, node)).map(|log| {
            let mut view = log_view(self, node, log);
            let recent = |at_us: Micros| self.now_us().saturating_sub(at_us) < CUT_SHOWN_US;
            view.log_end_was = log
                .was_cut
                .filter(|(at, _)| recent(*at))
                .map(|(_, end)| end);
            view
        });
        BrokerView {
            id: i32::from(node.0),
            state: self.broker_state(node, &state, part),
            epoch: part.map(|part| part.epoch),
            log,
            replicas: Vec::new(),
            note: None,
            faults: self.broker_faults(node, &state),
        }
    }

    fn broker_faults(&self, node: NodeId, state: &NodeState) -> Vec<Fault> {
        faults::of_broker(state, self.world.model.broker(node).directories())
    }

    fn broker_state(&self, node: NodeId, state: &NodeState, part: Option<&Part>) -> BrokerState {
        let for_us = tenths(self.now_us().saturating_sub(state.since_us));
        match state.standing {
            Standing::Down { clean } => return BrokerState::Down { clean },
            Standing::Off => return BrokerState::PoweredOff,
            Standing::Starting => return self.starting(state),
            Standing::Paused => return BrokerState::Paused { for_us },
            Standing::Stopping => return BrokerState::ShuttingDown,
            Standing::Up => {}
        }
        match part {
            _ if state.disk_failed => BrokerState::DiskFailed,
            _ if state.fenced => BrokerState::Fenced,
            None => BrokerState::Up,
            Some(part) if part.leader == Some(node) => BrokerState::Leader,
            Some(part) if part.isr.has(node) => self.in_sync(node),
            Some(_) => BrokerState::OutOfIsr,
        }
    }

    /// A process that loads its logs, as far as it has come.
    fn starting(&self, state: &NodeState) -> BrokerState {
        let takes_us = self.spec().environment.broker_startup_ms.max(1) * 1_000;
        let been_us = self.now_us().saturating_sub(state.since_us);
        let percent = (been_us * 100 / takes_us).min(99) / 5 * 5;
        BrokerState::Recovering {
            percent: percent as u8,
        }
    }

    fn in_sync(&self, node: NodeId) -> BrokerState {
        let end_of = |node| {
            self.history
                .logs
                .get(&(self.shown, node))
                .map_or(0, |log| log.end())
        };
        let leader_end = self
            .history
            .leader_log(self.shown)
            .map_or(0, |(_, log)| log.end());
        let behind = leader_end.saturating_sub(end_of(node));
        let for_us = self.behind_for_us(node);
        if behind > 0 && for_us >= LAG_WORTH_SAYING_US {
            BrokerState::Lagging {
                behind,
                for_us: tenths(for_us),
            }
        } else {
            BrokerState::InSync
        }
    }

    /// How long a follower has lacked something: since its oldest missing record was written.
    fn behind_for_us(&self, node: NodeId) -> Micros {
        let mine = self
            .history
            .logs
            .get(&(self.shown, node))
            .map_or(0, |log| log.end());
        let missing = self
            .history
            .leader_log(self.shown)
            .and_then(|(_, log)| log.at(mine));
        let life = missing.and_then(|slot| self.history.ledger.get(slot.message));
        life.map_or(0, |life| self.now_us().saturating_sub(life.buffered_us))
    }

    fn voter(&self, index: u8, host: &ControllerHost) -> VoterView {
        let state = self.node(host.node());
        let role = match state.standing {
            Standing::Down { .. } => VoterRole::Down,
            Standing::Off => VoterRole::PoweredOff,
            Standing::Paused => VoterRole::Paused,
            _ => match host.role() {
                RaftRole::Down => VoterRole::Starting,
                RaftRole::Leader(_) => VoterRole::Leader,
                RaftRole::Follower { .. } => VoterRole::Follower,
                RaftRole::Prospective(_) | RaftRole::Candidate(_) => VoterRole::Candidate,
                RaftRole::Unattached { .. } | RaftRole::Resigned { .. } => VoterRole::Unattached,
            },
        };
        VoterView {
            index,
            id: FIRST_CONTROLLER_ID + i32::from(index),
            role,
            epoch: host.epoch(),
            faults: faults::of_controller(&state),
        }
    }

    fn controller(&self) -> ControllerView {
        let hosts = self.world.model.controllers();
        let voters = (0..).zip(hosts).map(|(nth, host)| self.voter(nth, host));
        let active = self.world.model.controller();
        let place = active.node().0 - self.spec().controller_node().0;
        let runs = self.node(active.node()).is_running() && active.is_active();
        let beats = self.spec().broker_nodes().map(|broker| {
            let heard_at = self.world.model.controller().last_heartbeat(broker);
            let heard_at = heard_at.unwrap_or(self.node(broker).since_us);
            let silent_us = self.now_us().saturating_sub(heard_at);
            let interval_us = self.spec().broker(broker).broker_heartbeat_interval_ms * 1_000;
            Beat {
                broker: i32::from(broker.0),
                silent_us: (silent_us > interval_us * 3 / 2).then(|| tenths(silent_us)),
                fenced: self.node(broker).fenced,
            }
        });
        ControllerView {
            voters: voters.collect(),
            active: runs.then_some(FIRST_CONTROLLER_ID + i32::from(place)),
            beats: beats.collect(),
        }
    }

    pub(super) fn partition(&self, partition: TopicPartition, part: &Part) -> PartitionView {
        let ids = |set: Brokers| -> Vec<i32> {
            let mut ids: Vec<i32> = set.iter().map(|node| i32::from(node.0)).collect();
            ids.sort_by_key(|id| part.leader.is_none_or(|leader| i32::from(leader.0) != *id));
            ids
        };
        let neither = |node: &&NodeId| !part.isr.has(**node) && !part.elr.has(**node);
        let since_us = part.leaderless_since_us;
        PartitionView {
            name: self.spec().partition_name(partition),
            leader: part.leader.map(|node| i32::from(node.0)),
            epoch: part.epoch,
            isr: ids(part.isr),
            joining: ids(part.joining),
            elr: ids(part.elr),
            out: part
                .replicas
                .iter()
                .filter(neither)
                .map(|node| i32::from(node.0))
                .collect(),
            min_isr: part.min_isr as u8,
            unclean: part.unclean,
            leaderless_us: since_us.map(|since_us| tenths(self.now_us() - since_us)),
        }
    }

    /// Whether a job calls service B itself.
    fn calls_directly(&self) -> bool {
        relay_work(self).is_some_and(|work| work.app.direct_call)
    }

    fn links(&self) -> Vec<LinkView> {
        let Some(part) = self.part() else {
            return Vec::new();
        };
        let mut pairs = Vec::new();
        let mut leaders = Brokers::default();
        if self.several() {
            leaders = several::leaders(self);
            several::pairs(self, leaders, &mut pairs);
        } else {
            part.leader
                .iter()
                .for_each(|leader| leaders.insert(*leader));
            self.pairs(part, &mut pairs);
        }
        if self.room == Room::Lab {
            let controllers: Vec<NodeId> = self.spec().controller_nodes().collect();
            for (nth, controller) in controllers.iter().enumerate() {
                let brokers = self.spec().broker_nodes();
                pairs.extend(brokers.map(|broker| (*controller, broker)));
                let others = controllers[nth + 1..].iter();
                pairs.extend(others.map(|other| (*controller, *other)));
            }
        }
        pairs
            .into_iter()
            .filter_map(|(a, b)| self.link(a, b, leaders))
            .collect()
    }

    /// Which nodes may have a line between them, the one that asks first.
    fn pairs(&self, part: &Part, pairs: &mut Vec<(NodeId, NodeId)>) {
        let (jobs, calls) = (self.spec().relay(), self.calls_directly());
        for place in 0..self.spec().clients.len() {
            let client = self.spec().client_node(place);
            let consumes = matches!(self.spec().clients[place].kind, ClientKind::Consumer { .. });
            if let Some(job) = jobs.filter(|job| *job != place && !consumes) {
                // The shop itself has no connection to Kafka: its job has.
                debug_assert!(job > place);
                continue;
            }
            if consumes && let Some(job) = jobs.filter(|_| calls) {
                pairs.push((self.spec().client_node(job), client));
            }
            pairs.extend(part.replicas.iter().map(|broker| (client, *broker)));
        }
        for (nth, one) in part.replicas.iter().enumerate() {
            for other in &part.replicas[nth + 1..] {
                let leads = part.leader == Some(*other);
                pairs.push(if leads {
                    (*other, *one)
                } else {
                    (*one, *other)
                });
            }
        }
    }

    /// A link worth a line: used now, or not as it should be.
    fn link(&self, a: NodeId, b: NodeId, leaders: Brokers) -> Option<LinkView> {
        let net = &self.world.core.net;
        let mut state = faults::link_state(net.link(a, b), net.link(b, a));
        let up = |node| self.node(node).is_running();
        let to_leader = leaders.has(a) || leaders.has(b);
        let is_client = matches!(self.spec().role(a), Role::Client(_));
        let direct = is_client && matches!(self.spec().role(b), Role::Client(_));
        let to_controller = self.spec().role(a) == Role::Controller;
        let active = self.world.model.controller().node();
        let of_quorum = self.spec().role(b) == Role::Controller || a == active;
        if state == LinkState::Open && (to_leader || direct) && !(up(a) && up(b)) && !to_controller
        {
            state = LinkState::Refused;
        }
        let (key_a, key_b) = (key_of(self.spec(), a)?, key_of(self.spec(), b)?);
        let used = match to_controller {
            true => of_quorum,
            false => to_leader || direct,
        };
        let worth = used || state != LinkState::Open;
        let hue = match key_a {
            _ if state != LinkState::Open || !to_leader || to_controller => None,
            NodeKey::Producer(_) | NodeKey::Relay => Some(Hue::Send),
            _ if is_client || up(b) => Some(Hue::Safe),
            _ => None,
        };
        let faults = faults::of_link(state);
        worth.then_some(LinkView {
            a: key_a,
            b: key_b,
            state,
            hue,
            faults,
        })
    }
}

fn tenths(span_us: Micros) -> Micros {
    span_us / TENTH_US * TENTH_US
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::Action;
    use crate::lab::experiment::{Experiment, TOPIC};
    use crate::lab::run::Run;

    /// The stage of `experiment` at this moment.
    fn stage_at(experiment: &Experiment, at_ms: u64) -> StageView {
        let mut run = Run::new(experiment.clone().until_ms(30_000));
        run.seek(at_ms * 1_000);
        let mut history = History::new(experiment);
        history.follow(run.journal(), run.entries());
        let scene = Scene {
            world: run.world(),
            history: &history,
            shown: TopicPartition::new(TOPIC, 0),
            room: Room::Lab,
        };
        scene.stage()
    }

    #[test]
    fn each_controller_is_shown_with_its_role_and_can_be_killed() {
        let mut experiment = Experiment::three_brokers();
        experiment.topology.controllers = 3;
        let first = experiment.controller_node();
        let experiment = experiment.at_ms(2_000, Action::Kill(first));
        let roles = |at_ms| -> Vec<(i32, VoterRole, u32)> {
            let controller = stage_at(&experiment, at_ms).controller.expect("in the lab");
            let voters = controller.voters.iter();
            assert!(voters.clone().all(|voter| !voter.faults.is_empty()));
            voters.map(|v| (v.id, v.role, v.epoch)).collect()
        };
        use VoterRole::{Down, Follower, Leader};
        assert_eq!(
            roles(1_000),
            [(100, Leader, 1), (101, Follower, 1), (102, Follower, 1)]
        );
        let after = roles(15_000);
        assert_eq!(after[0].1, Down);
        let mut others = [after[1].1, after[2].1];
        others.sort_by_key(|role| *role != Leader);
        assert_eq!(others, [Leader, Follower]);
        assert!(after[1].2 > 1 && after[1].2 == after[2].2, "{after:?}");
        let active = stage_at(&experiment, 15_000).controller.expect("there");
        assert_eq!(
            active.active,
            after[1..].iter().find(|v| v.1 == Leader).map(|v| v.0)
        );
    }
}

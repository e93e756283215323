//! What can be done to each thing on the stage now, and what that is for the world.

use super::keys::node_of;
use crate::kafka::broker::directories::Directory;
use crate::kafka::{Action as Do, Cluster, ClusterSpec, MessageId, Role};
use crate::lab::experiment::handler_time_ms;
use crate::lab::history::{NodeState, Standing};
use crate::sim::disk::Health;
use crate::sim::{Link, NodeId};
use crate::view::{Action, ClientState, Fault, LinkState, NodeKey, Target};

/// A disk that is slow is so many times slower.
const SLOW_DISK_TIMES: u32 = 20;
/// A slow link is later by this much, in microseconds.
const SLOW_LINK_US: u64 = 400_000;
/// Of a million packets a lossy link loses so many.
const LOSSY_PPM: u32 = 100_000;
/// A slow handler takes this long, in milliseconds.
const SLOW_HANDLER_MS: u64 = 2_000;
/// A burst is so many messages.
const BURST: u32 = 20;

/// What a broker's card offers.
pub fn of_broker(node: &NodeState, directories: &[Directory]) -> Vec<Fault> {
    let disk = [
        if node.disk_full {
            Fault::DiskFree
        } else {
            Fault::DiskFull
        },
        if node.disk_times > 1 {
            Fault::HealDisk
        } else {
            Fault::SlowDisk
        },
        Fault::DiskFail,
    ];
    match node.standing {
        Standing::Down { .. } | Standing::Off => vec![Fault::Restart, Fault::WipeDisk],
        Standing::Paused => vec![Fault::Resume, Fault::Kill, Fault::PowerOff],
        Standing::Up | Standing::Starting | Standing::Stopping => {
            let first = [Fault::Kill, Fault::PowerOff, Fault::Shutdown, Fault::Pause];
            let mut all = [&first[..], &disk].concat();
            all.extend(next_to_fail(directories).map(|_| Fault::DirectoryFail));
            all
        }
    }
}

/// The log directory that fails next: the last one that still works, so that the one with the metadata log, mostly the
/// first, comes last. With a single one left it is the broker's disk that fails.
fn next_to_fail(directories: &[Directory]) -> Option<u8> {
    let works = |directory: &Directory| directory.disk.health != Health::Failed;
    let mut working = (0..).zip(directories).filter(|(_, one)| works(one));
    working.next();
    Some(working.last()?.0)
}

/// What a controller offers.
pub fn of_controller(node: &NodeState) -> Vec<Fault> {
    match node.standing {
        Standing::Down { .. } | Standing::Off => vec![Fault::Restart],
        Standing::Paused => vec![Fault::Resume, Fault::Kill, Fault::PowerOff],
        _ => vec![Fault::Kill, Fault::Pause, Fault::PowerOff, Fault::Shutdown],
    }
}

/// What a producer's card offers.
pub fn of_producer(state: ClientState) -> Vec<Fault> {
    match state {
        ClientState::Crashed | ClientState::Closed => vec![Fault::Restart],
        ClientState::Paused => vec![Fault::Resume, Fault::Crash],
        _ => vec![Fault::Crash, Fault::Burst, Fault::Pause],
    }
}

/// What the card of a scheduled job offers.
pub fn of_job(state: ClientState) -> Vec<Fault> {
    match state {
        ClientState::Crashed | ClientState::Closed => vec![Fault::Restart],
        ClientState::Paused => vec![Fault::Resume, Fault::Crash],
        _ => vec![Fault::Crash, Fault::Pause],
    }
}

/// What a consumer's card offers.
pub fn of_consumer(state: ClientState, handler_slow: bool) -> Vec<Fault> {
    let slow = if handler_slow {
        Fault::HealHandler
    } else {
        Fault::SlowHandler
    };
    match state {
        ClientState::Crashed | ClientState::Closed => vec![Fault::Restart],
        ClientState::Paused => vec![Fault::Resume, Fault::Crash],
        _ => vec![Fault::Crash, slow, Fault::Throw, Fault::Pause],
    }
}

/// What a link offers.
pub fn of_link(state: LinkState) -> Vec<Fault> {
    match state {
        LinkState::Open | LinkState::Refused => vec![
            Fault::Cut,
            Fault::CutForward,
            Fault::CutBackward,
            Fault::SlowLink,
            Fault::LossyLink,
        ],
        _ => vec![Fault::HealLink],
    }
}

/// How a link looks, from its two directions.
pub fn link_state(there: &Link, back: &Link) -> LinkState {
    match (there.cut, back.cut) {
        (true, true) => LinkState::Cut,
        (true, false) => LinkState::CutForward,
        (false, true) => LinkState::CutBackward,
        _ if there.extra_us > 0 => LinkState::Slow {
            extra_us: there.extra_us,
        },
        _ if there.loss_ppm > 0 => LinkState::Lossy {
            loss_ppm: there.loss_ppm,
        },
        _ => LinkState::Open,
    }
}

/// The world's actions for one of the stage's, in order. Empty if its target is not there.
pub fn actions(cluster: &Cluster, action: Action) -> Vec<Do> {
    let spec = &*cluster.spec;
    match action.target {
        Target::Cluster => of_cluster(spec, action.fault),
        Target::Node(NodeKey::Outbox) => vec![Do::Resend { rows: Vec::new() }],
        Target::Row(message) => vec![Do::Resend {
            rows: vec![MessageId(message)],
        }],
        Target::Node(key) => {
            let node = node_of(spec, key);
            node.and_then(|node| match action.fault {
                Fault::DirectoryFail => fail_directory(cluster, node),
                fault => on_node(spec, node, fault),
            })
            .into_iter()
            .collect()
        }
        Target::Link(a, b) => match (node_of(spec, a), node_of(spec, b)) {
            (Some(a), Some(b)) => on_link(a, b, action.fault).into_iter().collect(),
            _ => Vec::new(),
        },
    }
}

fn of_cluster(spec: &ClusterSpec, fault: Fault) -> Vec<Do> {
    let machines = (1..spec.nodes())
        .map(NodeId)
        .filter(|node| matches!(spec.role(*node), Role::Broker | Role::Controller));
    match fault {
        Fault::ClusterOff => machines.map(Do::PowerOff).collect(),
        Fault::ClusterOn => machines.map(Do::Start).collect(),
        _ => Vec::new(),
    }
}

fn fail_directory(cluster: &Cluster, broker: NodeId) -> Option<Do> {
    if cluster.spec.role(broker) != Role::Broker {
        return None;
    }
    let directory = next_to_fail(cluster.broker(broker).directories())?;
    Some(Do::FailDirectory { broker, directory })
}

fn on_node(spec: &ClusterSpec, node: NodeId, fault: Fault) -> Option<Do> {
    Some(match fault {
        Fault::Kill | Fault::Crash => Do::Kill(node),
        Fault::PowerOff => Do::PowerOff(node),
        Fault::Restart => Do::Start(node),
        Fault::Shutdown => Do::Stop(node),
        Fault::Pause => Do::Pause(node),
        Fault::Resume => Do::Resume(node),
        Fault::DiskFull => Do::FillDisk(node),
        Fault::DiskFail => Do::FailDisk(node),
        Fault::DiskFree => Do::FreeDisk(node),
        Fault::WipeDisk => Do::WipeDisk {
            broker: node,
            keep_identity: false,
        },
        Fault::SlowDisk => Do::SlowDisk {
            broker: node,
            times: SLOW_DISK_TIMES,
        },
        Fault::HealDisk => Do::SlowDisk {
            broker: node,
            times: 1,
        },
        Fault::Throw => Do::Throw(node),
        Fault::SlowHandler => Do::SlowHandler {
            client: node,
            time_ms: SLOW_HANDLER_MS,
        },
        Fault::HealHandler => Do::SlowHandler {
            client: node,
            time_ms: handler_time_ms(spec, node),
        },
        Fault::Burst => Do::Burst {
            client: node,
            messages: BURST,
        },
        _ => return None,
    })
}

fn on_link(a: NodeId, b: NodeId, fault: Fault) -> Option<Do> {
    Some(match fault {
        Fault::Cut => Do::CutLink {
            from: a,
            to: b,
            both: true,
        },
        Fault::CutForward => Do::CutLink {
            from: a,
            to: b,
            both: false,
        },
        Fault::CutBackward => Do::CutLink {
            from: b,
            to: a,
            both: false,
        },
        Fault::SlowLink => Do::SlowLink {
            from: a,
            to: b,
            extra_us: SLOW_LINK_US,
        },
        Fault::LossyLink => Do::LossyLink {
            from: a,
            to: b,
            loss_ppm: LOSSY_PPM,
        },
        Fault::HealLink => Do::HealLink { from: a, to: b },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::broker::ProcessState;
    use crate::kafka::config::Owner;
    use crate::lab::experiment::Experiment;
    use crate::lab::run::Run;

    const BROKER: NodeId = NodeId(1);
    const FAIL: Action = Action {
        target: Target::Node(NodeKey::Broker(1)),
        fault: Fault::DirectoryFail,
    };

    fn offers(run: &Run) -> bool {
        let directories = run.world().model.broker(BROKER).directories();
        of_broker(&NodeState::default(), directories).contains(&Fault::DirectoryFail)
    }

    #[test]
    fn of_two_log_directories_the_second_can_fail_and_the_broker_lives_on() {
        let experiment =
            Experiment::three_brokers().with(Owner::Broker, "log.dirs", "/data/1,/data/2");
        let mut run = Run::new(experiment);
        run.seek(1_000_000);
        assert!(offers(&run));
        let directory = 1;
        let fails = Do::FailDirectory {
            broker: BROKER,
            directory,
        };
        assert_eq!(
            actions(&run.world().model, FAIL),
            std::slice::from_ref(&fails)
        );
        run.act(fails);
        run.seek(9_000_000);
        assert_eq!(
            run.world().model.broker(BROKER).process_state(),
            ProcessState::Running
        );
        assert!(!offers(&run), "the other one is the broker's last disk");
        assert!(actions(&run.world().model, FAIL).is_empty());
    }

    #[test]
    fn a_broker_with_one_log_directory_does_not_offer_it() {
        let run = Run::new(Experiment::three_brokers());
        assert!(!offers(&run) && actions(&run.world().model, FAIL).is_empty());
    }
}

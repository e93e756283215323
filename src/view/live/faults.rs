//! What can be done to each thing on the stage now, and what that is for the world.

use super::keys::node_of;
use crate::kafka::{Action as Do, ClusterSpec, MessageId, Role};
use crate::lab::experiment::handler_time_ms;
use crate::lab::history::{NodeState, Standing};
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
pub fn of_broker(node: &NodeState) -> Vec<Fault> {
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
            [&first[..], &disk].concat()
        }
    }
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
pub fn actions(spec: &ClusterSpec, action: Action) -> Vec<Do> {
    match action.target {
        Target::Cluster => of_cluster(spec, action.fault),
        Target::Node(NodeKey::Outbox) => vec![Do::Resend { rows: Vec::new() }],
        Target::Row(message) => vec![Do::Resend {
            rows: vec![MessageId(message)],
        }],
        Target::Node(key) => {
            let node = node_of(spec, key);
            node.and_then(|node| on_node(spec, node, action.fault))
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

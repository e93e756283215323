//! A consumer: Kafka's client and the application around it.
//!
//! | module | room for |
//! |---|---|
//! | [`process`] | the process: client, and the thread that calls it |
//! | [`app`] | the application: poll, process, commit |
//! | [`workers`] | its threads: who takes which message, exceptions, dead letters |
//! | `reached` | what a commit of the lowest offset not done commits |
//! | [`effects`] | what handlers remember of their work |
//! | `serving` | direct calls of another service |
//! | [`calls`] | calls of the API that may block |
//! | [`client`] | the consumer's state, and what comes from the network |
//! | [`membership`], [`join`] | the group: coordinator, heartbeats, joining |
//! | [`member`] | the group, where its coordinator assigns (KIP-848) |
//! | [`commits`], [`sync_commit`] | committing: automatically, asynchronously, synchronously |
//! | [`close`] | the orderly end |
//! | [`positions`] | where to read: committed, reset, validated |
//! | [`fetcher`] | fetching ahead and handing out |
//! | [`subscriptions`], [`metadata`], [`network`] | what is assigned; who leads; what is under way |
//! | [`assignor`] | sharing partitions among members |

pub mod app;
pub mod assignor;
pub mod calls;
pub mod client;
pub mod close;
pub mod commits;
pub mod effects;
pub mod fetcher;
mod join;
pub mod member;
pub mod membership;
pub mod metadata;
pub mod network;
mod positions;
pub mod process;
mod reached;
mod serving;
pub mod subscriptions;
pub mod sync_commit;
#[cfg(test)]
mod tests;
pub mod workers;

use std::rc::Rc;

pub use app::App;
pub use client::KafkaConsumer;
pub use effects::Effects;
pub use process::Process;

use self::app::Fate;
use super::config::ConsumerConfig;
use super::group::protocol::OffsetCommitRequest;
use super::producer::Writer;
use super::spec::{ClientKind, ConsumerWork, Role};
use super::{Action, Call, ClusterSpec, Entry, GroupId, Input, Outbox};
use crate::sim::NodeId;

/// What a consumer's timer is for.
#[derive(Clone, Copy, Debug)]
pub enum ConsumerTimer {
    /// Something is due.
    Alarm,
    /// A worker has done with its message.
    Work { worker: u8 },
    /// The work for a direct call is done.
    Serve,
}

/// A consumer's process, whether it runs or not.
#[derive(Clone)]
pub struct ConsumerHost {
    node: NodeId,
    spec: Rc<ClusterSpec>,
    process: Option<Box<Process>>,
}

impl ConsumerHost {
    /// The consumer `node` of the spec, not started yet.
    pub fn new(node: NodeId, spec: &Rc<ClusterSpec>) -> Self {
        ConsumerHost {
            node,
            spec: Rc::clone(spec),
            process: None,
        }
    }

    /// The process was started: a new client, nothing remembered.
    pub fn start(&mut self, effects: &mut Effects, out: &mut Outbox) {
        let Some((config, group, work)) = self.as_specified() else {
            return;
        };
        let app = work.map(|work| {
            let who = u64::from(out.me().0) | u64::from(out.incarnation(out.me())) << 8;
            let spreads = work.app.handler_spread_ms > 0;
            let luck = spreads.then(|| out.luck("handler", who));
            App::new(work, group, out.now())
                .with_luck(luck)
                .under(self.spec.rules)
        });
        let mut consumer = KafkaConsumer::new(self.node, &self.spec, config, group, out);
        consumer.listener_commits = work.is_some_and(|work| work.app.commit_on_revoke);
        let writer = work.and_then(|work| work.writer.as_deref());
        let writer = writer.map(|writer| Writer::new(writer, &self.spec, out));
        self.process = Some(Box::new(Process::new(consumer, app, writer, out.cause())));
        self.run(effects, out);
    }

    fn as_specified(&self) -> Option<(&ConsumerConfig, Option<GroupId>, Option<&ConsumerWork>)> {
        let Role::Client(place) = self.spec.role(self.node) else {
            return None;
        };
        match &self.spec.clients.get(place)?.kind {
            ClientKind::Consumer {
                config,
                group,
                work,
            } => Some((config, *group, work.as_ref())),
            ClientKind::Producer { .. } => None,
        }
    }

    /// The process is gone, and all it had in memory.
    pub fn ended(&mut self, _out: &mut Outbox) {
        self.process = None;
    }

    /// SIGTERM: closes the consumer after what it is at, then the process ends.
    pub fn stop(&mut self, effects: &mut Effects, out: &mut Outbox) {
        if let Some(process) = &mut self.process {
            process.stop();
            self.run(effects, out);
        }
    }

    /// A scripted call, to be made after those before it.
    pub fn call(&mut self, call: Call, effects: &mut Effects, out: &mut Outbox) {
        if let Some(process) = &mut self.process {
            process.queue(call, out);
            // A paused process makes its calls when it goes on.
            if out.status(self.node) == crate::sim::Status::Up {
                self.run(effects, out);
            }
        }
    }

    /// The operator does something to the application.
    pub fn application_action(&mut self, action: &Action, out: &mut Outbox) {
        let Some(app) = self
            .process
            .as_mut()
            .and_then(|process| process.app.as_mut())
        else {
            return;
        };
        match *action {
            Action::SlowHandler { time_ms, .. } => {
                app.slow_down(time_ms);
                out.note(Entry::HandlerSlowed { time_ms });
            }
            Action::Throw(_) => app.throw_next(),
            _ => {}
        }
    }

    /// A message, timer or lost connection.
    pub fn handle(&mut self, input: Input, effects: &mut Effects, out: &mut Outbox) {
        if let Some(process) = &mut self.process {
            let fate = process.handle(input, effects, out);
            self.after(fate, out);
        }
    }

    fn run(&mut self, effects: &mut Effects, out: &mut Outbox) {
        if let Some(process) = &mut self.process {
            let fate = process.run(effects, out);
            self.after(fate, out);
        }
    }

    /// The process may have come to its end, one way or the other.
    fn after(&mut self, fate: Fate, out: &mut Outbox) {
        let end = match fate {
            Fate::Dies => Entry::Halted,
            Fate::Lives
                if self
                    .process
                    .as_ref()
                    .is_some_and(|process| process.is_over()) =>
            {
                Entry::Stopped
            }
            Fate::Lives => return,
        };
        out.decide(end);
        self.process = None;
        out.end_process(self.node, false);
    }

    /// `groupMetadata()` of its consumer, as a commit without offsets; `None` when it does not run, or is in no group.
    pub fn group_metadata(&self) -> Option<OffsetCommitRequest> {
        self.process.as_ref()?.consumer.group_metadata()
    }

    /// What the application kept of it.
    pub fn kept_group_metadata(&self) -> Option<OffsetCommitRequest> {
        self.process.as_ref()?.consumer.kept_metadata.clone()
    }

    /// The running process, for those who look on.
    pub fn process(&self) -> Option<&Process> {
        self.process.as_deref()
    }
}

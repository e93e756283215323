//! What an explanation blames: an action of the experiment, or the value of a knob. Each can be taken away, and the
//! experiment played again on the same luck.

use super::experiment::{Experiment, Timed};
use super::explain;
use crate::kafka::config::Owner;
use crate::kafka::{Action, Deletion, Entry, Journal};
use crate::sim::journal::{EntryId, Stamped};

/// Something without which it would not have come so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// What somebody did, or a fault.
    Action(Timed),
    /// A knob that does not stand where it protects.
    Knob(Knob),
}

/// A knob and a value of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knob {
    /// Whose config.
    pub owner: Owner,
    /// Which.
    pub name: &'static str,
    /// The value.
    pub value: &'static str,
}

impl Experiment {
    /// This experiment on the same luck, with these causes taken away and nothing else changed.
    pub fn without(&self, causes: &[Cause]) -> Experiment {
        let mut changed = self.clone();
        for cause in causes {
            match cause {
                Cause::Action(timed) => {
                    let place = changed.actions.iter().position(|other| other == timed);
                    place.map(|place| changed.actions.remove(place));
                }
                // What Kafka refuses changes nothing.
                Cause::Knob(knob) => changed = knob.turned(&changed).unwrap_or(changed),
            }
        }
        changed
    }
}

/// The action that an entry is, or that its chain of causes begins with.
pub fn action_of(experiment: &Experiment, journal: &Journal, entry: EntryId) -> Option<Timed> {
    let chain = explain::chain(journal, entry);
    let mut entries = chain.into_iter().filter_map(|id| journal.get(id));
    entries.find_map(|stamped| done_at(experiment, stamped).cloned())
}

/// The action that made this entry, if one did.
pub fn done_at<'a>(experiment: &'a Experiment, stamped: &Stamped<Entry>) -> Option<&'a Timed> {
    let earlier = experiment.actions.iter().rev();
    let mut earlier = earlier.filter(|timed| timed.at_us <= stamped.at);
    let at_once = is_at_once(&stamped.what);
    earlier.find(|timed| (!at_once || timed.at_us == stamped.at) && makes(&timed.action, stamped))
}

/// Whether an action only mends what another one did.
pub fn is_repair(action: &Action) -> bool {
    match action {
        Action::SlowDisk { times, .. } => *times <= 1,
        Action::Start(_)
        | Action::Resume(_)
        | Action::HealLink { .. }
        | Action::FreeDisk(_)
        | Action::DescribeTopics { .. }
        | Action::OsWriteBack(_) => true,
        _ => false,
    }
}

/// Whether the entry is written at the time of its action, not when somebody gets to it.
fn is_at_once(entry: &Entry) -> bool {
    !matches!(
        entry,
        Entry::MinIsrSet { .. }
            | Entry::LogStartMoved { .. }
            | Entry::HandlerThrew { .. }
            | Entry::Stopped
            | Entry::Partition { .. }
    )
}

/// Whether `action` is what an entry like this is written for.
fn makes(action: &Action, stamped: &Stamped<Entry>) -> bool {
    let here = stamped.node;
    match (&stamped.what, action) {
        (Entry::Killed, Action::Kill(node))
        | (Entry::PowerLost, Action::PowerOff(node))
        | (Entry::Started, Action::Start(node))
        | (Entry::StopAsked | Entry::Stopped, Action::Stop(node))
        | (Entry::Paused, Action::Pause(node))
        | (Entry::Resumed, Action::Resume(node))
        | (Entry::DiskFull, Action::FillDisk(node))
        | (Entry::DiskFreed, Action::FreeDisk(node))
        | (Entry::DiskFailed, Action::FailDisk(node))
        | (Entry::DirectoryFailed(_), Action::FailDirectory { broker: node, .. })
        | (Entry::DiskWiped { .. }, Action::WipeDisk { broker: node, .. })
        | (Entry::DiskSlow { .. }, Action::SlowDisk { broker: node, .. })
        | (Entry::HandlerSlowed { .. }, Action::SlowHandler { client: node, .. })
        | (Entry::HandlerThrew { .. }, Action::Throw(node)) => *node == here,
        (
            Entry::LinkCut { to, .. },
            Action::CutLink {
                from, to: other, ..
            },
        )
        | (Entry::LinkHealed { to }, Action::HealLink { from, to: other })
        | (
            Entry::LinkLossy { to, .. },
            Action::LossyLink {
                from, to: other, ..
            },
        )
        | (
            Entry::LinkSlow { to, .. },
            Action::SlowLink {
                from, to: other, ..
            },
        ) => (*from, other) == (here, to),
        (Entry::ElectionAsked { .. }, Action::ElectLeader { .. })
        | (Entry::MinIsrSet { .. }, Action::SetMinIsr { .. }) => true,
        (
            Entry::LogStartMoved {
                partition,
                why: Deletion::Request | Deletion::Leader,
                ..
            },
            Action::DeleteRecords {
                partition: asked, ..
            },
        ) => partition == asked,
        (
            Entry::Partition {
                partition,
                before,
                after,
                ..
            },
            Action::Reassign {
                partition: asked, ..
            },
        ) => partition == asked && before.replicas != after.replicas,
        _ => false,
    }
}

//! Decisions on their way into the metadata log and the journal.
//!
//! A record may be lost until a majority of the voters has it: with its leader, or because the
//! leader resigns. So the journal tells of a decision when it is committed, once, by whoever
//! commits it; what follows from it in the same handling refers to it by its place in the log.

use std::rc::Rc;

use super::ControllerHost;
use crate::kafka::metadata::{Cause, Logged, MetadataImage, MetadataRecord, Note};
use crate::kafka::{Entry, Outbox};
use crate::sim::EntryId;

/// What the journal says of the committed part of the metadata log, of which there is but one.
#[derive(Clone, Debug, Default)]
pub struct Decided {
    /// By offset: the entry of the record's first note.
    first: Rc<Vec<EntryId>>,
}

impl Decided {
    /// Nothing is told of the decisions that a cluster starts with.
    pub fn at_start(image: &MetadataImage) -> Self {
        Decided {
            first: Rc::new(vec![EntryId::NONE; image.offset as usize]),
        }
    }

    /// Tells of everything up to `end` that is not told yet.
    pub(super) fn tell(&mut self, log: &super::raft::log::RaftLog, end: u64, out: &mut Outbox) {
        for record in log.read(self.first.len() as u64, end) {
            let mut first = EntryId::NONE;
            for note in record.notes.iter() {
                let told = out.note_because(note.what.clone(), self.entry(note.cause, first));
                if first == EntryId::NONE {
                    first = told;
                }
            }
            Rc::make_mut(&mut self.first).push(first);
        }
    }

    /// The journal entry of a cause that is committed.
    pub(super) fn resolve(&self, cause: Cause) -> EntryId {
        self.entry(cause, EntryId::NONE)
    }

    /// `own`: the first note of the record that is just being told.
    fn entry(&self, cause: Cause, own: EntryId) -> EntryId {
        match cause {
            Cause::Entry(entry) => entry,
            Cause::Decision { offset, nth } => {
                let known = self.first.get(offset as usize).copied();
                let first = known.unwrap_or(own).known();
                // The notes of one record follow each other in the journal.
                first.map_or(EntryId::NONE, |first| EntryId(first.0 + nth))
            }
        }
    }
}

impl ControllerHost {
    /// Something is decided; it leads to all that follows in this handling.
    pub(super) fn decide(&mut self, what: Entry) -> Cause {
        self.cause = self.note(what);
        self.cause
    }

    /// Something is decided.
    pub(super) fn note(&mut self, what: Entry) -> Cause {
        let nth = self.notes.len() as u32;
        let cause = self.cause;
        self.notes.push(Note { what, cause });
        Cause::Decision {
            offset: self.log_end(),
            nth,
        }
    }

    /// Appends one record, which tells of what was noted since the last.
    pub(super) fn append(&mut self, record: MetadataRecord, cause: Cause) {
        Rc::make_mut(&mut self.image).apply(&record);
        let logged = Logged {
            epoch: self.raft.epoch(),
            record,
            cause,
            notes: std::mem::take(&mut self.notes).into(),
        };
        self.raft.log.gather(logged);
    }

    /// The offset of the next record.
    pub(super) fn log_end(&self) -> u64 {
        self.raft.log.end()
    }
}

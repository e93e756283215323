//! What became of a record, and how it is marked. Four channels that never mix: hue and glyph say
//! the fate, the pattern says where the bytes are, the corner says that the producer has its ack,
//! the foot says how far the consumer is.

/// The colour family of a mark. The page turns it into a class that carries both themes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Hue {
    /// Data on its way.
    Send,
    /// Committed: every in-sync replica has it.
    Safe,
    /// Acked but not yet committed, or any warning.
    Risk,
    /// A loss, or the fault that can cause one.
    Lost,
    /// Written or processed twice.
    Dup,
    /// Nothing known, nothing decided.
    #[default]
    None,
    /// Leadership and the learner's own actions.
    Accent,
}

pub use crate::lab::ledger::Fate;

impl Fate {
    /// Every fate, in the order of a life.
    pub const ALL: [Fate; 24] = [
        Fate::NotSent,
        Fate::Stored,
        Fate::Dead,
        Fate::Buffered,
        Fate::InFlight,
        Fate::Written,
        Fate::OnDisk,
        Fate::OneCopy,
        Fate::Committed,
        Fate::Visible,
        Fate::Processed,
        Fate::Finished,
        Fate::SetAside,
        Fate::Doomed,
        Fate::Lost,
        Fate::Skipped,
        Fate::Expired,
        Fate::Deleted,
        Fate::Open,
        Fate::Aborted,
        Fate::Twice,
        Fate::Phantom,
        Fate::InDoubt,
        Fate::Failed,
    ];

    /// The colour family of this fate.
    pub fn hue(self) -> Hue {
        match self {
            Fate::NotSent | Fate::Stored | Fate::Buffered | Fate::Written | Fate::OnDisk => {
                Hue::None
            }
            Fate::InDoubt | Fate::Failed | Fate::Deleted | Fate::Aborted => Hue::None,
            Fate::InFlight => Hue::Send,
            Fate::OneCopy | Fate::Open | Fate::Dead | Fate::SetAside => Hue::Risk,
            Fate::Committed | Fate::Visible | Fate::Processed | Fate::Finished => Hue::Safe,
            Fate::Doomed | Fate::Lost | Fate::Skipped | Fate::Expired => Hue::Lost,
            Fate::Twice | Fate::Phantom => Hue::Dup,
        }
    }
}

/// Where a record's bytes are in one replica.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Bytes {
    /// In a buffer or on the wire.
    #[default]
    Wire,
    /// In the page cache: `kill -9` keeps it, power loss takes it.
    Cache,
    /// On the platter.
    Disk,
}

/// How far the consumer is with a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Foot {
    /// Not visible to it.
    #[default]
    None,
    /// It may read it.
    Visible,
    /// The handler has finished.
    Processed,
    /// The offset is committed.
    Committed,
}

/// A mark that overrules the plain cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mark {
    /// A plain cell.
    #[default]
    None,
    /// No longer here: dashed outline, struck through.
    Gone,
    /// Will be cut when its broker returns.
    Doomed,
    /// A second copy of the same message.
    Twice,
    /// Unknown until re-read.
    Doubt,
}

/// One record in one replica's log (or in a buffer, or in the business ledger).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RecordView {
    /// The message's number, the same everywhere; what the cell shows.
    pub number: u64,
    /// Offset in this log; equal to `number` outside logs.
    pub offset: u64,
    /// Fate of the message as colour.
    pub hue: Hue,
    /// Where the bytes are, in this copy.
    pub bytes: Bytes,
    /// The producer got its ack.
    pub acked: bool,
    /// How far the consumer is.
    pub foot: Foot,
    /// A mark that overrules the rest.
    pub mark: Mark,
}

//! What a screen shows, as plain data: no drawing, no words of one language only, no decisions.
//!
//! A session (see [`session`]) turns a run of the lab into [`Views`] at one moment of simulated
//! time. The page draws them and nothing else. Every part is behind an `Rc`: a part that did not
//! change keeps its `Rc`, and the page skips it by comparing pointers (use [`keep`]).

pub mod action;
pub mod aloud;
pub mod compare;
pub mod config;
pub mod fate;
pub mod fidelity;
pub mod files;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
pub mod glossary;
pub mod hunt;
pub mod knobs;
pub mod ledger;
pub mod lesson;
pub mod live;
pub mod outbox;
pub mod owners;
pub mod pace;
pub mod price;
pub mod progress;
pub mod report;
pub mod session;
pub mod share;
pub mod sheet;
pub mod stage;
pub mod terminal;
pub mod timeline;
pub mod trial;
pub mod why;

pub use crate::lab::session::With;
pub use crate::lab::text::Text;
pub use action::{Action, Fault, NodeKey, Target};
pub use compare::{ChangeView, CompareView};
pub use fate::{Bytes, Fate, Foot, Hue, Mark, RecordView};
pub use knobs::{Choice, GroupView, KnobKind, KnobView, KnobsView};
pub use ledger::{CellView, Counters, LedgerView, VerdictView};
pub use lesson::{
    AnsweredView, EndingView, LessonCard, LessonView, NarratorView, Offer, OfferView, OptionView,
    Pips, QuestionView, RevealView, Room, SeenView,
};
pub use outbox::{LettersView, OutboxView};
pub use owners::{OwnedPartition, OwnedView, OwnersRow, OwnersView, ReplicaRole, ReplicaView};
pub use pace::{PaceView, Rate, Tempo};
pub use session::{Session, Step, Views};
pub use sheet::{SetupRow, SheetView};
pub use stage::{
    Beat, BrokerState, BrokerView, ClientState, ConsumerView, ControllerView, LinkState, LinkView,
    LogCell, LogView, PacketEnd, PacketKind, PacketView, PartitionView, ProducerView, SinkView,
    StageView, VoterRole, VoterView,
};
pub use timeline::{
    BarView, BookmarkView, BranchView, DecisiveView, DotShape, DotView, RowView, Tend, TimelineView,
};
pub use trial::{ShrankView, TrialAct, TrialButton, TrialView};
pub use why::{Outcome, SavedRow, WhyLine, WhyView};

use std::rc::Rc;

/// Puts `new` into `slot` unless it says the same as what is there, so that pointers stay equal
/// for whoever has already drawn it.
pub fn keep<T: PartialEq>(slot: &mut Rc<T>, new: T) {
    if **slot != new {
        *slot = Rc::new(new);
    }
}

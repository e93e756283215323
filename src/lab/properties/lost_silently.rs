//! The application counts it as sent, no broker ever said so, and no log has it.

use super::{Judged, Verdict};
use crate::lab::ledger::Told;

pub(super) fn judge(seen: &Judged) -> Verdict {
    seen.lost_where(|life| matches!(life.told, Told::Believed(_)))
}

//! The application counts it as sent, or its order is stored; no broker ever said so, and no log has it.

use super::{Judged, Verdict};
use crate::lab::ledger::Told;

pub(super) fn judge(seen: &Judged) -> Verdict {
    seen.lost_where(|life| life.counts() && !matches!(life.told, Told::Acked(_)))
}

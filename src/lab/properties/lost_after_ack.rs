//! A broker said it was written, and now no log has it or its consumer never comes to it.

use super::{Judged, Verdict};
use crate::lab::ledger::Told;

pub(super) fn judge(seen: &Judged) -> Verdict {
    seen.lost_where(|life| matches!(life.told, Told::Acked(_)))
}

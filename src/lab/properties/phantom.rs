//! A message speaks of an order that the shop never wrote.

use super::{Judged, Verdict};
use crate::lab::ledger::{Fate, Order};

pub(super) fn judge(seen: &Judged) -> Verdict {
    let phantom = seen.lives().filter(|(_, fate)| *fate == Fate::Phantom);
    let ended = |order: Order| match order {
        Order::Never(entry) => Some(entry),
        _ => None,
    };
    let (messages, entries): (Vec<_>, Vec<_>) = phantom
        .map(|(life, _)| (life.message, ended(life.order)))
        .unzip();
    Verdict::from(messages, entries.into_iter().flatten().min())
}

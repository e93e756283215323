//! The shop's database, as far as messages depend on it: the rows of the outbox that are not sent yet. A row that was
//! sent is deleted; the orders themselves stay for ever and nobody here reads them.

use std::collections::VecDeque;

use super::RowMark;
use crate::kafka::MessageId;
use crate::kafka::record::Record;
use crate::sim::Micros;

/// A row of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// What is to be sent.
    pub record: Record,
    /// When the transaction committed that wrote it and its order.
    pub written_at: Micros,
    /// The job has it locked: it is being sent.
    pub claimed: bool,
    /// It failed too often: only the desk brings it back.
    pub dead: bool,
    /// How often its send has failed.
    pub tries: u32,
}

/// Rows in the order they were written.
#[derive(Clone, Debug, Default)]
pub struct Database {
    rows: VecDeque<Row>,
    changed: bool,
    /// The alarm rings.
    pub(super) ringing: bool,
    /// A timer for the alarm is set.
    pub(super) watching: bool,
}

impl Database {
    /// One transaction wrote an order and this row.
    pub fn insert(&mut self, record: Record, now: Micros) {
        self.changed = true;
        self.rows.push_back(Row {
            record,
            written_at: now,
            claimed: false,
            dead: false,
            tries: 0,
        });
    }

    /// Locks the oldest rows that wait, `most` at most.
    pub fn claim(&mut self, most: usize) -> VecDeque<Record> {
        let waiting = self.rows.iter_mut().filter(|row| row.waits()).take(most);
        let claim = |row: &mut Row| {
            row.claimed = true;
            row.record
        };
        waiting.map(claim).collect()
    }

    /// The session of the job is gone, and its locks with it.
    pub fn release(&mut self) {
        self.rows.iter_mut().for_each(|row| row.claimed = false);
    }

    /// Deletes what is locked, sent or not: what no shop should do.
    pub fn drop_locked(&mut self) {
        self.rows.retain(|row| !row.claimed);
    }

    /// Kafka has acked a row: it is deleted. False if it is not there any more.
    pub fn sent(&mut self, message: MessageId) -> bool {
        let Some(place) = self.place(message) else {
            return false;
        };
        self.changed = true;
        self.rows.remove(place);
        true
    }

    /// A send has failed; after `most_tries` (0: never) the row is dead. `None` if it is not there any more.
    pub fn failed(&mut self, message: MessageId, most_tries: u32) -> Option<RowMark> {
        let place = self.place(message)?;
        let row = self.rows.get_mut(place)?;
        row.claimed = false;
        row.tries += 1;
        let tries = row.tries;
        row.dead = most_tries > 0 && tries >= most_tries;
        self.changed = true;
        Some(match row.dead {
            true => RowMark::Dead { tries },
            false => RowMark::Tried { tries },
        })
    }

    /// The desk hands rows back to the job: these, or all that are dead or were written by `old_before`. What is being
    /// sent is left alone, and what was sent is not there. Returns the rows handed back, and those left alone.
    pub fn hand_back(
        &mut self,
        picked: &[MessageId],
        old_before: Option<Micros>,
    ) -> (Vec<MessageId>, Vec<MessageId>) {
        let is_old = |row: &Row| old_before.is_some_and(|before| row.written_at <= before);
        let wanted = |row: &Row| match picked {
            [] => row.dead || is_old(row),
            picked => picked.contains(&row.record.message),
        };
        let (mut back, mut left) = (Vec::new(), Vec::new());
        for row in self.rows.iter_mut().filter(|row| wanted(row)) {
            if row.claimed {
                left.push(row.record.message);
            } else {
                (row.dead, row.tries) = (false, 0);
                back.push(row.record.message);
            }
        }
        let gone = picked.iter().filter(|m| self.place(**m).is_none());
        left.extend(gone.copied());
        self.changed |= !back.is_empty();
        (back, left)
    }

    /// Whether a scan would find something.
    pub fn has_waiting(&self) -> bool {
        self.rows.iter().any(Row::waits)
    }

    /// The oldest row.
    pub fn oldest(&self) -> Option<&Row> {
        self.rows.front()
    }

    /// All rows, oldest first.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }

    /// Whether something was written since this was asked last.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    fn place(&self, message: MessageId) -> Option<usize> {
        self.rows
            .iter()
            .position(|row| row.record.message == message)
    }
}

impl Row {
    fn waits(&self) -> bool {
        !self.claimed && !self.dead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(message: u32) -> Record {
        Record {
            message: MessageId(message),
            key: None,
            size_bytes: 100,
            tombstone: false,
        }
    }

    fn table(rows: u32) -> Database {
        let mut database = Database::default();
        (1..=rows).for_each(|n| database.insert(record(n), u64::from(n)));
        database
    }

    #[test]
    fn a_row_is_claimed_once_until_the_session_that_holds_it_ends() {
        let mut database = table(3);
        assert_eq!(database.claim(2).len(), 2);
        assert_eq!(database.claim(2), [record(3)]);
        assert!(!database.has_waiting());
        database.release();
        assert_eq!(database.claim(9).len(), 3);
    }

    #[test]
    fn a_row_dies_of_its_last_try_and_the_desk_brings_it_back() {
        let (mut database, m1) = (table(1), MessageId(1));
        assert_eq!(database.failed(m1, 2), Some(RowMark::Tried { tries: 1 }));
        assert!(database.has_waiting());
        assert_eq!(database.failed(m1, 2), Some(RowMark::Dead { tries: 2 }));
        assert!(!database.has_waiting());
        assert_eq!(database.hand_back(&[], None), (vec![m1], vec![]));
        assert!(database.has_waiting());
    }

    #[test]
    fn the_desk_takes_what_is_old_and_leaves_alone_what_is_in_flight_or_sent() {
        let [m1, m2, m3] = [1, 2, 3].map(MessageId);
        let mut database = table(3);
        database.claim(1);
        assert_eq!(database.hand_back(&[], Some(2)), (vec![m2], vec![m1]));
        assert!(database.sent(m1) && !database.sent(m1));
        let picked = database.hand_back(&[m1, m3], None);
        assert_eq!(picked, (vec![m3], vec![m1]), "m1 is sent");
    }
}

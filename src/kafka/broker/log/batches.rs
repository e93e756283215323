//! The batches of a log, in chunks that clones share.

use std::rc::Rc;

use crate::kafka::Offset;
use crate::kafka::record::LogEntry;
use crate::sim::Micros;

/// How many batches a frozen chunk holds.
const CHUNK: usize = 64;

/// A batch, and when it reached the page cache.
#[derive(Clone, Debug)]
pub struct Written {
    pub entry: LogEntry,
    pub at: Micros,
}

/// A list that only grows at its end or is cut there; a clone costs two counters.
#[derive(Clone, Debug, Default)]
pub struct Batches {
    /// Full chunks, never changed.
    frozen: Rc<Vec<Rc<[Written]>>>,
    tail: Rc<Vec<Written>>,
}

impl Batches {
    /// Adds a batch at the end.
    pub fn push(&mut self, written: Written) {
        let tail = Rc::make_mut(&mut self.tail);
        tail.push(written);
        if tail.len() == CHUNK {
            let chunk = std::mem::take(tail).into();
            Rc::make_mut(&mut self.frozen).push(chunk);
        }
    }

    /// All batches from the one that holds `offset`.
    pub fn from(&self, offset: Offset) -> impl Iterator<Item = &Written> {
        let before = |written: &Written| written.entry.next_offset() <= offset;
        // Mostly the end is read: the tail is looked at first.
        let in_tail = (self.tail.first()).is_some_and(|first| first.entry.base_offset <= offset);
        let first = match in_tail {
            true => self.frozen.len(),
            false => self
                .frozen
                .partition_point(|chunk| ends_at_or_before(chunk, offset)),
        };
        // Only the first chunk, or the tail, can hold batches before `offset`.
        let (chunk, chunks) = match self.frozen[first..].split_first() {
            Some((chunk, chunks)) => (&chunk[chunk.partition_point(before)..], chunks),
            None => (Default::default(), Default::default()),
        };
        let tail = match chunks.is_empty() && chunk.is_empty() {
            true => &self.tail[self.tail.partition_point(before)..],
            false => &self.tail[..],
        };
        let chunks = chunks.iter().flat_map(|chunk| chunk.iter());
        chunk.iter().chain(chunks).chain(tail)
    }

    /// Lets go of what lies before `offset`, as far as whole chunks do.
    pub fn drop_before(&mut self, offset: Offset) {
        let gone = self
            .frozen
            .partition_point(|chunk| ends_at_or_before(chunk, offset));
        if gone > 0 {
            Rc::make_mut(&mut self.frozen).drain(..gone);
        }
    }

    /// Drops the batch that holds `offset` and all after it. Returns where the first dropped batch
    /// started.
    pub fn truncate(&mut self, offset: Offset) -> Option<Offset> {
        let start = self.from(offset).next()?.entry.base_offset;
        let keep = self
            .frozen
            .partition_point(|chunk| ends_at_or_before(chunk, start));
        let frozen = Rc::make_mut(&mut self.frozen);
        if keep < frozen.len() {
            let thawed = frozen[keep].to_vec();
            frozen.truncate(keep);
            self.tail = Rc::new(thawed);
        }
        let tail = Rc::make_mut(&mut self.tail);
        let keep = tail.partition_point(|written| written.entry.next_offset() <= start);
        tail.truncate(keep);
        Some(start)
    }
}

fn ends_at_or_before(chunk: &[Written], offset: Offset) -> bool {
    chunk
        .last()
        .is_none_or(|written| written.entry.next_offset() <= offset)
}

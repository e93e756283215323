//! The journal: everything that happened, each entry with the entry that caused it.

use std::hash::{Hash, Hasher};

use super::{Micros, NodeId};

/// An entry's place in its journal.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct EntryId(pub u32);

impl EntryId {
    /// No entry: the cause of what has none.
    pub const NONE: EntryId = EntryId(u32::MAX);

    /// This entry, unless it is [`EntryId::NONE`].
    pub fn known(self) -> Option<EntryId> {
        (self != EntryId::NONE).then_some(self)
    }
}

/// An entry with its time, its place and its cause.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stamped<E> {
    /// Simulated time, in microseconds.
    pub at: Micros,
    /// Where it happened.
    pub node: NodeId,
    /// The entry without which it would not have happened.
    pub cause: EntryId,
    pub what: E,
}

/// Append-only, and kept apart from the world that writes it: a world that is set back and runs
/// again writes the same entries, which the journal already has.
#[derive(Clone, Debug)]
pub struct Journal<E> {
    entries: Vec<Stamped<E>>,
}

impl<E> Default for Journal<E> {
    fn default() -> Self {
        Journal {
            entries: Vec::new(),
        }
    }
}

impl<E: PartialEq + std::fmt::Debug> Journal<E> {
    /// Writes entry number `id`; a no-op when a world set back in time writes it again.
    pub(crate) fn write(&mut self, id: u32, entry: Stamped<E>) {
        match self.entries.get(id as usize) {
            None => self.entries.push(entry),
            Some(known) => debug_assert_eq!(*known, entry, "a replay differs from its first run"),
        }
    }

    /// Forgets entry `len` and all after it: a world set back in time takes another way.
    pub fn truncate(&mut self, len: u32) {
        self.entries.truncate(len as usize);
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> &[Stamped<E>] {
        &self.entries
    }

    /// The entry `id`.
    pub fn get(&self, id: EntryId) -> Option<&Stamped<E>> {
        self.entries.get(id.0 as usize)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing happened yet.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<E: Clone> Journal<E> {
    /// The first `len` entries.
    pub fn beginning(&self, len: u32) -> Self {
        let len = self.entries.len().min(len as usize);
        Journal {
            entries: self.entries[..len].to_vec(), // no more than there are
        }
    }
}

impl<E: Hash> Journal<E> {
    /// One number for the whole journal, the same on every platform.
    pub fn hash(&self) -> u64 {
        let mut hasher = StableHasher::default();
        self.entries.hash(&mut hasher);
        hasher.finish()
    }
}

/// FNV-1a over 8-byte words, with sizes and discriminants widened to 64 bits so that 32-bit wasm
/// and 64-bit native agree.
#[derive(Clone, Debug)]
pub struct StableHasher(u64);

impl Default for StableHasher {
    fn default() -> Self {
        StableHasher(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }
    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }
    fn write_u16(&mut self, value: u16) {
        self.write_u64(u64::from(value));
    }
    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0 ^ value)
            .wrapping_mul(0x0000_0100_0000_01b3)
            .rotate_left(23);
    }
    fn write_i16(&mut self, value: i16) {
        self.write_u64(value as u64);
    }
    fn write_i32(&mut self, value: i32) {
        self.write_u64(value as u64);
    }
    fn write_i64(&mut self, value: i64) {
        self.write_u64(value as u64);
    }
    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }
    fn write_isize(&mut self, value: isize) {
        self.write_u64(value as u64);
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

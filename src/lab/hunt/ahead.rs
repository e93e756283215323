//! A hunt played by several at once: pieces of it are played ahead of their turn and taken in their order, so that it
//! comes out as if one had played it alone.

use super::draw::FAMILY;
use super::spell::Spell;
use super::{Found, Hunt, Stage};

/// Some runs of a hunt that begin alike.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Schedules that are drawn: how many from which one on, of at most so many faults.
    Drawn { from: u32, count: u32, most: u64 },
    /// One candidate of the best one.
    Candidate(Vec<Spell>),
}

impl Hunt {
    /// The next pieces, at most so many; none when the hunt is over.
    pub fn ahead(&mut self, count: usize) -> Vec<Piece> {
        if self.stage == Stage::Searching {
            match self.most() {
                Some(most) => return self.drawn_ahead(count, most),
                None => self.begin_to_shrink(0),
            }
        }
        if self.stage == Stage::Done {
            return Vec::new();
        }
        let candidates = self.candidates.iter().skip(self.candidate).take(count);
        candidates.cloned().map(Piece::Candidate).collect()
    }

    fn drawn_ahead(&self, count: usize, most: u64) -> Vec<Piece> {
        let (mut from, end, each) = (self.tried, self.budget.runs, FAMILY as u32);
        let mut pieces = Vec::new();
        while from < end && pieces.len() < count {
            let count = (each - from % each).min(end - from);
            pieces.push(Piece::Drawn { from, count, most });
            from += count;
        }
        pieces
    }

    /// Plays a piece of this hunt, which any hunt with the same experiment, budget, seed and shard can do.
    pub fn play(&mut self, piece: &Piece) -> Vec<Option<Found>> {
        match piece {
            Piece::Drawn { from, count, most } => {
                let tries = *from..from + count;
                let one = |tried| {
                    let spells = self.draw(tried, *most);
                    self.try_on(&spells)
                };
                tries.map(one).collect()
            }
            Piece::Candidate(spells) => vec![self.try_on(spells)],
        }
    }

    /// Takes what came of the next piece. Returns whether the pieces after it still are what comes next.
    pub fn take(&mut self, outcomes: Vec<Option<Found>>) -> bool {
        for outcome in outcomes {
            let found = outcome.is_some();
            match self.stage {
                Stage::Searching => self.searched(outcome),
                Stage::Shrinking => self.shrank(outcome),
                Stage::Done => {}
            }
            if found {
                return false;
            }
        }
        true
    }
}

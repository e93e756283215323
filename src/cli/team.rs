//! Threads that play pieces of work in any order, for a leader who takes the outcomes in the right one.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// A piece with its place among those that were given out together.
type Placed<W> = (usize, W);

/// Has pieces played, and gives what came of them in their order.
pub(super) struct Team<W, O> {
    pieces: Sender<Placed<W>>,
    outcomes: Receiver<Option<Placed<O>>>,
}

impl<W: Send, O: Send> Team<W, O> {
    /// Starts `threads` players and lets `lead` give them work. Each player makes what it plays with for itself.
    pub fn of<P, T>(
        threads: u32,
        player: impl Fn() -> P + Sync,
        play: impl Fn(&mut P, W) -> O + Sync,
        lead: impl FnOnce(&Team<W, O>) -> T,
    ) -> T {
        let (pieces, given) = channel();
        let (done, outcomes) = channel();
        let given = Mutex::new(given);
        thread::scope(|scope| {
            for _ in 0..threads {
                let (alarm, given) = (Alarm(done.clone()), &given);
                let (player, play) = (&player, &play);
                scope.spawn(move || {
                    let mut player = player();
                    while let Some((place, piece)) = next(given) {
                        let outcome = play(&mut player, piece);
                        let _ = alarm.0.send(Some((place, outcome))); // nobody waits for it any more
                    }
                });
            }
            let team = Team { pieces, outcomes };
            lead(&team)
        })
    }

    /// Plays all of these. A player that panicked ends the command, as it would without threads.
    pub fn play(&self, pieces: Vec<W>) -> Vec<O> {
        let count = pieces.len();
        for placed in pieces.into_iter().enumerate() {
            let _ = self.pieces.send(placed); // players listen until the team is gone
        }
        let mut done: Vec<Placed<O>> = Vec::with_capacity(count);
        while done.len() < count {
            match self.outcomes.recv() {
                Ok(Some(placed)) => done.push(placed),
                _ => panic!("a thread of the hunt ended early"),
            }
        }
        done.sort_by_key(|(place, _)| *place);
        done.into_iter().map(|(_, outcome)| outcome).collect()
    }
}

fn next<W>(given: &Mutex<Receiver<Placed<W>>>) -> Option<Placed<W>> {
    let given = given.lock().unwrap_or_else(PoisonError::into_inner);
    given.recv().ok()
}

/// Tells the leader when its thread panics, who would wait for ever.
struct Alarm<O>(Sender<Option<Placed<O>>>);

impl<O> Drop for Alarm<O> {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.0.send(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_come_in_the_order_of_their_pieces() {
        let doubled = Team::of(
            3,
            || 2,
            |by: &mut u64, piece: u64| *by * piece,
            |team| [team.play((0..100).collect()), team.play(vec![7])],
        );
        assert_eq!(doubled[0], (0..100).map(|n| n * 2).collect::<Vec<u64>>());
        assert_eq!(doubled[1], [14]);
    }

    #[test]
    #[should_panic(expected = "")]
    fn a_player_that_panics_is_not_waited_for() {
        let fails = |_: &mut (), piece: u32| assert!(piece < 5, "too many");
        Team::of(2, || (), fails, |team| team.play((0..10).collect()));
    }
}

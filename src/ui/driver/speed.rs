//! How fast simulated time goes.

use super::Driver;
use crate::ui::state::Play;

impl Driver {
    /// A speed set by hand wins for the rest of this run.
    pub fn set_speed(&self, speed_ppm: u64) {
        self.0.play.set(Play {
            speed_ppm,
            by_hand: true,
            ..self.0.play.get()
        });
        self.settle();
    }

    /// How time goes.
    pub fn play(&self) -> Play {
        self.0.play.get()
    }

    /// Gives the pace back to the lab.
    pub fn auto_speed(&self) {
        self.0.play.set(Play {
            by_hand: false,
            ..self.0.play.get()
        });
        self.settle();
    }
}

//! The keyboard: which key means what.

use super::place::Place;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Play or pause.
    Toggle,
    /// One event on.
    Forward,
    /// One event back.
    Back,
    /// Next decisive event.
    Next,
    /// The decisive event before.
    Previous,
    /// Mark the present moment.
    Bookmark,
    /// Slower.
    Slower,
    /// Faster.
    Faster,
    /// The help card.
    Help,
    /// The n-th answer, from 0.
    Answer(usize),
    /// Go on after a beat.
    Enter,
    /// Close whatever is open.
    Escape,
    /// A presenter's clicker: on.
    Onward,
    /// A presenter's clicker: back.
    Backward,
    /// Show the class how it came out.
    Reveal,
    /// The terminal.
    Terminal,
}

impl Key {
    /// Whether it means something in this place: two runs are played as one is; other rooms have keys of their own.
    pub fn is_for(self, place: Place) -> bool {
        match self {
            Key::Help | Key::Escape => true,
            Key::Toggle | Key::Forward | Key::Back | Key::Next | Key::Previous => {
                matches!(place, Place::Lab | Place::Compare)
            }
            Key::Slower | Key::Faster => matches!(place, Place::Lab | Place::Compare),
            _ => place == Place::Lab,
        }
    }
}

/// What `key` (as the browser names it) means, while a teacher shows the page or not.
pub fn meaning(key: &str, teaches: bool) -> Option<Key> {
    Some(match key {
        // Presenters' clickers send these.
        "PageDown" | "." if teaches => Key::Onward,
        "PageUp" if teaches => Key::Backward,
        "v" if teaches => Key::Reveal,
        " " | "Spacebar" => Key::Toggle,
        "ArrowRight" => Key::Forward,
        "ArrowLeft" => Key::Back,
        "." => Key::Next,
        "," => Key::Previous,
        "b" | "B" => Key::Bookmark,
        "[" => Key::Slower,
        "]" => Key::Faster,
        "?" => Key::Help,
        "Enter" | "PageDown" => Key::Enter,
        "Escape" => Key::Escape,
        "`" => Key::Terminal,
        "1" | "2" | "3" | "4" => Key::Answer(usize::from(key.as_bytes()[0] - b'1')),
        _ => return None,
    })
}

/// The speeds, slowest first, in simulated µs for a million µs of real time.
pub const SPEEDS_PPM: [u64; 5] = [10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// The next slower or faster speed.
pub fn shift_speed(ppm: u64, faster: bool) -> u64 {
    let mut speeds = SPEEDS_PPM.into_iter();
    if faster {
        speeds.find(|&speed| speed > ppm).unwrap_or(ppm)
    } else {
        speeds.rfind(|&speed| speed < ppm).unwrap_or(ppm)
    }
}

/// The next speed in a circle, for a single button.
pub fn cycle_speed(ppm: u64) -> u64 {
    match shift_speed(ppm, true) {
        faster if faster > ppm => faster,
        _ => SPEEDS_PPM[0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_answer_and_space_plays() {
        assert_eq!(meaning("2", false), Some(Key::Answer(1)));
        assert_eq!(meaning(" ", false), Some(Key::Toggle));
        assert_eq!(meaning("b", false), Some(Key::Bookmark));
        assert_eq!(meaning("x", false), None);
    }

    #[test]
    fn a_clicker_goes_on_and_back_for_who_teaches() {
        let all = ["PageDown", "PageUp", ".", "v"].map(|key| meaning(key, true));
        let [on, back, dot, reveal] = all;
        assert_eq!((on, dot), (Some(Key::Onward), Some(Key::Onward)));
        assert_eq!((back, reveal), (Some(Key::Backward), Some(Key::Reveal)));
        assert_eq!(meaning(".", false), Some(Key::Next));
        assert_eq!(meaning("PageUp", false), None);
    }

    #[test]
    fn speed_stops_at_both_ends() {
        assert_eq!(shift_speed(10_000, false), 10_000);
        assert_eq!(shift_speed(10_000, true), 100_000);
        assert_eq!(shift_speed(100_000_000, true), 100_000_000);
        assert_eq!(shift_speed(30_000, false), 10_000);
        assert_eq!(cycle_speed(100_000_000), 10_000);
    }
}

//! Prices in words.

use crate::sim::{Micros, SECOND};

/// "0.5", "8.1", "31", "9300": milliseconds, a tenth below ten.
pub fn ms(us: Micros) -> String {
    let tenths = (us + 50) / 100;
    match tenths {
        0..100 => format!("{}.{}", tenths / 10, tenths % 10),
        _ => ((us + 500) / 1_000).to_string(),
    }
}

/// "0.5 ms", "31 ms", "9.3 s".
pub fn span(us: Micros) -> String {
    if us < SECOND {
        return format!("{} ms", ms(us));
    }
    let tenths = (us + 50_000) / 100_000;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

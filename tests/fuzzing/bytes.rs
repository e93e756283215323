//! Bytes that nobody meant.

use acklab::sim::Stream;

/// Nothing longer is tried.
const MOST_BYTES: usize = 4_096;

/// One of the corpus, changed in one to eight places.
pub fn changed(corpus: &[Vec<u8>], hard: &[&[u8]], luck: &mut Stream) -> Vec<u8> {
    let mut bytes = one(corpus, luck).to_vec();
    for _ in 0..=luck.below(8) {
        change(&mut bytes, corpus, hard, luck);
    }
    bytes.truncate(MOST_BYTES);
    bytes
}

fn one<'a, T: AsRef<[u8]>>(all: &'a [T], luck: &mut Stream) -> &'a [u8] {
    all[luck.below(all.len() as u64) as usize].as_ref()
}

fn change(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], hard: &[&[u8]], luck: &mut Stream) {
    let place = luck.below(bytes.len() as u64 + 1) as usize;
    let length = (luck.below(24) as usize).min(bytes.len() - place);
    match luck.below(7) {
        0 => drop(bytes.drain(place..place + length)),
        1 => {
            let hard = one(hard, luck).to_vec();
            bytes.splice(place..place, hard);
        }
        2 => {
            let again = bytes[place..place + length].to_vec();
            bytes.splice(place..place, again);
        }
        3 => bytes[place..place + length]
            .iter_mut()
            .for_each(|byte| *byte = luck.below(256) as u8),
        4 => {
            let other = one(corpus, luck);
            let from = luck.below(other.len() as u64 + 1) as usize;
            let to = (from + 200).min(other.len());
            let part = other[from..to].to_vec();
            bytes.splice(place..place, part);
        }
        5 => number(bytes, place, luck),
        _ => bytes.truncate(place),
    }
}

/// Numbers at the edges of their types.
const NUMBERS: [&str; 12] = [
    "0",
    "-1",
    "1",
    "255",
    "65536",
    "2147483647",
    "-2147483648",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "18446744073709551616",
    "0.0000001",
];

/// In place of the next number.
fn number(bytes: &mut Vec<u8>, place: usize, luck: &mut Stream) {
    let digit = |byte: &u8| byte.is_ascii_digit();
    let Some(from) = bytes[place..].iter().position(digit) else {
        return;
    };
    let from = place + from;
    let length = bytes[from..].iter().take_while(|byte| digit(byte)).count();
    let edge = one(&NUMBERS, luck).to_vec();
    bytes.splice(from..from + length, edge);
}

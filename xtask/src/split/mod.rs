//! One program, cut in two: what runs until the first screen's story is over, and the rest.
//!
//! The linker makes one program; nothing in the source says where to cut. The program itself is asked,
//! in a browser, which functions the first screen runs ([`marks`]). Those stay in the first part, with the constants
//! that they can reach ([`symbols`]); all else becomes a second module over the same memory and the
//! same table of functions ([`parts`]). Where the first part calls a function of the rest, it goes through the
//! table, and the rest is fetched there and then if nobody has done so before: a cut in the wrong
//! place costs time and never an answer.
//!
//! Chinese sentences are constants too, and become a part of their own ([`words`]).
mod chance;
mod doors;
mod layers;
mod marks;
mod names;
mod parts;
mod symbols;
mod words;

pub use layers::Code;
pub use marks::{mark, ran};
pub use names::rename;

use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use symbols::Symbols;
use walrus::{Module, ModuleConfig};

const PAGE_BYTES: usize = 65_536;

/// The parts of a program, each a module of its own.
pub struct Parts {
    /// Runs by itself, and exports what the other parts import.
    pub first: Vec<u8>,
    /// Every other function, with its constants.
    pub rest: Vec<u8>,
    /// The Chinese sentences of the first part.
    pub chinese: Vec<u8>,
    /// What the first part and the glue now call each other.
    pub renamed: names::Renamed,
    /// The words in the constants of the first part.
    pub words: BTreeSet<String>,
    /// Where the code comes from.
    pub layers: BTreeMap<String, Code>,
}

/// Cuts the program as it is loaded. `linked` is what the linker wrote before the glue was made,
/// with its relocations; `first` are the functions that run first, by their index.
pub fn split(linked: &[u8], program: &[u8], first: &BTreeSet<usize>) -> Result<Parts> {
    let mut symbols = Symbols::read(linked)?;
    let whole = parse(program)?;
    symbols.forget_locations(|at| bytes_at(&whole, at).to_vec());
    let first = &chance::with_chance(&whole, first);
    let staying = parts::staying(&whole, first);
    let names = (whole.funcs.iter())
        .filter(|function| staying.contains(&function.id()))
        .filter_map(|function| function.name.as_deref());
    let mut later: Vec<Range<usize>> = Vec::new();
    let mut chinese: Vec<Range<usize>> = Vec::new();
    let mut needed: Vec<Range<usize>> = Vec::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for (at, is_reached) in symbols.reached_from(names) {
        if is_reached {
            known.extend(crate::styles::words(bytes_at(&whole, &at)));
        }
        if !is_reached {
            later.push(at);
        } else if !symbols.has_addresses(&at) && words::are_chinese(bytes_at(&whole, &at)) {
            chinese.push(at);
        } else {
            needed.push(at);
        }
    }
    // Names may share bytes; who needs them first keeps them.
    let later = without(&later, [&needed, &chinese].into_iter().flatten());
    let chinese = without(&chinese, needed.iter());
    let (first_part, renamed) = parts::first(program, first, [&later, &chinese])?;
    Ok(Parts {
        first: first_part,
        renamed,
        words: known,
        layers: layers::layers(program, first)?,
        rest: parts::rest(program, first, &later)?,
        chinese: parts::constants(program, &chinese)?,
    })
}

/// The program in one part, without the names of its functions.
pub fn bare(program: &[u8]) -> Result<Vec<u8>> {
    Ok(parse(program)?.emit_wasm())
}

fn parse(program: &[u8]) -> Result<Module> {
    let mut config = ModuleConfig::new();
    config.generate_name_section(false);
    config.generate_producers_section(false);
    let mut module = config.parse(program)?;
    let customs: Vec<_> = module.customs.iter().map(|(id, _)| id).collect();
    for id in customs {
        module.customs.delete(id);
    }
    Ok(module)
}

/// The first of these ranges that hold no byte of the others, joined where they touch.
fn without<'a>(
    ranges: &[Range<usize>],
    others: impl Iterator<Item = &'a Range<usize>>,
) -> Vec<Range<usize>> {
    let mut taken: BTreeSet<usize> = others.flat_map(Range::clone).collect();
    let mut free: Vec<usize> = ranges
        .iter()
        .flat_map(Range::clone)
        .filter(|at| taken.insert(*at))
        .collect();
    free.sort_unstable();
    let mut joined: Vec<Range<usize>> = Vec::new();
    for at in free {
        match joined.last_mut() {
            Some(last) if last.end == at => last.end += 1,
            _ => joined.push(at..at + 1),
        }
    }
    joined
}

/// The bytes that the program's data has at these addresses.
fn bytes_at<'a>(module: &'a Module, at: &Range<usize>) -> &'a [u8] {
    let found = module.data.iter().find_map(|data| {
        let start = parts::address(data)?;
        data.value
            .get(at.start.checked_sub(start)?..at.end.checked_sub(start)?)
    });
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_first_stays_even_if_others_share_it() {
        let later = without(&[10..20, 30..40, 18..25], [12..14, 24..31].iter());
        assert_eq!(later, vec![10..12, 14..24, 31..40]);
    }
}

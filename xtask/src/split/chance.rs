//! What runs by chance.
use std::collections::BTreeSet;
use walrus::Module;

/// Parts of the names of functions that compare two keys which fall into one group of a hash table. Whether any do
/// depends on the table's random keys; in wasm these are addresses, and the program that notes what runs has others
/// than the one that is cut.
const COMPARES_KEYS: [&str; 2] = ["find_or_find_insert_index", "equivalent_key"];

/// The functions that ran, with those that would have run at other addresses.
pub fn with_chance(whole: &Module, ran: &BTreeSet<usize>) -> BTreeSet<usize> {
    let compare = whole.funcs.iter().filter(|function| {
        let name = function.name.as_deref().unwrap_or_default();
        COMPARES_KEYS.iter().any(|part| name.contains(part))
    });
    let compare = compare.map(|function| function.id().index());
    ran.iter().copied().chain(compare).collect()
}

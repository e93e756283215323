//! The places of the page: the Lab, and the rooms beside it, each with an address of its own.

use super::words::LaterWords;

/// Where the page is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// The first screen, or the Lab.
    #[default]
    Lab,
    /// Two runs side by side.
    Compare,
    /// A configuration that somebody pasted.
    Config,
    /// The Hunt.
    Hunt,
}

/// A place, its address (the fragment up to the first `&`; what follows is the room's own) and its name.
pub type Row = (Place, &'static str, fn(&LaterWords) -> &'static str);

/// Every place.
pub const PLACES: [Row; 4] = [
    (Place::Lab, "lab", |words| words.place_lab),
    (Place::Compare, "compare", |words| words.place_compare),
    (Place::Hunt, "hunt", |words| words.place_hunt),
    (Place::Config, "config", |words| words.place_config),
];

impl Place {
    /// The place that a fragment names; `None` when it is an experiment's link.
    pub fn of_fragment(fragment: &str) -> Option<Place> {
        let name = fragment.split('&').next()?;
        let row = PLACES.iter().find(|(_, address, _)| *address == name)?;
        Some(row.0)
    }

    /// The fragment that opens it.
    pub fn address(self) -> &'static str {
        let row = PLACES.iter().find(|(place, ..)| *place == self);
        row.map_or("", |(_, address, _)| address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_an_address_that_opens_it() {
        for (place, address, _) in PLACES {
            assert_eq!(place.address(), address);
            assert_eq!(Place::of_fragment(address), Some(place));
            assert_eq!(Place::of_fragment(&format!("{address}&x=1")), Some(place));
        }
    }

    #[test]
    fn a_link_names_no_place() {
        assert_eq!(Place::of_fragment("v=1&x=acks"), None);
        assert_eq!(Place::of_fragment(""), None);
    }
}

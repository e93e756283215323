//! Which room of the source the code comes from.
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// The code of a room, in bytes before compression.
#[derive(Clone, Copy, Default)]
pub struct Code {
    pub first_bytes: usize,
    pub rest_bytes: usize,
}

/// The code of each room, in the program as it is before the cut; `first` are the functions that stay.
pub fn layers(program: &[u8], first: &BTreeSet<usize>) -> Result<BTreeMap<String, Code>> {
    let mut sizes = Vec::new();
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(program) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    if matches!(import?.ty, TypeRef::Func(_)) {
                        sizes.push(0);
                    }
                }
            }
            Payload::CodeSectionEntry(body) => sizes.push(body.range().len()),
            Payload::CustomSection(custom) => {
                let KnownCustom::Name(parts) = custom.as_known() else {
                    continue;
                };
                for part in parts {
                    if let Name::Function(functions) = part? {
                        for function in functions {
                            let function = function?;
                            names.insert(function.index as usize, function.name.to_owned());
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let mut layers: BTreeMap<String, Code> = BTreeMap::new();
    for (index, bytes) in sizes.into_iter().enumerate() {
        let name = names.get(&index).map_or("", String::as_str);
        let code = layers.entry(layer(name)).or_default();
        match first.contains(&index) {
            true => code.first_bytes += bytes,
            false => code.rest_bytes += bytes,
        }
    }
    Ok(layers)
}

/// `kafka::broker`, `view`, `yew`; whatever else there is in a name, our own rooms come first.
fn layer(name: &str) -> String {
    let mut words = name
        .split(|c: char| !c.is_ascii_alphabetic() && c != '_')
        .filter(|word| !word.is_empty())
        .skip_while(|word| *word != "acklab")
        .skip(1);
    let is_room = |room: &&str| ["sim", "kafka", "lab", "view", "ui"].contains(room);
    match (words.next().filter(is_room), words.next()) {
        (Some(room @ ("kafka" | "lab")), Some(part)) => format!("{room}::{part}"),
        (Some(room), _) => room.to_owned(),
        (None, _) if name.contains("yew") => "yew".to_owned(),
        (None, _) => "libraries".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_functions_name_tells_its_room() {
        let of = |name| layer(name);
        assert_eq!(of("_ZN6acklab5kafka6broker3log3cut17h0E"), "kafka::broker");
        assert_eq!(
            of("_ZN83_$LT$acklab..view..live..player..Live$u20$as$u20$x$GT$5views17h3E"),
            "view"
        );
        assert_eq!(of("_ZN3yew9scheduler5start17h0E"), "yew");
        assert_eq!(of("memcpy"), "libraries");
    }
}

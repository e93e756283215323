//! Short names for what the program and its glue share.
//!
//! wasm-bindgen ends each name with a hash, so that programs can be joined; ours is joined already, and a hash
//! cannot be compressed, here and in the glue.
use walrus::Module;

/// An old name, and the one that has taken its place.
pub type Renamed = Vec<(String, String)>;

/// Gives short names to imports and exports that wasm-bindgen named.
pub fn shorten(module: &mut Module) -> Renamed {
    let mut renamed = Renamed::new();
    let mut short = |name: &mut String| {
        if !name.starts_with("__wb") && !name.starts_with("wasm_bindgen") {
            return;
        }
        let new = format!("_{}", renamed.len());
        renamed.push((std::mem::replace(name, new.clone()), new));
    };
    for import in module.imports.iter_mut() {
        short(&mut import.name);
    }
    for export in module.exports.iter_mut() {
        short(&mut export.name);
    }
    renamed
}

/// The glue with the new names.
pub fn rename(glue: &str, renamed: &Renamed) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut told = String::with_capacity(glue.len());
    let mut word = String::new();
    for c in glue.chars().chain(['\n']) {
        if is_part(c) {
            word.push(c);
            continue;
        }
        let new = renamed.iter().find(|(old, _)| *old == word);
        told.push_str(new.map_or(&word, |(_, new)| new));
        word.clear();
        told.push(c);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_replaced() {
        let renamed = vec![("__wbg_then_1".to_owned(), "_0".to_owned())];
        let glue = "__wbg_then_1: f, __wbg_then_12: g, wasm.__wbg_then_1()";
        assert_eq!(
            rename(glue, &renamed),
            "_0: f, __wbg_then_12: g, wasm._0()\n"
        );
    }
}

//! Which stories there are: the goldens, the case files beside them, and any file one names.

use crate::case::Case;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The cases with these names; `acks1-*` names all that begin so, and what has a slash or ends in `.json` is a path.
pub fn cases(goldens: &Path, names: &[String]) -> Result<Vec<Case>> {
    let mut files: Vec<PathBuf> = Vec::new();
    for name in names {
        for file in files_named(goldens, name)? {
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }
    files.iter().map(|file| read(file)).collect()
}

fn files_named(goldens: &Path, name: &str) -> Result<Vec<PathBuf>> {
    if name.contains('/') || name.ends_with(".json") {
        return Ok(vec![PathBuf::from(name)]);
    }
    let mut known = json_files(goldens)?;
    known.extend(json_files(&goldens.join("cases")).unwrap_or_default());
    let is_meant = |file: &PathBuf| match name.strip_suffix('*') {
        Some(start) => stem(file).starts_with(start),
        None => stem(file) == name,
    };
    // A golden carries the steps of its case: where there are both, the golden is played.
    let mut meant: Vec<PathBuf> = Vec::new();
    for file in known.into_iter().filter(is_meant) {
        if !meant.iter().any(|m| stem(m) == stem(&file)) {
            meant.push(file);
        }
    }
    if meant.is_empty() {
        bail!(
            "there is no golden and no case called {name}; `cargo xtask record --list` names them"
        );
    }
    Ok(meant)
}

/// The golden of this name as it is stored.
pub fn stored(goldens: &Path, name: &str) -> Result<Option<Value>> {
    let file = goldens.join(format!("{name}.json"));
    if !file.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&file)?;
    Ok(Some(serde_json::from_str(&text).with_context(|| {
        format!("{} is no JSON", file.display())
    })?))
}

/// What this recorder can play, a line a golden, and the sum.
pub fn table(goldens: &Path) -> Result<String> {
    let mut lines = Vec::new();
    let (mut able, mut root) = (0, 0);
    let mut files = json_files(goldens)?;
    files.extend(json_files(&goldens.join("cases")).unwrap_or_default());
    for file in &files {
        lines.push(match read(file) {
            Ok(case) => {
                able += 1;
                root += usize::from(case.needs_root());
                let needs = if case.needs_root() { "root" } else { "" };
                format!("{:55} {needs:5} {}", case.name, case.about)
            }
            Err(error) => format!("{:55} cannot be played: {error:#}", stem(file)),
        });
    }
    lines.push(format!(
        "{able} of {} can be played, {root} of them by root alone",
        files.len()
    ));
    Ok(lines.join("\n"))
}

fn read(file: &Path) -> Result<Case> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Case::parse(&stem(file), &text).with_context(|| file.display().to_string())
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "json"));
    files.sort();
    Ok(files)
}

fn stem(file: &Path) -> String {
    file.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goldens() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden")
    }

    #[test]
    fn goldens_are_found_by_name_and_by_their_beginning() {
        let one = files_named(&goldens(), "rf1-power-off").expect("a golden");
        assert_eq!(one.len(), 1);
        assert!(files_named(&goldens(), "rf3-*").expect("goldens").len() > 3);
        let unknown = files_named(&goldens(), "no-such-story").expect_err("unknown");
        assert!(unknown.to_string().contains("no-such-story"));
    }

    #[test]
    fn every_stored_golden_can_be_played() {
        let table = table(&goldens()).expect("a table");
        let refused: Vec<&str> = table
            .lines()
            .filter(|l| l.contains("cannot be played"))
            .collect();
        assert!(refused.is_empty(), "{}", refused.join("\n"));
    }
}

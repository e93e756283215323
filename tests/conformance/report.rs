//! What came of each golden, the list of those that may still fail, and the table in the README.

use std::fmt::Write;
use std::path::Path;

pub struct Verdict {
    pub name: String,
    /// What the golden is about, in one sentence.
    pub about: String,
    /// Empty when it passed.
    pub differences: Vec<String>,
}

const BEGIN: &str = "<!-- conformance:begin -->";
const END: &str = "<!-- conformance:end -->";

impl Verdict {
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }

    /// `pass NAME`; `known NAME: first difference` where the list allows it, and else `FAIL`.
    pub fn line(&self, listed: &[String]) -> String {
        let mark = if listed.contains(&self.name) {
            "known"
        } else {
            "FAIL"
        };
        match self.differences.first() {
            None => format!("pass {}", self.name),
            Some(first) => format!("{mark} {}: {first}", self.name),
        }
    }
}

/// How many passed and failed; every failure once more, since its own line is far up.
pub fn sum(verdicts: &[Verdict], listed: &[String]) -> String {
    let failed = || verdicts.iter().filter(|v| !v.passed());
    let names = |known: bool| -> Vec<&str> {
        let those = failed().filter(|v| listed.contains(&v.name) == known);
        those.map(|v| v.name.as_str()).collect()
    };
    let (known, new) = (names(true), names(false));
    let mut out = format!(
        "{} passed, {} failed",
        verdicts.len() - failed().count(),
        new.len()
    );
    if !new.is_empty() {
        let _ = write!(out, " ({})", new.join(", "));
    }
    if !known.is_empty() {
        let _ = write!(out, ", {} not yet ({})", known.len(), known.join(", "));
    }
    out
}

/// Names allowed to fail, one a line; `#` starts a comment. Without the file none is.
pub fn known_failures(file: &Path) -> Result<Vec<String>, String> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let names = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or("").trim());
    Ok(names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect())
}

/// What is wrong with the outcome as a whole: a golden that fails unlisted, and, where the list is about these very goldens
/// (`strict`), a listed one that passes or does not exist, so that the list only ever gets shorter.
pub fn complaints(verdicts: &[Verdict], listed: &[String], strict: bool) -> Vec<String> {
    let failed = verdicts
        .iter()
        .filter(|v| !v.passed() && !listed.contains(&v.name));
    let mut found: Vec<String> = failed.map(|v| format!("{} fails", v.name)).collect();
    if strict {
        for name in listed {
            match verdicts.iter().find(|v| v.name == *name) {
                Some(verdict) if !verdict.passed() => {}
                Some(_) => found.push(format!("{name} passes: strike it from KNOWN_FAILURES")),
                None => found.push(format!("{name} is in KNOWN_FAILURES and is no golden")),
            }
        }
    }
    found
}

/// The README's table is generated: compares it, or writes it anew when `update`.
pub fn readme(file: &Path, verdicts: &[Verdict], update: bool) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let (before, rest) = text
        .split_once(BEGIN)
        .ok_or(format!("README.md lacks {BEGIN}"))?;
    let (_, after) = rest
        .split_once(END)
        .ok_or(format!("README.md lacks {END}"))?;
    let current = format!("{before}{BEGIN}\n{}{END}{after}", table(verdicts));
    if current == text {
        return Ok(());
    }
    if !update {
        return Err("the table in README.md is not current: run UPDATE_README=1 cargo test --test conformance".into());
    }
    std::fs::write(file, current).map_err(|e| format!("{}: {e}", file.display()))
}

pub fn table(verdicts: &[Verdict]) -> String {
    let passed = verdicts.iter().filter(|v| v.passed()).count();
    let mut out = format!(
        "{passed} of {} recorded stories replay as the real cluster played them.\n\n",
        verdicts.len()
    );
    out.push_str("| story | what happened on the real cluster | replays |\n|---|---|---|\n");
    for verdict in verdicts {
        let about = verdict.about.replace('|', "\\|");
        let mark = if verdict.passed() { "yes" } else { "not yet" };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "| {} | {about} | {mark} |", verdict.name);
    }
    out
}

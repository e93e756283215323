//! The rules themselves.
use crate::tokens::{Source, SourcePath, read};
use std::fmt;

const LAYERS: [&str; 5] = ["sim", "kafka", "lab", "view", "ui"];
/// The command line stands beside the page: neither knows the other.
const BESIDE: (&str, &str) = ("cli", "ui");
const ENGINE: [&str; 3] = ["sim", "kafka", "lab"];
const ENGINE_NEVER: [&str; 6] = ["f32", "f64", "HashMap", "HashSet", "Instant", "SystemTime"];
const WEB_CRATES: [&str; 5] = ["gloo", "js_sys", "wasm_bindgen", "web_sys", "yew"];
const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 70;

/// Tables, texts and drawn screens: long because there is much of one kind.
const LONG: [&str; 1] = ["src/view/fixture/"];

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Layers,
    Engine,
    Web,
    Length,
}

/// A broken rule at a line.
pub struct Offence {
    pub rule: Rule,
    line: usize,
    what: String,
}

impl fmt::Display for Offence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.what)
    }
}

/// What is wrong with a file; its name is relative to the project, as in `src/sim/queue.rs`.
pub fn offences(file: &str, text: &str) -> Vec<Offence> {
    let source = read(text);
    let module = module_of(file);
    let mut found = Vec::new();
    layers(&module, &source, &mut found);
    engine(&module, &source, &mut found);
    web(file, &source, &mut found);
    length(file, text, &source, &mut found);
    found
}

/// `src/kafka/log.rs` is the module `kafka::log`, `src/kafka/mod.rs` is `kafka`.
fn module_of(file: &str) -> Vec<String> {
    let inside = file
        .trim_start_matches("src/")
        .trim_end_matches(".rs")
        .trim_end_matches("/mod");
    inside
        .split('/')
        .filter(|part| !["lib", "main"].contains(part))
        .map(str::to_owned)
        .collect()
}

/// Arrows point one way: a layer knows only those before it.
fn layers(module: &[String], source: &Source, found: &mut Vec<Offence>) {
    let Some(own) = module.first().and_then(|layer| rank(layer)) else {
        return;
    };
    for path in &source.paths {
        let Some(layer) = layer_of(path, module.len()) else {
            continue;
        };
        let aside = rank(layer) == Some(own) && layer != module[0];
        if aside || rank(layer).is_some_and(|rank| rank > own) {
            let what = format!(
                "`{}` reaches up to the layer `{layer}`",
                path.parts.join("::")
            );
            found.push(Offence {
                rule: Rule::Layers,
                line: path.line,
                what,
            });
        }
    }
}

/// The part behind `crate`, or behind as many `super` as lead to the crate's root.
fn layer_of(path: &SourcePath, depth: usize) -> Option<&str> {
    let supers = path
        .parts
        .iter()
        .take_while(|part| *part == "super")
        .count();
    let begins_at_root =
        path.parts[0] == "crate" || (supers > 0 && supers >= depth + path.inline_depth);
    begins_at_root.then(|| path.parts.get(supers.max(1)).map(String::as_str))?
}

fn rank(layer: &str) -> Option<usize> {
    let layer = if layer == BESIDE.0 { BESIDE.1 } else { layer };
    LAYERS.iter().position(|known| *known == layer)
}

/// The engine gives the same journal everywhere: no floats, clocks, hash order or threads.
fn engine(module: &[String], source: &Source, found: &mut Vec<Offence>) {
    if !module
        .first()
        .is_some_and(|layer| ENGINE.contains(&layer.as_str()))
    {
        return;
    }
    for path in &source.paths {
        let never = path
            .parts
            .iter()
            .find(|part| ENGINE_NEVER.contains(&part.as_str()));
        let is_thread = path
            .parts
            .starts_with(&["std".to_owned(), "thread".to_owned()]);
        if let Some(what) = never
            .map(String::as_str)
            .or(is_thread.then_some("std::thread"))
        {
            let what = format!("`{what}` has no place in the engine");
            found.push(Offence {
                rule: Rule::Engine,
                line: path.line,
                what,
            });
        }
    }
    for line in &source.float_lines {
        let what = "a float has no place in the engine".to_owned();
        found.push(Offence {
            rule: Rule::Engine,
            line: *line,
            what,
        });
    }
}

/// Only the page knows the browser.
fn web(file: &str, source: &Source, found: &mut Vec<Offence>) {
    if file.starts_with("src/ui/") || file == "src/main.rs" {
        return;
    }
    for path in &source.paths {
        if WEB_CRATES.contains(&path.parts[0].as_str()) {
            let what = format!("the web crate `{}` outside src/ui", path.parts[0]);
            found.push(Offence {
                rule: Rule::Web,
                line: path.line,
                what,
            });
        }
    }
}

/// A file is read in one sitting, a function on one screen; tests at a file's end do not count.
fn length(file: &str, text: &str, source: &Source, found: &mut Vec<Offence>) {
    if LONG.iter().any(|long| file.starts_with(long)) {
        return;
    }
    let lines = source.tests_line.unwrap_or_else(|| text.lines().count());
    let is_tests = file.ends_with("/tests.rs") || file.contains("/tests/");
    if lines > FILE_LINES && !is_tests {
        let what = format!("{lines} lines, over {FILE_LINES}");
        found.push(Offence {
            rule: Rule::Length,
            line: 1,
            what,
        });
    }
    for function in source
        .functions
        .iter()
        .filter(|function| function.length > FUNCTION_LINES)
    {
        let what = format!(
            "fn {} has {} lines, over {FUNCTION_LINES}",
            function.name, function.length
        );
        found.push(Offence {
            rule: Rule::Length,
            line: function.line,
            what,
        });
    }
}

/// Entries of the dependency tables whose last line carries no comment.
pub fn dependencies_without_reason(manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_dependencies = false;
    let mut entry: Option<(usize, String)> = None;
    for (index, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            in_dependencies = line.trim_end_matches(']').ends_with("dependencies");
            continue;
        }
        if !in_dependencies || line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let (number, text) = entry.take().unwrap_or((index + 1, String::new()));
        let text = text + line.split(" #").next().unwrap_or_default();
        let is_whole = text.matches(['[', '{']).count() == text.matches([']', '}']).count();
        if !is_whole {
            entry = Some((number, text));
        } else if !line.contains(" # ") {
            found.push(format!(
                "{number}: `{}` has no reason beside it",
                text.trim()
            ));
        }
    }
    found
}

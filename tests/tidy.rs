//! What the source must not hold: arrows between layers that point the wrong way, floats, clocks
//! and hash order in the engine, web crates outside the page, files and functions that do not fit
//! a screen, dependencies without a reason.
//!
//! Each rule reads tokens, so comments and strings never trip it, and each has a test that it
//! still catches what it is for.
#![cfg(not(target_arch = "wasm32"))]

#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/tokens.rs"]
mod tokens;

use rules::{Rule, dependencies_without_reason, offences};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn the_source_keeps_every_rule() {
    let mut found = Vec::new();
    let folders = ["src", "recorder/src", "xtask/src"];
    for file in folders.iter().flat_map(|f| rust_files(&root().join(f))) {
        let name = file
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        let text = fs::read_to_string(&file).unwrap();
        found.extend(
            offences(&name, &text)
                .into_iter()
                .map(|offence| format!("{name}:{offence}")),
        );
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn every_dependency_has_a_reason() {
    let mut found = Vec::new();
    for manifest in [
        "Cargo.toml",
        "benches/Cargo.toml",
        "recorder/Cargo.toml",
        "xtask/Cargo.toml",
    ] {
        let text = fs::read_to_string(root().join(manifest)).unwrap();
        found.extend(
            dependencies_without_reason(&text)
                .into_iter()
                .map(|it| format!("{manifest}:{it}")),
        );
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn no_recorded_cluster_is_known_to_the_source_by_name() {
    let Ok(goldens) = fs::read_dir(root().join("tests/golden")) else {
        return;
    };
    let names: Vec<String> = goldens
        .filter_map(|entry| {
            Some(
                entry
                    .ok()?
                    .path()
                    .file_stem()?
                    .to_string_lossy()
                    .into_owned(),
            )
        })
        .collect();
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        let known = names
            .iter()
            .find(|name| text.contains(&format!("\"{name}\"")));
        assert!(
            known.is_none(),
            "{} names the golden {known:?}",
            file.display()
        );
    }
}

/// What tells one story from another is the story's own: Kafka knows of none, not even in a comment.
#[test]
fn kafka_names_no_recorded_story_and_no_lesson() {
    let goldens = fs::read_dir(root().join("tests/golden")).expect("goldens");
    let stories = goldens.filter_map(|entry| Some(entry.ok()?.path()));
    let stories = stories.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
    let mut names: Vec<String> = stories.collect();
    for file in rust_files(&root().join("src/lab/lessons")) {
        let text = fs::read_to_string(&file).unwrap();
        let ids = text.split("id: \"").skip(1);
        let ids = ids.filter_map(|rest| rest.split('"').next());
        // A single word (acks, controller) may be anything; auto-commit is Kafka's own.
        let own = ids.filter(|id| id.contains('-') && *id != "auto-commit");
        names.extend(own.map(str::to_owned));
    }
    assert!(names.len() > 160 && names.iter().any(|name| name == "epochs-power"));
    for file in rust_files(&root().join("src/kafka")) {
        let text = fs::read_to_string(&file).unwrap();
        let known = names.iter().find(|name| text.contains(name.as_str()));
        assert_eq!(known, None, "in {}", file.display());
    }
}

#[test]
fn an_arrow_between_layers_that_points_the_wrong_way_is_caught() {
    for bad in [
        "use crate::lab::Run;",
        "use crate::{sim::Time, lab::Run};",
        "fn f() { crate::lab::run() }",
        "use super::super::lab::Run;",
        "mod tests { use super::super::super::lab::Run; }",
        "fn f() { println!(\"{}\", crate::view::X); }",
    ] {
        assert!(caught("src/kafka/log.rs", bad, Rule::Layers), "{bad}");
    }
    assert!(caught(
        "src/cli/run.rs",
        "use crate::ui::App;",
        Rule::Layers
    ));
    assert!(caught(
        "src/ui/app.rs",
        "use crate::cli::main;",
        Rule::Layers
    ));
    assert!(!caught(
        "src/cli/run.rs",
        "use crate::cli::args::Args;",
        Rule::Layers
    ));
    for good in [
        "use crate::sim::Time;",
        "use super::lab;",
        "// crate::lab\nuse super::super::sim::Time;",
    ] {
        assert!(!caught("src/kafka/log.rs", good, Rule::Layers), "{good}");
    }
}

#[test]
fn a_float_in_the_engine_is_caught_and_a_tuple_of_tuples_is_not() {
    for bad in [
        "fn f(x: f64) {}",
        "const X: u64 = 1.5 as u64;",
        "fn f() { g(1e6) }",
        "fn f() { g(2f32) }",
    ] {
        assert!(caught("src/sim/queue.rs", bad, Rule::Engine), "{bad}");
        assert!(!caught("src/view/stage.rs", bad, Rule::Engine), "{bad}");
    }
    for good in [
        "fn f() { x.0.1 }",
        "const X: usize = 5usize;",
        "const X: u64 = 0xe1;",
        "fn f() { 1..2; }",
    ] {
        assert!(!caught("src/sim/queue.rs", good, Rule::Engine), "{good}");
    }
}

#[test]
fn clocks_hash_order_and_threads_in_the_engine_are_caught() {
    for bad in [
        "use std::time::Instant;",
        "use std::{thread, fmt};",
        "fn f() { std::thread::sleep(d) }",
        "type X = std::collections::HashMap<u8, u8>;",
        "use std::collections::{BTreeMap, HashSet};",
        "fn f() { SystemTime::now(); }",
    ] {
        for layer in ["sim", "kafka", "lab"] {
            assert!(
                caught(&format!("src/{layer}/x.rs"), bad, Rule::Engine),
                "{layer}: {bad}"
            );
        }
    }
    assert!(!caught(
        "src/sim/x.rs",
        "fn f(thread: u8) { use_of(thread) }",
        Rule::Engine
    ));
}

#[test]
fn a_web_crate_outside_the_page_is_caught() {
    for bad in [
        "use yew::prelude::*;",
        "fn f() { web_sys::window(); }",
        "use wasm_bindgen::JsValue;",
    ] {
        assert!(caught("src/view/stage.rs", bad, Rule::Web), "{bad}");
        assert!(!caught("src/ui/stage.rs", bad, Rule::Web), "{bad}");
        assert!(!caught("src/main.rs", bad, Rule::Web), "{bad}");
    }
}

#[test]
fn long_files_and_long_functions_are_caught() {
    let long_function = format!("fn f() {{\n{}}}", "g();\n".repeat(80));
    assert!(caught("src/lab/run.rs", &long_function, Rule::Length));
    let short_functions = "fn f() {\n    g();\n}\n".repeat(100);
    assert!(!caught("src/lab/run.rs", &short_functions, Rule::Length));
    assert!(caught(
        "src/lab/run.rs",
        &short_functions.repeat(2),
        Rule::Length
    ));
    let with_tests = format!(
        "{short_functions}#[cfg(test)]\nmod tests {{\n{short_functions}{short_functions}}}"
    );
    assert!(
        !caught("src/lab/run.rs", &with_tests, Rule::Length),
        "tests at the end do not count"
    );
}

#[test]
fn a_dependency_without_a_reason_is_caught() {
    let manifest = "[dependencies]\na = \"1\"\nb = \"1\" # why\nc = { features = [\n  \"x\",\n] } # why\n\n\
                    [dev-dependencies]\nd = { features = [\n  \"x\",\n] }\n[features]\ne = []\n";
    let found = dependencies_without_reason(manifest);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with("2: ") && found[1].starts_with("9: "),
        "{found:?}"
    );
}

fn caught(file: &str, text: &str, rule: Rule) -> bool {
    offences(file, text)
        .iter()
        .any(|offence| offence.rule == rule)
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

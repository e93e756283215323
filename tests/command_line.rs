//! The command line as a person or a pipeline starts it.
#![cfg(not(target_arch = "wasm32"))]

use assert_cmd::Command;
use serde_json::Value;

fn acklab(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("acklab").expect("the binary is built");
    command.args(args).env_remove("LC_ALL").env("LANG", "C");
    command
}

/// What it prints with this exit code.
fn told(args: &[&str], code: i32) -> String {
    let out = acklab(args).assert().code(code).get_output().clone();
    let text = if code == 2 { out.stderr } else { out.stdout };
    String::from_utf8(text).expect("UTF-8")
}

fn json(args: &[&str], code: i32) -> Value {
    serde_json::from_str(&told(args, code)).expect("JSON")
}

#[test]
fn a_lesson_is_played_judged_and_explained() {
    let text = told(&["run", "4"], 1);
    assert!(text.contains("lost after an ack: m"), "{text}");
    assert!(text.contains("Why m"), "{text}");
    assert!(text.contains("#v=1&x=acks"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour where no terminal is");
    let chinese = told(&["run", "acks", "--lang", "zh"], 1);
    assert!(chinese.contains("ack 之后丢失"), "{chinese}");
}

#[test]
fn a_link_a_file_and_an_export_are_the_same_experiment() {
    let folder = Folder::new("experiment");
    let link = "https://example.com/acklab/#v=1&x=acks&p.acks=all&seed=9";
    let why = told(&["run", link], 2);
    assert!(why.contains("changed or cut short"), "no checksum: {why}");
    let file = folder.write(
        "mine.json",
        r#"{"acklab": 1, "from": "acks", "seed": 9, "configs": {"producer": {"acks": "all"}}}"#,
    );
    let copy = folder.path("copy.json");
    let one = json(&["run", &file, "--json", "--export", &copy], 0);
    assert_eq!(one["safe"], true);
    assert_eq!(one["tally"]["lost_after_ack"], 0);
    let link = one["experiment"].as_str().expect("a link");
    assert!(link.contains("p.acks=all"), "{link}");
    assert_eq!(json(&["run", link, "--json"], 0), one);
    assert_eq!(json(&["run", &copy, "--json"], 0), one);
    let text = std::fs::read(&file).expect("it was written");
    let piped = acklab(&["run", "-", "--json"]).write_stdin(text).output();
    let piped = piped.expect("it runs").stdout;
    assert_eq!(serde_json::from_slice::<Value>(&piped).expect("JSON"), one);
}

#[test]
fn what_is_wrong_with_the_input_is_said() {
    let folder = Folder::new("wrong");
    let file = folder.write("wrong.json", r#"{"acklab": 1, "from": "acks", "sed": 1}"#);
    for (args, said) in [
        (
            &["run", "no-such-thing"][..],
            "no lesson, no link and no file",
        ),
        (&["run", &file], "left out: sed: 1"),
        (
            &["explain", "4", "--message", "999"],
            "there is no message 999",
        ),
        (&["hunt", "4", "--faults", "kil"], "kill"),
        (&["hunt", "4", "--harm", "lost"], "lost-after-ack"),
        (&["hunt", "4", "--shard", "8/8"], "two numbers like 0/8"),
        (&["merge", &file], "line 1"),
        (&["frobnicate"], "unrecognized subcommand"),
    ] {
        let text = told(args, 2);
        assert!(text.contains(said), "{args:?}: {text}");
    }
}

#[test]
fn a_hunt_finds_the_smallest_schedule_and_its_link_plays_it() {
    let hunt = ["hunt", "acks", "--runs", "60", "--threads", "2"];
    let text = told(&hunt, 1);
    assert!(text.contains("1 fault loses or doubles"), "{text}");
    let link = text.split('\'').nth(1).expect("a link");
    let why = told(&["explain", link], 1);
    assert!(why.contains("Why m"), "{why}");
}

#[test]
fn a_hunt_comes_out_the_same_with_however_many_threads() {
    let hunted = |how: &[&str], threads: &str| {
        let args = [&["hunt", "acks", "--json", "--threads", threads], how].concat();
        acklab(&args).output().expect("it runs").stdout
    };
    for how in [&["--runs", "60"][..], &["--every", "--faults", "kill"]] {
        let (one, three) = (hunted(how, "1"), hunted(how, "3"));
        assert!(!one.is_empty());
        assert_eq!(one, three, "{how:?}");
    }
}

#[test]
fn the_parts_of_a_hunt_are_joined_and_gone_on_with() {
    let folder = Folder::new("parts");
    let part = |index: &str, runs: &str| {
        let shard = format!("{index}/2");
        let args = ["hunt", "acks", "--threads", "1", "--json"];
        let args = [&args[..], &["--shard", &shard, "--runs", runs]].concat();
        let out = acklab(&args).output().expect("it runs").stdout;
        folder.write(
            &format!("{index}.jsonl"),
            &String::from_utf8(out).expect("UTF-8"),
        )
    };
    let (one, other) = (part("0", "40"), part("1", "40"));
    let joined = json(&["merge", "--json", &one, &other], 1);
    assert_eq!(joined["missing"], Value::Array(Vec::new()));
    assert_eq!(joined["best"]["faults"].as_array().map(Vec::len), Some(1));
    let alone = told(&["merge", &one], 1);
    assert!(alone.contains("part 1/2 is missing"), "{alone}");
    assert!(told(&["merge", &one, &one], 2).contains("is there twice"));
    let more = told(
        &[
            "hunt",
            "acks",
            "--resume",
            &one,
            "--runs",
            "5",
            "--threads",
            "1",
        ],
        1,
    );
    assert!(more.contains("1 fault"), "{more}");
}

#[test]
fn every_single_fault_is_counted() {
    let args = [
        "hunt",
        "acks",
        "--every",
        "--faults",
        "kill,pause",
        "--json",
    ];
    let out = acklab(&args).assert().code(1).get_output().stdout.clone();
    let text = String::from_utf8(out).expect("UTF-8");
    let parts = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let parts: Vec<Value> = parts.collect();
    let sum = |name: &str| {
        parts
            .iter()
            .filter_map(|part| part[name].as_u64())
            .sum::<u64>()
    };
    let broken: usize = parts
        .iter()
        .filter_map(|part| part["broken"].as_array())
        .map(Vec::len)
        .sum();
    assert_eq!(sum("done"), sum("total"));
    assert_eq!(sum("safe") + broken as u64, sum("total"));
}

#[test]
fn lessons_help_and_completions_are_told() {
    assert!(told(&["lessons"], 0).contains("acks"));
    assert!(
        json(&["lessons", "--json"], 0)
            .as_array()
            .is_some_and(|all| all.len() > 27)
    );
    assert!(told(&["--help"], 0).contains("acklab hunt sandbox --seconds 20"));
    assert!(told(&["completions", "bash"], 0).contains("_acklab"));
}

/// A folder of this test's own, gone at its end.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    fn path(&self, file: &str) -> String {
        self.0.join(file).to_str().expect("UTF-8").to_owned()
    }

    fn write(&self, file: &str, text: &str) -> String {
        let path = self.path(file);
        std::fs::write(&path, text).expect("a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

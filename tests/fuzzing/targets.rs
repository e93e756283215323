//! The parsers, what they are fed with, and what must hold of any input.

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use acklab::lab::config::{Choice, File, State, account, implied};
use acklab::lab::lessons;
use acklab::lab::session::Session;
use acklab::lab::share;
use acklab::view::progress::Progress;

/// One parser.
pub struct Target {
    pub name: &'static str,
    /// Inputs as people and the page write them.
    pub corpus: Vec<Vec<u8>>,
    /// What the parser may stumble over.
    pub hard: &'static [&'static [u8]],
    /// Panics where something does not hold.
    pub holds: fn(&[u8]),
}

/// All of them.
pub fn all() -> Vec<Target> {
    vec![
        file("properties", "properties", properties),
        file("application.yml", "yml", |b| config("application.yml", b)),
        file("describe", "txt", |b| config("paste.txt", b)),
        Target {
            name: "link",
            corpus: links(),
            hard: LINK,
            holds: link,
        },
        Target {
            name: "experiment-file",
            corpus: files(),
            hard: JSON,
            holds: experiment_file,
        },
        Target {
            name: "kept-runs",
            corpus: kept(),
            hard: LINK,
            holds: kept_runs,
        },
        Target {
            name: "progress",
            corpus: vec![
                b"acks o a2+ b g #v=1&x=acks\nfirst o\n".to_vec(),
                b"retries o a0- b #v=1&x=retries&p.retries=3\n".to_vec(),
            ],
            hard: LINK,
            holds: progress,
        },
    ]
}

const FILE: &[&[u8]] = &[
    b"\\",
    b"\\u",
    b"\\u00",
    b"=",
    b":",
    b"\n",
    b"\r",
    b"\r\n",
    b"\t",
    b"#",
    b"---\n",
    b"- ",
    b"{",
    b"[",
    b"\"",
    b"'",
    b"${",
    b"&a",
    b"*a",
    b"<<: ",
    b"|\n",
    b"\xef\xbb\xbf",
    b"\0",
];

const LINK: &[&[u8]] = &[
    b"&",
    b"=",
    b":",
    b";",
    b"~",
    b"%",
    b"%e4",
    b"%zz",
    b"\t",
    b"\n",
    b"#",
    b"&do=1.3:kill:1",
    b"&do=0:set:p.acks=1",
    b"&not=",
    b"&brokers=12",
    b"&rf=0",
    b"&p.acks=~",
    b"&x=",
    b"&end=9999999999",
    b"\xe4\xb8\xad",
];

const JSON: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\\",
    b"\\u00",
    b"null",
    b"1e999",
    b"{\"atSeconds\":1,\"action\":\"kill:1\"},",
    b"\"configs\":{\"producer\":{\"acks\":null}},",
    b"\xe4\xb8\xad",
];

fn file(name: &'static str, kind: &str, holds: fn(&[u8])) -> Target {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs");
    let entries = fs::read_dir(folder).expect("the folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|end| end == kind))
        .collect();
    paths.sort();
    let read = |path| fs::read(path).expect("a file");
    Target {
        name,
        corpus: paths.into_iter().map(read).collect(),
        hard: FILE,
        holds,
    }
}

/// A link of each lesson, and some with much in them.
fn links() -> Vec<Vec<u8>> {
    let plain = lessons::all().map(|lesson| share::write(&lesson, &lesson.experiment, 1_000_000));
    let full = [
        "v=1&x=acks&p.acks=all&seed=9&brokers=5&rf=3&do=1.3:kill:1&do=2:start:1&do=3.5:cut:1-2&at=2.5",
        "v=1&x=sandbox&partitions=3&producers=2&consumers=2&controllers=3&end=30&t.min.insync.replicas=2&do=4:poweroff:2",
        "v=1&x=first&e.network.latency.ms=5&not=1:kill:1&a.outbox=true",
    ];
    plain
        .chain(full.map(str::to_owned))
        .map(String::into_bytes)
        .collect()
}

/// The same as files.
fn files() -> Vec<Vec<u8>> {
    let text = |link: Vec<u8>| share::file::from_link(&String::from_utf8_lossy(&link));
    links()
        .into_iter()
        .map(|link| text(link).into_bytes())
        .collect()
}

/// What the page keeps of a lesson's runs.
fn kept() -> Vec<Vec<u8>> {
    let mut session = Session::new();
    let plain = session.kept();
    session.set_knob("p.acks", "all");
    session.bookmark();
    vec![plain.into_bytes(), session.kept().into_bytes()]
}

/// The same lines as the properties of a broker, a producer or a consumer.
fn properties(bytes: &[u8]) {
    let names = [
        "server.properties",
        "producer.properties",
        "consumer.properties",
    ];
    config(names[bytes.len() % names.len()], bytes);
}

/// Nothing panics, every line is there once, and of each that says something to Kafka something is said.
fn config(name: &str, bytes: &[u8]) {
    let file = File::of_bytes(name, bytes);
    let account = account(std::slice::from_ref(&file), &Choice::default());
    let paste = &account.pastes[0];
    for (place, line) in paste.lines.iter().enumerate() {
        assert_eq!(line.number, place + 1);
        assert!(!line.text.contains(['\n', '\r']));
    }
    let kept: usize = paste.lines.iter().map(|line| line.text.len()).sum();
    let is_end = |c: &char| matches!(c, '\n' | '\r');
    let ends = file.text.chars().filter(is_end).count();
    assert_eq!(kept + ends, file.text.len());
    let printed = paste.kind.name().starts_with("kafka-") || paste.kind.name().ends_with(".yml");
    for line in paste.lines.iter().filter(|_| !printed) {
        let shown = line.text.trim_start_matches([' ', '\t', '\u{c}']);
        let says_something = !shown.is_empty() && !shown.starts_with(['#', '!']);
        let is_said = !says_something || line.state != State::Blank;
        assert!(is_said, "{}: {:?}", line.number, line.text);
    }
    let _ = implied(&account).experiment.spec();
}

/// What was read is written and read back as the same.
fn link(bytes: &[u8]) {
    let opened = share::read(&String::from_utf8_lossy(bytes));
    let lesson = lessons::find(&opened.lesson).expect("a lesson that is there");
    let written = share::write(&lesson, &opened.experiment, opened.at_us);
    let again = share::read(&written);
    assert_eq!(again.lesson, opened.lesson);
    assert_eq!(again.experiment, opened.experiment, "{written}");
    assert_eq!(again.at_us, opened.at_us, "{written}");
}

/// What a file holds is a link that reads back, and a file again.
fn experiment_file(bytes: &[u8]) {
    let Ok(read) = share::file::to_link(&String::from_utf8_lossy(bytes)) else {
        return;
    };
    link(read.link.as_bytes());
    let again = share::file::to_link(&share::file::from_link(&read.link));
    assert!(again.is_ok(), "{}", read.link);
}

thread_local! {
    /// Two visits to the same lesson; to open one anew for each input would be most of the work.
    static VISITS: RefCell<[Session; 2]> = RefCell::new([Session::new(), Session::new()]);
}

/// What was kept comes back or is named; what is kept then comes back whole.
fn kept_runs(bytes: &[u8]) {
    VISITS.with_borrow_mut(|[first, second]| {
        first.restore(&String::from_utf8_lossy(bytes), false);
        let kept = first.kept();
        assert_eq!(second.restore(&kept, false), Vec::new(), "{kept}");
        for visit in [first, second] {
            let others: Vec<u32> = visit.branches().iter().map(|run| run.way.id).collect();
            others.into_iter().for_each(|id| visit.remove_run(id));
        }
    });
}

/// Lines that were read are written and read back as the same.
fn progress(bytes: &[u8]) {
    let (progress, _) = Progress::read(&String::from_utf8_lossy(bytes));
    let (again, damaged) = Progress::read(&progress.write());
    assert_eq!((again, damaged), (progress, 0));
}

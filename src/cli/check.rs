//! `acklab check`: configuration files, line by line and against every class of faults.

use std::fmt::Write;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::args::{CheckArgs, Lang};
use super::words::{BAD, GOOD, PLAIN, SOFT, STRONG};
use super::{BadInput, Outcome};
use crate::lab::config::{
    Account, Check, Choice, File, Hunk, ORDERS, Options, Report, Row, State, Verdict, Word, diff,
    turns_told,
};
use crate::lab::lessons;
use crate::lab::price::ms;
use crate::lab::share;

pub(super) fn check(args: &CheckArgs, lang: Lang) -> Result<Outcome, BadInput> {
    let files = read(args)?;
    let options = Options {
        choice: Choice {
            topic: args.topic.clone(),
            profile: args.profile.clone(),
            brokers: args.brokers,
            racks: args.racks,
            copies: args.copies,
            controllers: args.controllers,
        },
        classes: args.classes(),
        runs: args.runs,
    };
    let mut check = Check::new(&files, options);
    if check.account().settings.is_empty() {
        return Err(BadInput::new(lang.t(
            "no line of these files is one that Kafka uses",
            "这些文件里没有 Kafka 会用到的行",
        )));
    }
    let bar = ProgressBar::new(1_000);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent}% {eta}") {
        bar.set_style(style);
    }
    while check.step() {
        bar.set_position(check.permille() as u64);
    }
    bar.finish_and_clear();
    let report = check.report();
    let hunks = diff(&files, &report.account, &report.turns);
    if args.json {
        anstream::println!("{:#}", as_json(&report, &hunks, lang));
    } else if args.junit {
        anstream::print!("{}", junit(&report, lang));
    } else {
        lines(&report.account, args.lines, lang);
        table(&report, &hunks, lang);
    }
    Ok(match report.is_safe() {
        true => Outcome::Safe,
        false => Outcome::Unsafe,
    })
}

fn read(args: &CheckArgs) -> Result<Vec<File>, BadInput> {
    let read = |path: &std::path::PathBuf| {
        let bytes = match path.as_os_str() == "-" {
            true => {
                let mut bytes = Vec::new();
                std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes).map(|_| bytes)
            }
            false => std::fs::read(path),
        };
        let bytes = bytes.map_err(|error| BadInput(format!("{}: {error}", path.display())))?;
        let name = path.file_name().unwrap_or(path.as_os_str());
        Ok(File::of_bytes(&name.to_string_lossy(), &bytes))
    };
    args.files.iter().map(read).collect()
}

fn lines(account: &Account, all: bool, lang: Lang) {
    for paste in &account.pastes {
        anstream::println!(
            "{STRONG}{}{PLAIN} {SOFT}{}: {}{PLAIN}",
            paste.name,
            paste.kind.name(),
            lang.of(&paste.why)
        );
        let told = |state: State| all || state >= State::Risk;
        for line in paste
            .lines
            .iter()
            .filter(|line| told(line.state) && line.state != State::Blank)
        {
            let (colour, sign) = match line.state {
                State::Refused => (BAD, "x"),
                State::Risk => (BAD, "!"),
                State::Unknown => (STRONG, "?"),
                State::Quiet => (SOFT, "-"),
                _ => (GOOD, "+"),
            };
            anstream::println!(
                "{:>5} {colour}{sign}{PLAIN} {}",
                line.number,
                line.text.trim_end()
            );
            let mut reason = lang.of(&line.reason).to_string();
            if let Some(meant) = &line.meant {
                reason += &match lang {
                    Lang::En => format!(". Did you mean {meant}?"),
                    Lang::Zh => format!("，是否指 {meant}？"),
                };
            }
            if !reason.is_empty() {
                anstream::println!("        {SOFT}{reason}{PLAIN}");
            }
        }
    }
    let counts = State::ALL.iter().zip(account.counts());
    let counts: Vec<String> = counts
        .map(|(state, count)| format!("{count} {}", state.word()))
        .collect();
    anstream::println!("{}\n", counts.join(", "));
}

fn table(report: &Report, hunks: &[Hunk], lang: Lang) {
    for text in report
        .account
        .notes
        .iter()
        .chain(&report.implied.assumptions)
    {
        anstream::println!("{SOFT}- {}{PLAIN}", lang.of(text));
    }
    let changed = !report.turns.is_empty();
    anstream::println!();
    for row in &report.rows {
        let (colour, mark) = match row.before.worst.word() {
            Word::Lost => (BAD, "x"),
            Word::Twice => (BAD, "="),
            Word::NeverAcked | Word::HeldUp => (STRONG, "~"),
            Word::Safe => (GOOD, "+"),
        };
        let before = row.before.worst.told(ORDERS);
        let mut line = format!(
            "{colour}{mark} {:<34}{PLAIN} {}",
            lang.of(&before),
            lang.of(&row.before.class.title())
        );
        if let Some(after) = after(row, lang).filter(|_| changed && row.before.worst.is_red()) {
            let _ = write!(line, " {SOFT}-> {after}{PLAIN}"); // a String takes everything
        }
        anstream::println!("{line}");
    }
    change(report, hunks, lang);
}

/// What to change, what it costs, and the link that shows why.
fn change(report: &Report, hunks: &[Hunk], lang: Lang) {
    if !hunks.is_empty() {
        anstream::println!(
            "\n{STRONG}{}{PLAIN}",
            lang.t("The smallest change", "最小的改动")
        );
    }
    for hunk in hunks {
        anstream::println!("{}", hunk.place);
        hunk.gone
            .iter()
            .for_each(|line| anstream::println!("{BAD}- {line}{PLAIN}"));
        hunk.come
            .iter()
            .for_each(|line| anstream::println!("{GOOD}+ {line}{PLAIN}"));
        if let Some(command) = &hunk.command {
            anstream::println!("{SOFT}  {command}{PLAIN}");
        }
    }
    if let Some(prices) = &report.prices {
        let (before, after) = &prices.calm;
        let (slow, fast) = (ms(before.calm_ack.median_us), ms(after.calm_ack.median_us));
        let (most, then) = (prices.load.0.orders_per_s, prices.load.1.orders_per_s);
        anstream::println!(
            "{}",
            match lang {
                Lang::En => format!(
                    "median ack {slow} -> {fast} ms, at most {most} -> {then} orders a second"
                ),
                Lang::Zh => format!("ack 中位数 {slow} -> {fast} ms，每秒最多 {most} -> {then} 条"),
            }
        );
    }
    if let Some(link) = report.simplest().and_then(link) {
        anstream::println!(
            "\n{}\n{SOFT}{link}{PLAIN}",
            lang.t(
                "To play what loses most simply:",
                "最简单的丢失过程，可以播放："
            )
        );
    }
}

fn after(row: &Row, lang: Lang) -> Option<String> {
    let told = row
        .after
        .as_ref()
        .map(|after| lang.of(&after.worst.told(ORDERS)).to_string());
    let needs = row.needs.as_ref().map(|turns| turns_told(turns));
    match (told, needs) {
        (told, Some(needs)) => Some(format!(
            "{} ({})",
            told.unwrap_or_default(),
            lang.of(&needs)
        )),
        (told, None) => told,
    }
}

/// The page's link to the worst run of a class.
fn link(verdict: &Verdict) -> Option<String> {
    let lesson = lessons::find("sandbox")?;
    Some(format!(
        "#{}",
        share::write(&lesson, &verdict.experiment()?, 0)
    ))
}

fn as_json(report: &Report, hunks: &[Hunk], lang: Lang) -> Value {
    let files = report.account.pastes.iter().map(|paste| {
        let lines = paste.lines.iter().map(|line| {
            json!({"line": line.number, "state": line.state.word(), "reason": lang.of(&line.reason), "meant": line.meant})
        });
        json!({"name": paste.name, "kind": paste.kind.name(), "lines": lines.collect::<Vec<_>>()})
    });
    let verdicts = report.rows.iter().map(|row| {
        json!({
            "fault": row.before.class.word(),
            "title": lang.of(&row.before.class.title()),
            "verdict": row.before.worst.word().word(),
            "lost": row.before.worst.lost + row.before.worst.silently,
            "twice": row.before.worst.twice,
            "never_acked": row.before.worst.failed,
            "runs": row.before.runs.0,
            "broken": row.before.broken,
            "experiment": link(&row.before),
            "with_change": row.after.as_ref().map(|after| after.worst.word().word()),
            "needs": row.needs.as_ref().map(|turns| turns_told(turns).en),
        })
    });
    let change = hunks.iter().map(|hunk| {
        json!({"place": hunk.place, "remove": hunk.gone, "add": hunk.come, "command": hunk.command})
    });
    let assumed = report
        .account
        .notes
        .iter()
        .chain(&report.implied.assumptions);
    json!({
        "acklab": crate::lab::experiment::VERSION,
        "safe": report.is_safe(),
        "runs": report.runs,
        "orders": ORDERS,
        "files": files.collect::<Vec<_>>(),
        "assumed": assumed.map(|text| lang.of(text)).collect::<Vec<_>>(),
        "verdicts": verdicts.collect::<Vec<_>>(),
        "change": change.collect::<Vec<_>>(),
    })
}

/// One test a class of faults, as CI servers show them.
fn junit(report: &Report, lang: Lang) -> String {
    let failed = report
        .rows
        .iter()
        .filter(|row| row.before.worst.word() == Word::Lost)
        .count();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"acklab check\" tests=\"{}\" failures=\"{failed}\">\n",
        report.rows.len()
    );
    for row in &report.rows {
        let title = xml(lang.of(&row.before.class.title()));
        let told = xml(lang.of(&row.before.worst.told(ORDERS)));
        let mut body = String::new();
        if row.before.worst.word() == Word::Lost {
            let link = xml(&link(&row.before).unwrap_or_default());
            body = format!("<failure message=\"{told}\">{link}</failure>");
        } else if row.before.worst.word() != Word::Safe {
            body = format!("<system-out>{told}</system-out>");
        }
        let class = row.before.class.word();
        out += &format!(
            "  <testcase classname=\"acklab.{class}\" name=\"{title}\">{body}</testcase>\n"
        );
    }
    out + "</testsuite>\n"
}

fn xml(text: &str) -> String {
    let escape = |c: char| match c {
        '&' => "&amp;".into(),
        '<' => "&lt;".into(),
        '>' => "&gt;".into(),
        '"' => "&quot;".into(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}

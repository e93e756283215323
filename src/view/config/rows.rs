//! The verdict of each kind of fault, before and with the change.

use super::{CellView, ChangeView, ConfigView, GroupView, PlaceView, RowView, hue_of};
use crate::lab::config::{Check, Class, Hunk, ORDERS, Report, Row, Verdict, Word, turns_told};
use crate::lab::price::ms;
use crate::lab::text::Text;
use crate::view::Hue;

/// Kinds of faults that are alike, in the order of the table.
const GROUPS: [(Text, &[Class]); 3] = [
    (
        Text::fixed("One broker", "一个 broker"),
        &[
            Class::Killed,
            Class::PowerLost,
            Class::CutOff,
            Class::Restarted,
            Class::DiskLost,
        ],
    ),
    (
        Text::fixed("Several brokers", "多个 broker"),
        &[
            Class::TwoBrokers,
            Class::LastStanding,
            Class::Rack,
            Class::Outage,
            Class::Controller,
        ],
    ),
    (
        Text::fixed("Network and clients", "网络和客户端"),
        &[
            Class::AckLost,
            Class::Producer,
            Class::Consumer,
            Class::Rebalance,
            Class::Calm,
        ],
    ),
];

fn named(class: Class) -> (Text, Text) {
    let (en, zh, note, note_zh) = match class {
        Class::Calm => ("no fault at all", "没有任何故障", "", ""),
        Class::Killed => ("kill -9", "kill -9", "", ""),
        Class::PowerLost => ("power loss", "断电", "page cache gone", "page cache 丢失"),
        Class::CutOff => (
            "cut off from the others",
            "与其他 broker 断开",
            "clients still reach it",
            "客户端仍能连上",
        ),
        Class::Restarted => (
            "planned restart",
            "计划内重启",
            "no failure at all",
            "没有任何故障",
        ),
        Class::DiskLost => (
            "disk wiped",
            "磁盘清空",
            "an empty one takes its place",
            "换上空盘",
        ),
        Class::TwoBrokers => ("two lose power", "两个断电", "one after the other", "先后"),
        Class::LastStanding => (
            "followers stand still, leader loses power",
            "follower 都停顿，leader 断电",
            "the last replica standing",
            "只剩最后一个副本",
        ),
        Class::Rack => ("a rack loses power", "一个机架断电", "", ""),
        Class::Outage => ("all lose power", "全部断电", "at once", "同时"),
        Class::Controller => (
            "the active controller is killed",
            "当前 controller 被 kill -9",
            "",
            "",
        ),
        Class::AckLost => ("an ack is lost on the way", "ack 在路上丢失", "", ""),
        Class::Producer => ("producer process dies", "producer 进程被杀", "", ""),
        Class::Consumer => ("consumer process dies", "consumer 进程被杀", "", ""),
        Class::Rebalance => (
            "rebalance",
            "再均衡",
            "a consumer leaves and comes back",
            "一个 consumer 离开又回来",
        ),
    };
    (Text::fixed(en, zh), Text::fixed(note, note_zh))
}

/// Title and note of a row; of a rack, what is taken for one.
fn titled(class: Class, report: &Report) -> (Text, Text) {
    let (title, note) = named(class);
    if class != Class::Rack {
        return (title, note);
    }
    let racks = crate::lab::config::racks(&report.implied.experiment);
    let note = match racks.len() {
        0 => Text::fixed("any two brokers at once", "任意两个 broker 同时"),
        count => Text::new(
            format!("{count} racks, one at a time"),
            format!("{count} 个机架，每次一个"),
        ),
    };
    (title, note)
}

/// The rows and what they amount to; `check` while it goes on.
pub fn fill(view: &mut ConfigView, report: &Report, check: Option<&Check>) {
    let tried = |class: Class| match check {
        Some(check) => check.classes().contains(&class),
        None => report.rows.iter().any(|row| row.before.class == class),
    };
    let on = check.and_then(Check::playing);
    let row = |class: &Class| {
        let known = report.rows.iter().find(|row| row.before.class == *class);
        let (title, note) = titled(*class, report);
        let is_on = |after: bool| on == Some((*class, after));
        RowView {
            id: class.word(),
            title,
            note,
            before: before(known, is_on(false)),
            after: after(known, report, is_on(true)),
            plays: known.is_some_and(|row| !is_on(false) && !row.before.losing.is_empty()),
        }
    };
    for (title, classes) in &GROUPS {
        let rows: Vec<RowView> = classes
            .iter()
            .filter(|class| tried(**class))
            .map(row)
            .collect();
        if !rows.is_empty() {
            let title = title.clone();
            view.groups.push(GroupView { title, rows });
        }
    }
    let no_consumer = !tried(Class::Consumer) && !tried(Class::Rebalance);
    if no_consumer && !view.groups.is_empty() {
        view.left_out = Text::fixed(
            "Consumer crash and rebalance are not tried: no consumer was pasted.",
            "未测试 consumer 崩溃和再均衡：没有粘贴 consumer 配置。",
        );
    }
    amount_to(
        view,
        report,
        check.map_or(report.rows.len(), |check| check.classes().len()),
    );
}

fn before(row: Option<&Row>, is_on: bool) -> CellView {
    let Some(row) = row else {
        return CellView {
            is_on,
            ..CellView::default()
        };
    };
    cell(&row.before, is_on)
}

fn cell(verdict: &Verdict, is_on: bool) -> CellView {
    let word = verdict.worst.word();
    // What is safe so far may not be so for long.
    let known = !is_on || word != Word::Safe;
    CellView {
        word: known.then_some(word),
        text: verdict.worst.told(ORDERS),
        is_on,
    }
}

fn after(row: Option<&Row>, report: &Report, is_on: bool) -> CellView {
    let Some(row) = row else {
        return CellView::default();
    };
    let changed = row.after.as_ref().filter(|_| !report.turns.is_empty());
    let mut made = match changed {
        Some(after) => cell(after, is_on),
        // Where nothing is to be changed it stays as it is.
        None if report.complete => cell(&row.before, false),
        None => CellView::default(),
    };
    if let Some(needs) = &row.needs {
        let needs = turns_told(needs);
        made.text = Text::new(
            format!("{} ({})", made.text.en, needs.en),
            format!("{}（{}）", made.text.zh, needs.zh),
        );
    }
    made
}

/// The verdict in a few words.
fn amount_to(view: &mut ConfigView, report: &Report, all: usize) {
    let worst = report.rows.iter().map(|row| row.before.worst.word());
    let worst = worst.max().unwrap_or(Word::Safe);
    let count = |word: Word| {
        report
            .rows
            .iter()
            .filter(|row| row.before.worst.word() == word)
            .count()
    };
    let known = report.complete || worst > Word::HeldUp;
    view.hue = if known { hue_of(worst) } else { Hue::None };
    view.title = match worst {
        _ if !known => Text::fixed("Playing one fault after the other", "正在逐个播放故障"),
        Word::Lost => Text::fixed("It loses orders that were acked", "已 ack 的订单会丢失"),
        Word::Twice => Text::fixed("It does orders twice", "订单会重复处理"),
        Word::NeverAcked => Text::fixed("Nothing that was acked is lost", "已 ack 的订单一条不丢"),
        Word::Safe | Word::HeldUp => Text::fixed("Nothing is lost", "什么也没有丢"),
    };
    let (bad, tried) = (count(worst), report.rows.len());
    let most = report
        .rows
        .iter()
        .map(|row| row.before.runs.1)
        .max()
        .unwrap_or(0);
    let (of, of_zh) = match report.complete {
        true => (format!("{all} kinds of fault"), format!("{all} 类故障")),
        false => (
            format!("{tried} kinds of fault so far, of {all}"),
            format!("{all} 类故障（已测 {tried} 类）"),
        ),
    };
    view.line = match worst {
        Word::Safe | Word::HeldUp => Text::new(
            format!(
                "In {of}, of {ORDERS} orders sent. Each row is the worst of up to {most} runs."
            ),
            format!("{of_zh}，每次发送 {ORDERS} 条订单。每行取最多 {most} 次运行中最坏的一次。"),
        ),
        _ => Text::new(
            format!(
                "In {bad} of {of}, of {ORDERS} orders sent. Each row is the worst of up to {most} runs."
            ),
            format!(
                "{of_zh}中有 {bad} 类，每次发送 {ORDERS} 条订单。每行取最多 {most} 次运行中最坏的一次。"
            ),
        ),
    };
}

/// What to change, what it costs, and what it does not mend.
pub fn change(report: &Report, hunks: Vec<Hunk>) -> ChangeView {
    let place = |hunk: Hunk| PlaceView {
        name: hunk.place,
        lines: hunk.lines,
        command: hunk.command,
    };
    let is_red = report.rows.iter().any(|row| row.before.worst.is_red());
    ChangeView {
        prices: prices(report),
        rest: rest(report),
        none: match (hunks.is_empty(), is_red) {
            (true, true) => Text::fixed(
                "No safe default is missing. What is left has a price, or takes a change of the application:",
                "没有缺少安全的默认配置。剩下的要付出代价，或者要改应用：",
            ),
            (true, false) => Text::fixed("Nothing has to be changed.", "不需要任何改动。"),
            _ => Text::default(),
        },
        places: hunks.into_iter().map(place).collect(),
    }
}

fn prices(report: &Report) -> Vec<(Text, String)> {
    let Some(prices) = &report.prices else {
        return Vec::new();
    };
    let (was, is) = (&prices.calm.0.calm_ack, &prices.calm.1.calm_ack);
    let (most, then) = (prices.load.0.orders_per_s, prices.load.1.orders_per_s);
    let mut all = vec![(
        Text::fixed("median ack", "ack 中位数"),
        format!("{} → {} ms", ms(was.median_us), ms(is.median_us)),
    )];
    all.push((
        Text::fixed("at most", "每秒最多"),
        format!("{} → {} /s", thousands(most), thousands(then)),
    ));
    all
}

/// "84 000".
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut made = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            made.push('\u{a0}');
        }
        made.push(digit);
    }
    made
}

/// What stays red with the change.
fn rest(report: &Report) -> Vec<Text> {
    let left = |row: &Row| {
        let verdict = row.after.as_ref().unwrap_or(&row.before);
        if !verdict.worst.is_red() {
            return None;
        }
        let (title, told) = (named(row.before.class).0, verdict.worst.told(ORDERS));
        Some(match &row.needs {
            Some(needs) => {
                let needs = turns_told(needs);
                Text::new(
                    format!(
                        "{}: still {}. {} mends it.",
                        title.en,
                        told.en,
                        capital(&needs.en)
                    ),
                    format!("{}：仍然{}。{}可以解决。", title.zh, told.zh, needs.zh),
                )
            }
            None => Text::new(
                format!("{}: still {}. No setting mends it.", title.en, told.en),
                format!("{}：仍然{}。没有哪项配置能解决。", title.zh, told.zh),
            ),
        })
    };
    report.rows.iter().filter_map(left).collect()
}

/// Configs stay as they are written.
fn capital(text: &str) -> String {
    match text.strip_prefix("a ") {
        Some(rest) => format!("A {rest}"),
        None => text.to_string(),
    }
}

//! A learner's report: lessons, predictions, own experiments, as a Markdown file.

use super::Text;
use super::lesson::LessonCard;
use super::progress::Progress;
use crate::lab::lessons;

/// The report in both languages. `address` is the page's, without a fragment.
pub fn report(cards: &[LessonCard], progress: &Progress, address: &str) -> Text {
    Text::new(
        written(cards, progress, address, &ENGLISH, |text| &text.en),
        written(cards, progress, address, &CHINESE, |text| &text.zh),
    )
}

/// The report's own words in one language.
struct Words {
    title: &'static str,
    head: &'static str,
    right: &'static str,
    wrong: &'static str,
    seen: &'static str,
    own: &'static str,
    none: &'static str,
}

const ENGLISH: Words = Words {
    title: "# Report from acklab",
    head: "| lesson | | predicted | | bad ending | good ending |",
    right: "right",
    wrong: "wrong",
    seen: "seen",
    own: "## Own experiments",
    none: "No lesson was opened yet.",
};

const CHINESE: Words = Words {
    title: "# acklab 学习报告",
    head: "| 课 | | 预测 | | 坏结局 | 好结局 |",
    right: "正确",
    wrong: "错误",
    seen: "看过",
    own: "## 自己的实验",
    none: "还没有打开过课程。",
};

fn written(
    cards: &[LessonCard],
    progress: &Progress,
    address: &str,
    words: &Words,
    of: fn(&Text) -> &str,
) -> String {
    let opened: Vec<_> = (cards.iter())
        .filter_map(|card| Some((card, card.number?, progress.of(&card.id)?)))
        .collect();
    let mut lines = vec![words.title.to_owned(), String::new()];
    if opened.is_empty() {
        lines.push(words.none.into());
    } else {
        lines.push(words.head.into());
        lines.push("|---|---|---|---|---|---|".into());
    }
    let when = |is: bool| if is { words.seen } else { "" };
    for (card, number, done) in &opened {
        let said = done.answered.map(|answered| {
            let judged = if answered.right {
                words.right
            } else {
                words.wrong
            };
            (option(&card.id, answered.place), judged)
        });
        let (said, judged) = said.unwrap_or_default();
        lines.push(format!(
            "| {number} | {} | {} | {judged} | {} | {} |",
            of(&card.title),
            of(&said).replace('|', "/"),
            when(done.bad),
            when(done.good)
        ));
    }
    let own = opened.iter().filter(|(.., done)| !done.own.is_empty());
    let own: Vec<_> = own
        .map(|(card, _, done)| format!("- [{}]({address}#{})", of(&card.title), done.own))
        .collect();
    if !own.is_empty() {
        lines.extend([String::new(), words.own.into(), String::new()]);
        lines.extend(own);
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The words of an answer.
fn option(id: &str, place: u8) -> Text {
    let question = lessons::find(id).and_then(|lesson| lesson.question);
    let option = question.and_then(|question| question.options.into_iter().nth(place.into()));
    option.map_or_else(Text::default, |option| option.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::live::narrator::cards;

    #[test]
    fn it_tells_what_was_predicted_and_links_the_own_experiment() {
        let (progress, _) = Progress::read("acks o a2- b g #v=1&x=acks\nno-such-lesson o\n");
        let report = report(&cards(), &progress, "https://lab.example/");
        assert!(
            report
                .en
                .contains("| 4 | The leader dies too soon | Three | wrong | seen | seen |"),
            "{}",
            report.en
        );
        assert!(
            report
                .zh
                .contains("| 4 | leader 死得太早 | 只剩 3 条 | 错误 | 看过 | 看过 |"),
            "{}",
            report.zh
        );
        assert!(report.en.contains("](https://lab.example/#v=1&x=acks)"));
        assert!(!report.en.contains("no-such-lesson"));
    }

    #[test]
    fn nothing_done_is_said_so() {
        let report = report(&cards(), &Progress::default(), "");
        assert!(report.en.contains("No lesson was opened yet."));
    }
}

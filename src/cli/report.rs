//! A judged run, told in words or as JSON.

use serde_json::{Value, json};

use super::args::Lang;
use super::words::{BAD, GOOD, PLAIN, SOFT, STRONG, violated};
use crate::lab::explain::{Why, explain_harm};
use crate::lab::harm::Harm;
use crate::lab::judge::{Judgement, Tally};
use crate::lab::properties::Verdict;
use crate::lab::trial::clock;

/// Whether anything was lost, doubled or otherwise harmed.
pub(super) fn is_safe(judged: &Judgement) -> bool {
    let mut verdicts = judged.verdicts.iter();
    !verdicts.any(|(_, verdict)| verdict.is_violated())
}

/// "60 sent, 58 acked, 2 lost after their ack".
pub(super) fn tally(tally: &Tally, lang: Lang) -> String {
    let counted = [
        (tally.sent, "sent", "已发送"),
        (tally.acked, "acked", "已 ack"),
        (tally.failed, "failed", "失败"),
        (tally.lost_after_ack, "lost after an ack", "ack 后丢失"),
        (tally.lost_silently, "lost in silence", "无声丢失"),
        (tally.twice, "doubled", "重复"),
        (tally.out_of_order, "out of order", "乱序"),
        (tally.in_doubt, "in doubt", "不确定"),
        (tally.processed, "processed", "已处理"),
        (tally.waiting, "on their way", "在途"),
    ];
    let some = counted.into_iter().filter(|(count, ..)| *count > 0);
    let told = some.map(|(count, en, zh)| match lang {
        Lang::En => format!("{count} {en}"),
        Lang::Zh => format!("{zh} {count}"),
    });
    told.collect::<Vec<_>>().join(lang.t(", ", "，"))
}

/// Prints the verdict, what is violated first.
pub(super) fn print_verdict(judged: &Judgement, lang: Lang) {
    for (property, verdict) in &judged.verdicts {
        if let Verdict::Violated(evidence) = verdict {
            let what = violated(*property);
            let shown = evidence.messages.iter().take(8);
            let mut shown: Vec<String> = shown.map(|message| format!("m{}", message.0)).collect();
            if evidence.messages.len() > shown.len() {
                shown.push(format!("… ({})", evidence.messages.len()));
            }
            anstream::println!("{BAD}{}{PLAIN}: {}", lang.of(&what), shown.join(" "));
        }
    }
    if is_safe(judged) {
        let calm = lang.t("nothing is lost or doubled", "没有丢失，也没有重复");
        anstream::println!("{GOOD}{calm}{PLAIN}");
    }
    anstream::println!("{}", tally(&judged.tally, lang));
}

/// Explanations: of each kind of harm, what came to its first message.
pub(super) fn explanations(judged: &Judgement) -> Vec<(Why, usize)> {
    let run = &judged.healed;
    let each = Harm::ALL.into_iter().filter_map(|harm| {
        let messages = harm.found(judged);
        let first = *messages.first()?;
        let why = explain_harm(
            run.experiment(),
            run.journal(),
            &judged.history,
            first,
            harm,
        );
        Some((why, messages.len()))
    });
    each.collect()
}

/// Prints an explanation.
pub(super) fn print_why(why: &Why, lang: Lang) {
    anstream::println!("{STRONG}{}{PLAIN}", lang.of(&why.title));
    for line in &why.lines {
        let (at, text) = (clock(line.at_us), lang.of(&line.text));
        match line.decisive {
            true => anstream::println!("  {SOFT}{at:>10}{PLAIN}  {STRONG}{text}{PLAIN}"),
            false => anstream::println!("  {SOFT}{at:>10}{PLAIN}  {text}"),
        }
    }
}

/// An explanation as JSON.
pub(super) fn why_json(why: &Why, lang: Lang) -> Value {
    let lines = why.lines.iter().map(|line| {
        json!({
            "atMicroseconds": line.at_us,
            "text": lang.of(&line.text),
            "decisive": line.decisive,
        })
    });
    json!({
        "title": lang.of(&why.title),
        "message": why.about.map(|(_, message)| message.0),
        "lines": lines.collect::<Vec<_>>(),
    })
}

/// A verdict as JSON.
pub(super) fn verdict_json(judged: &Judgement) -> Value {
    let told = judged.verdicts.iter().map(|(property, verdict)| {
        let (said, messages) = match verdict {
            Verdict::Holds => ("holds", Vec::new()),
            Verdict::Unknown => ("unknown", Vec::new()),
            Verdict::Violated(evidence) => {
                let messages = evidence.messages.iter();
                ("violated", messages.map(|message| message.0).collect())
            }
        };
        json!({ "property": property, "verdict": said, "messages": messages })
    });
    json!(told.collect::<Vec<_>>())
}

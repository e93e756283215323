//! `acklab explain`: why messages were lost, doubled or late, or the life of one.

use serde_json::json;

use super::args::{ExplainArgs, Lang};
use super::report::{self, print_why};
use super::subject::Subject;
use super::{BadInput, Outcome};
use crate::kafka::MessageId;
use crate::lab::explain::{Why, explain as explain_message};
use crate::lab::judge::Judgement;
use crate::lab::run::Run;

pub(super) fn explain(args: &ExplainArgs, lang: Lang) -> Result<Outcome, BadInput> {
    let subject = Subject::read(&args.experiment, lang)?;
    let judged = Judgement::ending(Run::new(subject.experiment));
    let whys = match args.message {
        Some(number) => vec![(life(&judged, MessageId(number))?, 1)],
        None => report::explanations(&judged),
    };
    if args.json {
        let told: Vec<_> = whys
            .iter()
            .map(|(why, _)| report::why_json(why, lang))
            .collect();
        anstream::println!("{:#}", json!(told));
    } else if whys.is_empty() {
        let calm = "Every message came to its end in time; --message tells the life of one.";
        let calm = lang.t(
            calm,
            "每条消息都按时走完了全程；用 --message 看一条消息的经历。",
        );
        anstream::println!("{calm}");
    } else {
        for (why, count) in &whys {
            print_why(why, lang);
            if *count > 1 {
                let more = count - 1;
                let en = format!("  and {more} more like it");
                let zh = format!("  另有 {more} 条同样如此");
                anstream::println!("{}", lang.t(&en, &zh));
            }
            anstream::println!();
        }
    }
    Ok(match report::is_safe(&judged) {
        true => Outcome::Safe,
        false => Outcome::Unsafe,
    })
}

fn life(judged: &Judgement, message: MessageId) -> Result<Why, BadInput> {
    let run = &judged.healed;
    if judged.history.ledger.get(message).is_none() {
        let sent = judged.history.ledger.len();
        let why = format!(
            "there is no message {}; {sent} were sent, numbered from 1",
            message.0
        );
        return Err(BadInput(why));
    }
    Ok(explain_message(
        run.experiment(),
        run.journal(),
        &judged.history,
        message,
    ))
}

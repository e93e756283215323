//! `acklab run`: an experiment played to its end and judged.

use serde_json::json;

use super::args::{Lang, RunArgs};
use super::report::{self, print_verdict, print_why};
use super::subject::Subject;
use super::words::{PLAIN, SOFT, STRONG};
use super::{BadInput, Outcome};
use crate::lab::judge::Judgement;
use crate::lab::run::Run;
use crate::lab::share::file;

pub(super) fn run(args: &RunArgs, lang: Lang) -> Result<Outcome, BadInput> {
    let subject = Subject::read(&args.experiment, lang)?;
    let link = subject.link(&subject.experiment);
    if let Some(path) = &args.export {
        let written = std::fs::write(path, file::from_link(&link));
        written.map_err(|error| BadInput(format!("{}: {error}", path.display())))?;
    }
    let judged = Judgement::ending(Run::new(subject.experiment.clone()));
    let whys = report::explanations(&judged);
    if args.json {
        let why: Vec<_> = whys
            .iter()
            .map(|(why, _)| report::why_json(why, lang))
            .collect();
        let told = json!({
            "acklab": crate::lab::experiment::VERSION,
            "experiment": link,
            "safe": report::is_safe(&judged),
            "verdicts": report::verdict_json(&judged),
            "tally": judged.tally,
            "why": why,
        });
        anstream::println!("{told:#}");
    } else {
        anstream::println!("{STRONG}{}{PLAIN}", lang.of(&subject.lesson.title));
        print_verdict(&judged, lang);
        if let Some((why, _)) = whys.first() {
            anstream::println!();
            print_why(why, lang);
        }
        anstream::println!("\n{SOFT}{link}{PLAIN}");
    }
    Ok(match report::is_safe(&judged) {
        true => Outcome::Safe,
        false => Outcome::Unsafe,
    })
}

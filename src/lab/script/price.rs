//! The price of a lesson's fix, in the numbers of the run that has it.

use super::Writer;
use crate::kafka::config::Configs;
use crate::lab::experiment::Experiment;
use crate::lab::history::History;
use crate::lab::price::{Price, span};
use crate::lab::run::Run;
use crate::lab::story::both;
use crate::lab::text::Text;

impl Writer<'_> {
    /// What the lesson says of its price. It may name `{ack}` (the median while nothing is wrong), `{ack_max}`,
    /// `{answer}` (the same from the request on), `{gap}`, `{leaderless}`, `{fsyncs}` and `{fsync}` of this run; with
    /// `_before` the first five are of the lesson as it is.
    pub(super) fn price(&self) -> Text {
        let text = &self.lesson.price;
        if !text.en.contains('{') {
            return text.clone();
        }
        let (experiment, journal) = (self.run.experiment(), self.run.journal());
        let now = Price::measured(experiment, journal, self.whole);
        let mut text = filled(text, "}", &now);
        if text.en.contains("_before}") {
            text = filled(&text, "_before}", &as_it_is(&self.lesson.experiment));
        }
        let (configs, _) = Configs::build(&experiment.configs);
        let text = put(&text, "{fsyncs}", &now.fsyncs.to_string());
        put(&text, "{fsync}", &span(configs.environment.fsync_us()))
    }
}

/// The price of a lesson without its fix.
fn as_it_is(experiment: &Experiment) -> Price {
    let mut run = Run::new(experiment.clone());
    run.seek(experiment.horizon_us);
    let mut whole = History::new(experiment);
    whole.follow(run.journal(), run.entries());
    Price::measured(experiment, run.journal(), &whole)
}

fn filled(text: &Text, end: &str, price: &Price) -> Text {
    let slots = [
        ("{ack", price.calm_ack.median_us),
        ("{ack_max", price.ack.max_us),
        ("{answer", price.answer.median_us),
        ("{gap", price.gap_us),
        ("{leaderless", price.leaderless_us),
    ];
    slots.iter().fold(text.clone(), |text, (name, us)| {
        put(&text, &format!("{name}{end}"), &span(*us))
    })
}

fn put(text: &Text, slot: &str, value: &str) -> Text {
    both(text.en.replace(slot, value), text.zh.replace(slot, value))
}

//! What a lesson says at one moment: narrator, question, reveal, offers.

use super::keys::key_of;
use crate::kafka::Action as Do;
use crate::lab::knobs::handle;
use crate::lab::lessons::{self, Answer, Lesson};
use crate::lab::moments::On;
use crate::lab::properties::Property;
use crate::lab::script::Asked;
use crate::lab::session::Session;
use crate::lab::text::Text;
use crate::view::pace::SLOW_BEFORE_US;
use crate::view::{
    Action, Fault, LessonCard, LessonView, NarratorView, Offer, OfferView, OptionView, Pips,
    QuestionView, RevealView, Room, SeenView, Target, With,
};

/// The lines of the lesson menu.
pub fn cards() -> Vec<LessonCard> {
    let card = |lesson: Lesson| LessonCard {
        id: lesson.id.into(),
        number: lesson.number,
        title: lesson.title,
        line: lesson.line,
        done: Default::default(),
    };
    lessons::all().map(card).collect()
}

/// The lesson at the session's moment.
pub fn lesson(session: &mut Session) -> LessonView {
    let trial = super::trial::trial_of(session);
    let lesson = session.lesson();
    let asked = session.script().asked.as_ref();
    LessonView {
        id: lesson.id.into(),
        room: room(lesson),
        number: lesson.number,
        title: lesson.title.clone(),
        narrator: narrator(session),
        question: asked
            .filter(|_| session.is_asking())
            .and_then(|asked| question(lesson, asked)),
        reveal: asked
            .filter(|_| session.is_revealing())
            .and_then(|asked| reveal(session, asked)),
        offers: offers(session),
        invite: invite(session),
        reading: lesson
            .reading
            .iter()
            .map(|(title, url)| (title.clone(), url.to_string()))
            .collect(),
        seen: SeenView::default(),
        trial,
    }
}

/// Where a lesson is played.
pub fn room(lesson: &Lesson) -> Room {
    if lesson.first_screen {
        Room::First
    } else {
        Room::Lab
    }
}

fn narrator(session: &Session) -> NarratorView {
    let (words, at_us) = match session.beat() {
        Some(told) => (&told.words, told.at_us),
        None => (&session.lesson().opening, 0),
    };
    NarratorView {
        strong: words.strong.clone(),
        rest: words.rest.clone(),
        at_us,
        waits: session.is_waiting(),
    }
}

fn question(lesson: &Lesson, asked: &Asked) -> Option<QuestionView> {
    let question = lesson.question.as_ref()?;
    let option = |answer: &Answer| OptionView {
        text: answer.text.clone(),
        pips: pips(answer),
    };
    Some(QuestionView {
        text: asked.text.clone(),
        hint: question.hint.clone(),
        options: question.options.iter().map(option).collect(),
    })
}

/// The picture of an answer that gives numbers.
fn pips(answer: &Answer) -> Option<Pips> {
    let pips = Pips {
        safe: answer.safe,
        lost: answer.lost,
        twice: answer.twice,
    };
    // Order has no picture.
    if answer.late > 0 {
        return None;
    }
    (u16::from(pips.safe) + u16::from(pips.lost) + u16::from(pips.twice) > 1).then_some(pips)
}

/// An answer within a sentence: "All of them" begins small, "m9" and "ISR" stay as they are.
fn in_a_sentence(answer: &str) -> String {
    let mut letters = answer.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    let is_word = letters
        .clone()
        .next()
        .is_none_or(|next| !next.is_ascii_uppercase());
    match first.filter(|_| is_word) {
        Some(first) => format!("{first}{}", letters.as_str()),
        None => answer.to_owned(),
    }
}

fn reveal(session: &Session, asked: &Asked) -> Option<RevealView> {
    let question = session.lesson().question.as_ref()?;
    let answer = question.options.get(session.answered()?)?;
    let came_out = asked.came_out;
    let (safe, lost, twice) = (came_out.safe, came_out.lost, came_out.twice);
    let (yours, yours_zh) = (in_a_sentence(&answer.text.en), &answer.text.zh);
    let late = came_out.late;
    let title = match (lost, twice) {
        (0, 0) if late > 0 => Text::new(
            format!("You said: {yours}. {late} came after a later one."),
            format!("你的预测是“{yours_zh}”，实际 {late} 条排到了后面的消息之后。"),
        ),
        (0, 0) => Text::new(
            format!("You said: {yours}. All {safe} survived."),
            format!("你的预测是“{yours_zh}”，实际 {safe} 条都在。"),
        ),
        (0, _) => Text::new(
            format!("You said: {yours}. {twice} came twice."),
            format!("你的预测是“{yours_zh}”，实际 {twice} 条重复。"),
        ),
        _ if came_out.undone == lost => Text::new(
            format!("You said: {yours}. {safe} were done, {lost} were not."),
            format!("你的预测是“{yours_zh}”，实际处理了 {safe} 条，{lost} 条没有。"),
        ),
        _ => Text::new(
            format!("You said: {yours}. {safe} survived, {lost} did not."),
            format!("你的预测是“{yours_zh}”，实际剩 {safe} 条，丢 {lost} 条。"),
        ),
    };
    let small = |n: u64| n.min(u64::from(u8::MAX)) as u8;
    let run = Pips {
        safe: small(safe),
        lost: small(lost),
        twice: small(twice),
    };
    Some(RevealView {
        title,
        text: asked.reveal.clone(),
        yours: pips(answer),
        run: (late == 0).then_some(run),
    })
}

/// What to do next, once something came out.
fn offers(session: &Session) -> Vec<OfferView> {
    let lesson = session.lesson();
    let tally = session.tally();
    let about_order = lesson.bad.violated.contains(&Property::Reordered);
    let late = if about_order { tally.out_of_order } else { 0 };
    let about_waiting = lesson.bad.violated.contains(&Property::Stuck);
    let rang = about_waiting && session.history().alarm.is_some();
    let stuck = if rang { tally.stored + tally.dead } else { 0 };
    let gone = tally.lost() + tally.twice + late + stuck > 0;
    if session.veil_us().is_some() || !(gone || session.is_sealed()) {
        return Vec::new();
    }
    let mut offers = Vec::new();
    if gone {
        let whole = lesson.fix.len() > 1;
        offers.extend(whole.then(|| whole_fix(lesson)));
        let retries = lesson
            .offers
            .iter()
            .enumerate()
            .map(|(place, offer)| OfferView {
                text: offer.text.clone(),
                offer: Offer::Retry {
                    knob: handle(offer.owner, offer.name),
                    value: offer.value.into(),
                },
                primary: place == 0 && !whole,
            });
        offers.extend(retries);
        offers.extend(watch(session));
        let helps = !lesson.fix.is_empty() || !lesson.offers.is_empty();
        offers.extend(helps.then(side_by_side));
    } else if let Some(next) = lessons::after(lesson.id) {
        if lesson.number.is_some() {
            offers.push(OfferView {
                text: Text::fixed("What it costs", "看看代价"),
                offer: Offer::Price,
                primary: false,
            });
        }
        offers.push(OfferView {
            text: Text::new(
                format!("Next: {}", next.title.en),
                format!("下一课：{}", next.title.zh),
            ),
            offer: Offer::Lesson(next.id.into()),
            // A trial has its own button to take.
            primary: !session.has_trial(),
        });
    }
    if session.is_revealing() {
        offers.push(OfferView {
            text: Text::fixed("Go on", "继续"),
            offer: Offer::Continue,
            primary: false,
        });
    }
    offers
}

/// No single change does it.
fn whole_fix(lesson: &Lesson) -> OfferView {
    let changes = lesson.fix.len();
    OfferView {
        text: Text::new(
            format!("The whole fix: {changes} knobs"),
            format!("全部改好：{changes} 项"),
        ),
        offer: Offer::Fix,
        primary: true,
    }
}

fn side_by_side() -> OfferView {
    OfferView {
        text: Text::fixed("Side by side", "并排对比"),
        offer: Offer::Compare(With::Usual),
        primary: false,
    }
}

fn watch(session: &Session) -> Option<OfferView> {
    let now_us = session.now_us();
    let lost = session.script().moments.iter().find(|moment| {
        moment.at_us <= now_us && matches!(moment.on, On::Lost | On::Twice | On::OutOfOrder)
    })?;
    Some(OfferView {
        text: Text::fixed("Again, slowly", "再慢放一遍"),
        offer: Offer::WatchSlowly {
            from_us: lost.at_us.saturating_sub(SLOW_BEFORE_US),
        },
        primary: false,
    })
}

/// The invited action, while its node still runs and nothing is asked.
fn invite(session: &Session) -> Option<Action> {
    let spec = &session.run().world().model.spec;
    let invite = session.lesson().invite.as_ref()?;
    if matches!(invite, Do::Resend { .. }) {
        let rings = session.history().alarm.is_some() && !session.is_asking();
        return rings.then_some(Action {
            target: Target::Node(crate::view::NodeKey::Outbox),
            fault: Fault::Resend,
        });
    }
    let (node, fault) = match invite {
        Do::Kill(node) => (*node, Fault::Kill),
        Do::PowerOff(node) => (*node, Fault::PowerOff),
        Do::Pause(node) => (*node, Fault::Pause),
        _ => return None,
    };
    let runs = session
        .history()
        .nodes
        .get(usize::from(node.0))?
        .is_running();
    let key = key_of(spec, node)?;
    let fault = match key {
        crate::view::NodeKey::Consumer(_) | crate::view::NodeKey::Producer(_) => Fault::Crash,
        _ => fault,
    };
    (runs && !session.is_asking()).then_some(Action {
        target: Target::Node(key),
        fault,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::live::Live;
    use crate::view::{Hue, Session as _, Views};

    /// The lesson at its end, its question answered.
    fn at_the_end(live: &mut Live) -> Views {
        live.seek(u64::MAX);
        live.answer(0);
        live.seek(u64::MAX);
        live.views()
    }

    #[test]
    fn every_lesson_ends_badly_and_the_offer_to_take_makes_it_good() {
        // In a challenge the learner looks for the bad ending.
        for lesson in lessons::all().filter(|lesson| !lesson.bad.violated.is_empty()) {
            let mut live = Live::default();
            live.load(lesson.id).expect("a lesson");
            let bad = at_the_end(&mut live);
            let verdict = &bad.ledger.verdict;
            assert!(
                !matches!(verdict.hue, Hue::Safe | Hue::None),
                "{}: {verdict:?}",
                lesson.id
            );
            let primary = bad.lesson.offers.iter().find(|offer| offer.primary);
            match primary.map(|view| &view.offer) {
                Some(Offer::Fix) => live.fix(),
                Some(Offer::Retry { knob, value }) => live.retry(knob, value),
                other => panic!("{}: {other:?}", lesson.id),
            }
            let good = at_the_end(&mut live);
            let mut was_bad = lesson.bad.violated.iter();
            let cured = was_bad.all(|about| lesson.good.holds.contains(about));
            // Some fixes have a price that is told as well: at least once, another order.
            let pays = !cured || !lesson.good.violated.is_empty();
            let (was, is) = (&bad.ledger.verdict, &good.ledger.verdict);
            let well = is.hue == Hue::Safe || pays && is.title != was.title;
            assert!(well, "{}: {is:?}", lesson.id);
        }
    }
}

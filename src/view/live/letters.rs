//! The dead-letter topic on the stage, as the journal tells it.

use std::rc::Rc;

use super::scene::Scene;
use crate::kafka::MessageId;
use crate::lab::history::Letters;
use crate::lab::moments::On;
use crate::lab::text::Text;
use crate::view::{Bytes, Hue, LettersView, RecordView, Room};

/// Dead letters drawn one by one.
const SHOWN: usize = 10;

/// The dead letters, in the Lab, where there may be some.
pub(super) fn letters(scene: &Scene<'_>) -> Option<Rc<LettersView>> {
    let letters = &scene.history.letters;
    letters.topic.filter(|_| scene.room == Room::Lab)?;
    Some(drawn(scene, letters))
}

#[inline(never)]
fn drawn(scene: &Scene<'_>, letters: &Letters) -> Rc<LettersView> {
    let earlier = letters.records.len().saturating_sub(SHOWN);
    let shown = letters.records.iter().skip(earlier);
    let mut moments = scene.history.moments.iter().rev();
    let failed = moments.find(|moment| moment.on == On::LetterFailed);
    let failed = failed.and_then(|moment| moment.message);
    Rc::new(LettersView {
        rows: shown.map(|(_, message)| cell(scene, *message)).collect(),
        earlier: earlier as u64,
        line: line(letters),
        failed: failed.map(|m| {
            Text::new(
                format!("m{} could not be written", m.0),
                format!("m{} 没能写入", m.0),
            )
        }),
    })
}

/// Amber while it waits for somebody; green once the work was done after all.
fn cell(scene: &Scene<'_>, message: MessageId) -> RecordView {
    let life = scene.history.ledger.get(message);
    let number = u64::from(message.0);
    RecordView {
        number,
        offset: number,
        hue: match life.is_some_and(|life| life.processed > 0) {
            true => Hue::Safe,
            false => Hue::Risk,
        },
        bytes: Bytes::Disk,
        ..RecordView::default()
    }
}

fn line(letters: &Letters) -> Text {
    match letters.records.len() {
        0 => Text::fixed("nothing set aside", "没有死信"),
        n => Text::new(format!("{n} set aside"), format!("{n} 条死信")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::TopicPartition;
    use crate::kafka::config::Owner::Application;
    use crate::lab::experiment::TOPIC;
    use crate::lab::history::History;
    use crate::lab::lessons;
    use crate::lab::run::Run;
    use crate::view::StageView;

    fn stage(on_error: &str) -> StageView {
        let lesson = lessons::find("threads").expect("a lesson");
        let experiment = lesson
            .experiment
            .with(Application, "handler.on.error", on_error)
            .with(Application, "record.poison.every", "5");
        let mut run = Run::new(experiment.clone());
        run.seek(experiment.horizon_us);
        let mut history = History::new(&experiment);
        history.follow(run.journal(), run.entries());
        Scene {
            world: run.world(),
            history: &history,
            shown: TopicPartition::new(TOPIC, 0),
            room: Room::Lab,
        }
        .stage()
    }

    #[test]
    fn what_was_set_aside_is_a_card_and_nothing_else_is() {
        assert!(stage("skip").letters.is_none());
        let letters = stage("dead-letter").letters.expect("a card");
        assert_eq!(letters.line.en, "12 set aside");
        assert_eq!((letters.rows.len(), letters.earlier), (10, 2));
        assert!(letters.rows.iter().all(|row| row.hue == Hue::Risk));
        assert_eq!(letters.failed, None);
    }
}

//! The lab sheet, from the lesson and the experiment that is open.

use crate::kafka::config::{note, row};
use crate::lab::experiment::Experiment;
use crate::lab::knobs::{COUNTS, count, handle};
use crate::lab::moments::On;
use crate::lab::session::Session;
use crate::lab::text::Text;
use crate::view::{SetupRow, SheetView};

/// The sheet of the lesson that is open.
pub fn sheet(session: &Session) -> SheetView {
    let lesson = session.lesson();
    let asked = session.script().asked.as_ref();
    let mut observe: Vec<Text> = Vec::new();
    for text in lesson.beats.iter().filter_map(|beat| look_at(beat.on)) {
        if !observe.contains(&text) {
            observe.push(text);
        }
    }
    SheetView {
        number: lesson.number,
        title: lesson.title.clone(),
        opening: lesson.opening.strong.clone(),
        question: asked.map_or_else(|| lesson.line.clone(), |asked| asked.text.clone()),
        options: (lesson.question.iter())
            .flat_map(|question| question.options.iter().map(|option| option.text.clone()))
            .collect(),
        setup: setup(session.run().experiment()),
        observe,
    }
}

/// Topology that is not the usual, then every config that was set.
fn setup(experiment: &Experiment) -> Vec<SetupRow> {
    let usual = Experiment::three_brokers();
    let counts = COUNTS.iter().filter_map(|known| {
        let (value, default) = (count(experiment, known.name)?, count(&usual, known.name)?);
        (value != default).then(|| SetupRow {
            name: known.name.into(),
            value: value.to_string(),
            default: default.to_string(),
            doc: Text::fixed(known.en, known.zh),
        })
    });
    let configs = experiment.configs.iter().map(|(owner, name, value)| {
        let doc = note(owner, name).map(|note| Text::fixed(note.en, note.zh));
        SetupRow {
            name: handle(owner, name),
            value: value.into(),
            default: row(owner, name).map_or("", |row| row.default).into(),
            doc: doc.unwrap_or_default(),
        }
    });
    let differs = |row: &SetupRow| row.value != row.default;
    counts.chain(configs.filter(differs)).collect()
}

/// What to look at when something happens, without what comes of it.
fn look_at(on: On) -> Option<Text> {
    let (en, zh) = match on {
        On::Acked => (
            "An ack arrives. Which logs have the record?",
            "一个 ack 到达。哪些日志里有这条消息？",
        ),
        On::AckedWithOneCopy => (
            "Later acks arrive. How many logs have those records?",
            "之后的 ack 到达。这些消息在几份日志里？",
        ),
        On::CountedWithoutAck => (
            "A send counts as done. What has the broker said?",
            "一次发送被当作完成。broker 答复了什么？",
        ),
        On::SendFailed => (
            "A send fails. Is the record in a log?",
            "一次发送失败。这条消息在不在日志里？",
        ),
        On::Deleted => (
            "Old records are deleted. Had they been read?",
            "旧消息被删除。它们被读过了吗？",
        ),
        On::Processed => (
            "The handler finishes with a record. Is its offset committed?",
            "处理函数做完一条消息。它的 offset 提交了吗？",
        ),
        On::Committed => (
            "The consumer commits. Which offset, and what was processed by then?",
            "consumer 提交了。提交的是哪个 offset，那时处理到了哪里？",
        ),
        On::HandlerThrew => (
            "The handler throws. What becomes of that record?",
            "处理函数抛异常。这条消息会怎样？",
        ),
        On::FirstPoll => (
            "A consumer begins to read. At which offset?",
            "一个 consumer 开始读。从哪个 offset 开始？",
        ),
        On::Sealed => (
            "At the end: how many were sent, acked, lost, twice?",
            "最后：发送、ack、丢失、重复各几条？",
        ),
        _ => return of_cluster(on),
    };
    Some(Text::fixed(en, zh))
}

/// The same for brokers, disks and links.
fn of_cluster(on: On) -> Option<Text> {
    let (en, zh) = match on {
        On::Killed => (
            "A process is killed. What does its disk keep?",
            "一个进程被 kill。它的磁盘上还留着什么？",
        ),
        On::PowerLost => (
            "A machine loses power. What was on its disk by then?",
            "一台机器断电。那一刻它的磁盘上有什么？",
        ),
        On::Stopping => (
            "A broker is stopped in order. Who leads then?",
            "一个 broker 正常停止。之后谁是 leader？",
        ),
        On::Started => (
            "A process starts. What does it do first?",
            "一个进程启动。它先做什么？",
        ),
        On::Paused | On::Resumed => (
            "A process stands still. Who notices, and when?",
            "一个进程停住。谁会发现，什么时候？",
        ),
        On::Cut => (
            "A link is cut. Who can still reach whom?",
            "一条链路被切断。谁还能连到谁？",
        ),
        On::DiskTrouble => (
            "A disk is in trouble. What does its broker do?",
            "一块磁盘出问题。它的 broker 怎么做？",
        ),
        On::Fenced | On::Leaderless => (
            "A broker counts as dead. How long did that take?",
            "一个 broker 被判为死亡。用了多久？",
        ),
        On::ControllerActive | On::ControllerResigned => (
            "Who leads the controllers now?",
            "现在哪个 controller 是 active？",
        ),
        On::Elected | On::ElectedUnclean => (
            "There is a new leader. Where does its log end?",
            "选出了新 leader。它的 LEO 是多少？",
        ),
        On::IsrShrank | On::IsrGrew => (
            "The ISR changes. Who is in it, and who is not?",
            "ISR 变了。谁在里面，谁不在？",
        ),
        On::Truncated | On::TailLost => (
            "A replica comes back. Where does its log end before and after?",
            "一个副本回来了。它的 LEO 前后各是多少？",
        ),
        _ => return None,
    };
    Some(Text::fixed(en, zh))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::lessons;

    #[test]
    fn every_lesson_has_a_sheet_that_says_nothing_of_the_outcome() {
        for lesson in lessons::all().filter(|lesson| lesson.number.is_some()) {
            let mut session = Session::new();
            session.load(lesson.id).expect("a lesson");
            let sheet = sheet(&session);
            assert!(
                !sheet.options.is_empty() && !sheet.observe.is_empty(),
                "{}",
                lesson.id
            );
            assert!(
                !sheet.question.en.contains('{'),
                "{}: {}",
                lesson.id,
                sheet.question.en
            );
            assert!(
                sheet.setup.iter().all(|row| row.value != row.default),
                "{}",
                lesson.id
            );
        }
    }

    #[test]
    fn the_set_up_is_what_differs_from_the_defaults() {
        let mut session = Session::new();
        session.load("acks").expect("lesson 4");
        let sheet = sheet(&session);
        let acks = sheet
            .setup
            .iter()
            .find(|row| row.name == "acks")
            .expect("acks=1");
        assert_eq!((&*acks.value, &*acks.default), ("1", "all"));
        assert!(!acks.doc.zh.is_empty());
    }
}

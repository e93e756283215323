//! The shop's outbox on the stage, as the journal tells it.

use std::rc::Rc;

use super::census::{Census, Sending};
use super::clients::job;
use super::faults;
use super::scene::Scene;
use crate::kafka::config::AppConfig;
use crate::kafka::spec::{ClientKind, ProducerWork};
use crate::lab::ledger::{Life, RowState};
use crate::lab::moments::On;
use crate::lab::script::seconds;
use crate::lab::text::Text;
use crate::sim::{MS, Micros};
use crate::view::{Bytes, Foot, Hue, OutboxView, ProducerView, RecordView, Room};

/// Rows drawn one by one, sent ones included.
const SHOWN: usize = 10;
/// Dead rows that can be picked one by one.
const PICKED: usize = 3;
/// Lines of the audit trail.
const AUDIT: usize = 2;

/// What the stage gathers of the outbox in its one look at every message.
#[derive(Default)]
pub(super) struct Rows<'a> {
    /// The last few that were sent.
    pub sent: Vec<&'a Life>,
    pub sent_in_all: usize,
    /// The first few that were not.
    pub first: Vec<&'a Life>,
    pub waiting: usize,
    pub in_flight: usize,
    pub dead: Vec<&'a Life>,
    /// When each of those not sent was written.
    pub written_us: Vec<Micros>,
    /// What the job's producer is at.
    pub sending: Sending<'a>,
}

impl<'a> Rows<'a> {
    /// Looks at one message.
    pub fn look(&mut self, life: &'a Life) {
        if let Some(state) = life.row_state() {
            self.look_at_row(life, state);
        }
    }

    #[inline(never)]
    fn look_at_row(&mut self, life: &'a Life, state: RowState) {
        if matches!(state, RowState::Sent | RowState::Delivered) {
            self.sent_in_all += 1;
            if self.sent.len() >= SHOWN / 5 {
                self.sent.remove(0);
            }
            return self.sent.push(life);
        }
        self.written_us.push(life.buffered_us);
        if self.first.len() < SHOWN {
            self.first.push(life);
        }
        match state {
            RowState::InFlight => self.in_flight += 1,
            RowState::Dead => self.dead.push(life),
            _ => self.waiting += 1,
        }
    }
}

/// The work of the job that empties the outbox, if there is one.
pub(super) fn relay_work<'a>(scene: &Scene<'a>) -> Option<&'a ProducerWork> {
    let spec = &scene.world.model.spec;
    match &spec.clients.get(spec.relay()?)?.kind {
        ClientKind::Producer { work, .. } => work.as_ref(),
        ClientKind::Consumer { .. } => None,
    }
}

/// The outbox, in the Lab, where the shop has one.
pub(super) fn outbox(scene: &Scene<'_>, census: &Census<'_>) -> Option<Rc<OutboxView>> {
    let work = relay_work(scene).filter(|_| scene.room == Room::Lab)?;
    Some(drawn(scene, &work.app, &census.rows))
}

#[inline(never)]
fn drawn(scene: &Scene<'_>, app: &AppConfig, rows: &Rows<'_>) -> Rc<OutboxView> {
    let mut shown: Vec<RecordView> = rows.sent.iter().map(|life| row(life)).collect();
    let room = SHOWN - shown.len();
    shown.extend(rows.first.iter().take(room).map(|life| row(life)));
    Rc::new(OutboxView {
        rows: shown,
        earlier: (rows.sent_in_all - rows.sent.len()) as u64,
        line: line(rows),
        alarm: scene.history.alarm.map(|_| too_old(scene, app, rows)),
        dead: (rows.dead.iter().take(PICKED))
            .map(|life| life.message.0)
            .collect(),
        audit: audit(scene),
        faults: vec![crate::view::Fault::Resend],
        relay: relay(scene, rows),
    })
}

/// A row as a cell: grey in the table only, blue with the job's producer, green when marked, amber when dead.
fn row(life: &Life) -> RecordView {
    let number = u64::from(life.message.0);
    let (hue, bytes, acked, foot) = match life.row_state() {
        Some(RowState::InFlight) => (Hue::Send, Bytes::Wire, false, Foot::None),
        Some(RowState::Sent) => (Hue::Safe, Bytes::Disk, true, Foot::None),
        Some(RowState::Delivered) => (Hue::Safe, Bytes::Disk, false, Foot::Processed),
        Some(RowState::Dead) => (Hue::Risk, Bytes::Disk, false, Foot::None),
        _ => (Hue::None, Bytes::Disk, false, Foot::None),
    };
    RecordView {
        number,
        offset: number,
        hue,
        bytes,
        acked,
        foot,
        ..RecordView::default()
    }
}

fn line(rows: &Rows<'_>) -> Text {
    let counts = [
        (rows.waiting, "waiting", "等待"),
        (rows.in_flight, "in flight", "在途"),
        (rows.dead.len(), "dead", " dead"),
    ];
    let (mut en, mut zh) = (Vec::new(), Vec::new());
    for (count, word_en, word_zh) in counts {
        if count > 0 {
            en.push(format!("{count} {word_en}"));
            zh.push(format!("{count} 行{word_zh}"));
        }
    }
    match en.is_empty() {
        true => Text::fixed("every row is sent", "所有行都已发送"),
        false => Text::new(en.join(", "), zh.join("，")),
    }
}

fn too_old(scene: &Scene<'_>, app: &AppConfig, rows: &Rows<'_>) -> Text {
    let limit_us = app.outbox_alarm_ms.saturating_mul(MS);
    let is_old = |at: &&Micros| at.saturating_add(limit_us) <= scene.now_us();
    let old = rows.written_us.iter().filter(is_old).count();
    Text::new(format!("{old} too old"), format!("{old} 行过期"))
}

/// When, which rows, and how many were left alone. Who: there is one operator.
fn audit(scene: &Scene<'_>) -> Vec<Text> {
    let asked = scene.history.moments.iter().rev();
    let asked = asked.filter(|moment| moment.on == On::Resent).take(AUDIT);
    let told = asked.map(|moment| {
        let (at, rows, left) = (seconds(moment.at_us), moment.count, moment.before);
        let first = moment.message.map_or(0, |message| message.0);
        let (en, zh) = match (rows, left) {
            (0, 0) => ("nothing to resend".into(), "没有要重发的".into()),
            (0, left) => (
                format!("{left} in flight, left alone"),
                format!("{left} 行在途，不动"),
            ),
            (1, _) => (format!("m{first} resent"), format!("重发 m{first}")),
            (rows, _) => (
                format!("m{first} and {} more resent", rows - 1),
                format!("重发 m{first} 等 {rows} 行"),
            ),
        };
        Text::new(format!("{at} you: {en}"), format!("{at} 你：{zh}"))
    });
    told.collect()
}

fn relay(scene: &Scene<'_>, rows: &Rows<'_>) -> ProducerView {
    let Some(place) = scene.spec().relay() else {
        return ProducerView::default();
    };
    let mut view = job(scene, scene.spec().client_node(place), &rows.sending);
    view.title = Text::same("relay");
    // Its rows are in the table above.
    (view.name, view.buffered, view.buffered_more) = (Text::default(), Vec::new(), 0);
    view.faults = faults::of_job(view.state);
    view
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::TopicPartition;
    use crate::lab::experiment::{Experiment, TOPIC};
    use crate::lab::history::History;
    use crate::lab::lessons;
    use crate::lab::run::Run;
    use crate::view::{ClientState, LinkState, NodeKey, StageView};

    fn stage(experiment: &Experiment, at_ms: u64) -> StageView {
        let mut run = Run::new(experiment.clone());
        run.seek(at_ms * MS);
        let mut history = History::new(experiment);
        history.follow(run.journal(), run.entries());
        Scene {
            world: run.world(),
            history: &history,
            shown: TopicPartition::new(TOPIC, 0),
            room: Room::Lab,
        }
        .stage()
    }

    fn of_lesson(id: &str) -> Experiment {
        lessons::find(id).expect("a lesson").experiment
    }

    #[test]
    fn the_outbox_shows_where_each_row_is_and_rings() {
        let desk = of_lesson("desk");
        let calm = stage(&desk, 4_500).outbox.expect("an outbox");
        assert!(calm.alarm.is_none() && calm.dead.is_empty());
        let late = stage(&desk, 14_000).outbox.expect("an outbox");
        assert!(late.alarm.is_some(), "{late:?}");
        assert_eq!(late.dead, [10, 11, 12]);
        assert!(late.line.en.contains("8 dead"), "{}", late.line.en);
        assert!(late.rows.iter().any(|row| row.hue == Hue::Risk));
        assert_eq!(late.relay.state, ClientState::Running);
    }

    #[test]
    fn what_the_desk_did_is_on_the_card() {
        let press = crate::kafka::Action::Resend { rows: Vec::new() };
        let desk = of_lesson("desk").at_ms(25_000, press);
        let after = stage(&desk, 26_500).outbox.expect("an outbox");
        assert!(
            after.audit[0].en.contains("m10 and 13 more"),
            "{:?}",
            after.audit
        );
        assert!(after.dead.is_empty() && after.alarm.is_none());
    }

    #[test]
    fn a_shop_without_an_outbox_has_no_card_and_one_with_direct_calls_has_a_wire() {
        let down = of_lesson("kafka-down");
        assert!(stage(&down, 1_000).outbox.is_none());
        let app = crate::kafka::config::Owner::Application;
        let stored = down
            .with(app, "order.store", "outbox")
            .with(app, "direct.call", "true");
        let stage = stage(&stored, 9_000);
        let direct = |a, b| a == NodeKey::Relay && b == NodeKey::Consumer(0);
        let wire = stage.links.iter().find(|link| direct(link.a, link.b));
        assert_eq!(wire.expect("a wire").state, LinkState::Open);
        let from_the_shop = stage
            .links
            .iter()
            .filter(|link| link.a == NodeKey::Producer(0));
        assert_eq!(
            from_the_shop.count(),
            0,
            "the shop has no connection to Kafka"
        );
        assert_eq!(stage.consumers[0].title.en, "service B");
    }
}

//! Waiting: for what a wait says, and for calls to come back.

use super::{LOOK_US, PATIENCE_US, Player};
use crate::cast::seeder;
use crate::golden::Event;
use crate::step::{Step, Target};
use crate::trace::Back;
use crate::wait::{self, Condition, Sight};
use acklab::kafka::{Action, Call};
use acklab::sim::{MS, NodeId, Status};

impl Player<'_> {
    /// Waits for what the text says; true when it did not come, as in the recording.
    pub(super) fn wait(&mut self, until: &str, step: &Step) -> Result<bool, String> {
        let condition = wait::parse(until)?;
        let began_ms = self.now_ms();
        let recorded_us = step.took_ms.unwrap_or(0) as u64 * MS;
        let limit_us = if step.timed_out {
            recorded_us
        } else {
            PATIENCE_US
        };
        // What a client has reported is seen at once; what the cluster does, a little later.
        let held = condition.is_of_a_client() && self.holds(&condition, began_ms);
        let came = held || self.run_until(limit_us, |player| player.holds(&condition, began_ms));
        match (came, step.timed_out) {
            (true, true) => return Err(format!("\"{until}\" came, and did not on the cluster")),
            (false, false) => return Err(format!("\"{until}\" never came")),
            (true, false) if held => {}
            (true, false) => self.run(LOOK_US),
            (false, true) => {}
        }
        match &condition {
            Condition::Ended { node } => {
                let broker = self.golden.brokers.ids.contains(node).then_some(*node);
                self.recorder
                    .saw(self.now_ms(), None, Event::ProcessEnded {});
                self.snapshot(&Target {
                    broker,
                    controller: None,
                    client: None,
                });
            }
            Condition::Assigned { when, members } => {
                let held = |m: &String| (m.clone(), self.sight().held(m).into_iter().collect());
                let members = members.iter().map(held).collect();
                self.recorder.saw(
                    self.now_ms(),
                    None,
                    Event::Assignment {
                        when: when.clone(),
                        members,
                    },
                );
            }
            _ => {}
        }
        Ok(!came)
    }

    fn holds(&self, condition: &Condition, began_ms: i64) -> bool {
        condition.holds(&self.sight(), began_ms)
    }

    fn sight(&self) -> Sight<'_> {
        Sight {
            now_ms: self.now_ms(),
            observed: &self.recorder.observed,
            partitions: &self.recorder.partitions,
            brokers: &self.recorder.brokers,
            ended: &self.recorder.ended,
            sent: &self.sent,
            names: &self.names,
            consumer_protocol: &self.consumer_protocol,
        }
    }

    /// Makes a call and waits until it came back; `None` when its process is gone first.
    pub(super) fn ask(&mut self, client: NodeId, call: Call) -> Option<Back> {
        let (name, before) = (call.name(), self.recorder.backs.len());
        self.act(Action::Call(client, call));
        let mut back = None;
        self.run_until(PATIENCE_US, |player| {
            let backs = player.recorder.backs[before..].iter();
            back = backs
                .filter(|(node, call, _)| *node == client && *call == name)
                .map(|b| b.2.clone())
                .next();
            back.is_some() || player.world.status(client).0 == Status::Down
        });
        back
    }

    /// Starts the next seeding producer.
    pub(super) fn next_seeder(&mut self) -> Result<NodeId, String> {
        let seeder = self.cast.client(&seeder(self.seeds))?;
        self.seeds += 1;
        self.act(Action::Start(seeder));
        Ok(seeder)
    }
}

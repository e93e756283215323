//! What is done to brokers, the controller, disks and links.

use super::{LOOK_US, Player, node};
use crate::disks::Row;
use crate::golden::Event;
use crate::step::{Do, Target};
use acklab::kafka::Action;
use acklab::sim::{MS, NodeId};
use serde_json::Value;
use std::collections::BTreeSet;

impl Player<'_> {
    pub(super) fn cluster_step(&mut self, action: &Do) -> Result<(), String> {
        match action {
            Do::Kill(target) => {
                self.signal(target, Action::Kill)?;
                self.snapshot(target);
            }
            Do::Pause(target) => self.signal(target, Action::Pause)?,
            Do::Resume(target) => self.signal(target, Action::Resume)?,
            Do::Stop(target) => self.signal(target, Action::Stop)?,
            Do::Start(target) => {
                let node = self.node_of(target)?;
                let slower_ms = self
                    .slower_starts
                    .get(&(self.played.len() - 1))
                    .copied()
                    .unwrap_or(0);
                let at = self.world.now() + slower_ms * MS;
                self.world.schedule(at, Action::Start(node));
                self.run(0);
            }
            Do::PowerOff { broker } => self.power_off(*broker),
            Do::OsWriteBack { broker } => self.act(Action::OsWriteBack(node(*broker))),
            Do::FillDisk { broker } => self.act(Action::FillDisk(node(*broker))),
            Do::FreeDisk { broker } => self.act(Action::FreeDisk(node(*broker))),
            Do::FailDisk {
                broker,
                holding: None,
            } => self.act(Action::FailDisk(node(*broker))),
            Do::FailDisk {
                broker,
                holding: Some(partition),
            } => {
                let (broker, partition) = (node(*broker), self.cast.partition(partition)?);
                let host = self.world.model.broker(broker);
                let replica = host.replica(partition).ok_or("it has no such replica")?;
                let directory = replica.directory;
                self.act(Action::FailDirectory { broker, directory });
            }
            Do::Wipe {
                broker,
                keep_identity,
            } => {
                self.act(Action::WipeDisk {
                    broker: node(*broker),
                    keep_identity: *keep_identity,
                });
            }
            Do::Cut { between } => self.links(between, |from, to| Action::CutLink {
                from,
                to,
                both: true,
            })?,
            Do::Heal { between } => {
                self.links(between, |from, to| Action::HealLink { from, to })?
            }
            Do::Tool { line } => self.run_tool(line),
            Do::Elect { partition, unclean } => {
                let partition = self.cast.partition(partition)?;
                self.act(Action::ElectLeader {
                    partition,
                    unclean: *unclean,
                });
                self.run(LOOK_US);
            }
            Do::DeleteRecords { partition, offset } => {
                let partition = self.cast.partition(partition)?;
                self.act(Action::DeleteRecords {
                    partition,
                    offset: *offset as u64,
                });
                self.run(LOOK_US);
            }
            Do::AlterTopic { topic, config } => {
                let topic = self.cast.topic(topic)?;
                let [(name, value)] = config.iter().collect::<Vec<_>>()[..] else {
                    return Err("one setting at a time".to_owned());
                };
                let min_isr = value.parse().ok().filter(|_| name == "min.insync.replicas");
                let min_isr = min_isr.ok_or(format!("{name} does not change while it runs"))?;
                self.act(Action::SetMinIsr { topic, min_isr });
                self.run(LOOK_US);
            }
            Do::Reassign {
                partition,
                replicas,
            } => {
                let partition = self.cast.partition(partition)?;
                let replicas = replicas.iter().map(|id| node(*id)).collect();
                self.act(Action::Reassign {
                    partition,
                    replicas,
                });
                self.run(LOOK_US);
            }
            Do::CreatePartitions {
                topic,
                count,
                assignment,
            } => {
                let before = self.cast.partitions.keys();
                let before =
                    before.filter(|name| name.rsplit_once('-').is_some_and(|n| n.0 == topic));
                for number in before.count()..*count as usize {
                    let name = format!("{topic}-{number}");
                    let partition = self.cast.partition(&name)?;
                    self.cast.partitions.insert(name.clone(), partition);
                    self.names.insert(name);
                }
                let topic = self.cast.topic(topic)?;
                let list = |ids: &Vec<i32>| ids.iter().map(|id| node(*id)).collect();
                self.act(Action::CreatePartitions {
                    topic,
                    count: *count as u16,
                    assignment: assignment.iter().map(list).collect(),
                });
                self.run(LOOK_US);
            }
            Do::Sleep { ms, .. } => self.run(*ms as u64 * MS),
            Do::Note { .. } | Do::End => {}
            other => return Err(format!("the simulator does not know the step {other:?}")),
        }
        Ok(())
    }

    fn node_of(&self, target: &Target) -> Result<NodeId, String> {
        match (target.broker, target.controller, &target.client) {
            (Some(broker), None, None) => Ok(node(broker)),
            (None, Some(id), None) => self
                .controller(id)
                .ok_or(format!("there is no controller {id}")),
            (None, None, Some(client)) => self.cast.client(client),
            _ => Err(format!("{target:?} names no single process")),
        }
    }

    fn controller(&self, id: i32) -> Option<NodeId> {
        let place = self.golden.brokers.voters().iter().position(|v| *v == id);
        place.map(|place| self.cast.controller(place))
    }

    fn signal(&mut self, target: &Target, action: fn(NodeId) -> Action) -> Result<(), String> {
        let node = self.node_of(target)?;
        self.act(action(node));
        Ok(())
    }

    /// Its logs as an ended broker left them.
    pub(super) fn snapshot(&mut self, target: &Target) {
        let Some(broker) = target.broker else { return };
        for (name, partition) in self.cast.partitions.clone() {
            let Some(log) = self.recorder.logs.get(&(node(broker), partition)) else {
                continue;
            };
            let records = log.iter().map(|row| row.short.clone()).collect();
            let event = Event::Log {
                broker,
                partition: name,
                records,
            };
            self.recorder.saw(self.now_ms(), None, event);
        }
    }

    fn power_off(&mut self, broker: i32) {
        let target = Target {
            broker: Some(broker),
            controller: None,
            client: None,
        };
        self.snapshot(&target);
        let before = self.recorder.logs.clone();
        self.act(Action::PowerOff(node(broker)));
        for (name, partition) in self.cast.partitions.clone() {
            let key = (node(broker), partition);
            let Some(log) = before.get(&key) else {
                continue;
            };
            let after = self.recorder.logs.get(&key).into_iter().flatten();
            let kept: BTreeSet<i64> = after.map(|row| row.short.0).collect();
            let lost = log.iter().filter(|row| !kept.contains(&row.short.0));
            // A control record has a place in the log and no value.
            let value = |row: &Row| row.full["value"].as_str().map(str::to_owned);
            let lost_from_disk = lost.map(|row| (row.short.0, value(row))).collect();
            let event = Event::PowerCut {
                broker,
                partition: name,
                lost_from_disk,
            };
            self.recorder.saw(self.now_ms(), None, event);
        }
    }

    /// The same to every link between two ends; an end is a node, or `clients`.
    fn links(
        &mut self,
        between: &[Value; 2],
        action: impl Fn(NodeId, NodeId) -> Action,
    ) -> Result<(), String> {
        let [from, to] = [
            self.end_of_link(&between[0])?,
            self.end_of_link(&between[1])?,
        ];
        for &a in &from {
            for &b in &to {
                self.act(action(a, b));
            }
        }
        Ok(())
    }

    fn end_of_link(&self, end: &Value) -> Result<Vec<NodeId>, String> {
        let spec = &self.cast.spec;
        match end.as_i64() {
            Some(id) if self.controller(id as i32).is_some() => {
                Ok(self.controller(id as i32).into_iter().collect())
            }
            Some(id) if self.golden.brokers.ids.contains(&(id as i32)) => Ok(vec![node(id as i32)]),
            None if end == "clients" => Ok((0..spec.clients.len())
                .map(|c| spec.client_node(c))
                .collect()),
            _ => Err(format!("{end} is no end of a link")),
        }
    }
}

//! The look at everything once the story is over.

use super::{LOOK_US, OPEN_US, Player};
use crate::cast::{READER, READER_OF_COMMITTED, TOOL, auditor};
use crate::golden::{Described, End, Offsets, Rows, Trace};
use crate::trace::Back;
use acklab::kafka::{Action, Answer, Call, TopicPartition};
use acklab::sim::{NodeId, Status};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

impl Player<'_> {
    pub(super) fn end(mut self) -> Result<Trace, String> {
        let observed = self.recorder.observed.clone();
        let brokers = self
            .golden
            .brokers
            .ids
            .iter()
            .map(|id| (id.to_string(), self.state_of(*id)))
            .collect();
        let named: Vec<(String, TopicPartition)> =
            self.cast.partitions.clone().into_iter().collect();
        let is_led = |name: &str| {
            self.recorder
                .partitions
                .get(name)
                .is_some_and(|p| p.leader >= 0)
        };
        let led: BTreeMap<String, bool> = named
            .iter()
            .map(|(name, _)| (name.clone(), is_led(name)))
            .collect();
        let read_back = self.read_all_back(READER, &named, &led)?;
        let read_committed = match self.golden.has_transactions() {
            true => self.read_all_back(READER_OF_COMMITTED, &named, &led)?,
            false => BTreeMap::new(),
        };
        let mut high_watermark = Offsets::new();
        for (name, partition) in &named {
            let offset = if led[name] {
                self.latest(*partition)?
            } else {
                None
            };
            high_watermark.insert(name.clone(), offset.map(|o| o as i64));
        }
        let committed = self.committed()?;
        self.show();
        let end = End {
            brokers,
            read_back,
            read_committed,
            high_watermark,
            logs: self.dumps(&named),
            committed,
        };
        Ok(Trace {
            clients: self.golden.clients.clone(),
            steps: self.played,
            observed,
            end,
        })
    }

    fn state_of(&self, broker: i32) -> String {
        let state = match self.world.status(NodeId(broker as u8)).0 {
            Status::Paused => "paused",
            Status::Up => &self.recorder.brokers[&broker],
            Status::Down | Status::Off => "down",
        };
        state.to_owned()
    }

    /// Starts one of the harness's own clients, unless it runs.
    fn open(&mut self, name: &str) -> Result<NodeId, String> {
        let client = self.cast.client(name)?;
        if self.world.status(client).0 == Status::Down {
            self.act(Action::Start(client));
            self.run(OPEN_US);
        }
        Ok(client)
    }

    /// What a fresh consumer reads of all partitions that have a leader.
    fn read_all_back(
        &mut self,
        name: &str,
        named: &[(String, TopicPartition)],
        led: &BTreeMap<String, bool>,
    ) -> Result<BTreeMap<String, Option<Rows>>, String> {
        let reader = self.open(name)?;
        let mut read_back = BTreeMap::new();
        for (partition_name, partition) in named {
            let rows = match led[partition_name] {
                true => self.read_back(name, reader, *partition),
                false => None,
            };
            read_back.insert(partition_name.clone(), rows);
        }
        Ok(read_back)
    }

    /// What a fresh consumer reads from the start to the end it finds; `None` where that cannot be done.
    fn read_back(&mut self, name: &str, reader: NodeId, partition: TopicPartition) -> Option<Rows> {
        self.ask(reader, Call::Assign(vec![partition]))?;
        self.ask(reader, Call::Seek(partition, 0))?;
        let end = self.end_offset(reader, partition)?;
        let seen = self.recorder.observed.len();
        let mut rows = Rows::new();
        for _ in 0..1000 {
            if self.position(reader)? >= end {
                break;
            }
            self.ask(reader, Call::Poll { timeout_ms: 200 })?;
        }
        rows.extend(
            self.recorder
                .read_by(name, seen)
                .into_iter()
                .filter(|(offset, _)| *offset < end as i64),
        );
        Some(rows)
    }

    fn position(&mut self, reader: NodeId) -> Option<u64> {
        match self.ask(reader, Call::Position)? {
            Back::Returned(Answer::Offsets(offsets)) => offsets.first()?.1,
            _ => None,
        }
    }

    fn end_offset(&mut self, client: NodeId, partition: TopicPartition) -> Option<u64> {
        match self.ask(client, Call::EndOffsets(vec![partition]))? {
            Back::Returned(Answer::Offsets(offsets)) => offsets.first()?.1,
            _ => None,
        }
    }

    /// The high watermark, as any client sees it.
    pub(super) fn latest(&mut self, partition: TopicPartition) -> Result<Option<u64>, String> {
        let tool = self.open(TOOL)?;
        Ok(self.end_offset(tool, partition))
    }

    /// What each group has committed, as an admin client sees it.
    fn committed(&mut self) -> Result<BTreeMap<String, Value>, String> {
        let groups = self.cast.spec.groups.clone();
        groups
            .into_iter()
            .map(|group| Ok((group.clone(), self.group_offsets(&group)?)))
            .collect()
    }

    /// The topic as one of the brokers describes it.
    pub(super) fn describe(&mut self, topic: &str) -> Result<Vec<Described>, String> {
        let topics = vec![self.cast.topic(topic)?];
        let known = self.recorder.backs.len();
        self.act(Action::DescribeTopics {
            topics,
            broker: None,
        });
        self.run(LOOK_US);
        let told = self.recorder.backs[known..].iter().rev();
        let mut told = told.filter_map(|(_, _, back)| match back {
            Back::Returned(Answer::Topics(topics)) => topics.first().cloned(),
            _ => None,
        });
        let told = told.next().ok_or("nobody describes topics")?;
        let ids = |nodes: &[NodeId]| nodes.iter().map(|node| node.0.into()).collect();
        let described = told.partitions.iter().map(|partition| Described {
            leader: partition.leader.map_or(-1, |leader| leader.0.into()),
            replicas: ids(&partition.replicas),
            isr: ids(&partition.isr),
            elr: ids(&partition.elr),
            last_known_elr: ids(&partition.last_known_elr),
        });
        Ok(described.collect())
    }

    pub(super) fn group_offsets(&mut self, group: &str) -> Result<Value, String> {
        let admin = self.open(&auditor(group))?;
        let partitions = self.cast.partitions.values().copied().collect();
        Ok(match self.ask(admin, Call::ListGroupOffsets(partitions)) {
            Some(Back::Returned(Answer::Offsets(offsets))) => {
                let committed = offsets.iter().filter(|(_, offset)| offset.is_some());
                let named = committed.map(|(p, o)| (self.cast.spec.partition_name(*p), json!(o)));
                Value::Object(named.collect::<Map<_, _>>())
            }
            Some(Back::Thrown(error)) => json!(error.class()),
            _ => Value::Null,
        })
    }

    fn dumps(
        &self,
        named: &[(String, TopicPartition)],
    ) -> BTreeMap<String, BTreeMap<String, Option<Vec<Value>>>> {
        let logs = &self.recorder.logs;
        let of_broker = |id: &i32| {
            let held = named.iter().filter_map(|(name, p)| {
                // A replica that was never written to has a log all the same.
                let broker = NodeId(*id as u8);
                let image = self.world.model.controller().image();
                let state = image.partitions.get(p)?;
                if !state.replicas.contains(&broker) {
                    return None;
                }
                let log = logs.get(&(broker, *p)).into_iter().flatten();
                Some((
                    name.clone(),
                    Some(log.map(|row| row.full.clone()).collect()),
                ))
            });
            (id.to_string(), held.collect())
        };
        self.golden.brokers.ids.iter().map(of_broker).collect()
    }
}

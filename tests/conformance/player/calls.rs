//! What the clients of a story do.

use super::{OPEN_US, Player};
use crate::golden::Event;
use crate::step::{Do, Send};
use crate::trace::{Back, thrown};
use acklab::kafka::record::Record;
use acklab::kafka::{Action, Answer, Call, TopicPartition};
use acklab::sim::NodeId;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

impl Player<'_> {
    /// Plays one step of a client. `wait`: the harness waited for the call. True when this did too.
    pub(super) fn client_step(&mut self, action: &Do, wait: bool) -> Result<bool, String> {
        if let Do::Send(send) = action {
            return self.send(send, wait);
        }
        let name = action.client().unwrap_or_default().to_owned();
        let client = self.cast.client(&name)?;
        match action {
            Do::Open { .. } => {
                self.act(Action::Start(client));
                let starting_us = OPEN_US + self.slower_start_us();
                self.run(starting_us);
                return Ok(false);
            }
            Do::Kill(_) => self.act(Action::Kill(client)),
            Do::Pause(_) => self.act(Action::Pause(client)),
            Do::Resume(_) => self.act(Action::Resume(client)),
            Do::Process { .. } => {}
            other => {
                let call = self.call_of(other)?;
                match call {
                    Call::PollStart { .. } => self.recorder.looping.insert(client),
                    Call::PollStop => self.recorder.looping.remove(&client),
                    _ => false,
                };
                // The harness's own loop of polls ends by itself; the call that ends it returns at once.
                let at_once = matches!(call, Call::PollStop | Call::CommitAsync);
                if !wait || at_once {
                    self.act(Action::Call(client, call));
                    return Ok(wait);
                }
                self.make(&name, client, call);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes a call as the harness does, and reports what it reports.
    fn make(&mut self, name: &str, client: NodeId, call: Call) {
        let reported = reported_name(&call);
        let polled_before = self.polls(name);
        let is_poll = matches!(call, Call::Poll { .. });
        let tells = tells(&call);
        let back = self.ask(client, call);
        let at_ms = self.now_ms();
        let mut saw = |event| self.recorder.saw(at_ms, Some(name), event);
        match &back {
            // A commit that failed tells so itself.
            Some(Back::Thrown(error)) if reported != "commit_sync" => saw(thrown(reported, *error)),
            Some(Back::Returned(_)) if is_poll && polled_before == self.polls(name) => {
                self.recorder.saw(
                    at_ms,
                    Some(name),
                    Event::Polled {
                        records: Vec::new(),
                    },
                );
            }
            _ => {}
        }
        if let Some(event) = tells {
            let offsets = match back {
                Some(Back::Returned(Answer::Offsets(offsets))) => self.offsets(&offsets),
                _ => Value::Null,
            };
            self.recorder.saw(at_ms, Some(name), event(offsets));
        }
    }

    fn polls(&self, name: &str) -> usize {
        let of_client = self
            .recorder
            .observed
            .iter()
            .filter(|e| e.client.as_deref() == Some(name));
        of_client
            .filter(|e| matches!(e.event, Event::Polled { .. }))
            .count()
    }

    fn offsets(&self, offsets: &[(TopicPartition, Option<u64>)]) -> Value {
        let named = offsets
            .iter()
            .map(|(p, o)| (self.cast.spec.partition_name(*p), json!(o)));
        Value::Object(named.collect::<Map<_, _>>())
    }

    fn call_of(&self, action: &Do) -> Result<Call, String> {
        let partitions = |names: &[String]| {
            names
                .iter()
                .map(|n| self.cast.partition(n))
                .collect::<Result<Vec<_>, _>>()
        };
        let millis = |ms: i64| ms.max(0) as u64;
        Ok(match action {
            Do::PartitionsFor { topic, .. } => Call::PartitionsFor(self.cast.topic(topic)?),
            Do::Flush { .. } => Call::Flush,
            Do::Close { timeout_ms, .. } => Call::Close {
                timeout_ms: timeout_ms.map(millis),
            },
            Do::CloseNow { .. } => Call::Close {
                timeout_ms: Some(0),
            },
            Do::Subscribe { topics, .. } => Call::Subscribe(
                topics
                    .iter()
                    .map(|t| self.cast.topic(t))
                    .collect::<Result<_, _>>()?,
            ),
            Do::Unsubscribe { .. } => Call::Unsubscribe,
            Do::Assign {
                partitions: names, ..
            } => Call::Assign(partitions(names)?),
            Do::Seek {
                partition, offset, ..
            } => Call::Seek(self.cast.partition(partition)?, *offset as u64),
            Do::Poll { timeout_ms, .. } => Call::Poll {
                timeout_ms: millis(*timeout_ms),
            },
            Do::PollStart {
                timeout_ms, commit, ..
            } => Call::PollStart {
                timeout_ms: millis(*timeout_ms),
                commit: commit.as_deref() == Some("sync"),
            },
            Do::PollStop { .. } => Call::PollStop,
            Do::CommitSync { offsets, .. } => Call::CommitSync(self.given(offsets)?),
            Do::CommitAsync { offsets: None, .. } => Call::CommitAsync,
            Do::Committed {
                partitions: names, ..
            } => Call::Committed(partitions(names)?),
            Do::Position { .. } => Call::Position,
            Do::EndOffsets {
                partitions: names, ..
            } => Call::EndOffsets(partitions(names)?),
            Do::InitTransactions { .. } => Call::InitTransactions,
            Do::Begin { .. } => Call::BeginTransaction,
            Do::Commit { .. } => Call::CommitTransaction,
            Do::Abort { .. } => Call::AbortTransaction,
            Do::GroupMetadata { .. } => Call::GroupMetadata,
            Do::SendOffsets {
                offsets, of, kept, ..
            } => Call::SendOffsets {
                kept: *kept,
                offsets: self.given(&Some(offsets.clone()))?.unwrap_or_default(),
                of: self.cast.client(of)?,
            },
            other => return Err(format!("the simulator does not know the step {other:?}")),
        })
    }

    fn given(
        &self,
        offsets: &Option<BTreeMap<String, i64>>,
    ) -> Result<Option<Vec<(TopicPartition, u64)>>, String> {
        let Some(offsets) = offsets else {
            return Ok(None);
        };
        let one =
            |(name, offset): (&String, &i64)| Ok((self.cast.partition(name)?, *offset as u64));
        Ok(Some(
            offsets.iter().map(one).collect::<Result<_, String>>()?,
        ))
    }

    fn send(&mut self, send: &Send, wait: bool) -> Result<bool, String> {
        let topic = self.cast.topic(&send.topic)?;
        let key = send.key.as_ref().map(|key| {
            key.parse()
                .map_err(|_| format!("the simulator knows no key {key:?}"))
        });
        let key: Option<u32> = key.transpose()?;
        let bytes = |value: &Option<String>| {
            let length = value
                .as_ref()
                .map_or(0, |v| v.len().max(send.pad.unwrap_or(0)));
            (length + send.key.as_ref().map_or(0, String::len)) as u32
        };
        let record = |value| Record {
            message: self.cast.message(value),
            key,
            size_bytes: bytes(value),
            tombstone: value.is_none(),
        };
        let records = send.values.iter().map(record).collect();
        let call = Call::Send {
            topic,
            partition: send.partition.map(|p| p as u16),
            records,
        };
        *self.sent.entry(send.client.clone()).or_default() += send.values.len();
        if send.client == "seed" {
            let seeder = self.next_seeder()?;
            self.ask(seeder, call);
            self.ask(seeder, Call::Close { timeout_ms: None });
            return Ok(false);
        }
        let client = self.cast.client(&send.client)?;
        if wait {
            self.make(&send.client, client, call);
        } else {
            self.act(Action::Call(client, call));
        }
        Ok(wait)
    }
}

/// The name under which the harness reports an exception of this call.
fn reported_name(call: &Call) -> &'static str {
    match call {
        Call::PartitionsFor(_) => "partitions_for",
        Call::CommitSync(_) => "commit_sync",
        Call::EndOffsets(_) => "end_offsets",
        Call::InitTransactions => "init_transactions",
        Call::BeginTransaction => "begin",
        Call::SendOffsets { .. } => "send_offsets",
        Call::CommitTransaction => "commit",
        Call::AbortTransaction => "abort",
        Call::Close {
            timeout_ms: Some(0),
        } => "close_now",
        other => other.name(),
    }
}

/// The event with which the harness reports what this call gave.
fn tells(call: &Call) -> Option<fn(Value) -> Event> {
    match call {
        Call::Position => Some(|offsets| Event::PositionIs { offsets }),
        Call::Committed(_) => Some(|offsets| Event::CommittedIs { offsets }),
        Call::EndOffsets(_) => Some(|offsets| Event::EndOffsets { offsets }),
        _ => None,
    }
}

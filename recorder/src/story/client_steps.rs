//! Steps of clients: their calls, and what is done to their processes.

use super::{Back, Player};
use crate::case::Planned;
use crate::golden::Event;
use crate::step::{Do, Target};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

impl Player<'_> {
    pub(super) fn client_step(&mut self, planned: &Planned) -> Result<()> {
        match &planned.action {
            Do::Send(send) if send.client == "seed" => {
                self.write(planned);
                self.seed(planned)
            }
            Do::Send(send) => {
                *self.chronicle.sent.entry(send.client.clone()).or_default() += send.values.len();
                self.call_of(&send.client, "send", planned)
            }
            Do::Open { client } => self.open(client, planned),
            Do::Close { client, .. } => {
                let call = format!("close_{}", self.kind(client));
                self.call_of(client, &call, planned)
            }
            Do::Kill(Target {
                client: Some(client),
                ..
            }) => {
                self.write(planned);
                self.agents.kill(client)
            }
            Do::Pause(Target {
                client: Some(client),
                ..
            }) => {
                self.write(planned);
                self.agents.signal(client, "STOP")
            }
            Do::Resume(Target {
                client: Some(client),
                ..
            }) => {
                self.write(planned);
                self.agents.signal(client, "CONT")
            }
            Do::Process { client, .. } => self.process(client, planned),
            Do::Poll { client, .. } => {
                self.polled_from
                    .insert(client.clone(), self.chronicle.seen.len());
                self.call_of(client, "poll", planned)
            }
            action => {
                let (client, what) = (
                    action.client().unwrap_or_default(),
                    planned.fields["do"].as_str(),
                );
                self.call_of(client, what.unwrap_or_default(), planned)
            }
        }
    }

    fn kind(&self, client: &str) -> String {
        self.story
            .clients
            .get(client)
            .map_or(String::new(), |c| c.kind.clone())
    }

    /// Records that are written and replicated before the next step.
    fn seed(&mut self, planned: &Planned) -> Result<()> {
        let mut args = Value::Object(planned.fields.clone());
        args["config"] = json!({"bootstrap.servers": self.cluster.bootstrap(), "acks": "all"});
        self.tool("seed", args).map(drop)
    }

    fn open(&mut self, client: &str, planned: &Planned) -> Result<()> {
        self.write(planned);
        let Some(cast) = self.story.clients.get(client) else {
            bail!("there is no client {client}")
        };
        let mut config = json!(cast.config);
        config["bootstrap.servers"] = self.cluster.bootstrap().into();
        match self.call(
            client,
            &format!("open_{}", cast.kind),
            json!({"config": config}),
        )? {
            Back::Returned(_) => Ok(()),
            Back::Thrown { error, message } => self.thrown(client, &cast.kind, error, message),
            Back::Gone => bail!(
                "{client} ended while it was opened, see {}/{client}.log",
                self.cluster.logs().display()
            ),
        }
    }

    /// A call as an application makes it. What it throws is seen, and the story goes on.
    fn call_of(&mut self, client: &str, call: &str, planned: &Planned) -> Result<()> {
        let args = self.arguments(planned)?;
        let place = self.write(planned);
        if !planned.waits {
            self.agents
                .command(client, call, args.as_object().cloned().unwrap_or_default())?;
            return Ok(());
        }
        let back = self.call(client, call, args)?;
        self.took(place);
        match back {
            Back::Returned(result) => self.result(client, &planned.action, result),
            Back::Thrown { error, message } => {
                let call = planned.fields["do"].as_str().unwrap_or_default().to_owned();
                self.thrown(client, &call, error, message)?;
                // As an application would see it: nothing.
                self.result(client, &planned.action, Value::Null)
            }
            Back::Gone => {
                if let Some(step) = self.steps[place].as_object_mut() {
                    step.remove("took_ms");
                    step.insert("process_gone".into(), json!(true));
                }
                Ok(())
            }
        }
    }

    fn thrown(&mut self, client: &str, call: &str, error: Value, message: Value) -> Result<()> {
        self.chronicle.saw(
            Some(client),
            "thrown",
            json!({"call": call, "error": error, "message": message}),
        )
    }

    fn arguments(&mut self, planned: &Planned) -> Result<Value> {
        let mut args = Value::Object(planned.fields.clone());
        if let Do::SendOffsets { of, kept, .. } = &planned.action {
            args["group_metadata"] = if *kept {
                let metadata = self.group_metadata.get(of).cloned();
                metadata.with_context(|| format!("{of} kept no group metadata"))?
            } else {
                match self.call(of, "group_metadata", json!({}))? {
                    Back::Returned(metadata) => metadata,
                    _ => bail!("{of} cannot tell of its group"),
                }
            };
        }
        Ok(args)
    }

    /// What a call returned, where a golden shows it.
    fn result(&mut self, client: &str, action: &Do, result: Value) -> Result<()> {
        let event = match action {
            Do::GroupMetadata { .. } => {
                self.group_metadata.insert(client.to_owned(), result);
                return Ok(());
            }
            Do::Committed { .. } => "committed_is",
            Do::Position { .. } => "position_is",
            Do::EndOffsets { .. } => "end_offsets",
            _ => return Ok(()),
        };
        self.chronicle
            .saw(Some(client), event, json!({"offsets": result}))
    }

    /// The application's own work, which Kafka knows nothing of.
    fn process(&mut self, client: &str, planned: &Planned) -> Result<()> {
        self.hear()?;
        let place = self.write(planned);
        if planned.of_last_poll {
            let values = self.last_polled(client);
            if values.is_empty() {
                self.steps.pop();
            } else {
                self.steps[place]["values"] = json!(values);
            }
        }
        Ok(())
    }

    fn last_polled(&self, client: &str) -> Vec<Option<String>> {
        let from = self.polled_from.get(client).copied().unwrap_or(0);
        let own = self.chronicle.seen[from..]
            .iter()
            .filter(|e| e.client.as_deref() == Some(client));
        let polls = own.filter_map(|e| match &e.event {
            Event::Polled { records } => Some(records),
            _ => None,
        });
        polls.flatten().map(|record| record.value.clone()).collect()
    }
}

//! The client processes: commands go in as lines of JSON, replies and events come out.

use crate::kit::Kit;
use anyhow::{Context, Result};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// What a process said; `None`: it has ended.
pub struct Line {
    pub from: String,
    pub said: Option<Value>,
}

pub struct Agents {
    all: BTreeMap<String, Agent>,
    inbox: Receiver<Line>,
    post: Sender<Line>,
}

struct Agent {
    process: Child,
    stdin: ChildStdin,
    commands: u64,
}

impl Agents {
    pub fn new() -> Self {
        let (post, inbox) = channel();
        Agents {
            all: BTreeMap::new(),
            inbox,
            post,
        }
    }

    /// Starts a process that goes by this name.
    pub fn launch(&mut self, kit: &Kit, name: &str, logs: &Path) -> Result<()> {
        let log = File::create(logs.join(format!("{name}.log")))?;
        let mut command = kit.agent();
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log);
        let mut process = command.spawn().context("cannot start java")?;
        let (stdin, stdout) = (process.stdin.take(), process.stdout.take());
        let (stdin, stdout) = stdin
            .zip(stdout)
            .context("a process without stdin and stdout")?;
        let (post, from) = (self.post.clone(), name.to_owned());
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let said = serde_json::from_str(&line).ok();
                if said.is_some()
                    && post
                        .send(Line {
                            from: from.clone(),
                            said,
                        })
                        .is_err()
                {
                    return;
                }
            }
            // Nobody listens any more when the story is over.
            drop(post.send(Line { from, said: None }));
        });
        self.all.insert(
            name.to_owned(),
            Agent {
                process,
                stdin,
                commands: 0,
            },
        );
        Ok(())
    }

    /// Gives a command; its number is that of the reply.
    pub fn command(&mut self, name: &str, what: &str, mut args: Map<String, Value>) -> Result<u64> {
        let agent = self
            .all
            .get_mut(name)
            .with_context(|| format!("there is no process {name}"))?;
        agent.commands += 1;
        args.insert("id".into(), agent.commands.into());
        args.insert("do".into(), what.into());
        // A process that is gone is told by its end.
        drop(writeln!(agent.stdin, "{}", Value::Object(args)).and_then(|()| agent.stdin.flush()));
        Ok(agent.commands)
    }

    /// The next line of any process, unless none comes in this time.
    pub fn next(&self, patience: Duration) -> Option<Line> {
        self.inbox.recv_timeout(patience).ok()
    }

    pub fn signal(&self, name: &str, signal: &str) -> Result<()> {
        let agent = self
            .all
            .get(name)
            .with_context(|| format!("there is no process {name}"))?;
        send_signal(&agent.process, signal)
    }

    pub fn kill(&mut self, name: &str) -> Result<()> {
        let agent = self
            .all
            .get_mut(name)
            .with_context(|| format!("there is no process {name}"))?;
        agent.process.kill()?;
        agent.process.wait()?;
        Ok(())
    }
}

impl Drop for Agents {
    fn drop(&mut self) {
        for agent in self.all.values_mut() {
            // One that has ended already cannot be ended again.
            drop(agent.process.kill().and_then(|()| agent.process.wait()));
        }
    }
}

/// Sends `STOP`, `CONT` or `TERM`.
pub fn send_signal(process: &Child, signal: &str) -> Result<()> {
    let mut kill = Command::new("kill");
    kill.arg(format!("-{signal}")).arg(process.id().to_string());
    let status = kill.status().context("cannot run kill")?;
    anyhow::ensure!(
        status.success(),
        "cannot send SIG{signal} to process {}",
        process.id()
    );
    Ok(())
}

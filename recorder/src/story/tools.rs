//! Kafka's command line tools, run as an operator would: what they print is part of what is seen.

use super::Player;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::io::Write;
use std::process::Stdio;

/// The class that each of the scripts in `bin/` starts.
const TOOLS: [(&str, &str); 12] = [
    ("kafka-topics", "org.apache.kafka.tools.TopicCommand"),
    (
        "kafka-consumer-groups",
        "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    ),
    ("kafka-configs", "kafka.admin.ConfigCommand"),
    ("kafka-get-offsets", "org.apache.kafka.tools.GetOffsetShell"),
    (
        "kafka-metadata-quorum",
        "org.apache.kafka.tools.MetadataQuorumCommand",
    ),
    (
        "kafka-leader-election",
        "org.apache.kafka.tools.LeaderElectionCommand",
    ),
    ("kafka-dump-log", "org.apache.kafka.tools.DumpLogSegments"),
    (
        "kafka-console-producer",
        "org.apache.kafka.tools.ConsoleProducer",
    ),
    (
        "kafka-console-consumer",
        "org.apache.kafka.tools.consumer.ConsoleConsumer",
    ),
    ("kafka-features", "org.apache.kafka.tools.FeatureCommand"),
    (
        "kafka-reassign-partitions",
        "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
    ),
    (
        "kafka-producer-perf-test",
        "org.apache.kafka.tools.ProducerPerformance",
    ),
];

impl Player<'_> {
    /// Runs the tool that `line` names; the words after `<<<` are what it reads.
    pub(super) fn run_tool(&mut self, line: &str) -> Result<()> {
        let (command, input) = line.split_once(" <<< ").unwrap_or((line, ""));
        let mut words = split(command).into_iter();
        let name = words.next().context("an empty line")?;
        let known = TOOLS.iter().find(|(tool, _)| *tool == name);
        let (_, class) = known.with_context(|| format!("{name} is no tool"))?;
        let brokers = self.cluster.answering();
        let mut tool = self.cluster.tool(class);
        for word in words {
            let word = word.replace("localhost:9092", &brokers);
            tool.arg(self.cluster.with_data_places(&word));
        }
        tool.current_dir(self.cluster.logs());
        tool.stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = tool.spawn().context("cannot start java")?;
        let mut stdin = process.stdin.take().context("a process without stdin")?;
        // A tool that reads nothing may have ended before.
        drop(stdin.write_all(split(input).join(" ").replace("\\n", "\n").as_bytes()));
        drop(stdin);
        let output = process.wait_with_output()?;
        self.hear()?;
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let text = text.replace(&brokers, "localhost:9092");
            self.cluster.without_data_places(&text)
        };
        let (out, err) = (text(output.stdout), text(output.stderr));
        let code = output.status.code();
        ensure!(code.is_some(), "the tool was killed");
        self.chronicle.saw(
            Some("admin"),
            "printed",
            json!({"line": line, "exit_status": code, "out": out, "err": err}),
        )
    }
}

/// Words as a shell splits them: at spaces, but not within quotes.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote) = (None::<String>, None);
    for c in line.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (c, Some(_)) => word.get_or_insert_default().push(c),
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (' ', None) => words.extend(word.take()),
            (c, None) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

//! How a golden is laid out: one line for each step, event, fact and log record, so that a diff of two is readable.

use serde_json::{Map, Value};

/// What does not fit in so many characters is broken up.
const WIDTH: usize = 140;

/// The order of keys: of a step, an event, a fact, a record in a log, and of everything else. Others follow by name.
#[rustfmt::skip]
const STEP: [&str; 15] = [
    "at_ms", "do", "line", "client", "broker", "controller", "topic", "partition", "key", "values", "pad", "ms", "until", "measured", "timed_out",
];
#[rustfmt::skip]
const EVENT: [&str; 37] = [
    "at_ms", "client", "event", "line", "out", "err", "topic", "value", "key", "broker", "node", "exit_status", "partition", "offset",
    "leader", "leader_epoch", "isr", "elr", "last_known_elr", "recovery", "new_directory_of", "state",
    "on_disk", "torn_bytes", "lost_from_disk", "records", "position", "call", "how", "group", "when", "offsets", "partitions",
    "members", "error", "message", "text",
];
#[rustfmt::skip]
const FACT: [&str; 14] = [
    "fact", "client", "group", "for", "broker", "partition", "call", "when", "step", "by", "error", "although_back", "min_ms", "max_ms",
];
const ROW: [&str; 9] = [
    "offset",
    "epoch",
    "control",
    "key",
    "value",
    "producer_id",
    "producer_epoch",
    "sequence",
    "transactional",
];
#[rustfmt::skip]
const OTHER: [&str; 26] = [
    "metadata.version", "eligible.leader.replicas.version", "offsets.topic.num.partitions", "transaction.state.log.num.partitions",
    "ids", "controller", "storage", "network", "name", "replicas", "kind", "config", "topic", "partition", "offset", "key", "value",
    "leader", "leader_epoch", "isr", "elr", "last_known_elr", "recovery", "new_directory_of", "fact", "seen",
];
/// At the top of a file the order is that of the story.
const TOP: [&str; 16] = [
    "case",
    "about",
    "kafka",
    "features",
    "brokers",
    "topics",
    "internal_topics",
    "watch",
    "clients",
    "columns",
    "vectors",
    "steps",
    "observed",
    "final",
    "repetitions",
    "expect",
];
const FINAL: [&str; 9] = [
    "brokers",
    "partitions",
    "read_back",
    "read_committed",
    "high_watermark",
    "logs",
    "leader_epochs",
    "committed",
    "high_watermark_checkpoint",
];

/// The text of a golden's file.
pub fn text(golden: &Value) -> String {
    let mut out = String::new();
    block(golden, 0, Some(&TOP), &mut out);
    out.push('\n');
    out
}

fn block(value: &Value, indent: usize, order: Option<&[&str]>, out: &mut String) {
    let line = line(value);
    let whole = match value {
        Value::Array(items) => items.iter().all(|v| !v.is_array() && !v.is_object()),
        Value::Object(fields) => fields.is_empty(),
        _ => true,
    };
    if whole || (line.chars().count() < WIDTH && indent > 0) {
        out.push_str(&line);
        return;
    }
    let pad = " ".repeat(indent + 1);
    let (open, close) = if value.is_array() {
        ('[', ']')
    } else {
        ('{', '}')
    };
    out.push(open);
    let mut first = true;
    let mut next = |out: &mut String| {
        out.push_str(if first { "\n" } else { ",\n" });
        out.push_str(&pad);
        first = false;
    };
    match value {
        Value::Array(items) => {
            for item in items {
                next(out);
                block(item, indent + 1, None, out);
            }
        }
        Value::Object(fields) => {
            for (key, value) in sorted(fields, order) {
                next(out);
                out.push_str(&format!("{}: ", Value::from(key)));
                let is_final = indent == 0 && key == "final";
                block(value, indent + 1, is_final.then_some(&FINAL[..]), out);
            }
        }
        _ => {}
    }
    out.push('\n');
    out.push_str(&pad[1..]);
    out.push(close);
}

/// On one line, with a space after each colon and comma.
pub fn line(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(line).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let fields = sorted(fields, None).into_iter();
            let fields: Vec<String> = fields
                .map(|(key, value)| format!("{}: {}", Value::from(key), line(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        other => other.to_string(),
    }
}

fn sorted<'a>(fields: &'a Map<String, Value>, order: Option<&[&str]>) -> Vec<(&'a str, &'a Value)> {
    let order = order.unwrap_or_else(|| usual_order(fields));
    let mut fields: Vec<(&str, &Value)> = fields.iter().map(|(k, v)| (k.as_str(), v)).collect();
    let place = |key: &str| order.iter().position(|k| *k == key).unwrap_or(order.len());
    fields.sort_by_key(|(key, _)| place(key));
    fields
}

fn usual_order(fields: &Map<String, Value>) -> &'static [&'static str] {
    let kinds: [(&str, &[&str]); 4] = [
        ("do", &STEP),
        ("event", &EVENT),
        ("epoch", &ROW),
        ("fact", &FACT),
    ];
    let own = kinds.iter().find(|(key, _)| fields.contains_key(*key));
    own.map_or(&OTHER, |(_, order)| order)
}

#[cfg(test)]
mod tests {
    use super::text;
    use serde_json::{Value, json};

    #[test]
    fn a_step_or_a_fact_is_one_line_and_long_things_are_broken_up() {
        let steps = json!([{"do": "send", "client": "p1", "at_ms": 3, "values": ["m0"], "topic": "t"}, {"do": "end", "at_ms": 9}]);
        let text = text(
            &json!({"steps": steps, "case": "x", "final": {"committed": {}}, "long": ["m".repeat(150), {"a": 1}]}),
        );
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "{");
        assert_eq!(lines[1], " \"case\": \"x\",");
        assert!(lines[2].contains(
            r#"[{"at_ms": 3, "do": "send", "client": "p1", "topic": "t", "values": ["m0"]}, {"#
        ));
        assert_eq!(lines.last(), Some(&"}"));
        assert_eq!(lines[lines.len() - 3], "  {\"a\": 1}");
    }

    #[test]
    fn stored_goldens_hold_the_same_after_they_were_laid_out_and_usually_look_the_same() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden");
        let (mut seen, mut alike) = (0, 0);
        for entry in std::fs::read_dir(folder).expect("the goldens") {
            let file = entry.expect("an entry").path();
            if file.extension().is_some_and(|e| e == "json") {
                let stored = std::fs::read_to_string(&file).expect("text");
                let json: Value = serde_json::from_str(&stored).expect("JSON");
                let again = text(&json);
                assert_eq!(serde_json::from_str::<Value>(&again).expect("JSON"), json);
                seen += 1;
                alike += usize::from(again == stored);
            }
        }
        // Settings and clients are in the order of their names here, and in that of their writing in some.
        assert!(alike * 3 > seen, "{alike} of {seen}");
    }
}

//! Spring Boot's `spring.kafka` keys as Kafka's own: relaxed names, durations and sizes with units, profiles, listeners.

use super::names::Section;
use super::source::Entry;
use crate::lab::text::Text;

/// What a key of a Spring Boot application means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// A config of Kafka's clients, with the value as Kafka takes it.
    Config(Vec<Section>, String, String),
    /// How the listener container commits, with what there is to say.
    Application(&'static str, &'static str, Text),
    /// Known to Spring, without effect on what is kept or lost.
    Quiet,
    /// Under `spring.kafka`, and not known; the nearest known key.
    Unknown(Option<&'static str>),
    /// A value that Spring refuses.
    Refused(String),
    /// Not about Kafka.
    Foreign,
}

/// Keys of `spring.kafka.producer` and `spring.kafka.consumer` with Kafka's names and how values are written.
const CLIENT: [(&str, &str, Unit); 20] = [
    ("acks", "acks", Unit::Word),
    ("batch-size", "batch.size", Unit::Bytes),
    ("buffer-memory", "buffer.memory", Unit::Bytes),
    ("retries", "retries", Unit::Word),
    ("compression-type", "compression.type", Unit::Word),
    ("transaction-id-prefix", "transactional.id", Unit::Word),
    ("key-serializer", "key.serializer", Unit::Word),
    ("value-serializer", "value.serializer", Unit::Word),
    (
        "auto-commit-interval",
        "auto.commit.interval.ms",
        Unit::Millis,
    ),
    ("auto-offset-reset", "auto.offset.reset", Unit::Word),
    ("enable-auto-commit", "enable.auto.commit", Unit::Word),
    ("fetch-max-wait", "fetch.max.wait.ms", Unit::Millis),
    ("fetch-min-size", "fetch.min.bytes", Unit::Bytes),
    ("group-id", "group.id", Unit::Word),
    ("heartbeat-interval", "heartbeat.interval.ms", Unit::Millis),
    ("isolation-level", "isolation.level", Unit::Constant),
    ("max-poll-records", "max.poll.records", Unit::Word),
    ("max-poll-interval", "max.poll.interval.ms", Unit::Millis),
    ("client-id", "client.id", Unit::Word),
    ("bootstrap-servers", "bootstrap.servers", Unit::Word),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Word,
    /// An enum's constant: `read-committed`, `READ_COMMITTED`.
    Constant,
    /// A duration, in milliseconds if it has no unit.
    Millis,
    /// A size, in bytes if it has no unit.
    Bytes,
}

/// Other keys that Spring Boot knows under `spring.kafka`.
const QUIET: [&str; 16] = [
    "admin",
    "streams",
    "template",
    "security",
    "ssl",
    "jaas",
    "retry",
    "listener",
    "client-id",
    "bootstrap-servers",
    "key-deserializer",
    "value-deserializer",
    "interceptor-classes",
    "properties",
    "producer",
    "consumer",
];

/// What `key: value` means. Keys are compared as relaxed binding does: without case, `-` and `_`.
pub fn means(key: &str, value: &str) -> Means {
    let parts = parts(key);
    let plain: Vec<String> = parts.iter().map(|part| relaxed(part)).collect();
    let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
    let ["spring", "kafka", rest @ ..] = plain.as_slice() else {
        return Means::Foreign;
    };
    // The name of a config under `properties` stands for itself.
    let literal = |from: usize| parts[from..].join(".");
    let both = || vec![Section::Producer, Section::Consumer];
    match rest {
        ["properties", _, ..] => Means::Config(both(), literal(3), value.into()),
        ["producer", "properties", _, ..] => {
            Means::Config(vec![Section::Producer], literal(4), value.into())
        }
        ["consumer", "properties", _, ..] => {
            Means::Config(vec![Section::Consumer], literal(4), value.into())
        }
        ["producer", name] => client(Section::Producer, name, value),
        ["consumer", name] => client(Section::Consumer, name, value),
        ["listener", "ackmode"] => ack_mode(value),
        ["listener", "concurrency"] => Means::Quiet,
        [first, ..] if QUIET.iter().any(|known| relaxed(known) == *first) => Means::Quiet,
        [first, ..] => Means::Unknown(nearest(first)),
        [] => Means::Unknown(None),
    }
}

fn nearest(typed: &str) -> Option<&'static str> {
    let known = QUIET
        .into_iter()
        .chain(CLIENT.into_iter().map(|(key, ..)| key));
    crate::kafka::config::nearest(known, typed)
}

/// A path's parts: `a.b[c.d].e` has `a`, `b`, `c.d`, `e`.
fn parts(key: &str) -> Vec<String> {
    let (mut all, mut part, mut inside) = (Vec::new(), String::new(), false);
    for c in key.chars() {
        match c {
            '[' if !inside => {
                all.push(std::mem::take(&mut part));
                inside = true;
            }
            ']' if inside => {
                all.push(std::mem::take(&mut part));
                inside = false;
            }
            '.' if !inside => all.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    all.push(part);
    all.retain(|part| !part.is_empty());
    all
}

fn relaxed(part: &str) -> String {
    let kept = part.chars().filter(|c| !matches!(c, '-' | '_'));
    kept.flat_map(char::to_lowercase).collect()
}

fn client(section: Section, name: &str, value: &str) -> Means {
    let known = CLIENT.into_iter().find(|(key, ..)| relaxed(key) == name);
    let Some((key, kafka, unit)) = known else {
        let quiet = ["keydeserializer", "valuedeserializer", "security", "ssl"].contains(&name);
        return if quiet {
            Means::Quiet
        } else {
            Means::Unknown(nearest(name))
        };
    };
    let read = match unit {
        Unit::Word => Some(value.trim().to_string()),
        Unit::Constant => Some(value.trim().to_lowercase().replace('-', "_")),
        Unit::Millis => millis(value),
        Unit::Bytes => bytes(value),
    };
    match read {
        Some(value) => Means::Config(vec![section], kafka.into(), value),
        None => Means::Refused(format!("BindException: cannot convert {value} for {key}")),
    }
}

fn ack_mode(value: &str) -> Means {
    let after = |every: &'static str, en: &'static str, zh: &'static str| {
        Means::Application("commit.every", every, Text::fixed(en, zh))
    };
    match relaxed(value.trim()).as_str() {
        "record" => after(
            "1",
            "the listener commits after each record",
            "listener 每处理完一条提交一次",
        ),
        "batch" => after(
            "1",
            "the listener commits after the work on each poll",
            "listener 每处理完一次 poll 提交一次",
        ),
        "time" | "count" | "counttime" => after(
            "10",
            "the listener commits now and then, after the work",
            "listener 处理之后隔一段时间提交",
        ),
        "manual" | "manualimmediate" => after(
            "1",
            "your code calls acknowledge(): taken to be after the work",
            "由代码调用 acknowledge()：假定在处理之后",
        ),
        _ => Means::Refused(format!("BindException: no AckMode {value}")),
    }
}

/// `5s`, `100ms`, `2m`, `PT5S` or a number of milliseconds.
pub fn millis(text: &str) -> Option<String> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if let Some(iso) = lower.strip_prefix("pt") {
        let mut sum = 0_u64;
        let mut digits = String::new();
        for c in iso.chars() {
            match c {
                '0'..='9' | '.' => digits.push(c),
                'h' | 'm' | 's' => {
                    let each = match c {
                        'h' => 3_600_000,
                        'm' => 60_000,
                        _ => 1_000,
                    };
                    let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
                    let thousandths: String = part.chars().chain("000".chars()).take(3).collect();
                    let milli = whole.parse::<u64>().ok()?.checked_mul(1_000)?;
                    let milli = milli.checked_add(thousandths.parse().ok()?)?;
                    sum = sum.checked_add(milli.checked_mul(each)? / 1_000)?;
                    digits.clear();
                }
                _ => return None,
            }
        }
        return digits.is_empty().then(|| sum.to_string());
    }
    let units = [
        ("ms", 1),
        ("s", 1_000),
        ("m", 60_000),
        ("h", 3_600_000),
        ("d", 86_400_000),
        ("", 1),
    ];
    with_unit(&lower, &units)
}

/// `16KB`, `32MB` or a number of bytes.
pub fn bytes(text: &str) -> Option<String> {
    let upper = text.trim().to_ascii_uppercase();
    let units = [
        ("KB", 1 << 10),
        ("MB", 1 << 20),
        ("GB", 1 << 30),
        ("TB", 1 << 40),
        ("B", 1),
        ("", 1),
    ];
    with_unit(&upper, &units)
}

fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text[digits.len()..].trim();
    let (_, each) = units.iter().find(|(name, _)| *name == unit)?;
    let n: u64 = digits.parse().ok()?;
    Some(n.checked_mul(*each)?.to_string())
}

/// The profile that each document is for; `None`: for all.
pub fn profiles(entries: &[Entry]) -> Vec<Option<String>> {
    let count = entries
        .iter()
        .map(|entry| entry.document + 1)
        .max()
        .unwrap_or(1);
    let mut all = vec![None; count];
    for entry in entries {
        let key: String = parts(&entry.key)
            .iter()
            .map(|part| relaxed(part) + ".")
            .collect();
        if key == "spring.config.activate.onprofile." || key == "spring.profiles." {
            all[entry.document] = Some(entry.value.trim().to_string());
        }
    }
    all
}

/// Whether a key says for which profile a document is, or which profile is active.
pub fn is_of_profiles(key: &str) -> bool {
    let plain: String = parts(key).iter().map(|part| relaxed(part) + ".").collect();
    plain.starts_with("spring.profiles.") || plain == "spring.config.activate.onprofile."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(key: &str, value: &str) -> (String, String) {
        match means(key, value) {
            Means::Config(_, name, value) => (name, value),
            other => panic!("{key}: {other:?}"),
        }
    }

    #[test]
    fn names_are_compared_as_relaxed_binding_does() {
        for key in [
            "spring.kafka.producer.batch-size",
            "spring.kafka.producer.batchSize",
            "SPRING.KAFKA.PRODUCER.BATCH_SIZE",
        ] {
            assert_eq!(config(key, "16KB"), ("batch.size".into(), "16384".into()));
        }
        let literal = "spring.kafka.producer.properties[max.in.flight.requests.per.connection]";
        assert_eq!(
            config(literal, "1").0,
            "max.in.flight.requests.per.connection"
        );
        assert_eq!(
            config("spring.kafka.properties.max.block.ms", "5").0,
            "max.block.ms"
        );
        assert_eq!(
            means("spring.kafka.producer.aks", "1"),
            Means::Unknown(Some("acks"))
        );
        assert_eq!(means("server.port", "1"), Means::Foreign);
    }

    #[test]
    fn durations_and_sizes_are_read_with_their_units() {
        let all = ["5s", "PT1M30.5S", "250", "2m", "x", "99999999999999999999s"];
        let read: Vec<Option<String>> = all.into_iter().map(millis).collect();
        let wanted = [
            Some("5000"),
            Some("90500"),
            Some("250"),
            Some("120000"),
            None,
            None,
        ];
        assert_eq!(read, wanted.map(|text| text.map(String::from)));
        assert_eq!(bytes("1MB").as_deref(), Some("1048576"));
        assert_eq!(
            config("spring.kafka.consumer.isolation-level", "READ_COMMITTED").1,
            "read_committed"
        );
    }
}

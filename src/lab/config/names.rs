//! Every config name of Kafka 4.3.1 with its type, default and what is valid, as its own ConfigDefs have them: for names
//! that the registry does not have, since nothing that acklab plays depends on them.

use crate::kafka::config::nearest;

/// Which of Kafka's ConfigDefs a name is looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// `ProducerConfig`.
    Producer,
    /// `ConsumerConfig`.
    Consumer,
    /// `AbstractKafkaConfig`: `server.properties`.
    Broker,
    /// `LogConfig`: topics.
    Topic,
}

/// One of Kafka's configs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Where it belongs.
    pub section: Section,
    /// Its name.
    pub name: &'static str,
    kind: &'static str,
    /// Its default; `!` where Kafka asks for a value.
    pub default: &'static str,
    valid: &'static str,
}

/// All names; made anew for each who asks.
#[derive(Clone, Debug)]
pub struct Names(Vec<Known>);

impl Names {
    /// Reads the table.
    pub fn read() -> Names {
        let (mut all, mut section) = (Vec::new(), Section::Producer);
        for line in include_str!("names.txt").lines() {
            match line {
                "[producer]" => section = Section::Producer,
                "[consumer]" => section = Section::Consumer,
                "[broker]" => section = Section::Broker,
                "[topic]" => section = Section::Topic,
                line => {
                    let mut fields = line.split('\t');
                    if let (Some(name), Some(kind)) = (fields.next(), fields.next()) {
                        all.push(Known {
                            section,
                            name,
                            kind,
                            default: fields.next().unwrap_or(""),
                            valid: fields.next().unwrap_or(""),
                        });
                    }
                }
            }
        }
        Names(all)
    }

    /// A config by its name.
    pub fn find(&self, section: Section, name: &str) -> Option<&Known> {
        let mut all = self.0.iter();
        all.find(|known| known.section == section && known.name == name)
    }

    /// Where else a name is known.
    pub fn elsewhere(&self, name: &str) -> Option<Section> {
        let mut all = self.0.iter();
        all.find(|known| known.name == name)
            .map(|known| known.section)
    }

    /// The known name that was most likely meant.
    pub fn nearest(&self, section: Section, typed: &str) -> Option<&'static str> {
        let names = self.0.iter().filter(|known| known.section == section);
        nearest(names.map(|known| known.name), typed)
    }
}

impl Known {
    /// What `ConfigDef.parseType` and the validator say against `value`: the text of the `ConfigException`.
    pub fn refuse(&self, value: &str) -> Option<String> {
        let value = value.trim();
        let why = match self.kind {
            "bool"
                if !value.eq_ignore_ascii_case("true") && !value.eq_ignore_ascii_case("false") =>
            {
                Some("Expected value to be either true or false".into())
            }
            "int" => self.number(value, i64::from(i32::MIN), i64::from(i32::MAX)),
            "short" => self.number(value, i64::from(i16::MIN), i64::from(i16::MAX)),
            "long" => self.number(value, i64::MIN, i64::MAX),
            "double" => self.fraction(value),
            "string" if self.name == "auto.offset.reset" => return reset(value),
            "list" => self.list(value)?,
            "string" => self.word(value),
            _ => None,
        };
        let shown: String = value.chars().take(80).collect();
        why.map(|why| {
            format!(
                "Invalid value {shown} for configuration {}: {why}",
                self.name
            )
        })
    }

    /// A value may be the name of a class that only the application has.
    pub fn is_class(&self) -> bool {
        matches!(self.kind, "class" | "list")
    }

    fn number(&self, value: &str, low: i64, high: i64) -> Option<String> {
        let parsed = value.parse::<i64>().ok();
        let Some(n) = parsed.filter(|n| (low..=high).contains(n)) else {
            return (value != "null" || self.default != "null")
                .then(|| format!("Not a number of type {}", self.kind.to_uppercase()));
        };
        self.bounds(n, |bound| bound.parse().ok())
    }

    fn fraction(&self, value: &str) -> Option<String> {
        match micros(value) {
            None => Some("Not a number of type DOUBLE".into()),
            Some(n) => self.bounds(n, micros),
        }
    }

    fn bounds(&self, n: i64, read: impl Fn(&str) -> Option<i64>) -> Option<String> {
        if let Some(low) = self.valid.strip_prefix(">= ") {
            let below = read(low).is_some_and(|least| n < least);
            return below.then(|| format!("Value must be at least {low}"));
        }
        let (low, rest) = self.valid.split_once(" .. ")?;
        let (high, or) = rest.split_once(" or ").unwrap_or((rest, ""));
        let (least, most) = (read(low)?, read(high)?);
        if !or.is_empty() {
            let is_fine = (least..=most).contains(&n) || read(or) == Some(n);
            return (!is_fine)
                .then(|| format!("Value must be between {low} and {high} or equal to {or}"));
        }
        if n < least {
            return Some(format!("Value must be at least {low}"));
        }
        (n > most).then(|| format!("Value must be no more than {high}"))
    }

    fn word(&self, value: &str) -> Option<String> {
        if let Some(words) = self.valid.strip_prefix("in ") {
            let known = words.split(", ").any(|word| word == value);
            return (!known).then(|| format!("String must be one of: {words}"));
        }
        if let Some(words) = self.valid.strip_prefix("ci ") {
            let known = words
                .split(", ")
                .any(|word| word.eq_ignore_ascii_case(value));
            return (!known).then(|| format!("String must be one of (case insensitive): {words}"));
        }
        (self.valid == "non-empty" && value.is_empty()).then(|| "String must be non-empty".into())
    }

    /// `None`: nothing to say.
    fn list(&self, value: &str) -> Option<Option<String>> {
        let words = self.valid.strip_prefix("in ")?;
        let known = |item: &str| words.split(", ").any(|word| word == item.trim());
        let fine = value.is_empty() || value.split(',').all(known);
        (!fine).then(|| Some(format!("String must be one of: {words}")))
    }
}

/// `AutoOffsetResetStrategy.Validator`.
fn reset(value: &str) -> Option<String> {
    let known = ["earliest", "latest", "none"]
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word));
    let fine = known || value.starts_with("by_duration:P");
    let name = "auto.offset.reset";
    (!fine).then(|| {
        format!(
            "Invalid value {value} for configuration {name}: Invalid value `{value}` for configuration {name}. The value must be \
             either 'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'."
        )
    })
}

/// A decimal fraction in millionths; with an exponent only its sign is kept.
fn micros(text: &str) -> Option<i64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let bare = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (whole, part) = bare.split_once('.').unwrap_or((bare, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !is_digits(whole) || !is_digits(part) {
        return None;
    }
    let digits: String = part.chars().chain("000000".chars()).take(6).collect();
    let whole: i64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let n = whole
        .checked_mul(1_000_000)?
        .checked_add(digits.parse().ok()?)?;
    let n = if exponent == 0 { n } else { n.min(1) };
    Some(if mantissa.starts_with('-') { -n } else { n })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::config::{Scope, rows};

    fn refused(section: Section, name: &str, value: &str) -> Option<String> {
        let names = Names::read();
        names.find(section, name).expect(name).refuse(value)
    }

    #[test]
    fn the_registry_has_no_name_that_kafka_lacks_and_the_same_defaults() {
        let names = Names::read();
        for row in rows() {
            let section = match row.scope {
                Scope::Producer => Section::Producer,
                Scope::Consumer => Section::Consumer,
                Scope::Topic => Section::Topic,
                Scope::Broker | Scope::Group | Scope::Transaction | Scope::Controller => {
                    Section::Broker
                }
                Scope::Feature | Scope::Environment | Scope::Application => continue,
            };
            assert!(
                names.find(section, row.name).is_some(),
                "{section:?} {}",
                row.name
            );
        }
        let of_brokers = names
            .0
            .iter()
            .filter(|known| known.section == Section::Broker);
        assert!(of_brokers.count() > 250);
    }

    #[test]
    fn values_are_refused_in_kafka_s_words() {
        let says = |section, name, value, text: &str| {
            let whole = format!("Invalid value {value} for configuration {name}: {text}");
            assert_eq!(refused(section, name, value), Some(whole));
        };
        says(
            Section::Producer,
            "acks",
            "2",
            "String must be one of: all, -1, 0, 1",
        );
        says(
            Section::Producer,
            "linger.ms",
            "5s",
            "Not a number of type LONG",
        );
        says(
            Section::Producer,
            "batch.size",
            "-1",
            "Value must be at least 0",
        );
        says(
            Section::Producer,
            "compression.gzip.level",
            "99",
            "Value must be between 1 and 9 or equal to -1",
        );
        says(
            Section::Topic,
            "min.cleanable.dirty.ratio",
            "2.0",
            "Value must be no more than 1",
        );
        says(
            Section::Topic,
            "cleanup.policy",
            "keep",
            "String must be one of: compact, delete",
        );
        let words = "String must be one of (case insensitive): CONSUMER, CLASSIC";
        says(Section::Consumer, "group.protocol", "x", words);
        assert_eq!(
            refused(Section::Topic, "cleanup.policy", "compact, delete"),
            None
        );
        assert_eq!(
            refused(Section::Broker, "log.cleaner.min.cleanable.ratio", "1e-3"),
            None
        );
        assert_eq!(
            refused(Section::Producer, "enable.idempotence", "TRUE"),
            None
        );
    }
}

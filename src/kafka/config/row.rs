//! What the registry says about one config.

use serde::{Deserialize, Serialize};

use super::check::Problem;
use super::value::Field;

/// Whose file a config is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Owner {
    /// Producer properties.
    Producer,
    /// Consumer properties.
    Consumer,
    /// `server.properties`, coordinators and controller included.
    Broker,
    /// Topic configs.
    Topic,
    /// Links, disks, operating system: not Kafka's.
    Environment,
    /// The application around the clients: not Kafka's.
    Application,
}

impl Owner {
    /// All owners, in the order forms show them.
    pub const ALL: [Owner; 6] = [
        Owner::Producer,
        Owner::Topic,
        Owner::Broker,
        Owner::Consumer,
        Owner::Application,
        Owner::Environment,
    ];
}

/// Which part of the system reads a config.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// `ProducerConfig`.
    Producer,
    /// `ConsumerConfig`.
    Consumer,
    /// Broker and replication.
    Broker,
    /// `TopicConfig`.
    Topic,
    /// Group coordinator (on brokers).
    Group,
    /// Transaction coordinator (on brokers).
    Transaction,
    /// KRaft: registration, fencing, quorum.
    Controller,
    /// A cluster feature level (`kafka-features`), no properties key.
    Feature,
    /// Not Kafka's: links, disks, operating system.
    Environment,
    /// Not Kafka's: the application.
    Application,
}

impl Scope {
    /// Whose file it is written in.
    pub fn owner(self) -> Owner {
        match self {
            Scope::Producer => Owner::Producer,
            Scope::Consumer => Owner::Consumer,
            Scope::Topic => Owner::Topic,
            Scope::Environment => Owner::Environment,
            Scope::Application => Owner::Application,
            Scope::Broker
            | Scope::Group
            | Scope::Transaction
            | Scope::Controller
            | Scope::Feature => Owner::Broker,
        }
    }
}

/// Kafka's `ConfigDef.Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `BOOLEAN`.
    Boolean,
    /// `INT`, 32 bits.
    Int,
    /// `LONG`, 64 bits.
    Long,
    /// `DOUBLE`, kept as parts per million.
    Double,
    /// `STRING`.
    Text,
    /// `LIST`, separated by commas.
    List,
    /// `CLASS`.
    Class,
}

impl Kind {
    /// The name in Kafka's error texts.
    pub fn kafka_name(self) -> &'static str {
        match self {
            Kind::Boolean => "BOOLEAN",
            Kind::Int => "INT",
            Kind::Long => "LONG",
            Kind::Double => "DOUBLE",
            Kind::Text => "STRING",
            Kind::List => "LIST",
            Kind::Class => "CLASS",
        }
    }
}

/// Kafka's `ConfigDef.Validator`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Valid {
    /// Whatever the type allows.
    Any,
    /// A number from here up.
    AtLeast(i64),
    /// A number in this closed range.
    Between(i64, i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Text that is not empty.
    NonEmpty,
}

/// One line of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Exactly as in Kafka.
    pub name: &'static str,
    /// Who reads it.
    pub scope: Scope,
    /// Its type.
    pub kind: Kind,
    /// Its default as text; `null` where Kafka has none.
    pub default: &'static str,
    /// What Kafka accepts.
    pub valid: Valid,
}

/// What there is to say of one config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// First version that has it (of Kafka, or of acklab for what is not Kafka's).
    pub since: &'static str,
    /// KIP or class that rules it.
    pub source: &'static str,
    /// One sentence.
    pub en: &'static str,
    /// The same sentence in Chinese.
    pub zh: &'static str,
}

impl Row {
    /// Reads a value as `ConfigDef.parse` would: trim, type, then validator.
    pub fn read(&self, text: &str, into: &mut dyn Field) -> Result<(), Problem> {
        let text = text.trim();
        self.check(text)?;
        match into.read(text) {
            true => Ok(()),
            false => Err(self.refuse(text, &self.type_error())),
        }
    }

    /// Type and validator, on trimmed text.
    fn check(&self, text: &str) -> Result<(), Problem> {
        if text == "null" {
            return match self.default {
                "null" => Ok(()),
                _ => Err(self.refuse(text, &self.type_error())),
            };
        }
        let number = match self.kind {
            Kind::Int => Some(text.parse::<i32>().map(i64::from).ok()),
            Kind::Long => Some(text.parse::<i64>().ok()),
            _ => None,
        };
        if number == Some(None) {
            return Err(self.refuse(text, &self.type_error()));
        }
        match (self.valid, number.flatten()) {
            (Valid::AtLeast(low) | Valid::Between(low, _), Some(n)) if n < low => {
                Err(self.refuse(text, &format!("Value must be at least {low}")))
            }
            (Valid::Between(_, high), Some(n)) if n > high => {
                Err(self.refuse(text, &format!("Value must be no more than {high}")))
            }
            (Valid::OneOf(words), _) if self.kind == Kind::Text && !words.contains(&text) => {
                let words = words.join(", ");
                Err(self.refuse(text, &format!("String must be one of: {words}")))
            }
            (Valid::NonEmpty, _) if text.is_empty() => {
                Err(self.refuse(text, "String must be non-empty"))
            }
            _ => Ok(()),
        }
    }

    fn type_error(&self) -> String {
        match (self.kind, self.valid) {
            (Kind::Boolean, _) => "Expected value to be either true or false".into(),
            (Kind::Int | Kind::Long | Kind::Double, _) => {
                format!("Not a number of type {}", self.kind.kafka_name())
            }
            (Kind::Class, _) => "Class could not be found.".into(),
            (_, Valid::OneOf(words)) => format!("String must be one of: {}", words.join(", ")),
            _ => format!("Not a value of type {}", self.kind.kafka_name()),
        }
    }

    /// The text of Kafka's `ConfigException(name, value, message)`.
    fn refuse(&self, text: &str, why: &str) -> Problem {
        let mut shown: String = text.chars().take(80).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        let text = format!(
            "Invalid value {shown} for configuration {}: {why}",
            self.name
        );
        Problem::error(self.scope.owner(), self.name, text)
    }
}

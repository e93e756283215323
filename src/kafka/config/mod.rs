//! The one registry of configs.
//!
//! Each config is written once, in a `configs!` table: field, type, default, valid values, since when, where in Kafka,
//! one sentence in English and in Chinese. The table yields the typed struct that the state machines read
//! (`cfg.linger_ms`), its `Default`, access by Kafka's own name (`set("linger.ms", "5")`) and the [`Row`]s that forms,
//! import, glossary, validation and what-if read.
//!
//! Values come from [`Overrides`]: what was set explicitly, by owner and by Kafka's name, as text. [`Configs::build`]
//! turns them into typed values and returns every [`Problem`] it met; a refused value is named and replaced by its
//! default, the rest is kept.

mod check;
mod nearest;
mod overrides;
mod row;
#[cfg(test)]
mod tests;
mod value;

mod app;
mod broker;
mod consumer;
mod environment;
mod producer;
mod topic;

pub use app::{AppConfig, CommitMode, Dispatch, LetterLost, OnError, OrderStore, SeenIn, SendMode};
pub use broker::{BrokerConfig, ReplicaSelector};
pub use check::{Problem, Severity};
pub use consumer::{
    Assignor, ConsumerConfig, GroupProtocol, IsolationLevel, OffsetReset, RemoteAssignor,
};
pub use environment::{DiskKind, Environment, Truncation};
pub use nearest::nearest;
pub use overrides::{Configs, Overrides, Settings};
pub use producer::{Acks, PartitionerClass, ProducerConfig};
pub use row::{Kind, Note, Owner, Row, Scope, Valid};
pub use topic::{CleanupPolicy, TopicConfig};
pub use value::{ConfigValue, Field, Ppm};

/// Kafka's `Long.MAX_VALUE`, the usual "never" of its defaults.
pub const LONG_MAX: u64 = i64::MAX as u64;

/// A typed set of configs whose fields can be reached by Kafka's names.
pub trait ConfigSet: Default + Clone {
    /// Every config of this set, in the order of the table.
    const ROWS: &'static [Row];

    /// What there is to say of each, in the same order. Apart from the rows, which are read at every start: sentences
    /// are loaded when somebody wants to read them.
    const NOTES: &'static [Note];

    /// The values, in the same order.
    fn fields(&self) -> Vec<&dyn Field>;

    /// The same, to be set.
    fn fields_mut(&mut self) -> Vec<&mut dyn Field>;

    /// Sets one config from text. On an error the old value stays.
    fn set(&mut self, name: &str, text: &str) -> Result<(), Problem> {
        set(Self::ROWS, self.fields_mut(), name, text)
    }

    /// One config as text, `None` for an unknown name.
    fn get(&self, name: &str) -> Option<String> {
        let place = place(Self::ROWS, name)?;
        Some(self.fields()[place].write())
    }
}

fn place(rows: &[Row], name: &str) -> Option<usize> {
    rows.iter().position(|row| row.name == name)
}

fn set(
    rows: &'static [Row],
    mut fields: Vec<&mut dyn Field>,
    name: &str,
    text: &str,
) -> Result<(), Problem> {
    let place = place(rows, name).ok_or_else(|| Problem::unknown(rows, name))?;
    // Rows and fields are made from the same table.
    rows[place].read(text, fields[place])
}

/// All rows of Kafka's own configs, then those that are not Kafka's (environment, application).
pub fn rows() -> impl Iterator<Item = &'static Row> {
    [
        ProducerConfig::ROWS,
        ConsumerConfig::ROWS,
        BrokerConfig::ROWS,
        TopicConfig::ROWS,
        Environment::ROWS,
        AppConfig::ROWS,
    ]
    .into_iter()
    .flatten()
}

/// The rows of one owner.
pub fn rows_of(owner: Owner) -> &'static [Row] {
    match owner {
        Owner::Producer => ProducerConfig::ROWS,
        Owner::Consumer => ConsumerConfig::ROWS,
        Owner::Broker => BrokerConfig::ROWS,
        Owner::Topic => TopicConfig::ROWS,
        Owner::Environment => Environment::ROWS,
        Owner::Application => AppConfig::ROWS,
    }
}

/// The row of one config.
pub fn row(owner: Owner, name: &str) -> Option<&'static Row> {
    rows_of(owner).iter().find(|row| row.name == name)
}

/// What there is to say of one config.
pub fn note(owner: Owner, name: &str) -> Option<&'static Note> {
    let notes = match owner {
        Owner::Producer => ProducerConfig::NOTES,
        Owner::Consumer => ConsumerConfig::NOTES,
        Owner::Broker => BrokerConfig::NOTES,
        Owner::Topic => TopicConfig::NOTES,
        Owner::Environment => Environment::NOTES,
        Owner::Application => AppConfig::NOTES,
    };
    notes.get(place(rows_of(owner), name)?)
}

/// Writes a config struct, its default, its access by name and its registry rows from one table.
///
/// A row reads: `field: Type = "default as text", ["kafka.name" Scope Kind Valid, "since", "KIP or class"] "English"
/// "Chinese";`
macro_rules! configs {
    (
        $(#[$meta:meta])*
        pub struct $Set:ident {
            $( $field:ident: $ty:ty = $default:literal,
               [$name:literal $scope:ident $kind:ident $valid:expr, $since:literal, $source:literal]
               $en:literal $zh:literal; )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $Set {
            $( #[doc = concat!("`", $name, "`: ", $en)] pub $field: $ty, )*
        }

        impl Default for $Set {
            fn default() -> Self {
                Self {
                    $( $field: $crate::kafka::config::value::default($name, $default), )*
                }
            }
        }

        impl $crate::kafka::config::ConfigSet for $Set {
            const ROWS: &'static [$crate::kafka::config::Row] = &[
                $( $crate::kafka::config::Row {
                    name: $name,
                    scope: $crate::kafka::config::Scope::$scope,
                    kind: $crate::kafka::config::Kind::$kind,
                    default: $default,
                    valid: $valid,
                }, )*
            ];

            const NOTES: &'static [$crate::kafka::config::Note] = &[
                $( $crate::kafka::config::Note {
                    since: $since,
                    source: $source,
                    en: $en,
                    zh: $zh,
                }, )*
            ];

            fn fields(&self) -> Vec<&dyn $crate::kafka::config::Field> {
                vec![$( &self.$field, )*]
            }

            fn fields_mut(&mut self) -> Vec<&mut dyn $crate::kafka::config::Field> {
                vec![$( &mut self.$field, )*]
            }
        }
    };
}
pub(crate) use configs;

/// Writes an enum whose values are words, the first word of each being the one we write.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident { $( $(#[$vmeta:meta])* $Variant:ident = $first:literal $(| $other:literal)* , )* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $Name { $( $(#[$vmeta])* $Variant, )* }

        impl $crate::kafka::config::ConfigValue for $Name {
            fn from_text(text: &str) -> Option<Self> {
                match text {
                    $( $first $(| $other)* => Some(Self::$Variant), )*
                    _ => None,
                }
            }
            fn text(&self) -> String {
                match self { $( Self::$Variant => $first.to_string(), )* }
            }
        }
    };
}
pub(crate) use words;

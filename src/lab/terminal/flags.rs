//! Options as Kafka's tools take them (`joptsimple.OptionParser`, `CommandLineUtils`): which there are, what they need, and the
//! words in which one is refused.

use super::printed::{Printed, Step};

/// An option that a tool takes.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Without its two hyphens.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
}

/// What follows an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A value, described as in the tool's help.
    Value(&'static str),
    /// A value or nothing.
    Maybe(&'static str),
}

/// An option without a value.
pub const fn switch(name: &'static str) -> Flag {
    Flag {
        name,
        takes: Takes::Nothing,
    }
}

/// An option with a value.
pub const fn value(name: &'static str, takes: &'static str) -> Flag {
    Flag {
        name,
        takes: Takes::Value(takes),
    }
}

/// An option whose value may be left out.
pub const fn maybe(name: &'static str, takes: &'static str) -> Flag {
    Flag {
        name,
        takes: Takes::Maybe(takes),
    }
}

/// The options of one command.
#[derive(Clone, Debug, Default)]
pub struct Options {
    given: Vec<(&'static str, Option<String>)>,
    /// How many words there were.
    pub words: usize,
}

/// Reads a command's words; `Err` is what joptsimple's exception says, with its class.
pub fn parse(flags: &[Flag], words: &[String]) -> Result<Options, (&'static str, String)> {
    let mut given = Vec::new();
    let mut words_left = words.iter().peekable();
    while let Some(word) = words_left.next() {
        let Some(rest) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else {
            // joptsimple keeps these as non-option arguments; no tool of Kafka's here looks at them.
            continue;
        };
        let (name, joined) = match rest.split_once('=') {
            Some((name, joined)) => (name, Some(joined.to_owned())),
            None => (rest, None),
        };
        let Some(flag) = find(flags, name) else {
            return Err((
                "joptsimple.UnrecognizedOptionException",
                format!("{name} is not a recognized option"),
            ));
        };
        let is_option = |word: &&String| word.starts_with('-') && word.len() > 1;
        let value = match flag.takes {
            Takes::Nothing => None,
            Takes::Maybe(_) if joined.is_some() => joined,
            Takes::Maybe(_) => words_left.next_if(|word| !is_option(word)).cloned(),
            Takes::Value(_) if joined.is_some() => joined,
            Takes::Value(_) => match words_left.next() {
                Some(value) => Some(value.clone()),
                None => {
                    return Err((
                        "joptsimple.OptionMissingRequiredArgumentException",
                        format!("Option {} requires an argument", flag.name),
                    ));
                }
            },
        };
        given.push((flag.name, value));
    }
    Ok(Options {
        given,
        words: words.len(),
    })
}

/// The option of this name. Kafka's tools take no abbreviations.
fn find<'a>(flags: &'a [Flag], name: &str) -> Option<&'a Flag> {
    flags.iter().find(|flag| flag.name == name)
}

impl Options {
    /// Whether it was given.
    pub fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| *given == name)
    }

    /// Its value.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.given.iter().find(|(given, _)| *given == name);
        found.and_then(|(_, value)| value.as_deref())
    }

    /// All its values.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let found = self.given.iter().filter(|(given, _)| *given == name);
        found.filter_map(|(_, value)| value.as_deref()).collect()
    }

    /// How many of these were given.
    pub fn count(&self, names: &[&str]) -> usize {
        names.iter().filter(|name| self.has(name)).count()
    }
}

/// `CommandLineUtils.printUsageAndExit`: the reason, then the options there are.
pub fn usage<T>(flags: &[Flag], why: &str, printed: &mut Printed) -> Step<T> {
    printed.err(why);
    help(flags, printed);
    printed.exit(1)
}

/// The options there are, in the order of their names. What each is for is said by Kafka's documentation.
pub fn help(flags: &[Flag], printed: &mut Printed) {
    printed.err("Option");
    printed.err("------");
    let mut sorted: Vec<&Flag> = flags.iter().collect();
    sorted.sort_by_key(|flag| flag.name);
    for flag in sorted {
        printed.err(match flag.takes {
            Takes::Nothing => format!("--{}", flag.name),
            Takes::Value(what) => format!("--{} <{what}>", flag.name),
            Takes::Maybe(what) => format!("--{} [{what}]", flag.name),
        });
    }
}

/// `CommandLineUtils.checkRequiredArgs`.
pub fn require(flags: &[Flag], options: &Options, names: &[&str], printed: &mut Printed) -> Step {
    match names.iter().find(|name| !options.has(name)) {
        Some(name) => usage(
            flags,
            &format!("Missing required argument \"[{name}]\""),
            printed,
        ),
        None => Ok(()),
    }
}

/// `CommandLineUtils.checkInvalidArgs`.
pub fn exclude(
    flags: &[Flag],
    options: &Options,
    used: &str,
    others: &[&str],
    printed: &mut Printed,
) -> Step {
    let other = others.iter().find(|other| options.has(other));
    match other {
        Some(other) if options.has(used) => {
            let why = format!("Option \"[{used}]\" can't be used with option \"[{other}]\"");
            usage(flags, &why, printed)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: [Flag; 4] = [
        value("topic", "String: topic"),
        value("topic-id", "String: topic-id"),
        switch("describe"),
        maybe("state", "String"),
    ];

    fn read(line: &str) -> Result<Options, String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        parse(&FLAGS, &words).map_err(|(_, why)| why)
    }

    #[test]
    fn options_are_known_by_their_whole_name() {
        let options = read("--describe --topic=a --topic b --state --describe").expect("options");
        assert!(options.has("describe"));
        assert_eq!(options.all("topic"), ["a", "b"]);
        assert_eq!((options.has("state"), options.get("state")), (true, None));
    }

    #[test]
    fn what_is_not_known_or_not_complete_is_refused_in_the_words_of_joptsimple() {
        let refused = |line: &str| read(line).expect_err("refused");
        assert_eq!(
            refused("--partition 0"),
            "partition is not a recognized option"
        );
        assert_eq!(refused("--desc"), "desc is not a recognized option");
        assert_eq!(refused("--topic"), "Option topic requires an argument");
    }
}

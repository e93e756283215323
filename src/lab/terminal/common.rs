//! What the tools have in common.

use super::desk::Desk;
use super::flags::{Flag, Options, parse, usage};
use super::printed::{Printed, Step};
use crate::sim::NodeId;

/// The release whose tools these are.
pub const VERSION: &str = "4.3.1";

/// Reads options; what joptsimple throws ends the tool as an exception that nobody catches but `main`.
pub fn parse_or_throw(flags: &[Flag], words: &[String], printed: &mut Printed) -> Step<Options> {
    match parse(flags, words) {
        Ok(options) => Ok(options),
        Err((class, why)) => throw(class, &why, printed),
    }
}

/// Reads options; what joptsimple throws ends the tool's main thread.
pub fn parse_or_die(flags: &[Flag], words: &[String], printed: &mut Printed) -> Step<Options> {
    match parse(flags, words) {
        Ok(options) => Ok(options),
        Err((class, why)) => die(class, &why, printed),
    }
}

/// An exception that nobody catches.
pub fn die<T>(class: &str, why: &str, printed: &mut Printed) -> Step<T> {
    printed.err(format!("Exception in thread \"main\" {class}: {why}"));
    printed.exit(1)
}

/// Reads options; what joptsimple throws ends the tool with its help.
pub fn parse_or_usage(flags: &[Flag], words: &[String], printed: &mut Printed) -> Step<Options> {
    match parse(flags, words) {
        Ok(options) => Ok(options),
        Err((_, why)) => usage(flags, &why, printed),
    }
}

/// The message of an exception, then the exception itself; where it was thrown is left out.
pub fn throw<T>(class: &str, why: &str, printed: &mut Printed) -> Step<T> {
    printed.err(why);
    printed.err(format!("{class}: {why}"));
    printed.err("");
    printed.exit(1)
}

/// The same with lines that follow the exception.
pub fn throw_with<T>(class: &str, why: &str, more: &str, printed: &mut Printed) -> Step<T> {
    printed.err(why);
    printed.err(format!("{class}: {why}"));
    printed.err(more);
    printed.err("");
    printed.exit(1)
}

/// `CommandLineUtils.maybePrintHelpOrVersion`.
pub fn help_or_version(
    flags: &[Flag],
    options: &Options,
    about: &str,
    printed: &mut Printed,
) -> Step {
    if options.words == 0 || options.has("help") {
        return usage(flags, about, printed);
    }
    if options.has("version") {
        printed.out(VERSION);
        return printed.exit(0);
    }
    Ok(())
}

/// The broker that a tool reaches by its `--bootstrap-server`.
pub fn bootstrap(options: &Options, desk: &Desk) -> Option<NodeId> {
    desk.asked(options.get("bootstrap-server").unwrap_or_default())
}

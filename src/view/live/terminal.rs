//! A command of the terminal, from the lab to the screen.

use crate::lab::session::Session;
use crate::lab::terminal::{Stream, Wish};
use crate::view::terminal::{Answer, Kind, TermLine};

/// Runs a line.
pub fn command(lab: &mut Session, line: &str) -> Answer {
    let printed = lab.command(line);
    let kind = |stream| match stream {
        Stream::Out => Kind::Out,
        Stream::Err => Kind::Err,
        Stream::Lab => Kind::Lab,
    };
    let lines = printed.pieces.into_iter();
    let lines = lines.map(|(stream, text)| TermLine {
        kind: kind(stream),
        text,
    });
    Answer {
        lines: lines.collect(),
        exit: printed.exit,
        changed: !printed.actions.is_empty() && printed.exit == 0,
        clears: printed.wish == Some(Wish::Clear),
    }
}

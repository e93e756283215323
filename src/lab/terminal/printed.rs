//! What a command leaves: text on two streams, an exit status, and what it does to the cluster.

use crate::kafka::Action;
use crate::lab::text::Text;

/// Where a piece of text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
    /// The lab itself says so, not a tool of Kafka's.
    Lab,
}

/// What is to be done beside the cluster's own actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Time goes on by so many microseconds, or back.
    Go(i64),
    /// Why the message of this number met its fate.
    Why(u32),
    /// An empty screen.
    Clear,
}

/// What a command leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// Text in the order in which it was printed.
    pub pieces: Vec<(Stream, Text)>,
    /// 0: all is well.
    pub exit: i32,
    /// What it does to the cluster.
    pub actions: Vec<Action>,
    /// What else it asks for.
    pub wish: Option<Wish>,
}

/// The tool has ended before its end.
pub struct Exit;

/// How a tool goes on.
pub type Step<T = ()> = Result<T, Exit>;

impl Printed {
    /// A line on standard output.
    pub fn out(&mut self, line: impl Into<String>) {
        self.put(Stream::Out, Text::same(line.into()));
    }

    /// A line on standard error.
    pub fn err(&mut self, line: impl Into<String>) {
        self.put(Stream::Err, Text::same(line.into()));
    }

    /// A line of the lab's own.
    pub fn lab(&mut self, line: Text) {
        self.put(Stream::Lab, line);
    }

    fn put(&mut self, stream: Stream, line: Text) {
        self.pieces.push((stream, line));
    }

    /// Ends the tool with this status.
    pub fn exit<T>(&mut self, status: i32) -> Step<T> {
        self.exit = status;
        Err(Exit)
    }

    /// Ends the tool with a word of the lab's own: this cannot be done here.
    pub fn not_modelled<T>(&mut self, what: Text) -> Step<T> {
        let en = format!("not modelled: {}", what.en);
        let zh = format!("未建模：{}", what.zh);
        self.lab(Text::new(en, zh));
        self.exit(2)
    }

    /// All of one stream, a line feed after each line.
    pub fn text(&self, stream: Stream) -> String {
        let lines = self.pieces.iter().filter(|(of, _)| *of == stream);
        lines.map(|(_, line)| format!("{}\n", line.en)).collect()
    }
}

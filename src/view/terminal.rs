//! The terminal's screen: what was printed, what was typed before, what Tab makes of a line.

use super::Text;

/// What a line on the screen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Typed by the person, with its moment.
    Typed,
    /// Standard output of a tool.
    Out,
    /// Standard error of a tool.
    Err,
    /// The lab's own words.
    Lab,
}

/// A line, or several that were printed as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermLine {
    pub kind: Kind,
    pub text: Text,
}

/// What came of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub lines: Vec<TermLine>,
    /// Its exit status.
    pub exit: i32,
    /// The cluster was changed.
    pub changed: bool,
    /// All that was on the screen goes.
    pub clears: bool,
}

/// So many lines stay on the screen.
const MOST_LINES: usize = 2_000;
/// So many commands are kept.
const MOST_KEPT: usize = 200;

/// Adds lines to a screen; the oldest go.
pub fn append(screen: &mut Vec<TermLine>, lines: impl IntoIterator<Item = TermLine>) {
    screen.extend(lines);
    let beyond = screen.len().saturating_sub(MOST_LINES);
    screen.drain(..beyond);
}

/// Commands typed before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recall {
    lines: Vec<String>,
    /// The one that is shown; none is what is being typed.
    place: Option<usize>,
    draft: String,
}

impl Recall {
    /// Of what was kept: a command a line.
    pub fn of(kept: &str) -> Self {
        let lines = kept.lines().filter(|line| !line.trim().is_empty());
        let mut lines: Vec<String> = lines.map(str::to_owned).collect();
        lines.drain(..lines.len().saturating_sub(MOST_KEPT));
        Recall {
            lines,
            ..Recall::default()
        }
    }

    /// What is to be kept.
    pub fn kept(&self) -> String {
        self.lines.join("\n")
    }

    /// A command was given.
    pub fn push(&mut self, line: &str) {
        let line = line.trim();
        (self.place, self.draft) = (None, String::new());
        if line.is_empty() || self.lines.last().is_some_and(|last| last == line) {
            return;
        }
        self.lines.push(line.to_owned());
        let beyond = self.lines.len().saturating_sub(MOST_KEPT);
        self.lines.drain(..beyond);
    }

    /// The command before the one that is shown, if there is one.
    pub fn back(&mut self, shown: &str) -> Option<String> {
        let place = self.place.unwrap_or(self.lines.len()).checked_sub(1)?;
        if self.place.is_none() {
            self.draft = shown.to_owned();
        }
        self.place = Some(place);
        self.lines.get(place).cloned()
    }

    /// The one after it; after the last comes what was being typed.
    pub fn forth(&mut self) -> Option<String> {
        let next = self.place? + 1;
        self.place = Some(next).filter(|next| *next < self.lines.len());
        Some(match self.place {
            Some(place) => self.lines.get(place).cloned().unwrap_or_default(),
            None => std::mem::take(&mut self.draft),
        })
    }
}

/// What Tab makes of a line, of the lines that it may become: as much as they share, and their last words when there are
/// several.
pub fn tab(line: &str, mut found: Vec<String>) -> (String, Vec<String>) {
    match (found.len(), found.pop()) {
        (1, Some(only)) => {
            // A value goes on after its equals sign.
            let end = if only.ends_with('=') { "" } else { " " };
            (only + end, Vec::new())
        }
        (_, Some(last)) => {
            found.push(last);
            let shared = shared(&found);
            let line = if shared.len() > line.len() {
                shared
            } else {
                line.to_owned()
            };
            let word = |whole: &String| whole.rsplit(' ').next().unwrap_or_default().to_owned();
            (line, found.iter().map(word).collect())
        }
        (_, None) => (line.to_owned(), Vec::new()),
    }
}

fn shared(lines: &[String]) -> String {
    let mut shared = lines.first().cloned().unwrap_or_default();
    for line in lines {
        while !line.starts_with(&shared) {
            shared.pop();
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_recalled_and_the_draft_comes_back() {
        let mut recall = Recall::of("kill 1\n\nhelp\n");
        recall.push("help");
        recall.push("  start 1 ");
        assert_eq!(recall.kept(), "kill 1\nhelp\nstart 1");
        assert_eq!(recall.back("dra").as_deref(), Some("start 1"));
        assert_eq!(recall.back("start 1").as_deref(), Some("help"));
        assert_eq!(recall.back("help").as_deref(), Some("kill 1"));
        assert_eq!(recall.back("kill 1"), None);
        assert_eq!(recall.forth().as_deref(), Some("help"));
        assert_eq!(recall.forth().as_deref(), Some("start 1"));
        assert_eq!(recall.forth().as_deref(), Some("dra"));
        assert_eq!(recall.forth(), None);
    }

    #[test]
    fn tab_completes_what_is_shared_and_offers_the_rest() {
        let lines = |all: &[&str]| {
            all.iter()
                .map(|line| (*line).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(tab("ki", lines(&["kill"])), ("kill ".into(), lines(&[])));
        let two = lines(&["t --topic", "t --topics-with-overrides"]);
        let words = lines(&["--topic", "--topics-with-overrides"]);
        assert_eq!(tab("t --to", two), ("t --topic".into(), words));
        assert_eq!(tab("x", lines(&[])), ("x".into(), lines(&[])));
        assert_eq!(tab("c a", lines(&["c a="])), ("c a=".into(), lines(&[])));
    }

    #[test]
    fn an_endless_screen_loses_its_beginning() {
        let line = TermLine {
            kind: Kind::Out,
            text: Text::same("x"),
        };
        let mut screen = Vec::new();
        append(&mut screen, vec![line; MOST_LINES + 5]);
        assert_eq!(screen.len(), MOST_LINES);
    }
}

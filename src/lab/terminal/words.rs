//! A line as a shell splits it: words at spaces, quotes keep them together, `<<<` gives what a tool reads.

/// What was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The command and its arguments.
    pub words: Vec<String>,
    /// What the command reads, line by line.
    pub input: Vec<String>,
}

/// Splits a line; `Err` names the quote that is never closed.
pub fn split(line: &str) -> Result<Line, char> {
    let mut words = words(line)?;
    // `echo a | tool` and `tool <<< a` say the same.
    if let Some(place) = words.iter().position(|word| word == "<<<") {
        let text = words.split_off(place).split_off(1).join(" ");
        let input = lines(&text);
        return Ok(Line { words, input });
    }
    if words.first().is_some_and(|word| word == "echo")
        && let Some(place) = words.iter().position(|word| word == "|")
    {
        let command = words.split_off(place).split_off(1);
        let input = lines(&words[1..].join(" "));
        return Ok(Line {
            words: command,
            input,
        });
    }
    Ok(Line {
        words,
        input: Vec::new(),
    })
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.split("\\n").map(str::to_owned);
    lines.filter(|line| !line.is_empty()).collect()
}

fn words(line: &str) -> Result<Vec<String>, char> {
    let mut words = Vec::new();
    let (mut word, mut quote) = (None::<String>, None);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            (letter, Some(open)) if letter == open => quote = None,
            (letter, Some(_)) => word.get_or_insert_default().push(letter),
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            ('\\', None) => match letters.next() {
                // Two letters that mean a new line in what a tool reads.
                Some('n') => word.get_or_insert_default().push_str("\\n"),
                Some(next) => word.get_or_insert_default().push(next),
                None => {}
            },
            (letter, None) if letter.is_whitespace() => words.extend(word.take()),
            (letter, None) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.map_or(Ok(words), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(line: &str) -> Vec<String> {
        split(line).expect("closed quotes").words
    }

    #[test]
    fn words_are_split_at_spaces_and_kept_together_by_quotes() {
        assert_eq!(words_of("a  'b c' d\"e f\"g"), ["a", "b c", "de fg"]);
        assert_eq!(words_of("--topic '' x\\ y"), ["--topic", "", "x y"]);
        assert_eq!(split("a 'b"), Err('\''));
    }

    #[test]
    fn what_a_tool_reads_comes_of_a_pipe_or_a_here_string() {
        for line in [
            "tool --x <<< one\\ntwo",
            "echo one\\\\ntwo | tool --x",
            "echo 'one\\ntwo' | tool --x",
        ] {
            let split = split(line).expect("closed quotes");
            assert_eq!(split.words, ["tool", "--x"], "{line}");
            assert_eq!(split.input, ["one", "two"], "{line}");
        }
    }
}

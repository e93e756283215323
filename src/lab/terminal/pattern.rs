//! Names by a pattern: the part of Java's regular expressions that people use for topics.

/// A pattern: alternatives, each of pieces.
#[derive(Clone, Debug)]
pub struct Pattern(Vec<Vec<(Piece, Times)>>);

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Letter(char),
    Any,
    OneOf(Vec<(char, char)>, bool),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Times {
    Once,
    Maybe,
    Any,
    Some,
}

impl Pattern {
    /// As in `IncludeList`: commas separate alternatives, quotes and spaces do not count.
    pub fn include_list(text: &str) -> Self {
        let plain: String = text
            .trim()
            .chars()
            .filter(|c| !['"', '\'', ' '].contains(c))
            .collect();
        Pattern::new(&plain.replace(',', "|"))
    }

    /// Of a regular expression.
    pub fn new(text: &str) -> Self {
        Pattern(text.split('|').map(pieces).collect())
    }

    /// Whether all of the name matches.
    pub fn matches(&self, name: &str) -> bool {
        let letters: Vec<char> = name.chars().collect();
        self.0.iter().any(|pieces| fits(pieces, &letters))
    }
}

fn pieces(text: &str) -> Vec<(Piece, Times)> {
    let mut pieces: Vec<(Piece, Times)> = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let piece = match letter {
            '.' => Piece::Any,
            '\\' => Piece::Letter(letters.next().unwrap_or('\\')),
            '[' => one_of(&mut letters),
            // Groups only hold alternatives together, which are split before.
            '(' | ')' | '^' | '$' => continue,
            letter => Piece::Letter(letter),
        };
        let times = match letters.peek() {
            Some('*') => Times::Any,
            Some('+') => Times::Some,
            Some('?') => Times::Maybe,
            _ => Times::Once,
        };
        if times != Times::Once {
            letters.next();
        }
        pieces.push((piece, times));
    }
    pieces
}

fn one_of(letters: &mut std::iter::Peekable<std::str::Chars>) -> Piece {
    let not = letters.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    while let Some(from) = letters.next().filter(|letter| *letter != ']') {
        let to = match letters.next_if_eq(&'-') {
            Some(_) => letters.next().unwrap_or(from),
            None => from,
        };
        ranges.push((from, to));
    }
    Piece::OneOf(ranges, not)
}

impl Piece {
    fn is(&self, letter: char) -> bool {
        match self {
            Piece::Letter(own) => *own == letter,
            Piece::Any => true,
            Piece::OneOf(ranges, not) => {
                ranges
                    .iter()
                    .any(|(from, to)| (*from..=*to).contains(&letter))
                    != *not
            }
        }
    }
}

fn fits(pieces: &[(Piece, Times)], letters: &[char]) -> bool {
    let Some(((piece, times), rest)) = pieces.split_first() else {
        return letters.is_empty();
    };
    let first = letters.first().is_some_and(|letter| piece.is(*letter));
    let tail = letters.get(1..).unwrap_or_default();
    match times {
        Times::Once => first && fits(rest, tail),
        Times::Maybe => fits(rest, letters) || (first && fits(rest, tail)),
        Times::Any => fits(rest, letters) || (first && fits(pieces, tail)),
        Times::Some => {
            let again = [&[(piece.clone(), Times::Any)], rest].concat();
            first && fits(&again, tail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_java() {
        let is = |text: &str, name: &str| Pattern::include_list(text).matches(name);
        assert!(is("orders", "orders") && !is("order", "orders"));
        assert!(is("or.*", "orders") && is("audit,orders", "orders") && is("o|orders", "orders"));
        assert!(is("[a-p]rder[^t]", "orders") && is("orde?rs+", "orderss") && !is(".", "or"));
    }
}

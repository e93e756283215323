//! The known name that a mistyped one most likely meant.

/// The nearest of `names` by edit distance, if it is near enough to be meant.
pub fn nearest<'a>(names: impl Iterator<Item = &'a str>, typed: &str) -> Option<&'a str> {
    let typed: Vec<char> = typed
        .chars()
        .take(120)
        .flat_map(char::to_lowercase)
        .collect();
    let reach = (typed.len() / 3).max(2);
    names
        .map(|name| (distance(&typed, name), name))
        .filter(|(far, _)| *far <= reach)
        .min()
        .map(|(_, name)| name)
}

/// Levenshtein distance, blind to the separators people mix up (`_`, `-` and `.`).
fn distance(typed: &[char], name: &str) -> usize {
    let same = |c: char| if c == '_' || c == '-' { '.' } else { c };
    let mut row: Vec<usize> = (0..=typed.len()).collect();
    for (i, b) in name.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, a) in typed.iter().enumerate() {
            let cost = usize::from(same(*a) != b);
            let next = (diagonal + cost).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[typed.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_finds_the_name_that_was_meant() {
        let names = || ["acks", "linger.ms", "retries", "retry.backoff.ms"].into_iter();
        assert_eq!(nearest(names(), "linger_ms"), Some("linger.ms"));
        assert_eq!(nearest(names(), "retrys"), Some("retries"));
        assert_eq!(nearest(names(), "Ack"), Some("acks"));
        assert_eq!(nearest(names(), "something.else.entirely"), None);
    }
}

//! An output without what differs from one cluster to the next.

/// An output as it is compared.
#[derive(Debug, PartialEq)]
pub struct Plain {
    pub line: String,
    status: i64,
    out: Vec<String>,
    err: Vec<String>,
}

impl Plain {
    pub fn new(line: &str, status: i64, out: &str, err: &str) -> Self {
        Plain {
            line: line.to_owned(),
            status,
            out: plain(out),
            err: plain(err),
        }
    }

    /// The first difference, in words.
    pub fn difference(&self, here: &Plain) -> String {
        let mut text = format!("{}\n", self.line);
        if self.status != here.status {
            text += &format!(
                "     exit status {} there, {} here\n",
                self.status, here.status
            );
        }
        for (name, there, here) in [("out", &self.out, &here.out), ("err", &self.err, &here.err)] {
            let lines = there.len().max(here.len());
            let differs = (0..lines).find(|nth| there.get(*nth) != here.get(*nth));
            if let Some(nth) = differs {
                text += &format!(
                    "     {name}, line {nth}\n     there {:?}\n     here  {:?}\n",
                    there.get(nth),
                    here.get(nth)
                );
            }
        }
        text
    }
}

fn plain(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut all = text.lines().peekable();
    while let Some(line) = all.next() {
        // Where an exception was thrown is of no interest.
        if line.starts_with("\tat ") || line.starts_with("\t... ") {
            continue;
        }
        if line.starts_with("Option") && all.peek().is_some_and(|next| next.starts_with("------")) {
            lines.push("(help)".to_owned());
            let options = all
                .by_ref()
                .filter(|line| line.starts_with("--") && !line.starts_with("---"));
            lines.extend(options.filter_map(|line| line.split(' ').next().map(str::to_owned)));
            break;
        }
        lines.push(masked(&in_order(line)));
    }
    // A quorum's observers come in the order of their directories' ids.
    let mut observers: Vec<String> = lines
        .iter()
        .filter(|line| line.contains("\tObserver"))
        .cloned()
        .collect();
    observers.sort();
    let mut observers = observers.into_iter();
    for line in &mut lines {
        if line.contains("\tObserver") {
            *line = observers.next().unwrap_or_default();
        } else if let Some(listed) = line.strip_prefix("CurrentObservers:") {
            let mut listed: Vec<&str> = listed
                .trim()
                .trim_matches(['[', ']'])
                .split("}, ")
                .collect();
            listed
                .iter_mut()
                .for_each(|one| *one = one.trim_end_matches('}'));
            listed.sort_unstable();
            *line = format!("CurrentObservers: {}", listed.join("; "));
        }
    }
    lines
}

/// The names in an error about options stand in the order of a Java set, which differs from run to run.
fn in_order(line: &str) -> String {
    let Some((before, names)) = line
        .split_once(": [")
        .filter(|_| line.starts_with("Option "))
    else {
        return line.to_owned();
    };
    let mut names: Vec<&str> = names
        .split(", ")
        .map(|name| name.trim_matches(['[', ']']))
        .collect();
    names.sort_unstable();
    format!("{before}: {}", names.join(", "))
}

/// A line with its ids, addresses, times and checksums masked, length by length.
fn masked(line: &str) -> String {
    let mut masked = String::new();
    let mut word = String::new();
    for letter in line.chars() {
        if letter.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&letter) {
            word.push(letter);
            continue;
        }
        masked += &mask(&word, &masked);
        word.clear();
        masked.push(letter);
    }
    let last = mask(&word, &masked);
    let masked = masked + &last;
    // Columns are as wide as their numbers.
    let mut narrow = masked.replace("(number) ", "(number)");
    while narrow.contains("(number) ") {
        narrow = narrow.replace("(number) ", "(number)");
    }
    narrow
}

fn mask(word: &str, before: &str) -> String {
    let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_base64 = word.len() == 22 && word.bytes().any(|byte| byte.is_ascii_uppercase());
    let is_uuid = word
        .split('-')
        .rev()
        .take(5)
        .map(str::len)
        .eq([12, 4, 4, 4, 8]);
    if word.starts_with("127.") && !before.ends_with('/') {
        return format!("{}{}", "HOST.", word.rsplit('.').next().unwrap_or_default());
    }
    let after = |what: &str| before.trim_end().ends_with(what);
    let in_table = before.starts_with(|first: char| first.is_ascii_digit());
    let ago = digits && in_table && before.ends_with(['\t', ' ']) && before.contains("(id)");
    match () {
        () if ago
            || (word == "ms" && after("(number)"))
            || (word == "ago" && after("(number)")) =>
        {
            "(number)".to_owned()
        }
        () if is_base64 => "(id)".to_owned(),
        () if is_uuid => "(uuid)".to_owned(),
        () if digits && word.len() == 13 => "(time)".to_owned(),
        () if digits
            && (after("crc:")
                || after("HighWatermark:")
                || after("tries=")
                || after(" after")
                || after("Epoch:")) =>
        {
            "(number)".to_owned()
        }
        () => word.to_owned(),
    }
}

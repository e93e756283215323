//! The style sheet of the first screen: the rules whose classes its program can name.
//!
//! Nothing in a sheet says when a rule is needed. A class that stands in no constant of the first part cannot be on
//! the screen before the rest has come, and with the rest comes the whole sheet: it follows the first one, so
//! what is drawn then is what one sheet alone would draw.
use std::collections::BTreeSet;

/// A style sheet without comments and without blanks that say nothing.
pub fn without_comments(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut left = css;
    while let Some((before, after)) = left.split_once("/*") {
        kept.push_str(before);
        left = after.split_once("*/").map_or("", |(_, after)| after);
    }
    kept.push_str(left);
    let words: Vec<_> = kept.split_whitespace().collect();
    let mut kept = words.join(" ");
    for mark in ["{", "}", ";", ","] {
        kept = kept.replace(&format!("{mark} "), mark);
        kept = kept.replace(&format!(" {mark}"), mark);
    }
    kept.replace(": ", ":").replace(";}", "}")
}

/// The rules of a sheet without comments that can apply while only these words are known.
pub fn needed(css: &str, words: &BTreeSet<String>) -> String {
    let rules = kept(css, words);
    let used = rules.concat();
    let mut sheet = String::new();
    for rule in &rules {
        let (head, body) = rule.split_once('{').unwrap_or((rule, ""));
        if head == ":root" {
            sheet.push_str(&root(body.trim_end_matches('}'), &used));
        } else if !is_idle(head, &used) {
            sheet.push_str(rule);
        }
    }
    sheet
}

fn kept(css: &str, words: &BTreeSet<String>) -> Vec<String> {
    let mut kept = Vec::new();
    for (head, body) in rules(css) {
        if head.starts_with("@media") {
            let inner = self::kept(body, words).concat();
            if !inner.is_empty() {
                kept.push(format!("{head}{{{inner}}}"));
            }
        } else if head.starts_with('@') {
            kept.push(format!("{head}{{{body}}}"));
        } else {
            let mut selectors = parts(head, ',');
            selectors.retain(|selector| classes(selector).iter().all(|class| knows(words, class)));
            if !selectors.is_empty() {
                kept.push(format!("{}{{{body}}}", selectors.join(",")));
            }
        }
    }
    kept
}

/// The root's tokens without pictures of glyphs that no rule shows.
fn root(body: &str, used: &str) -> String {
    let mut tokens = parts(body, ';');
    tokens.retain(|token| {
        let name = token.split(':').next().unwrap_or_default();
        !name.starts_with("--g-") || used.contains(&format!("var({name})"))
    });
    format!(":root{{{}}}", tokens.join(";"))
}

/// Keyframes that no rule plays.
fn is_idle(head: &str, used: &str) -> bool {
    let Some(name) = head.strip_prefix("@keyframes ") else {
        return false;
    };
    !used.contains(&format!("animation:{name} ")) && !used.contains(&format!(",{name} "))
}

/// Head and body of each rule.
fn rules(css: &str) -> Vec<(&str, &str)> {
    let mut rules = Vec::new();
    let (mut depth, mut start, mut open, mut quote) = (0, 0, 0, None);
    for (at, letter) in css.char_indices() {
        match (quote, letter) {
            (Some(mark), _) if letter == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '{') => {
                depth += 1;
                if depth == 1 {
                    open = at;
                }
            }
            (None, '}') => {
                depth -= 1;
                if depth == 0 {
                    rules.push((css[start..open].trim(), &css[open + 1..at]));
                    start = at + 1;
                }
            }
            _ => {}
        }
    }
    rules
}

/// What stands between separators that are in no brackets and no quotes.
fn parts(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start, mut quoted) = (0, 0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ if letter == separator && depth == 0 && !quoted => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.retain(|part| !part.is_empty());
    parts
}

/// The classes that a selector asks for; those that it excludes do not count.
fn classes(selector: &str) -> Vec<&str> {
    let mut asked = selector.to_owned();
    while let Some(start) = asked.find(":not(") {
        let end = asked[start..]
            .find(')')
            .map_or(asked.len(), |end| start + end + 1);
        asked.replace_range(start..end, &" ".repeat(end - start));
    }
    let starts = asked.match_indices('.').map(|(at, _)| at + 1);
    starts
        .map(|at| {
            let length = asked[at..]
                .find(|c| !is_letter(c))
                .unwrap_or(asked.len() - at);
            &selector[at..at + length]
        })
        .collect()
}

/// A class may be put together: `g-` and a glyph's name.
fn knows(words: &BTreeSet<String>, class: &str) -> bool {
    let is_joined = || {
        class.match_indices('-').any(|(at, _)| {
            let (before, after) = class.split_at(at + 1);
            words.contains(before) && words.contains(after)
        })
    };
    words.contains(class) || is_joined()
}

/// The words in a constant of the program that may be classes: what has capitals or stops is a sentence, a path or
/// the name of a config.
pub fn words(constant: &[u8]) -> impl Iterator<Item = String> {
    let is_prose = |byte: &u8| byte.is_ascii_uppercase() || b".,:;/'\"(){}=?".contains(byte);
    let is_prose = constant.iter().any(is_prose);
    let words = constant.split(|byte| !is_letter(char::from(*byte)));
    words
        .filter(move |word| !is_prose && !word.is_empty())
        .map(|word| String::from_utf8_lossy(word).into_owned())
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed_with(css: &str, constants: &[&str]) -> String {
        let known = constants.iter().flat_map(|text| words(text.as_bytes()));
        needed(css, &known.collect())
    }

    #[test]
    fn a_style_sheet_loses_only_what_says_nothing() {
        let css = "/* the ledger */\n.cell .on,\n.cell > b {\n  margin: 0 auto; /* so */\n  color: red;\n}\n";
        assert_eq!(
            without_comments(css),
            ".cell .on,.cell > b{margin:0 auto;color:red}"
        );
    }

    #[test]
    fn a_rule_stays_when_all_its_classes_can_be_named() {
        let css = ".a .b{x:y}.a:not(.c){x:y}.c,.b>p{x:y}p{x:y}@media (m){.c{x:y}.a{x:y}}";
        assert_eq!(
            needed_with(css, &["a b"]),
            ".a .b{x:y}.a:not(.c){x:y}.b>p{x:y}p{x:y}@media (m){.a{x:y}}"
        );
    }

    #[test]
    fn a_path_or_a_sentence_names_no_class() {
        let constants = ["src/kafka/app.rs", "Nobody looks at the result", "node app"];
        let kept = needed_with(".app{x:y}.result{x:y}.looks{x:y}", &constants);
        assert_eq!(kept, ".app{x:y}");
    }

    #[test]
    fn a_glyph_is_known_by_its_name_and_brings_its_picture() {
        let css = r#":root{--x:1;--g-kill:url("data:;{k}");--g-fork:url("f")}.g-kill{--g:var(--g-kill)}.g-fork{--g:var(--g-fork)}"#;
        assert_eq!(
            needed_with(css, &["g g-", "kill"]),
            r#":root{--x:1;--g-kill:url("data:;{k}")}.g-kill{--g:var(--g-kill)}"#
        );
    }

    #[test]
    fn keyframes_go_with_who_plays_them() {
        let css = "@keyframes fall{to{x:y}}@keyframes rise{to{x:y}}.a{animation:fall 1s}";
        let kept = needed_with(css, &["a"]);
        assert!(
            kept.contains("@keyframes fall") && !kept.contains("rise"),
            "{kept}"
        );
    }
}

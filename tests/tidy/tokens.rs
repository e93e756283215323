//! A source file as the few things that the rules ask for.
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// A path as written, groups opened up: `a::{b, c::d}` is `a::b` and `a::c::d`.
pub struct SourcePath {
    pub line: usize,
    pub parts: Vec<String>,
    /// How many inline modules surround it.
    pub inline_depth: usize,
}

/// A function with its extent.
pub struct Function {
    pub line: usize,
    pub name: String,
    pub length: usize,
}

/// What a file holds.
#[derive(Default)]
pub struct Source {
    pub paths: Vec<SourcePath>,
    pub functions: Vec<Function>,
    /// Lines with a literal such as `1.5` or `1e6`.
    pub float_lines: Vec<usize>,
    /// The line on which the file's tests begin.
    pub tests_line: Option<usize>,
}

/// Reads a file's tokens, those inside macros too.
pub fn read(text: &str) -> Source {
    let mut source = Source::default();
    match text.parse::<TokenStream>() {
        Ok(tokens) => walk(tokens, 0, &mut source),
        Err(error) => panic!("not Rust: {error}"),
    }
    source
}

fn walk(tokens: TokenStream, inline_depth: usize, into: &mut Source) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(word) if *word == "fn" => function(&tokens, at, into),
            TokenTree::Ident(word) if *word == "mod" => {
                if let Some((name, body)) = inline_module(&tokens, at) {
                    if name == "tests" && inline_depth == 0 {
                        into.tests_line = Some(word.span().start().line);
                    }
                    walk(body.stream(), inline_depth + 1, into);
                    at += 3;
                    continue;
                }
            }
            TokenTree::Ident(_) => {
                at = path(&tokens, at, &[], inline_depth, into);
                continue;
            }
            TokenTree::Group(group) => walk(group.stream(), inline_depth, into),
            TokenTree::Literal(literal)
                if is_float(&literal.to_string()) && !after_dot(&tokens, at) =>
            {
                into.float_lines.push(literal.span().start().line);
            }
            _ => {}
        }
        at += 1;
    }
}

/// Reads a path that begins at an identifier and returns where it ends.
fn path(
    tokens: &[TokenTree],
    start: usize,
    prefix: &[String],
    inline_depth: usize,
    into: &mut Source,
) -> usize {
    let mut parts = prefix.to_vec();
    let mut at = start;
    let line = tokens[start].span().start().line;
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(word)) => parts.push(word.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                members(group, &parts, inline_depth, into);
                return at + 1;
            }
            _ => break,
        }
        at += 1;
        if !is_double_colon(tokens, at) {
            break;
        }
        at += 2;
    }
    into.paths.push(SourcePath {
        line,
        parts,
        inline_depth,
    });
    at.max(start + 1)
}

/// The members of `prefix::{…}`.
fn members(group: &Group, prefix: &[String], inline_depth: usize, into: &mut Source) {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        at = match &tokens[at] {
            TokenTree::Ident(_) => path(&tokens, at, prefix, inline_depth, into),
            _ => at + 1,
        };
    }
}

fn function(tokens: &[TokenTree], at: usize, into: &mut Source) {
    let Some(TokenTree::Ident(name)) = tokens.get(at + 1) else {
        return;
    };
    let line = tokens[at].span().start().line;
    for token in &tokens[at + 2..] {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ';' => return,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let length = group.span_close().end().line - line + 1;
                into.functions.push(Function {
                    line,
                    name: name.to_string(),
                    length,
                });
                return;
            }
            _ => {}
        }
    }
}

fn inline_module(tokens: &[TokenTree], at: usize) -> Option<(&Ident, &Group)> {
    match (tokens.get(at + 1)?, tokens.get(at + 2)?) {
        (TokenTree::Ident(name), TokenTree::Group(body)) => Some((name, body)),
        _ => None,
    }
}

fn is_double_colon(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |at| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == ':');
    is_colon(at) && is_colon(at + 1)
}

/// `pair.0.1` reads as the literal `0.1` behind a dot.
fn after_dot(tokens: &[TokenTree], at: usize) -> bool {
    at > 0 && matches!(&tokens[at - 1], TokenTree::Punct(p) if p.as_char() == '.')
}

fn is_float(literal: &str) -> bool {
    let begins_with_digit = literal.starts_with(|c: char| c.is_ascii_digit());
    let rest = literal.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
    begins_with_digit && rest.starts_with(['.', 'e', 'E', 'f'])
}

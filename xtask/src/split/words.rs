//! Which constants are Chinese sentences.

/// Whether the bytes are text with Chinese in it: a whole string, or the pieces of one between the
/// arguments of `format!`, as the compiler stores them.
///
/// Whoever reads such a constant before it has arrived reads zeros, which is an empty sentence in
/// both forms, so nothing but text may be taken for one.
pub fn are_chinese(bytes: &[u8]) -> bool {
    let whole = || std::str::from_utf8(bytes).ok().map(|text| vec![text]);
    let pieces = whole()
        .filter(|text| is_prose(text[0]))
        .or_else(|| pieces(bytes));
    pieces.is_some_and(|pieces| {
        pieces.iter().all(|piece| is_prose(piece))
            && pieces.iter().any(|piece| piece.chars().any(is_chinese))
    })
}

fn is_prose(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !c.is_control())
}

fn is_chinese(c: char) -> bool {
    ('\u{3000}'..='\u{303f}').contains(&c)
        || ('\u{4e00}'..='\u{9fff}').contains(&c)
        || ('\u{ff00}'..='\u{ffef}').contains(&c)
}

/// The literal pieces of a template of `core::fmt::Arguments`: a length and that many bytes (up to
/// 127; 0x80 and two bytes of length for more), 0xC0 and above for an argument, with two or four bytes
/// for each option that is set, and 0 at the end.
fn pieces(template: &[u8]) -> Option<Vec<&str>> {
    let mut pieces = Vec::new();
    let mut left = template;
    loop {
        let (first, after) = left.split_first()?;
        left = match *first {
            0 => return after.is_empty().then_some(pieces),
            length @ 1..0x80 => {
                let (piece, after) = after.split_at_checked(usize::from(length))?;
                pieces.push(std::str::from_utf8(piece).ok()?);
                after
            }
            0x80 => {
                let (length, after) = after.split_first_chunk::<2>()?;
                let (piece, after) =
                    after.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
                pieces.push(std::str::from_utf8(piece).ok()?);
                after
            }
            options @ 0xC0.. => {
                let sizes = [4, 2, 2, 2];
                let set = (0..4).filter(|bit| options & (1 << bit) != 0);
                let skipped: usize = set.map(|bit| sizes[bit]).sum();
                after.get(skipped..)?
            }
            _ => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_and_templates_are_found_and_nothing_else() {
        assert!(are_chinese("消息丢失".as_bytes()));
        assert!(are_chinese("broker 1 写入".as_bytes()));
        // format!("写入 {} 条，{:>6}") as the compiler stores it
        let template = [
            &[7][..],
            "写入 ".as_bytes(),
            &[0xC0, 7],
            " 条，".as_bytes(),
            &[0xC3, 0, 0, 0, 0, 6, 0, 0],
        ];
        assert!(are_chinese(&template.concat()));
        assert!(!are_chinese(b"high watermark"));
        assert!(!are_chinese(&[6, 104, 101, 108, 108, 111, 32, 0xC0, 0]));
        assert!(!are_chinese(&[0xE4, 0xB8, 0x80, 0, 0, 1, 2]));
        assert!(!are_chinese("表\u{1}".as_bytes()), "a table of numbers");
    }
}

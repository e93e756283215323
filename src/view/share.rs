//! What is given away of a run: its address, a snippet for other people's pages, a file.

pub use crate::lab::share::file::{Unpacked, from_link, to_link};

/// Asks for the slim page, which stands in another page.
const EMBED: &str = "embed=1";
/// High enough for narrator, stage and timeline.
const HEIGHT_PX: u32 = 640;

/// The address of the slim page with the same run.
pub fn embedded(address: &str) -> String {
    with_query(address, |query| {
        query.retain(|part| *part != "teach=1" && *part != EMBED);
        query.push(EMBED);
    })
}

/// The address of the whole page with the same run.
pub fn whole(address: &str) -> String {
    with_query(address, |query| query.retain(|part| *part != EMBED))
}

fn with_query(address: &str, change: impl Fn(&mut Vec<&str>)) -> String {
    let (page, fragment) = address.split_once('#').unwrap_or((address, ""));
    let (page, query) = page.split_once('?').unwrap_or((page, ""));
    let mut query: Vec<&str> = query.split('&').filter(|part| !part.is_empty()).collect();
    change(&mut query);
    let query = query.join("&");
    let mut whole = page.to_owned();
    for (mark, rest) in [('?', &*query), ('#', fragment)] {
        if !rest.is_empty() {
            whole.push(mark);
            whole.push_str(rest);
        }
    }
    whole
}

/// HTML that shows the run in another page.
pub fn snippet(address: &str, title: &str) -> String {
    format!(
        "<iframe src=\"{}\" title=\"{}\" width=\"100%\" height=\"{HEIGHT_PX}\" style=\"border:0\" loading=\"lazy\" \
         allow=\"clipboard-write\"></iframe>",
        quoted(&embedded(address)),
        quoted(title)
    )
}

/// A text within the quotes of an attribute.
fn quoted(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '<' => safe.push_str("&lt;"),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_for_the_slim_page_and_back() {
        let plain = "https://a.example/lab/#v=1&x=acks";
        assert_eq!(embedded(plain), "https://a.example/lab/?embed=1#v=1&x=acks");
        assert_eq!(whole(&embedded(plain)), plain);
        assert_eq!(embedded(&embedded(plain)), embedded(plain));
        let teacher = "https://a.example/?teach=1&q=2#x";
        assert_eq!(embedded(teacher), "https://a.example/?q=2&embed=1#x");
        assert_eq!(whole(teacher), teacher);
    }

    #[test]
    fn a_snippet_is_one_frame_whatever_the_title_says() {
        let html = snippet("https://a.example/#v=1&x=acks", "\"><script>1</script>");
        assert_eq!(html.matches('<').count(), 2, "{html}");
        assert!(
            html.contains("src=\"https://a.example/?embed=1#v=1&amp;x=acks\""),
            "{html}"
        );
        assert!(html.contains("title=\"&quot;>&lt;script>"), "{html}");
    }
}

//! The whole page in one file, `acklab.html`: it opens from a disk, off the network, and can be sent by mail.
//!
//! Nothing is cut here: the program is whole, compressed as browsers can undo it, and told in letters.
use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use sha2::{Digest, Sha256};
use std::io::Write;

/// Its name in the site.
pub const NAME: &str = "acklab.html";

/// Starts the program; follows the glue in one script.
const BOOT: &str = include_str!("single.js");
/// Where `index.html` says what the page may load.
const POLICY: &str = "http-equiv=\"Content-Security-Policy\"";

/// What goes into the file.
pub struct Parts<'a> {
    /// `index.html`, with paths under `www/`.
    pub index: &'a str,
    /// The program before it is cut, and the glue that was made with it.
    pub program: &'a [u8],
    pub glue: &'a str,
    /// The whole style sheet.
    pub sheet: &'a str,
    /// The icon, as SVG.
    pub icon: &'a [u8],
}

/// The file.
pub fn page(parts: &Parts) -> Result<String> {
    let script = format!("{}\n{BOOT}", parts.glue);
    for (text, end) in [(&*script, "</script"), (parts.sheet, "</style")] {
        ensure!(!text.contains(end), "{end} in the middle of what it ends");
    }
    let policy = format!(
        "default-src 'none'; script-src '{}' 'wasm-unsafe-eval'; style-src '{}'; style-src-attr 'unsafe-inline'; \
         img-src data:; base-uri 'none'; form-action 'none'",
        fingerprint(&script),
        fingerprint(parts.sheet)
    );
    let whole = parts.index;
    let theirs = policy_of(whole).context("index.html has no content security policy")?;
    let own = whole.replace(theirs, &policy);
    let is_inside = |line: &&str| !line.contains("\"www/") && !line.contains("rel=\"icon\"");
    let head: Vec<&str> = own.lines().filter(is_inside).collect();
    let inside = format!(
        "<link rel=\"icon\" href=\"data:image/svg+xml;base64,{}\" />\n<style>{}</style>\n\
         <script type=\"application/octet-stream\" id=\"program\">{}</script>\n<script type=\"module\">{script}</script>\n</head>",
        BASE64.encode(parts.icon),
        parts.sheet,
        BASE64.encode(packed(parts.program)?),
    );
    Ok(head.join("\n").replacen("</head>", &inside, 1))
}

/// The content security policy that a page states.
pub fn policy_of(page: &str) -> Option<&str> {
    let (_, after) = page.split_once(POLICY)?;
    let (_, content) = after.split_once("content=\"")?;
    content.split('"').next()
}

/// What a policy names a script or a sheet by that stands in the page.
fn fingerprint(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(Sha256::digest(text)))
}

fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "<head>\n<meta\n http-equiv=\"Content-Security-Policy\"\n content=\"default-src 'self'\"\n/>\n\
        <link rel=\"icon\" href=\"data:,\" />\n<script src=\"www/boot.js\"></script>\n</head>\n<body></body>";

    fn parts() -> Parts<'static> {
        Parts {
            index: INDEX,
            program: b"\0asm",
            glue: "let wasm;",
            sheet: "p{color:red}",
            icon: b"<svg/>",
        }
    }

    #[test]
    fn the_file_refers_to_nothing_outside_itself() {
        let page = page(&parts()).unwrap();
        assert!(!page.contains("www/"), "{page}");
        assert!(
            !page.contains("src=\"") && !page.contains("href=\"http"),
            "{page}"
        );
        assert!(page.contains("<style>p{color:red}</style>"));
    }

    #[test]
    fn only_its_own_script_and_sheet_are_allowed() {
        let page = page(&parts()).unwrap();
        let policy = policy_of(&page).unwrap();
        let sheet = fingerprint("p{color:red}");
        assert!(policy.contains(&format!("style-src '{sheet}'")), "{policy}");
        let (_, script) = page.split_once("<script type=\"module\">").unwrap();
        let script = fingerprint(script.split("</script>").next().unwrap());
        assert!(
            policy.contains(&format!("script-src '{script}'")),
            "{policy}"
        );
        assert!(policy.starts_with("default-src 'none'"));
    }

    #[test]
    fn what_would_end_the_script_too_early_is_refused() {
        let early = Parts {
            glue: "'</script>'",
            ..parts()
        };
        assert!(page(&early).is_err());
    }
}

//! The static site: the page's program compiled to wasm, its glue, and what `www/` holds.
//!
//! Everything but `index.html` lies in one folder named after the hash of its content, so a browser
//! may keep it for ever and a new build is never mixed with an old one. `index.html` writes its
//! paths as `www/…`; they are rewritten to that folder. `acklab.html` is all of it in one file.
use crate::shell::{self, cargo, run};
use crate::split::{self, Code};
use crate::{e2e, single, styles, tools};
use anyhow::{Context, Result, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// What a first visit may download at most, compressed: this number is only ever lowered.
pub const FIRST_LOAD_LIMIT_BYTES: usize = 250_000;

/// What the first screen runs is watched in a browser, and differs a little from one build to the next.
pub const FIRST_LOAD_CHANCE_BYTES: usize = 4_000;

const GLUE: &str = "acklab.js";
const PROGRAM: &str = "acklab_bg.wasm";
const REST: &str = "acklab_rest.wasm";
const CHINESE: &str = "acklab_zh.wasm";
/// Keeps the page for when there is no network. It lies beside the page, since it may only serve what lies below it.
const OFFLINE: &str = "offline.js";
/// The rules that the first screen needs, and all of them; in `www/` they are written in several files, one on top of
/// the other.
const FIRST_SHEET: &str = "first.css";
const SHEET: &str = "rest.css";
const SOURCES: [&str; 3] = ["acklab.css", "page.css", "compare.css"];
const ICON: &str = "icon.svg";
const EMPTY_MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// LLVM moves a function into its only caller however large it is, and a function that never runs first would
/// come along with one that does. Counting an instruction eighty times as usual (and a call, and the limit
/// for all other functions, likewise) lets it do so for small ones only.
const INLINING: [&str; 3] = [
    "-inline-instr-cost=400",
    "-inline-call-penalty=2000",
    "-inline-threshold=400",
];

/// The built site.
pub struct Site {
    pub dir: PathBuf,
    pub files: Vec<Asset>,
    /// The program's code by room.
    pub layers: BTreeMap<String, Code>,
}

/// One file of the site.
pub struct Asset {
    /// Path within the site, with forward slashes.
    pub path: String,
    pub size_bytes: usize,
    pub brotli_bytes: usize,
    /// Who downloads it before the first screen is playable.
    pub first_load: FirstLoad,
}

/// Who downloads a file before the first screen is playable, and until its story is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum FirstLoad {
    Everyone,
    /// Who reads Chinese.
    Chinese,
    Nobody,
}

/// Compiles the page and writes the site to `dist/`.
pub fn build() -> Result<Site> {
    let linked = fs::read(compile("acklab", "acklab")?)?;
    let mut assets = BTreeMap::new();
    read_tree(&shell::root().join("www"), "", &mut assets)?;
    for (name, content) in &mut assets {
        if name.ends_with(".js") {
            *content = without_lines_of_comment(std::str::from_utf8(content)?).into_bytes();
        }
    }
    let sheet = take_sheet(&mut assets)?;
    for name in [FIRST_SHEET, SHEET] {
        assets.insert(name.into(), sheet.clone().into_bytes());
    }
    let made = shell::target().join("page-glue");
    glue(&linked, "acklab", true, &made)?;
    read_tree(&made, "", &mut assets)?;
    let glue = assets.get_mut(GLUE).context("no glue")?;
    glue.extend(b"\nexport const exports = () => wasm;\n");
    let whole = assets.remove(PROGRAM).context("no program")?;
    let alone = single::page(&single::Parts {
        index: &index()?,
        program: &split::bare(&whole)?,
        glue: std::str::from_utf8(&assets[GLUE])?,
        sheet: &sheet,
        icon: assets.get(ICON).context("www/ has no icon")?,
    })?;
    let first = what_runs_first(&whole, &assets)?;
    let parts = split::split(&linked, &whole, &first)?;
    let glue = assets.get_mut(GLUE).context("no glue")?;
    let short = split::rename(std::str::from_utf8(glue)?, &parts.renamed);
    *glue = without_lines_of_comment(&short).into_bytes();
    let first_sheet = styles::needed(&sheet, &parts.words);
    assets.insert(FIRST_SHEET.into(), first_sheet.into_bytes());
    assets.insert(PROGRAM.into(), parts.first);
    assets.insert(REST.into(), parts.rest);
    assets.insert(CHINESE.into(), parts.chinese);
    let mut site = write_site(&shell::root().join("dist"), assets)?;
    let alone = write_asset(&site.dir, single::NAME, alone.as_bytes(), FirstLoad::Nobody)?;
    site.files.push(alone);
    Ok(Site {
        layers: parts.layers,
        ..site
    })
}

/// The whole style sheet, in place of its sources.
fn take_sheet(assets: &mut BTreeMap<String, Vec<u8>>) -> Result<String> {
    let mut sheet = String::new();
    for name in SOURCES {
        let source = assets.remove(name);
        let source = source.with_context(|| format!("www/ has no {name}"))?;
        sheet.push_str(&styles::without_comments(std::str::from_utf8(&source)?));
    }
    Ok(sheet)
}

/// The functions that the first screen runs. Playing it takes its time, so the answer is kept for as long
/// as the program is the same.
fn what_runs_first(program: &[u8], assets: &BTreeMap<String, Vec<u8>>) -> Result<BTreeSet<usize>> {
    let marked = split::mark(program)?;
    if tools::browser().is_err() {
        eprintln!("note: no browser here to play the first screen in, so the program stays whole");
        return Ok((0..marked.count).collect());
    }
    let mut assets = assets.clone();
    assets.insert(PROGRAM.into(), marked.wasm.clone());
    for name in [REST, CHINESE] {
        assets.insert(name.into(), EMPTY_MODULE.to_vec());
    }
    let dir = shell::target().join("first-screen");
    let marked_alone = BTreeMap::from([(PROGRAM.to_owned(), marked.wasm.clone())]);
    let kept = shell::target().join(format!("first-screen-{}", content_hash(&marked_alone)));
    if let Ok(digits) = fs::read_to_string(&kept) {
        return Ok(split::ran(&digits));
    }
    let site = write_site(&dir, assets)?;
    let digits = e2e::what_the_first_screen_runs(&site, &marked.expression())?;
    fs::write(&kept, &digits)?;
    Ok(split::ran(&digits))
}

impl Site {
    /// What the first visit that downloads most downloads, compressed, in bytes: the Chinese one.
    pub fn first_load_bytes(&self) -> usize {
        self.bytes(|who| who != FirstLoad::Nobody)
    }

    fn bytes(&self, counts: impl Fn(FirstLoad) -> bool) -> usize {
        let counted = self.files.iter().filter(|file| counts(file.first_load));
        counted.map(|file| file.brotli_bytes).sum()
    }

    /// Prints the size of each room's code and of each file, and the total of the first load.
    pub fn report(&self) {
        println!("{:>10} {:>10}   code, not compressed", "first", "rest");
        for (room, code) in &self.layers {
            println!("{:>10} {:>10}   {room}", code.first_bytes, code.rest_bytes);
        }
        println!("{:>10} {:>10}   file", "bytes", "brotli");
        for file in &self.files {
            let mark = match file.first_load {
                FirstLoad::Everyone => "*",
                FirstLoad::Chinese => "+",
                FirstLoad::Nobody => " ",
            };
            println!(
                "{:>10} {:>10} {mark} {}",
                file.size_bytes, file.brotli_bytes, file.path
            );
        }
        println!(
            "first load with brotli: {:.1} KB in English (*), {:.1} KB in Chinese (* and +)",
            self.bytes(|who| who == FirstLoad::Everyone) as f64 / 1000.0,
            self.first_load_bytes() as f64 / 1000.0
        );
    }
}

/// A script without lines that are only a comment, and without blanks at the beginning of lines.
fn without_lines_of_comment(script: &str) -> String {
    let lines = script.lines().map(str::trim_start);
    let kept: Vec<_> = lines
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .collect();
    kept.join("\n")
}

/// Compiles a program of the workspace as a page is compiled.
pub fn compile(package: &str, program: &str) -> Result<PathBuf> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let mut flags = vec!["-Clink-arg=--emit-relocs".to_owned()];
    flags.extend(INLINING.map(|option| format!("-Cllvm-args={option}")));
    let flags = format!("target.{TARGET}.rustflags = {flags:?}");
    let mut command = cargo();
    command.args([
        "build",
        "--profile",
        "page",
        "--target",
        TARGET,
        "--config",
        &flags,
    ]);
    run(command.args(["--package", package, "--bin", program]))?;
    Ok(shell::target()
        .join(TARGET)
        .join("page")
        .join(format!("{program}.wasm")))
}

/// Writes a program's wasm and the JS that loads it to a folder, which is emptied first. wasm-opt is
/// not used: it takes a tenth off the wasm, and nothing off what a visitor downloads compressed.
pub fn glue(wasm: &[u8], name: &str, keep_names: bool, out: &Path) -> Result<()> {
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    fs::create_dir_all(out)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes(name, wasm.to_vec());
    bindgen.out_name(name).typescript(false);
    bindgen
        .web(true)?
        .demangle(!keep_names)
        .remove_name_section(!keep_names)
        .remove_producers_section(true);
    bindgen
        .generate(out)
        .context("wasm-bindgen could not write the glue")?;
    Ok(())
}

fn index() -> Result<String> {
    Ok(fs::read_to_string(shell::root().join("index.html"))?)
}

fn write_site(dir: &Path, mut assets: BTreeMap<String, Vec<u8>>) -> Result<Site> {
    let folder = content_hash(&assets);
    let offline = assets.remove(OFFLINE).context("www/ has no offline.js")?;
    let offline = [told_its_build(&folder, &assets).into_bytes(), offline].concat();
    let page = index()?.replace("\"www/", &format!("\"{folder}/"));
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    let mut files = vec![
        write_asset(dir, "index.html", page.as_bytes(), FirstLoad::Everyone)?,
        write_asset(dir, OFFLINE, &offline, FirstLoad::Nobody)?,
    ];
    for (name, bytes) in &assets {
        let path = format!("{folder}/{name}");
        let first_load = match () {
            () if page.contains(&format!("\"{path}\"")) => FirstLoad::Everyone,
            () if name == CHINESE => FirstLoad::Chinese,
            () => FirstLoad::Nobody,
        };
        files.push(write_asset(dir, &path, bytes, first_load)?);
    }
    check_references(&page, &folder, &assets)?;
    Ok(Site {
        dir: dir.to_owned(),
        files,
        layers: BTreeMap::new(),
    })
}

/// What the service worker has to know of a build.
fn told_its_build(folder: &str, assets: &BTreeMap<String, Vec<u8>>) -> String {
    let files: Vec<String> = assets
        .keys()
        .map(|name| format!("{folder}/{name}"))
        .collect();
    format!("const BUILD = {folder:?};\nconst FILES = {files:?};\n")
}

fn write_asset(dir: &Path, path: &str, bytes: &[u8], first_load: FirstLoad) -> Result<Asset> {
    let file = dir.join(path);
    fs::create_dir_all(file.parent().unwrap_or(dir))?;
    fs::write(&file, bytes)?;
    Ok(Asset {
        path: path.to_owned(),
        size_bytes: bytes.len(),
        brotli_bytes: brotli_size(bytes)?,
        first_load,
    })
}

/// A page that names a file which is not there would only fail in the browser.
fn check_references(page: &str, folder: &str, assets: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    for part in page.split(&format!("\"{folder}/")).skip(1) {
        let name = part.split('"').next().unwrap_or_default();
        ensure!(
            assets.contains_key(name),
            "index.html names www/{name}, which the site lacks"
        );
    }
    Ok(())
}

fn read_tree(dir: &Path, prefix: &str, into: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_tree(&entry.path(), &format!("{name}/"), into)?;
        } else {
            into.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// FNV-1a over names and contents: short, stable, and nobody attacks it here.
fn content_hash(assets: &BTreeMap<String, Vec<u8>>) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for (name, bytes) in assets {
        for byte in name
            .bytes()
            .chain([0])
            .chain(bytes.iter().copied())
            .chain([0])
        {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

fn brotli_size(bytes: &[u8]) -> Result<usize> {
    let mut compressed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &params)?;
    Ok(compressed.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets(files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
        files
            .iter()
            .map(|(name, text)| (name.to_string(), text.as_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn the_folder_changes_with_any_name_or_content() {
        let one = content_hash(&assets(&[("a.js", "1"), ("b.js", "2")]));
        assert_eq!(one, content_hash(&assets(&[("b.js", "2"), ("a.js", "1")])));
        assert_ne!(one, content_hash(&assets(&[("a.js", "1"), ("b.js", "3")])));
        assert_ne!(one, content_hash(&assets(&[("a.js", "1"), ("c.js", "2")])));
    }

    #[test]
    fn a_page_that_names_a_missing_file_is_refused() {
        let have = assets(&[("boot.js", "")]);
        assert!(check_references("<script src=\"f/boot.js\">", "f", &have).is_ok());
        let refused = check_references("<script src=\"f/gone.js\">", "f", &have);
        assert!(refused.unwrap_err().to_string().contains("www/gone.js"));
    }

    #[test]
    fn brotli_makes_repeated_text_small() {
        assert!(brotli_size("acks=all ".repeat(1000).as_bytes()).unwrap() < 100);
    }
}

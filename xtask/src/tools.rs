//! What the commands need on a machine: found, or set up here, or asked for in plain words.
use crate::shell::{self, cargo, find, output, program, run};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// Adds Rust's wasm target when the toolchain lacks it.
pub fn wasm_target() -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let sysroot = output(program("rustc").args(["--print", "sysroot"]))?;
    let installed = PathBuf::from(sysroot.trim())
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib");
    if installed.is_dir() {
        return Ok(());
    }
    run(program("rustup").args(["target", "add", TARGET]))
        .with_context(|| format!("acklab's page needs Rust's {TARGET} target"))
}

/// A browser and the driver that steers it.
pub struct Browser {
    pub driver: PathBuf,
}

/// Finds Chromium or Chrome with its driver; installs them on Debian when run as root.
pub fn browser() -> Result<Browser> {
    if let Some(browser) = find_browser() {
        return Ok(browser);
    }
    if find("apt-get").is_none() || !is_root() {
        bail!(
            "the browser tests need Chromium (or Chrome) and its chromedriver on PATH; \
             on Debian or Ubuntu: sudo apt-get install chromium chromium-driver"
        );
    }
    apt_install(&["chromium", "chromium-driver"])?;
    find_browser()
        .context("chromium and chromium-driver are installed, but chromedriver is not on PATH")
}

/// Chinese screenshots need a Chinese font; without one they show boxes, and that is only told.
pub fn chinese_font() {
    let has_one =
        output(program("fc-list").arg(":lang=zh")).is_ok_and(|list| !list.trim().is_empty());
    if has_one {
        return;
    }
    let installed =
        find("apt-get").is_some() && is_root() && apt_install(&["fonts-noto-cjk"]).is_ok();
    if !installed {
        eprintln!("note: no Chinese font here; Chinese screenshots will show boxes");
    }
}

/// The wasm test runner of exactly the version of wasm-bindgen that the lockfile names.
pub fn wasm_test_runner() -> Result<PathBuf> {
    let version = locked_version("wasm-bindgen")?;
    let home = shell::target().join("tools");
    let runner = home.join(format!(
        "bin/wasm-bindgen-test-runner{}",
        std::env::consts::EXE_SUFFIX
    ));
    let stamp = home.join("wasm-bindgen.version");
    let is_current = std::fs::read_to_string(&stamp).is_ok_and(|have| have == version);
    if !(is_current && runner.is_file()) {
        run(cargo()
            .args([
                "install",
                "wasm-bindgen-cli",
                "--force",
                "--version",
                &version,
                "--root",
            ])
            .arg(&home)
            .env("CARGO_TARGET_DIR", home.join("build")))?;
        std::fs::write(&stamp, &version)?;
    }
    Ok(runner)
}

/// Something that this machine lacks and that is not set up here: what needs it is not run, which is not passing.
#[derive(Debug)]
pub struct Absent(&'static str);

impl std::fmt::Display for Absent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for Absent {}

/// The script that checks a page for accessibility; fetched by npm into `target/` the first time.
pub fn axe_core() -> Result<PathBuf> {
    const PACKAGE: &str = "axe-core";
    const VERSION: &str = "4.14.1";
    let home = shell::target().join("tools").join(PACKAGE).join(VERSION);
    let script = home.join("package/axe.min.js");
    if script.is_file() {
        return Ok(script);
    }
    let npm = find("npm").ok_or(Absent("axe-core comes from npm, and npm is not on PATH"))?;
    std::fs::create_dir_all(&home)?;
    let wanted = format!("{PACKAGE}@{VERSION}");
    run(program(npm)
        .args(["pack", "--silent", &wanted])
        .current_dir(&home))?;
    let archive = format!("{PACKAGE}-{VERSION}.tgz");
    run(program("tar")
        .args(["-xzf", &archive, "package/axe.min.js"])
        .current_dir(&home))?;
    Ok(script)
}

/// The program that judges a built page; fetched by npm into `target/` the first time.
pub fn lighthouse() -> Result<PathBuf> {
    // The last one for Node 18 and 20.
    const WANTED: &str = "lighthouse@12.2.3";
    let home = shell::target().join("tools/lighthouse");
    let lighthouse = home.join("node_modules/.bin/lighthouse");
    if lighthouse.is_file() {
        return Ok(lighthouse);
    }
    let npm = find("npm").ok_or(Absent("Lighthouse comes from npm, and npm is not on PATH"))?;
    std::fs::create_dir_all(&home)?;
    run(program(npm)
        .args(["install", "--no-audit", "--no-fund", "--prefix"])
        .arg(&home)
        .arg(WANTED))?;
    Ok(lighthouse)
}

/// The version of a package in Cargo.lock.
pub fn locked_version(package: &str) -> Result<String> {
    let lock = std::fs::read_to_string(shell::root().join("Cargo.lock"))?;
    let header = format!("name = \"{package}\"\nversion = \"");
    let start = lock
        .find(&header)
        .with_context(|| format!("{package} is not in Cargo.lock"))?;
    let rest = &lock[start + header.len()..];
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

fn find_browser() -> Option<Browser> {
    let driver = std::env::var_os("CHROMEDRIVER")
        .map(PathBuf::from)
        .or_else(|| find("chromedriver"))?;
    let names = ["chromium", "google-chrome", "chrome", "chromium-browser"];
    // On macOS and Windows the browser is not on PATH, and its driver finds it by itself.
    let has_browser = !cfg!(target_os = "linux") || names.iter().any(|name| find(name).is_some());
    has_browser.then_some(Browser { driver })
}

fn apt_install(packages: &[&str]) -> Result<()> {
    run(program("apt-get").args(["update", "-qq"]))?;
    run(program("apt-get")
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

fn is_root() -> bool {
    output(program("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

//! `cargo xtask record`: the recorder is a package of its own, so that nobody else waits for it to compile.
use crate::shell::cargo;
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::path::PathBuf;

/// Hands everything on to the recorder, which says itself what is wrong; fails as it fails.
pub fn run(args: &[OsString]) -> Result<()> {
    let mut recorder = cargo();
    // Paths of case files are meant from where the user is.
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    recorder
        .args(["run", "--quiet", "--package", "acklab-recorder", "--"])
        .args(args)
        .current_dir(here);
    let status = recorder.status().context("cannot start cargo")?;
    std::process::exit(status.code().unwrap_or(1));
}

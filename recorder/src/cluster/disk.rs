//! A broker's disk as an ext4 file system in a file: what the OS has not written into that file is what a power cut takes.

use crate::kit::finish;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

const SIZE_MB: u64 = 256;

fn run(program: &str, args: &[&dyn AsRef<std::ffi::OsStr>]) -> Result<()> {
    let mut command = Command::new(program);
    for arg in args {
        command.arg(arg);
    }
    finish(&mut command, "the disk")
}

/// A new file system at `place`.
pub fn make(image: &Path, place: &Path) -> Result<()> {
    File::create(image)?.set_len(SIZE_MB << 20)?;
    run("mkfs.ext4", &[&"-q", &"-F", &image])?;
    mount(image, place)
}

fn mount(image: &Path, place: &Path) -> Result<()> {
    run("mount", &[&"-o", &"loop", &image, &place])
}

pub fn write_back(place: &Path) -> Result<()> {
    run("sync", &[&"-f", &place])
}

/// The image as it is: the mounted file system may hold more in memory.
pub fn copy(image: &Path, to: &Path) -> Result<()> {
    run("cp", &[&"--sparse=always", &image, &to])
}

/// Mounts the other image in place of this one. Unmounting writes everything back, into the image that is thrown away.
pub fn exchange(image: &Path, other: &Path, place: &Path) -> Result<()> {
    run("umount", &[&place])?;
    fs::rename(other, image)?;
    mount(image, place)
}

/// As after an error of the device: what is there can be read, and nothing written.
pub fn fail(place: &Path) -> Result<()> {
    run("mount", &[&"-o", &"remount,abort", &place])
}

const FILLER: &str = "filler";

/// Leaves not a byte free.
pub fn fill(place: &Path) -> Result<()> {
    // Blocks that are only promised would still be given to the broker.
    write_back(place)?;
    let mut filler = File::create(place.join(FILLER))?;
    let mut chunk = vec![1u8; 1 << 22];
    while chunk.len() >= 512 {
        if filler
            .write_all(&chunk)
            .and_then(|()| filler.sync_data())
            .is_err()
        {
            chunk.truncate(chunk.len() / 2);
        }
    }
    Ok(())
}

pub fn free(place: &Path) -> Result<()> {
    fs::remove_file(place.join(FILLER)).context("the disk was not full")
}

/// Unmounts all that is mounted below this folder.
pub fn unmount_below(home: &Path) -> Result<()> {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let places = mounts
        .lines()
        .filter_map(|line| line.split(' ').nth(1))
        .map(Path::new);
    for place in places.filter(|place| place.starts_with(home)) {
        run("umount", &[&place])?;
    }
    Ok(())
}

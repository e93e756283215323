//! A network namespace a node, joined by a bridge: packets between two of them can be made to vanish.

use crate::kit::finish;
use anyhow::{Context, Result};
use std::process::Command;

/// Where a link ends.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum End {
    Node(i32),
    /// All client processes; they live outside the namespaces.
    Clients,
}

/// The place of the clients in the network.
const OUTSIDE: i32 = 254;
/// A hardware address that nobody has.
const NOBODY: &str = "02:00:00:00:00:00";

fn bridge(net: u8) -> String {
    format!("acklab{net}")
}

fn namespace(net: u8, node: i32) -> String {
    format!("acklab{net}n{node}")
}

/// Interface names have at most 15 characters.
fn outer(net: u8, node: i32) -> String {
    format!("ackv{net}n{node}")
}

pub fn address(net: u8, node: i32) -> String {
    format!("10.{net}.78.{node}")
}

fn ip(words: &str) -> Result<()> {
    finish(Command::new("ip").args(words.split(' ')), "the network")
}

pub fn build(net: u8, nodes: &[i32]) -> Result<()> {
    let bridge = bridge(net);
    ip(&format!("link add {bridge} type bridge"))?;
    ip(&format!(
        "addr add {}/24 dev {bridge}",
        address(net, OUTSIDE)
    ))?;
    ip(&format!("link set {bridge} up"))?;
    for node in nodes {
        let (name, outer) = (namespace(net, *node), outer(net, *node));
        ip(&format!("netns add {name}"))?;
        ip(&format!(
            "link add {outer} type veth peer name eth0 netns {name}"
        ))?;
        ip(&format!("link set {outer} master {bridge} up"))?;
        ip(&format!(
            "-n {name} addr add {}/24 dev eth0",
            address(net, *node)
        ))?;
        ip(&format!("-n {name} link set eth0 up"))?;
        ip(&format!("-n {name} link set lo up"))?;
    }
    Ok(())
}

/// Removes what a run with this number built, if anything.
pub fn remove(net: u8) {
    let listed = |words: &[&str]| {
        let output = Command::new("ip").args(words).output();
        output
            .map(|o| String::from_utf8_lossy(&o.stdout).into_owned())
            .unwrap_or_default()
    };
    let of_links = |line: &str| {
        line.split(": ")
            .nth(1)?
            .split('@')
            .next()
            .map(str::to_owned)
    };
    let links = listed(&["-o", "link"]);
    for link in links
        .lines()
        .filter_map(of_links)
        .filter(|l| l.starts_with(&outer_prefix(net)) || *l == bridge(net))
    {
        drop(ip(&format!("link del {link}")));
    }
    let namespaces = listed(&["netns", "list"]);
    let names = namespaces.lines().filter_map(|line| line.split(' ').next());
    for name in names.filter(|name| name.starts_with(&format!("acklab{net}n"))) {
        drop(ip(&format!("netns del {name}")));
    }
}

fn outer_prefix(net: u8) -> String {
    format!("ackv{net}n")
}

/// The same command, run where this node is.
pub fn inside(net: u8, node: i32, command: &Command) -> Command {
    let mut inside = Command::new("ip");
    inside.args(["netns", "exec"]).arg(namespace(net, node));
    inside.arg(command.get_program()).args(command.get_args());
    inside
}

/// Each of the two sends to the other at a hardware address that nobody has: packets vanish and nobody is told, as when a
/// cable is cut. A firewall or a route would answer.
pub fn cut(net: u8, a: End, b: End) -> Result<()> {
    for (here, there) in [(a, b), (b, a)] {
        neighbour(
            net,
            here,
            there,
            "replace",
            &format!("lladdr {NOBODY} nud permanent "),
        )?;
    }
    Ok(())
}

pub fn heal(net: u8, a: End, b: End) -> Result<()> {
    for (here, there) in [(a, b), (b, a)] {
        neighbour(net, here, there, "del", "")?;
    }
    Ok(())
}

fn neighbour(net: u8, here: End, there: End, what: &str, how: &str) -> Result<()> {
    let there = match there {
        End::Node(node) => address(net, node),
        End::Clients => address(net, OUTSIDE),
    };
    let (inside, dev) = match here {
        End::Node(node) => (format!("-n {} ", namespace(net, node)), "eth0".to_owned()),
        End::Clients => (String::new(), bridge(net)),
    };
    ip(&format!("{inside}neigh {what} {there} {how}dev {dev}")).context("cutting and healing links")
}

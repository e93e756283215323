//! Links between machines, and connections over them.
//!
//! A link is a small enum-like struct one can read at a glance: delay, jitter, loss, slowness, cut.
//! Connections behave as TCP does: in order, nothing lost while both ends live. A lost packet is
//! sent again after the retransmission timeout, a cut link holds bytes until it heals or the
//! connection is given up. What a client wrote before it closed still arrives; what a server
//! answers on a closed connection does not. A connection that a cut link kept from being established sends nothing
//! once its client has given it up.

use std::collections::VecDeque;

use super::{EntryId, Micros, NodeId, Stream, luck::Luck};

/// The state of one direction between two machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Link {
    /// Usual time from end to end, in microseconds.
    pub delay_us: Micros,
    /// Up to this much more, at random, in microseconds.
    pub jitter_us: Micros,
    /// How many bytes go through a millisecond.
    pub bytes_per_ms: u32,
    /// Packets lost in a million; each waits one more retransmission timeout.
    pub loss_ppm: u32,
    /// A slow link: this much more, in microseconds.
    pub extra_us: Micros,
    /// Nothing passes.
    pub cut: bool,
}

/// First retransmission timeout of TCP on Linux; it doubles with each try.
const RETRANSMIT_US: Micros = 200_000;
/// Tries after which we stop doubling (Linux caps the timeout at 120 s).
const RETRANSMIT_DOUBLINGS: u32 = 9;
/// So many connections that were never established are remembered.
const STILLBORN: usize = 64;
/// Connections a client may keep to one server, each for a purpose of its own.
pub const CHANNELS: usize = 4;

/// One connection as seen by a message on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Conn {
    pub client: NodeId,
    pub server: NodeId,
    /// Which of the client's connections to this server, below [`CHANNELS`].
    pub channel: u8,
    pub(crate) epoch: u16,
    pub(crate) incarnation: u16,
}

#[derive(Clone, Copy, Debug, Default)]
struct ConnState {
    open: bool,
    /// Something has come through to the server.
    established: bool,
    epoch: u16,
    incarnation: u16,
    /// Bytes arrive in order: nothing overtakes what is already under way.
    to_server_at: Micros,
    to_client_at: Micros,
    /// Until when what a cut link held back is not there: to the client, to the server.
    held_until: [Micros; 2],
}

/// One direction of a cable: its state, its luck, and when its sender is free again.
#[derive(Clone, Debug)]
struct Wire {
    link: Link,
    /// What last changed it.
    changed_by: EntryId,
    luck: Stream,
    busy_until: Micros,
}

/// All links and connections of a world. Links are per direction.
#[derive(Clone, Debug)]
pub struct Network {
    nodes: usize,
    wires: Vec<Wire>,
    conns: Vec<ConnState>,
    /// As [`ConnState::held_until`], of connections that their client has closed meanwhile: which one, whether to the
    /// server, until when.
    closed: Vec<(Conn, bool, Micros)>,
    /// Closed before they were established, the last ones: nothing that was written to them is ever sent.
    stillborn: VecDeque<Conn>,
}

impl Network {
    pub(crate) fn new(nodes: u8, link: Link, luck: &Luck) -> Self {
        let nodes = nodes as usize;
        let wire = |pair: usize| {
            let luck = luck.stream("link", pair as u64);
            Wire {
                link,
                changed_by: EntryId::NONE,
                luck,
                busy_until: 0,
            }
        };
        let wires = (0..nodes * nodes).map(wire).collect();
        let conns = vec![ConnState::default(); nodes * nodes * CHANNELS];
        Network {
            nodes,
            wires,
            conns,
            closed: Vec::new(),
            stillborn: VecDeque::new(),
        }
    }

    /// The link from `from` to `to`.
    pub fn link(&self, from: NodeId, to: NodeId) -> &Link {
        &self.wires[self.pair(from, to)].link
    }

    /// The link from `from` to `to`, to be changed because of `cause`.
    pub(crate) fn change(&mut self, from: NodeId, to: NodeId, cause: EntryId) -> &mut Link {
        let pair = self.pair(from, to);
        self.wires[pair].changed_by = cause;
        &mut self.wires[pair].link
    }

    /// What cut the link from `from` to `to`, slows it or makes it lose packets.
    pub(crate) fn link_fault(&self, from: NodeId, to: NodeId) -> Option<EntryId> {
        let wire = &self.wires[self.pair(from, to)];
        let faulty = wire.link.cut || wire.link.loss_ppm > 0 || wire.link.extra_us > 0;
        wire.changed_by.known().filter(|_| faulty)
    }

    /// Whether `conn` is still the client's open connection.
    pub fn is_open(&self, conn: Conn) -> bool {
        let state = &self.conns[self.slot(conn.client, conn.server, conn.channel)];
        state.open && state.epoch == conn.epoch
    }

    /// The client's connection, opened if need be; `incarnation` is the server process's.
    /// The second value: whether it had to be opened, which costs a round trip.
    pub(crate) fn open(
        &mut self,
        client: NodeId,
        server: NodeId,
        channel: u8,
        incarnation: u16,
    ) -> (Conn, bool) {
        let slot = self.slot(client, server, channel);
        let state = &mut self.conns[slot];
        let opened = !state.open;
        if opened {
            state.open = true;
            state.incarnation = incarnation;
        }
        let (epoch, incarnation) = (state.epoch, state.incarnation);
        (
            Conn {
                client,
                server,
                channel,
                epoch,
                incarnation,
            },
            opened,
        )
    }

    /// Ends `conn` for its client: what is under way to the client will not be read.
    pub(crate) fn close(&mut self, client: NodeId, server: NodeId, channel: u8) {
        let slot = self.slot(client, server, channel);
        let state = &mut self.conns[slot];
        if state.open && !state.established {
            let conn = Conn {
                client,
                server,
                channel,
                epoch: state.epoch,
                incarnation: state.incarnation,
            };
            if self.stillborn.len() == STILLBORN {
                self.stillborn.pop_front();
            }
            self.stillborn.push_back(conn);
        }
        for (way, until) in state.held_until.into_iter().enumerate() {
            if until > 0 {
                let conn = Conn {
                    client,
                    server,
                    channel,
                    epoch: state.epoch,
                    incarnation: state.incarnation,
                };
                self.closed.push((conn, way == 1, until));
            }
        }
        *state = ConnState {
            epoch: state.epoch.wrapping_add(1),
            ..ConnState::default()
        };
    }

    /// A request has come through.
    pub(crate) fn established(&mut self, conn: Conn) {
        let slot = self.slot(conn.client, conn.server, conn.channel);
        let state = &mut self.conns[slot];
        state.established |= state.open && state.epoch == conn.epoch;
    }

    /// Whether its client closed `conn`, or died, before it was established.
    pub(crate) fn is_stillborn(&self, conn: Conn) -> bool {
        self.stillborn.contains(&conn)
    }

    /// Every open connection of which `node` is client (first) or server (second).
    pub(crate) fn open_conns_of(&self, node: NodeId) -> (Vec<Conn>, Vec<Conn>) {
        let all = |client: bool| {
            let mut found = Vec::new();
            for peer in (0..self.nodes as u8).map(NodeId) {
                for channel in 0..CHANNELS as u8 {
                    let (from, to) = if client { (node, peer) } else { (peer, node) };
                    let state = &self.conns[self.slot(from, to, channel)];
                    if state.open {
                        let (epoch, incarnation) = (state.epoch, state.incarnation);
                        found.push(Conn {
                            client: from,
                            server: to,
                            channel,
                            epoch,
                            incarnation,
                        });
                    }
                }
            }
            found
        };
        (all(true), all(false))
    }

    /// When `size_bytes` put on the wire of `conn` at `now` arrive at the other end.
    /// `handshake`: the connection is being opened first.
    pub(crate) fn arrival(
        &mut self,
        conn: Conn,
        to_server: bool,
        now: Micros,
        size_bytes: u32,
        handshake: bool,
    ) -> Micros {
        let (from, to) = if to_server {
            (conn.client, conn.server)
        } else {
            (conn.server, conn.client)
        };
        let pair = self.pair(from, to);
        let arrives_at = self.wires[pair].arrival(now, size_bytes, handshake);
        let slot = self.slot(conn.client, conn.server, conn.channel);
        let state = &mut self.conns[slot];
        let last = if to_server {
            &mut state.to_server_at
        } else {
            &mut state.to_client_at
        };
        *last = arrives_at.max(*last);
        *last
    }

    /// Bytes that a cut link held back arrive at `at`, or with those of the same connection that were
    /// held back before them. Returns when.
    pub(crate) fn release(
        &mut self,
        conn: Conn,
        to_server: bool,
        at: Micros,
        now: Micros,
    ) -> Micros {
        if !self.is_open(conn) {
            // What was written before the close still comes in order.
            self.closed.retain(|(.., until)| *until > now);
            let known = self.closed_until(conn, to_server);
            return known.unwrap_or_else(|| {
                self.closed.push((conn, to_server, at));
                at
            });
        }
        let slot = self.slot(conn.client, conn.server, conn.channel);
        let state = &mut self.conns[slot];
        let until = &mut state.held_until[usize::from(to_server)];
        if *until <= now {
            *until = at;
        }
        let last = match to_server {
            true => &mut state.to_server_at,
            false => &mut state.to_client_at,
        };
        // What was under way at the release comes right after it, what is sent from now on after that.
        *last = (*last).max(*until + 1);
        *until
    }

    /// Until when bytes on `conn` wait behind others that were held back.
    pub(crate) fn held_until(&self, conn: Conn, to_server: bool) -> Micros {
        let state = &self.conns[self.slot(conn.client, conn.server, conn.channel)];
        match state.epoch == conn.epoch {
            true => state.held_until[usize::from(to_server)],
            false => self.closed_until(conn, to_server).unwrap_or(0),
        }
    }

    fn closed_until(&self, conn: Conn, to_server: bool) -> Option<Micros> {
        let mut closed = self.closed.iter();
        let found = closed.find(|(known, way, _)| *known == conn && *way == to_server)?;
        Some(found.2)
    }

    fn pair(&self, from: NodeId, to: NodeId) -> usize {
        from.0 as usize * self.nodes + to.0 as usize
    }

    fn slot(&self, client: NodeId, server: NodeId, channel: u8) -> usize {
        self.pair(client, server) * CHANNELS + channel as usize
    }
}

impl Wire {
    fn arrival(&mut self, now: Micros, size_bytes: u32, handshake: bool) -> Micros {
        let link = self.link;
        let transmit_us = u64::from(size_bytes) * 1_000 / u64::from(link.bytes_per_ms.max(1));
        self.busy_until = self.busy_until.max(now) + transmit_us;
        let trips = if handshake { 3 } else { 1 };
        let travel_us =
            trips * (link.delay_us + link.extra_us) + self.luck.below(link.jitter_us + 1);
        let mut retransmit_us = 0;
        let mut tries = 0;
        while tries < RETRANSMIT_DOUBLINGS && self.luck.chance_ppm(link.loss_ppm) {
            retransmit_us += RETRANSMIT_US << tries;
            tries += 1;
        }
        self.busy_until + travel_us + retransmit_us
    }
}

/// When TCP's next try after `now` takes place for bytes first sent at `sent_at`.
pub(crate) fn next_retransmission(sent_at: Micros, now: Micros) -> Micros {
    let mut try_at = sent_at;
    for doubling in 0.. {
        if try_at >= now {
            break;
        }
        try_at += RETRANSMIT_US << doubling.min(RETRANSMIT_DOUBLINGS);
    }
    try_at
}

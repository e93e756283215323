//! The bare engine: two nodes bounce one message over a link.
use acklab::sim::{Input, Journal, Link, Model, NodeId, OPERATOR, Outbox, Sim, Wire};

/// The link's delay, in microseconds; the rival's too.
pub const DELAY_US: u64 = 100;
const PLAYER: NodeId = NodeId(1);
const WALL: NodeId = NodeId(2);

#[derive(Clone)]
struct Bounce {
    limit: u32,
    bounced: u32,
}

#[derive(Clone)]
struct Ball(u32);

impl Wire for Ball {
    fn size_bytes(&self) -> u32 {
        8
    }
}

impl Model for Bounce {
    type Msg = Ball;
    type Timer = ();
    type Action = ();
    type Entry = ();

    fn handle(&mut self, node: NodeId, input: Input<Self>, out: &mut Outbox<'_, Self>) {
        let Input::Message {
            conn,
            correlation,
            msg: Ball(count),
        } = input
        else {
            return;
        };
        self.bounced = count;
        if count == self.limit {
            return;
        }
        match node {
            WALL => out.respond(conn, correlation, Ball(count + 1)),
            _ => out.request(WALL, 0, correlation, Ball(count + 1)),
        }
    }
}

/// Bounces so often; returns how many bounces there were.
pub fn bounces(limit: u32) -> u32 {
    let link = Link {
        delay_us: DELAY_US,
        jitter_us: 0,
        bytes_per_ms: 125_000,
        loss_ppm: 0,
        extra_us: 0,
        cut: false,
    };
    let mut journal = Journal::default();
    let mut sim = Sim::new(3, 1, link, Bounce { limit, bounced: 0 });
    sim.with(OPERATOR, &mut journal, |_, out| {
        out.as_node(PLAYER).request(WALL, 0, 0, Ball(1))
    });
    while sim.step(&mut journal) {}
    sim.model.bounced
}

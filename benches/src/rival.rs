//! The same ping-pong on nexosim, one thread.
use crate::ping_pong::DELAY_US;
use nexosim::model::{Context, Model};
use nexosim::ports::Output;
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

struct Node {
    limit: u32,
    bounced: Arc<AtomicU32>,
    link: Output<u32>,
}

impl Model for Node {}

impl Node {
    /// The ball arrives: it goes back over the link, which takes its time.
    fn ball(&mut self, count: u32, context: &mut Context<Self>) {
        self.bounced.store(count, Ordering::Relaxed);
        if count < self.limit {
            let delay = Duration::from_micros(DELAY_US);
            // Only a delay of zero is refused.
            context
                .schedule_event(delay, Self::throw, count + 1)
                .expect("the delay is not zero");
        }
    }

    // A self-scheduling method cannot be `async fn`, says nexosim.
    fn throw(&mut self, count: u32) -> impl Future<Output = ()> + Send + '_ {
        self.link.send(count)
    }
}

/// Bounces so often; returns how many bounces there were.
pub fn bounces(limit: u32) -> u32 {
    let bounced = Arc::new(AtomicU32::new(0));
    let node = || Node {
        limit,
        bounced: Arc::clone(&bounced),
        link: Output::default(),
    };
    let (mut player, mut wall) = (node(), node());
    let (player_box, wall_box) = (Mailbox::new(), Mailbox::new());
    let first = player_box.address();
    player.link.connect(Node::ball, &wall_box);
    wall.link.connect(Node::ball, &player_box);
    let world = SimInit::with_num_threads(1)
        .add_model(player, player_box, "player")
        .add_model(wall, wall_box, "wall")
        .init(MonotonicTime::EPOCH);
    let (mut world, _) = world.expect("two models and a link make a world");
    world
        .process_event(Node::ball, 0, &first)
        .expect("the first throw");
    world
        .step_unbounded()
        .expect("the ball bounces until its limit");
    bounced.load(Ordering::Relaxed)
}

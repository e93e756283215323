//! The engine, tried with two nodes that bounce a number.

use super::*;

#[derive(Clone)]
struct Bounce {
    seen: Vec<(Micros, u32)>,
    lost: u32,
}

impl Wire for u32 {
    fn size_bytes(&self) -> u32 {
        8
    }
}

/// What the test's operator does.
enum Do {
    Serve,
    /// The client sends this number; from 10 on it is answered once.
    Send(u32),
    Kill(NodeId, bool),
    Start(NodeId),
    Pause(NodeId),
    Resume(NodeId),
    Cut(bool),
    /// The client gives its connection up.
    Close,
}

const CLIENT: NodeId = NodeId(1);
const SERVER: NodeId = NodeId(2);

impl Model for Bounce {
    type Msg = u32;
    type Timer = ();
    type Action = Do;
    type Entry = u32;

    fn handle(&mut self, node: NodeId, input: Input<Self>, out: &mut Outbox<'_, Self>) {
        match input {
            Input::Action(action) => match *action {
                Do::Serve => out.as_node(CLIENT).request(SERVER, 0, 7, 1),
                Do::Send(number) => out.as_node(CLIENT).request(SERVER, 0, 7, number),
                Do::Kill(node, silently) => out.end_process(node, silently),
                Do::Start(node) => out.start_process(node),
                Do::Pause(node) => out.pause_process(node),
                Do::Resume(node) => out.resume_process(node),
                Do::Close => out.as_node(CLIENT).close(SERVER, 0),
                Do::Cut(cut) => out.change_link(CLIENT, SERVER, |link| link.cut = cut),
            },
            Input::Message {
                conn,
                correlation,
                msg,
            } => {
                self.seen.push((out.now(), msg));
                out.decide(msg);
                if node == SERVER {
                    out.respond(conn, correlation, msg + 1);
                } else if msg < 10 {
                    out.request(SERVER, 0, correlation, msg + 1);
                }
            }
            Input::Timer(()) => {}
            Input::Disconnected(_) => self.lost += 1,
        }
    }
}

fn link() -> Link {
    let (delay_us, jitter_us, bytes_per_ms) = (100, 20, 100_000);
    Link {
        delay_us,
        jitter_us,
        bytes_per_ms,
        loss_ppm: 0,
        extra_us: 0,
        cut: false,
    }
}

fn played(script: Vec<(Micros, Do)>) -> (Sim<Bounce>, Journal<u32>) {
    let mut sim = Sim::new(
        3,
        42,
        link(),
        Bounce {
            seen: Vec::new(),
            lost: 0,
        },
    );
    for (at, action) in script {
        sim.schedule(at, action);
    }
    let mut journal = Journal::default();
    sim.run_until(5 * SECOND, &mut journal);
    (sim, journal)
}

fn numbers(sim: &Sim<Bounce>) -> Vec<u32> {
    sim.model.seen.iter().map(|(_, number)| *number).collect()
}

#[test]
fn a_number_bounces_until_ten_and_each_bounce_causes_the_next() {
    let (sim, journal) = played(vec![(0, Do::Serve)]);
    assert_eq!(numbers(&sim), (1..=10).collect::<Vec<_>>());
    for (id, entry) in journal.entries().iter().enumerate().skip(1) {
        assert_eq!(entry.cause, EntryId(id as u32 - 1));
    }
}

#[test]
fn the_same_world_runs_the_same_way_twice() {
    let (_, one) = played(vec![(0, Do::Serve)]);
    let (_, two) = played(vec![(0, Do::Serve)]);
    assert_eq!(one.hash(), two.hash());
}

#[test]
fn a_clone_taken_midway_writes_the_same_journal() {
    let (_, whole) = played(vec![(0, Do::Serve)]);
    let mut sim = Sim::new(
        3,
        42,
        link(),
        Bounce {
            seen: Vec::new(),
            lost: 0,
        },
    );
    sim.schedule(0, Do::Serve);
    let mut journal = Journal::default();
    sim.run_until(500, &mut journal);
    let mut again = sim.clone();
    sim.run_until(SECOND, &mut journal);
    again.run_until(SECOND, &mut journal);
    assert_eq!(journal.hash(), whole.hash());
}

#[test]
fn a_killed_server_resets_the_connection() {
    let (sim, _) = played(vec![(0, Do::Serve), (50, Do::Kill(SERVER, false))]);
    assert_eq!((numbers(&sim), sim.model.lost), (vec![], 1));
}

#[test]
fn a_machine_without_power_says_nothing_until_it_is_back() {
    let off = (50, Do::Kill(SERVER, true));
    let (sim, _) = played(vec![(0, Do::Serve), off]);
    assert_eq!((numbers(&sim), sim.model.lost), (vec![], 0));
    let off = (50, Do::Kill(SERVER, true));
    let (sim, _) = played(vec![(0, Do::Serve), off, (SECOND, Do::Start(SERVER))]);
    assert_eq!((numbers(&sim), sim.model.lost), (vec![], 1));
}

#[test]
fn a_paused_server_answers_when_it_goes_on() {
    let pause = (50, Do::Pause(SERVER));
    let (sim, _) = played(vec![(0, Do::Serve), pause, (SECOND, Do::Resume(SERVER))]);
    assert_eq!(sim.model.seen[0], (SECOND, 1));
    assert_eq!(numbers(&sim).len(), 10);
}

#[test]
fn a_cut_link_holds_bytes_until_it_heals() {
    let (sim, _) = played(vec![
        (0, Do::Cut(true)),
        (1, Do::Serve),
        (SECOND, Do::Cut(false)),
    ]);
    assert!(sim.model.seen[0].0 >= SECOND);
    assert_eq!(numbers(&sim).len(), 10);
}

#[test]
fn nothing_overtakes_what_a_cut_link_held_back() {
    let (sim, _) = played(vec![
        (0, Do::Cut(true)),
        (1_000, Do::Send(101)),
        (SECOND / 2, Do::Send(103)),
        // Under way when the link heals, and sent right after it.
        (SECOND - 20, Do::Send(105)),
        (SECOND, Do::Cut(false)),
        (SECOND + 1, Do::Send(107)),
    ]);
    let served = numbers(&sim).into_iter().filter(|number| number % 2 == 1);
    assert_eq!(served.collect::<Vec<_>>(), [101, 103, 105, 107]);
}

#[test]
fn what_was_written_before_a_close_comes_in_order_once_the_link_heals() {
    let (sim, _) = played(vec![
        (0, Do::Send(101)),
        (SECOND, Do::Cut(true)),
        // The later one's next retransmission comes first.
        (SECOND + 1_000, Do::Send(103)),
        (SECOND + 350_000, Do::Send(105)),
        (SECOND + 500_000, Do::Close),
        (SECOND + 500_001, Do::Cut(false)),
    ]);
    assert_eq!(numbers(&sim)[2..], [103, 105]);
}

#[test]
fn a_connection_that_was_never_established_sends_nothing_once_it_is_given_up() {
    let (sim, _) = played(vec![
        (0, Do::Cut(true)),
        (1_000, Do::Send(101)),
        (500_000, Do::Close),
        (500_001, Do::Cut(false)),
    ]);
    assert!(numbers(&sim).is_empty());
}

fn watched(script: Vec<(Micros, Do)>, until: Micros) -> Sim<Bounce> {
    let mut sim = Sim::new(
        3,
        42,
        link(),
        Bounce {
            seen: Vec::new(),
            lost: 0,
        },
    );
    sim.watch_traffic();
    for (at, action) in script {
        sim.schedule(at, action);
    }
    sim.run_until(until, &mut Journal::default());
    sim
}

#[test]
fn packets_under_way_can_be_looked_at() {
    let sim = watched(vec![(0, Do::Serve)], 10);
    let flights: Vec<_> = sim.traffic().collect();
    assert_eq!(flights.len(), 1);
    assert_eq!(
        (flights[0].from, flights[0].to, flights[0].msg),
        (CLIENT, SERVER, 1)
    );
    assert!(flights[0].sent_at <= 10 && flights[0].arrives_at > 10);
}

#[test]
fn a_packet_on_a_cut_link_is_seen_to_be_held() {
    let sim = watched(vec![(0, Do::Cut(true)), (0, Do::Serve)], SECOND);
    let endings: Vec<_> = sim.traffic().map(|flight| flight.ending).collect();
    assert_eq!(endings, [Ending::Held]);
}

//! The stage: nodes, their logs, the links between them and what travels on these.

use super::{Fault, Hue, NodeKey, OwnedPartition, RecordView, ReplicaView, Text};

/// The state of a broker as its badge says it. Spans are rounded down to 100 ms, so that a view
/// stays equal from frame to frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BrokerState {
    /// Runs, has no replica of the partition shown.
    #[default]
    Up,
    /// Leads the partition shown.
    Leader,
    /// In the in-sync set.
    InSync,
    /// Still in the in-sync set, but behind.
    Lagging { behind: u64, for_us: u64 },
    /// Not in the in-sync set.
    OutOfIsr,
    /// The controller counts it as dead; the process may still run.
    Fenced,
    /// SIGSTOP or a long garbage collection.
    Paused { for_us: u64 },
    /// Controlled shutdown under way.
    ShuttingDown,
    /// No process. `clean` after a controlled shutdown.
    Down { clean: bool },
    /// No power.
    PoweredOff,
    /// Its log directory is offline.
    DiskFailed,
    /// Starting after an unclean stop: re-reads its log.
    Recovering { percent: u8 },
}

/// A place in a drawn log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogCell {
    /// A record.
    Record(RecordView),
    /// `count` records that are not shown (between what was interesting and the tail) or not there
    /// (deleted), drawn as an ellipsis.
    Skip { first_offset: u64, count: u64 },
}

impl LogCell {
    /// The offset at which this cell begins.
    pub fn offset(&self) -> u64 {
        match self {
            LogCell::Record(record) => record.offset,
            LogCell::Skip { first_offset, .. } => *first_offset,
        }
    }
}

/// One replica's log: its last cells and its three lines, all offsets as Kafka counts them (the
/// next offset to come).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogView {
    /// In offset order; give the last 40 or so, the page cuts on the left to what fits.
    pub cells: Vec<LogCell>,
    /// The first offset that is left; what lay before was deleted.
    pub log_start: u64,
    /// First offset not yet on the platter.
    pub flushed: u64,
    /// Log end offset.
    pub log_end: u64,
    /// Log end offset before a truncation that has just happened: drawn as `LEO 10→7`.
    pub log_end_was: Option<u64>,
    /// High watermark as this replica knows it; none before it is known.
    pub high_watermark: Option<u64>,
    /// The in-sync set is below min.insync.replicas: the watermark cannot move.
    pub frozen: bool,
}

impl LogView {
    /// How many of `cells` lie before `offset`: where to draw a line.
    pub fn cells_before(&self, offset: u64) -> usize {
        self.cells
            .iter()
            .take_while(|cell| cell.offset() < offset)
            .count()
    }
}

/// A broker's card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrokerView {
    /// `node.id`.
    pub id: i32,
    /// What the badge says.
    pub state: BrokerState,
    /// Leader epoch it knows for the partition shown.
    pub epoch: Option<u32>,
    /// Its replica of the partition shown.
    pub log: Option<LogView>,
    /// Its replicas where the topic has several partitions; then no log is drawn large.
    pub replicas: Vec<ReplicaView>,
    /// A remark at the right of the header ("order 142 sits at offset 138, where 139 was").
    pub note: Option<Text>,
    /// What can be done to it now; the first two are on the card, the rest behind "…".
    pub faults: Vec<Fault>,
}

/// How a client process is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClientState {
    /// Runs.
    #[default]
    Running,
    /// SIGSTOP or a long garbage collection.
    Paused,
    /// Dead.
    Crashed,
    /// `send()` blocks: the buffer is full or metadata is missing.
    Blocked,
    /// Closed in good order, or finished with its work.
    Closed,
}

/// A producing application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProducerView {
    /// Place among the producers, from 0.
    pub index: u8,
    /// Heading: "producer", "the shop".
    pub title: Text,
    /// Under it: "order-service".
    pub name: Text,
    /// How the process is.
    pub state: ClientState,
    /// Records in the accumulator, oldest first; the page shows eight and counts the rest.
    pub buffered: Vec<RecordView>,
    /// How many more are buffered.
    pub buffered_more: u64,
    /// A number that matters on the first screen ("600 /s"), drawn large.
    pub figure: Option<Text>,
    /// One line of state: "8 buffered, 3 in flight".
    pub line: Text,
    /// What can be done to it now.
    pub faults: Vec<Fault>,
}

/// A consuming application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerView {
    /// Place among the consumers, from 0.
    pub index: u8,
    /// Heading: "consumer", "billing".
    pub title: Text,
    /// Under it: "group billing".
    pub name: Text,
    /// How the process is.
    pub state: ClientState,
    /// What the last poll returned and is being worked on.
    pub polled: Vec<RecordView>,
    /// Next offset to fetch.
    pub position: Option<u64>,
    /// Committed offset of the partition shown.
    pub committed: Option<u64>,
    /// The partitions that it owns, where the topic has several; in place of the two above.
    pub owned: Option<Vec<OwnedPartition>>,
    /// A number that matters on the first screen ("138"), drawn large.
    pub figure: Option<Text>,
    /// One line of state: "position 7", "orders billed".
    pub line: Text,
    /// What can be done to it now.
    pub faults: Vec<Fault>,
}

/// The business ledger: what really happened in the shop's books.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SinkView {
    /// Heading: "business ledger".
    pub title: Text,
    /// Under it: "what was really billed".
    pub name: Text,
    /// The last entries (24 at most), in order of entry; a second entry is marked `Twice`.
    pub entries: Vec<RecordView>,
    /// Entries before those.
    pub earlier: u64,
}

/// What the controller knows of one broker's heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// `node.id`.
    pub broker: i32,
    /// Silent for this long, if longer than a heartbeat interval; rounded down to 100 ms.
    pub silent_us: Option<u64>,
    /// Fenced.
    pub fenced: bool,
}

/// What a controller is in the metadata quorum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum VoterRole {
    /// The active controller, as far as it knows itself.
    #[default]
    Leader,
    Follower,
    /// It asks for votes, or whether it would get them.
    Candidate,
    /// It knows of no leader.
    Unattached,
    /// Its process is not that far yet.
    Starting,
    Paused,
    Down,
    PoweredOff,
}

/// One controller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoterView {
    /// From 0.
    pub index: u8,
    /// `node.id`.
    pub id: i32,
    pub role: VoterRole,
    /// The epoch of the quorum that it is in.
    pub epoch: u32,
    /// What can be done to it now.
    pub faults: Vec<Fault>,
}

/// The controller quorum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ControllerView {
    /// Its voters.
    pub voters: Vec<VoterView>,
    /// Who of them is active; none while there is no majority or the only one is down.
    pub active: Option<i32>,
    /// One entry per registered broker.
    pub beats: Vec<Beat>,
}

/// Membership of one partition, drawn as a strip above the brokers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionView {
    /// "orders-0".
    pub name: String,
    /// The leader, if there is one.
    pub leader: Option<i32>,
    /// Leader epoch.
    pub epoch: u32,
    /// In-sync replicas, leader first.
    pub isr: Vec<i32>,
    /// An AlterPartition that adds these is not answered yet.
    pub joining: Vec<i32>,
    /// Eligible leader replicas (KIP-966).
    pub elr: Vec<i32>,
    /// Replicas in neither.
    pub out: Vec<i32>,
    /// Topic's min.insync.replicas.
    pub min_isr: u8,
    /// This epoch began with an unclean election.
    pub unclean: bool,
    /// Without a leader for this long, rounded down to 100 ms.
    pub leaderless_us: Option<u64>,
}

/// How a link is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// As it should be.
    #[default]
    Open,
    /// Nothing passes.
    Cut,
    /// Nothing passes from `a` to `b`.
    CutForward,
    /// Nothing passes from `b` to `a`.
    CutBackward,
    /// Everything is this much later.
    Slow { extra_us: u64 },
    /// This share is lost, in parts per million.
    Lossy { loss_ppm: u32 },
    /// One end is down: connection refused.
    Refused,
}

/// A link between two nodes. Only links worth a line are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkView {
    /// One end (client before broker, leader before follower, controller before broker).
    pub a: NodeKey,
    /// The other end.
    pub b: NodeKey,
    /// How it is.
    pub state: LinkState,
    /// Colour of what it carries now; none when idle.
    pub hue: Option<Hue>,
    /// What can be done to it now.
    pub faults: Vec<Fault>,
}

/// What kind of message a packet is: decides its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PacketKind {
    /// Produce request: filled pill with record numbers.
    Produce,
    /// Produce response: hollow pill.
    Ack,
    /// Produce response with an error: hollow pill.
    Refusal,
    /// Fetch request of a follower or consumer: hollow grey pill with the offset.
    Fetch,
    /// Fetch response with records: filled pill.
    Records,
    /// Heartbeat: a dot.
    Heartbeat,
    /// From the controller: new leader, new in-sync set; a diamond with the epoch.
    Metadata,
    /// Offset commit, join, anything else: hollow pill.
    Other,
}

/// How a packet's way ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PacketEnd {
    /// Arrives at `due_us`.
    #[default]
    Arrives,
    /// Dies on the wire at this moment.
    Dies { at_us: u64 },
    /// Reaches a node that is not there.
    Refused,
}

/// A message under way, or one that was under way since the last frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketView {
    /// Unique within a run.
    pub id: u64,
    /// Sender.
    pub from: NodeKey,
    /// Receiver.
    pub to: NodeKey,
    /// When it left, simulated time.
    pub left_us: u64,
    /// When it arrives (or would), simulated time.
    pub due_us: u64,
    /// Shape.
    pub kind: PacketKind,
    /// Colour.
    pub hue: Hue,
    /// What is written on it: "14–16", "ack", "from 7", "1".
    pub label: String,
    /// How its way ends.
    pub end: PacketEnd,
}

impl PacketView {
    /// How far along its way it is at `now_us`: 0 at the sender, 1 at the receiver. A packet that
    /// dies stops where it died.
    pub fn fraction(&self, now_us: u64) -> f64 {
        let stop_us = match self.end {
            PacketEnd::Dies { at_us } => at_us.min(self.due_us),
            PacketEnd::Arrives | PacketEnd::Refused => self.due_us,
        };
        let span_us = self.due_us.saturating_sub(self.left_us).max(1);
        let gone_us = now_us.min(stop_us).saturating_sub(self.left_us);
        gone_us as f64 / span_us as f64
    }
}

/// Everything on the stage but what travels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageView {
    /// Producing applications.
    pub producers: Vec<ProducerView>,
    /// Brokers by id.
    pub brokers: Vec<std::rc::Rc<BrokerView>>,
    /// The controller quorum; none hides it (first screen).
    pub controller: Option<ControllerView>,
    /// The partition shown; none hides the strip.
    pub partition: Option<PartitionView>,
    /// All partitions, where there are several; then `partition` is none.
    pub partitions: Vec<PartitionView>,
    /// Consuming applications.
    pub consumers: Vec<ConsumerView>,
    /// The business ledger; none hides it.
    pub sink: Option<SinkView>,
    /// The shop's outbox, where it has one.
    pub outbox: Option<std::rc::Rc<super::OutboxView>>,
    /// What consumers have set aside, where there is a place for it.
    pub letters: Option<std::rc::Rc<super::LettersView>>,
    /// Links worth a line.
    pub links: Vec<LinkView>,
    /// What can be done to the whole cluster now.
    pub faults: Vec<Fault>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(end: PacketEnd) -> PacketView {
        PacketView {
            id: 1,
            from: NodeKey::Producer(0),
            to: NodeKey::Broker(1),
            left_us: 100,
            due_us: 200,
            kind: PacketKind::Produce,
            hue: Hue::Send,
            label: "1".into(),
            end,
        }
    }

    #[test]
    fn a_packet_travels_linearly_and_stays_at_its_end() {
        let packet = packet(PacketEnd::Arrives);
        let at = [50, 100, 150, 200, 900].map(|now_us| packet.fraction(now_us));
        assert_eq!(at, [0.0, 0.0, 0.5, 1.0, 1.0]);
    }

    #[test]
    fn a_packet_that_dies_stops_where_it_died() {
        let packet = packet(PacketEnd::Dies { at_us: 125 });
        assert_eq!(packet.fraction(110), 0.1);
        assert_eq!(packet.fraction(900), 0.25);
    }
}

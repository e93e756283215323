//! What a person can do, and to what.

/// Names a node on the stage. Numbers are Kafka's own ids for brokers, places for clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeKey {
    /// The n-th producing application, from 0.
    Producer(u8),
    /// A broker by its `node.id`.
    Broker(i32),
    /// The n-th controller, from 0.
    Controller(u8),
    /// The n-th consuming application, from 0.
    Consumer(u8),
    /// The business ledger: what was really done.
    Sink,
    /// The job that empties the outbox.
    Relay,
    /// The outbox table of the shop's database.
    Outbox,
}

/// Something a person can do to a node, to a link or to the whole cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// SIGKILL: the page cache survives.
    Kill,
    /// Power loss: the page cache is gone.
    PowerOff,
    /// Start the process (or the machine) again.
    Restart,
    /// Controlled shutdown: leadership moves first.
    Shutdown,
    /// SIGSTOP.
    Pause,
    /// SIGCONT.
    Resume,
    /// The log directory's disk is full.
    DiskFull,
    /// Every operation on the disk fails from now on.
    DiskFail,
    /// The disk under one of several log directories fails.
    DirectoryFail,
    /// Room on the disk again.
    DiskFree,
    /// An empty disk.
    WipeDisk,
    /// Writes and fsyncs take far longer.
    SlowDisk,
    /// The disk is as fast as before.
    HealDisk,
    /// Nothing passes, in both directions.
    Cut,
    /// Nothing passes from the link's `a` to its `b`.
    CutForward,
    /// Nothing passes from the link's `b` to its `a`.
    CutBackward,
    /// Every message is late.
    SlowLink,
    /// A share of messages is lost.
    LossyLink,
    /// The link is whole again.
    HealLink,
    /// The client process dies.
    Crash,
    /// The handler throws on its next record.
    Throw,
    /// The handler takes far longer.
    SlowHandler,
    /// The handler is as fast as before.
    HealHandler,
    /// A burst of extra messages.
    Burst,
    /// The compensation desk resends dead and old rows of the outbox.
    Resend,
    /// Power off for every broker and controller at once.
    ClusterOff,
    /// Power back for every one of them.
    ClusterOn,
}

/// What an action is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// One node.
    Node(NodeKey),
    /// The link between two nodes, named as in its [`LinkView`].
    Link(NodeKey, NodeKey),
    /// All brokers and controllers.
    Cluster,
    /// One row of the outbox, by its message.
    Row(u32),
}

/// One action of a person, done at the current moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Action {
    /// To what.
    pub target: Target,
    /// What.
    pub fault: Fault,
}

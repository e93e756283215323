//! What is not Kafka's: the application around producer and consumer.

use super::row::Valid::{Any, AtLeast, Between, OneOf};
use super::{Acks, configs, words};

words! {
    /// What the application does with the result of `send()`.
    pub enum SendMode {
        /// Nothing: it counts the send as done.
        Forget = "forget",
        /// A callback that hears success or failure.
        Callback = "callback",
        /// `send().get()`: one at a time.
        Sync = "sync",
    }
}

words! {
    /// When the application commits.
    pub enum CommitMode {
        /// `enable.auto.commit` does.
        Auto = "auto",
        /// `commitSync()` after the work.
        SyncAfter = "sync-after",
        /// `commitAsync()` after the work.
        AsyncAfter = "async-after",
        /// `commitSync()` before the work.
        Before = "before",
        /// `commitSync()` of the lowest offset of each partition that is not done.
        LowestDone = "lowest-done",
        /// One transaction: what was written for a poll, and its offsets.
        Transaction = "transaction",
    }
}

words! {
    /// How an order and its message come to be.
    pub enum OrderStore {
        /// There is no database: the message is all there is.
        None = "none",
        /// The order's row, then `send()`.
        RowFirst = "row-first",
        /// `send()`, then the order's row.
        SendFirst = "send-first",
        /// One transaction with the order's row and a row of the outbox.
        Outbox = "outbox",
    }
}

words! {
    /// What the application does when its handler throws.
    pub enum OnError {
        /// The process dies.
        Crash = "crash",
        /// The exception is swallowed and the loop goes on.
        Skip = "skip",
        /// `consumer.close()` in a finally block, then the process ends.
        Close = "close",
        /// The message is tried again some times, then written to the dead-letter topic; the loop goes on.
        DeadLetter = "dead-letter",
    }
}

words! {
    /// What the application does when a dead letter cannot be written.
    pub enum LetterLost {
        /// The process dies before it commits past the message.
        Crash = "crash",
        /// That is logged, and the loop goes on.
        Skip = "skip",
    }
}

words! {
    /// Where an idempotent handler keeps what it has seen.
    pub enum SeenIn {
        /// In the application's database, with the work itself.
        Database = "database",
        /// In the process, and gone with it.
        Memory = "memory",
    }
}

words! {
    /// Which worker thread takes a message.
    pub enum Dispatch {
        /// Any that is free.
        Free = "free",
        /// Always the same one for a partition.
        Partition = "partition",
    }
}

configs! {
    /// How the application around the clients behaves.
    pub struct AppConfig {
        send_mode: SendMode = "callback",
            ["send.mode" Application Text OneOf(&["forget", "callback", "sync"]), "acklab 0.1", "KafkaProducer.send"]
            "What the application does with the result of send(): nothing, a callback, or wait for each."
            "应用如何对待 send() 的结果：不看、用 callback，或逐条等待。";
        send_rate: u64 = "20", ["send.rate" Application Long Between(0, 1_000_000), "acklab 0.1", "application"]
            "Messages a second; 0 sends only by hand."
            "每秒发送的消息数；0 表示只手动发送。";
        send_count: u64 = "0", ["send.count" Application Long AtLeast(0), "acklab 0.1", "application"]
            "How many messages are sent in all; 0 goes on for ever."
            "总共发送多少条；0 表示一直发送。";
        record_size_bytes: u64 = "200", ["record.size.bytes" Application Long Between(0, 1_000_000_000), "acklab 0.1", "application"]
            "The size of one message."
            "一条消息的大小。";
        record_keys: u64 = "0", ["record.keys" Application Long Between(0, 1_000_000), "acklab 0.1", "application"]
            "How many different keys the messages have; 0 is none at all."
            "消息使用多少个不同的 key；0 表示没有 key。";
        record_tombstone_every: u64 = "0",
            ["record.tombstone.every" Application Long Between(0, 1_000_000), "acklab 0.1", "application"]
            "Every so manyth message has a null value, which in a compacted topic deletes its key; 0 is none."
            "每多少条消息有一条的值为 null（在压实的 topic 中表示删除该 key）；0 表示没有。";
        resend_on_failure: bool = "false", ["resend.on.failure" Application Boolean Any, "acklab 0.1", "application"]
            "Whether the application sends a message again after its callback failed."
            "callback 失败后应用是否重新发送该消息。";
        shutdown_flush: bool = "true", ["shutdown.flush" Application Boolean Any, "acklab 0.1", "KafkaProducer.close"]
            "Whether an orderly end of the producer sends what is still buffered."
            "producer 正常结束时是否把缓冲中的消息发送完。";
        order_store: OrderStore = "none",
            ["order.store" Application Text OneOf(&["none", "row-first", "send-first", "outbox"]), "acklab 0.3", "transactional outbox"]
            "Whether an order is also written to the shop's database, and when: before its send, after it, or in one transaction with a row of the outbox."
            "订单是否也写入商店的数据库、何时写：发送之前、发送之后，或与 outbox 行放在同一个事务里。";
        order_step_ms: u64 = "20", ["order.step.ms" Application Long Between(0, 3_600_000), "acklab 0.3", "application"]
            "How long the application takes from one of two writes to the other: row and send, ack and mark."
            "应用在两次写入之间用多久：写行与发送之间，ack 与标记之间。";
        relay_interval_ms: u64 = "1000", ["relay.interval.ms" Application Long Between(1, 86_400_000), "acklab 0.3", "polling publisher"]
            "How long the scheduled job waits between two runs over the outbox."
            "定时任务两次扫描 outbox 之间等待的时间。";
        relay_batch: u64 = "50", ["relay.batch" Application Long Between(1, 1_000_000), "acklab 0.3", "polling publisher"]
            "How many rows of the outbox one run takes."
            "一次扫描取多少行 outbox。";
        relay_tries: u64 = "5", ["relay.tries" Application Long Between(0, 1_000_000), "acklab 0.3", "dead letter channel"]
            "After so many failed sends a row is marked dead and left to the desk; 0 is never."
            "一行发送失败多少次后标记为 dead，留给补偿台；0 表示永不。";
        outbox_alarm_ms: u64 = "10000", ["outbox.alarm.ms" Application Long Between(0, 86_400_000), "acklab 0.3", "application"]
            "A row that waits longer than this rings the alarm; 0 is no alarm."
            "等待超过这个时间的行触发告警；0 表示没有告警。";
        desk_after_ms: u64 = "0", ["desk.after.ms" Application Long Between(0, 86_400_000), "acklab 0.3", "application"]
            "So long after the alarm somebody at the compensation desk resends dead and old rows; 0 is nobody."
            "告警之后多久有人在补偿台重发 dead 和过期的行；0 表示没人。";
        direct_call: bool = "false", ["direct.call" Application Boolean Any, "acklab 0.3", "application"]
            "Whether a scheduled job calls service B directly with rows that Kafka does not take."
            "Kafka 收不下的行，是否由定时任务直接调用 B 服务。";
        direct_after_ms: u64 = "5000", ["direct.after.ms" Application Long Between(0, 86_400_000), "acklab 0.3", "application"]
            "How long a row waits for Kafka before service B is called with it."
            "一行等 Kafka 多久之后改为直接调用 B 服务。";
        direct_timeout_ms: u64 = "1000", ["direct.timeout.ms" Application Long Between(1, 86_400_000), "acklab 0.3", "application"]
            "How long a direct call waits for its answer."
            "一次直接调用等待应答的时间。";
        transaction_size: u64 = "5", ["transaction.size" Application Long Between(1, 1_000_000), "acklab 0.2", "KafkaProducer.commitTransaction"]
            "How many messages an application with a transactional.id sends before it commits."
            "设置了 transactional.id 的应用发送多少条消息后提交事务。";
        transaction_abort_every: u64 = "0", ["transaction.abort.every" Application Long AtLeast(0), "acklab 0.2", "KafkaProducer.abortTransaction"]
            "Every so many transactions the application aborts one of its own accord; 0 is never."
            "应用每隔多少个事务主动中止一个；0 表示从不。";
        handler_time_ms: u64 = "5", ["handler.time.ms" Application Long AtLeast(0), "acklab 0.1", "application"]
            "How long the work on one message takes."
            "处理一条消息所需的时间。";
        handler_threads: u64 = "1", ["handler.threads" Application Long Between(1, 64), "acklab 0.1", "application"]
            "How many threads work on the messages of one poll."
            "有多少个线程处理一次 poll 的消息。";
        handler_dispatch: Dispatch = "free",
            ["handler.dispatch" Application Text OneOf(&["free", "partition"]), "acklab 0.4", "application"]
            "Which thread takes a message: any that is free, or always the same one for a partition."
            "消息交给哪个线程：任何空闲的，或每个 partition 固定一个。";
        handler_spread_ms: u64 = "0", ["handler.spread.ms" Application Long Between(0, 3_600_000), "acklab 0.4", "application"]
            "The work on a message takes up to so much longer, by chance."
            "处理一条消息随机多花的时间，最多这么长。";
        handler_handoff: bool = "false", ["handler.handoff" Application Boolean Any, "acklab 0.1", "application"]
            "The polling thread hands messages to workers and polls on without waiting for them."
            "poll 线程把消息交给工作线程，不等待就继续 poll。";
        handler_on_error: OnError = "crash",
            ["handler.on.error" Application Text OneOf(&["crash", "skip", "close", "dead-letter"]), "acklab 0.1", "application"]
            "What happens when the work throws: the process dies, the message is skipped, close() runs, or the message is tried again and at last put into the topic orders-dlt."
            "处理抛出异常时：进程退出、跳过该消息、执行 close()，或重试几次后写入 topic orders-dlt。";
        dead_letter_tries: u64 = "3", ["dead.letter.tries" Application Long Between(1, 1_000), "acklab 0.4", "dead letter channel"]
            "After so many exceptions at one message it goes to the dead-letter topic, with handler.on.error=dead-letter."
            "同一条消息抛出这么多次异常后写入死信 topic（handler.on.error=dead-letter 时）。";
        dead_letter_acks: Acks = "all", ["dead.letter.acks" Application Text OneOf(&["all", "-1", "0", "1"]), "acklab 0.4", "dead letter channel"]
            "acks of the producer that writes dead letters; one that writes invoices as well keeps acks=all."
            "写死信的 producer 的 acks；同时写发票的 producer 始终用 acks=all。";
        dead_letter_on_failure: LetterLost = "crash",
            ["dead.letter.on.failure" Application Text OneOf(&["crash", "skip"]), "acklab 0.4", "dead letter channel"]
            "What happens when a dead letter cannot be written: the process dies before it commits, or goes on without it."
            "死信写不进去时：进程在提交之前退出，或不管它继续。";
        record_poison_every: u64 = "0", ["record.poison.every" Application Long Between(0, 1_000_000), "acklab 0.4", "application"]
            "Every so manyth message makes its handler throw each time; 0 is none."
            "每多少条消息有一条每次处理都抛出异常；0 表示没有。";
        handler_idempotent: bool = "false", ["handler.idempotent" Application Boolean Any, "acklab 0.1", "application"]
            "A message whose key was seen before has no second effect."
            "处理过的 key 再次到来时不产生第二次效果。";
        handler_memory: u64 = "0", ["handler.memory" Application Long Between(0, 1_000_000), "acklab 0.3", "idempotent consumer"]
            "How many messages an idempotent handler remembers; the oldest are forgotten. 0 is all."
            "幂等的处理记住多少条消息，最早的先忘记；0 表示全部记住。";
        handler_memory_ms: u64 = "0", ["handler.memory.ms" Application Long Between(0, 86_400_000), "acklab 0.4", "idempotent consumer"]
            "How long an idempotent handler remembers a message; 0 is for ever."
            "幂等的处理记住一条消息多久；0 表示永远。";
        handler_seen_in: SeenIn = "database",
            ["handler.seen.in" Application Text OneOf(&["database", "memory"]), "acklab 0.4", "idempotent consumer"]
            "Where an idempotent handler remembers messages: in the database with the work, or in its process."
            "幂等的处理把见过的消息记在哪里：与结果一起写入数据库，或只在进程内存里。";
        handler_output: bool = "false", ["handler.output" Application Boolean Any, "acklab 0.3", "KafkaProducer.send"]
            "The work on a message is to write an invoice for it to the topic invoices; with commit.mode=transaction it always is."
            "处理一条消息就是为它向 topic invoices 写一张发票；commit.mode=transaction 时总是如此。";
        commit_mode: CommitMode = "auto",
            ["commit.mode" Application Text OneOf(&["auto", "sync-after", "async-after", "before", "lowest-done", "transaction"]), "acklab 0.1", "KafkaConsumer"]
            "Who commits and when: auto-commit, the application before or after the work or up to the lowest offset not done, or a transaction with what it writes."
            "由谁、何时提交：自动提交、应用在处理之前或之后提交、只提交到尚未处理完的最低 offset，或与写出的结果放在同一事务中。";
        commit_every: u64 = "1", ["commit.every" Application Long AtLeast(1), "acklab 0.3", "KafkaConsumer.commitSync"]
            "An application that commits after the work does so once it has worked on so many messages since the last time."
            "处理之后提交的应用，每处理这么多条消息才提交一次。";
        commit_on_revoke: bool = "false", ["commit.on.revoke" Application Boolean Any, "acklab 0.3", "ConsumerRebalanceListener.onPartitionsRevoked"]
            "The application commits what it has done before its partitions go to others, and before it closes its consumer."
            "在 partition 被交给别人之前、以及关闭 consumer 之前，应用先提交已处理的部分。";
        poll_timeout_ms: u64 = "100", ["poll.timeout.ms" Application Long AtLeast(0), "acklab 0.1", "KafkaConsumer.poll"]
            "How long one poll() waits for records."
            "一次 poll() 等待记录的时间。";
    }
}

//! What is not Kafka's: the application around producer and consumer.

use super::row::Valid::{Any, AtLeast, Between, OneOf};
use super::{configs, words};

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
        /// One transaction: what was written for a poll, and its offsets.
        Transaction = "transaction",
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
        handler_handoff: bool = "false", ["handler.handoff" Application Boolean Any, "acklab 0.1", "application"]
            "The polling thread hands messages to workers and polls on without waiting for them."
            "poll 线程把消息交给工作线程，不等待就继续 poll。";
        handler_on_error: OnError = "crash",
            ["handler.on.error" Application Text OneOf(&["crash", "skip", "close"]), "acklab 0.1", "application"]
            "What happens when the work throws: the process dies, the message is skipped, or close() runs."
            "处理抛出异常时：进程退出、跳过该消息，或执行 close()。";
        handler_idempotent: bool = "false", ["handler.idempotent" Application Boolean Any, "acklab 0.1", "application"]
            "A message whose key was seen before has no second effect."
            "处理过的 key 再次到来时不产生第二次效果。";
        handler_output: bool = "false", ["handler.output" Application Boolean Any, "acklab 0.3", "KafkaProducer.send"]
            "The work on a message is to write an invoice for it to the topic invoices; with commit.mode=transaction it always is."
            "处理一条消息就是为它向 topic invoices 写一张发票；commit.mode=transaction 时总是如此。";
        commit_mode: CommitMode = "auto",
            ["commit.mode" Application Text OneOf(&["auto", "sync-after", "async-after", "before", "transaction"]), "acklab 0.1", "KafkaConsumer"]
            "Who commits and when: auto-commit, the application before or after the work, or a transaction with what it writes."
            "由谁、何时提交：自动提交、应用在处理之前或之后提交，或与写出的结果放在同一事务中。";
        poll_timeout_ms: u64 = "100", ["poll.timeout.ms" Application Long AtLeast(0), "acklab 0.1", "KafkaConsumer.poll"]
            "How long one poll() waits for records."
            "一次 poll() 等待记录的时间。";
    }
}

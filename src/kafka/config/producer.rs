//! Producer configs (`org.apache.kafka.clients.producer.ProducerConfig`).

use super::row::Valid::{Any, AtLeast, NonEmpty, OneOf};
use super::{configs, words};

words! {
    /// How many copies a produce request waits for.
    pub enum Acks {
        /// `acks=0`: no response at all.
        None = "0",
        /// `acks=1`: the leader's log.
        Leader = "1",
        /// `acks=all`: every in-sync replica.
        All = "all" | "-1",
    }
}

words! {
    /// How a record without a partition gets one.
    pub enum PartitionerClass {
        /// No class set: murmur2 of the key, sticky without a key (KIP-794).
        BuiltIn = "null",
        /// One record after the other.
        RoundRobin = "org.apache.kafka.clients.producer.RoundRobinPartitioner" | "RoundRobinPartitioner",
        /// A class of the application's own: keys stay where the topic's first partitions put them.
        KeepKeys = "shop.KeepKeysPartitioner" | "KeepKeysPartitioner",
    }
}

configs! {
    /// What one producer was given, after the couplings of `postProcessAndValidateIdempotenceConfigs`.
    pub struct ProducerConfig {
        acks: Acks = "all", ["acks" Producer Text OneOf(&["all", "-1", "0", "1"]), "0.8", "KIP-679"]
            "How many copies must have the record before the producer is told it is written."
            "记录要写到几个副本，producer 才会收到写入成功的 ack。";
        enable_idempotence: bool = "true", ["enable.idempotence" Producer Boolean Any, "0.11", "KIP-98"]
            "The broker drops a batch that a retry sends twice and keeps batches in order."
            "broker 会丢弃重试造成的重复 batch，并保持 batch 的顺序。";
        retries: u64 = "2147483647", ["retries" Producer Int AtLeast(0), "0.8", "KIP-91"]
            "How often a failed batch is sent again, within delivery.timeout.ms."
            "发送失败的 batch 最多重发几次，总时间受 delivery.timeout.ms 限制。";
        max_in_flight_requests_per_connection: u64 = "5",
            ["max.in.flight.requests.per.connection" Producer Int AtLeast(1), "0.8.2", "KafkaProducer"]
            "How many requests to one broker may be unanswered at once; at most 5 with idempotence."
            "对一个 broker 同时最多有几个未应答的请求；开启幂等时最多为 5。";
        delivery_timeout_ms: u64 = "120000", ["delivery.timeout.ms" Producer Int AtLeast(0), "2.1", "KIP-91"]
            "After this time from its creation a batch fails, whatever became of it on the broker."
            "batch 自创建起超过这段时间就判为失败，不论 broker 是否已经写入。";
        request_timeout_ms: u64 = "30000", ["request.timeout.ms" Producer Int AtLeast(0), "0.9", "NetworkClient"]
            "How long a request may go unanswered before its connection is closed and it is retried."
            "请求多久没有应答就关闭连接并重试。";
        retry_backoff_ms: u64 = "100", ["retry.backoff.ms" Producer Long AtLeast(0), "0.8", "KIP-580"]
            "The first pause before a retry; it doubles with each attempt, with 20% of chance either way."
            "第一次重试前的等待时间；每次翻倍，并有上下 20% 的随机。";
        retry_backoff_max_ms: u64 = "1000", ["retry.backoff.max.ms" Producer Long AtLeast(0), "3.7", "KIP-580"]
            "The longest pause before a retry."
            "两次重试之间最长的等待时间。";
        linger_ms: u64 = "5", ["linger.ms" Producer Long AtLeast(0), "0.8.1", "KIP-1030"]
            "How long a batch that is not full waits for more records (0 before 4.0)."
            "未满的 batch 等待更多记录的时间（4.0 之前默认为 0）。";
        batch_size: u64 = "16384", ["batch.size" Producer Int AtLeast(0), "0.8.1", "RecordAccumulator"]
            "The bytes that fill a batch for one partition."
            "一个 partition 的 batch 装到多少字节算满。";
        buffer_memory: u64 = "33554432", ["buffer.memory" Producer Long AtLeast(0), "0.8.1", "BufferPool"]
            "Bytes for all records not yet sent; they die with the process."
            "所有未发送记录可用的字节数；进程死亡时这些记录随之消失。";
        max_block_ms: u64 = "60000", ["max.block.ms" Producer Long AtLeast(0), "0.9", "KafkaProducer"]
            "How long send() waits for metadata or for buffer memory before it fails."
            "send() 等待 metadata 或缓冲内存的最长时间，超过即失败。";
        max_request_size: u64 = "1048576", ["max.request.size" Producer Int AtLeast(0), "0.8", "KafkaProducer"]
            "A larger record is refused by the producer itself, before anything is sent."
            "超过该大小的记录由 producer 自己拒绝，不会发送。";
        partitioner_class: PartitionerClass = "null",
            ["partitioner.class" Producer Class Any, "0.8", "KIP-794"]
            "Who chooses the partition; without a class the key's hash, or sticky without a key."
            "由谁选择 partition；不设置时按 key 的哈希，没有 key 时使用 sticky。";
        partitioner_adaptive_partitioning_enable: bool = "true",
            ["partitioner.adaptive.partitioning.enable" Producer Boolean Any, "3.3", "KIP-794"]
            "Records without a key go more often to brokers whose queues are short."
            "没有 key 的记录更多地发往队列较短的 broker。";
        partitioner_availability_timeout_ms: u64 = "0",
            ["partitioner.availability.timeout.ms" Producer Long AtLeast(0), "3.3", "KIP-794"]
            "A broker that takes no batch for this long is avoided for records without a key; 0 is never."
            "broker 超过这段时间不接收 batch 时，没有 key 的记录会避开它；0 表示不避开。";
        partitioner_ignore_keys: bool = "false", ["partitioner.ignore.keys" Producer Boolean Any, "3.3", "KIP-794"]
            "Keys play no part in choosing the partition."
            "选择 partition 时不看 key。";
        transactional_id: Option<String> = "null", ["transactional.id" Producer Text NonEmpty, "0.11", "KIP-98"]
            "The name under which transactions survive a restart and older instances are fenced."
            "事务以此名称跨重启延续，并使旧实例被 fence。";
        transaction_timeout_ms: u64 = "60000", ["transaction.timeout.ms" Producer Int AtLeast(0), "0.11", "KIP-98"]
            "How long a transaction may stay open before the coordinator aborts it."
            "事务最长的打开时间，超过后由 coordinator 中止。";
        metadata_max_age_ms: u64 = "300000", ["metadata.max.age.ms" Producer Long AtLeast(0), "0.8", "Metadata"]
            "Metadata is asked for again after this time even if nothing failed."
            "即使没有出错，超过这段时间也会重新获取 metadata。";
        reconnect_backoff_ms: u64 = "50", ["reconnect.backoff.ms" Producer Long AtLeast(0), "0.8.2", "KIP-144"]
            "The first pause before connecting again to a host that refused."
            "连接失败后第一次重连前的等待时间。";
        reconnect_backoff_max_ms: u64 = "1000", ["reconnect.backoff.max.ms" Producer Long AtLeast(0), "0.11", "KIP-144"]
            "The longest pause before connecting again."
            "两次重连之间最长的等待时间。";
        socket_connection_setup_timeout_ms: u64 = "10000",
            ["socket.connection.setup.timeout.ms" Producer Long AtLeast(0), "2.7", "KIP-601"]
            "How long a connection may take to be set up, at first."
            "建立连接的最长时间（首次）。";
        socket_connection_setup_timeout_max_ms: u64 = "30000",
            ["socket.connection.setup.timeout.max.ms" Producer Long AtLeast(0), "2.7", "KIP-601"]
            "The longest that time grows to after repeated failures."
            "多次失败后建立连接时间的上限。";
        client_id: String = "", ["client.id" Producer Text Any, "0.8", "CommonClientConfigs"]
            "A name that appears in the broker's logs and quotas."
            "出现在 broker 日志和配额里的名字。";
    }
}

//! Broker configs: replication, group and transaction coordinators, controller (`server.properties`).

use super::row::Valid::{Any, AtLeast, Between};
use super::{RemoteAssignor, configs, words};

words! {
    /// Which replica a consumer reads from (KIP-392).
    pub enum ReplicaSelector {
        /// The leader, as without any.
        Leader = "org.apache.kafka.common.replica.LeaderSelector" | "LeaderSelector",
        /// One in the consumer's rack that is in sync.
        RackAware = "org.apache.kafka.common.replica.RackAwareReplicaSelector" | "RackAwareReplicaSelector",
    }
}

configs! {
    /// What every broker and controller was given.
    pub struct BrokerConfig {
        min_insync_replicas: u64 = "1", ["min.insync.replicas" Broker Int AtLeast(1), "0.8.2", "Partition.effectiveMinIsr"]
            "The default of min.insync.replicas for topics that do not set it."
            "没有设置 min.insync.replicas 的 topic 使用的默认值。";
        default_replication_factor: u64 = "1", ["default.replication.factor" Broker Int AtLeast(1), "0.8", "ReplicationConfigs"]
            "How many replicas a topic gets that does not say."
            "未指定副本数的 topic 得到几个副本。";
        num_partitions: u64 = "1", ["num.partitions" Broker Int AtLeast(1), "0.8", "ServerLogConfigs"]
            "How many partitions a topic gets that does not say."
            "未指定 partition 数的 topic 得到几个 partition。";
        unclean_leader_election_enable: bool = "false",
            ["unclean.leader.election.enable" Broker Boolean Any, "0.8.2", "KIP-106"]
            "The default of unclean.leader.election.enable for topics that do not set it."
            "没有设置 unclean.leader.election.enable 的 topic 使用的默认值。";
        unclean_leader_election_interval_ms: u64 = "300000",
            ["unclean.leader.election.interval.ms" Controller Long AtLeast(1), "3.9", "ReplicationControlManager"]
            "How often the controller looks for leaderless partitions that allow an unclean election."
            "controller 多久检查一次允许 unclean 选举的无 leader partition。";
        replica_lag_time_max_ms: u64 = "30000", ["replica.lag.time.max.ms" Broker Long AtLeast(0), "0.8", "KIP-537"]
            "A follower that has not caught up for this long leaves the ISR."
            "follower 超过这段时间没有追上就会离开 ISR。";
        replica_fetch_wait_max_ms: u64 = "500", ["replica.fetch.wait.max.ms" Broker Int AtLeast(0), "0.8", "DelayedFetch"]
            "The longest a leader holds a follower's fetch that has nothing to return."
            "没有新数据时 leader 最长挂起 follower fetch 的时间。";
        replica_fetch_min_bytes: u64 = "1", ["replica.fetch.min.bytes" Broker Int AtLeast(0), "0.8", "ReplicationConfigs"]
            "A follower's fetch waits for this many bytes."
            "follower 的 fetch 等到有这么多字节才返回。";
        replica_fetch_max_bytes: u64 = "1048576", ["replica.fetch.max.bytes" Broker Int AtLeast(0), "0.8", "ReplicationConfigs"]
            "The most bytes a follower fetches per partition; a larger first batch still comes whole."
            "follower 每个 partition 一次最多取的字节数；更大的第一个 batch 仍会完整返回。";
        replica_fetch_backoff_ms: u64 = "1000", ["replica.fetch.backoff.ms" Broker Int AtLeast(0), "0.8.2", "AbstractFetcherThread"]
            "How long a follower waits after a failed fetch."
            "follower 在 fetch 失败后等待的时间。";
        replica_socket_timeout_ms: u64 = "30000", ["replica.socket.timeout.ms" Broker Int AtLeast(0), "0.8", "ReplicationConfigs"]
            "How long a follower waits for an answer before it connects again."
            "follower 等待应答的最长时间，超过后重新连接。";
        replica_high_watermark_checkpoint_interval_ms: u64 = "5000",
            ["replica.high.watermark.checkpoint.interval.ms" Broker Long AtLeast(1), "0.8", "ReplicaManager"]
            "How often the high watermark is written to the disk."
            "high watermark 多久写入磁盘一次。";
        broker_rack: Option<String> = "null", ["broker.rack" Broker Text Any, "0.10", "KIP-36"]
            "Where the broker stands. One file serves all brokers here: a list (a,b,c) gives each its own."
            "broker 所在的机架。这里所有 broker 共用一份配置：写成列表（a,b,c）则各得其一。";
        replica_selector_class: Option<ReplicaSelector> = "null",
            ["replica.selector.class" Broker Class Any, "2.4", "KIP-392"]
            "Which replica a consumer is sent to: the leader, or with RackAwareReplicaSelector one of its own rack."
            "consumer 从哪个副本读取：leader；使用 RackAwareReplicaSelector 时为同机架的副本。";
        message_max_bytes: u64 = "1048588", ["message.max.bytes" Broker Int AtLeast(0), "0.8", "ServerConfigs"]
            "The default of max.message.bytes for topics that do not set it."
            "没有设置 max.message.bytes 的 topic 使用的默认值。";
        log_flush_interval_messages: u64 = "9223372036854775807",
            ["log.flush.interval.messages" Broker Long AtLeast(1), "0.8", "ServerLogConfigs"]
            "The default of flush.messages for topics that do not set it."
            "没有设置 flush.messages 的 topic 使用的默认值。";
        log_flush_interval_ms: Option<u64> = "null", ["log.flush.interval.ms" Broker Long AtLeast(0), "0.8", "ServerLogConfigs"]
            "The default of flush.ms for topics; unset it is log.flush.scheduler.interval.ms."
            "topic 的 flush.ms 默认值；不设置时取 log.flush.scheduler.interval.ms。";
        log_flush_scheduler_interval_ms: u64 = "9223372036854775807",
            ["log.flush.scheduler.interval.ms" Broker Long AtLeast(0), "0.8", "LogManager"]
            "How often the broker looks for logs that are due for an fsync by time."
            "broker 多久检查一次按时间应当 fsync 的日志。";
        log_flush_offset_checkpoint_interval_ms: u64 = "60000",
            ["log.flush.offset.checkpoint.interval.ms" Broker Int AtLeast(0), "0.8", "LogManager"]
            "How often the recovery point is written to the disk."
            "恢复点多久写入磁盘一次。";
        log_flush_start_offset_checkpoint_interval_ms: u64 = "60000",
            ["log.flush.start.offset.checkpoint.interval.ms" Broker Int AtLeast(0), "0.11", "LogManager"]
            "How often the start of each log is written to the disk."
            "日志起始 offset 多久写入磁盘一次。";
        num_recovery_threads_per_data_dir: u64 = "2",
            ["num.recovery.threads.per.data.dir" Broker Int AtLeast(1), "0.8.2", "KIP-1030"]
            "Threads that re-read logs after an unclean stop."
            "非正常停止后用于重新检查日志的线程数。";
        log_dirs: Option<Vec<String>> = "null", ["log.dirs" Broker List Any, "0.8", "KIP-112"]
            "Folders for logs, separated by commas; each lies on a disk of its own here, and one disk that fails takes only its replicas."
            "存放日志的目录，用逗号分隔；这里每个目录各在一块盘上，一块盘坏掉只影响放在上面的副本。";
        metadata_log_dir: Option<String> = "null", ["metadata.log.dir" Controller Text Any, "2.8", "KIP-631"]
            "Where the metadata log lies; unset in the first of log.dirs. A broker whose metadata log cannot be written halts."
            "元数据日志所在目录；不设置时在 log.dirs 的第一个目录。元数据日志无法写入的 broker 会停止。";
        log_dir_failure_timeout_ms: u64 = "30000", ["log.dir.failure.timeout.ms" Broker Long AtLeast(1), "3.7", "KIP-858"]
            "A broker that cannot report a failed disk to the controller for this long stops."
            "broker 超过这段时间无法向 controller 报告坏盘就会停止。";
        log_initial_task_delay_ms: u64 = "30000",
            ["log.initial.task.delay.ms" Broker Long AtLeast(0), "3.6", "LogManager"]
            "The log manager's periodic work begins this long after the start of the broker."
            "broker 启动后过这么久，log manager 才开始周期性任务。";
        log_cleaner_backoff_ms: u64 = "15000", ["log.cleaner.backoff.ms" Broker Long AtLeast(0), "0.8", "LogCleaner"]
            "How long the cleaner of compacted topics sleeps when there is nothing to clean."
            "没有可压实的日志时，清理线程休眠的时间。";
        log_retention_check_interval_ms: u64 = "300000",
            ["log.retention.check.interval.ms" Broker Long AtLeast(1), "0.8", "LogManager"]
            "How often the broker looks for segments to delete."
            "broker 多久检查一次可删除的 segment。";
        auto_leader_rebalance_enable: bool = "true",
            ["auto.leader.rebalance.enable" Broker Boolean Any, "0.8", "ReplicationControlManager"]
            "Leadership is given back to the first replica of the list by itself."
            "自动把 leader 交还给副本列表中的第一个副本。";
        leader_imbalance_check_interval_seconds: u64 = "300",
            ["leader.imbalance.check.interval.seconds" Broker Long AtLeast(1), "0.8", "ReplicationControlManager"]
            "How often that is looked at."
            "多久检查一次 leader 是否需要交还。";
        controlled_shutdown_enable: bool = "true", ["controlled.shutdown.enable" Broker Boolean Any, "0.8", "BrokerLifecycleManager"]
            "An orderly stop hands leadership over first."
            "正常停止时先交出 leader。";
        request_timeout_ms: u64 = "30000", ["request.timeout.ms" Broker Int AtLeast(0), "0.9", "ServerConfigs"]
            "How long a broker waits for an answer from another broker or the controller."
            "broker 等待其他 broker 或 controller 应答的最长时间。";
        broker_heartbeat_interval_ms: u64 = "2000", ["broker.heartbeat.interval.ms" Controller Int AtLeast(1), "2.8", "KIP-631"]
            "How often a broker tells the controller that it lives."
            "broker 多久向 controller 发送一次心跳。";
        broker_session_timeout_ms: u64 = "9000", ["broker.session.timeout.ms" Controller Int AtLeast(1), "2.8", "KIP-631"]
            "A broker without a heartbeat for this long is fenced: out of every ISR, no longer leader."
            "超过这段时间没有心跳的 broker 会被 fence：离开所有 ISR，不再是 leader。";
        controller_quorum_election_timeout_ms: u64 = "1000",
            ["controller.quorum.election.timeout.ms" Controller Int AtLeast(0), "2.7", "KIP-595"]
            "How long a controller waits for votes before it stands again."
            "controller 等待选票的最长时间。";
        controller_quorum_fetch_timeout_ms: u64 = "2000",
            ["controller.quorum.fetch.timeout.ms" Controller Int AtLeast(0), "2.7", "KIP-595"]
            "A controller that hears nothing from the leader for this long stands for election."
            "controller 超过这段时间没有 leader 的消息就发起选举。";
        eligible_leader_replicas_version: u64 = "1",
            ["eligible.leader.replicas.version" Feature Int Between(0, 1), "4.0", "KIP-966"]
            "1 remembers which replicas left the ISR with all committed records (new clusters since 4.1); 0 does not."
            "1 会记住带着全部已提交记录离开 ISR 的副本（4.1 起新集群默认）；0 不记。";
        offsets_topic_replication_factor: u64 = "3", ["offsets.topic.replication.factor" Group Int AtLeast(1), "0.8.2", "GroupCoordinatorConfig"]
            "How many replicas __consumer_offsets has."
            "__consumer_offsets 的副本数。";
        offsets_topic_num_partitions: u64 = "50", ["offsets.topic.num.partitions" Group Int AtLeast(1), "0.8.2", "GroupCoordinatorConfig"]
            "How many partitions __consumer_offsets has."
            "__consumer_offsets 的 partition 数。";
        offsets_topic_segment_bytes: u64 = "104857600", ["offsets.topic.segment.bytes" Group Int AtLeast(1), "0.8.2", "GroupCoordinatorConfig"]
            "segment.bytes of __consumer_offsets: only closed segments are compacted."
            "__consumer_offsets 的 segment.bytes：只有已关闭的 segment 会被压实。";
        offsets_commit_timeout_ms: u64 = "5000", ["offsets.commit.timeout.ms" Group Int AtLeast(1), "0.8.2", "GroupCoordinatorConfig"]
            "A commit that the high watermark has not passed by then fails; it may still take effect."
            "提交在此时间内未被 high watermark 越过就失败；它之后仍可能生效。";
        offsets_retention_minutes: u64 = "10080", ["offsets.retention.minutes" Group Int AtLeast(1), "0.8.2", "KIP-186"]
            "Committed offsets of an idle group are forgotten after this time."
            "闲置 group 的已提交 offset 在此时间后失效。";
        offsets_retention_check_interval_ms: u64 = "600000",
            ["offsets.retention.check.interval.ms" Group Long AtLeast(1), "0.9", "GroupCoordinatorConfig"]
            "How often the coordinator looks for committed offsets that have expired."
            "coordinator 多久检查一次已失效的 offset。";
        group_initial_rebalance_delay_ms: u64 = "3000", ["group.initial.rebalance.delay.ms" Group Int AtLeast(0), "0.11", "KIP-134"]
            "A new classic group waits this long for more members."
            "新的 classic group 等待更多成员加入的时间。";
        group_min_session_timeout_ms: u64 = "6000", ["group.min.session.timeout.ms" Group Int AtLeast(0), "0.9", "GroupCoordinatorConfig"]
            "The shortest session a classic member may ask for."
            "classic 成员可以要求的最短会话时间。";
        group_max_session_timeout_ms: u64 = "1800000", ["group.max.session.timeout.ms" Group Int AtLeast(0), "0.9", "GroupCoordinatorConfig"]
            "The longest session a classic member may ask for."
            "classic 成员可以要求的最长会话时间。";
        group_consumer_session_timeout_ms: u64 = "45000",
            ["group.consumer.session.timeout.ms" Group Int AtLeast(1), "3.7", "KIP-848"]
            "Without a heartbeat for this long a member of the new protocol is removed."
            "新协议的成员超过这段时间没有心跳就被移除。";
        group_consumer_heartbeat_interval_ms: u64 = "5000",
            ["group.consumer.heartbeat.interval.ms" Group Int AtLeast(1), "3.7", "KIP-848"]
            "How often members of the new protocol send a heartbeat."
            "新协议的成员多久发送一次心跳。";
        group_consumer_min_session_timeout_ms: u64 = "45000",
            ["group.consumer.min.session.timeout.ms" Group Int AtLeast(1), "3.7", "KIP-848"]
            "The shortest session timeout a group of the new protocol may be given."
            "新协议的 group 可以设置的最短会话时间。";
        group_consumer_min_heartbeat_interval_ms: u64 = "5000",
            ["group.consumer.min.heartbeat.interval.ms" Group Int AtLeast(1), "3.7", "KIP-848"]
            "The shortest heartbeat interval a group of the new protocol may be given."
            "新协议的 group 可以设置的最短心跳间隔。";
        group_consumer_max_session_timeout_ms: u64 = "60000",
            ["group.consumer.max.session.timeout.ms" Group Int AtLeast(1), "3.7", "KIP-848"]
            "The longest session timeout a group of the new protocol may be given."
            "新协议的 group 可以设置的最长会话时间。";
        group_consumer_max_heartbeat_interval_ms: u64 = "15000",
            ["group.consumer.max.heartbeat.interval.ms" Group Int AtLeast(1), "3.7", "KIP-848"]
            "The longest heartbeat interval a group of the new protocol may be given."
            "新协议的 group 可以设置的最长心跳间隔。";
        group_consumer_assignment_interval_ms: u64 = "1000",
            ["group.consumer.assignment.interval.ms" Group Int AtLeast(0), "4.3", "GroupMetadataManager"]
            "The least time between two assignments of a group of the new protocol."
            "新协议的 group 两次分配之间的最短间隔。";
        group_consumer_assignors: Vec<RemoteAssignor> = "uniform,range",
            ["group.consumer.assignors" Group List Any, "3.7", "KIP-848"]
            "The assignors the coordinator offers; the first is used where members do not ask for one."
            "coordinator 提供的分配器；成员没有指定时使用第一个。";
        transaction_state_log_num_partitions: u64 = "50",
            ["transaction.state.log.num.partitions" Transaction Int AtLeast(1), "0.11", "TransactionLogConfig"]
            "How many partitions __transaction_state has."
            "__transaction_state 的 partition 数。";
        transaction_state_log_replication_factor: u64 = "3",
            ["transaction.state.log.replication.factor" Transaction Int AtLeast(1), "0.11", "TransactionLogConfig"]
            "How many replicas __transaction_state has."
            "__transaction_state 的副本数。";
        transaction_state_log_min_isr: u64 = "2",
            ["transaction.state.log.min.isr" Transaction Int AtLeast(1), "0.11", "TransactionLogConfig"]
            "min.insync.replicas of __transaction_state."
            "__transaction_state 的 min.insync.replicas。";
        transaction_max_timeout_ms: u64 = "900000", ["transaction.max.timeout.ms" Transaction Int AtLeast(1), "0.11", "TransactionStateManagerConfig"]
            "The longest transaction.timeout.ms a producer may ask for."
            "producer 可以要求的最长 transaction.timeout.ms。";
        transactional_id_expiration_ms: u64 = "604800000",
            ["transactional.id.expiration.ms" Transaction Int AtLeast(1), "0.11", "TransactionStateManagerConfig"]
            "An idle transactional.id is forgotten after this time."
            "闲置的 transactional.id 在此时间后失效。";
        transaction_remove_expired_transaction_cleanup_interval_ms: u64 = "3600000",
            ["transaction.remove.expired.transaction.cleanup.interval.ms" Transaction Int AtLeast(1), "0.11", "TransactionStateManagerConfig"]
            "How often the coordinator looks for transactional.ids that have expired."
            "coordinator 多久检查一次已失效的 transactional.id。";
        producer_id_expiration_check_interval_ms: u64 = "600000",
            ["producer.id.expiration.check.interval.ms" Transaction Int AtLeast(1), "3.4", "TransactionLogConfig"]
            "How often a broker looks for producers that have been idle for too long."
            "broker 多久检查一次闲置过久的 producer。";
        producer_id_expiration_ms: u64 = "86400000", ["producer.id.expiration.ms" Transaction Int AtLeast(1), "3.4", "KIP-854"]
            "An idle producer's sequences are forgotten after this time."
            "闲置 producer 的序列号在此时间后失效。";
    }
}

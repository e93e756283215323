//! Consumer configs (`org.apache.kafka.clients.consumer.ConsumerConfig`).

use super::row::Valid::{Any, AtLeast, NonEmpty, OneOf};
use super::value::ConfigValue;
use super::{configs, words};

words! {
    /// Which group protocol a consumer speaks.
    pub enum GroupProtocol {
        /// JoinGroup and SyncGroup, assignor on the client.
        Classic = "classic",
        /// ConsumerGroupHeartbeat (KIP-848), assignor on the broker.
        Consumer = "consumer",
    }
}

words! {
    /// Up to where a fetch reads.
    pub enum IsolationLevel {
        /// Up to the high watermark.
        ReadUncommitted = "read_uncommitted",
        /// Up to the last stable offset, aborted records dropped.
        ReadCommitted = "read_committed",
    }
}

words! {
    /// How partitions are shared among the members of a classic group.
    pub enum Assignor {
        /// Ranges per topic, eager.
        Range = "org.apache.kafka.clients.consumer.RangeAssignor" | "range",
        /// One after the other, eager.
        RoundRobin = "org.apache.kafka.clients.consumer.RoundRobinAssignor" | "roundrobin",
        /// As few moves as possible, eager.
        Sticky = "org.apache.kafka.clients.consumer.StickyAssignor" | "sticky",
        /// As few moves as possible, cooperative (KIP-429).
        CooperativeSticky = "org.apache.kafka.clients.consumer.CooperativeStickyAssignor" | "cooperative-sticky",
    }
}

words! {
    /// How the coordinator shares partitions among the members of a consumer group.
    pub enum RemoteAssignor {
        /// As even as possible, as few moves as possible.
        Uniform = "uniform",
        /// Ranges per topic.
        Range = "range",
    }
}

/// Where to start when there is no valid committed offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OffsetReset {
    /// The log's start.
    Earliest,
    /// The high watermark.
    Latest,
    /// Fail the poll.
    None,
    /// This many milliseconds before now (KIP-1106).
    ByDuration(u64),
}

impl ConfigValue for OffsetReset {
    fn from_text(text: &str) -> Option<Self> {
        match text {
            "earliest" => Some(Self::Earliest),
            "latest" => Some(Self::Latest),
            "none" => Some(Self::None),
            _ => duration_ms(text.strip_prefix("by_duration:")?).map(Self::ByDuration),
        }
    }
    fn text(&self) -> String {
        match self {
            Self::Earliest => "earliest".into(),
            Self::Latest => "latest".into(),
            Self::None => "none".into(),
            Self::ByDuration(ms) => {
                format!("by_duration:PT{}.{:03}S", ms / 1000, ms % 1000)
            }
        }
    }
}

/// An ISO 8601 duration of days, hours, minutes and seconds, in milliseconds.
fn duration_ms(text: &str) -> Option<u64> {
    let (days, clock) = text
        .strip_prefix('P')?
        .split_once('T')
        .unwrap_or((&text[1..], ""));
    let mut total_ms = 0_u64;
    for (part, units) in [(days, &[('D', 86_400_000)][..]), (clock, &CLOCK_UNITS[..])] {
        let mut rest = part;
        for (letter, unit_ms) in units {
            if let Some((number, after)) = rest.split_once(*letter) {
                total_ms = total_ms.checked_add(amount_ms(number, *unit_ms)?)?;
                rest = after;
            }
        }
        if !rest.is_empty() {
            return None;
        }
    }
    (total_ms > 0 || text.contains('0')).then_some(total_ms)
}

const CLOCK_UNITS: [(char, u64); 3] = [('H', 3_600_000), ('M', 60_000), ('S', 1_000)];

fn amount_ms(number: &str, unit_ms: u64) -> Option<u64> {
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let part_ms = part.parse::<u64>().ok()?.checked_mul(unit_ms)? / 1000;
    whole
        .parse::<u64>()
        .ok()?
        .checked_mul(unit_ms)?
        .checked_add(part_ms)
}

configs! {
    /// What one consumer was given.
    pub struct ConsumerConfig {
        group_id: Option<String> = "null", ["group.id" Consumer Text Any, "0.8", "KIP-289"]
            "The group that shares the partitions; without one nothing is committed."
            "共同消费这些 partition 的 group；不设置则不提交 offset。";
        group_protocol: GroupProtocol = "classic",
            ["group.protocol" Consumer Text OneOf(&["classic", "consumer"]), "3.7", "KIP-848"]
            "Who runs the rebalance: the members (classic) or the broker (consumer)."
            "rebalance 由谁主导：成员（classic）或 broker（consumer）。";
        enable_auto_commit: bool = "true", ["enable.auto.commit" Consumer Boolean Any, "0.8", "ConsumerCoordinator"]
            "poll() commits what the earlier polls returned, once the interval has passed."
            "间隔到期后，poll() 会提交之前各次 poll 返回的位置。";
        auto_commit_interval_ms: u64 = "5000",
            ["auto.commit.interval.ms" Consumer Int AtLeast(0), "0.8", "ConsumerCoordinator"]
            "The least time between two auto-commits."
            "两次自动提交之间的最短间隔。";
        auto_offset_reset: OffsetReset = "latest",
            ["auto.offset.reset" Consumer Text Any, "0.9", "KIP-1106"]
            "Where to start without a valid committed offset: earliest, latest, none or by_duration:PnDTnHnMnS."
            "没有有效的已提交 offset 时从哪里开始：earliest、latest、none 或 by_duration:PnDTnHnMnS。";
        isolation_level: IsolationLevel = "read_uncommitted",
            ["isolation.level" Consumer Text OneOf(&["read_uncommitted", "read_committed"]), "0.11", "KIP-98"]
            "Whether records of open and aborted transactions are read."
            "是否读取未完成和已中止事务里的记录。";
        max_poll_records: u64 = "500", ["max.poll.records" Consumer Int AtLeast(1), "0.10", "KIP-41"]
            "The most records one poll returns."
            "一次 poll 最多返回的记录数。";
        max_poll_interval_ms: u64 = "300000", ["max.poll.interval.ms" Consumer Int AtLeast(1), "0.10.1", "KIP-62"]
            "A member that does not poll for this long gives up its partitions."
            "超过这段时间没有 poll 的成员会失去它的 partition。";
        session_timeout_ms: u64 = "45000", ["session.timeout.ms" Consumer Int AtLeast(0), "0.9", "KIP-735"]
            "Without a heartbeat for this long the coordinator removes the member (classic only)."
            "超过这段时间没有心跳，coordinator 会移除该成员（仅 classic）。";
        heartbeat_interval_ms: u64 = "3000", ["heartbeat.interval.ms" Consumer Int AtLeast(0), "0.9", "KIP-62"]
            "The time between two heartbeats (classic only)."
            "两次心跳的间隔（仅 classic）。";
        partition_assignment_strategy: Vec<Assignor> = "org.apache.kafka.clients.consumer.RangeAssignor,org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
            ["partition.assignment.strategy" Consumer List Any, "0.9", "KIP-429"]
            "How a classic group shares partitions: range, roundrobin, sticky or cooperative-sticky."
            "classic group 如何分配 partition：range、roundrobin、sticky 或 cooperative-sticky。";
        group_remote_assignor: Option<String> = "null",
            ["group.remote.assignor" Consumer Text NonEmpty, "3.7", "KIP-848"]
            "Which assignor the coordinator uses for a group of the new protocol: uniform or range; unset is its first."
            "新协议的 group 由 coordinator 使用哪个分配器：uniform 或 range；不设置时用第一个。";
        group_instance_id: Option<String> = "null", ["group.instance.id" Consumer Text Any, "2.3", "KIP-345"]
            "A static member keeps its partitions across a restart within the session."
            "静态成员在会话期内重启后保留它的 partition。";
        client_rack: String = "", ["client.rack" Consumer Text Any, "2.4", "KIP-392"]
            "Where the consumer stands, for reading from a near replica."
            "消费者所在的机架，用于从就近副本读取。";
        fetch_min_bytes: u64 = "1", ["fetch.min.bytes" Consumer Int AtLeast(0), "0.8", "KIP-74"]
            "A fetch waits until this many bytes are there, or fetch.max.wait.ms has passed."
            "fetch 等到有这么多字节，或等满 fetch.max.wait.ms。";
        fetch_max_wait_ms: u64 = "500", ["fetch.max.wait.ms" Consumer Int AtLeast(0), "0.9", "DelayedFetch"]
            "The longest a broker holds a fetch that has too little to return."
            "数据不足时 broker 最长挂起 fetch 的时间。";
        fetch_max_bytes: u64 = "52428800", ["fetch.max.bytes" Consumer Int AtLeast(0), "0.10.1", "KIP-74"]
            "The most bytes one fetch returns; the first batch is returned whole in any case."
            "一次 fetch 最多返回的字节数；第一个 batch 总会完整返回。";
        max_partition_fetch_bytes: u64 = "1048576",
            ["max.partition.fetch.bytes" Consumer Int AtLeast(0), "0.9", "KIP-74"]
            "The most bytes one fetch returns for a partition."
            "一次 fetch 对每个 partition 最多返回的字节数。";
        default_api_timeout_ms: u64 = "60000", ["default.api.timeout.ms" Consumer Int AtLeast(0), "2.0", "KIP-266"]
            "How long commitSync and other blocking calls go on retrying."
            "commitSync 等阻塞调用持续重试的最长时间。";
        request_timeout_ms: u64 = "30000", ["request.timeout.ms" Consumer Int AtLeast(0), "0.9", "NetworkClient"]
            "How long a request may go unanswered before its connection is closed."
            "请求多久没有应答就关闭连接。";
        retry_backoff_ms: u64 = "100", ["retry.backoff.ms" Consumer Long AtLeast(0), "0.9", "KIP-580"]
            "The first pause before a retry."
            "第一次重试前的等待时间。";
        retry_backoff_max_ms: u64 = "1000", ["retry.backoff.max.ms" Consumer Long AtLeast(0), "3.7", "KIP-580"]
            "The longest pause before a retry."
            "两次重试之间最长的等待时间。";
        metadata_max_age_ms: u64 = "300000", ["metadata.max.age.ms" Consumer Long AtLeast(0), "0.9", "Metadata"]
            "Metadata is asked for again after this time; new partitions are found then."
            "超过这段时间会重新获取 metadata，新的 partition 也在此时发现。";
        reconnect_backoff_ms: u64 = "50", ["reconnect.backoff.ms" Consumer Long AtLeast(0), "0.9", "KIP-144"]
            "The first pause before connecting again to a host that refused."
            "连接失败后第一次重连前的等待时间。";
        reconnect_backoff_max_ms: u64 = "1000", ["reconnect.backoff.max.ms" Consumer Long AtLeast(0), "0.11", "KIP-144"]
            "The longest pause before connecting again."
            "两次重连之间最长的等待时间。";
        socket_connection_setup_timeout_ms: u64 = "10000",
            ["socket.connection.setup.timeout.ms" Consumer Long AtLeast(0), "2.7", "KIP-601"]
            "How long a connection may take to be set up, at first."
            "建立连接的最长时间（首次）。";
        socket_connection_setup_timeout_max_ms: u64 = "30000",
            ["socket.connection.setup.timeout.max.ms" Consumer Long AtLeast(0), "2.7", "KIP-601"]
            "The longest that time grows to after repeated failures."
            "多次失败后建立连接时间的上限。";
        allow_auto_create_topics: bool = "true",
            ["allow.auto.create.topics" Consumer Boolean Any, "2.3", "KIP-361"]
            "Whether asking for an unknown topic may create it."
            "订阅不存在的 topic 时是否允许自动创建。";
        client_id: String = "", ["client.id" Consumer Text Any, "0.8", "CommonClientConfigs"]
            "A name that appears in the broker's logs and quotas."
            "出现在 broker 日志和配额里的名字。";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_java_writes_them() {
        for (text, ms) in [
            ("PT1H", 3_600_000),
            ("P1DT2H3M4.5S", 93_784_500),
            ("P7D", 604_800_000),
            ("PT0S", 0),
        ] {
            let reset = OffsetReset::from_text(&format!("by_duration:{text}"));
            assert_eq!(reset, Some(OffsetReset::ByDuration(ms)), "{text}");
        }
        for text in [
            "",
            "P",
            "PT",
            "1H",
            "PT1X",
            "PTS",
            "P\u{e9}",
            "PT99999999999999999999H",
        ] {
            assert_eq!(
                OffsetReset::from_text(&format!("by_duration:{text}")),
                None,
                "{text}"
            );
        }
    }
}

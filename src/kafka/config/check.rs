//! What Kafka refuses, and what it does silently: the couplings between configs.

use super::nearest::nearest;
use super::overrides::{Configs, Settings};
use super::row::{Owner, Row};
use super::{Acks, BrokerConfig, ConsumerConfig, GroupProtocol, ProducerConfig};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Kafka changes another config without a word, or the config has no effect.
    Note,
    /// Kafka starts, but the combination is dangerous.
    Warning,
    /// Kafka throws: the client or broker does not start. The value is left at its default here.
    Error,
}

/// Something to tell about one config.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Problem {
    /// Whose config.
    pub owner: Owner,
    /// Which config.
    pub name: String,
    /// How bad.
    pub severity: Severity,
    /// What to say; for an error in the words of Kafka's `ConfigException`.
    pub en: String,
    /// The same in Chinese; exceptions stay in Kafka's own words.
    pub zh: String,
}

impl Problem {
    /// An error in Kafka's own words.
    pub fn error(owner: Owner, name: &str, text: String) -> Self {
        Self {
            owner,
            name: name.into(),
            severity: Severity::Error,
            zh: text.clone(),
            en: text,
        }
    }

    fn told(severity: Severity, owner: Owner, name: &str, en: String, zh: String) -> Self {
        Self {
            owner,
            name: name.into(),
            severity,
            en,
            zh,
        }
    }

    /// An unknown name, with the nearest known one.
    pub fn unknown(rows: &[Row], name: &str) -> Self {
        let owner = rows
            .first()
            .map_or(Owner::Application, |row| row.scope.owner());
        let shown: String = name.chars().take(80).collect();
        let near = nearest(rows.iter().map(|row| row.name), name);
        let (mut en, mut zh) = (
            format!("Unknown config {shown}."),
            format!("未知配置 {shown}。"),
        );
        if let Some(near) = near {
            en = format!("{en} Did you mean {near}?");
            zh = format!("{zh}是否指 {near}？");
        }
        Self::told(Severity::Error, owner, &shown, en, zh)
    }
}

/// `ProducerConfig.postProcessAndValidateIdempotenceConfigs`, then `KafkaProducer.configureDeliveryTimeout`.
pub fn producer(settings: &Settings, config: &mut ProducerConfig) -> Vec<Problem> {
    let mut problems = Vec::new();
    idempotence(settings, config, &mut problems);
    delivery_timeout(settings, config, &mut problems);
    if config.transactional_id.is_some() && !config.enable_idempotence {
        config.transactional_id = None;
        let text = "Cannot set a transactional.id without also enabling idempotence.";
        problems.push(Problem::error(
            Owner::Producer,
            "transactional.id",
            text.into(),
        ));
    }
    problems
}

fn idempotence(settings: &Settings, config: &mut ProducerConfig, problems: &mut Vec<Problem>) {
    let refuse = |name: &str, text: String| Problem::error(Owner::Producer, name, text);
    let asked_for = settings.has("enable.idempotence") || config.transactional_id.is_some();
    if !config.enable_idempotence {
        return;
    }
    // Checked first, whether or not acks would have turned idempotence off.
    let in_flight = config.max_in_flight_requests_per_connection;
    if in_flight > 5 {
        config.max_in_flight_requests_per_connection = 5;
        let name = "max.in.flight.requests.per.connection";
        problems.push(refuse(
            name,
            format!(
                "To use the idempotent producer, {name} must be set to at most 5. Current value is {in_flight}."
            ),
        ));
    }
    if asked_for && config.retries == 0 {
        config.retries = ProducerConfig::default().retries;
        let text = "Must set retries to non-zero when using the idempotent producer.";
        problems.push(refuse("retries", text.into()));
    }
    if asked_for && config.acks != Acks::All {
        config.acks = Acks::All;
        let text = "Must set acks to all in order to use the idempotent producer. \
                    Otherwise we cannot guarantee idempotence.";
        problems.push(refuse("acks", text.into()));
    }
    let because = match (config.acks, config.retries) {
        (Acks::All, 0) => "retries=0",
        (Acks::All, _) => return,
        (Acks::None, _) => "acks=0",
        (Acks::Leader, _) => "acks=1",
    };
    config.enable_idempotence = false;
    problems.push(Problem::told(
        Severity::Note,
        Owner::Producer,
        "enable.idempotence",
        format!(
            "Idempotence will be disabled because {because}: a retry may write a record twice."
        ),
        format!("由于 {because}，幂等会被自动关闭：重试可能把同一条记录写入两次。"),
    ));
}

fn delivery_timeout(settings: &Settings, config: &mut ProducerConfig, problems: &mut Vec<Problem>) {
    let least_ms = config
        .linger_ms
        .saturating_add(config.request_timeout_ms)
        .min(i32::MAX as u64);
    if config.delivery_timeout_ms >= least_ms {
        return;
    }
    config.delivery_timeout_ms = least_ms;
    let name = "delivery.timeout.ms";
    if settings.has(name) {
        let text =
            format!("{name} should be equal to or larger than linger.ms + request.timeout.ms");
        problems.push(Problem::error(Owner::Producer, name, text));
    } else {
        problems.push(Problem::told(
            Severity::Note,
            Owner::Producer,
            name,
            format!("{name} is raised to linger.ms + request.timeout.ms = {least_ms}."),
            format!("{name} 会被提高到 linger.ms + request.timeout.ms = {least_ms}。"),
        ));
    }
}

/// Not for consumers whose coordinator assigns (KIP-848), in Kafka's order.
const OF_CLASSIC: [&str; 3] = [
    "partition.assignment.strategy",
    "heartbeat.interval.ms",
    "session.timeout.ms",
];

/// `ConsumerConfig` and `AbstractCoordinator`.
pub fn consumer(settings: &Settings, config: &mut ConsumerConfig) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut refuse = |name: &str, text: String| {
        problems.push(Problem::error(Owner::Consumer, name, text));
    };
    // ConsumerConfig.checkUnsupportedConfigsPostProcess.
    let (of_the_other, protocol): (&[&str], _) = match config.group_protocol {
        GroupProtocol::Consumer => (&OF_CLASSIC, "CONSUMER"),
        GroupProtocol::Classic => (&["group.remote.assignor"], "CLASSIC"),
    };
    let set = of_the_other.iter().filter(|name| settings.has(name));
    let set: Vec<&str> = set.copied().collect();
    for name in &set {
        let all = set.join(", ");
        let text = format!("{all} cannot be set when group.protocol={protocol}");
        refuse(name, text);
    }
    let classic = config.group_protocol == GroupProtocol::Classic;
    if classic && config.heartbeat_interval_ms >= config.session_timeout_ms {
        config.heartbeat_interval_ms = (config.session_timeout_ms / 3).max(1);
        let text = "Heartbeat must be set lower than the session timeout";
        refuse("heartbeat.interval.ms", text.into());
    }
    if config.group_id.as_deref() == Some("") {
        config.group_id = None;
        let text = "The configured group.id should not be an empty string or whitespace.";
        refuse("group.id", text.into());
    }
    if config.group_id.is_none() && settings.get("enable.auto.commit") == Some("true") {
        let text = "enable.auto.commit cannot be set to true when default group id (null) is used.";
        refuse("enable.auto.commit", text.into());
    }
    problems
}

/// `KafkaConfig.validateValues`.
pub fn broker(config: &mut BrokerConfig) -> Vec<Problem> {
    let mut problems = Vec::new();
    if config.replica_fetch_wait_max_ms > config.replica_lag_time_max_ms {
        config.replica_fetch_wait_max_ms = config.replica_lag_time_max_ms;
        let text = "replica.fetch.wait.max.ms should always be <= replica.lag.time.max.ms \
                    to prevent frequent changes in ISR";
        problems.push(Problem::error(
            Owner::Broker,
            "replica.fetch.wait.max.ms",
            text.into(),
        ));
    }
    let (beat_ms, session_ms) = (
        config.broker_heartbeat_interval_ms,
        config.broker_session_timeout_ms,
    );
    if beat_ms.saturating_mul(2) > session_ms {
        problems.push(Problem::told(
            Severity::Warning,
            Owner::Broker,
            "broker.heartbeat.interval.ms",
            format!("One late heartbeat is enough to fence a broker: heartbeats every {beat_ms} ms, session {session_ms} ms."),
            format!("一次心跳迟到就足以让 broker 被 fence：心跳间隔 {beat_ms} ms，会话 {session_ms} ms。"),
        ));
    }
    consumer_groups(config, &mut problems);
    problems
}

/// `GroupCoordinatorConfig`: bounds of groups of the consumer protocol.
fn consumer_groups(config: &mut BrokerConfig, problems: &mut Vec<Problem>) {
    let usual = BrokerConfig::default();
    let mut refuse = |name: &str, text: String| {
        problems.push(Problem::error(Owner::Broker, name, text));
    };
    let beat = "group.consumer.heartbeat.interval.ms";
    let (low, high) = (
        config.group_consumer_min_heartbeat_interval_ms,
        config.group_consumer_max_heartbeat_interval_ms,
    );
    if let Some(text) = out_of_bounds(beat, config.group_consumer_heartbeat_interval_ms, low, high)
    {
        config.group_consumer_heartbeat_interval_ms = usual.group_consumer_heartbeat_interval_ms;
        refuse(beat, text);
    }
    let session = "group.consumer.session.timeout.ms";
    let (low, high) = (
        config.group_consumer_min_session_timeout_ms,
        config.group_consumer_max_session_timeout_ms,
    );
    if let Some(text) = out_of_bounds(session, config.group_consumer_session_timeout_ms, low, high)
    {
        config.group_consumer_session_timeout_ms = usual.group_consumer_session_timeout_ms;
        refuse(session, text);
    }
    let beat_ms = config.group_consumer_heartbeat_interval_ms;
    if beat_ms >= config.group_consumer_session_timeout_ms {
        config.group_consumer_heartbeat_interval_ms = usual.group_consumer_heartbeat_interval_ms;
        config.group_consumer_session_timeout_ms = usual.group_consumer_session_timeout_ms;
        refuse(beat, format!("{beat} must be less than {session}"));
    }
}

fn out_of_bounds(name: &str, value: u64, low: u64, high: u64) -> Option<String> {
    // group.consumer.session.timeout.ms has group.consumer.min.session.timeout.ms.
    let bound = |which: &str| name.replacen("consumer.", &format!("consumer.{which}."), 1);
    if value < low {
        let least = bound("min");
        return Some(format!("{name} must be greater than or equal to {least}"));
    }
    let most = bound("max");
    (value > high).then(|| format!("{name} must be less than or equal to {most}"))
}

/// Checks between clients and brokers.
pub fn across(configs: &Configs) -> Vec<Problem> {
    let mut problems = Vec::new();
    let (session_ms, broker) = (configs.consumer.session_timeout_ms, &configs.broker);
    let (low_ms, high_ms) = (
        broker.group_min_session_timeout_ms,
        broker.group_max_session_timeout_ms,
    );
    let classic = configs.consumer.group_protocol == GroupProtocol::Classic;
    if classic && !(low_ms..=high_ms).contains(&session_ms) {
        let text = format!(
            "InvalidSessionTimeoutException: session.timeout.ms {session_ms} is not within the range allowed by the \
             broker (group.min.session.timeout.ms {low_ms}, group.max.session.timeout.ms {high_ms})"
        );
        problems.push(Problem::error(Owner::Consumer, "session.timeout.ms", text));
    }
    if configs.producer.transaction_timeout_ms > broker.transaction_max_timeout_ms {
        let text = "InvalidTxnTimeoutException: the transaction timeout is larger than the maximum value allowed by \
                    the broker (transaction.max.timeout.ms)";
        problems.push(Problem::error(
            Owner::Producer,
            "transaction.timeout.ms",
            text.into(),
        ));
    }
    if configs.topic.cleanup_policy.compact && configs.app.record_keys == 0 {
        problems.push(Problem::told(
            Severity::Warning,
            Owner::Application,
            "record.keys",
            "A compacted topic refuses records without a key (InvalidRecordException).".into(),
            "压实的 topic 拒绝没有 key 的记录（InvalidRecordException）。".into(),
        ));
    }
    if configs.producer.max_request_size > configs.topic.max_message_bytes {
        problems.push(Problem::told(
            Severity::Warning,
            Owner::Producer,
            "max.request.size",
            "The producer lets records through that the topic's max.message.bytes refuses.".into(),
            "producer 放行的记录可能被 topic 的 max.message.bytes 拒绝。".into(),
        ));
    }
    problems
}

//! Why a line that Kafka knows, or once knew, has no effect on what is kept or lost.

use super::names::Section;
use crate::lab::text::Text;

/// Beginnings and parts of names, the first that fits decides.
const WHY: [(&[&str], &str, &str); 12] = [
    (
        &[
            "ssl.",
            "sasl.",
            "security.",
            "authorizer.",
            "principal.",
            "delegation.",
            "super.users",
            "allow.everyone",
            "connections.max.reauth",
            "early.start",
        ],
        "who may connect, not what is kept",
        "决定谁可以连接，与消息是否保留无关",
    ),
    (
        &["remote.", "local.retention", "log.local.retention"],
        "tiered storage is not played here",
        "这里不模拟分层存储",
    ),
    (
        &[
            "group.share",
            "share.",
            "group.streams",
            "streams.",
            "errors.deadletterqueue",
        ],
        "share groups and streams groups are not played here",
        "这里不模拟 share group 与 streams group",
    ),
    (
        &[
            "listener",
            "advertised",
            "inter.broker",
            "controller.listener",
            "bootstrap.servers",
            "client.dns",
            "enable.metrics.push",
        ],
        "where to connect, not what is kept",
        "决定连到哪里，与消息是否保留无关",
    ),
    (
        &["metric", "telemetry", "auto.include.jmx"],
        "it measures only",
        "只用于度量",
    ),
    (
        &["quota", "throttle", "replication.throttled"],
        "a throttled client waits; nothing is lost by it",
        "被限流的客户端只是等待，不会因此丢失",
    ),
    (
        &["compression", "offsets.topic.compression"],
        "how large records are, not whether they are kept",
        "决定记录有多大，与是否保留无关",
    ),
    (
        &[
            "key.serializer",
            "value.serializer",
            "key.deserializer",
            "value.deserializer",
            "interceptor",
            "partitioner",
        ],
        "the application's own code, which is not played here",
        "属于应用自己的代码，这里不模拟",
    ),
    (
        &["log.dir", "metadata.log.dir"],
        "where records lie, when log.dirs does not say it; it is one disk",
        "没有设置 log.dirs 时决定记录放在哪里；算一块盘",
    ),
    (
        &[
            "threads",
            "socket.",
            "buffer.bytes",
            "send.buffer",
            "receive.buffer",
            "queued.",
            "index.",
            "preallocate",
            "connections.",
            "max.connections",
            "max.connection",
        ],
        "how fast or how much, not what is kept",
        "决定快慢与多少，与是否保留无关",
    ),
    (
        &["config.providers"],
        "where values come from; they are taken as written",
        "决定取值的来源；这里按写出来的值处理",
    ),
    (
        &["metadata.log", "metadata.max", "controller."],
        "the controller's own log and timing",
        "controller 自身的日志与时间",
    ),
];

/// Why a known config has no effect.
pub fn why(name: &str) -> Text {
    let fits = |parts: &&[&str]| {
        parts.iter().any(|part| match part.ends_with('.') {
            true => name.starts_with(part) || name.contains(&format!(".{part}")),
            false => name.contains(part),
        })
    };
    let found = WHY.iter().find(|(parts, ..)| fits(parts));
    match found {
        Some((_, en, zh)) => Text::fixed(en, zh),
        None => Text::fixed(
            "no effect on what is kept or lost",
            "对消息的保留或丢失没有影响",
        ),
    }
}

/// What Kafka once had, and what became of it.
const GONE: [(&str, &str, &str); 27] = [
    (
        "zookeeper.",
        "ZooKeeper mode ended with 4.0",
        "ZooKeeper 模式到 4.0 为止",
    ),
    (
        "control.plane.listener.name",
        "gone with ZooKeeper in 4.0",
        "随 ZooKeeper 在 4.0 移除",
    ),
    (
        "broker.id.generation.enable",
        "gone with ZooKeeper in 4.0",
        "随 ZooKeeper 在 4.0 移除",
    ),
    (
        "reserved.broker.max.id",
        "gone with ZooKeeper in 4.0",
        "随 ZooKeeper 在 4.0 移除",
    ),
    (
        "inter.broker.protocol.version",
        "gone in 4.0: metadata.version took its place",
        "4.0 移除，由 metadata.version 取代",
    ),
    ("log.message.format.version", "gone in 4.0", "4.0 移除"),
    ("message.format.version", "gone in 4.0", "4.0 移除"),
    (
        "log.message.timestamp.difference.max.ms",
        "gone in 4.0: log.message.timestamp.before.max.ms and after.max.ms took its place",
        "4.0 移除，由 log.message.timestamp.before.max.ms 与 after.max.ms 取代",
    ),
    (
        "message.timestamp.difference.max.ms",
        "gone in 4.0",
        "4.0 移除",
    ),
    ("message.downconversion.enable", "gone in 4.0", "4.0 移除"),
    (
        "log.message.downconversion.enable",
        "gone in 4.0",
        "4.0 移除",
    ),
    (
        "offsets.commit.required.acks",
        "gone in 4.0: commits always wait for the ISR",
        "4.0 移除：提交总是等待 ISR",
    ),
    (
        "delegation.token.master.key",
        "gone in 4.0: delegation.token.secret.key",
        "4.0 移除，改用 delegation.token.secret.key",
    ),
    (
        "password.encoder.",
        "gone with ZooKeeper in 4.0",
        "随 ZooKeeper 在 4.0 移除",
    ),
    ("auto.include.jmx.reporter", "gone in 4.0", "4.0 移除"),
    (
        "metadata.migration.",
        "gone with ZooKeeper in 4.0",
        "随 ZooKeeper 在 4.0 移除",
    ),
    (
        "zookeeper.metadata.migration.enable",
        "gone with ZooKeeper in 4.0",
        "随 ZooKeeper 在 4.0 移除",
    ),
    (
        "leader.imbalance.per.broker.percentage",
        "known to ZooKeeper mode only; KRaft looks at every preferred leader",
        "只用于 ZooKeeper 模式；KRaft 检查每个首选 leader",
    ),
    (
        "host.name",
        "gone in 3.0: listeners",
        "3.0 移除，改用 listeners",
    ),
    (
        "advertised.host.name",
        "gone in 3.0: advertised.listeners",
        "3.0 移除，改用 advertised.listeners",
    ),
    (
        "advertised.port",
        "gone in 3.0: advertised.listeners",
        "3.0 移除，改用 advertised.listeners",
    ),
    ("port", "gone in 3.0: listeners", "3.0 移除，改用 listeners"),
    (
        "metadata.broker.list",
        "of the old Scala client: bootstrap.servers",
        "旧 Scala 客户端的配置，改用 bootstrap.servers",
    ),
    (
        "request.required.acks",
        "of the old Scala client and of librdkafka: acks in Java",
        "旧 Scala 客户端与 librdkafka 的名字，Java 中为 acks",
    ),
    (
        "message.timeout.ms",
        "librdkafka's name: delivery.timeout.ms in Java",
        "librdkafka 的名字，Java 中为 delivery.timeout.ms",
    ),
    (
        "block.on.buffer.full",
        "gone in 0.11: max.block.ms",
        "0.11 移除，改用 max.block.ms",
    ),
    (
        "auto.commit.enable",
        "of the old Scala consumer: enable.auto.commit",
        "旧 Scala consumer 的配置，改用 enable.auto.commit",
    ),
];

/// Why a name that Kafka 4.3 does not know has no effect any more, if it once had one; or whose it is.
pub fn gone(name: &str) -> Option<Text> {
    let fits = |old: &str| name == old || (old.ends_with('.') && name.starts_with(old));
    if let Some((_, en, zh)) = GONE.iter().find(|(old, ..)| fits(old)) {
        return Some(Text::new(
            format!("no effect: {en}"),
            format!("没有影响：{zh}"),
        ));
    }
    let of_others = [
        "confluent.",
        "strimzi.",
        "cruise.control.",
        "schema.registry",
        "specific.avro",
        "kafka.rest",
        "offset.storage.",
        "config.storage.",
        "status.storage.",
        "plugin.path",
    ];
    let of_others = of_others.iter().any(|prefix| name.starts_with(prefix));
    of_others.then(|| {
        Text::fixed(
            "not a broker's or a client's: another program reads it",
            "不是 broker 或客户端的配置，由其他程序读取",
        )
    })
}

/// Whose a name is that stands in another's file.
pub fn of_another(section: Section) -> Text {
    match section {
        Section::Producer => Text::fixed(
            "no effect here: a producer's config",
            "在这里没有影响：这是 producer 的配置",
        ),
        Section::Consumer => Text::fixed(
            "no effect here: a consumer's config",
            "在这里没有影响：这是 consumer 的配置",
        ),
        Section::Broker => Text::fixed(
            "no effect here: a broker's config",
            "在这里没有影响：这是 broker 的配置",
        ),
        Section::Topic => Text::fixed(
            "no effect here: a topic's config",
            "在这里没有影响：这是 topic 的配置",
        ),
    }
}

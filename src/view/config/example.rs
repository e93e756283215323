//! A configuration as it is often found at work, to try the room with.

use crate::lab::config::File;

const SERVER: &str = "# broker 1 of 3\nprocess.roles=broker\nnode.id=1\n\
    controller.quorum.bootstrap.servers=c1:9093,c2:9093,c3:9093\ndefault.replication.factor=3\n\
    unclean.leader.election.enable=true\nlog.flush.interval.message=1\nreplica.lag.time.max.ms=30000\n\
    log.retention.hours=168\nnum.io.threads=16\nzookeeper.connect=zk1:2181\n";
const PRODUCER: &str = "acks=1\nenable.idempotence=true\nretries=3\nlinger.ms=20\ncompression.type=lz4\n\
    delivery.timeout.ms=120000\n";
const CONSUMER: &str = "group.id=billing\nenable.auto.commit=true\nauto.commit.interval.ms=5000\nauto.offset.reset=latest\n";

/// Files of a broker, a producer and a consumer.
pub fn example() -> Vec<File> {
    vec![
        File::new("server.properties", SERVER),
        File::new("producer.properties", PRODUCER),
        File::new("consumer.properties", CONSUMER),
    ]
}

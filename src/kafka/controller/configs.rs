//! Settings that change while the cluster runs (`ConfigurationControlManager`).

use super::ControllerHost;
use super::election::Change;
use crate::kafka::metadata::{MetadataRecord, PartitionState};
use crate::kafka::protocol::AlterConfigsRequest;
use crate::kafka::{Entry, ErrorCode, TopicId};

impl ControllerHost {
    /// `kafka-configs --alter`.
    pub(super) fn alter_configs(&mut self, asked: &AlterConfigsRequest) -> ErrorCode {
        let known = |topic: TopicId| usize::from(topic.0) < self.spec.topics.len();
        match *asked {
            AlterConfigsRequest::MinIsr { topic, min_isr } if known(topic) => {
                self.set_min_isr(topic, min_isr);
            }
            AlterConfigsRequest::Unclean { topic, allowed } if topic.is_none_or(known) => {
                // Nobody is elected for it: a partition without a leader waits for its next event, or for
                // unclean.leader.election.interval.ms.
                let set = self.decide(Entry::UncleanSet { topic, allowed });
                self.append(MetadataRecord::Unclean(topic, allowed), set);
            }
            _ => return ErrorCode::UnknownTopicOrPartition,
        }
        ErrorCode::None
    }

    /// min.insync.replicas of a topic. What the ELR promises was promised under the old setting, so
    /// it is cleared with it (`ClearElrRecord`): whoever was in it may no longer lead.
    fn set_min_isr(&mut self, topic: TopicId, min_isr: u32) {
        let set = self.decide(Entry::MinIsrSet { topic, min_isr });
        self.append(MetadataRecord::MinIsr(topic, min_isr), set);
        let remembers =
            |state: &PartitionState| !state.elr.is_empty() || !state.last_known_elr.is_empty();
        for (partition, before) in self.partitions_where(remembers) {
            if partition.topic == topic && self.spec.elr {
                let after = PartitionState {
                    elr: Vec::new(),
                    last_known_elr: Vec::new(),
                    partition_epoch: before.partition_epoch + 1,
                    ..PartitionState::clone(&before)
                };
                let unclean = false;
                self.write_change(partition, before, Change { after, unclean });
            }
        }
    }
}

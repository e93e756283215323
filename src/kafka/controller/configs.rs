//! Settings that change while the cluster runs (`ConfigurationControlManager`).

use super::ControllerHost;
use super::election::Change;
use crate::kafka::metadata::{MetadataRecord, PartitionState};
use crate::kafka::protocol::AlterConfigsRequest;
use crate::kafka::{Entry, ErrorCode};

impl ControllerHost {
    /// min.insync.replicas of a topic. What the ELR promises was promised under the old setting, so
    /// it is cleared with it (`ClearElrRecord`): whoever was in it may no longer lead.
    pub(super) fn set_min_isr(&mut self, asked: &AlterConfigsRequest) -> ErrorCode {
        let (topic, min_isr) = (asked.topic, asked.min_isr);
        if self.spec.topics.len() <= usize::from(topic.0) {
            return ErrorCode::UnknownTopicOrPartition;
        }
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
        ErrorCode::None
    }
}

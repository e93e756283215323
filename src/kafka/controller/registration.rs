//! Registration of brokers (`ClusterControlManager`).

use super::ControllerHost;
use super::partitions::Happened;
use crate::kafka::metadata::{BrokerRegistration, MetadataRecord};
use crate::kafka::protocol::{BrokerRegistrationRequest, BrokerRegistrationResponse};
use crate::kafka::{Entry, ErrorCode, Outbox, Rule};
use crate::sim::NodeId;

impl ControllerHost {
    /// A process asks to be let in. While the session of another incarnation runs it is refused;
    /// else the end of that incarnation has its consequences now, and a new broker epoch begins.
    pub(super) fn register(
        &mut self,
        asked: &BrokerRegistrationRequest,
        out: &mut Outbox,
    ) -> BrokerRegistrationResponse {
        let broker = asked.broker;
        let known = self.image().brokers.get(&broker).cloned();
        if let Some(known) = &known {
            if known.incarnation == asked.incarnation {
                // The answer to its first try was lost.
                return accepted(known.broker_epoch);
            }
            if self
                .sessions
                .is_valid(broker, known.broker_epoch, out.now())
            {
                out.decide(Entry::RegistrationRefused { broker });
                return BrokerRegistrationResponse {
                    error: ErrorCode::DuplicateBrokerRegistration,
                    broker_epoch: 0,
                };
            }
        }
        let previous = known.map(|known| known.broker_epoch);
        let clean = previous.is_some() && previous == asked.previous_broker_epoch;
        let broker_epoch = self.log_end();
        let registered = self.decide(Entry::Registered {
            broker,
            broker_epoch,
            clean,
        });
        self.react(self.how_it_ended(broker, clean));
        let registration = BrokerRegistration {
            broker_epoch,
            registered_at: self.log_end() + 1,
            incarnation: asked.incarnation,
            fenced: true,
            in_controlled_shutdown: false,
            directories: asked.directories.clone(),
        };
        self.append(MetadataRecord::Broker(broker, registration), registered);
        self.sessions.begin(broker, broker_epoch, None);
        accepted(broker_epoch)
    }

    /// Without ELR an unclean end is nothing but a fencing (`handleBrokerShutdown`).
    fn how_it_ended(&self, broker: NodeId, clean: bool) -> Happened {
        match self.spec.elr && !clean && self.spec.rules.keep(Rule::UncleanLeavesElr) {
            true => Happened::UncleanlyGone(broker),
            false => Happened::Gone(broker),
        }
    }

    /// Requests of an earlier incarnation are refused.
    pub(super) fn check_broker_epoch(&self, broker: NodeId, broker_epoch: u64) -> ErrorCode {
        match self.image().brokers.get(&broker) {
            None => ErrorCode::BrokerIdNotRegistered,
            Some(known) if known.broker_epoch != broker_epoch => ErrorCode::StaleBrokerEpoch,
            Some(_) => ErrorCode::None,
        }
    }
}

fn accepted(broker_epoch: u64) -> BrokerRegistrationResponse {
    BrokerRegistrationResponse {
        error: ErrorCode::None,
        broker_epoch,
    }
}

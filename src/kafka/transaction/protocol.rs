//! Requests about transactions, of producers and between brokers, and what is answered.

use super::{ProducerIdAndEpoch, TransactionalId};
use crate::kafka::ids::LeaderEpoch;
use crate::kafka::{ErrorCode, TopicPartition};
use crate::sim::NodeId;

/// A request about a transaction.
#[derive(Clone, Debug)]
pub enum TransactionRequest {
    FindCoordinator {
        id: TransactionalId,
    },
    InitProducerId {
        id: TransactionalId,
        timeout_ms: u64,
    },
    /// A leader tells the coordinator of partitions to which the producer writes for the first time in its
    /// transaction (KIP-890).
    AddPartitionsToTxn {
        id: TransactionalId,
        producer: ProducerIdAndEpoch,
        partitions: Vec<TopicPartition>,
    },
    EndTxn {
        id: TransactionalId,
        producer: ProducerIdAndEpoch,
        commit: bool,
    },
    /// A coordinator has the end of a transaction written into its partitions.
    WriteTxnMarkers(TxnMarker),
}

/// `TxnMarkerEntry`.
#[derive(Clone, Debug)]
pub struct TxnMarker {
    pub producer: ProducerIdAndEpoch,
    pub coordinator_epoch: LeaderEpoch,
    pub commit: bool,
    pub partitions: Vec<TopicPartition>,
}

/// What is answered.
#[derive(Clone, Debug)]
pub enum TransactionResponse {
    /// `coordinator` is there when `error` is NONE.
    FindCoordinator {
        error: ErrorCode,
        coordinator: Option<NodeId>,
    },
    InitProducerId(Result<ProducerIdAndEpoch, ErrorCode>),
    /// One error for all partitions of the request.
    AddPartitionsToTxn(ErrorCode),
    /// The producer goes on with this id and epoch.
    EndTxn(Result<ProducerIdAndEpoch, ErrorCode>),
    WriteTxnMarkers(Vec<(TopicPartition, ErrorCode)>),
}

impl TransactionRequest {
    /// The answer that says nothing but `error`.
    pub fn refused(&self, error: ErrorCode) -> TransactionResponse {
        match self {
            TransactionRequest::FindCoordinator { .. } => TransactionResponse::FindCoordinator {
                error,
                coordinator: None,
            },
            TransactionRequest::InitProducerId { .. } => {
                TransactionResponse::InitProducerId(Err(error))
            }
            TransactionRequest::AddPartitionsToTxn { .. } => {
                TransactionResponse::AddPartitionsToTxn(error)
            }
            TransactionRequest::EndTxn { .. } => TransactionResponse::EndTxn(Err(error)),
            TransactionRequest::WriteTxnMarkers(marker) => {
                let all = marker.partitions.iter();
                TransactionResponse::WriteTxnMarkers(all.map(|p| (*p, error)).collect())
            }
        }
    }
}

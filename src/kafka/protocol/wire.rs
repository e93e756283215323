//! Sizes on the wire, estimated: what matters is that data has weight.

use super::{Msg, Request, Response};
use crate::sim::Wire;

/// Headers of any request or response.
const HEADER_BYTES: u32 = 60;
/// What one partition adds.
const PARTITION_BYTES: u32 = 40;

impl Wire for Msg {
    fn size_bytes(&self) -> u32 {
        HEADER_BYTES
            + match self {
                Msg::Request(Request::Produce(produce)) => produce
                    .batches
                    .iter()
                    .map(|(_, b)| PARTITION_BYTES + b.size_bytes)
                    .sum(),
                Msg::Request(Request::Fetch(fetch)) => {
                    PARTITION_BYTES * fetch.partitions.len() as u32
                }
                Msg::Response(Response::Fetch(fetch)) => fetch
                    .partitions
                    .iter()
                    .map(|p| {
                        let data: u32 = p.entries.iter().map(|e| e.batch.size_bytes).sum();
                        PARTITION_BYTES + data
                    })
                    .sum(),
                _ => PARTITION_BYTES,
            }
    }
}

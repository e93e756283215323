//! Several partitions: each replica on a broker's card, each partition that a consumer owns.

use super::super::part::{class, each};
use super::super::words::{Lang, owned_line, owns_nothing};
use super::log::mini_row;
use crate::view::{OwnedPartition, PartitionView, ReplicaRole, ReplicaView};
use yew::prelude::*;

/// A line for each replica: its partition, what it is, its last records, its log end.
pub fn replicas(replicas: &[ReplicaView], fit: usize) -> Html {
    html! { <div class="reps">{ each(replicas, &|one| replica(one, fit)) }</div> }
}

fn replica(replica: &ReplicaView, fit: usize) -> Html {
    let (disc, word) = match replica.role {
        ReplicaRole::Leader => ("lead", "leader"),
        ReplicaRole::InSync => ("isr", "follower, in sync"),
        ReplicaRole::Out => ("out", "follower, not in sync"),
    };
    let number = replica.partition;
    let label = format!("orders-{number}, {word}, LEO {}", replica.log_end);
    let cut = replica.records.len().saturating_sub(fit);
    html! {
        <div class="rep" key={number} role="img" aria-label={label}>
            <i class={class(&["m", disc])}>{ number.to_string() }</i>
            { mini_row(&replica.records[cut..], 0) }
            <small>{ format!("LEO {}", replica.log_end) }</small>
        </div>
    }
}

/// Every partition with its in-sync replicas, in one line; its leader is filled.
pub fn partitions(partitions: &[PartitionView], discs: &dyn Fn(&PartitionView) -> Html) -> Html {
    let one = |partition: &PartitionView| {
        html! { <span key={partition.name.clone()}><code>{ partition.name.clone() }</code>{ discs(partition) }</span> }
    };
    html! { <div class="members" data-test="members">{ each(partitions, &one) }</div> }
}

/// What a consumer owns, a line for each partition.
pub fn owned(lang: Lang, owned: &[OwnedPartition]) -> Html {
    if owned.is_empty() {
        return html! { <p>{ owns_nothing(lang) }</p> };
    }
    let one = |owned: &OwnedPartition| {
        html! {
            <p class="ownp" key={owned.partition}>
                <i class="m isr">{ owned.partition.to_string() }</i>
                { owned_line(lang, owned.committed, owned.lag) }
            </p>
        }
    };
    html! { <>{ each(owned, &one) }</> }
}

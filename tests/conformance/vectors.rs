//! The partition that the default partitioner gives a key: a pure function, recorded as a table.

use acklab::kafka::producer::partitioner::{murmur2, partition_for_key};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Table {
    columns: Vec<String>,
    vectors: Vec<Vec<Value>>,
}

/// Rows are `[key, murmur2, partition of n, ...]`, the partition counts being in the column titles (`of 12`).
pub fn differences(golden: Value) -> Result<Vec<String>, String> {
    let table: Table =
        serde_json::from_value(golden).map_err(|e| format!("not understood: {e}"))?;
    let count = |title: &String| {
        title
            .strip_prefix("of ")
            .and_then(|n| n.parse::<u16>().ok())
    };
    let columns = table.columns.get(2..).unwrap_or_default();
    let counts: Vec<u16> = columns.iter().filter_map(count).collect();
    if table.columns.first().is_none_or(|c| c != "key") || counts.len() != columns.len() {
        return Err(format!("not understood: columns {:?}", table.columns));
    }
    Ok(table
        .vectors
        .iter()
        .filter_map(|row| difference(row, &counts))
        .collect())
}

fn difference(row: &[Value], counts: &[u16]) -> Option<String> {
    let key = row.first()?.as_str()?;
    let hash = murmur2(key.as_bytes());
    let partitions = counts
        .iter()
        .map(|n| partition_for_key(key.as_bytes(), *n).into());
    let computed: Vec<Value> = [key.into(), hash.into()]
        .into_iter()
        .chain(partitions)
        .collect();
    (computed != row).then(|| {
        format!(
            "expected {} but got {}",
            Value::from(row.to_vec()),
            Value::from(computed)
        )
    })
}

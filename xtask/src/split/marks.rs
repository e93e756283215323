//! A program that notes which of its functions ran.
use super::{PAGE_BYTES, parse};
use anyhow::Result;
use std::collections::BTreeSet;
use walrus::ir::{Const, Instr, MemArg, Store, StoreKind, Value};

/// A program whose functions each set a byte of their own, in memory that nobody else uses.
pub struct Marked {
    pub wasm: Vec<u8>,
    /// Where the bytes begin.
    pub base: usize,
    pub count: usize,
}

/// Makes the program note what runs.
pub fn mark(program: &[u8]) -> Result<Marked> {
    let mut module = parse(program)?;
    let memory = module.get_memory_id()?;
    let count = (module.funcs.iter())
        .map(|function| function.id().index() + 1)
        .max()
        .unwrap_or(0);
    // Rust's allocator takes what it grows and nothing else, so pages of the first size are ours.
    let pages = &mut module.memories.get_mut(memory).initial;
    let base = *pages as usize * PAGE_BYTES;
    *pages += count.div_ceil(PAGE_BYTES) as u64;
    for (id, function) in module.funcs.iter_local_mut() {
        let start = function.entry_block();
        let mut body = function.builder_mut().instr_seq(start);
        let address = Value::I32((base + id.index()) as i32);
        body.instr_at(0, Const { value: address });
        body.instr_at(
            1,
            Const {
                value: Value::I32(1),
            },
        );
        let arg = MemArg {
            align: 1,
            offset: 0,
        };
        let kind = StoreKind::I32_8 { atomic: false };
        body.instr_at(2, Instr::Store(Store { memory, kind, arg }));
    }
    let wasm = module.emit_wasm();
    Ok(Marked { wasm, base, count })
}

impl Marked {
    /// An expression that gives what ran, one digit a function.
    pub fn expression(&self) -> String {
        let (base, count) = (self.base, self.count);
        format!("new Uint8Array(acklab.exports().memory.buffer, {base}, {count}).join('')")
    }
}

/// The functions that such an expression's value names.
pub fn ran(digits: &str) -> BTreeSet<usize> {
    let places = digits.bytes().enumerate();
    places
        .filter(|(_, digit)| *digit != b'0')
        .map(|(place, _)| place)
        .collect()
}

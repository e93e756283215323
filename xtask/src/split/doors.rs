//! How the first part calls functions of the rest.
use super::parts::Border;
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use walrus::ir::{
    Call, CallIndirect, Const, Instr, InstrSeq, Value, Visitor, VisitorMut, dfs_in_order,
};
use walrus::{
    FunctionBuilder, FunctionId, FunctionKind, ImportKind, Module, RefType, TableId, TypeId,
    ValType,
};

/// The page's own import that fetches the rest; called with null it comes back when the rest is there.
const FETCH: &str = "__wbg_rest_";

/// Where the first part calls through the table: one door for each type of function.
pub struct Doors {
    table: TableId,
    /// The place and the door of a function of the rest.
    places: BTreeMap<FunctionId, (u32, FunctionId)>,
    by_type: BTreeMap<TypeId, FunctionId>,
}

impl Doors {
    /// Builds the doors that the staying functions need.
    pub fn build(
        module: &mut Module,
        border: &Border,
        staying: &BTreeSet<FunctionId>,
    ) -> Result<Doors> {
        let fetch = (module.imports.iter())
            .find(|import| import.name.starts_with(FETCH))
            .with_context(|| format!("the program has no import {FETCH}…"))?;
        let ImportKind::Function(fetch) = fetch.kind else {
            bail!("{FETCH}… is no function");
        };
        let mut types = IndirectTypes(border.table, BTreeSet::new());
        for id in staying {
            if let FunctionKind::Local(function) = &module.funcs.get(*id).kind {
                dfs_in_order(&mut types, function, function.entry_block());
            }
        }
        let beyond: Vec<_> = (border.places.iter())
            .filter(|(id, _)| !staying.contains(id))
            .map(|(id, place)| (*id, *place, module.funcs.get(*id).ty()))
            .collect();
        types.1.extend(beyond.iter().map(|(_, _, ty)| *ty));
        let by_type: BTreeMap<_, _> = (types.1.into_iter())
            .map(|ty| (ty, door(module, border.table, fetch, ty)))
            .collect();
        let places = beyond.into_iter();
        let places = places.map(|(id, place, ty)| (id, (place, by_type[&ty])));
        Ok(Doors {
            table: border.table,
            places: places.collect(),
            by_type,
        })
    }
}

/// `door(arguments, place)`: fetches the rest if the place is still empty, then calls what is there.
fn door(module: &mut Module, table: TableId, fetch: FunctionId, ty: TypeId) -> FunctionId {
    let (params, results) = {
        let ty = module.types.get(ty);
        (ty.params().to_vec(), ty.results().to_vec())
    };
    let with_place: Vec<_> = params.iter().copied().chain([ValType::I32]).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &with_place, &results);
    let locals: Vec<_> = (with_place.iter())
        .map(|ty| module.locals.add(*ty))
        .collect();
    let place = locals[params.len()];
    let mut body = builder.func_body();
    body.local_get(place).table_get(table).ref_is_null();
    body.if_else(
        None,
        |fetching| {
            fetching.ref_null(RefType::EXTERNREF).call(fetch);
        },
        |_| {},
    );
    for local in &locals {
        body.local_get(*local);
    }
    body.call_indirect(ty, table);
    builder.finish(locals, &mut module.funcs)
}

struct IndirectTypes(TableId, BTreeSet<TypeId>);

impl<'instr> Visitor<'instr> for IndirectTypes {
    fn visit_call_indirect(&mut self, call: &CallIndirect) {
        if call.table == self.0 {
            self.1.insert(call.ty);
        }
    }
}

impl VisitorMut for &Doors {
    fn start_instr_seq_mut(&mut self, seq: &mut InstrSeq) {
        let before = std::mem::take(&mut seq.instrs);
        for (instr, at) in before {
            match &instr {
                Instr::Call(call) if self.places.contains_key(&call.func) => {
                    let (place, door) = self.places[&call.func];
                    let value = Value::I32(place as i32);
                    seq.instrs.push((Instr::Const(Const { value }), at));
                    seq.instrs.push((Instr::Call(Call { func: door }), at));
                }
                Instr::CallIndirect(call) if call.table == self.table => {
                    let func = self.by_type[&call.ty];
                    seq.instrs.push((Instr::Call(Call { func }), at));
                }
                _ => seq.instrs.push((instr, at)),
            }
        }
    }
}

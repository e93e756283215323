//! The modules that a program is cut into.
use super::doors::Doors;
use super::names::{Renamed, shorten};
use super::parse;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use walrus::ir::{Call, GlobalGet, GlobalSet, Value, Visitor, dfs_in_order, dfs_pre_order_mut};
use walrus::{
    ConstExpr, Data, DataKind, ElementItems, ElementKind, ExportItem, FunctionId, FunctionKind,
    GlobalId, GlobalKind, ImportedFunction, Module, TableId,
};

/// The name under which the other parts import from the first.
const FIRST: &str = "first";

/// The functions of the first part: those that ran, and those that the browser calls by name.
pub fn staying(whole: &Module, first: &BTreeSet<usize>) -> BTreeSet<FunctionId> {
    let exported = whole.exports.iter().filter_map(|export| match export.item {
        ExportItem::Function(function) => Some(function),
        _ => None,
    });
    let imported = (whole.funcs.iter())
        .filter(|function| matches!(function.kind, FunctionKind::Import(_)))
        .map(|function| function.id());
    let ran = (whole.funcs.iter())
        .map(|function| function.id())
        .filter(|id| first.contains(&id.index()));
    ran.chain(exported)
        .chain(imported)
        .chain(whole.start)
        .collect()
}

/// What both parts must agree on: places in the table, and names of what the rest imports.
pub struct Border {
    pub table: TableId,
    /// The place of every function that is or comes into the table.
    pub places: BTreeMap<FunctionId, u32>,
    /// Those in the order of their places, with the functions that have several.
    slots: BTreeMap<u32, FunctionId>,
    /// What the rest needs of the first part.
    needs: Needs,
}

/// The functions, globals and tables that the rest imports. It has small functions of its own even if the first
/// part has them too: the first part is spared their names.
fn needs_of_the_rest(module: &Module, staying: &BTreeSet<FunctionId>) -> Needs {
    const SMALL_INSTRUCTIONS: u64 = 1000;
    let is_copied = |id: &FunctionId| match &module.funcs.get(*id).kind {
        FunctionKind::Local(function) => function.size() <= SMALL_INSTRUCTIONS,
        _ => false,
    };
    let mut needs = Needs::default();
    let mut own: BTreeSet<_> = (module.funcs.iter_local())
        .map(|(id, _)| id)
        .filter(|id| !staying.contains(id))
        .collect();
    let mut open: Vec<_> = own.iter().copied().collect();
    while let Some(id) = open.pop() {
        let FunctionKind::Local(function) = &module.funcs.get(id).kind else {
            continue;
        };
        let mut called = Needs::default();
        dfs_in_order(&mut called, function, function.entry_block());
        needs.globals.extend(called.globals);
        needs.tables.extend(called.tables);
        for callee in called.functions {
            if own.contains(&callee) {
                continue;
            }
            if is_copied(&callee) {
                own.insert(callee);
                open.push(callee);
            } else {
                needs.functions.insert(callee);
            }
        }
    }
    needs
}

/// What some functions use, in an order that both parts see alike.
#[derive(Default)]
struct Needs {
    functions: BTreeSet<FunctionId>,
    globals: BTreeSet<GlobalId>,
    tables: BTreeSet<TableId>,
}

impl Border {
    fn of(module: &Module, staying: &BTreeSet<FunctionId>) -> Result<Border> {
        let table = module
            .tables
            .main_function_table()?
            .context("the program has no table of functions")?;
        let mut slots = BTreeMap::new();
        for element in module.elements.iter() {
            let (ElementKind::Active { table: of, offset }, ElementItems::Functions(items)) =
                (&element.kind, &element.items)
            else {
                continue;
            };
            if *of == table {
                let start = number(offset).context("an offset that is not a number")? as u32;
                slots.extend((start..).zip(items.iter().copied()));
            }
        }
        let mut places: BTreeMap<_, _> = slots.iter().map(|(place, id)| (*id, *place)).collect();
        let mut next = module.tables.get(table).initial as u32;
        let mut called = Needs::default();
        for (id, function) in module.funcs.iter_local() {
            if staying.contains(&id) {
                dfs_in_order(&mut called, function, function.entry_block());
            }
        }
        for function in called.functions.difference(staying) {
            places.entry(*function).or_insert_with(|| {
                slots.insert(next, *function);
                next += 1;
                next - 1
            });
        }
        let mut needs = needs_of_the_rest(module, staying);
        needs.tables.insert(table);
        Ok(Border {
            table,
            places,
            slots,
            needs,
        })
    }

    /// The places that belong to one side, in runs.
    fn runs(&self, wanted: impl Fn(&FunctionId) -> bool) -> Vec<(u32, Vec<FunctionId>)> {
        let mut runs: Vec<(u32, Vec<FunctionId>)> = Vec::new();
        for (place, id) in self.slots.iter().filter(|(_, id)| wanted(id)) {
            match runs.last_mut() {
                Some((start, run)) if *start + run.len() as u32 == *place => run.push(*id),
                _ => runs.push((*place, vec![*id])),
            }
        }
        runs
    }

    fn fill_table(&self, module: &mut Module, wanted: impl Fn(&FunctionId) -> bool) {
        let old: Vec<_> = (module.elements.iter())
            .filter(
                |old| matches!(old.kind, ElementKind::Active { table, .. } if table == self.table),
            )
            .map(|old| old.id())
            .collect();
        for id in old {
            module.elements.delete(id);
        }
        let table = module.tables.get_mut(self.table);
        table.elem_segments.clear();
        let places = self.slots.last_key_value().map_or(0, |(last, _)| last + 1);
        table.initial = table.initial.max(u64::from(places));
        table.maximum = table.maximum.map(|most| most.max(u64::from(places)));
        for (start, run) in self.runs(wanted) {
            let kind = ElementKind::Active {
                table: self.table,
                offset: ConstExpr::Value(Value::I32(start as i32)),
            };
            let id = module.elements.add(kind, ElementItems::Functions(run));
            let table = module.tables.get_mut(self.table);
            table.elem_segments.insert(id);
        }
    }
}

impl<'instr> Visitor<'instr> for Needs {
    fn visit_call(&mut self, call: &Call) {
        self.functions.insert(call.func);
    }
    fn visit_global_get(&mut self, get: &GlobalGet) {
        self.globals.insert(get.global);
    }
    fn visit_global_set(&mut self, set: &GlobalSet) {
        self.globals.insert(set.global);
    }
    fn visit_table_id(&mut self, table: &TableId) {
        self.tables.insert(*table);
    }
}

/// The part that runs by itself.
pub fn first(
    program: &[u8],
    first: &BTreeSet<usize>,
    left_out: [&Vec<Range<usize>>; 2],
) -> Result<(Vec<u8>, Renamed)> {
    let mut module = parse(program)?;
    let staying = &staying(&module, first);
    let border = Border::of(&module, staying)?;
    let doors = Doors::build(&mut module, &border, staying)?;
    for id in staying {
        if let FunctionKind::Local(function) = &mut module.funcs.get_mut(*id).kind {
            let start = function.entry_block();
            dfs_pre_order_mut(&mut &doors, function, start);
        }
    }
    border.fill_table(&mut module, |id| staying.contains(id));
    let Needs {
        functions,
        globals,
        tables,
    } = &border.needs;
    let items = (functions.iter().copied().map(ExportItem::Function))
        .chain(globals.iter().copied().map(ExportItem::Global))
        .chain(tables.iter().copied().map(ExportItem::Table));
    for (number, item) in items.enumerate() {
        module.exports.add(&name(number), item);
    }
    let all_data: Vec<_> = module.data.iter().map(Data::id).collect();
    for id in all_data {
        let data = module.data.get_mut(id);
        let Some(start) = address(data) else { continue };
        for range in left_out.into_iter().flatten() {
            let within = range.start.wrapping_sub(start)..range.end.wrapping_sub(start);
            if let Some(bytes) = data.value.get_mut(within) {
                bytes.fill(0);
            }
        }
    }
    walrus::passes::gc::run(&mut module);
    let renamed = shorten(&mut module);
    Ok((module.emit_wasm(), renamed))
}

/// The part with every other function.
pub fn rest(
    program: &[u8],
    first: &BTreeSet<usize>,
    constants: &[Range<usize>],
) -> Result<Vec<u8>> {
    let mut module = parse(program)?;
    let staying = &staying(&module, first);
    let border = Border::of(&module, staying)?;
    let exports: Vec<_> = module.exports.iter().map(|export| export.id()).collect();
    for id in exports {
        module.exports.delete(id);
    }
    module.start = None;
    border.fill_table(&mut module, |id| !staying.contains(id));
    keep_data(&mut module, constants)?;
    let Needs {
        functions,
        globals,
        tables,
    } = &border.needs;
    let mut names = (0..).map(name);
    let mut names = names.by_ref();
    for (id, name) in functions.iter().zip(&mut names) {
        if let FunctionKind::Import(old) = &module.funcs.get(*id).kind {
            module.imports.delete(old.import);
        }
        let ty = module.funcs.get(*id).ty();
        let import = module.imports.add(FIRST, &name, *id);
        module.funcs.get_mut(*id).kind = FunctionKind::Import(ImportedFunction { import, ty });
    }
    for (id, name) in globals.iter().zip(&mut names) {
        let import = module.imports.add(FIRST, &name, *id);
        module.globals.get_mut(*id).kind = GlobalKind::Import(import);
    }
    for (id, name) in tables.iter().zip(&mut names) {
        let import = module.imports.add(FIRST, &name, *id);
        let table = module.tables.get_mut(*id);
        table.import = Some(import);
        table.maximum = None;
    }
    walrus::passes::gc::run(&mut module);
    Ok(module.emit_wasm())
}

/// A part of constants alone.
pub fn constants(program: &[u8], ranges: &[Range<usize>]) -> Result<Vec<u8>> {
    let mut module = parse(program)?;
    let exports: Vec<_> = module.exports.iter().map(|export| export.id()).collect();
    for id in exports {
        module.exports.delete(id);
    }
    module.start = None;
    keep_data(&mut module, ranges)?;
    walrus::passes::gc::run(&mut module);
    Ok(module.emit_wasm())
}

/// Leaves only these bytes of the program's data, in a memory that is imported.
fn keep_data(module: &mut Module, ranges: &[Range<usize>]) -> Result<()> {
    let memory = module.get_memory_id()?;
    let kept: Vec<(usize, Vec<u8>)> = (ranges.iter())
        .map(|range| (range.start, super::bytes_at(module, range).to_vec()))
        .filter(|(_, bytes)| bytes.iter().any(|byte| *byte != 0))
        .collect();
    let old: Vec<_> = module.data.iter().map(Data::id).collect();
    for id in old {
        module.data.delete(id);
    }
    module.memories.get_mut(memory).data_segments.clear();
    for (start, bytes) in kept {
        let offset = ConstExpr::Value(Value::I32(start as i32));
        let id = module.data.add(DataKind::Active { memory, offset }, bytes);
        module.memories.get_mut(memory).data_segments.insert(id);
    }
    let import = module.imports.add(FIRST, "memory", memory);
    module.memories.get_mut(memory).import = Some(import);
    Ok(())
}

/// Where a segment of data lies in memory.
pub fn address(data: &Data) -> Option<usize> {
    match &data.kind {
        DataKind::Active { offset, .. } => number(offset),
        DataKind::Passive => None,
    }
}

fn number(value: &ConstExpr) -> Option<usize> {
    match value {
        ConstExpr::Value(Value::I32(number)) => usize::try_from(*number).ok(),
        _ => None,
    }
}

/// Short names for what the parts share, unlike any name that the page's glue uses.
fn name(number: usize) -> String {
    const DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut name = String::new();
    let mut left = number;
    loop {
        name.push(char::from(DIGITS[left % DIGITS.len()]));
        left /= DIGITS.len();
        if left == 0 {
            return name;
        }
    }
}

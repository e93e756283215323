//! Which function and which constant refers to which constant: what the linker knew, from the sections
//! that `--emit-relocs` leaves in the program (tool-conventions' Linking.md).
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use wasmparser::{
    BinaryReader, DataKind, KnownCustom, Linking, LinkingSectionReader, Name, Operator, Parser,
    Payload, RelocSectionReader, RelocationType, SymbolInfo,
};

/// The constants of a linked program.
#[derive(Default)]
pub struct Symbols {
    /// By the linker's number; functions and the like have an empty range here.
    constants: Vec<Constant>,
    /// The constants that functions of this name refer to.
    of_function: BTreeMap<String, Vec<usize>>,
    /// Places in the source, which only a panic reads.
    locations: BTreeSet<usize>,
}

/// One constant of the program.
#[derive(Clone, Default)]
struct Constant {
    /// Where it lies in memory.
    at: Range<usize>,
    refers_to: Vec<usize>,
}

/// Where things are in the linked file, while it is read.
#[derive(Default)]
struct Layout {
    /// The code section's first byte, and each body by its end.
    code_start: usize,
    body_ends: Vec<usize>,
    first_body: usize,
    names: BTreeMap<u32, String>,
    /// The data section's first byte, and of each segment the file's bytes and the address in memory.
    data_start: usize,
    segments: Vec<(Range<usize>, usize)>,
    code_relocations: Vec<(usize, usize)>,
    data_relocations: Vec<(usize, usize)>,
    data_section: u32,
}

impl Symbols {
    /// Reads a program as the linker wrote it.
    pub fn read(linked: &[u8]) -> Result<Symbols> {
        let mut symbols = Symbols::default();
        let mut layout = Layout::default();
        let mut section = 0;
        for payload in Parser::new(0).parse_all(linked) {
            let payload = payload?;
            let is_section = payload.as_section().is_some();
            layout.note(&payload, section)?;
            if let Payload::CustomSection(custom) = &payload
                && custom.name() == "linking"
            {
                let reader = BinaryReader::new(custom.data(), custom.data_offset());
                symbols.constants =
                    constants(LinkingSectionReader::new(reader)?, &layout.segments)?;
            }
            section += u32::from(is_section);
        }
        symbols.connect(&layout);
        Ok(symbols)
    }

    fn connect(&mut self, layout: &Layout) {
        for &(offset, target) in &layout.code_relocations {
            let at = layout.code_start + offset;
            let body = layout.body_ends.partition_point(|end| *end <= at);
            let name = layout.names.get(&((layout.first_body + body) as u32));
            let name = name.cloned().unwrap_or_default();
            self.of_function.entry(name).or_default().push(target);
        }
        let mut by_start: Vec<(usize, usize)> = (self.constants.iter().enumerate())
            .filter(|(_, constant)| !constant.at.is_empty())
            .map(|(index, constant)| (constant.at.start, index))
            .collect();
        by_start.sort_unstable();
        for &(offset, target) in &layout.data_relocations {
            let Some(address) = layout.address(layout.data_start + offset) else {
                continue;
            };
            // Several names may share their bytes, so all that hold the address are its owners.
            let until = by_start.partition_point(|(start, _)| *start <= address);
            for &(_, owner) in by_start[..until].iter().rev().take(8) {
                if self.constants[owner].at.contains(&address) {
                    self.constants[owner].refers_to.push(target);
                }
            }
        }
    }

    /// Takes the places in the source that a panic names for what nobody can reach: they are read when the panic is
    /// told, and who tells it comes with the rest.
    pub fn forget_locations(&mut self, bytes_at: impl Fn(&Range<usize>) -> Vec<u8>) {
        const LOCATION_BYTES: usize = 16; // a path's address and length, line, column
        let is_location = |constant: &Constant| match constant.refers_to[..] {
            [path] if constant.at.len() == LOCATION_BYTES => {
                let path = bytes_at(&self.constants[path].at);
                path.ends_with(b".rs") || path.ends_with(b".rs\0")
            }
            _ => false,
        };
        self.locations = (self.constants.iter().enumerate())
            .filter(|(_, constant)| is_location(constant))
            .map(|(index, _)| index)
            .collect();
    }

    /// Every constant, with where it lies and whether one of these functions can reach it.
    pub fn reached_from<'a>(
        &self,
        functions: impl Iterator<Item = &'a str>,
    ) -> Vec<(Range<usize>, bool)> {
        let mut open: Vec<usize> = functions
            .filter_map(|name| self.of_function.get(name))
            .flatten()
            .copied()
            .collect();
        // A function without a name could refer to anything that nameless ones refer to.
        open.extend(self.of_function.get("").into_iter().flatten());
        let mut reached = BTreeSet::new();
        while let Some(constant) = open.pop() {
            if !self.locations.contains(&constant) && reached.insert(constant) {
                open.extend(&self.constants[constant].refers_to);
            }
        }
        let all = self.constants.iter().enumerate();
        all.filter(|(_, constant)| !constant.at.is_empty())
            .map(|(index, constant)| (constant.at.clone(), reached.contains(&index)))
            .collect()
    }

    /// Whether the constant at this place holds the address of another one.
    pub fn has_addresses(&self, at: &Range<usize>) -> bool {
        let same = self.constants.iter().filter(|constant| constant.at == *at);
        same.into_iter()
            .any(|constant| !constant.refers_to.is_empty())
    }
}

impl Layout {
    fn note(&mut self, payload: &Payload, section: u32) -> Result<()> {
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.clone().into_imports() {
                    let is_function = matches!(import?.ty, wasmparser::TypeRef::Func(_));
                    self.first_body += usize::from(is_function);
                }
            }
            Payload::CodeSectionStart { range, .. } => self.code_start = range.start,
            Payload::CodeSectionEntry(body) => self.body_ends.push(body.range().end),
            Payload::DataSection(data) => {
                self.data_start = data.range().start;
                self.data_section = section;
                for segment in data.clone() {
                    let segment = segment?;
                    let DataKind::Active { offset_expr, .. } = &segment.kind else {
                        continue;
                    };
                    let Operator::I32Const { value } = offset_expr.get_operators_reader().read()?
                    else {
                        continue;
                    };
                    let start = segment.range.end - segment.data.len();
                    self.segments
                        .push((start..segment.range.end, value as usize));
                }
            }
            Payload::CustomSection(custom) => match custom.as_known() {
                KnownCustom::Name(names) => {
                    for part in names {
                        if let Name::Function(functions) = part? {
                            for function in functions {
                                let function = function?;
                                self.names.insert(function.index, function.name.to_owned());
                            }
                        }
                    }
                }
                _ if custom.name().starts_with("reloc.") => {
                    let reader = BinaryReader::new(custom.data(), custom.data_offset());
                    self.relocations(RelocSectionReader::new(reader)?)?;
                }
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn relocations(&mut self, section: RelocSectionReader) -> Result<()> {
        let of_data = section.section_index() == self.data_section;
        let into = match of_data {
            true => &mut self.data_relocations,
            false => &mut self.code_relocations,
        };
        for entry in section.entries() {
            let entry = entry?;
            if is_address(entry.ty) {
                into.push((entry.offset as usize, entry.index as usize));
            }
        }
        Ok(())
    }

    /// The address in memory of a byte of the file's data section.
    fn address(&self, at: usize) -> Option<usize> {
        let (bytes, address) = self
            .segments
            .iter()
            .find(|(bytes, _)| bytes.contains(&at))?;
        Some(address + at - bytes.start)
    }
}

fn is_address(kind: RelocationType) -> bool {
    matches!(
        kind,
        RelocationType::MemoryAddrLeb
            | RelocationType::MemoryAddrSleb
            | RelocationType::MemoryAddrI32
            | RelocationType::MemoryAddrRelSleb
            | RelocationType::MemoryAddrLocrelI32
            | RelocationType::MemoryAddrTlsSleb
    )
}

fn constants(
    linking: LinkingSectionReader,
    segments: &[(Range<usize>, usize)],
) -> Result<Vec<Constant>> {
    let mut constants = Vec::new();
    for part in linking.subsections() {
        let Linking::SymbolTable(table) = part? else {
            continue;
        };
        for symbol in table {
            let mut constant = Constant::default();
            if let SymbolInfo::Data {
                symbol: Some(found),
                ..
            } = symbol?
            {
                let (bytes, address) = segments
                    .get(found.index as usize)
                    .context("a constant lies outside of the data")?;
                let start = address + found.offset as usize;
                let end = (start + found.size as usize).min(address + bytes.len());
                constant.at = start.min(end)..end;
            }
            constants.push(constant);
        }
    }
    Ok(constants)
}

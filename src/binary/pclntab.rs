//! The pclntab: the table from which the runtime itself prints tracebacks, in
//! every Go executable, stripped or not (runtime/symtab.go; cmd/link/internal/ld/pcln.go).
//!
//! Nothing is read ahead: one look-up touches the header, a binary search in
//! the function table, and the few tables of one function.

use super::image::{Image, Words};
use super::moduledata;
use crate::addr::LinkAddr;

/// How the table was found and what its header says. It holds no reference, so
/// that a [`super::Binary`] can keep it.
#[derive(Clone, Debug)]
pub struct Layout {
    pub from: &'static str,
    pub address: LinkAddr,
    offset: usize,
    end: usize,
    words: Words,
    version: Version,
    quantum: u8,
    pub functions: usize,
    names: usize,
    files_cu: usize,
    files: usize,
    tables: usize,
    table: usize,
    /// `runtime.text`: what function offsets are relative to. Never the start
    /// of `.text`, where a C linker puts its own start code first.
    pub text: LinkAddr,
    /// `go:func.*`: what funcdata offsets are relative to.
    gofunc: Option<LinkAddr>,
}

/// Go versions with one layout of `_func` and of the inline tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Version {
    /// Magic 0xfffffff0
    Go118,
    /// Magic 0xfffffff1, Go 1.20 to 1.27
    Go120,
}

impl Version {
    pub fn range(self) -> &'static str {
        match self {
            Version::Go118 => "Go 1.18 or 1.19",
            Version::Go120 => "Go 1.20 or later",
        }
    }
}

/// Magic numbers that are a pclntab, but of a version whose tables are not read.
const OLD: [(u32, &str); 2] = [(0xffff_fffb, "Go 1.2 to 1.15"), (0xffff_fffa, "Go 1.16 or 1.17")];

/// Longest chain of inlined calls that is followed; the runtime has no such
/// limit, but its own tables stay below ten.
const MAX_INLINE: usize = 1000;

/// Finds the table: by section, else by its magic in everything that is mapped.
///
/// # Errors
/// The reason in words, for the report.
pub(super) fn find(
    image: &Image,
    data: &[u8],
    pointer: &dyn Fn(LinkAddr) -> Option<u64>,
    relocated_to: &dyn Fn(u64) -> Vec<u64>,
) -> Result<Layout, String> {
    let words = Words { pointer_size: image.pointer_size, big_endian: image.big_endian };
    let named = |name: &str| image.section(name).map(|s| (s.offset, s.length, true));
    let sections = [".gopclntab", ".data.rel.ro.gopclntab", "__gopclntab"].iter().filter_map(|n| named(n));
    let segments = image.segments.iter().map(|s| (s.offset, s.length, false));
    let mut old = None;
    for (start, length, by_section) in sections.chain(segments) {
        let Some(area) = data.get(start..start.saturating_add(length)) else { continue };
        let candidates: Vec<usize> = if by_section { vec![0] } else { magics(area, words) };
        for at in candidates {
            let bytes = area.get(at..).unwrap_or_default();
            let offset = start.saturating_add(at);
            match header(bytes, words, image.pointer_size) {
                Ok(header) => {
                    let Some(address) = image.address_of(offset) else { continue };
                    let located = moduledata::find(image, data, address, &header, pointer, relocated_to);
                    let Some(module) = located else { continue };
                    return Ok(Layout {
                        from: if by_section { "section" } else { "search for its magic number" },
                        address,
                        offset,
                        end: start.saturating_add(length),
                        words,
                        version: header.version,
                        quantum: header.quantum,
                        functions: header.functions,
                        names: header.names,
                        files_cu: header.files_cu,
                        files: header.files,
                        tables: header.tables,
                        table: header.table,
                        text: module.text,
                        gofunc: module.gofunc,
                    });
                }
                Err(range) => old = old.or(range),
            }
        }
    }
    Err(match old {
        Some(range) => format!("its pclntab is of {range}; panicmap reads Go 1.18 and later"),
        None => "no pclntab".to_owned(),
    })
}

/// Places in an area where one of the magic numbers stands at a multiple of 4.
fn magics(area: &[u8], words: Words) -> Vec<usize> {
    let mut out = Vec::new();
    for magic in [0xffff_fff1u32, 0xffff_fff0, OLD[1].0, OLD[0].0] {
        let pattern = if words.big_endian { magic.to_be_bytes() } else { magic.to_le_bytes() };
        out.extend(memchr::memmem::find_iter(area, &pattern).filter(|at| at.is_multiple_of(4)));
    }
    out
}

pub(super) struct Header {
    pub(super) version: Version,
    quantum: u8,
    pub(super) functions: usize,
    pub(super) text_start: u64,
    pub(super) names: usize,
    files_cu: usize,
    files: usize,
    pub(super) tables: usize,
    table: usize,
}

/// Checks a header well enough that no random bytes pass (runtime/symtab.go,
/// `moduledataverify1`).
fn header(bytes: &[u8], words: Words, pointer_size: u8) -> Result<Header, Option<&'static str>> {
    let magic = words.u32(bytes, 0).ok_or(None)?;
    let [0, 0, quantum, size] = *bytes.get(4..8).and_then(|b| b.first_chunk::<4>()).ok_or(None)? else {
        return Err(None);
    };
    if !matches!(quantum, 1 | 2 | 4) || size != pointer_size {
        return Err(None);
    }
    let version = match magic {
        0xffff_fff0 => Version::Go118,
        0xffff_fff1 => Version::Go120,
        other => return Err(OLD.iter().find(|(m, _)| *m == other).map(|(_, range)| *range)),
    };
    let word = |index: usize| {
        words.word(bytes, 8usize.saturating_add(index.saturating_mul(size.into()))).ok_or(None)
    };
    let offset = |index: usize| word(index).and_then(|w| usize::try_from(w).map_err(|_| None));
    let header = Header {
        version,
        quantum,
        functions: offset(0)?,
        text_start: word(2)?,
        names: offset(3)?,
        files_cu: offset(4)?,
        files: offset(5)?,
        tables: offset(6)?,
        table: offset(7)?,
    };
    let ascending = [header.names, header.files_cu, header.files, header.tables, header.table, bytes.len()];
    let fits = header.functions.checked_mul(8).and_then(|n| n.checked_add(header.table)?.checked_add(4));
    let plausible = header.functions >= 1
        && ascending.is_sorted()
        && fits.is_some_and(|end| end <= bytes.len())
        && (0..header.functions.min(200)).is_sorted_by_key(|i| words.u32(bytes, entry_at(header.table, i)));
    if plausible { Ok(header) } else { Err(None) }
}

fn entry_at(table: usize, index: usize) -> usize {
    table.saturating_add(index.saturating_mul(8))
}

/// The table with the bytes under it.
#[derive(Clone, Copy)]
pub struct Pclntab<'a> {
    layout: &'a Layout,
    image: &'a Image,
    data: &'a [u8],
    bytes: &'a [u8],
}

/// A function of the table.
#[derive(Clone, Copy, Debug)]
pub struct Function<'a> {
    pub entry: LinkAddr,
    /// Up to the next function's entry, padding included.
    pub end: LinkAddr,
    /// `_func` record, as an offset from the start of the table.
    record: usize,
    /// The link symbol's name.
    pub name: &'a [u8],
}

/// One place in the source, as the table tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The link symbol's name; see [`printed_name`].
    pub function: &'a [u8],
    pub file: &'a [u8],
    pub line: u32,
    pub inlined: bool,
}

impl<'a> Pclntab<'a> {
    pub(super) fn new(layout: &'a Layout, image: &'a Image, data: &'a [u8]) -> Pclntab<'a> {
        let bytes = data.get(layout.offset..layout.end).unwrap_or_default();
        Pclntab { layout, image, data, bytes }
    }

    pub fn version(&self) -> Version {
        self.layout.version
    }

    pub fn layout(&self) -> &'a Layout {
        self.layout
    }

    fn u32(&self, at: usize) -> Option<u32> {
        self.layout.words.u32(self.bytes, at)
    }

    #[inline]
    fn entry_offset(&self, index: usize) -> Option<u32> {
        self.u32(entry_at(self.layout.table, index))
    }

    fn text(&self, offset: u32) -> LinkAddr {
        self.layout.text.offset(offset.into())
    }

    /// The function by its index in the table, in order of address.
    pub fn function(&self, index: usize) -> Option<Function<'a>> {
        if index >= self.layout.functions {
            return None;
        }
        let entry = self.entry_offset(index)?;
        let end = self.entry_offset(index.saturating_add(1))?;
        let record = self.u32(entry_at(self.layout.table, index).saturating_add(4))?;
        let record = self.layout.table.saturating_add(record as usize);
        let name = self.name(self.u32(record.saturating_add(4))?);
        Some(Function { entry: self.text(entry), end: self.text(end), record, name })
    }

    pub fn functions(&self) -> impl Iterator<Item = Function<'a>> + use<'a> {
        let this = *self;
        (0..self.layout.functions).map_while(move |index| this.function(index))
    }

    /// The function that holds an address.
    pub fn find(&self, address: LinkAddr) -> Option<Function<'a>> {
        let offset = u32::try_from(address.0.checked_sub(self.layout.text.0)?).ok()?;
        // The end of the last function closes the table.
        if offset >= self.entry_offset(self.layout.functions)? {
            return None;
        }
        // Two entries may share an address (zero-size markers): the last one counts.
        let (mut low, mut high) = (0usize, self.layout.functions);
        while low < high {
            let middle = low.midpoint(high);
            if self.entry_offset(middle)? <= offset { low = middle.saturating_add(1) } else { high = middle }
        }
        self.function(low.checked_sub(1)?)
    }

    fn name(&self, offset: u32) -> &'a [u8] {
        self.string(self.layout.names.saturating_add(offset as usize))
    }

    fn string(&self, at: usize) -> &'a [u8] {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let end = memchr::memchr(0, rest).unwrap_or(0);
        rest.get(..end).unwrap_or_default()
    }

    /// All names of functions, physical and inlined, as one run of C strings.
    pub fn name_region(&self) -> &'a [u8] {
        self.bytes.get(self.layout.names..self.layout.files_cu).unwrap_or_default()
    }

    /// runtime/cgo is linked in: its asm_*.s defines crosscall2 and nothing
    /// else does. Names survive stripping.
    pub fn has_c_code(&self) -> bool {
        memchr::memmem::find(self.name_region(), b"\0crosscall2\0").is_some()
    }

    /// All file names, as one run of C strings.
    pub fn file_region(&self) -> &'a [u8] {
        self.bytes.get(self.layout.files..self.layout.tables).unwrap_or_default()
    }

    /// Value of a pc-value table at an address (runtime/symtab.go, `pcvalue`).
    fn value(&self, table: u32, entry: LinkAddr, at: LinkAddr) -> Option<i32> {
        if table == 0 {
            return None;
        }
        let mut bytes = self.bytes.get(self.layout.tables.saturating_add(table as usize)..)?;
        let mut pc = entry.0;
        let mut value = -1i32;
        let mut first = true;
        loop {
            let step = varint(&mut bytes)?;
            // A first delta of zero is legal; a later one ends the table.
            if step == 0 && !first {
                return None;
            }
            first = false;
            let delta = if step & 1 == 0 { step >> 1 } else { !(step >> 1) };
            value = value.wrapping_add(delta.cast_signed());
            pc = pc.wrapping_add(u64::from(varint(&mut bytes)?).wrapping_mul(self.layout.quantum.into()));
            if at.0 < pc {
                return Some(value);
            }
        }
    }

    /// File and line at an address of a function; `None` in padding.
    fn file_line(&self, function: &Function<'a>, at: LinkAddr) -> Option<(&'a [u8], u32)> {
        let field = |offset: usize| self.u32(function.record.saturating_add(offset));
        let line = self.value(field(24)?, function.entry, at)?;
        let file = self.value(field(20)?, function.entry, at)?;
        let index = field(32)?.wrapping_add(u32::try_from(file).ok()?);
        let name_at = self.u32(self.layout.files_cu.saturating_add((index as usize).saturating_mul(4)))?;
        let name: &[u8] = if name_at == u32::MAX {
            b"?"
        } else {
            self.string(self.layout.files.saturating_add(name_at as usize))
        };
        Some((name, u32::try_from(line).ok()?))
    }

    /// Layout of `_func` behind its fixed part: (offset of npcdata's array,
    /// number of pcdata, number of funcdata).
    fn record_parts(&self, function: &Function<'a>) -> Option<(usize, u32, u8)> {
        let fixed = match self.layout.version {
            Version::Go118 => 40usize,
            Version::Go120 => 44,
        };
        let pcdata = self.u32(function.record.saturating_add(28))?;
        let funcdata = *self.bytes.get(function.record.saturating_add(fixed).saturating_sub(1))?;
        Some((function.record.saturating_add(fixed), pcdata, funcdata))
    }

    /// runtime/funcdata.go: PCDATA_InlTreeIndex = 2, FUNCDATA_InlTree = 3.
    fn inline_tree(&self, function: &Function<'a>) -> Option<(u32, &'a [u8])> {
        let (arrays, pcdata, funcdata) = self.record_parts(function)?;
        if pcdata <= 2 || funcdata <= 3 {
            return None;
        }
        let index_table = self.u32(arrays.saturating_add(8))?;
        let trees = arrays.saturating_add((pcdata as usize).saturating_mul(4)).saturating_add(12);
        let offset = self.u32(trees).filter(|offset| *offset != u32::MAX)?;
        let address = self.layout.gofunc?.offset(offset.into());
        Some((index_table, self.data.get(self.image.offset_of(address)?..)?))
    }

    /// Everything that stands at an address, innermost first. Empty in padding
    /// and outside of functions.
    pub fn places(&self, address: LinkAddr) -> Vec<Place<'a>> {
        self.find(address).map(|function| self.places_in(&function, address)).unwrap_or_default()
    }

    /// As [`Pclntab::places`] for an address in a known function
    /// (runtime/symtabinl.go, `inlineUnwinder`).
    pub fn places_in(&self, function: &Function<'a>, address: LinkAddr) -> Vec<Place<'a>> {
        let mut out = Vec::new();
        let mut at = address;
        let tree = self.inline_tree(function);
        while let Some((index_table, records)) = tree
            && out.len() < MAX_INLINE
            && let Some(index) = self.value(index_table, function.entry, at).filter(|index| *index >= 0)
        {
            let (size, name_at, parent_at) = match self.layout.version {
                Version::Go118 => (20usize, 12usize, 16usize),
                Version::Go120 => (16, 4, 8),
            };
            let record = usize::try_from(index).unwrap_or(0).saturating_mul(size);
            let word = |offset: usize| self.layout.words.u32(records, record.saturating_add(offset));
            let (Some(name), Some(parent)) = (word(name_at), word(parent_at)) else { break };
            let Some((file, line)) = self.file_line(function, at) else { return Vec::new() };
            out.push(Place { function: self.name(name), file, line, inlined: true });
            at = function.entry.offset(parent.into());
        }
        match self.file_line(function, at) {
            Some((file, line)) => out.push(Place { function: function.name, file, line, inlined: false }),
            None => out.clear(),
        }
        out
    }
}

/// A varint of at most 32 bits (runtime/symtab.go, `readvarint`).
fn varint(bytes: &mut &[u8]) -> Option<u32> {
    let mut value = 0u32;
    for shift in [0u32, 7, 14, 21, 28] {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u32::from(byte & 0x7f).wrapping_shl(shift);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// The name as a traceback prints it: type arguments become `[...]`
/// (runtime/traceback.go, `funcNameForPrint`), and since Go 1.27, where methods
/// have type parameters of their own, two groups are kept apart.
pub fn printed_name(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    let (Some(open), Some(close)) = (text.find('['), text.rfind(']')) else { return text.into_owned() };
    if close < open {
        return text.into_owned();
    }
    let (mut depth, mut groups, mut between) = (0usize, Vec::new(), open);
    for (at, c) in text.char_indices().filter(|(at, _)| (open..=close).contains(at)) {
        match c {
            '[' => {
                if depth == 0 && at > open {
                    groups.push(text.get(between..at).unwrap_or(""));
                }
                depth = depth.saturating_add(1);
            }
            ']' => {
                depth = depth.saturating_sub(1);
                between = at.saturating_add(1);
            }
            _ => {}
        }
    }
    let middle = groups.iter().fold("[...]".to_owned(), |out, part| format!("{out}{part}[...]"));
    format!("{}{middle}{}", text.get(..open).unwrap_or(""), text.get(close.saturating_add(1)..).unwrap_or(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_arguments_are_printed_as_dots() {
        for (name, printed) in [
            ("main.Map[go.shape.int_0]", "main.Map[...]"),
            ("main.(*List[go.shape.string]).Map[go.shape.int]", "main.(*List[...]).Map[...]"),
            ("main.P.Conv[go.shape.[]int]", "main.P.Conv[...]"),
            ("main.f", "main.f"),
            ("main.g[go.shape.map[string]int].func1", "main.g[...].func1"),
        ] {
            assert_eq!(printed_name(name.as_bytes()), printed);
        }
    }

    #[test]
    fn varints_stop() {
        assert_eq!(varint(&mut &b"\x80\x01"[..]), Some(128));
        assert_eq!(varint(&mut &b"\xff\xff\xff\xff\xff\xff"[..]), None);
        assert_eq!(varint(&mut &b"\x80"[..]), None);
    }
}

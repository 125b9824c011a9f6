//! The pclntab: the table from which the runtime itself prints tracebacks, in
//! every Go executable, stripped or not (runtime/symtab.go; cmd/link/internal/ld/pcln.go).
//!
//! Nothing is read ahead: one look-up touches the header, a binary search in
//! the function table, and the few tables of one function.

mod frame;
mod inline;
mod layout;
mod locate;
mod moduledata;
mod names;

use super::Binary;
use crate::addr::LinkAddr;

pub use frame::FuncFlags;
pub use layout::{Layout, Version};
pub(super) use locate::find;
pub use names::{Naming, printed_name};

/// The table with the executable under it.
#[derive(Clone, Copy)]
pub struct Pclntab<'a> {
    layout: &'a Layout,
    binary: &'a Binary,
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
    /// The link symbol's name; see [`Pclntab::printed`].
    pub function: &'a [u8],
    pub file: &'a [u8],
    pub line: u32,
    pub inlined: bool,
}

impl<'a> Pclntab<'a> {
    pub(super) fn new(layout: &'a Layout, binary: &'a Binary) -> Pclntab<'a> {
        let bytes = binary.bytes().get(layout.offset..layout.end).unwrap_or_default();
        Pclntab { layout, binary, bytes }
    }

    pub fn version(&self) -> Version {
        self.layout.header.version
    }

    pub fn layout(&self) -> &'a Layout {
        self.layout
    }

    fn u32(&self, at: usize) -> Option<u32> {
        self.layout.words.u32(self.bytes, at)
    }

    /// A pointer-sized field of the table, relocated.
    fn pointer(&self, at: usize) -> Option<u64> {
        self.binary.pointer(self.layout.address.offset(at as u64))
    }

    /// Address of a function by its index; one past the last is the end.
    #[inline]
    fn entry(&self, index: usize) -> Option<u64> {
        let table = self.layout.header.table;
        if self.version().by_offset() {
            let offset = self.u32(table.saturating_add(index.saturating_mul(8)))?;
            Some(self.text_address(offset.into()))
        } else {
            let pair = usize::from(self.layout.words.pointer_size).saturating_mul(2);
            self.pointer(table.saturating_add(index.saturating_mul(pair)))
        }
    }

    /// runtime/symtab.go, `textAddr` and `textsectmap`.
    fn text_address(&self, offset: u64) -> u64 {
        let section = self.layout.sections.iter().enumerate().find(|(index, (start, end, _))| {
            let last = index.saturating_add(1) == self.layout.sections.len();
            offset >= *start && (offset < *end || (last && offset == *end))
        });
        match section {
            Some((_, (start, _, address))) => address.wrapping_add(offset.wrapping_sub(*start)),
            None => self.layout.text.0.wrapping_add(offset).wrapping_shl(self.layout.shift),
        }
    }

    /// The function by its index in the table, in order of address.
    pub fn function(&self, index: usize) -> Option<Function<'a>> {
        if index >= self.layout.functions {
            return None;
        }
        let (entry, end) = (self.entry(index)?, self.entry(index.saturating_add(1))?);
        let header = &self.layout.header;
        let record = if self.version().by_offset() {
            self.u32(header.table.saturating_add(index.saturating_mul(8)).saturating_add(4))? as usize
        } else {
            let size = usize::from(self.layout.words.pointer_size);
            let at = index.saturating_mul(size).saturating_mul(2).saturating_add(size);
            let field = self.layout.words.word(self.bytes, header.table.saturating_add(at))?;
            usize::try_from(field).ok()?
        };
        let record = header.records.saturating_add(record);
        let name = self.name(self.u32(record.saturating_add(self.layout.record().name))?);
        Some(Function { entry: LinkAddr(entry), end: LinkAddr(end), record, name })
    }

    pub fn functions(&self) -> impl Iterator<Item = Function<'a>> + use<'a> {
        let this = *self;
        (0..self.layout.functions).map_while(move |index| this.function(index))
    }

    /// The function that holds an address.
    pub fn find(&self, address: LinkAddr) -> Option<Function<'a>> {
        // The end of the last function closes the table.
        if address.0 >= self.entry(self.layout.functions)? {
            return None;
        }
        // Two entries may share an address (zero-size markers): the last one counts.
        let (mut low, mut high) = (0usize, self.layout.functions);
        while low < high {
            let middle = low.midpoint(high);
            if self.entry(middle)? <= address.0 { low = middle.saturating_add(1) } else { high = middle }
        }
        self.function(low.checked_sub(1)?)
    }

    /// A name as the runtime of this executable prints it.
    pub fn printed(&self, name: &[u8]) -> String {
        self.binary.naming().print(name)
    }

    fn name(&self, offset: u32) -> &'a [u8] {
        self.string(self.layout.header.names.saturating_add(offset as usize))
    }

    fn string(&self, at: usize) -> &'a [u8] {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let end = memchr::memchr(0, rest).unwrap_or(0);
        rest.get(..end).unwrap_or_default()
    }

    /// All names of functions, physical and inlined, as one run of C strings.
    /// Up to Go 1.15 they stand between the other tables.
    pub fn name_region(&self) -> &'a [u8] {
        self.region(self.layout.header.names, self.layout.header.units)
    }

    /// All file names, as one run of C strings; as [`Pclntab::name_region`].
    pub fn file_region(&self) -> &'a [u8] {
        self.region(self.layout.header.files, self.layout.header.tables)
    }

    fn region(&self, start: usize, end: usize) -> &'a [u8] {
        let mixed = self.version() < Version::Go116;
        let range = if mixed { 0..self.bytes.len() } else { start..end };
        self.bytes.get(range).unwrap_or_default()
    }

    /// runtime/cgo is linked in: its asm_*.s defines crosscall2 and nothing
    /// else does. Names survive stripping.
    pub fn has_c_code(&self) -> bool {
        memchr::memmem::find(self.name_region(), b"\0crosscall2\0").is_some()
    }

    /// Value of a pc-value table at an address (runtime/symtab.go, `pcvalue`).
    fn value(&self, table: u32, entry: LinkAddr, at: LinkAddr) -> Option<i32> {
        if table == 0 {
            return None;
        }
        let mut bytes = self.bytes.get(self.layout.header.tables.saturating_add(table as usize)..)?;
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
            let quantum = u64::from(self.layout.header.quantum);
            pc = pc.wrapping_add(u64::from(varint(&mut bytes)?).wrapping_mul(quantum));
            if at.0 < pc {
                return Some(value);
            }
        }
    }

    /// File and line at an address of a function; `None` in padding.
    fn file_line(&self, function: &Function<'a>, at: LinkAddr) -> Option<(&'a [u8], u32)> {
        let record = self.layout.record();
        let field = |offset: usize| self.u32(function.record.saturating_add(offset));
        let line = self.value(field(record.line)?, function.entry, at)?;
        let file = self.value(field(record.file)?, function.entry, at)?;
        let unit = if self.version() >= Version::Go116 { field(record.unit)? } else { 0 };
        let index = unit.wrapping_add(u32::try_from(file).ok()?);
        Some((self.file(index)?, u32::try_from(line).ok()?))
    }

    /// The name of a file by its index. Up to Go 1.15 the list begins with its
    /// length, so that index 0 names nothing; a unit of later versions may have
    /// dropped a file.
    fn file(&self, index: u32) -> Option<&'a [u8]> {
        let header = &self.layout.header;
        let at = self.u32(header.units.saturating_add((index as usize).saturating_mul(4)))?;
        let nameless = if self.version() >= Version::Go116 { at == u32::MAX } else { index == 0 };
        Some(if nameless { b"?" } else { self.string(header.files.saturating_add(at as usize)) })
    }

    /// Everything that stands at an address, innermost first. Empty in padding
    /// and outside of functions.
    pub fn places(&self, address: LinkAddr) -> Vec<Place<'a>> {
        self.find(address).map(|function| self.places_in(&function, address)).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_stop() {
        assert_eq!(varint(&mut &b"\x80\x01"[..]), Some(128));
        assert_eq!(varint(&mut &b"\xff\xff\xff\xff\xff\xff"[..]), None);
        assert_eq!(varint(&mut &b"\x80"[..]), None);
    }
}

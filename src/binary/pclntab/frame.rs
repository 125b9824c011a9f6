//! What the tables tell an unwinder of a function: the size of its frame, the
//! way in which it is special, and how its arguments are printed
//! (runtime/runtime2.go, `_func`; internal/abi/symtab.go; Go 1.18 to 1.27).

use super::{Function, Pclntab, Version};
use crate::addr::LinkAddr;

/// `_func.flag` (internal/abi/symtab.go, 1.27).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FuncFlags(u8);

impl FuncFlags {
    /// The outermost frame of a stack.
    pub fn top_frame(self) -> bool {
        self.0 & 1 != 0
    }

    /// It writes the stack pointer in a way that the tables do not tell.
    pub fn writes_sp(self) -> bool {
        self.0 & 2 != 0
    }
}

/// FUNCDATA_ArgInfo, FUNCDATA_ArgLiveInfo, PCDATA_ArgLiveIndex.
const ARG_INFO: u8 = 5;
const ARG_LIVE_INFO: u8 = 6;
const ARG_LIVE_INDEX: u32 = 3;

impl<'a> Pclntab<'a> {
    fn field(&self, function: &Function<'a>, offset: usize) -> Option<u32> {
        self.u32(function.record.saturating_add(offset))
    }

    /// The pc-value table of a kind of pcdata, as an offset; `None` where the
    /// function has none.
    pub(super) fn pcdata(&self, function: &Function<'a>, kind: u32) -> Option<u32> {
        let record = self.layout.record();
        let count = self.field(function, record.pcdata_count)?;
        let at = record.lists.saturating_add((kind as usize).saturating_mul(4));
        (kind < count).then(|| self.field(function, at)).flatten()
    }

    /// Where funcdata of a kind is.
    pub(super) fn funcdata(&self, function: &Function<'a>, kind: u8) -> Option<LinkAddr> {
        let record = self.layout.record();
        let pcdata_count = self.field(function, record.pcdata_count)?;
        let count = *self.bytes.get(function.record.saturating_add(record.funcdata_count))?;
        if count <= kind {
            return None;
        }
        let lists = function.record.saturating_add(record.lists);
        let funcdata = lists.saturating_add((pcdata_count as usize).saturating_mul(4));
        let number = usize::from(kind);
        if self.version().by_offset() {
            let offset = self.u32(funcdata.saturating_add(number.saturating_mul(4)))?;
            if offset == u32::MAX {
                return None;
            }
            return Some(self.layout.gofunc?.offset(offset.into()));
        }
        // Pointers, aligned (runtime/symtab.go, `funcdata`, 1.17).
        let size = usize::from(self.layout.words.pointer_size);
        let start = self.layout.address.0.wrapping_add(funcdata as u64);
        let gap = if size == 8 && start & 4 != 0 { 4 } else { 0 };
        let at = funcdata.saturating_add(gap).saturating_add(number.saturating_mul(size));
        self.pointer(at).filter(|address| *address != 0).map(LinkAddr)
    }

    pub(super) fn funcdata_bytes(&self, function: &Function<'a>, kind: u8) -> Option<&'a [u8]> {
        let address = self.funcdata(function, kind)?;
        self.binary.bytes().get(self.binary.image.offset_of(address)?..)
    }

    /// Bytes between the stack pointer at an address and the frame's end;
    /// `None` where the function has no such table.
    pub fn stack_delta(&self, function: &Function<'a>, at: LinkAddr) -> Option<i32> {
        let table = self.field(function, self.layout.record().name.saturating_add(12))?;
        self.value(table, function.entry, at)
    }

    /// Where `funcID` and `flag` are: behind `startLine` since Go 1.20.
    fn kind_offset(&self) -> Option<usize> {
        match self.version() {
            Version::Go120 => Some(40),
            Version::Go118 => Some(36),
            _ => None,
        }
    }

    pub fn flags(&self, function: &Function<'a>) -> FuncFlags {
        let at = self.kind_offset().map(|offset| function.record.saturating_add(offset).saturating_add(1));
        FuncFlags(at.and_then(|at| self.bytes.get(at)).copied().unwrap_or(0))
    }

    /// The program that prints the arguments (runtime/traceback.go, `printArgs`, 1.27).
    pub fn argument_info(&self, function: &Function<'a>) -> Option<&'a [u8]> {
        self.funcdata_bytes(function, ARG_INFO)
    }

    /// Which arguments still hold their value at an address: the smallest
    /// offset that is tracked, and a bit for each from there on.
    pub fn argument_liveness(&self, function: &Function<'a>, at: LinkAddr) -> Option<(u8, Option<&'a [u8]>)> {
        let bytes = self.funcdata_bytes(function, ARG_LIVE_INFO)?;
        let start = *bytes.first()?;
        let table = self.pcdata(function, ARG_LIVE_INDEX).unwrap_or(0);
        let index = self.value(table, function.entry, at).unwrap_or(-1);
        let bits =
            usize::try_from(index).ok().filter(|index| *index > 0).and_then(|index| bytes.get(index..));
        Some((start, bits))
    }

    /// Bytes of the shortest instruction (`sys.PCQuantum`).
    pub fn quantum(&self) -> u64 {
        self.layout.header.quantum.into()
    }

    /// File and line at an address, by the function's own tables: those of the
    /// innermost inlined call.
    pub fn line(&self, function: &Function<'a>, at: LinkAddr) -> Option<(&'a [u8], u32)> {
        self.file_line(function, at)
    }

    /// The pc that stands for the call in the function itself: of inlined code
    /// the outermost parent's.
    pub fn physical_pc(&self, function: &Function<'a>, at: LinkAddr) -> LinkAddr {
        self.places_and_parent(function, at).1
    }
}

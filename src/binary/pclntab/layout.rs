//! Where the parts of a pclntab are: the header of every version, and what
//! differs between versions (runtime/symtab.go, `moduledataverify1`, and
//! runtime/runtime2.go, `_func`, of Go 1.2 to 1.27; cmd/link/internal/ld/pcln.go).

use crate::addr::LinkAddr;
use crate::binary::image::Words;

/// How the table was found and what its header says. It holds no reference, so
/// that a [`crate::binary::Binary`] can keep it.
#[derive(Clone, Debug)]
pub struct Layout {
    pub from: &'static str,
    /// The magic number is not one of Go's: garble writes its own.
    pub altered: bool,
    pub address: LinkAddr,
    pub functions: usize,
    /// `runtime.text`: what function offsets are relative to. Never the start
    /// of `.text`, where a C linker puts its own start code first.
    pub text: LinkAddr,
    /// Where text is in several sections: (offset, end offset, address).
    pub(super) sections: Vec<(u64, u64, u64)>,
    /// What turns the offset of a function into a pc: WebAssembly since Go 1.25
    /// stores the index of the function, and its pc is that in the high bits
    /// (runtime/symtab.go, `textAddr`).
    pub(super) shift: u32,
    /// `go:func.*`: what funcdata offsets are relative to, since Go 1.18.
    pub(super) gofunc: Option<LinkAddr>,
    pub(super) offset: usize,
    pub(super) end: usize,
    pub(super) words: Words,
    pub(super) header: Header,
}

/// Go versions with one layout of the header, of `_func` and of the inline tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Version {
    /// Magic 0xfffffffb; nothing is inlined across functions yet.
    Go102,
    /// The same magic, the first inline tree.
    Go109,
    /// The same magic, inline records with parent pcs.
    Go112,
    /// The same magic, the tree at other indexes.
    Go113,
    /// Magic 0xfffffffa: names, files and tables in regions of their own.
    Go116,
    /// Magic 0xfffffff0: 32-bit offsets for addresses.
    Go118,
    /// Magic 0xfffffff1, Go 1.20 to 1.27.
    Go120,
}

impl Version {
    pub fn range(self) -> &'static str {
        match self {
            Version::Go102 => "Go 1.2 to 1.8",
            Version::Go109 => "Go 1.9 to 1.11",
            Version::Go112 => "Go 1.12",
            Version::Go113 => "Go 1.13 to 1.15",
            Version::Go116 => "Go 1.16 or 1.17",
            Version::Go118 => "Go 1.18 or 1.19",
            Version::Go120 => "Go 1.20 or later",
        }
    }

    /// Functions are told by offsets from the text base, and not by addresses.
    pub(super) fn by_offset(self) -> bool {
        self >= Version::Go118
    }

    /// The versions that share the oldest magic number, by the minor version
    /// of Go. Unknown ones are read without inlined calls.
    fn of_minor(minor: Option<u32>) -> Version {
        match minor {
            Some(13..) => Version::Go113,
            Some(12) => Version::Go112,
            Some(9..) => Version::Go109,
            _ => Version::Go102,
        }
    }
}

/// Go's own magic numbers, newest first.
pub(super) const MAGICS: [u32; 4] = [0xffff_fff1, 0xffff_fff0, 0xffff_fffa, 0xffff_fffb];

/// The header; offsets are from its start.
#[derive(Clone, Debug)]
pub(in crate::binary) struct Header {
    pub(in crate::binary) version: Version,
    /// Bytes of the shortest instruction: what steps of tables count.
    pub(super) quantum: u8,
    pub(in crate::binary) functions: usize,
    /// Text base; 0 since Go 1.26, and in a PIE before relocation.
    pub(in crate::binary) text_start: u64,
    pub(in crate::binary) names: usize,
    /// Up to Go 1.15 the file table itself; then the list of file names of each unit.
    pub(super) units: usize,
    pub(super) files: usize,
    pub(in crate::binary) tables: usize,
    /// The function table; records of functions are relative to `records`.
    pub(super) table: usize,
    pub(super) records: usize,
}

impl Header {
    /// Checks a header well enough that no random bytes pass.
    pub(super) fn read(
        bytes: &[u8],
        words: Words,
        altered: bool,
        minor: &dyn Fn() -> Option<u32>,
    ) -> Option<Header> {
        let magic = words.u32(bytes, 0)?;
        let [0, 0, quantum, size] = *bytes.get(4..8)?.first_chunk::<4>()? else { return None };
        if !matches!(quantum, 1 | 2 | 4) || size != words.pointer_size {
            return None;
        }
        let size = usize::from(size);
        let word = |index: usize| words.word(bytes, index.saturating_mul(size).saturating_add(8));
        let offset = |index: usize| usize::try_from(word(index)?).ok();
        let version = match magic {
            0xffff_fff1 => Version::Go120,
            0xffff_fff0 => Version::Go118,
            0xffff_fffa => Version::Go116,
            0xffff_fffb => Version::of_minor(minor()),
            // Of the newest layout the names begin right behind the header.
            _ if altered && offset(3)? == size.saturating_mul(8).saturating_add(8) => Version::Go120,
            _ => return None,
        };
        let functions = offset(0)?;
        let header = match version {
            Version::Go118 | Version::Go120 => Header {
                version,
                quantum,
                functions,
                text_start: word(2)?,
                names: offset(3)?,
                units: offset(4)?,
                files: offset(5)?,
                tables: offset(6)?,
                table: offset(7)?,
                records: offset(7)?,
            },
            Version::Go116 => Header {
                version,
                quantum,
                functions,
                text_start: 0,
                names: offset(2)?,
                units: offset(3)?,
                files: offset(4)?,
                tables: offset(5)?,
                table: offset(6)?,
                records: offset(6)?,
            },
            _ => {
                let table = size.checked_add(8)?;
                let end =
                    functions.checked_mul(size.checked_mul(2)?)?.checked_add(table)?.checked_add(size)?;
                let units = words.u32(bytes, end)? as usize;
                Header {
                    version,
                    quantum,
                    functions,
                    text_start: 0,
                    names: 0,
                    units,
                    files: 0,
                    tables: 0,
                    table,
                    records: 0,
                }
            }
        };
        header.plausible(bytes, words).then_some(header)
    }

    fn plausible(&self, bytes: &[u8], words: Words) -> bool {
        let field = if self.version.by_offset() { 4 } else { usize::from(words.pointer_size) };
        let fits = field
            .checked_mul(2)
            .and_then(|pair| self.functions.checked_mul(pair)?.checked_add(self.table)?.checked_add(field));
        let ordered = if self.version >= Version::Go116 {
            [self.names, self.units, self.files, self.tables, self.table, bytes.len()].is_sorted()
        } else {
            self.units < bytes.len()
        };
        let entry = |index: usize| {
            let at = self.table.saturating_add(index.saturating_mul(field).saturating_mul(2));
            if field == 4 { words.u32(bytes, at).map(u64::from) } else { words.word(bytes, at) }
        };
        self.functions >= 1
            && ordered
            && fits.is_some_and(|end| end <= bytes.len())
            && (0..self.functions.min(200)).is_sorted_by_key(entry)
    }
}

/// Offsets of the fields of `_func`, from its start.
#[derive(Clone, Copy)]
pub(super) struct Record {
    pub(super) name: usize,
    pub(super) file: usize,
    pub(super) line: usize,
    pub(super) pcdata_count: usize,
    pub(super) unit: usize,
    /// One byte since Go 1.12; the low byte of four before.
    pub(super) funcdata_count: usize,
    /// Where the list of pcdata begins.
    pub(super) lists: usize,
}

impl Layout {
    /// The funcdata base is known, without which inlined calls are not.
    pub fn tells_inlined(&self) -> bool {
        !self.header.version.by_offset() || self.gofunc.is_some()
    }

    pub(super) fn record(&self) -> Record {
        let version = self.header.version;
        let after_entry = if version.by_offset() { 4 } else { usize::from(self.words.pointer_size) };
        let at = |offset: usize| after_entry.saturating_add(offset);
        let lists = match version {
            Version::Go120 => at(40),
            Version::Go118 | Version::Go116 => at(36),
            _ => at(32),
        };
        let funcdata_count = match version {
            Version::Go102 | Version::Go109 if !self.words.big_endian => at(28),
            _ => lists.saturating_sub(1),
        };
        Record {
            name: at(0),
            file: at(16),
            line: at(20),
            pcdata_count: at(24),
            unit: at(28),
            funcdata_count,
            lists,
        }
    }
}

//! NAMES: an address of an executable to function, file and line, with the
//! calls that were inlined there.
//!
//! Two independent sources answer. The pclntab covers all Go code, is never
//! compressed, and is what the runtime itself prints tracebacks from; so it is
//! asked first. DWARF covers C code too, but its sections have to be inflated
//! whole. An address that no function covers is unknown, never the nearest
//! symbol.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod dwarf;
mod find;
mod table;

use std::cell::OnceCell;

use crate::addr::LinkAddr;
use crate::binary::Binary;

/// Which source may answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// The pclntab for Go code, DWARF and the symbol table for the rest.
    #[default]
    Auto,
    Dwarf,
    Pclntab,
}

/// One frame at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// As a traceback prints it: `main.Map[...]`.
    pub function: String,
    /// As the linker knows it: `main.Map[go.shape.int_0]`, `_ZN3foo3barEv`.
    pub symbol: String,
    pub file: Option<String>,
    pub line: Option<u32>,
    /// Inlined into the next location.
    pub inlined: bool,
}

impl Location {
    /// A function of which no line is known.
    fn bare(function: String, symbol: String) -> Location {
        Location { function, symbol, file: None, line: None, inlined: false }
    }
}

/// An answer: at least one location, innermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbols {
    pub locations: Vec<Location>,
    /// `pclntab`, `DWARF` or `symbol table`.
    pub by: &'static str,
}

/// Why an address has no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unresolved {
    #[error("no function of this executable covers it")]
    Outside,
    /// Inside of its code, but of C code without DWARF or symbols.
    #[error("C code of this executable, of which no names are left")]
    Nameless,
    #[error("{0}")]
    NoTable(String),
    #[error("damaged debug information: {0}")]
    Damaged(String),
}

/// Resolves addresses of one executable. Not `Sync`: each worker has its own.
pub struct Symbolizer<'b> {
    binary: &'b Binary,
    mode: Mode,
    dwarf: OnceCell<Result<dwarf::Dwarf<'b>, Unresolved>>,
    symbols: OnceCell<table::SymbolTable>,
    has_c: OnceCell<bool>,
    entries: OnceCell<find::Entries<'b>>,
}

impl<'b> Symbolizer<'b> {
    pub fn new(binary: &'b Binary, mode: Mode) -> Symbolizer<'b> {
        Symbolizer {
            binary,
            mode,
            dwarf: OnceCell::new(),
            symbols: OnceCell::new(),
            has_c: OnceCell::new(),
            entries: OnceCell::new(),
        }
    }

    /// What stands at an address. For a return address pass its
    /// [`LinkAddr::call_site`].
    ///
    /// # Errors
    /// Why the address has no name.
    pub fn resolve(&self, at: LinkAddr) -> Result<Symbols, Unresolved> {
        match self.mode {
            _ if !self.mapped(at) => Err(Unresolved::Outside),
            Mode::Pclntab => table::pclntab(self.binary, at)
                .or_else(|reason| table::bare_name(self.binary, at).map_err(|_| reason)),
            Mode::Dwarf => self.by_dwarf(at),
            Mode::Auto => {
                let first = table::pclntab(self.binary, at);
                let Err(reason) = first else { return first };
                // Padding of Go code is nothing else in DWARF, and inflating
                // that to learn so takes longer than all the rest.
                if !self.may_be_c(at) {
                    return Err(reason);
                }
                let bare = |_| table::bare_name(self.binary, at);
                self.by_dwarf(at).or_else(|_| self.by_symbol(at)).or_else(bare).map_err(|_| match reason {
                    Unresolved::Outside if self.executable(at) => Unresolved::Nameless,
                    reason => reason,
                })
            }
        }
    }

    /// Where the functions of a name begin. A name may have several: ABI
    /// wrappers, instances of a generic function, static functions of C.
    pub fn entries(&self, name: &str) -> Vec<LinkAddr> {
        let go = self.entries.get_or_init(|| find::Entries::read(self.binary)).of(name);
        if !go.is_empty() {
            return go.to_vec();
        }
        self.symbols.get_or_init(|| table::SymbolTable::load(self.binary)).entries(name).collect()
    }

    /// Anywhere in the file's segments (or, where there are none, anywhere).
    fn mapped(&self, at: LinkAddr) -> bool {
        let segments = &self.binary.image.segments;
        segments.is_empty() || self.binary.image.offset_of(at).is_some()
    }

    fn executable(&self, at: LinkAddr) -> bool {
        let inside = |s: &crate::binary::image::Segment| at.0.wrapping_sub(s.address) < s.length as u64;
        self.binary.image.segments.iter().any(|segment| segment.executable && inside(segment))
    }

    /// Code that the pclntab does not describe: outside of its functions in a
    /// program with C code, or C functions that Go's own linker listed there
    /// without lines.
    fn may_be_c(&self, at: LinkAddr) -> bool {
        let Ok(table) = self.binary.pclntab() else { return true };
        match table.find(at) {
            Some(function) => table.places_in(&function, function.entry).is_empty(),
            None => *self.has_c.get_or_init(|| table.has_c_code()),
        }
    }

    fn by_dwarf(&self, at: LinkAddr) -> Result<Symbols, Unresolved> {
        match self.dwarf.get_or_init(|| dwarf::Dwarf::load(self.binary)) {
            Ok(dwarf) => dwarf.resolve(at),
            Err(reason) => Err(reason.clone()),
        }
    }

    fn by_symbol(&self, at: LinkAddr) -> Result<Symbols, Unresolved> {
        self.symbols.get_or_init(|| table::SymbolTable::load(self.binary)).resolve(at)
    }
}

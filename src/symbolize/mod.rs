//! NAMES: an address of an executable to function, file and line, with the
//! calls that were inlined there.
//!
//! Two independent sources answer. The pclntab covers all Go code, is never
//! compressed, and is what the runtime itself prints tracebacks from; so it is
//! asked first. DWARF covers C code too, but its sections have to be inflated
//! whole. It may stand in a file of its own. An address that no function covers
//! is unknown, never the nearest symbol.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod debugfile;
mod dwarf;
mod find;
mod table;

use std::cell::OnceCell;
use std::sync::Arc;

use crate::addr::LinkAddr;
use crate::binary::{Binary, Separate};

/// Which source may answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// The pclntab for Go code, DWARF and the symbol table for the rest.
    #[default]
    Auto,
    Dwarf,
    Pclntab,
}

/// What may answer, and from which files.
#[derive(Clone, Debug)]
pub struct Options {
    pub mode: Mode,
    /// Folders of debug files, in the order in which they are asked.
    pub debug_folders: Vec<String>,
}

impl Options {
    /// The folders that are given come before that of the system.
    pub fn new(mode: Mode, folders: &[String]) -> Options {
        let system = std::iter::once(debugfile::SYSTEM.to_owned());
        Options { mode, debug_folders: folders.iter().cloned().chain(system).collect() }
    }
}

impl Default for Options {
    fn default() -> Options {
        Options::new(Mode::default(), &[])
    }
}

impl From<Mode> for Options {
    fn from(mode: Mode) -> Options {
        Options::new(mode, &[])
    }
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
    /// The debug file that has it, where it is not the executable itself.
    pub debug_file: Option<Arc<str>>,
}

impl Symbols {
    /// Where the names are from, as a reader is told.
    pub fn source(&self) -> String {
        match &self.debug_file {
            Some(file) => format!("{} of {file}", self.by),
            None => self.by.to_owned(),
        }
    }
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
    options: Options,
    dwarf: OnceCell<Result<dwarf::Dwarf<'b>, Unresolved>>,
    symbols: OnceCell<Vec<table::SymbolTable>>,
    supplement: OnceCell<Option<String>>,
    has_c: OnceCell<bool>,
    entries: OnceCell<find::Entries<'b>>,
}

impl<'b> Symbolizer<'b> {
    pub fn new(binary: &'b Binary, options: impl Into<Options>) -> Symbolizer<'b> {
        Symbolizer {
            binary,
            options: options.into(),
            dwarf: OnceCell::new(),
            symbols: OnceCell::new(),
            supplement: OnceCell::new(),
            has_c: OnceCell::new(),
            entries: OnceCell::new(),
        }
    }

    /// What is to be said of debug files: which was refused and why, what was
    /// not found. Nothing as long as none was needed.
    pub fn remarks(&self) -> Vec<String> {
        let searched = match self.dwarf.get() {
            Some(_) if !self.has_own_dwarf() => self.separate().remarks.as_slice(),
            _ => &[],
        };
        searched.iter().chain(self.supplement.get().into_iter().flatten()).cloned().collect()
    }

    /// What stands at an address. For a return address pass its
    /// [`LinkAddr::call_site`].
    ///
    /// # Errors
    /// Why the address has no name.
    pub fn resolve(&self, at: LinkAddr) -> Result<Symbols, Unresolved> {
        match self.options.mode {
            _ if !self.binary.image.may_hold_code(at) => Err(Unresolved::Outside),
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
        self.tables().iter().flat_map(|table| table.entries(name)).collect()
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
        match self.dwarf.get_or_init(|| self.load_dwarf()) {
            Ok(dwarf) => dwarf.resolve(at),
            Err(reason) => Err(reason.clone()),
        }
    }

    fn has_own_dwarf(&self) -> bool {
        !matches!(self.binary.debug_section(".debug_info"), Ok([]))
    }

    fn separate(&self) -> &'b Separate {
        let binary = self.binary;
        binary.separate(|| debugfile::find(binary, &self.options.debug_folders))
    }

    fn load_dwarf(&self) -> Result<dwarf::Dwarf<'b>, Unresolved> {
        if self.has_own_dwarf() {
            self.supplement.get_or_init(|| debugfile::supplement(self.binary));
            return dwarf::Dwarf::load(self.binary, self.binary.naming(), None);
        }
        match &self.separate().file {
            Some(file) => {
                dwarf::Dwarf::load(file, self.binary.naming(), Some(file.origin.to_string().into()))
            }
            None => Err(Unresolved::NoTable(
                "no DWARF (.debug_info) in this executable, and no debug file for it".to_owned(),
            )),
        }
    }

    fn by_symbol(&self, at: LinkAddr) -> Result<Symbols, Unresolved> {
        self.tables().iter().find_map(|table| table.resolve(at)).ok_or(Unresolved::Outside)
    }

    /// Of the executable, and of its debug file where that was needed.
    fn tables(&self) -> &[table::SymbolTable] {
        self.symbols.get_or_init(|| {
            let own = table::SymbolTable::load(self.binary, None);
            let file = if self.has_own_dwarf() { None } else { self.separate().file.as_ref() };
            let load = |file: &Binary| table::SymbolTable::load(file, Some(file.origin.to_string().into()));
            std::iter::once(own).chain(file.map(load)).collect()
        })
    }
}

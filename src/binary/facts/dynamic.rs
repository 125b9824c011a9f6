//! What the dynamic loader has to find: symbols of other libraries, and the
//! versions of the C library that define them.

use object::{File, ImportFlags, NameOrOrdinal, Object};

use super::super::{Binary, version_key};
use super::linkage::of_runtime;

/// A symbol that a library has to define.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub name: String,
    /// Where the file says so: DLL, dylib, or the library of the version.
    pub library: Option<String>,
    /// `GLIBC_2.34`
    pub version: Option<String>,
}

/// Lowest version of the C library, and who asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlibcFloor {
    pub version: String,
    /// Symbols of this version; empty where there is no section table.
    pub symbols: Vec<String>,
}

/// Most imports that are listed.
const MOST: usize = 100_000;

pub(in crate::binary) fn imports(binary: &Binary) -> Vec<Import> {
    let Ok(file) = File::parse(binary.bytes()) else { return Vec::new() };
    let Ok(imports) = file.imports() else { return Vec::new() };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let import = |import: object::Import<'_>| Import {
        name: match import.name() {
            NameOrOrdinal::Name(name) => text(name),
            NameOrOrdinal::Ordinal(number) => format!("ordinal {number}"),
        },
        library: Some(text(import.library())).filter(|library| !library.is_empty()),
        version: match import.flags() {
            ImportFlags::Elf { version, .. } => version.map(text),
            _ => None,
        },
    };
    imports.take(MOST).map_while(Result::ok).map(import).collect()
}

/// DT_NEEDED; elsewhere the libraries that symbols are imported from, each once.
pub(super) fn libraries(binary: &Binary) -> Vec<String> {
    if let Some(elf) = &binary.image.elf {
        return elf.needed.clone();
    }
    let mut out: Vec<String> = Vec::new();
    for library in binary.imports().iter().filter_map(|import| import.library.as_ref()) {
        if !out.contains(library) && out.len() < 1000 {
            out.push(library.clone());
        }
    }
    out
}

pub(super) fn glibc(binary: &Binary) -> Option<GlibcFloor> {
    let version = binary.image.elf.as_ref()?.glibc_needed()?;
    let of_it = |import: &Import| {
        let theirs = import.version.as_deref().and_then(|v| v.strip_prefix("GLIBC_"));
        theirs.is_some_and(|theirs| version_key(theirs) == version_key(&version))
    };
    let mut symbols: Vec<String> =
        binary.imports().iter().filter(|import| of_it(import)).map(|import| import.name.clone()).collect();
    symbols.sort_unstable();
    // The start files of the C compiler and runtime/cgo ask for it in every
    // such program: what the program itself calls tells more.
    symbols.sort_by_key(|name| match name.as_str() {
        "__libc_start_main" => 2,
        name if of_runtime(name) && !name.starts_with("__isoc23") => 1,
        _ => 0,
    });
    Some(GlibcFloor { version, symbols })
}

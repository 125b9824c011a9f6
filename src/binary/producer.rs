//! Who made the file, where build info does not tell.

use object::{File, Object, ObjectSymbol};

use super::buildinfo::BuildInfo;
use super::{Binary, Fact};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Producer {
    /// The go command with the gc compiler.
    GoCommand,
    /// Go's linker without the go command's record: GOPATH mode, Bazel's
    /// rules_go, or `go tool link`.
    Linker,
    /// The gc toolchain before build info (Go 1.13), or one whose record was removed.
    Unrecorded,
    Garble,
    Gccgo,
    TinyGo,
}

impl Producer {
    /// In a few words, for a summary.
    pub fn words(self) -> &'static str {
        match self {
            Producer::GoCommand => "the go command",
            Producer::Linker => {
                "Go's linker without module information (GOPATH mode, Bazel or `go tool link`)"
            }
            Producer::Unrecorded => "the gc toolchain; its build info is missing",
            Producer::Garble => "garble: names and build info are scrambled",
            Producer::Gccgo => "gccgo: no pclntab; names come from DWARF and symbols",
            Producer::TinyGo => "TinyGo: no pclntab; names come from DWARF",
        }
    }

    /// A stable name.
    pub fn name(self) -> &'static str {
        match self {
            Producer::GoCommand => "go",
            Producer::Linker => "linker",
            Producer::Unrecorded => "unrecorded",
            Producer::Garble => "garble",
            Producer::Gccgo => "gccgo",
            Producer::TinyGo => "tinygo",
        }
    }
}

pub(super) fn read(binary: &Binary, info: Option<&BuildInfo>) -> Option<Fact<Producer>> {
    if let Some(info) = info {
        // burrowers/garble, internal/linker/patches: the version is blanked.
        if info.go_version.as_deref() == Some("unknown") {
            return Some(Fact::new(Producer::Garble, "build info: the Go version is `unknown`").strong());
        }
        let recorded = info.path.is_some() || !info.settings.is_empty();
        let producer = if recorded { Producer::GoCommand } else { Producer::Linker };
        let from = if recorded { info.from } else { "build info without modules and settings" };
        return Some(Fact::new(producer, from));
    }
    if binary.pclntab().is_ok() {
        return Some(Fact::new(Producer::Unrecorded, "pclntab, but no build info"));
    }
    let needed = binary.image.elf.as_ref().map_or(&[][..], |elf| &elf.needed);
    if let Some(library) = needed.iter().find(|library| library.starts_with("libgo.so")) {
        return Some(Fact::new(Producer::Gccgo, format!("DT_NEEDED {library}")));
    }
    if binary.image.section(".go_export").is_some() {
        return Some(Fact::new(Producer::Gccgo, "section .go_export"));
    }
    let file = File::parse(binary.bytes()).ok()?;
    let mut symbols = file.symbols();
    let known = symbols.find_map(|symbol| match symbol.name().ok()? {
        name if name.starts_with("tinygo_") => Some(Producer::TinyGo),
        "__go_init_main" | "runtime.go_type" | "main..import" => Some(Producer::Gccgo),
        _ => None,
    })?;
    Some(Fact::new(known, "symbol table").strong())
}

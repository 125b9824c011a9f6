//! What is left for debuggers and profilers: the symbol table and DWARF. The
//! pclntab is not among them; it cannot be stripped.

use object::{File, Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};

use super::super::{Binary, Fact, Format};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolTables {
    /// Functions of the program are in the symbol table.
    pub table: Fact<bool>,
    pub dwarf: Fact<bool>,
}

/// Names of `.debug_info` in ELF and PE, in Mach-O and in XCOFF, compressed
/// the old way or not (cmd/link/internal/ld/dwarf.go; xcoff.go).
const DEBUG_INFO: [&str; 5] = [".debug_info", ".zdebug_info", "__debug_info", "__zdebug_info", ".dwinfo"];

pub(super) fn read(binary: &Binary) -> SymbolTables {
    let dwarf = binary.image.sections.iter().find(|s| DEBUG_INFO.contains(&s.name.as_str()) && s.length > 0);
    SymbolTables {
        table: table(binary),
        dwarf: match dwarf {
            Some(section) => Fact::new(true, format!("section {}", section.name)),
            None => Fact::new(false, "no section .debug_info"),
        },
    }
}

fn table(binary: &Binary) -> Fact<bool> {
    let name = match binary.image.format {
        Format::Elf => {
            return match binary.image.section(".symtab") {
                Some(_) => Fact::new(true, "section .symtab"),
                None => Fact::new(false, "no section .symtab"),
            };
        }
        Format::MachO => "LC_SYMTAB",
        Format::Pe => "COFF symbol table",
        Format::Xcoff => "XCOFF symbol table",
        _ => return sections_only(binary),
    };
    let found = File::parse(binary.bytes()).is_ok_and(|file| file.symbols().any(|s| is_function(&file, &s)));
    if found { Fact::new(true, name) } else { Fact::new(false, format!("no function in the {name}")) }
}

/// Mach-O keeps the names of what it imports in the same table. In PE the linker of
/// Go 1.19 does not tell the type of functions (1.21 does); sections are symbols too.
fn is_function(file: &File<'_>, symbol: &object::Symbol<'_, '_>) -> bool {
    let in_text = || {
        let section = symbol.section_index().and_then(|index| file.section_by_index(index).ok());
        section.is_some_and(|section| section.kind() == SectionKind::Text)
            && symbol.name().is_ok_and(|name| !name.starts_with('.'))
    };
    let untyped = matches!(symbol.kind(), SymbolKind::Data | SymbolKind::Unknown);
    symbol.is_definition() && (symbol.kind() == SymbolKind::Text || (untyped && in_text()))
}

/// WebAssembly keeps names in a custom section; of Plan 9's a.out the symbol
/// table is one of the parts.
fn sections_only(binary: &Binary) -> Fact<bool> {
    let sections = ["name", ".symtab"].iter().filter_map(|name| binary.image.section(name));
    match sections.filter(|section| section.length > 0).map(|section| section.name.as_str()).next() {
        Some(name) => Fact::new(true, format!("section {name}")),
        None => Fact::new(false, "no section of names"),
    }
}

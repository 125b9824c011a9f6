//! Names from the pclntab, and from the symbol table for C functions that have
//! no DWARF.

use std::sync::Arc;

use object::{Object, ObjectSymbol};

use super::{Location, Symbols, Unresolved};
use crate::addr::LinkAddr;
use crate::binary::Binary;
use crate::target::Goarch;

pub(super) fn pclntab(binary: &Binary, at: LinkAddr) -> Result<Symbols, Unresolved> {
    let table = binary.pclntab().map_err(|reason| Unresolved::NoTable(reason.to_owned()))?;
    let places = table.places(at);
    if places.is_empty() {
        return Err(Unresolved::Outside);
    }
    let locations = places.into_iter().map(|place| Location {
        function: table.printed(place.function),
        symbol: String::from_utf8_lossy(place.function).into_owned(),
        file: Some(String::from_utf8_lossy(place.file).into_owned()),
        line: Some(place.line),
        inlined: place.inlined,
    });
    Ok(Symbols { locations: locations.collect(), by: "pclntab", debug_file: None })
}

/// A C function that Go's own linker listed in the pclntab: it has a name
/// there, but no lines.
pub(super) fn bare_name(binary: &Binary, at: LinkAddr) -> Result<Symbols, Unresolved> {
    let table = binary.pclntab().map_err(|_| Unresolved::Outside)?;
    let function = table.find(at).filter(|function| table.places_in(function, function.entry).is_empty());
    let name = function.ok_or(Unresolved::Outside)?.name;
    let location = Location::bare(table.printed(name), String::from_utf8_lossy(name).into_owned());
    Ok(Symbols { locations: vec![location], by: "pclntab", debug_file: None })
}

/// Functions of `.symtab` and `.dynsym` with their sizes, sorted by address.
pub(super) struct SymbolTable {
    functions: Vec<(u64, u64, String)>,
    /// Set where it is not the executable itself.
    file: Option<Arc<str>>,
}

impl SymbolTable {
    pub(super) fn load(binary: &Binary, file: Option<Arc<str>>) -> SymbolTable {
        let mut functions = Vec::new();
        if let Ok(object) = object::File::parse(binary.bytes()) {
            let symbols = object.symbols().chain(object.dynamic_symbols());
            let sized = symbols.filter(|s| s.kind() == object::SymbolKind::Text && s.size() > 0);
            // Bit 0 of an ARM symbol says that the code is Thumb, and is no
            // part of the address (AAELF32, 5.5.3).
            let thumb = if binary.image.arch == Some(Goarch::Arm) { 1 } else { 0 };
            // Go's linker wraps the code of C objects in symbols of its own,
            // `net(.text)`, which are no functions.
            let named =
                sized.filter_map(|s| Some((s.address() & !thumb, s.size(), s.name().ok()?.to_owned())));
            functions.extend(named.filter(|(.., name)| !name.ends_with("(.text)")));
        }
        functions.sort();
        functions.dedup();
        SymbolTable { functions, file }
    }

    /// Where functions of this name begin.
    pub(super) fn entries(&self, name: &str) -> impl Iterator<Item = LinkAddr> {
        self.functions.iter().filter(move |(.., have)| have == name).map(|(start, ..)| LinkAddr(*start))
    }

    pub(super) fn resolve(&self, at: LinkAddr) -> Option<Symbols> {
        let after = self.functions.partition_point(|(start, ..)| *start <= at.0);
        let (start, size, name) = self.functions.get(after.checked_sub(1)?)?;
        (at.0.wrapping_sub(*start) < *size).then(|| Symbols {
            locations: vec![Location::bare(name.clone(), name.clone())],
            by: "symbol table",
            debug_file: self.file.clone(),
        })
    }
}

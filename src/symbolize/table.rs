//! Names from the pclntab, and from the symbol table for C functions that have
//! no DWARF.

use object::{Object, ObjectSymbol};

use super::{Location, Symbols, Unresolved};
use crate::addr::LinkAddr;
use crate::binary::{Binary, printed_name};
use crate::target::Goarch;

pub(super) fn pclntab(binary: &Binary, at: LinkAddr) -> Result<Symbols, Unresolved> {
    let table = binary.pclntab().map_err(|reason| Unresolved::NoTable(reason.to_owned()))?;
    let places = table.places(at);
    if places.is_empty() {
        return Err(Unresolved::Outside);
    }
    let locations = places.into_iter().map(|place| Location {
        function: printed_name(place.function),
        symbol: String::from_utf8_lossy(place.function).into_owned(),
        file: Some(String::from_utf8_lossy(place.file).into_owned()),
        line: Some(place.line),
        inlined: place.inlined,
    });
    Ok(Symbols { locations: locations.collect(), by: "pclntab" })
}

/// A C function that Go's own linker listed in the pclntab: it has a name
/// there, but no lines.
pub(super) fn bare_name(binary: &Binary, at: LinkAddr) -> Result<Symbols, Unresolved> {
    let function = binary.pclntab().ok().and_then(|table| {
        table.find(at).filter(|function| table.places_in(function, function.entry).is_empty())
    });
    let function = function.ok_or(Unresolved::Outside)?;
    let symbol = String::from_utf8_lossy(function.name).into_owned();
    let function = printed_name(function.name);
    Ok(Symbols { locations: vec![Location::bare(function, symbol)], by: "pclntab" })
}

/// Functions of `.symtab` and `.dynsym` with their sizes, sorted by address.
pub(super) struct SymbolTable {
    functions: Vec<(u64, u64, String)>,
}

impl SymbolTable {
    pub(super) fn load(binary: &Binary) -> SymbolTable {
        let mut functions = Vec::new();
        if let Ok(file) = object::File::parse(binary.bytes()) {
            let symbols = file.symbols().chain(file.dynamic_symbols());
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
        SymbolTable { functions }
    }

    /// Where functions of this name begin.
    pub(super) fn entries(&self, name: &str) -> impl Iterator<Item = LinkAddr> {
        self.functions.iter().filter(move |(.., have)| have == name).map(|(start, ..)| LinkAddr(*start))
    }

    pub(super) fn resolve(&self, at: LinkAddr) -> Result<Symbols, Unresolved> {
        let after = self.functions.partition_point(|(start, ..)| *start <= at.0);
        let before = after.checked_sub(1).and_then(|index| self.functions.get(index));
        match before {
            Some((start, size, name)) if at.0.wrapping_sub(*start) < *size => Ok(Symbols {
                locations: vec![Location::bare(name.clone(), name.clone())],
                by: "symbol table",
            }),
            _ => Err(Unresolved::Outside),
        }
    }
}

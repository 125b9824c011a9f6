//! Where structures of Go keep their fields, and where its variables are, as far as the
//! executable tells: DWARF and symbol table, which a stripped one does not have.

use gimli::{EndianSlice, Reader, RunTimeEndian};
use object::{Object, ObjectSymbol};
use rustc_hash::FxHashMap;

use super::Binary;
use crate::addr::LinkAddr;

/// Offsets of the fields of one structure.
pub type Members = FxHashMap<String, u64>;

/// Most entries of the units of a package that are looked at; the runtime has some 40,000.
const MAX_ENTRIES: usize = 2_000_000;

/// The fields of some structures of a package, by its units in the DWARF of the executable.
/// What is not described there is not in the map. The linker may divide a package into
/// several units (cmd/link/internal/ld/dwarf.go, 1.27).
///
/// # Errors
/// What is wrong with the DWARF.
pub fn read(binary: &Binary, package: &str, wanted: &[&str]) -> Result<FxHashMap<String, Members>, String> {
    let endian = if binary.image.big_endian { RunTimeEndian::Big } else { RunTimeEndian::Little };
    let section = |id: gimli::SectionId| -> Result<EndianSlice<'_, RunTimeEndian>, String> {
        use gimli::SectionId as S;
        let wanted = matches!(id, S::DebugAbbrev | S::DebugInfo | S::DebugStr);
        let bytes = if wanted { binary.debug_section(id.name())? } else { &[] };
        Ok(EndianSlice::new(bytes, endian))
    };
    let dwarf = gimli::Dwarf::load(section)?;
    let mut out = FxHashMap::default();
    read_units(&dwarf, package, wanted, &mut out).map_err(|error| error.to_string())?;
    Ok(out)
}

fn read_units<R: Reader<Offset = usize>>(
    dwarf: &gimli::Dwarf<R>,
    package: &str,
    wanted: &[&str],
    out: &mut FxHashMap<String, Members>,
) -> gimli::Result<()> {
    let mut left = MAX_ENTRIES;
    let mut headers = dwarf.units();
    while let Some(header) = headers.next()? {
        // Not as a whole unit: that would want the line table too.
        let abbreviations = dwarf.abbreviations(&header)?;
        let text = |entry: &gimli::DebuggingInformationEntry<R>| -> gimli::Result<Option<String>> {
            let value = entry.attr_value(gimli::DW_AT_name);
            let Some(text) = value.and_then(|value| value.string_value(&dwarf.debug_str)) else {
                return Ok(None);
            };
            Ok(Some(text.to_string_lossy()?.into_owned()))
        };
        // The structure whose members are being read, and how deep it lies.
        let mut within: Option<(isize, String)> = None;
        let mut entries = header.entries(&abbreviations);
        let root = entries.next_dfs()?.map(&text).transpose()?.flatten();
        if root.as_deref() != Some(package) {
            continue;
        }
        while let Some(entry) = entries.next_dfs()? {
            let depth = entry.depth();
            left = left.saturating_sub(1);
            if left == 0 {
                return Ok(());
            }
            if within.as_ref().is_some_and(|(of, _)| depth <= *of) {
                within = None;
            }
            match entry.tag() {
                gimli::DW_TAG_structure_type => {
                    if let Some(name) = text(entry)?.filter(|name| wanted.contains(&name.as_str())) {
                        out.entry(name.clone()).or_default();
                        within = Some((depth, name));
                    }
                }
                gimli::DW_TAG_member => {
                    let Some((of, structure)) = &within else { continue };
                    let at = entry.attr_value(gimli::DW_AT_data_member_location);
                    let at = at.and_then(|at| at.udata_value());
                    if let (true, Some(name), Some(at)) = (depth == of.saturating_add(1), text(entry)?, at) {
                        out.entry(structure.clone()).or_default().insert(name, at);
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Where variables are, by the symbol table.
pub fn variables<'n>(binary: &Binary, wanted: &[&'n str]) -> FxHashMap<&'n str, LinkAddr> {
    let Ok(file) = object::File::parse(binary.bytes()) else { return FxHashMap::default() };
    let named = file.symbols().filter_map(|symbol| {
        let name = symbol.name_bytes().ok()?;
        let wanted = wanted.iter().find(|wanted| wanted.as_bytes() == name)?;
        (symbol.address() != 0).then_some((*wanted, LinkAddr(symbol.address())))
    });
    named.collect()
}

//! Functions of the pclntab by their names.

use rustc_hash::FxHashMap;

use crate::addr::LinkAddr;
use crate::binary::Binary;

pub(super) struct Entries<'b> {
    by_name: FxHashMap<&'b [u8], Vec<LinkAddr>>,
    /// Names that a traceback prints otherwise: `main.Map[...]`.
    by_printed: FxHashMap<String, Vec<LinkAddr>>,
}

impl<'b> Entries<'b> {
    pub(super) fn read(binary: &'b Binary) -> Entries<'b> {
        let mut entries = Entries { by_name: FxHashMap::default(), by_printed: FxHashMap::default() };
        let Ok(table) = binary.pclntab() else { return entries };
        for function in table.functions() {
            entries.by_name.entry(function.name).or_default().push(function.entry);
            if function.name.contains(&b'[') {
                entries.by_printed.entry(table.printed(function.name)).or_default().push(function.entry);
            }
        }
        entries
    }

    pub(super) fn of(&self, name: &str) -> &[LinkAddr] {
        let found = self.by_name.get(name.as_bytes()).or_else(|| self.by_printed.get(name));
        found.map_or(&[], Vec::as_slice)
    }
}

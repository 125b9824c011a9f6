//! Is this the executable of the core, and where was it loaded?

use super::memory::{Agreement, Memory};
use super::{Process, at};
use crate::addr::{LinkAddr, LoadBias, RuntimeAddr};
use crate::binary::{Binary, Elf};
use crate::postmortem::CoreDump;

/// Who the executable of the core is, by its own memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    pub go_build_id: Option<String>,
    pub gnu_build_id: Option<String>,
    /// As the kernel was asked to start it (AT_EXECFN).
    pub path: Option<String>,
}

/// How an executable goes with the core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// With what proves it.
    Same(String),
    /// With what speaks against it.
    Different(String),
    /// Nothing could be compared.
    Unknown(String),
}

/// Notes of an executable that are read in memory.
const MAX_NOTES: u64 = 4096;

impl Identity {
    pub(in crate::postmortem) fn read(memory: &Memory<'_>, process: &Process) -> Identity {
        let mut out = Identity {
            path: process
                .aux(at::EXECFN)
                .and_then(|at| memory.c_string(at))
                .map(|text| String::from_utf8_lossy(&text).into_owned())
                .filter(|text| !text.is_empty()),
            ..Identity::default()
        };
        out.notes(memory, process);
        out
    }

    /// The notes lie in the first page, which cores hold for this purpose.
    fn notes(&mut self, memory: &Memory<'_>, process: &Process) -> Option<()> {
        let table = process.aux(at::PHDR)?;
        for told in notes_of(memory, table, None)? {
            self.go_build_id = self.go_build_id.take().or(told.go_build_id);
            self.gnu_build_id = self.gnu_build_id.take().or(told.gnu_build_id);
        }
        Some(())
    }

    pub(in crate::postmortem) fn text(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.path.iter().cloned());
        parts.extend(self.gnu_build_id.iter().map(|id| format!("GNU build ID {id}")));
        parts.extend(self.go_build_id.iter().map(|id| format!("Go build ID {id}")));
        if parts.is_empty() { "not told by its memory".to_owned() } else { parts.join(", ") }
    }
}

/// The GNU build ID of the file whose ELF header is mapped there.
pub(in crate::postmortem) fn build_id_at(memory: &Memory<'_>, start: u64) -> Option<String> {
    let header = memory.from(start).filter(|bytes| bytes.starts_with(b"\x7fELF"))?;
    // e_phoff
    let table = memory.words.word(header, if memory.words.pointer_size == 8 { 32 } else { 28 })?;
    let mut notes = notes_of(memory, start.checked_add(table)?, Some(start))?.into_iter();
    notes.find_map(|told| told.gnu_build_id)
}

/// What the notes say that a table of program headers in memory leads to. Where the
/// file was loaded is told by its first byte, or by the entry of the table for itself.
fn notes_of(memory: &Memory<'_>, table: u64, start: Option<u64>) -> Option<Vec<Elf>> {
    let words = memory.words;
    let wide = words.pointer_size == 8;
    let entry: u64 = if wide { 56 } else { 32 };
    let (place, vaddr, filesz) = if wide { (8, 16, 32) } else { (4, 8, 16) };
    let mut bias = None;
    let mut found = Vec::new();
    for index in 0..64u64 {
        let Some(header) = table.checked_add(index.wrapping_mul(entry)).and_then(|at| memory.from(at)) else {
            break;
        };
        let (Some(kind), Some(offset), Some(address), Some(size)) = (
            words.u32(header, 0),
            words.word(header, place),
            words.word(header, vaddr),
            words.word(header, filesz),
        ) else {
            break;
        };
        match (kind, start) {
            // PT_LOAD of the first byte
            (1, Some(start)) if offset == 0 => bias = Some(start.wrapping_sub(address)),
            // PT_PHDR
            (6, None) => bias = Some(table.wrapping_sub(address)),
            // PT_NOTE
            (4, _) => found.push((address, size)),
            // The table ends somewhere; what follows it is no header.
            (0..=7 | 0x6000_0000.., _) => {}
            _ => break,
        }
    }
    let bias = bias?;
    let read = found.into_iter().map(|(address, size)| {
        let notes = memory.copy(address.wrapping_add(bias), size.min(MAX_NOTES)).unwrap_or_default();
        Elf::of_notes(words, &notes)
    });
    Some(read.collect())
}

/// What to take off an address of the process: by the entry point and the
/// program headers as the kernel told them.
pub(in crate::postmortem) fn bias(process: &Process, binary: &Binary) -> Option<LoadBias> {
    let elf = binary.image.elf.as_ref()?;
    let by_entry =
        process.aux(at::ENTRY).map(|entry| LoadBias::between(RuntimeAddr(entry), LinkAddr(elf.entry)));
    match by_entry {
        Some(bias) => bias,
        None if !binary.image.relocatable => Some(LoadBias(0)),
        None => None,
    }
}

pub(in crate::postmortem) fn compare(core: &CoreDump, binary: &Binary) -> Match {
    let (identity, process) = (&core.identity, &core.process);
    let image = &binary.image;
    let Some(elf) = &image.elf else {
        return Match::Different(format!("a core of Linux, an executable of {}", image.format.name()));
    };
    if core.machine.map(|machine| machine.arch) != image.arch {
        return Match::Different(format!(
            "the core is of {}, the executable of {}",
            core.machine_text, image.machine
        ));
    }
    for (name, core, own) in [
        ("Go build ID", &identity.go_build_id, &elf.go_build_id),
        ("GNU build ID", &identity.gnu_build_id, &elf.gnu_build_id),
    ] {
        if let (Some(core), Some(own)) = (core, own) {
            return if core == own {
                Match::Same(format!("{name} {own}"))
            } else {
                Match::Different(format!("{name}: {core} in the core, {own} in the executable"))
            };
        }
    }
    let Some(bias) = bias(process, binary) else {
        return Match::Different(
            "its entry point is not where the process was entered (AT_ENTRY), at any page".to_owned(),
        );
    };
    match core.memory().agrees(binary, bias) {
        Agreement { compared: 0, .. } => Match::Unknown(
            "neither a build ID nor read-only memory of the core can be compared with it".to_owned(),
        ),
        Agreement { differs: Some(address), .. } => {
            Match::Different(format!("read-only memory differs from the executable at {address:#x}"))
        }
        Agreement { compared, .. } => Match::Same(format!("{compared} bytes of read-only memory")),
    }
}

impl Match {
    /// A wrong executable is worse than none.
    pub fn refused(&self) -> bool {
        matches!(self, Match::Different(_))
    }
}

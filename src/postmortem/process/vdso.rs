//! The kernel's version: the vDSO that it maps into every process has it in a note
//! (arch/x86/entry/vdso/note.S and its kin: `ELFNOTE_START(Linux, 0, "a")`, then
//! LINUX_VERSION_CODE). That of an emulator need not have any.

use object::Endianness;
use object::elf::{FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, ProgramHeader};

use super::at;
use crate::postmortem::CoreDump;

/// `Linux`, as a note's name.
const OWNER: &[u8] = b"Linux";
/// A vDSO is one or two pages of 4 KiB, or of 64.
const MAX_SIZE: usize = 256 << 10;

impl CoreDump {
    /// `6.18.44`. The last number stops at 255, whatever the kernel's own is (the top
    /// Makefile of Linux).
    pub fn kernel(&self) -> Option<String> {
        let memory = self.memory();
        let vdso = memory.from(self.process.aux(at::SYSINFO_EHDR)?)?;
        let vdso = vdso.get(..vdso.len().min(MAX_SIZE))?;
        let code = match self.words.pointer_size {
            4 => version::<FileHeader32<Endianness>>(vdso),
            _ => version::<FileHeader64<Endianness>>(vdso),
        }?;
        Some(format!("{}.{}.{}", code >> 16, code >> 8 & 0xff, code & 0xff))
    }
}

fn version<H: FileHeader<Endian = Endianness>>(vdso: &[u8]) -> Option<u32> {
    let header = H::parse(vdso).ok()?;
    let endian = header.endian().ok()?;
    for segment in header.program_headers(endian, vdso).ok()? {
        let Ok(Some(mut notes)) = segment.notes(endian, vdso) else { continue };
        while let Ok(Some(note)) = notes.next() {
            let name = note.name();
            let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
            if name == OWNER && note.n_type(endian).0 == 0 {
                let bytes = *note.desc().first_chunk::<4>()?;
                let code = if header.is_big_endian() {
                    u32::from_be_bytes(bytes)
                } else {
                    u32::from_le_bytes(bytes)
                };
                // Version 0 is none, and 255 major versions are not near.
                return (code >> 16 > 0 && code >> 24 == 0).then_some(code);
            }
        }
    }
    None
}

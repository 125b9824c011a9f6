//! Mach-O: what macOS and iOS execute.

use object::read::macho::{DyldChainedFixups, Fixup, MachHeader};
use object::{Endianness, FileFlags, Object, macho};

use super::{Format, Image};
use crate::error::Result;
use crate::source::Origin;

pub(super) fn parse(origin: &Origin, data: &[u8]) -> Result<Image> {
    let mut image = Image::of_object(origin, data, Format::MachO)?;
    let flags = object::File::parse(data).map(|file| file.flags());
    image.relocatable = matches!(flags, Ok(FileFlags::MachO { flags }) if flags.contains(macho::MH_PIE));
    Ok(image)
}

/// What the dynamic linker of macOS 12 and later wants: pointers in the file
/// hold the way to the next one beside their target. Go's own linker leaves
/// plain addresses, Apple's and lld do not. A chain that is damaged ends early.
pub(super) fn relocations(image: &Image, data: &[u8]) -> Vec<(u64, u64)> {
    if image.pointer_size != 8 {
        return Vec::new();
    }
    chains(image, data).unwrap_or_default()
}

fn chains(image: &Image, data: &[u8]) -> Option<Vec<(u64, u64)>> {
    let header = macho::MachHeader64::<Endianness>::parse(data, 0).ok()?;
    let endian = header.endian().ok()?;
    let mut commands = header.load_commands(endian, data, 0).ok()?;
    let command = loop {
        if let Some(command) = commands.next().ok()??.dyld_chained_fixups().ok()? {
            break command;
        }
    };
    let fixups: DyldChainedFixups<'_, Endianness> = command.chained_fixups(endian, data).ok()?;
    // Targets are offsets from the address of the Mach-O header.
    let base = image.segments.iter().find(|s| s.offset == 0 && s.length > 0)?.address;
    let most = data.len() >> 2;
    let mut out = Vec::new();
    for starts in fixups.segments(endian).ok()?.map_while(Result::ok) {
        let address = base.wrapping_add(starts.header().segment_offset.get(endian));
        let Some(segment) = image.segments.iter().find(|segment| segment.address == address) else {
            continue;
        };
        let bytes = data.get(segment.offset..segment.offset.saturating_add(segment.length));
        let found = starts.fixups(endian, base, bytes.unwrap_or_default()).map_while(Result::ok);
        let rebased = found.take(most).filter_map(|(place, fixup)| match fixup {
            Fixup::Rebase(rebase) => {
                Some((address.wrapping_add(place), base.wrapping_add(rebase.target_offset)))
            }
            _ => None,
        });
        out.extend(rebased);
    }
    Some(out)
}

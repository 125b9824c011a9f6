//! Debug sections of any container, inflated on demand and then kept.

use std::io::Read;
use std::ops::Range;
use std::sync::OnceLock;

use object::{Object, ObjectSection};

use super::image::{Format, Image, Section};

/// What gimli calls a section, and what XCOFF does (loader(5) of AIX;
/// cmd/link/internal/ld/xcoff.go, `xcoffDwsectInfo`, 1.27).
const SECTIONS: [(&str, &str); 12] = [
    (".debug_abbrev", ".dwabrev"),
    (".debug_addr", ""),
    (".debug_aranges", ".dwarnge"),
    (".debug_frame", ".dwframe"),
    (".debug_info", ".dwinfo"),
    (".debug_line", ".dwline"),
    (".debug_line_str", ""),
    (".debug_ranges", ".dwrnges"),
    (".debug_rnglists", ""),
    (".debug_str", ".dwstr"),
    (".debug_str_offsets", ""),
    (".debug_types", ""),
];

/// Most that one debug section may inflate to. Go's largest known programs
/// stay below a quarter of it.
const MAX_INFLATED: u64 = 2 << 30;
/// Names of Mach-O sections end here (mach-o/loader.h, `sectname`).
const MACH_O_NAME: usize = 16;

/// Contents of a debug section: a part of the file, or inflated.
enum Contents {
    InFile(Range<usize>),
    Inflated(Vec<u8>),
}

#[derive(Default)]
pub(super) struct DebugSections {
    slots: [OnceLock<Result<Contents, String>>; SECTIONS.len()],
}

impl DebugSections {
    pub(super) fn section<'a>(
        &'a self,
        image: &Image,
        data: &'a [u8],
        name: &str,
    ) -> Result<&'a [u8], String> {
        let slot = SECTIONS.iter().position(|(known, _)| *known == name);
        let Some((slot, (name, xcoff))) =
            slot.and_then(|index| Some((self.slots.get(index)?, SECTIONS.get(index)?)))
        else {
            return Ok(&[]);
        };
        match slot.get_or_init(|| read(image, data, name, xcoff)) {
            Ok(Contents::InFile(range)) => Ok(data.get(range.clone()).unwrap_or_default()),
            Ok(Contents::Inflated(bytes)) => Ok(bytes),
            Err(error) => Err(error.clone()),
        }
    }
}

fn read(image: &Image, data: &[u8], name: &str, xcoff: &str) -> Result<Contents, String> {
    let Some(section) = find(image, name, xcoff) else { return Ok(Contents::InFile(0..0)) };
    let range = section.offset..section.offset.saturating_add(section.length).min(data.len());
    let bytes = data.get(range.clone()).unwrap_or_default();
    // The older form, which object does not take off in PE: "ZLIB", the size,
    // a zlib stream (cmd/link/internal/ld/dwarf.go, `compressSyms`, 1.18).
    if section.name.contains("zdebug_")
        && let Some(head) = bytes.strip_prefix(b"ZLIB")
        && let Some(size) = head.first_chunk::<8>()
    {
        let size = u64::from_be_bytes(*size);
        possible(name, size, bytes.len())?;
        let mut inflated = Vec::new();
        let stream = head.get(8..).unwrap_or_default();
        flate2::bufread::ZlibDecoder::new(stream)
            .take(size)
            .read_to_end(&mut inflated)
            .map_err(|error| format!("section {}: {error}", section.name))?;
        return Ok(Contents::Inflated(inflated));
    }
    if image.format != Format::Elf {
        return Ok(Contents::InFile(range));
    }
    let say = |error: object::Error| format!("section {name}: {error}");
    let file = object::File::parse(data).map_err(say)?;
    let Some(section) = file.section_by_name(name) else { return Ok(Contents::InFile(range)) };
    let compressed = section.compressed_data().map_err(say)?;
    if compressed.format == object::CompressionFormat::None {
        return Ok(Contents::InFile(range));
    }
    possible(name, compressed.uncompressed_size, compressed.data.len())?;
    compressed.decompress().map(|bytes| Contents::Inflated(bytes.into_owned())).map_err(say)
}

/// Deflate cannot shrink below 1:1032, so a larger claim is a lie.
fn possible(name: &str, claim: u64, stored: usize) -> Result<(), String> {
    if claim > (stored as u64).saturating_mul(1040).min(MAX_INFLATED) {
        return Err(format!("section {name}: claims {claim} bytes after inflation of {stored}"));
    }
    Ok(())
}

fn find<'a>(image: &'a Image, name: &str, xcoff: &str) -> Option<&'a Section> {
    let plain = name.trim_start_matches('.');
    image.sections.iter().find(|section| match image.format {
        Format::Xcoff => !xcoff.is_empty() && section.name == xcoff,
        Format::MachO => {
            let is = |full: String| full.get(..MACH_O_NAME.min(full.len())) == Some(section.name.as_str());
            is(format!("__{plain}")) || is(format!("__z{plain}"))
        }
        _ => section.name == name || section.name.strip_prefix(".z") == Some(plain),
    })
}

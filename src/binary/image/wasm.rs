//! WebAssembly modules. Code has no addresses there; data segments are pieces
//! of linear memory, and the linker leaves out runs of zeros between them
//! (cmd/link/internal/wasm/asm.go, `writeDataSec`, 1.27), so that a table may
//! lie in several pieces: memory is put together first.

use wasmparser::{DataKind, Operator, Parser, Payload};

use super::{Format, Image, Section, Segment};
use crate::error::{Error, Result};
use crate::source::Origin;
use crate::target::Goarch;

/// Most memory that a module's data may fill. Go's largest known module has 12 MB.
const MAX_MEMORY: usize = 1 << 30;

pub(super) fn parse(origin: &Origin, data: &[u8]) -> Result<Image> {
    let mut image = Image::new(Format::Wasm, Some(Goarch::Wasm), "WebAssembly header".to_owned());
    let mut pieces: Vec<(usize, &[u8])> = Vec::new();
    for payload in Parser::new(0).parse_all(data) {
        match payload {
            Ok(Payload::CustomSection(section)) => {
                image.sections.push(Section {
                    name: section.name().to_owned(),
                    address: 0,
                    offset: usize::try_from(section.data_offset()).unwrap_or(usize::MAX),
                    length: section.data().len(),
                });
            }
            Ok(Payload::DataSection(segments)) => {
                for segment in segments {
                    let piece =
                        segment.map_err(|error| error.to_string()).and_then(|segment| place(&segment));
                    match piece {
                        Ok(Some(piece)) => pieces.push(piece),
                        Ok(None) => {}
                        Err(what) => image.damage.push(format!("data section: {what}")),
                    }
                }
            }
            Ok(_) => {}
            Err(error) if image.sections.is_empty() && pieces.is_empty() && error.offset() <= 8 => {
                return Err(Error::Malformed {
                    origin: origin.clone(),
                    offset: error.offset(),
                    what: format!("a WebAssembly module whose header cannot be read: {}", error.message()),
                });
            }
            Err(error) => {
                image.damage.push(format!("offset {:#x}: {}", error.offset(), error.message()));
                break;
            }
        }
    }
    let end = pieces.iter().map(|(start, bytes)| start.saturating_add(bytes.len())).max().unwrap_or(0);
    if end > MAX_MEMORY {
        image.damage.push(format!("its data end at {end:#x} in memory; panicmap reads modules up to 1 GiB"));
        return Ok(image);
    }
    let mut memory = vec![0; end];
    for (start, bytes) in pieces {
        if let Some(place) = memory.get_mut(start..start.saturating_add(bytes.len())) {
            place.copy_from_slice(bytes);
        }
    }
    image.segments.push(Segment {
        address: 0,
        offset: data.len(),
        length: memory.len(),
        writable: true,
        executable: false,
    });
    image.memory = Some(memory);
    Ok(image)
}

/// Where in memory the bytes of an active segment lie.
fn place<'a>(segment: &wasmparser::Data<'a>) -> Result<Option<(usize, &'a [u8])>, String> {
    let DataKind::Active { memory_index: 0, offset_expr } = &segment.kind else { return Ok(None) };
    match offset_expr.get_operators_reader().read().map_err(|error| error.to_string())? {
        // An address is unsigned, the constant that holds it is not.
        Operator::I32Const { value } => Ok(Some((value.cast_unsigned() as usize, segment.data))),
        _ => Ok(None),
    }
}

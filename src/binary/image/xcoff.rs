//! XCOFF: what AIX executes.

use super::{Format, Image, Segment};
use crate::error::Result;
use crate::source::Origin;

/// It has no table of segments: the loader maps `.text` and `.data` where
/// their section headers say.
pub(super) fn parse(origin: &Origin, data: &[u8]) -> Result<Image> {
    let mut image = Image::of_object(origin, data, Format::Xcoff)?;
    let mapped = image.sections.iter().filter(|s| matches!(s.name.as_str(), ".text" | ".data"));
    image.segments = mapped
        .map(|section| Segment {
            address: section.address,
            offset: section.offset,
            length: section.length,
            writable: section.name == ".data",
            executable: section.name == ".text",
        })
        .collect();
    image.clip(data.len());
    Ok(image)
}

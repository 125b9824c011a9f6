//! Mach-O: what macOS and iOS execute.

use object::{FileFlags, Object};

use super::image::{Format, Image};
use crate::error::Result;
use crate::source::Origin;

pub(super) fn parse(origin: &Origin, data: &[u8]) -> Result<Image> {
    let mut image = Image::of_object(origin, data, Format::MachO)?;
    let flags = object::File::parse(data).map(|file| file.flags());
    image.relocatable =
        matches!(flags, Ok(FileFlags::MachO { flags }) if flags.contains(object::macho::MH_PIE));
    Ok(image)
}

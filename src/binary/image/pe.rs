//! PE: what Windows executes.

use object::read::pe::{ImageOptionalHeader, PeFile32, PeFile64};

use super::{Format, Image};
use crate::error::Result;
use crate::source::Origin;

pub(super) fn parse(origin: &Origin, data: &[u8]) -> Result<Image> {
    let mut image = Image::of_object(origin, data, Format::Pe)?;
    let flags = if image.pointer_size == 8 {
        PeFile64::parse(data).map(|file| file.nt_headers().optional_header.dll_characteristics())
    } else {
        PeFile32::parse(data).map(|file| file.nt_headers().optional_header.dll_characteristics())
    };
    image.relocatable =
        flags.is_ok_and(|flags| flags.contains(object::pe::IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE));
    Ok(image)
}

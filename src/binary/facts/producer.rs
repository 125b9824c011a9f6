//! Who made the executable: Go's own compiler, another one, or a program that
//! changed what it made. It decides what can be read at all.

use super::super::image::Format;
use super::super::{Binary, Fact};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Producer {
    /// `go build`.
    Gc,
    /// Renames everything, encrypts parts of the pclntab, leaves no build info.
    Garble,
    /// GCC's Go: no pclntab, tracebacks of another form.
    Gccgo,
    /// No pclntab, and no tracebacks of goroutines.
    TinyGo,
    /// Compressed: nothing but the header of the file can be read.
    Upx,
}

impl Producer {
    pub fn name(self) -> &'static str {
        match self {
            Producer::Gc => "gc",
            Producer::Garble => "garble",
            Producer::Gccgo => "gccgo",
            Producer::TinyGo => "TinyGo",
            Producer::Upx => "UPX",
        }
    }

    /// What follows for whoever wants facts and names of it.
    pub fn limits(self) -> Option<&'static str> {
        match self {
            Producer::Gc => None,
            Producer::Garble => Some(
                "obfuscated by garble: names, files and lines are those that its logs have, too; \
                 `garble reverse` turns a log back, with the source and the seed of the build",
            ),
            Producer::Gccgo => {
                Some("built by gccgo: it has no pclntab and no build info; DWARF names addresses")
            }
            Producer::TinyGo => {
                Some("built by TinyGo: it has no pclntab and no build info; DWARF names addresses")
            }
            Producer::Upx => {
                Some("packed by UPX: `upx -d FILE` unpacks it; the log fits the unpacked file as well")
            }
        }
    }
}

/// Bytes at the start of a file in which UPX leaves its header: behind the
/// program headers of its stub (upx/src/stub/src/include/linux.h, `l_info`).
const HEAD: usize = 4096;

pub(in crate::binary) fn find(binary: &Binary) -> Option<Fact<Producer>> {
    let image = &binary.image;
    let table = binary.pclntab().ok();
    if let Some(table) = table.filter(|table| table.layout().altered) {
        let from = format!("the magic number of the pclntab is not one of Go's, {}", table.layout().from);
        return Some(Fact::new(Producer::Garble, from));
    }
    let unknown = binary.build_info().and_then(|info| info.go_version.as_deref()) == Some("unknown");
    if unknown {
        return Some(Fact::new(Producer::Garble, "the version of Go is `unknown`"));
    }
    if table.is_some() || binary.build_info().is_some() {
        return Some(Fact::new(Producer::Gc, "pclntab or build info"));
    }
    if let Some(section) = image.sections.iter().find(|s| matches!(s.name.as_str(), "UPX0" | "UPX1")) {
        return Some(Fact::new(Producer::Upx, format!("section {}", section.name)));
    }
    let head = binary.bytes().get(..HEAD).unwrap_or(binary.bytes());
    if image.format == Format::Elf
        && image.sections.is_empty()
        && memchr::memmem::find(head, b"UPX!").is_some()
    {
        return Some(Fact::new(Producer::Upx, "its mark behind the program headers, and no sections"));
    }
    let libgo = image.elf.as_ref().and_then(|elf| elf.needed.iter().find(|n| n.starts_with("libgo.so")));
    if let Some(library) = libgo {
        return Some(Fact::new(Producer::Gccgo, format!("DT_NEEDED {library}")));
    }
    // gcc/go/gofrontend/export.cc, `.go_export`: kept by strip.
    if image.section(".go_export").is_some() {
        return Some(Fact::new(Producer::Gccgo, "section .go_export"));
    }
    // Its runtime's functions in assembly (tinygo/src/runtime/asm_*.S), such as
    // `tinygo_scanCurrentStack`.
    let marks: [(&str, &[u8]); 2] = [(".strtab", b"\0tinygo_"), ("name", b"tinygo_")];
    let marked = marks.into_iter().find(|(section, mark)| {
        let bytes = binary.section(section).unwrap_or_default();
        memchr::memmem::find(bytes, mark).is_some()
    });
    marked.map(|(section, _)| Fact::new(Producer::TinyGo, format!("names in section {section}")))
}

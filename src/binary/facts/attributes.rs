//! What a C compiler or Go's linker records about the processor that code is
//! made for: `.ARM.attributes`, `.MIPS.abiflags`. Both outlive stripping.

use super::super::{Binary, Fact};
use crate::target::Goarch;

/// What the C part of a program needs of the processor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CFloat {
    /// `v7`
    pub architecture: Option<Fact<String>>,
    /// `hardfloat` or `softfloat`: how floating point is passed in calls.
    pub abi: Option<Fact<&'static str>>,
}

/// Tag_CPU_arch values (ABI for the Arm Architecture, "Addenda32", 3.3.5.2).
const CPU_ARCH: [&str; 15] = [
    "pre-v4", "v4", "v4T", "v5T", "v5TE", "v5TEJ", "v6", "v6KZ", "v6T2", "v6K", "v7", "v6-M", "v6S-M",
    "v7E-M", "v8-A",
];

pub(super) fn read(binary: &Binary, arch: Goarch) -> CFloat {
    match arch {
        Goarch::Arm => binary.section(".ARM.attributes").and_then(arm).unwrap_or_default(),
        Goarch::Mips | Goarch::Mipsle | Goarch::Mips64 | Goarch::Mips64le => mips(binary).unwrap_or_default(),
        _ => CFloat::default(),
    }
}

fn arm(section: &[u8]) -> Option<CFloat> {
    const FROM: &str = ".ARM.attributes";
    // 'A', length, "aeabi\0", then Tag_File, its length, and pairs.
    let rest = section.strip_prefix(b"A")?.get(4..)?.strip_prefix(b"aeabi\0")?;
    let mut bytes = rest.strip_prefix(&[1])?.get(4..)?;
    let (mut architecture, mut abi) = (None, None);
    while let Some(tag) = uleb(&mut bytes) {
        match tag {
            // Names, and Tag_compatibility: a number and a name.
            4 | 5 | 65 | 67 => text(&mut bytes)?,
            32 => {
                uleb(&mut bytes)?;
                text(&mut bytes)?;
            }
            _ => {
                let value = uleb(&mut bytes)?;
                match tag {
                    6 => architecture = CPU_ARCH.get(usize::try_from(value).ok()?).copied(),
                    28 => abi = Some(value),
                    _ => {}
                }
            }
        }
    }
    // Without Tag_ABI_VFP_args floating point is passed in core registers.
    let abi = if abi == Some(1) { "hardfloat" } else { "softfloat" };
    Some(CFloat {
        architecture: architecture.map(|arch| Fact::new(arch.to_owned(), FROM)),
        abi: Some(Fact::new(abi, FROM)),
    })
}

/// Elf_MIPS_ABIFlags_v0: byte 7 is the floating-point ABI (MIPS ABI, Val_GNU_MIPS_ABI_FP).
fn mips(binary: &Binary) -> Option<CFloat> {
    let section = binary.section(".MIPS.abiflags")?;
    let words = binary.image.words();
    let (level, revision) = (*section.get(2)?, *section.get(3)?);
    let abi = match (words.u16(section, 0)?, *section.get(7)?) {
        (0, 1 | 5 | 6 | 7) => "hardfloat",
        (0, 3) => "softfloat",
        _ => return None,
    };
    Some(CFloat {
        architecture: Some(Fact::new(format!("MIPS{level}r{revision}"), ".MIPS.abiflags")),
        abi: Some(Fact::new(abi, ".MIPS.abiflags")),
    })
}

fn uleb(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in [0u32, 7, 14, 21, 28] {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f).wrapping_shl(shift);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn text(bytes: &mut &[u8]) -> Option<()> {
    let end = memchr::memchr(0, bytes)?;
    *bytes = bytes.get(end.saturating_add(1)..)?;
    Some(())
}

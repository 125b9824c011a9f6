//! The micro-architecture level by the instructions that only it has: the last
//! resort, where neither build info nor symbols are left.

use super::super::image::Words;
use super::super::{Binary, Fact};

/// Most code that is looked at: the runtime alone, which comes first, has
/// enough of each instruction.
const MOST: usize = 4 << 20;

/// Go's part of the text.
fn code(binary: &Binary) -> Option<&[u8]> {
    let table = binary.pclntab().ok()?;
    let start = binary.image.offset_of(table.layout().text)?;
    let last = table.function(table.layout().functions.checked_sub(1)?)?;
    let length = usize::try_from(last.end.0.checked_sub(table.layout().text.0)?).ok()?;
    binary.bytes().get(start..start.checked_add(length.min(MOST))?)
}

fn words(binary: &Binary) -> Option<impl Iterator<Item = u32>> {
    let order = Words { pointer_size: 4, big_endian: binary.image.big_endian };
    Some(code(binary)?.chunks_exact(4).filter_map(move |word| order.u32(word, 0)))
}

/// MOVW/MOVT pairs need ARMv7 and the compiler uses them for every constant
/// there: 8.8 or more in 1,000 instructions against 0.007 below. `soft` tells whether
/// floating point is done by software.
pub(super) fn goarm(binary: &Binary, soft: bool) -> Option<Fact<String>> {
    let (mut total, mut wide) = (0u64, 0u64);
    for word in words(binary)? {
        total = total.saturating_add(1);
        wide = wide.saturating_add(u64::from(matches!(word & 0x0ff0_0000, 0x0300_0000 | 0x0340_0000)));
    }
    let v7 = wide.saturating_mul(5000) > total;
    let value = match (v7, soft) {
        (true, false) => "7",
        (true, true) => "7,softfloat",
        (false, true) => "5",
        (false, false) => "6",
    };
    let moves = if v7 { "MOVW/MOVT instructions" } else { "no MOVW/MOVT instructions" };
    let float = if soft { "software floating point" } else { "VFP instructions" };
    let doubt = match value {
        "5" => "; 6,softfloat looks the same",
        "6" => "; 5,hardfloat looks the same",
        _ => "",
    };
    Some(Fact::new(value.to_owned(), format!("machine code: {moves}, {float}{doubt}")).strong())
}

/// `sh1add`, `sh2add`, `sh3add` of Zba come with rva22u64; `czero.eqz` and
/// `czero.nez` of Zicond with rva23u64 (RISC-V ISA manual, volume 1).
pub(super) fn goriscv64(binary: &Binary) -> Option<Fact<String>> {
    let code = code(binary)?;
    let (mut adds, mut zeros, mut at) = (0u64, 0u64, 0usize);
    while let Some(low) = code.get(at..).and_then(|rest| rest.first_chunk::<2>()) {
        // The two lowest bits of a compressed instruction are not 11.
        if low.first().is_some_and(|byte| byte & 3 != 3) {
            at = at.saturating_add(2);
            continue;
        }
        let Some(word) = code.get(at..).and_then(|rest| rest.first_chunk::<4>()) else { break };
        at = at.saturating_add(4);
        let word = u32::from_le_bytes(*word);
        match (word & 0x7f, word >> 25, word >> 12 & 7) {
            (0x33, 0x10, 2 | 4 | 6) => adds = adds.saturating_add(1),
            (0x33, 0x07, 5 | 7) => zeros = zeros.saturating_add(1),
            _ => {}
        }
    }
    let (value, from) = match (zeros > 4, adds > 4) {
        (true, true) => ("rva23u64", "machine code: Zicond and Zba instructions"),
        (_, true) => ("rva22u64", "machine code: Zba instructions, none of Zicond"),
        _ => ("rva20u64", "machine code: no Zba instructions"),
    };
    Some(Fact::new(value.to_owned(), from).strong())
}

/// `maddld` comes with POWER9, `setbc` with POWER10 (Power ISA 3.0B, 3.1).
pub(super) fn goppc64(binary: &Binary) -> Option<Fact<String>> {
    let (mut nine, mut ten) = (0u64, 0u64);
    for word in words(binary)? {
        match (word >> 26, word & 0x3f, word >> 1 & 0x3ff) {
            (4, 51, _) => nine = nine.saturating_add(1),
            (31, _, 384) => ten = ten.saturating_add(1),
            _ => {}
        }
    }
    let (value, from) = match (ten > 4, nine > 4) {
        (true, _) => ("power10", "machine code: setbc instructions"),
        (_, true) => ("power9", "machine code: maddld instructions, no setbc"),
        _ => ("power8", "machine code: neither maddld nor setbc"),
    };
    Some(Fact::new(value.to_owned(), from).strong())
}

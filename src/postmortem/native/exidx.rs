//! Frames of C code on arm, by the index table for unwinding (.ARM.exidx; EHABI32,
//! "Exception Handling ABI for the Arm Architecture", 6 and 10.3).

use super::Values;
use crate::addr::LinkAddr;
use crate::binary::Binary;
use crate::postmortem::process::memory::Memory;

const SP: usize = 13;
const LR: usize = 14;
/// DWARF number of the program counter.
pub(in crate::postmortem) const PC: u16 = 15;
/// A function that must not be unwound.
const CANTUNWIND: u32 = 1;
/// Instructions of one function.
const MOST: usize = 1024;

/// The registers of the caller; its program counter is in r15.
pub(in crate::postmortem) fn unwind(
    memory: &Memory<'_>,
    binary: &Binary,
    values: &Values,
    at: u64,
) -> Result<Values, String> {
    let section = binary.image.section(".ARM.exidx").ok_or("no .ARM.exidx")?;
    let table = binary.section(".ARM.exidx").unwrap_or_default();
    let word = |index: usize| memory.words.u32(table, index.saturating_mul(4));
    let place = |index: usize| section.address.wrapping_add(index.saturating_mul(4) as u64);
    // Sorted by function; each entry holds up to the next one.
    let (mut low, mut high) = (0usize, table.len() >> 3);
    while low < high {
        let middle = low.saturating_add(high.saturating_sub(low) >> 1);
        let index = middle.saturating_mul(2);
        if relative(place(index), word(index).unwrap_or(0)) <= at {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    let index = low.checked_sub(1).ok_or(".ARM.exidx: no entry for the address")?.saturating_mul(2);
    let content = word(index.saturating_add(1)).ok_or(".ARM.exidx: cut off")?;
    if content == CANTUNWIND {
        return Err(".ARM.exidx: the function is not to be unwound".to_owned());
    }
    let bytes = if content >> 31 == 1 {
        instructions(content, &mut std::iter::empty())
    } else {
        let from = relative(place(index.saturating_add(1)), content);
        let mut words = extab(memory, binary, from);
        let first = words.next().ok_or(".ARM.extab: not in the file")?;
        if first >> 31 == 1 {
            instructions(first, &mut words)
        } else {
            // A routine of C++ or another language; gcc puts a count and instructions behind it.
            let next = words.next().ok_or(".ARM.extab: cut off")?;
            counted(next, 24, &mut words)
        }
    };
    run(memory, values, &bytes.ok_or(".ARM.exidx: an entry of unknown form")?)
}

/// An address relative to its place, of 31 bits.
fn relative(place: u64, word: u32) -> u64 {
    let offset = (word << 1).cast_signed() >> 1;
    place.wrapping_add_signed(offset.into()) & 0xffff_ffff
}

fn extab<'a>(memory: &Memory<'_>, binary: &'a Binary, from: u64) -> impl Iterator<Item = u32> + use<'a> {
    let words = memory.words;
    let start = binary.image.offset_of(LinkAddr(from)).unwrap_or(usize::MAX);
    let bytes = binary.bytes().get(start..).unwrap_or_default();
    bytes.chunks_exact(4).map_while(move |chunk| words.u32(chunk, 0))
}

/// Of the forms that the ABI itself has: 0 in the word itself, 1 and 2 with a count.
fn instructions(first: u32, rest: &mut dyn Iterator<Item = u32>) -> Option<Vec<u8>> {
    match first >> 24 & 0x0f {
        0 => Some(first.to_be_bytes().get(1..)?.to_vec()),
        1 | 2 => counted(first, 16, rest),
        _ => None,
    }
}

/// So many more words as the byte at `shift` says, behind what follows that byte.
fn counted(first: u32, shift: u32, rest: &mut dyn Iterator<Item = u32>) -> Option<Vec<u8>> {
    let count = (first >> shift & 0xff) as usize;
    let used = 4usize.checked_sub((shift >> 3) as usize)?;
    let mut out = first.to_be_bytes().get(used..)?.to_vec();
    for word in rest.take(count) {
        out.extend(word.to_be_bytes());
    }
    Some(out)
}

/// EHABI32, table 4.
fn run(memory: &Memory<'_>, values: &Values, bytes: &[u8]) -> Result<Values, String> {
    let mut out = values.clone();
    out.resize(16, None);
    if let Some(pc) = out.get_mut(usize::from(PC)) {
        *pc = None;
    }
    let mut sp = values.get(SP).copied().flatten().ok_or("the stack pointer is not known")?;
    let mut next = bytes.iter().copied();
    for _ in 0..MOST {
        let Some(byte) = next.next() else { break };
        // Registers to pop: the first, and a mask from it on.
        let (first, mask) = match byte {
            0x00..=0x3f => {
                sp = sp.wrapping_add((u64::from(byte & 0x3f) << 2).wrapping_add(4));
                continue;
            }
            0x40..=0x7f => {
                sp = sp.wrapping_sub((u64::from(byte & 0x3f) << 2).wrapping_add(4));
                continue;
            }
            0x80..=0x8f => {
                let mask = u32::from(byte & 0x0f) << 8 | u32::from(next.next().unwrap_or(0));
                if mask == 0 {
                    return Err(".ARM.exidx: the function refuses to be unwound".to_owned());
                }
                (4, mask)
            }
            0x90..=0x9f if !matches!(byte & 0x0f, 13 | 15) => {
                let from = out.get(usize::from(byte & 0x0f)).copied().flatten();
                sp = from.ok_or("the register that the frame is told by is not known")?;
                continue;
            }
            0xa0..=0xa7 => (4, (2u32 << (byte & 7)).wrapping_sub(1)),
            0xa8..=0xaf => (4, (2u32 << (byte & 7)).wrapping_sub(1) | 1 << 10),
            0xb0 => break,
            0xb1 => (0, u32::from(next.next().unwrap_or(0) & 0x0f)),
            0xb2 => {
                let (mut value, mut shift) = (0u64, 0u32);
                for part in next.by_ref().take(5) {
                    value |= u64::from(part & 0x7f) << shift;
                    shift = shift.saturating_add(7);
                    if part & 0x80 == 0 {
                        break;
                    }
                }
                sp = sp.wrapping_add((value << 2).wrapping_add(0x204));
                continue;
            }
            // Registers of the coprocessors: only their room counts.
            0xb3 | 0xc6 | 0xc8 | 0xc9 => {
                let count = u64::from(next.next().unwrap_or(0) & 0x0f).wrapping_add(1);
                let extra = if byte == 0xb3 { 4 } else { 0 };
                sp = sp.wrapping_add((count << 3).wrapping_add(extra));
                continue;
            }
            0xb8..=0xbf | 0xc0..=0xc5 | 0xd0..=0xd7 => {
                let count = u64::from(byte & 7).wrapping_add(1);
                let extra = if byte < 0xc0 { 4 } else { 0 };
                sp = sp.wrapping_add((count << 3).wrapping_add(extra));
                continue;
            }
            0xc7 => {
                let count = u64::from((next.next().unwrap_or(0) & 0x0f).count_ones());
                sp = sp.wrapping_add(count << 2);
                continue;
            }
            _ => return Err(format!(".ARM.exidx: an unknown instruction ({byte:#x})")),
        };
        let begin = sp;
        let mut place = sp;
        for bit in (0u32..12).filter(|bit| mask >> bit & 1 == 1) {
            if let Some(slot) = out.get_mut((bit as usize).saturating_add(first)) {
                *slot = memory.word(place);
            }
            place = place.wrapping_add(4);
        }
        sp = place;
        // One that pops the stack pointer itself sets it.
        if first == 4 && mask >> 9 & 1 == 1 {
            let from = out.get(SP).copied().flatten();
            sp = from.ok_or_else(|| format!("the stack is not in the core at {begin:#x}"))?;
        }
    }
    let lr = out.get(LR).copied().flatten();
    if let Some(pc) = out.get_mut(usize::from(PC)) {
        *pc = pc.or(lr);
    }
    if let Some(slot) = out.get_mut(SP) {
        *slot = Some(sp & 0xffff_ffff);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::binary::image::Words;
    use crate::postmortem::process::elfcore::Segment;
    use crate::source::Bytes;

    /// Entries of glibc 2.36 for armhf, and what `readelf -u` says of them:
    ///
    /// ```text
    /// 0x1e284: @0x106da8
    ///   Compact model index: 1
    ///   0x0c      vsp = vsp + 52
    ///   0x3f      vsp = vsp + 256
    ///   0x84 0x00 pop {r14}
    ///   0xb0      finish
    /// ```
    #[test]
    fn instructions_of_glibc_are_obeyed() {
        let words = Words { pointer_size: 4, big_endian: false };
        let mut stack = vec![0u8; 0x200];
        stack[308..312].copy_from_slice(&0xb6e8_d323u32.to_le_bytes());
        let segment = Segment {
            address: 0xbe00_0000,
            size: 0x200,
            stored: 0x200,
            offset: 0,
            writable: true,
            executable: false,
        };
        let stack = Bytes::Owned(stack);
        let memory = Memory::new(words, &stack, &[segment]);
        let mut values = vec![Some(1); 16];
        values[SP] = Some(0xbe00_0000);
        let bytes = instructions(0x8101_0c3f, &mut [0x8400_b0b0].into_iter()).unwrap();
        assert_eq!(bytes, [0x0c, 0x3f, 0x84, 0x00, 0xb0, 0xb0]);
        let after = run(&memory, &values, &bytes).unwrap();
        assert_eq!(
            (after[SP], after[LR], after[15]),
            (Some(0xbe00_0138), Some(0xb6e8_d323), Some(0xb6e8_d323))
        );
    }
}

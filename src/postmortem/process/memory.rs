//! The memory of the process: what the core holds, and behind it what the
//! executable holds of pages that nothing wrote to. Everything else is
//! unreadable, never zero.

use std::cell::Cell;

use super::elfcore::Segment;
use crate::addr::{LinkAddr, LoadBias};
use crate::binary::Binary;
use crate::binary::image::Words;
use crate::source::Bytes;

#[derive(Clone, Copy)]
struct Piece<'a> {
    start: u64,
    bytes: &'a [u8],
}

impl Piece<'_> {
    fn end(&self) -> u64 {
        self.start.saturating_add(self.bytes.len() as u64)
    }
}

pub struct Memory<'a> {
    /// Sorted, without overlaps.
    pieces: Vec<Piece<'a>>,
    pub words: Words,
    last: Cell<usize>,
    core: &'a Bytes,
    /// How many look-ups there were.
    looked: Cell<u32>,
}

/// After so many look-ups the pages of the core are let go, so that a large heap does not
/// become memory of this process: of 100,000 small stacks, which lie side by side with all
/// else, they make up to 150 MB resident.
const LOOK_UPS: u32 = 1 << 17;

/// Longest text that is read out of the process.
pub(in crate::postmortem) const MAX_TEXT: u64 = 64 << 10;

impl<'a> Memory<'a> {
    pub(in crate::postmortem) fn new(words: Words, core: &'a Bytes, segments: &[Segment]) -> Memory<'a> {
        let mut memory = Memory { pieces: Vec::new(), words, last: Cell::new(0), core, looked: Cell::new(0) };
        // They are sorted; one that overlaps an earlier one counts from its end.
        let mut covered = 0u64;
        for segment in segments {
            let stored = segment.stored.min(segment.size);
            let skip = covered.saturating_sub(segment.address).min(stored);
            let start = usize::try_from(segment.offset.saturating_add(skip)).unwrap_or(usize::MAX);
            let end = usize::try_from(segment.offset.saturating_add(stored)).unwrap_or(usize::MAX);
            let Some(bytes) = core.get(start..end.min(core.len())).filter(|bytes| !bytes.is_empty()) else {
                continue;
            };
            let piece = Piece { start: segment.address.saturating_add(skip), bytes };
            covered = covered.max(piece.end());
            memory.pieces.push(piece);
        }
        memory
    }

    /// Adds what the core left to the executable: pages that are not written to.
    pub(in crate::postmortem) fn with_binary(&self, binary: &'a Binary, bias: LoadBias) -> Memory<'a> {
        let mut pieces = self.pieces.clone();
        for segment in binary.image.segments.iter().filter(|segment| !segment.writable) {
            let bytes = binary.bytes().get(segment.offset..segment.offset.saturating_add(segment.length));
            let Some(mut bytes) = bytes else { continue };
            let mut start = segment.address.wrapping_add(bias.0);
            if start.checked_add(bytes.len() as u64).is_none() {
                continue;
            }
            let mut at = self.pieces.partition_point(|piece| piece.end() <= start);
            while !bytes.is_empty() {
                let next = self.pieces.get(at);
                let gap = next.map_or(u64::MAX, |piece| piece.start.saturating_sub(start));
                let gap = usize::try_from(gap).unwrap_or(usize::MAX).min(bytes.len());
                if gap > 0 {
                    pieces.push(Piece { start, bytes: bytes.get(..gap).unwrap_or_default() });
                }
                let Some(piece) = next else { break };
                let skip = usize::try_from(piece.end().saturating_sub(start)).unwrap_or(usize::MAX);
                start = piece.end();
                bytes = bytes.get(skip..).unwrap_or_default();
                at = at.saturating_add(1);
            }
        }
        pieces.sort_by_key(|piece| piece.start);
        Memory { pieces, words: self.words, last: Cell::new(0), core: self.core, looked: Cell::new(0) }
    }

    fn piece(&self, address: u64) -> Option<&Piece<'a>> {
        let near = self.pieces.get(self.last.get());
        if let Some(piece) = near.filter(|piece| piece.start <= address && address < piece.end()) {
            return Some(piece);
        }
        let index = self.pieces.partition_point(|piece| piece.start <= address).checked_sub(1)?;
        let piece = self.pieces.get(index).filter(|piece| address < piece.end())?;
        self.last.set(index);
        Some(piece)
    }

    /// What is readable from an address on, without a gap and in one piece.
    pub fn from(&self, address: u64) -> Option<&'a [u8]> {
        let looked = self.looked.get().wrapping_add(1);
        self.looked.set(looked);
        if looked.is_multiple_of(LOOK_UPS) {
            self.core.release();
        }
        let piece = self.piece(address)?;
        piece.bytes.get(usize::try_from(address.checked_sub(piece.start)?).ok()?..)
    }

    /// So many bytes, which may lie in several pieces.
    pub fn copy(&self, address: u64, length: u64) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut at = address;
        while (out.len() as u64) < length.min(MAX_TEXT) {
            let bytes = self.from(at)?;
            let wanted =
                usize::try_from(length).unwrap_or(usize::MAX).saturating_sub(out.len()).min(bytes.len());
            out.extend_from_slice(bytes.get(..wanted)?);
            at = at.checked_add(wanted as u64)?;
        }
        Some(out)
    }

    #[inline]
    pub fn word(&self, address: u64) -> Option<u64> {
        self.words.word(self.from(address)?, 0)
    }

    pub fn u32(&self, address: u64) -> Option<u32> {
        self.words.u32(self.from(address)?, 0)
    }

    pub fn u64(&self, address: u64) -> Option<u64> {
        self.words.u64(self.from(address)?, 0)
    }

    pub fn u8(&self, address: u64) -> Option<u8> {
        self.from(address)?.first().copied()
    }

    /// An unsigned number of 1 to 8 bytes, at any alignment.
    pub fn number(&self, address: u64, size: u8) -> Option<u64> {
        let have = self.from(address)?.get(..usize::from(size));
        let copied;
        let bytes = match have {
            Some(bytes) => bytes,
            None => {
                copied = self.copy(address, size.into())?;
                &copied
            }
        };
        let push = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        Some(if self.words.big_endian {
            bytes.iter().fold(0, push)
        } else {
            bytes.iter().rev().fold(0, push)
        })
    }

    /// A `string`: pointer and length. `None` where it is not readable or
    /// longer than is believed.
    pub fn string(&self, header: u64) -> Option<Vec<u8>> {
        let size = u64::from(self.words.pointer_size);
        let (start, length) = (self.word(header)?, self.word(header.checked_add(size)?)?);
        self.text(start, length)
    }

    pub fn text(&self, start: u64, length: u64) -> Option<Vec<u8>> {
        if length > MAX_TEXT {
            return None;
        }
        if length == 0 { Some(Vec::new()) } else { self.copy(start, length) }
    }

    /// A text of C, up to its zero.
    pub fn c_string(&self, address: u64) -> Option<Vec<u8>> {
        let bytes = self.from(address)?;
        let bytes = bytes.get(..bytes.len().min(MAX_TEXT as usize))?;
        Some(bytes.get(..memchr::memchr(0, bytes)?)?.to_vec())
    }

    /// The readable parts of a range, each with its address.
    pub fn within(&self, start: u64, end: u64) -> impl Iterator<Item = (u64, &'a [u8])> + '_ {
        let first = self.pieces.partition_point(|piece| piece.end() <= start);
        let pieces = self.pieces.get(first..).unwrap_or_default();
        pieces.iter().take_while(move |piece| piece.start < end).filter_map(move |piece| {
            let from = start.max(piece.start);
            let skip = usize::try_from(from.saturating_sub(piece.start)).ok()?;
            let keep = usize::try_from(end.min(piece.end()).saturating_sub(piece.start)).ok()?;
            Some((from, piece.bytes.get(skip..keep)?))
        })
    }

    /// Does a range of the process hold what the executable says?
    pub(in crate::postmortem) fn agrees(&self, binary: &Binary, bias: LoadBias) -> Agreement {
        let mut out = Agreement::default();
        for segment in binary.image.segments.iter().filter(|segment| !segment.writable) {
            let start = segment.address.wrapping_add(bias.0);
            let Some(end) = start.checked_add(segment.length as u64) else { continue };
            for (address, bytes) in self.within(start, end) {
                let link = LinkAddr(address.wrapping_sub(bias.0));
                let Some(offset) = binary.image.offset_of(link) else { continue };
                let stored = binary.bytes().get(offset..offset.saturating_add(bytes.len()));
                out.compared = out.compared.saturating_add(bytes.len() as u64);
                if out.differs.is_none() && stored != Some(bytes) {
                    let same = stored
                        .map_or(0, |stored| stored.iter().zip(bytes).take_while(|(a, b)| a == b).count());
                    out.differs = Some(address.saturating_add(same as u64));
                }
            }
        }
        out
    }
}

/// How read-only memory compares with an executable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::postmortem) struct Agreement {
    pub(in crate::postmortem) compared: u64,
    /// The first address that differs.
    pub(in crate::postmortem) differs: Option<u64>,
}

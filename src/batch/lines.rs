//! Lines that are too long lose their middle: nothing that holds a line can grow
//! without a bound then. Of a hole that truncation has left only its beginning stays.

/// More NULs in a row are a hole: a log that was truncated while it was written to
/// begins with one as long as it was (logrotate, copytruncate).
const HOLE: usize = 4 << 10;

/// Takes out what is beyond the length, and remembers where.
pub(super) struct Cutter {
    longest: usize,
    /// Bytes of the line that the next piece goes on with.
    line: usize,
    /// NULs that came last.
    nuls: usize,
    /// Bytes that came, and those that were let through.
    came: u64,
    through: u64,
    /// At an offset of what was let through, so many bytes are missing before.
    gaps: Vec<(u64, u64)>,
    missing: u64,
    /// What is missing and was more than a hole of NUL, and the lines of it.
    cut: u64,
    lines: u64,
    /// The line is counted.
    told: bool,
}

impl Cutter {
    pub(super) fn new(longest: usize) -> Cutter {
        Cutter {
            longest,
            line: 0,
            nuls: 0,
            came: 0,
            through: 0,
            gaps: Vec::new(),
            missing: 0,
            cut: 0,
            lines: 0,
            told: false,
        }
    }

    /// Bytes that came.
    pub(super) fn came(&self) -> u64 {
        self.came
    }

    /// Lines that were cut, and bytes that are missing of them.
    pub(super) fn cut(&self) -> (u64, u64) {
        (self.lines, self.cut)
    }

    /// What is let through of a piece.
    pub(super) fn pass(&mut self, piece: &[u8], each: &mut dyn FnMut(&[u8])) {
        self.came = self.came.saturating_add(piece.len() as u64);
        self.end_hole(piece);
        let (mut text, mut at) = (0usize, 0usize);
        // A hole has a byte at one of these.
        let last = piece.len().saturating_sub(1);
        for probe in (0..piece.len()).step_by(HOLE).chain([last]) {
            if probe < at || piece.get(probe) != Some(&0) {
                continue;
            }
            let before = piece.get(at..probe).unwrap_or_default().iter().rev();
            let start = probe.saturating_sub(before.take_while(|byte| **byte == 0).count());
            at = probe.saturating_add(leading_nuls(piece.get(probe..).unwrap_or_default()));
            let came = if start == 0 { self.nuls } else { 0 };
            let nuls = came.saturating_add(at.saturating_sub(start));
            if nuls > HOLE {
                let stays = start.saturating_add(HOLE.saturating_sub(came));
                self.text(piece.get(text..stays).unwrap_or_default(), each);
                self.miss(piece.get(stays..at).unwrap_or_default());
                text = at;
            }
            self.nuls = nuls;
            self.end_hole(piece.get(at..).unwrap_or_default());
        }
        if piece.last().is_some_and(|byte| *byte != 0) {
            self.nuls = 0;
        }
        self.text(piece.get(text..).unwrap_or_default(), each);
    }

    /// What is behind a hole is a line of its own.
    fn end_hole(&mut self, behind: &[u8]) {
        if self.nuls > HOLE && behind.first().is_some_and(|byte| *byte != 0) {
            (self.line, self.told) = (0, false);
        }
    }

    fn text(&mut self, text: &[u8], each: &mut dyn FnMut(&[u8])) {
        let mut rest = text;
        // A text whose lines end soon enough is let through as it is.
        let first = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        if self.line.saturating_add(first) <= self.longest && rest.len() <= self.longest {
            let last = memchr::memrchr(b'\n', rest);
            self.line = match last {
                Some(last) => rest.len().saturating_sub(last).saturating_sub(1),
                None => self.line.saturating_add(rest.len()),
            };
            return self.give(rest, each);
        }
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at.saturating_add(1));
            let (line, behind) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            let ended = line.last() == Some(&b'\n');
            let text = line.len().saturating_sub(usize::from(ended));
            let room = self.longest.saturating_sub(self.line).min(text);
            self.give(line.get(..room).unwrap_or_default(), each);
            self.drop(line.get(room..text).unwrap_or_default());
            self.line = if ended { 0 } else { self.line.saturating_add(text) };
            if ended {
                self.told = false;
                self.give(b"\n", each);
            }
            rest = behind;
        }
    }

    /// The same where nobody holds lines: all of it.
    pub(super) fn pass_all(&mut self, piece: &[u8], each: &mut dyn FnMut(&[u8])) {
        self.came = self.came.saturating_add(piece.len() as u64);
        let last = memchr::memrchr(b'\n', piece).map_or(0, |last| last.saturating_add(1));
        self.line = piece.len().saturating_sub(last);
        self.give(piece, each);
    }

    fn give(&mut self, bytes: &[u8], each: &mut dyn FnMut(&[u8])) {
        if !bytes.is_empty() {
            self.through = self.through.saturating_add(bytes.len() as u64);
            each(bytes);
        }
    }

    fn drop(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.cut = self.cut.saturating_add(bytes.len() as u64);
        self.lines = self.lines.saturating_add(u64::from(!self.told));
        self.told = true;
        self.miss(bytes);
    }

    fn miss(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.missing = self.missing.saturating_add(bytes.len() as u64);
        match self.gaps.last_mut() {
            Some((at, missing)) if *at == self.through => *missing = self.missing,
            _ => self.gaps.push((self.through, self.missing)),
        }
    }

    /// The offset in what came, of an offset in what was let through.
    pub(super) fn place(&self, offset: u64) -> u64 {
        let gap = self.gaps.partition_point(|(at, _)| *at <= offset).checked_sub(1);
        let missing = gap.and_then(|gap| self.gaps.get(gap)).map_or(0, |(_, missing)| *missing);
        offset.saturating_add(missing)
    }
}

fn leading_nuls(bytes: &[u8]) -> usize {
    const ZEROS: [u8; 256] = [0; 256];
    let whole = bytes.chunks_exact(ZEROS.len()).take_while(|chunk| *chunk == ZEROS).count();
    let whole = whole.saturating_mul(ZEROS.len());
    let rest = bytes.get(whole..).unwrap_or_default().iter().take_while(|byte| **byte == 0).count();
    whole.saturating_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(pieces: &[&[u8]]) -> (Vec<u8>, Cutter) {
        let mut cutter = Cutter::new(8);
        let mut out = Vec::new();
        pieces.iter().for_each(|piece| cutter.pass(piece, &mut |bytes| out.extend_from_slice(bytes)));
        (out, cutter)
    }

    #[test]
    fn middles_go_and_are_counted() {
        let (out, cutter) = passed(&[b"short\n0123", b"456789abc", b"def\nafter\n"]);
        assert_eq!(out, b"short\n01234567\nafter\n");
        assert_eq!(cutter.cut(), (1, 8));
        assert_eq!((cutter.came(), cutter.through), (29, 21));
        assert_eq!((cutter.place(6), cutter.place(13), cutter.place(15)), (6, 13, 23));
    }

    #[test]
    fn holes_are_no_loss_and_what_is_behind_them_stays() {
        for size in [1, 100, 4096, 5000, 1 << 20] {
            let text = [b"ab".as_slice(), &[0; HOLE + 1000], b"cd\n\0\0end\n"].concat();
            let mut cutter = Cutter::new(HOLE + 3);
            let mut out = Vec::new();
            let pieces = text.chunks(size);
            pieces.for_each(|piece| cutter.pass(piece, &mut |bytes| out.extend_from_slice(bytes)));
            assert_eq!(out, [b"ab".as_slice(), &[0; HOLE], b"cd\n\0\0end\n"].concat(), "{size}");
            assert_eq!((cutter.cut(), cutter.came()), ((0, 0), text.len() as u64));
            let (a, c) = (1, HOLE as u64 + 2);
            assert_eq!((cutter.place(a), cutter.place(c)), (a, c + 1000));
        }
    }

    #[test]
    fn pieces_do_not_matter() {
        let text: &[u8] = b"0123456789\n01234567\n012345678\n\n0123456789abcdef";
        let whole = passed(&[text]);
        for size in 1..text.len() {
            let parts = passed(&text.chunks(size).collect::<Vec<_>>());
            assert_eq!(
                (parts.0, parts.1.cut(), parts.1.gaps),
                (whole.0.clone(), whole.1.cut(), whole.1.gaps.clone()),
                "{size}"
            );
        }
    }
}

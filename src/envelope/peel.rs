//! Layer after layer comes off: lines are read by a format, sorted by who wrote
//! them, put together again, and looked at anew.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::formats::{DOCUMENTS, Format, Reader, Stray};
use super::record::{Blocks, Piece, Record, Text, part};
use super::sniff::{Choice, choose};
use super::stream::{Identity, Incoming, Mark, Marks, Stream};
use super::{LAYERS, quoted, repair, terminal};

/// Lines of one source.
#[derive(Default)]
struct Group<'a> {
    identity: Identity,
    pieces: Vec<Piece<'a>>,
}

/// Takes the wrapping off a run of lines. `offset` and `line` say where the run
/// stands in its input; `forced` are the outer layers, where the user named them.
pub fn unwrap(text: &[u8], offset: u64, line: u64, forced: &[&'static Format]) -> Vec<Stream> {
    let mut out = Vec::new();
    let pieces = split(text, offset, line);
    let depth = Depth { layers: LAYERS.max(forced.len()), passes: PASSES };
    peel(pieces, &Identity::default(), &[], forced, depth, &mut out);
    out
}

/// Takes the wrapping off a document that is wrapped as a whole, not line by
/// line: binary logs of docker, one JSON document.
pub fn whole(bytes: &[u8]) -> Option<Vec<Stream>> {
    DOCUMENTS.iter().find_map(|document| {
        let records = (document.read)(bytes)?;
        let mut counted = (0usize, 1u64);
        let pieces = records.into_iter().map(|(range, record)| {
            let between = bytes.get(counted.0..range.start).unwrap_or_default();
            counted.1 = counted.1.saturating_add(memchr::memchr_iter(b'\n', between).count() as u64);
            counted.0 = counted.0.max(range.start);
            let piece = Piece {
                text: Cow::Borrowed(bytes.get(range.clone()).unwrap_or_default()),
                newline: true,
                offset: range.start as u64,
                line: counted.1,
                marks: Marks::NONE,
                stamp: None,
                order: None,
                beside: None,
            };
            (piece, record)
        });
        let out = sorted(pieces, document.name);
        (!out.is_empty()).then_some(out)
    })
}

/// The streams of records that one format has put around lines.
pub(super) fn sorted<'a>(
    records: impl IntoIterator<Item = (Piece<'a>, Record)>,
    name: &'static str,
) -> Vec<Stream> {
    let nobody = Identity::default();
    let mut sorter = Sorter::new(&nobody);
    records.into_iter().for_each(|(piece, record)| sorter.take(&piece, record));
    let mut out = Vec::new();
    for group in sorter.groups {
        let pieces = in_order(together(group.pieces));
        let depth = Depth { layers: LAYERS - 1, passes: PASSES };
        peel(pieces, &group.identity, &[name], &[], depth, &mut out);
    }
    out
}

/// Whether a document that begins so may be one that is wrapped as a whole: then
/// all of it is needed.
pub fn is_whole(beginning: &[u8]) -> bool {
    DOCUMENTS.iter().any(|document| (document.begins)(beginning))
}

/// So many NULs are no number.
const HOLE: usize = 16;

fn split(text: &[u8], offset: u64, line: u64) -> Vec<Piece<'_>> {
    let mut at = 0usize;
    let mut out = Vec::new();
    for (number, part) in (line..).zip(text.split_inclusive(|b| *b == b'\n')) {
        let ended = part.strip_suffix(b"\n");
        let body = ended.unwrap_or(part);
        // A hole of NULs is what copytruncate leaves at the start of a file; a few
        // may be the length of a binary field.
        let hole = body.iter().take_while(|b| **b == 0).count();
        let body = if hole >= HOLE { body.get(hole..).unwrap_or_default() } else { body };
        out.push(Piece {
            text: Cow::Borrowed(body.strip_suffix(b"\r").unwrap_or(body)),
            newline: ended.is_some(),
            offset: offset.saturating_add(at as u64),
            line: number,
            marks: Marks::NONE,
            stamp: None,
            order: None,
            beside: None,
        });
        at = at.saturating_add(part.len());
    }
    out
}

/// Formats that may stand side by side in one run of lines.
const PASSES: usize = 12;

/// What may still be taken off.
#[derive(Clone, Copy)]
struct Depth {
    /// One inside the other.
    layers: usize,
    /// One beside the other.
    passes: usize,
}

impl Depth {
    fn inside(self) -> Depth {
        Depth { layers: self.layers.saturating_sub(1), ..self }
    }

    fn beside(self) -> Depth {
        Depth { passes: self.passes.saturating_sub(1), ..self }
    }
}

fn peel(
    mut pieces: Vec<Piece<'_>>,
    identity: &Identity,
    envelopes: &[&'static str],
    forced: &[&'static Format],
    depth: Depth,
    out: &mut Vec<Stream>,
) {
    pieces.iter_mut().for_each(terminal::strip);
    let format = match forced.split_first() {
        Some((format, _)) => Some(Choice::Known(format)),
        None if depth.layers == 0 || depth.passes == 0 => None,
        None => choose(&pieces),
    };
    let forced = forced.get(1..).unwrap_or_default();
    if let Some(format) = format {
        let mut names = envelopes.to_vec();
        names.push(format.name);
        let (groups, strays) = sort(&format, pieces, identity);
        for group in groups {
            let pieces = in_order(together(group.pieces));
            peel(pieces, &group.identity, &names, forced, depth.inside(), out);
        }
        if !strays.is_empty() {
            // What the format does not read was never inside it.
            peel(strays, identity, envelopes, &[], depth.beside(), out);
        }
        return;
    }
    let (pieces, expanded) = quoted::expand(pieces);
    if expanded && depth.layers > 0 {
        return peel(pieces, identity, envelopes, &[], depth.inside(), out);
    }
    let mut stream = Stream::new(identity.clone(), envelopes.to_vec());
    for piece in repair::mend(pieces) {
        if let Some(beside) = piece.beside {
            stream.beside.push((stream.text.len(), beside));
        }
        stream.push(&Incoming {
            text: &piece.text,
            newline: piece.newline,
            offset: piece.offset,
            line: piece.line,
            marks: piece.marks,
            stamp: piece.stamp.as_deref(),
        });
    }
    out.push(stream);
}

fn sort<'a>(
    format: &Format,
    pieces: Vec<Piece<'a>>,
    identity: &Identity,
) -> (Vec<Group<'a>>, Vec<Piece<'a>>) {
    if let Reader::Block(read) = format.reader {
        return blocks(read, &pieces, identity);
    }
    let mut sorter = Sorter::new(identity);
    let mut strays: Vec<Piece<'a>> = Vec::new();
    let mut indent = 0usize;
    let mut records = Vec::new();
    for piece in pieces {
        records.clear();
        if format.read(&piece.text, &mut records) {
            if let Some(record) = records.last_mut() {
                parts_without_mark(format, &piece, record);
            }
            if let Some(Record { text: Text::Part(range), .. }) = records.first() {
                indent = range.start;
            }
            records.drain(..).for_each(|record| sorter.take(&piece, record));
            continue;
        }
        let blanks = piece.text.iter().take_while(|b| **b == b' ').count();
        let inside = match format.stray {
            Stray::Apart => None,
            Stray::Continue => Some(0),
            Stray::Indented => (indent > 0 && blanks >= indent).then_some(indent),
        };
        match inside.zip(sorter.last()) {
            Some((cut, group)) => {
                let text = part(&piece.text, cut..piece.text.len());
                group.pieces.push(Piece { text, ..piece });
            }
            None => {
                // It begins like a record, and is none: it was cut on the way.
                let broken = format.is_json()
                    && piece.text.first().is_some_and(|b| *b == b'{')
                    && serde_json::from_slice::<serde::de::IgnoredAny>(&piece.text).is_err();
                if broken && let Some(before) = sorter.last().and_then(|group| group.pieces.last_mut()) {
                    before.mark(Mark::Unreadable);
                }
                strays.push(piece);
            }
        }
    }
    let mut groups = sorter.groups;
    if format.name == "docker-json" {
        // Where no record at all ends in a newline, a collector took them off.
        let any = groups.iter().flat_map(|group| &group.pieces).any(|piece| piece.newline);
        let all = groups.iter_mut().flat_map(|group| &mut group.pieces);
        all.filter(|_| !any).for_each(|piece| piece.newline = true);
    }
    suppressed(&mut groups);
    (groups, strays)
}

/// s6-log cuts at 8192 bytes and leaves no mark (skarnet s6-log.c, its `-l`).
const S6_PART: usize = 8192;

fn parts_without_mark(format: &Format, piece: &Piece<'_>, record: &mut Record) {
    if let Text::Part(range) = &record.text
        && matches!(format.name, "tai64n" | "stamp")
        && range.len() == S6_PART
        && range.end == piece.text.len()
    {
        record.newline = false;
    }
}

fn blocks<'a>(
    read: fn(&[u8]) -> Blocks,
    pieces: &[Piece<'a>],
    identity: &Identity,
) -> (Vec<Group<'a>>, Vec<Piece<'a>>) {
    let mut text = Vec::new();
    let mut starts = Vec::with_capacity(pieces.len());
    for piece in pieces {
        starts.push(text.len());
        text.extend_from_slice(&piece.text);
        text.push(b'\n');
    }
    let mut sorter = Sorter::new(identity);
    for (range, record) in read(&text) {
        let index = starts.partition_point(|start| *start <= range.start).saturating_sub(1);
        let Some(origin) = pieces.get(index) else { continue };
        let inside = Text::Own(record.text.of(&text).to_vec());
        sorter.take(origin, Record { text: inside, ..record });
    }
    (sorter.groups, Vec::new())
}

/// Puts records to the group of their identity.
struct Sorter<'a, 'i> {
    around: &'i Identity,
    groups: Vec<Group<'a>>,
    latest: usize,
    /// Where the group of an identity is.
    known: FxHashMap<Identity, usize>,
}

impl<'a, 'i> Sorter<'a, 'i> {
    fn new(around: &'i Identity) -> Sorter<'a, 'i> {
        Sorter { around, groups: Vec::new(), latest: 0, known: FxHashMap::default() }
    }

    fn last(&mut self) -> Option<&mut Group<'a>> {
        self.groups.get_mut(self.latest)
    }

    fn take(&mut self, piece: &Piece<'a>, record: Record) {
        let mut identity = self.around.clone();
        record.identity.iter().for_each(|(key, value)| identity.set(key, value));
        if self.groups.get(self.latest).is_none_or(|group| group.identity != identity) {
            let next = self.groups.len();
            self.latest = *self.known.entry(identity.clone()).or_insert(next);
            if self.latest == next {
                // A source may have one line, and there may be as many sources as lines.
                self.groups.push(Group { identity, pieces: Vec::with_capacity(1) });
            }
        }
        let Some(group) = self.groups.get_mut(self.latest) else { return };
        if record.continues
            && let Some(before) = group.pieces.last_mut()
        {
            before.newline = false;
        }
        let cut = |text: Text| match text {
            Text::Part(range) => part(&piece.text, range),
            Text::Own(own) => Cow::Owned(own),
        };
        let stamp = record.stamp.map(cut).or_else(|| piece.stamp.clone());
        let mut beside = record.beside;
        beside.extend(piece.beside.clone());
        let mut template = Piece {
            text: cut(record.text),
            newline: record.newline,
            offset: piece.offset,
            line: piece.line,
            marks: piece.marks.with(record.marks),
            stamp,
            order: record.order,
            beside: (!beside.is_empty()).then(|| beside.join("; ")),
        };
        if !template.text.contains(&b'\n') {
            group.pieces.push(template);
            return;
        }
        // A record of several lines.
        let text = std::mem::take(&mut template.text);
        let count = text.split(|b| *b == b'\n').count();
        for (index, line) in text.split(|b| *b == b'\n').enumerate() {
            let last = index.saturating_add(1) == count;
            group.pieces.push(Piece {
                text: Cow::Owned(line.strip_suffix(b"\r").unwrap_or(line).to_vec()),
                newline: !last || template.newline,
                ..template.clone()
            });
            template.beside = None;
        }
    }
}

/// Parts of one line become one.
fn together(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    if pieces.iter().all(|piece| piece.newline) {
        return pieces;
    }
    let mut out: Vec<Piece<'_>> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match out.last_mut().filter(|before| !before.newline) {
            Some(before) => {
                before.text.to_mut().extend_from_slice(&piece.text);
                before.newline = piece.newline;
                before.marks = before.marks.with(piece.marks);
                before.mark(Mark::Joined);
            }
            None => out.push(piece),
        }
    }
    out
}

/// Restores the order of a stream, by the numbers that its records carry, or by
/// their stamps where these fall throughout.
fn in_order(mut pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let falls =
        |a: &Piece<'_>, b: &Piece<'_>| match (a.order.zip(b.order), a.stamp.as_ref().zip(b.stamp.as_ref())) {
            (Some((a, b)), _) => b < a,
            // Stamps of one length compare as text: they go from years to fractions.
            (None, Some((a, b))) => a.len() == b.len() && b < a,
            _ => false,
        };
    let steps = pieces.windows(2).filter(|pair| matches!(pair, [a, b] if falls(a, b))).count();
    if steps == 0 {
        return pieces;
    }
    let rises = pieces.windows(2).filter(|pair| matches!(pair, [a, b] if falls(b, a))).count();
    let ordered = pieces.iter().all(|piece| piece.order.is_some());
    if ordered {
        pieces.sort_by_key(|piece| piece.order);
    } else if rises == 0 {
        pieces.reverse();
    } else if steps.saturating_mul(20) > pieces.len() && pieces.iter().all(|piece| piece.stamp.is_some()) {
        pieces.sort_by(|a, b| a.stamp.cmp(&b.stamp));
    } else {
        return pieces;
    }
    pieces.iter_mut().for_each(|piece| piece.mark(Mark::Reordered));
    pieces
}

/// `Suppressed 418 messages from UNIT` of journald, and `N messages dropped` of
/// Heroku: what was open at that point in another stream has a hole.
fn suppressed(groups: &mut [Group<'_>]) {
    let says = |piece: &Piece<'_>| {
        (piece.text.starts_with(b"Suppressed ")
            && memchr::memmem::find(&piece.text, b" messages from ").is_some())
            || memchr::memmem::find(&piece.text, b"Error L10 (output buffer overflow)").is_some()
    };
    let holes: Vec<u64> =
        groups.iter().flat_map(|group| &group.pieces).filter(|piece| says(piece)).map(|p| p.line).collect();
    for hole in holes {
        for group in groups.iter_mut() {
            if let Some(before) = group.pieces.iter_mut().rev().find(|piece| piece.line < hole) {
                before.mark(Mark::Suppressed);
            }
        }
    }
}

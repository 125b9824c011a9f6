//! What people, terminals and collectors did to the lines themselves, undone
//! where the lines prove it, and marked on every line that was touched.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::Shape;
use super::record::{Piece, part};
use super::stream::Mark;

/// Whether lines that no format wraps need mending.
pub(super) fn needed(lines: &[&[u8]]) -> bool {
    let mut before: &[u8] = b"";
    let mut headers = false;
    for line in lines {
        let shape = Shape::of(line);
        let indented = line.trim_ascii_start();
        // `main.f(...)` and then a position without its TAB, or a header behind blanks.
        let detabbed = matches!(shape, Shape::Position { tab: false })
            && matches!(Shape::of(before), Shape::Call | Shape::Creator)
            && !is_race(before);
        let moved = indented.len() < line.len() && Shape::of(indented) == Shape::Header;
        let doubled = shape == Shape::Header && before == *line;
        headers |= shape == Shape::Header;
        let hole = line.first() == Some(&0);
        let markup = is_markup(line);
        if detabbed
            || moved
            || doubled
            || hole
            || markup
            || is_shown(line)
            || typographic(line)
            || repeats(line).is_some()
        {
            return true;
        }
        before = line;
    }
    let shapes: Vec<Shape> = lines.iter().map(|line| Shape::of(line)).collect();
    headers && (is_reversed(lines) || wrap_width(lines).is_some() || broken(&shapes) >= 2)
}

/// Mends the lines of a stream.
pub(super) fn mend(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let pieces = repeated(show_all(pieces));
    let pieces = undouble(pieces);
    let mut pieces = unreverse(pieces);
    retype(&mut pieces);
    unindent(&mut pieces);
    let mut pieces = unwrap(pieces);
    retab(&mut pieces);
    restore_blanks(deinterleave(pieces))
}

/// `cat -A`: `$` at the end of every line, `^I` for a TAB.
fn shown(line: &[u8]) -> Option<Vec<u8>> {
    let text = line.strip_suffix(b"$")?;
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, b"^I") {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        out.push(b'\t');
        rest = rest.get(at.saturating_add(2)..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    Some(out)
}

fn is_shown(line: &[u8]) -> bool {
    line.ends_with(b"]:$") && shown(line).is_some_and(|text| Shape::of(&text) == Shape::Header)
}

fn show_all(mut pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    if pieces.iter().any(|piece| is_shown(&piece.text)) {
        for piece in &mut pieces {
            if let Some(text) = shown(&piece.text) {
                piece.text = Cow::Owned(text);
            }
        }
    }
    pieces
}

/// `message repeated 3 times: [ TEXT]` (rsyslog) and `last message repeated 3
/// times` (BSD, busybox): so many copies of the line before, or of TEXT.
fn repeats(line: &[u8]) -> Option<(usize, Option<&[u8]>)> {
    let rsyslog = line.strip_prefix(b"message repeated ");
    let rest = rsyslog.or_else(|| line.strip_prefix(b"last message repeated "))?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let count: usize = std::str::from_utf8(rest.get(..digits)?).ok()?.parse().ok()?;
    let rest = rest.get(digits..)?.strip_prefix(b" times")?;
    let text = rest.strip_prefix(b": [").and_then(|text| text.strip_suffix(b"]"));
    let text = text.map(|text| text.strip_prefix(b" ").unwrap_or(text));
    (count > 0 && count <= 10_000 && (text.is_some() == rsyslog.is_some())).then_some((count, text))
}

/// Most memory that the copies of a stream may take.
const REPEATED_BYTES: usize = 8 << 20;

fn repeated(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    if !pieces.iter().any(|piece| repeats(&piece.text).is_some()) {
        return pieces;
    }
    let mut out: Vec<Piece<'_>> = Vec::with_capacity(pieces.len());
    let mut budget = REPEATED_BYTES;
    for piece in pieces {
        let copies = repeats(&piece.text).map(|(count, text)| (count, text.map(<[u8]>::to_vec)));
        let Some((count, text)) = copies else {
            out.push(piece);
            continue;
        };
        let text = match (text, out.last()) {
            (Some(text), _) => text,
            (None, Some(before)) => before.text.to_vec(),
            (None, None) => continue,
        };
        let cost = text.len().saturating_add(size_of::<Piece<'_>>());
        let count = count.min(budget.checked_div(cost).unwrap_or(0));
        budget = budget.saturating_sub(cost.saturating_mul(count));
        let mut copy = Piece { text: Cow::Owned(text), ..piece };
        copy.mark(Mark::Repeated);
        out.extend(std::iter::repeat_n(copy, count));
    }
    out
}

/// Two shippers of one file: every line stands there twice. A header is never
/// printed twice in a row.
fn undouble(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let twice = |pair: &[Piece<'_>]| matches!(pair, [a, b] if a.text == b.text);
    let header = |pair: &[Piece<'_>]| pair.first().is_some_and(|p| Shape::of(&p.text) == Shape::Header);
    if !pieces.windows(2).any(|pair| twice(pair) && header(pair)) {
        return pieces;
    }
    let mut out: Vec<Piece<'_>> = Vec::with_capacity(pieces.len());
    let mut rest = pieces.into_iter().peekable();
    while let Some(mut piece) = rest.next() {
        if rest.peek().is_some_and(|next| next.text == piece.text) {
            rest.next();
            piece.mark(Mark::Doubled);
        }
        out.push(piece);
    }
    out
}

/// In the right order a call follows a header; newest first, it stands before.
fn is_reversed(lines: &[&[u8]]) -> bool {
    let (mut right, mut wrong) = (0usize, 0usize);
    for index in 0..lines.len() {
        if lines.get(index).is_none_or(|line| Shape::of(line) != Shape::Header) {
            continue;
        }
        let is_call = |index: Option<usize>| {
            index.and_then(|i| lines.get(i)).is_some_and(|line| Shape::of(line) == Shape::Call)
        };
        right = right.saturating_add(usize::from(is_call(index.checked_add(1))));
        wrong = wrong.saturating_add(usize::from(is_call(index.checked_sub(1))));
    }
    wrong > right
}

fn unreverse(mut pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let lines: Vec<&[u8]> = pieces.iter().map(|piece| piece.text.as_ref()).collect();
    if is_reversed(&lines) {
        pieces.reverse();
        pieces.iter_mut().for_each(|piece| piece.mark(Mark::Reordered));
    }
    pieces
}

/// Characters that chats and office programs put for others.
const TYPED: &[(&str, &str)] = &[
    ("\u{a0}", " "),
    ("\u{202f}", " "),
    ("\u{2007}", " "),
    ("\u{200b}", ""),
    ("\u{feff}", ""),
    ("\u{2018}", "'"),
    ("\u{2019}", "'"),
    ("\u{201c}", "\""),
    ("\u{201d}", "\""),
    ("[\u{2026}]", "[...]"),
    ("(\u{2026})", "(...)"),
    ("\u{2026}", "..."),
];

/// Entities of HTML, decoded once.
const ENTITIES: &[(&str, &str)] = &[
    ("&#13;", ""),
    ("&#10;", ""),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#34;", "\""),
    ("&#39;", "'"),
    ("&#x27;", "'"),
    ("&amp;", "&"),
];

/// A line that is one of a crash only after its characters are put right.
fn typographic(line: &[u8]) -> bool {
    if line.is_ascii() && memchr::memchr(b'&', line).is_none() {
        return false;
    }
    let tells = |table| retyped(line, table).is_some_and(|text| Shape::of(text.as_bytes()).tells());
    !Shape::of(line).tells() && (tells(TYPED) || tells(ENTITIES))
}

/// The line with what a table puts right.
fn retyped(line: &[u8], table: &[(&str, &str)]) -> Option<String> {
    let text = std::str::from_utf8(line).ok()?;
    // A text with bare brackets was not escaped.
    if !table.iter().any(|(typed, _)| text.contains(typed))
        || (std::ptr::eq(table, ENTITIES) && text.contains(['<', '>']))
    {
        return None;
    }
    Some(table.iter().fold(text.to_owned(), |text, (typed, meant)| text.replace(typed, meant)))
}

/// A page of HTML shows its logs in these, an event log of Windows as XML.
const OPENING: &[&[u8]] = &[b"<pre", b"<code", b"<Data>"];

fn is_markup(line: &[u8]) -> bool {
    OPENING.iter().any(|tag| memchr::memmem::find(line, tag).is_some())
}

/// Elements that stand around a log or end its lines; no line of Go looks so.
static TAGS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i-u)</?(?:pre|code|br|span|div|p|html|body|h[1-6]|details|summary|td|tr|table|Data|Event\w*|System|Provider|Computer|TimeCreated)(?:\s[^<>]*)?/?>|<!doctype[^<>]*>").ok()
});

fn without_tags(line: &[u8]) -> Option<Vec<u8>> {
    let found = TAGS.as_ref()?;
    // What stands before the last opening element belongs to the page.
    let open = OPENING.iter().filter_map(|tag| memchr::memmem::rfind(line, tag)).max();
    let line = line.get(open.unwrap_or(0)..)?;
    let text = found.replace_all(line, &b""[..]);
    (open.is_some() || text.len() < line.len()).then(|| text.into_owned())
}

/// Only where it makes lines of a crash, or inside markup; then for every line
/// that has them, since a message went through the same hands.
fn retype(pieces: &mut [Piece<'_>]) {
    let markup = pieces.iter().any(|piece| is_markup(&piece.text));
    if !markup && !pieces.iter().any(|piece| typographic(&piece.text)) {
        return;
    }
    for piece in pieces.iter_mut() {
        if markup && let Some(text) = without_tags(&piece.text) {
            piece.text = Cow::Owned(text);
        }
        // The words of a page are as they were meant.
        let typed = if markup { None } else { retyped(&piece.text, TYPED) };
        let text = typed.as_ref().map_or(piece.text.as_ref(), String::as_bytes);
        if let Some(text) = retyped(text, ENTITIES).or(typed) {
            piece.text = Cow::Owned(text.into_bytes());
            piece.mark(Mark::Retyped);
        }
    }
}

/// Takes off the indent that all headers share (markdown, YAML, a quote).
fn unindent(pieces: &mut [Piece<'_>]) {
    let indent = |line: &[u8]| line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let least = |shape: Shape| {
        let indents = pieces.iter().filter_map(|piece| {
            let blanks = indent(&piece.text);
            let rest = piece.text.get(blanks..).unwrap_or_default();
            (Shape::of(rest) == shape).then_some(blanks)
        });
        indents.min()
    };
    // Without a header, only a creator may say where the margin is.
    let Some(margin) = least(Shape::Header).or_else(|| least(Shape::Creator)).filter(|margin| *margin > 0)
    else {
        return;
    };
    for piece in pieces.iter_mut() {
        let cut = indent(&piece.text).min(margin);
        piece.text = part(&piece.text, cut..piece.text.len());
    }
}

/// Most lines that one line was broken into.
const MOST_PARTS: usize = 8;

/// Widths of terminals, mail and forms; others are not tried.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=250;

fn columns(line: &[u8]) -> usize {
    // A TAB that the terminal has kept counts to the next stop of 8.
    line.iter().fold(0usize, |column, byte| match byte {
        b'\t' => (column / 8).saturating_add(1).saturating_mul(8),
        // Bytes of one character of UTF-8 after the first.
        0x80..=0xbf => column,
        _ => column.saturating_add(1),
    })
}

/// A line of a crash that ends in the middle, when the next completes it.
fn completes(line: &[u8], next: &[u8]) -> bool {
    if matches!(Shape::of(line), Shape::Call | Shape::Header | Shape::Signal) {
        return false;
    }
    // A head or creator that was cut goes on with something that is nothing itself.
    if Shape::of(next) != Shape::Other && Shape::of(line).tells() {
        return false;
    }
    // A row of a profile is whole, and completes nothing.
    if next.starts_with(b"#\t0x") {
        return false;
    }
    // A position that was broken inside its offset, or inside its line number.
    if matches!(Shape::of(line), Shape::Position { .. }) {
        let digits = next.iter().take_while(|b| b.is_ascii_hexdigit()).count();
        let rest = next.get(digits..).unwrap_or_default();
        let fields =
            memchr::memmem::find(line, b"=0x").is_some() || memchr::memmem::find(line, b" +0x").is_some();
        return (1..=8).contains(&digits) && (rest.is_empty() || (!fields && rest.starts_with(b" +0x")));
    }
    let joined = [line, next].concat();
    match Shape::of(&joined) {
        Shape::Call | Shape::Position { .. } | Shape::Header => true,
        Shape::Signal => joined.ends_with(b"]"),
        _ => false,
    }
}

/// Widths at which one broken line is enough to believe in them.
const COMMON: &[usize] = &[72, 76, 78, 79, 80, 100, 120, 132, 160, 200];
/// `fold -s` and mail break after a blank: so much before the width.
const SHORT_OF_WIDTH: usize = 24;

/// Whether a line may have been broken at the width: it fills it, or stops a
/// little before, and the next is nothing by itself.
fn at_width(line: &[u8], next: &[u8], width: usize) -> bool {
    let columns = columns(line);
    columns.is_multiple_of(width) && columns > 0
        || (width >= 60 && columns.saturating_add(SHORT_OF_WIDTH) >= width && !Shape::of(next).tells())
}

/// The width at which lines were broken: that of the widest, when the next line
/// completes one that fills it.
fn wrap_width(lines: &[&[u8]]) -> Option<usize> {
    let widest = lines.iter().map(|line| columns(line)).max()?;
    if !WIDTHS.contains(&widest) {
        return None;
    }
    let full = lines.iter().filter(|line| columns(line) == widest).count();
    if full < 2 && !COMMON.contains(&widest) {
        return None;
    }
    let mut pairs = lines.iter().zip(lines.iter().skip(1));
    let broken =
        pairs.any(|(line, next)| !next.is_empty() && at_width(line, next, widest) && completes(line, next));
    broken.then_some(widest)
}

fn unwrap(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let lines: Vec<&[u8]> = pieces.iter().map(|piece| piece.text.as_ref()).collect();
    if !lines.iter().any(|line| Shape::of(line).tells()) {
        return pieces;
    }
    let Some(width) = wrap_width(&lines) else { return pieces };
    let mut out: Vec<Piece<'_>> = Vec::with_capacity(pieces.len());
    let mut pieces = pieces.into_iter().peekable();
    while let Some(mut piece) = pieces.next() {
        for _ in 0..MOST_PARTS {
            let Some(next) = pieces.peek().filter(|next| !next.text.is_empty()) else { break };
            if !at_width(&piece.text, &next.text, width) {
                break;
            }
            let full = columns(&piece.text).is_multiple_of(width);
            let message = full
                && matches!(Shape::of(&piece.text), Shape::Head | Shape::Signal | Shape::Creator)
                && Shape::of(&next.text) == Shape::Other;
            let signal = piece.text.starts_with(b"[signal ") && !piece.text.ends_with(b"]");
            if !message && !signal && !completes(&piece.text, &next.text) {
                break;
            }
            piece.text.to_mut().extend_from_slice(&next.text);
            piece.mark(Mark::Wrapped);
            pieces.next();
        }
        out.push(piece);
    }
    out
}

/// Puts the TAB back before positions; in a text that lost its TABs, also for
/// the eight blanks before lines of a message.
fn retab(pieces: &mut [Piece<'_>]) {
    let detabbed: Vec<bool> = (0..pieces.len())
        .map(|index| {
            let Some(piece) = pieces.get(index) else { return false };
            let before = index.checked_sub(1).and_then(|i| pieces.get(i)).map_or(&b""[..], |p| &p.text);
            Shape::of(&piece.text) == (Shape::Position { tab: false })
                && (matches!(Shape::of(before), Shape::Call | Shape::Creator)
                    || piece.text.starts_with(b"        "))
                && !is_race(before)
        })
        .collect();
    if !detabbed.contains(&true) {
        return;
    }
    for (index, piece) in pieces.iter_mut().enumerate() {
        let message = piece.text.starts_with(b"        ")
            && matches!(Shape::of(&piece.text), Shape::Other | Shape::Head);
        if detabbed.get(index) == Some(&true) || message {
            let text =
                if message { piece.text.get(8..).unwrap_or_default() } else { piece.text.trim_ascii_start() };
            piece.text = Cow::Owned([b"\t", text].concat());
            piece.mark(Mark::Detabbed);
        } else {
            let link = piece.text.trim_ascii_start();
            if link.len() < piece.text.len() && Shape::of(link) == Shape::Head && link.starts_with(b"panic: ")
            {
                piece.text = Cow::Owned([b"\t", link].concat());
                piece.mark(Mark::Detabbed);
            }
        }
    }
}

/// Calls whose position comes only after one to three other lines.
fn broken(shapes: &[Shape]) -> usize {
    let parted = |index: &usize| {
        let after = shapes.get(index.saturating_add(1)..).unwrap_or_default().iter().take(4);
        let others = after.clone().take_while(|shape| **shape == Shape::Other).count();
        (1..=3).contains(&others) && matches!(after.clone().nth(others), Some(Shape::Position { .. }))
    };
    (0..shapes.len()).filter(|index| shapes.get(*index) == Some(&Shape::Call) && parted(index)).count()
}

/// Another writer of the same stream stands between the lines of a stack: what is
/// no line of a crash is left out, from the first header to the last frame.
fn deinterleave(mut pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let shapes: Vec<Shape> = pieces.iter().map(|piece| Shape::of(&piece.text)).collect();
    let first = shapes.iter().position(|shape| *shape == Shape::Header);
    let last = shapes.iter().rposition(|shape| matches!(shape, Shape::Position { .. }));
    let Some((first, last)) = first.zip(last).filter(|_| broken(&shapes) >= 2) else { return pieces };
    let mut index = 0usize;
    pieces.retain(|_| {
        let here = index;
        index = index.saturating_add(1);
        !(first..last).contains(&here) || shapes.get(here) != Some(&Shape::Other)
    });
    if let Some(header) = pieces.get_mut(first) {
        header.mark(Mark::Interleaved);
    }
    pieces
}

/// The race detector indents its frames with blanks.
fn is_race(call: &[u8]) -> bool {
    call.starts_with(b"  ") && call.get(2).is_some_and(|b| *b != b' ')
}

/// The runtime prints an empty line before every goroutine.
fn restore_blanks(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let lost = |pair: &[Piece<'_>]| match pair {
        [before, after] => {
            Shape::of(&after.text) == Shape::Header
                && matches!(Shape::of(&before.text), Shape::Position { .. } | Shape::Signal)
        }
        _ => false,
    };
    if !pieces.windows(2).any(lost) {
        return pieces;
    }
    let mut out: Vec<Piece<'_>> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let follows = out
            .last()
            .is_some_and(|before| !before.text.is_empty() && Shape::of(&before.text) != Shape::Blank);
        // `http: panic serving` prints none (net/http/server.go).
        let served = out.last().is_some_and(|b| memchr::memmem::find(&b.text, b" panic serving ").is_some());
        if Shape::of(&piece.text) == Shape::Header && follows && !served {
            let mut blank =
                Piece { text: Cow::Borrowed(&b""[..]), newline: true, beside: None, ..piece.clone() };
            blank.mark(Mark::BlankLost);
            out.push(blank);
        }
        out.push(piece);
    }
    out
}

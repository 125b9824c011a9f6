//! What must hold for any bytes: one function per target. `tests/regressions.rs`
//! of panicmap includes this file and replays what was found.

use std::hint::black_box;

use panicmap::addr::LinkAddr;
use panicmap::binary::Binary;
use panicmap::envelope;
use panicmap::origin::Origin;
use panicmap::postmortem::CoreDump;
use panicmap::source::{Bytes, Document, Limits, from_bytes};
use panicmap::symbolize::{Mode, Symbolizer};
use panicmap::trace::{self, Block, Crash, Dialect, Feed, Unwrapping};

fn fed(text: &[u8], size: usize) -> Vec<String> {
    let mut feed = Feed::new(Origin::new("log"), Unwrapping::Auto);
    let mut crashes = Vec::new();
    for piece in text.chunks(size.max(1)) {
        let settled = feed.settled();
        let found = feed.push(piece);
        assert!(found.iter().all(|crash| crash.span.bytes.start >= settled), "a crash in what was settled");
        crashes.extend(found);
    }
    let (rest, looked) = feed.finish();
    crashes.extend(rest);
    assert_eq!(looked.bytes, text.len() as u64);
    // Places in a text that was encoded as a whole count in the decoded text.
    let plain = envelope::decode(text).is_none();
    for crash in crashes.iter().filter(|_| plain) {
        let (bytes, lines) = (&crash.span.bytes, &crash.span.lines);
        assert!(bytes.start <= bytes.end && bytes.end <= text.len() as u64, "{bytes:?} of {}", text.len());
        assert!(
            1 <= *lines.start() && lines.start() <= lines.end() && *lines.end() <= looked.lines,
            "{lines:?}"
        );
    }
    crashes.iter().map(|crash| format!("{crash:?}")).collect()
}

/// The pieces in which a log comes do not matter. The first byte is the size of
/// the pieces.
pub fn log(data: &[u8]) {
    let Some((size, text)) = data.split_first() else { return };
    let size = usize::from(*size);
    let size = if size < 128 { size } else { (size - 127) * 61 };
    assert_eq!(fed(text, size), fed(text, text.len()));
}

/// Every line of a stream stands somewhere in the input. The first byte names a
/// format by force, or none.
pub fn envelope(data: &[u8]) {
    let Some((which, text)) = data.split_first() else { return };
    let forced = envelope::FORMATS.get(usize::from(*which)).into_iter().collect::<Vec<_>>();
    let lines = 1 + text.iter().filter(|byte| **byte == b'\n').count() as u64;
    let whole = envelope::whole(text).unwrap_or_default();
    for stream in envelope::unwrap(text, 0, 1, &forced).iter().chain(&whole) {
        let mut at = 0;
        for part in stream.text.split_inclusive(|byte| *byte == b'\n') {
            let (offset, line) = stream.place(at);
            assert!(offset <= text.len() as u64 && (1..=lines).contains(&line), "{offset} {line}");
            black_box((
                stream.stamp(at),
                stream.marks(at..at + part.len()),
                stream.beside(at..at + part.len()).count(),
            ));
            at += part.len();
        }
    }
    black_box((
        envelope::decode(text).is_some(),
        envelope::is_whole(text),
        envelope::sniff(text, text.len() / 2),
    ));
}

fn plain(text: Vec<u8>) -> Vec<Crash> {
    from_bytes("log", text, Limits::default())
        .map(|document| trace::read(&document, &Unwrapping::Plain).crashes)
        .unwrap_or_default()
}

fn stacks(crash: &Crash) -> Vec<String> {
    let mut lines = Vec::new();
    for g in &crash.goroutines {
        lines.push(format!("{:?} {:?} {} {:?}", g.block, g.id, crash.names.get(g.state), g.wait_minutes));
        for f in crash.frames_of(g) {
            let place = (crash.file(f), f.line, f.offset());
            lines.push(format!("{}({}) {place:?}", crash.function(f), crash.arguments(f)));
        }
    }
    lines
}

/// What a crash prints is read as the same crash.
pub fn trace(data: &[u8]) {
    for crash in plain(data.to_vec()) {
        black_box((trace::signature(&crash), trace::explain(&crash), crash.message(), crash.user_site()));
        let text = trace::print(&crash);
        // Only goroutines have a form of their own that nothing else has; gccgo's
        // frames have fewer parts.
        let canonical = crash.dialect == Some(Dialect::Gc)
            && !crash.goroutines.is_empty()
            && crash.goroutines.iter().all(|g| g.block == Block::Goroutine);
        if canonical && crash.frames.len() < 500 {
            let again = plain(text.clone().into_bytes());
            let have: Vec<Vec<String>> = again.iter().map(stacks).collect();
            assert_eq!(have, [stacks(&crash)], "{text}");
        }
    }
}

/// A core without its executable is refused or read.
pub fn core(data: &[u8]) {
    let bytes = Bytes::Owned(data.to_vec());
    let document = Document { origin: Origin::new("core"), bytes, unpacked: Vec::new(), cut: None };
    let Ok(core) = CoreDump::from_document(document) else { return };
    black_box((core.threads(), core.started(), core.host(), core.identity_text(), core.pc()));
    let memory = core.memory();
    for segment in core.segments.iter().take(64) {
        for at in [segment.address, segment.address.wrapping_add(segment.size).wrapping_sub(1)] {
            black_box((memory.word(at), memory.copy(at, 4096), memory.string(at), memory.number(at, 3)));
        }
    }
}

/// An executable is refused or read.
pub fn binary(data: &[u8]) {
    let Ok(binary) = Binary::from_bytes(Origin::new("binary"), Bytes::Owned(data.to_vec())) else { return };
    black_box(binary.facts());
    black_box(panicmap::binary::effects(&binary).is_ok());
    for mode in [Mode::Auto, Mode::Dwarf, Mode::Pclntab] {
        let symbolizer = Symbolizer::new(&binary, mode);
        for address in (0x40_1000u64..0x48_0000).step_by(0x9331) {
            black_box(symbolizer.resolve(LinkAddr(address)).is_ok());
        }
    }
}

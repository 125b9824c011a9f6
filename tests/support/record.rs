//! What a crash record says, as lines that two records can be compared by.

#![allow(dead_code)]

use panicmap::source::{Limits, from_bytes};
use panicmap::trace::{self, Crash, CreatedBy, Frame, Unwrapping};

/// The crashes of a text.
pub(crate) fn crashes(text: &[u8], unwrapping: &Unwrapping) -> Vec<Crash> {
    // A text may begin like a codec's data and be none.
    from_bytes("log", text.to_vec(), Limits::default())
        .map(|document| trace::read(&document, unwrapping).crashes)
        .unwrap_or_default()
}

/// What failed: kind, messages, signal, registers.
pub(crate) fn head(crash: &Crash) -> Vec<String> {
    let mut lines = vec![format!("{:?} served {:?} exit {:?}", crash.kind, crash.served, crash.exit)];
    for link in &crash.chain {
        lines.push(format!("fatal {} {:?} {} {}", link.fatal, link.message, link.recovered, link.repanicked));
    }
    lines.push(format!("{:?} {:?}", crash.signal, crash.registers));
    lines
}

/// Where: every goroutine with all of its frames.
pub(crate) fn stacks(crash: &Crash) -> Vec<String> {
    let frame = |f: &Frame| {
        let place = format!("{}:{} {:?}", crash.file(f), f.line, f.offset());
        format!(
            "  {}({}) {place} {} {:?}",
            crash.function(f),
            crash.arguments(f),
            f.inlined,
            crash.pointers(f)
        )
    };
    let creator = |by: &CreatedBy| {
        let (function, file) = (crash.names.get(by.function), crash.names.get(by.file));
        format!("  created by {function} {:?} {file}:{} {:?}", by.goroutine, by.line, by.offset)
    };
    let mut lines = Vec::new();
    for g in &crash.goroutines {
        lines.push(format!(
            "{:?} {:?} [{}] {:?} {} {:?} {:?} {} {:?}",
            g.block,
            g.id,
            crash.names.get(g.state),
            g.wait_minutes,
            g.locked_to_thread,
            g.attributes,
            g.labels,
            g.count,
            g.elided
        ));
        lines.extend(crash.frames_of(g).iter().map(frame));
        lines.extend(g.created_by.as_ref().map(creator));
        for ancestor in &g.ancestors {
            lines.push(format!(" from {:?} {}", ancestor.id, ancestor.elided));
            lines.extend(crash.frames_of_ancestor(ancestor).iter().map(frame));
            lines.extend(ancestor.created_by.as_ref().map(creator));
        }
    }
    lines
}

/// All that can be told of a crash that stands in a log.
pub(crate) fn everything(crash: &Crash) -> String {
    let mut lines = head(crash);
    lines.extend(stacks(crash));
    lines.push(format!("{:?} {:?} {:?}", crash.notes, crash.asides, crash.remarks));
    lines.push(format!("{:?} {:?} {:?}", crash.losses, crash.repairs, crash.identical_to));
    lines.push(format!("{:?} bytes {:?} lines {:?}", crash.source, crash.span.bytes, crash.span.lines));
    lines.join("\n")
}

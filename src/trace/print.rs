//! A record as canonical crash text: what Go 1.27 would have printed, from
//! which [`read`](super::read) makes the same record again.
//!
//! What a record does not keep cannot come back: the pid of a sanitizer's
//! report, which of several notes stood behind the head, hex dumps of stacks.

use super::banner::is_note;
use super::{
    Ancestor, Block, Crash, CreatedBy, Dialect, Frame, Goroutine, Kind, Link, Signal, labels, signal,
};
use crate::addr::RuntimeAddr;

/// The canonical text of a crash.
pub fn print(crash: &Crash) -> String {
    let mut page = Page { crash, out: String::new() };
    match crash.kind {
        Kind::Launch | Kind::Error => crash.remarks.iter().for_each(|remark| page.line(&remark.text)),
        Kind::Race => page.race(),
        Kind::Sanitizer => page.sanitizer(),
        Kind::Panic | Kind::FatalError | Kind::Signal | Kind::GoroutineDump => page.trace(),
    }
    page.out
}

struct Page<'a> {
    crash: &'a Crash,
    out: String,
}

/// The last line of a goroutine of which nothing but the header is known.
fn header_line(crash: &Crash, goroutine: &Goroutine) -> String {
    format!("{}\n", header(crash, goroutine))
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn trace(&mut self) {
        let crash = self.crash;
        let profile = crash.goroutines.iter().any(|g| g.block == Block::Record);
        let head = |note: &&String| is_note(note.as_bytes()) && !note.starts_with("runtime: g ");
        for note in crash.notes.iter().filter(head) {
            self.line(note);
        }
        if let Some(title) = &crash.title {
            self.line(title);
        }
        self.head();
        let signal_line = crash.signal.as_ref().filter(|_| crash.kind != Kind::Signal);
        if let Some(signal) = signal_line {
            self.signal_line(signal);
        }
        for (index, goroutine) in crash.goroutines.iter().enumerate() {
            // Behind the head a header counts where something follows it at once.
            let bare_first = index == 1
                && crash
                    .goroutines
                    .first()
                    .is_some_and(|first| self.out.ends_with(&header_line(crash, first)));
            let apart = if index == 0 { !self.out.is_empty() && crash.served.is_none() } else { !bare_first };
            // A fatal signal has its blank line already.
            if apart && !profile && !self.out.ends_with("\n\n") {
                self.line("");
            }
            self.goroutine(goroutine);
            if profile {
                self.line("");
            }
        }
        if !crash.registers.is_empty() {
            self.line("");
        }
        for (name, value) in &crash.registers {
            self.line(&format!("{name:<6} {value:#x}"));
        }
        if let Some(exit) = crash.exit {
            self.line(&format!("exit status {exit}"));
        }
    }

    fn head(&mut self) {
        let crash = self.crash;
        if let Some(address) = &crash.served {
            let message = crash.chain.first().map_or("", |link| link.message.as_str());
            return self.line(&format!("http: panic serving {address}: {message}"));
        }
        if let Some(signal) = crash.signal.as_ref().filter(|_| crash.kind == Kind::Signal) {
            return self.signal_head(signal);
        }
        for (index, link) in crash.chain.iter().enumerate() {
            let indent = if index == 0 { "" } else { "\t" };
            self.line(&format!("{indent}{}", link_text(link)));
        }
    }

    fn signal_line(&mut self, signal: &Signal) {
        let name = if signal.name.starts_with("SIG") { signal.describe() } else { signal.name.clone() };
        let code = signal.code.unwrap_or(0);
        let (address, pc) = (signal.address.unwrap_or(RuntimeAddr(0)), signal.pc.unwrap_or(RuntimeAddr(0)));
        self.line(&format!("[signal {name} code={code:#x} addr={address} pc={pc}]"));
    }

    fn signal_head(&mut self, signal: &Signal) {
        let pc = signal.pc.unwrap_or(RuntimeAddr(0));
        if signal.name.starts_with("0x") {
            let (access, address) = (signal.code.unwrap_or(0), signal.address.unwrap_or(RuntimeAddr(0)));
            self.line(&format!("Exception {} {access:#x} {address} {pc}", signal.name));
            self.line(&format!("PC={pc}"));
        } else {
            let named = signal::signal_text(&signal.name).is_some() || signal.name.starts_with("sys: ");
            if named {
                self.line(&signal.describe());
            } else if signal.name.starts_with("SIG") {
                self.line(&format!("{}: signal", signal.name));
            } else {
                self.line(&format!("Signal {}", signal.name));
            }
            let code = signal.code.map(|code| format!(" sigcode={}", code.cast_unsigned()));
            let address = signal.address.map(|address| format!(" addr={address}"));
            let (code, address) = (code.unwrap_or_default(), address.unwrap_or_default());
            self.line(&format!("PC={pc} m=0{code}{address}"));
        }
        if signal.in_cgo {
            self.line("signal arrived during cgo execution");
        }
        if !signal.instruction.is_empty() {
            let bytes: Vec<String> = signal.instruction.iter().map(|byte| format!("{byte:#x}")).collect();
            self.line(&format!("instruction bytes: {}", bytes.join(" ")));
        }
        self.line("");
    }

    fn goroutine(&mut self, goroutine: &Goroutine) {
        let crash = self.crash;
        match goroutine.block {
            Block::Goroutine => self.line(&header(crash, goroutine)),
            Block::SystemStack => self.line("runtime stack:"),
            Block::Record => return self.record(goroutine),
            Block::Bare | Block::Report => {}
        }
        if goroutine.unavailable {
            self.line("\tgoroutine running on other thread; stack unavailable");
        }
        let frames = crash.frames_of(goroutine);
        // Why there are no frames stands in their place (runtime/traceback.go, `printFrameError`).
        let why = goroutine.id.map(|id| (format!("runtime: g {id}:"), format!("runtime: g {id} ")));
        if let Some((old, new)) = why.filter(|_| frames.is_empty()) {
            let notes = crash.notes.iter().filter(|note| note.starts_with(&old) || note.starts_with(&new));
            notes.for_each(|note| self.line(note));
        }
        let plain = crash.dialect == Some(Dialect::Gccgo)
            || (goroutine.block == Block::Bare && !frames.iter().any(|frame| frame.has_offset));
        let gap = goroutine.elided.map(|elided| {
            let count = elided.count.map_or("additional".to_owned(), |count| count.to_string());
            (elided.after as usize, format!("...{count} frames elided..."))
        });
        for (index, frame) in frames.iter().enumerate() {
            if let Some((_, text)) = gap.as_ref().filter(|(after, _)| *after == index) {
                self.line(text);
            }
            self.frame(frame, plain);
        }
        if let Some((_, text)) = gap.as_ref().filter(|(after, _)| *after >= frames.len()) {
            self.line(text);
        }
        if let Some(created) = &goroutine.created_by {
            self.creator(created);
        }
        goroutine.ancestors.iter().for_each(|ancestor| self.ancestor(ancestor));
    }

    fn ancestor(&mut self, ancestor: &Ancestor) {
        self.line(&format!("[originating from goroutine {}]:", ancestor.id.unwrap_or(0)));
        for frame in self.crash.frames_of_ancestor(ancestor) {
            self.frame(frame, false);
        }
        if ancestor.elided {
            self.line("...additional frames elided...");
        }
        if let Some(created) = &ancestor.created_by {
            self.creator(created);
        }
    }

    fn creator(&mut self, created: &CreatedBy) {
        let crash = self.crash;
        let by = created.goroutine.map(|id| format!(" in goroutine {id}")).unwrap_or_default();
        self.line(&format!("created by {}{by}", crash.name(created.function)));
        let offset = created.offset.map(|offset| format!(" +{offset:#x}")).unwrap_or_default();
        if !crash.name(created.file).is_empty() {
            self.line(&format!("\t{}:{}{offset}", crash.name(created.file), created.line));
        }
    }

    fn frame(&mut self, frame: &Frame, plain: bool) {
        let crash = self.crash;
        let (function, file) = (crash.function(frame), crash.file(frame));
        let pointers = crash.pointers(frame);
        let pc = pointers.and_then(|p| p.pc);
        // A frame of code that is not Go: runtime/traceback.go, `printOneCgoTraceback`.
        let called = frame.inlined || frame.offset().is_some() || !crash.arguments(frame).is_empty();
        if let Some(pc) = pc.filter(|_| !called && pointers.is_some_and(|p| p.fp == 0 && p.sp == 0)) {
            if function == "non-Go function" && file.is_empty() {
                return self.line(&format!("non-Go function at pc={pc}"));
            }
            self.line(function);
            let place = if file.is_empty() { String::new() } else { format!("{file}:{} ", frame.line) };
            return self.line(&format!("\t{place}pc={pc}"));
        }
        // Its pc could not be read.
        if function == "non-Go function" && file.is_empty() && !called {
            return self.line("non-Go function at pc=0x?");
        }
        if plain {
            self.line(function);
            return self.line(&format!("\t{file}:{}", frame.line));
        }
        self.line(&format!("{function}({})", crash.arguments(frame)));
        if file.is_empty() {
            return self.line("\t?:0");
        }
        let mut place = format!("\t{file}:{}", frame.line);
        if let Some(offset) = frame.offset() {
            place.push_str(&format!(" +{offset:#x}"));
        }
        if let Some(pointers) = pointers {
            place.push_str(&format!(" fp={:#x} sp={:#x}", pointers.fp, pointers.sp));
        }
        if let Some(pc) = pc {
            place.push_str(&format!(" pc={pc}"));
        }
        self.line(&place);
    }

    /// `3 @ 0x…` and its rows.
    fn record(&mut self, goroutine: &Goroutine) {
        let crash = self.crash;
        let pcs: String = goroutine.pcs.iter().map(|pc| format!(" {pc}")).collect();
        self.line(&format!("{} @{pcs}", goroutine.count));
        if !goroutine.labels.is_empty() {
            self.line(&format!("# labels: {}", labels::encode(&goroutine.labels, true)));
        }
        let frames = crash.frames_of(goroutine);
        for (index, frame) in frames.iter().enumerate() {
            let below = frames.get(index..).unwrap_or_default().iter().find(|f| !f.inlined).unwrap_or(frame);
            let Some(pc) = crash.pointers(frame).and_then(|p| p.pc) else { continue };
            let step = u64::from(goroutine.pcs.contains(&pc));
            let offset = below.offset().unwrap_or(0).saturating_sub(step);
            self.line(&format!(
                "#\t{:#x}\t{}+{offset:#x}\t{}:{}",
                pc.0.saturating_sub(step),
                crash.function(frame),
                crash.file(frame),
                frame.line
            ));
        }
    }

    fn race(&mut self) {
        self.line("==================");
        self.line("WARNING: DATA RACE");
        for (index, access) in self.crash.goroutines.iter().enumerate() {
            if index > 0 {
                self.line("");
            }
            let state = self.crash.state(access);
            let (first, rest) = state.split_at_checked(1).unwrap_or((state, ""));
            let who = match access.id {
                Some(1) => "main goroutine".to_owned(),
                id => format!("goroutine {}", id.unwrap_or(0)),
            };
            self.line(&format!("{}{rest} by {who}:", first.to_ascii_uppercase()));
            self.race_frames(self.crash.frames_of(access));
        }
        for goroutine in &self.crash.goroutines {
            for ancestor in &goroutine.ancestors {
                self.line("");
                self.line(&format!("Goroutine {} created at:", goroutine.id.unwrap_or(0)));
                self.race_frames(self.crash.frames_of_ancestor(ancestor));
            }
        }
        self.line("==================");
    }

    fn race_frames(&mut self, frames: &[Frame]) {
        for frame in frames {
            self.line(&format!("  {}()", self.crash.function(frame)));
            let offset = frame.offset().map(|offset| format!(" +{offset:#x}")).unwrap_or_default();
            self.line(&format!("      {}:{}{offset}", self.crash.file(frame), frame.line));
        }
    }

    fn sanitizer(&mut self) {
        let crash = self.crash;
        let (summary, notes): (Vec<&String>, Vec<&String>) =
            crash.notes.iter().partition(|note| note.starts_with("SUMMARY: "));
        let level = if crash.message().starts_with("Memory") { "WARNING" } else { "ERROR" };
        self.line(&"=".repeat(65));
        self.line(&format!("==0=={level}: {}", crash.message()));
        let mut notes = notes.into_iter();
        for stack in &crash.goroutines {
            let state = crash.state(stack);
            self.line(state);
            for (index, frame) in crash.frames_of(stack).iter().enumerate() {
                let pc = crash.pointers(frame).and_then(|p| p.pc).unwrap_or(RuntimeAddr(0));
                let place = match crash.file(frame) {
                    "" => String::new(),
                    file => format!(" {file}:{}", frame.line),
                };
                let name = match crash.function(frame) {
                    "" => String::new(),
                    name => format!(" in {name}"),
                };
                self.line(&format!("    #{index} {pc}{name}{place}"));
            }
            self.line("");
            notes.by_ref().for_each(|note| self.line(note));
        }
        summary.into_iter().for_each(|line| self.line(line));
    }
}

fn link_text(link: &Link) -> String {
    let word = if link.fatal { "fatal error: " } else { "panic: " };
    let mark = match (link.recovered, link.repanicked) {
        (_, true) => " [recovered, repanicked]",
        (true, false) => " [recovered]",
        (false, false) => "",
    };
    // Since Go 1.23 the runtime indents what follows a newline.
    format!("{word}{}{mark}", link.message.replace('\n', "\n\t"))
}

fn header(crash: &Crash, goroutine: &Goroutine) -> String {
    let mut text = format!("goroutine {}", goroutine.id.unwrap_or(0));
    if let Some(gp) = goroutine.gp {
        text.push_str(&format!(" gp={gp} m="));
        match goroutine.m.flatten() {
            Some(m) => text.push_str(&format!("{m} mp={}", goroutine.mp.unwrap_or(RuntimeAddr(0)))),
            None => text.push_str("nil"),
        }
    }
    text.push_str(&format!(" [{}", crash.state(goroutine)));
    if let Some(minutes) = goroutine.wait_minutes {
        text.push_str(&format!(", {minutes} minutes"));
    }
    if goroutine.locked_to_thread {
        text.push_str(", locked to thread");
    }
    // Labels that could not be decoded are kept as they were printed.
    let (raw, plain): (Vec<_>, Vec<_>) =
        goroutine.attributes.iter().partition(|text| text.starts_with('{') && text.ends_with('}'));
    plain.into_iter().for_each(|attribute| text.push_str(&format!(", {attribute}")));
    raw.into_iter().for_each(|labels| text.push_str(&format!(" labels:{labels}")));
    text.push(']');
    if !goroutine.labels.is_empty() {
        text.push_str(&format!(" {}", labels::encode(&goroutine.labels, false)));
    }
    text.push(':');
    text
}

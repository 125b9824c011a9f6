//! Frame by frame: is what the log prints what the executable has there?

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Fit, Misfit};
use crate::addr::{LinkAddr, LoadBias};
use crate::binary::{Function, Pclntab, Place};
use crate::trace::{Code, Crash, CreatedBy, Frame, Goroutine, Sym, is_panic_frame};

pub(super) struct Matcher<'a> {
    crash: &'a Crash,
    table: Pclntab<'a>,
    functions: FxHashMap<Sym, Vec<Function<'a>>>,
    /// Groups of frames that were compared already: large dumps repeat them.
    known: FxHashMap<Vec<(Sym, u32, u32)>, bool>,
    /// Whole stacks, with how many frames of them were compared and how many fit.
    stacks: FxHashMap<Stack<'a>, (usize, usize)>,
    /// The bias follows from the fault's address, which then proves nothing more.
    bias_from_fault: bool,
    pub(super) fit: Fit,
}

/// What two goroutines have in common of which one need not be compared.
struct Stack<'a> {
    frames: &'a [Frame],
    /// Frames are left out behind so many.
    gap: Option<usize>,
}

impl Stack<'_> {
    fn parts(&self) -> impl Iterator<Item = (Sym, Sym, u32, Option<u64>, bool)> {
        self.frames.iter().map(|f| (f.function, f.file, f.line, f.offset(), f.inlined))
    }
}

impl PartialEq for Stack<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.gap == other.gap && self.frames.len() == other.frames.len() && self.parts().eq(other.parts())
    }
}

impl Eq for Stack<'_> {}

impl Hash for Stack<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        for frame in self.frames {
            (frame.function, frame.line).hash(hasher);
        }
    }
}

impl<'a> Matcher<'a> {
    pub(super) fn new(crash: &'a Crash, table: Pclntab<'a>, bias: Option<LoadBias>) -> Matcher<'a> {
        Matcher {
            crash,
            table,
            functions: functions_of(crash, table),
            known: FxHashMap::default(),
            stacks: FxHashMap::default(),
            bias_from_fault: false,
            fit: Fit { bias, ..Fit::default() },
        }
    }

    /// A group is a run of inlined frames and the physical frame they were
    /// inlined into: one address explains all of it. Where the runtime left
    /// frames out, it may have cut a group in half.
    pub(super) fn goroutine(&mut self, goroutine: &Goroutine) {
        let stack = Stack {
            frames: self.crash.frames_of(goroutine),
            gap: goroutine.elided.map(|elided| elided.after as usize),
        };
        let (checked, matched) = (self.fit.checked, self.fit.matched);
        match self.stacks.get(&stack) {
            Some((more, fit)) => {
                self.fit.checked = checked.saturating_add(*more);
                self.fit.matched = matched.saturating_add(*fit);
            }
            None => {
                self.stack(&stack);
                let counts =
                    (self.fit.checked.saturating_sub(checked), self.fit.matched.saturating_sub(matched));
                self.stacks.insert(stack, counts);
            }
        }
        if let Some(created) = &goroutine.created_by {
            self.creator(created);
        }
    }

    fn stack(&mut self, stack: &Stack<'a>) {
        let Stack { frames, gap } = *stack;
        let mut start = 0;
        for (index, frame) in frames.iter().enumerate() {
            if gap == Some(index) {
                start = index;
            }
            if frame.inlined {
                continue;
            }
            let group = frames.get(start..=index).unwrap_or_default();
            let above =
                start.checked_sub(1).filter(|_| gap != Some(start)).and_then(|before| frames.get(before));
            self.group(group, frame, above);
            start = index.saturating_add(1);
        }
    }

    /// The position of `created by` is that of the `go` statement: the
    /// innermost line at the return address, under the name of the physical
    /// function.
    fn creator(&mut self, created: &CreatedBy) {
        let Some(offset) = created.offset.filter(|_| !self.crash.name(created.file).is_empty()) else {
            return;
        };
        let key = vec![
            (created.function, created.line, 2),
            (created.function, u32::try_from(offset).unwrap_or(0), 3),
        ];
        let matched = match self.known.get(&key) {
            Some(matched) => *matched,
            None => {
                let functions = self.functions.get(&created.function).map_or(&[][..], Vec::as_slice);
                let file = base(self.crash.name(created.file).as_bytes());
                let matched = functions.iter().any(|function| {
                    let places = self.table.places_in(function, function.entry.offset(offset).call_site());
                    places.first().is_some_and(|place| place.line == created.line && base(place.file) == file)
                });
                if !matched && self.fit.misfit.is_none() {
                    self.fit.misfit = Some(Misfit {
                        frame: format!(
                            "created by {} {}:{} +{offset:#x}",
                            self.crash.name(created.function),
                            self.crash.name(created.file),
                            created.line
                        ),
                        why: "the executable has another line there".to_owned(),
                        function_exists: !functions.is_empty(),
                    });
                }
                self.known.insert(key, matched);
                matched
            }
        };
        self.fit.creators.0 = self.fit.creators.0.saturating_add(1);
        self.fit.creators.1 = self.fit.creators.1.saturating_add(usize::from(matched));
    }

    fn group(&mut self, group: &[Frame], physical: &Frame, above: Option<&Frame>) {
        if !comparable(self.crash, physical) {
            return;
        }
        let offset = physical.offset().unwrap_or(0);
        let mut key: Vec<(Sym, u32, u32)> = group.iter().map(|f| (f.function, f.line, 0)).collect();
        key.push((physical.function, u32::try_from(offset).unwrap_or(u32::MAX), 1));
        let matched = match self.known.get(&key) {
            Some(matched) => *matched,
            None => {
                let outcome = self.compare(group, physical, offset, above);
                let matched = outcome.is_none();
                self.fit.misfit = self.fit.misfit.take().or(outcome);
                self.known.insert(key, matched);
                matched
            }
        };
        self.fit.checked = self.fit.checked.saturating_add(group.len());
        self.fit.matched = self.fit.matched.saturating_add(if matched { group.len() } else { 0 });
    }

    fn compare(
        &mut self,
        group: &[Frame],
        physical: &Frame,
        offset: u64,
        above: Option<&Frame>,
    ) -> Option<Misfit> {
        let crash = self.crash;
        let printed = format!(
            "{} {}:{}{}",
            crash.function(physical),
            crash.file(physical),
            physical.line,
            physical.offset().map(|o| format!(" +{o:#x}")).unwrap_or_default()
        );
        let misfit =
            |why: String, function_exists| Some(Misfit { frame: printed.clone(), why, function_exists });
        let Some(functions) = self.functions.get(&physical.function) else {
            return misfit("the executable has no function of this name".to_owned(), false);
        };
        // The address is that of the call's return, but where a signal or a
        // preemption interrupted the function it is exact.
        let interrupted = above.is_none_or(|frame| is_panic_frame(crash.function(frame)));
        let mut seen = None;
        for function in functions {
            let at = function.entry.offset(offset);
            let inside = at < function.end || (at == function.end && offset > 0);
            if !inside {
                continue;
            }
            let tries = if interrupted { [at, at.call_site()] } else { [at.call_site(), at] };
            for address in tries.into_iter().filter(|address| *address >= function.entry) {
                let places = self.table.places_in(function, address);
                if explains(crash, self.table, group, &places) {
                    self.learn_bias(physical, at);
                    self.proves(physical, places.last());
                    return None;
                }
                seen = seen.or_else(|| places.last().map(|p| format!("{}:{}", lossy(p.file), p.line)));
            }
        }
        match seen {
            Some(place) => misfit(format!("there the executable has {place}"), true),
            None => misfit("the offset lies outside of this function in the executable".to_owned(), true),
        }
    }

    /// A place that fits, seen for the first time.
    fn proves(&mut self, frame: &Frame, place: Option<&Place<'_>>) {
        let count = match self.crash.code(frame) {
            Code::User => &mut self.fit.places.0,
            _ => &mut self.fit.places.1,
        };
        *count = count.saturating_add(1);
        let Some(place) = place.filter(|place| !place.file.starts_with(b"<") && self.fit.elsewhere.is_none())
        else {
            return;
        };
        let printed = self.crash.file(frame);
        if printed.as_bytes() != place.file {
            self.fit.elsewhere = Some((printed.to_owned(), lossy(place.file)));
        }
    }

    /// The address of a fault is absolute: where the load bias is known it has
    /// to lie in the function that the stack begins with, or in one that
    /// tracebacks hide. Two Go versions can agree on every `+0x…` of a short
    /// stack, but hardly on this.
    pub(super) fn fault_address(&mut self) {
        let crash = self.crash;
        let (Some(signal), Some(bias)) = (&crash.signal, self.fit.bias.filter(|_| !self.bias_from_fault))
        else {
            return;
        };
        let Some(pc) = signal.pc.filter(|pc| pc.0 > 0xfff && signal.address != Some(*pc)) else { return };
        let Some(goroutine) = crash.crashing_goroutine().filter(|_| !crash.chain.is_empty()) else { return };
        let frames = crash.frames_of(goroutine);
        let tops: Vec<&Frame> = fault_frames(crash).collect();
        let at = pc.to_link(bias);
        // A wrapper of a deferred call is hidden, what was inlined into it is not.
        let places = self.table.places(at);
        let inlined_there = places.first().is_some_and(|place| {
            fault_starts(crash, frames)
                .filter_map(|start| frames.get(start))
                .any(|frame| same(crash, self.table, frame, place))
        });
        let Some(top) = tops.first() else { return };
        let holds = match self.table.find(at) {
            None => false,
            Some(function) => {
                let hidden = HIDDEN.iter().any(|prefix| function.name.starts_with(prefix.as_bytes()));
                let offset = at.0.wrapping_sub(function.entry.0);
                let is_here = |frame: &&Frame| {
                    is_name(self.table, crash.function(frame), function.name)
                        && Some(offset) == frame.offset().or(Some(0))
                };
                hidden || inlined_there || tops.iter().any(is_here)
            }
        };
        self.fit.fault = Some(holds);
        if !holds && self.fit.misfit.is_none() {
            let there = places.last().map_or("no code".to_owned(), |p| self.table.printed(p.function));
            self.fit.misfit = Some(Misfit {
                frame: format!("the fault's pc={pc} in {}", crash.function(top)),
                why: format!("at that address the executable has {there}"),
                function_exists: true,
            });
        }
    }

    fn learn_bias(&mut self, frame: &Frame, link: LinkAddr) {
        if self.fit.bias.is_none()
            && let Some(pc) = self.crash.pointers(frame).and_then(|p| p.pc)
        {
            self.fit.bias = LoadBias::between(pc, link);
        }
        // The frame of a fault has the address that the signal line prints.
        if self.fit.bias.is_none()
            && let Some(pc) = self.crash.signal.as_ref().and_then(|signal| signal.pc)
            && fault_frames(self.crash).any(|top| std::ptr::eq(top, frame))
        {
            self.fit.bias = LoadBias::between(pc, link);
            self.bias_from_fault = self.fit.bias.is_some();
        }
    }
}

/// Where in a stack a fault can have happened: at the top, and under each
/// `panic`. A deferred call may have faulted as well, and the signal line tells
/// of the latest fault.
fn fault_starts<'a>(crash: &'a Crash, frames: &'a [Frame]) -> impl Iterator<Item = usize> + 'a {
    let is_panic =
        |index: usize| frames.get(index).is_some_and(|frame| is_panic_frame(crash.function(frame)));
    (0..frames.len()).filter(move |index| index.checked_sub(1).is_none_or(is_panic))
}

/// The physical frames at those places, of the goroutine that crashed.
fn fault_frames(crash: &Crash) -> impl Iterator<Item = &Frame> {
    let frames = crash.crashing_goroutine().map(|g| crash.frames_of(g)).unwrap_or_default();
    fault_starts(crash, frames)
        .filter_map(|start| frames.get(start..)?.iter().find(|frame| !frame.inlined))
        .filter(|frame| !is_panic_frame(crash.function(frame)))
}

/// Functions that tracebacks hide and that go through pointers of their
/// callers, so that a fault of user code can lie in them (runtime/traceback.go,
/// `showframe`, hides all unexported functions of the runtime).
const HIDDEN: [&str; 16] = [
    "runtime.mem",
    "runtime.duff",
    "runtime.strhash",
    "runtime.interhash",
    "runtime.nilinterhash",
    "runtime.typehash",
    "runtime.efaceeq",
    "runtime.ifaceeq",
    "runtime.map",
    "runtime.chan",
    "runtime.growslice",
    "runtime.slicebytetostring",
    "runtime.concatstring",
    "runtime.cmpstring",
    "internal/bytealg.",
    "internal/runtime/maps.",
];

/// Frames of C code, and those whose position was lost, say nothing.
fn comparable(crash: &Crash, frame: &Frame) -> bool {
    !crash.file(frame).is_empty() && !crash.function(frame).is_empty() && crash.code(frame) != Code::C
}

/// The printed group has to be what the executable has at the address, less
/// the frames that the runtime hides: from the outermost inwards, each printed
/// frame is found among the expected ones. Inlined frames above the last match
/// may belong to a wrapper that is not printed itself.
fn explains(crash: &Crash, table: Pclntab<'_>, group: &[Frame], places: &[Place<'_>]) -> bool {
    let Some((physical, inlined)) = group.split_last() else { return false };
    let Some((outer, inner)) = places.split_last() else { return false };
    if !same(crash, table, physical, outer) {
        return false;
    }
    let mut expected = inner.iter().rev();
    let mut missed = 0usize;
    for frame in inlined.iter().rev() {
        if !expected.any(|place| same(crash, table, frame, place)) {
            missed = missed.saturating_add(1);
        }
    }
    missed == 0 || inner.is_empty()
}

fn same(crash: &Crash, table: Pclntab<'_>, frame: &Frame, place: &Place<'_>) -> bool {
    frame.line == place.line
        && base(crash.file(frame).as_bytes()) == base(place.file)
        && is_name(table, crash.function(frame), place.function)
}

/// Paths differ between builds (`-trimpath`, GOROOT); names of files do not.
fn base(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).and_then(|slash| path.get(slash.saturating_add(1)..)).unwrap_or(path)
}

fn is_name(table: Pclntab<'_>, printed: &str, symbol: &[u8]) -> bool {
    printed.as_bytes() == symbol
        || (printed == "panic" && symbol == b"runtime.gopanic")
        || (symbol.contains(&b'[') && table.printed(symbol) == printed)
}

/// Functions of the executable under the names of the log. Names are not
/// unique (ABI0 and ABIInternal twins, instances of one generic function).
fn functions_of<'a>(crash: &Crash, table: Pclntab<'a>) -> FxHashMap<Sym, Vec<Function<'a>>> {
    let mut syms: FxHashSet<Sym> = crash.frames.iter().filter(|f| !f.inlined).map(|f| f.function).collect();
    syms.extend(
        crash.goroutines.iter().filter_map(|g| g.created_by.as_ref()).map(|created| created.function),
    );
    let mut wanted: FxHashMap<&[u8], Sym> = FxHashMap::default();
    let mut generic = false;
    for sym in &syms {
        let name = crash.name(*sym);
        generic |= name.contains("[...]");
        wanted.insert(if name == "panic" { b"runtime.gopanic" } else { name.as_bytes() }, *sym);
    }
    let mut out: FxHashMap<Sym, Vec<Function<'a>>> = FxHashMap::default();
    for function in table.functions() {
        let found = match wanted.get(function.name) {
            None if generic && function.name.contains(&b'[') => {
                wanted.get(table.printed(function.name).as_bytes())
            }
            found => found,
        };
        if let Some(sym) = found {
            out.entry(*sym).or_default().push(function);
        }
    }
    out
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

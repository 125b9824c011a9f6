//! Where a goroutine's creators were when they created it: kept with
//! GODEBUG=tracebackancestors=N (runtime/proc.go, `saveAncestors`).

use super::Runtime;
use super::goroutine::Goroutine;
use super::offsets;
use crate::addr::RuntimeAddr;

/// Most ancestors of one goroutine that are printed; N says how many there are.
const MOST: u64 = 1000;

impl Runtime<'_> {
    /// runtime/traceback.go, `printAncestorTraceback`.
    pub(in crate::postmortem) fn print_ancestors(&self, goroutine: &Goroutine, out: &mut String) {
        let size = self.pointer_size();
        let second = |at: u64| self.memory.word(at.checked_add(size)?);
        let list = Some(goroutine.ancestors).filter(|at| *at != 0);
        let Some((list, length)) = list.and_then(|at| Some((self.memory.word(at)?, second(at)?))) else {
            return;
        };
        let Some(each) = self.offsets.get(&offsets::ANCESTOR_GOPC).and_then(|at| at.checked_add(size)) else {
            return;
        };
        for index in 0..length.min(MOST) {
            let ancestor = list.wrapping_add(index.wrapping_mul(each));
            if self.print_ancestor(ancestor, out).is_none() {
                return;
            }
        }
    }

    fn print_ancestor(&self, ancestor: u64, out: &mut String) -> Option<()> {
        let id = self.memory.u64(self.field(ancestor, &offsets::ANCESTOR_GOID)?)?;
        let created_at = self.word(ancestor, &offsets::ANCESTOR_GOPC)?;
        let pcs = self.memory.word(ancestor)?;
        let count = self.memory.word(ancestor.checked_add(self.pointer_size())?)?;
        // `tracebackInnerFrames`, before 1.21 `_TracebackMaxFrames`.
        let most = if self.minor >= 21 { 50 } else { 100 };
        out.push_str(&format!("[originating from goroutine {id}]:\n"));
        for index in 0..count.min(most) {
            let pc = pcs.checked_add(index.checked_mul(self.pointer_size())?)?;
            let Some((function, place)) = self.memory.word(pc).and_then(|pc| self.innermost(pc)) else {
                continue;
            };
            out.push_str(&format!("{function}(...)\n\t{place}\n"));
        }
        if count == most {
            out.push_str("...additional frames elided...\n");
        }
        if id != 1
            && let Some((name, place)) = self.creator(created_at)
        {
            out.push_str(&format!("created by {name}\n\t{place}\n"));
        }
        Some(())
    }

    /// `printAncestorTracebackFuncInfo`: what is at the pc itself, the innermost call alone.
    fn innermost(&self, pc: u64) -> Option<(String, String)> {
        let at = RuntimeAddr(pc).to_link(self.bias);
        let function = self.table.find(at)?;
        let offset = at.0.wrapping_sub(function.entry.0);
        // `funcline` of a place that has none.
        let nowhere = || (function.name, "?:0".to_owned());
        let place = self.table.places_in(&function, at).into_iter().next();
        let (name, text) = place.map_or_else(nowhere, |place| {
            (place.function, format!("{}:{}", String::from_utf8_lossy(place.file), place.line))
        });
        let text = if offset > 0 { format!("{text} +{offset:#x}") } else { text };
        Some((self.printed(name), text))
    }
}

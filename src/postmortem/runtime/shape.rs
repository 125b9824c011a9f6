//! Goroutines without their list: every `g` has its own address in it, where
//! the scheduler keeps its registers (`g.sched.g`, runtime/runtime2.go).

use super::offsets;
use super::{Look, Runtime};

/// Most memory that is searched, and most goroutines that are kept.
const MAX_SEARCHED: u64 = 8 << 30;
const MAX_FOUND: usize = 5_000_000;

impl Runtime<'_> {
    /// All that look like one and have a number, by that number.
    pub(in crate::postmortem) fn goroutines_by_shape(&self) -> Vec<u64> {
        let size = usize::from(self.memory.words.pointer_size);
        let inside = |sched: u64| sched.checked_add(self.offsets.get(&offsets::GOBUF_G)?);
        let Some(offset) = self.offsets.get(&offsets::G_SCHED).and_then(inside) else { return Vec::new() };
        let (mut out, mut searched) = (Vec::new(), 0u64);
        for (start, bytes) in self.memory.within(0, u64::MAX) {
            searched = searched.saturating_add(bytes.len() as u64);
            if searched > MAX_SEARCHED {
                break;
            }
            for (index, word) in bytes.chunks_exact(size).enumerate() {
                let at = start.saturating_add((index as u64).saturating_mul(size as u64));
                let own = self.memory.words.word(word, 0);
                let Some(g) = own.filter(|own| *own != 0 && own.checked_add(offset) == Some(at)) else {
                    continue;
                };
                if let Look::Goroutine { id } = self.look(g)
                    && id != 0
                    && out.len() < MAX_FOUND
                {
                    out.push((id, g));
                }
            }
        }
        out.sort_unstable();
        out.dedup_by_key(|(id, _)| *id);
        out.into_iter().map(|(_, g)| g).collect()
    }
}

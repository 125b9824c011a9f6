//! Profiler labels of goroutines (runtime/pprof/label.go): a list from Go 1.24 on, a map
//! up to 1.23.

use super::Runtime;
use super::goroutine::Goroutine;
use super::offsets;
use crate::postmortem::CoreDump;

/// Most labels of one goroutine.
const MOST: u64 = 256;
/// Most buckets of a map, those that overflowed among them: these labels fill 40.
const MOST_BUCKETS: u32 = 128;
/// Elements of a bucket, and the least mark of one that is there
/// (runtime/map.go, `bucketCnt` and `minTopHash`, 1.19 to 1.23).
const SLOTS: u64 = 8;
const PRESENT: u8 = 5;

impl Runtime<'_> {
    /// In the order of the list; those of a map by their names.
    pub fn labels(&self, goroutine: &Goroutine) -> Vec<(String, String)> {
        match goroutine.labels {
            0 => Vec::new(),
            labels if self.minor < 24 => self.mapped_labels(labels).unwrap_or_default(),
            labels => self.listed_labels(labels),
        }
    }

    fn text_at(&self, header: u64) -> Option<String> {
        let text = self.memory.string(header)?;
        Some(String::from_utf8_lossy(&text).into_owned())
    }

    /// `label.Set`, with a list of pairs.
    fn listed_labels(&self, labels: u64) -> Vec<(String, String)> {
        let size = self.pointer_size();
        let list = self.memory.word(labels);
        let length = labels.checked_add(size).and_then(|at| self.memory.word(at));
        let (Some(list), Some(length)) = (list, length) else { return Vec::new() };
        let label = |index: u64| {
            let at = list.checked_add(index.checked_mul(size)?.checked_mul(4)?)?;
            Some((self.text_at(at)?, self.text_at(at.checked_add(size.checked_mul(2)?)?)?))
        };
        (0..length.min(MOST)).map_while(label).collect()
    }

    /// `labelMap`, a `map[string]string`: the pointer is to the variable that holds it.
    fn mapped_labels(&self, labels: u64) -> Option<Vec<(String, String)>> {
        let map = self.memory.word(labels).filter(|map| *map != 0)?;
        let bits = u32::from(self.memory.u8(self.field(map, &offsets::HMAP_B)?)?);
        let mut out = Vec::new();
        let buckets = 1u64.checked_shl(bits)?;
        self.buckets(self.word(map, &offsets::HMAP_BUCKETS)?, buckets, &mut out);
        // While it grows, what was not moved yet is in half as many old ones (or, where it
        // only tidies up, as many): each element is marked as present in one place alone.
        let old = self.word(map, &offsets::HMAP_OLDBUCKETS)?;
        if old != 0 {
            let same = self.memory.u8(map.checked_add(self.pointer_size())?)? & SAME_SIZE != 0;
            self.buckets(old, if same { buckets } else { buckets / 2 }, &mut out);
        }
        out.sort();
        Some(out)
    }

    /// `bmap`: a mark for each slot, the keys, the values, the next bucket of the chain.
    fn buckets(&self, first: u64, count: u64, out: &mut Vec<(String, String)>) {
        let string = self.pointer_size().saturating_mul(2);
        let values = SLOTS.saturating_add(SLOTS.saturating_mul(string));
        let next = values.saturating_add(SLOTS.saturating_mul(string));
        let size = next.saturating_add(self.pointer_size());
        let mut left = MOST_BUCKETS;
        for index in 0..count.min(MOST_BUCKETS.into()) {
            let mut at = first.wrapping_add(index.wrapping_mul(size));
            while left > 0 {
                left = left.saturating_sub(1);
                for slot in 0..SLOTS {
                    let place = |part: u64| at.wrapping_add(part).wrapping_add(slot.wrapping_mul(string));
                    let present = self.memory.u8(at.wrapping_add(slot)).is_some_and(|mark| mark >= PRESENT);
                    if !present || out.len() as u64 >= MOST {
                        continue;
                    }
                    if let (Some(key), Some(value)) =
                        (self.text_at(place(SLOTS)), self.text_at(place(values)))
                    {
                        out.push((key, value));
                    }
                }
                match self.memory.word(at.wrapping_add(next)) {
                    Some(chained) if chained != 0 => at = chained,
                    _ => break,
                }
            }
        }
    }

    /// Would this process print labels in headers? GODEBUG decides, then what
    /// the executable was built with, then the version (runtime/runtime1.go).
    pub(in crate::postmortem) fn prints_labels(&self, core: &CoreDump) -> bool {
        let setting = |text: &str| {
            let mut settings = text.split(',').filter_map(|setting| setting.strip_prefix("tracebacklabels="));
            settings.next_back().map(|value| value == "1")
        };
        let environment = core.started().and_then(|started| {
            started.environment.iter().find_map(|variable| setting(variable.strip_prefix("GODEBUG=")?))
        });
        let build = || setting(self.binary.build_info()?.setting("DefaultGODEBUG")?);
        environment.or_else(build).unwrap_or(self.minor >= 27) && self.minor >= 26
    }
}

/// `hmap.flags`, `sameSizeGrow`.
const SAME_SIZE: u8 = 8;

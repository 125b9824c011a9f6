//! One search for any of many fragments that looks at a text four bytes at a
//! time, at every fourth byte only.
//!
//! A fragment of seven bytes or more holds four whole grams (four bytes each) at
//! four consecutive places; wherever it lies, one of them is what the search
//! looks at. So all four of each fragment go into one table, and the text costs
//! one look into it per gram. Teddy (aho-corasick's packed search) looks at every
//! byte, takes 64 fragments at most, and verifies more and more in vain as they
//! become more; for the hundred and more of `carve` this is four times as fast.

use rustc_hash::FxHashMap;

/// Length of a gram, and how far apart those lie that are looked at.
const GRAM: usize = 4;
/// The shortest fragment: it holds a gram at each of `GRAM` consecutive places.
pub(super) const SHORTEST: usize = GRAM * 2 - 1;
/// Grams that are looked at before the first branch.
const BATCH: usize = 8;

/// The table has a byte for each value of a hash of so many bits: 64 KB, of which
/// ordinary text touches little, and one in 150 of them set. A bit for each would take
/// two operations more per gram, which is as much as all others together.
const HASH_BITS: u32 = 16;
const SLOTS: usize = 1 << HASH_BITS;

type Gram = [u8; GRAM];

/// A gram that stands in a fragment, so many bytes behind its start.
struct Place {
    fragment: &'static [u8],
    offset: usize,
}

pub(super) struct Grams {
    /// 1 where a gram of ours may be, else 0.
    table: Box<[u8; SLOTS]>,
    places: FxHashMap<Gram, Vec<Place>>,
}

impl Grams {
    /// Fragments that are shorter than [`SHORTEST`] are not found.
    pub(super) fn new(fragments: impl Iterator<Item = &'static str>) -> Grams {
        let mut grams = Grams { table: Box::new([0; SLOTS]), places: FxHashMap::default() };
        for fragment in fragments.map(str::as_bytes) {
            let windows = fragment.windows(SHORTEST).enumerate();
            // Of the places that would do, the one that ordinary text holds least.
            let rarest = windows.min_by_key(|(_, window)| grams_of(window).map(commonness).sum::<u32>());
            if let Some((at, window)) = rarest {
                for (inside, gram) in grams_of(window).enumerate() {
                    if let Some(slot) = grams.table.get_mut(slot(gram)) {
                        *slot = 1;
                    }
                    let offset = at.saturating_add(inside);
                    grams.places.entry(gram).or_default().push(Place { fragment, offset });
                }
            }
        }
        grams
    }

    /// Where a fragment begins of which a gram lies in this part of a text. It is
    /// the first that is come across; another may begin a little before it.
    pub(super) fn find(&self, text: &[u8], start: usize, end: usize) -> Option<usize> {
        let (grams, _) = text.get(start..end)?.as_chunks::<GRAM>();
        let (batches, rest) = grams.as_chunks::<BATCH>();
        let mut at = start;
        for batch in batches {
            if batch.iter().fold(0, |any, gram| any | self.may_be(*gram)) != 0
                && let Some(found) = self.verify(text, start, at, batch)
            {
                return Some(found);
            }
            at = at.saturating_add(GRAM * BATCH);
        }
        self.verify(text, start, at, rest)
    }

    /// Where a fragment begins that one of the grams at a place belongs to.
    fn verify(&self, text: &[u8], start: usize, at: usize, grams: &[Gram]) -> Option<usize> {
        let known = grams.iter().enumerate().filter(|(_, gram)| self.may_be(**gram) != 0);
        let places = known.flat_map(|(number, gram)| {
            let at = at.saturating_add(number.saturating_mul(GRAM));
            let places = self.places.get(gram).map_or(&[][..], Vec::as_slice);
            places.iter().filter_map(move |place| Some((at.checked_sub(place.offset)?, place.fragment)))
        });
        let mut places = places.filter(|(from, _)| *from >= start);
        places
            .find(|(from, fragment)| text.get(*from..).is_some_and(|from| from.starts_with(fragment)))
            .map(|(from, _)| from)
    }

    #[inline]
    fn may_be(&self, gram: Gram) -> u8 {
        self.table.get(slot(gram)).copied().unwrap_or_default()
    }
}

/// Where the byte of a gram is: multiplicative hashing, of which the upper bits
/// depend on all of the gram.
#[inline]
fn slot(gram: Gram) -> usize {
    (u32::from_le_bytes(gram).wrapping_mul(0x9E37_79B1) >> (u32::BITS - HASH_BITS)) as usize % SLOTS
}

fn grams_of(window: &[u8]) -> impl Iterator<Item = Gram> {
    window.windows(GRAM).filter_map(|gram| gram.try_into().ok())
}

/// Lines as loggers and servers write them by the million.
const ORDINARY: &str = r#"
{"level":"info","ts":"2026-03-01T00:00:00.001Z","caller":"api/handler.go:74","msg":"request done","method":"GET","path":"/v1/users","status":200,"dur_ms":1.2,"trace_id":"1a02","service":"checkout","user_agent":"Mozilla/5.0"}
time="2026-03-01T00:00:00Z" level=info msg="processed batch" component=ingest items=40 lag=481ms offset=63 error="connection refused" controller=node namespace=default
I0301 00:00:00.004769       8 controller.go:620] Syncing took 69ms, started watching, reconciled successfully
10.228.127.89 - - [01/Mar/2026:00:00:00 +0000] "GET /index.html HTTP/1.1" 200 27189 "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
Mar  1 00:00:00 node-3 systemd[1]: Started session of user root. connection from peer closed after bytes, exited with code
2026-03-01T00:00:00.000000000Z stderr F 2026/03/01 00:00:00 ERROR failed to fetch: context deadline exceeded (Client.Timeout)
"#;

/// How often a gram comes in ordinary logs, by a rough guess that only the speed
/// depends on.
fn commonness(gram: Gram) -> u32 {
    let letter = |byte: u8| match byte {
        b' ' | b'a' | b'e' | b'i' | b'n' | b'o' | b'r' | b's' | b't' => 8,
        b'a'..=b'z' => 5,
        b'0'..=b'9' | b'"' | b'-' | b'.' | b'/' | b':' | b'=' => 4,
        b'A'..=b'Z' => 2,
        _ => 1,
    };
    let seen = u32::from(memchr::memmem::find(ORDINARY.as_bytes(), &gram).is_some());
    gram.into_iter().map(letter).product::<u32>().saturating_add(seen << u16::BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_is_found_wherever_it_lies() {
        let grams = Grams::new(["goroutine ", "panic: ", "(cgo) linking"].into_iter());
        for fragment in ["goroutine ", "panic: ", "(cgo) linking"] {
            for before in 0..70 {
                for after in 0..5 {
                    let text = ".".repeat(before) + fragment + &".".repeat(after);
                    assert_eq!(grams.find(text.as_bytes(), 0, text.len()), Some(before), "{text}");
                    assert_eq!(grams.find(text.as_bytes(), before, text.len()), Some(before), "{text}");
                    assert_eq!(grams.find(text.as_bytes(), before + 1, text.len()), None, "{text}");
                }
            }
        }
        assert_eq!(grams.find(b"goroutin panic cgo linking", 0, 26), None);
    }
}

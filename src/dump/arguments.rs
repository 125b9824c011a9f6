//! Arguments of one frame over all goroutines of a group: what is equal in all
//! is shown, for the rest how many values there are.

use rustc_hash::FxHashSet;

/// Different values that are kept as examples.
const EXAMPLES: usize = 3;

/// The arguments of one frame, position by position.
#[derive(Debug)]
pub struct Arguments<'a> {
    /// As the first goroutine has them.
    first: &'a str,
    slots: Vec<Slot<'a>>,
}

/// One word of an argument list, also inside of `{…}`.
#[derive(Debug, Default)]
pub struct Slot<'a> {
    /// The first different values, in the order printed.
    pub examples: Vec<&'a str>,
    seen: FxHashSet<&'a str>,
}

impl<'a> Slot<'a> {
    fn add(&mut self, value: &'a str) {
        // The first value is known without a look into the set.
        if self.examples.first() != Some(&value) && self.seen.insert(value) && self.examples.len() < EXAMPLES
        {
            self.examples.push(value);
        }
    }

    /// How many different values stand here.
    pub fn values(&self) -> usize {
        self.seen.len().saturating_add(1)
    }
}

impl<'a> Arguments<'a> {
    pub(super) fn of(mut lists: impl Iterator<Item = &'a str>) -> Arguments<'a> {
        let first = lists.next().unwrap_or("");
        let mut slots: Vec<Slot<'a>> =
            words(first).map(|(_, word)| Slot { examples: vec![word], seen: FxHashSet::default() }).collect();
        for list in lists {
            // One function has one shape of arguments: words stand at the same positions.
            if list != first {
                slots.iter_mut().zip(words(list)).for_each(|(slot, (_, word))| slot.add(word));
            }
        }
        Arguments { first, slots }
    }

    /// Nothing was printed: no arguments, or an inlined frame.
    pub fn is_empty(&self) -> bool {
        matches!(self.first, "" | "...")
    }

    pub fn differ(&self) -> bool {
        self.slots.iter().any(|slot| slot.values() > 1)
    }

    /// Positions, counted from 0, that differ between goroutines.
    pub fn differing(&self) -> impl Iterator<Item = (usize, &Slot<'a>)> {
        self.slots.iter().enumerate().filter(|(_, slot)| slot.values() > 1)
    }

    /// The list as printed, with `<37 values: 0x1, 0x2, 0x3, ...>` where the
    /// goroutines differ.
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(self.first.len());
        let mut copied = 0usize;
        for ((at, word), slot) in words(self.first).zip(&self.slots) {
            out.push_str(self.first.get(copied..at).unwrap_or_default());
            copied = at.saturating_add(word.len());
            if slot.values() == 1 {
                out.push_str(word);
                continue;
            }
            let more = if slot.values() > slot.examples.len() { ", ..." } else { "" };
            out.push_str(&format!("<{} values: {}{more}>", slot.values(), slot.examples.join(", ")));
        }
        out.push_str(self.first.get(copied..).unwrap_or_default());
        out
    }
}

/// Words of an argument list, with their offsets: what stands between commas,
/// blanks and braces.
fn words(list: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0usize;
    std::iter::from_fn(move || {
        let is_word = |byte: &u8| !matches!(byte, b',' | b' ' | b'{' | b'}');
        let rest = list.as_bytes().get(from..)?;
        let start = from.saturating_add(rest.iter().position(&is_word)?);
        let rest = list.as_bytes().get(start..)?;
        let length = rest.iter().position(|byte| !is_word(byte)).unwrap_or(rest.len());
        from = start.saturating_add(length);
        Some((start, list.get(start..from)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_equal_is_shown_and_the_rest_counted() {
        let lists =
            ["0x1, {0xa?, ...}, _", "0x2, {0xa?, ...}, _", "0x3, {0xa?, ...}, _", "0x4, {0xa?, ...}, _"];
        let arguments = Arguments::of(lists.into_iter());
        assert_eq!(arguments.text(), "<4 values: 0x1, 0x2, 0x3, ...>, {0xa?, ...}, _");
        assert_eq!(arguments.differing().map(|(at, slot)| (at, slot.values())).collect::<Vec<_>>(), [(0, 4)]);
        let pair = Arguments::of(["{0x1, 0x7}", "{0x1, 0x8}", "{0x1, 0x7}", "{0x1, 0x8}"].into_iter());
        assert_eq!(pair.text(), "{0x1, <2 values: 0x7, 0x8>}");
        for equal in ["", "...", "{{}, {}}", "0x1, 0x2"] {
            let arguments = Arguments::of([equal; 3].into_iter());
            assert_eq!((arguments.text().as_str(), arguments.differ()), (equal, false));
        }
    }

    /// A damaged log may give one function lists of different shape.
    #[test]
    fn lists_of_different_shape_do_no_harm() {
        let arguments = Arguments::of(["0x1, 0x2", "0x1", "", "0x3, 0x2, 0x9"].into_iter());
        assert_eq!(arguments.text(), "<2 values: 0x1, 0x3>, 0x2");
    }
}

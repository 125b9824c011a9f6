//! When crashes happened, in buckets of a round length.

/// Lengths of a bucket in milliseconds.
const WIDTHS: [i64; 17] = [
    1_000,
    5_000,
    15_000,
    60_000,
    300_000,
    900_000,
    1_800_000,
    3_600_000,
    7_200_000,
    10_800_000,
    21_600_000,
    43_200_000,
    86_400_000,
    604_800_000,
    2_592_000_000,
    7_776_000_000,
    31_536_000_000,
];
/// Most buckets.
const BUCKETS: i64 = 52;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// Start of the first bucket, in milliseconds since 1970, and length of each.
    pub start: i64,
    pub width: i64,
    pub buckets: usize,
}

impl Timeline {
    /// The buckets that hold both times.
    pub fn of(first: i64, last: i64) -> Timeline {
        let count = |width: i64| last.div_euclid(width).saturating_sub(first.div_euclid(width));
        let fits = |width: &&i64| count(**width) < BUCKETS;
        let width = WIDTHS.iter().find(fits).copied().unwrap_or_else(|| {
            // Longer than fifty years.
            last.saturating_sub(first).checked_div(BUCKETS - 1).unwrap_or(1).max(1)
        });
        let start = first.div_euclid(width).saturating_mul(width);
        Timeline { start, width, buckets: usize::try_from(count(width)).unwrap_or(0).saturating_add(1) }
    }

    /// How many of the times are in each bucket.
    pub fn counts(&self, times: impl Iterator<Item = i64>) -> Vec<u64> {
        let mut counts = vec![0u64; self.buckets];
        for time in times {
            let at = time.saturating_sub(self.start).div_euclid(self.width);
            if let Some(count) = usize::try_from(at).ok().and_then(|at| counts.get_mut(at)) {
                *count = count.saturating_add(1);
            }
        }
        counts
    }
}

/// A bucket's length in words: `15 min`.
pub fn width_of(milliseconds: i64) -> String {
    for (unit, name) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min")] {
        if milliseconds >= unit && milliseconds.checked_rem(unit) == Some(0) {
            return format!("{} {name}", milliseconds.checked_div(unit).unwrap_or(0));
        }
    }
    format!("{} s", milliseconds / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_round_and_hold_all() {
        let line = Timeline::of(1_795_390_213_000, 1_795_420_000_000);
        assert_eq!((line.width, line.start.rem_euclid(line.width)), (900_000, 0));
        assert_eq!(line.counts([1_795_390_213_000, 1_795_420_000_000].into_iter()).iter().sum::<u64>(), 2);
        for (first, last) in [(0, 0), (i64::MIN / 2, i64::MAX / 2), (-1, 1), (5, 1 << 50)] {
            let line = Timeline::of(first, last);
            assert!(line.buckets <= 53, "{line:?}");
            assert_eq!(line.counts([first, last].into_iter()).iter().sum::<u64>(), 2, "{first} {last}");
        }
        assert_eq!(width_of(900_000), "15 min");
    }
}

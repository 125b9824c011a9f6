//! Restart loops: one identity that crashes again and again, at even distances.

/// A loop, as its crashes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loop {
    pub crashes: usize,
    /// Mean distance in milliseconds.
    pub every: i64,
}

/// From so many crashes on.
const LEAST: usize = 3;

/// The crashes of one identity are a loop when there are three or more, and their
/// distances differ by less than half of their mean. Times ascend.
pub(super) fn find(times: &[i64]) -> Option<Loop> {
    if times.len() < LEAST {
        return None;
    }
    let gaps = || times.windows(2).filter_map(|pair| pair.last()?.checked_sub(*pair.first()?));
    let (least, most) = (gaps().min()?, gaps().max()?);
    let count = i64::try_from(times.len().checked_sub(1)?).ok()?;
    let every = times.last()?.checked_sub(*times.first()?)?.checked_div(count)?;
    let spread = most.checked_sub(least)?;
    (every > 0 && spread < every / 2).then_some(Loop { crashes: times.len(), every })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_distances_are_a_loop() {
        assert_eq!(find(&[0, 100, 205, 300]), Some(Loop { crashes: 4, every: 100 }));
        assert_eq!(find(&[0, 100]), None);
        assert_eq!(find(&[0, 100, 300]), None);
        assert_eq!(find(&[5, 5, 5]), None);
    }
}

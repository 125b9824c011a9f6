//! Restart loops: one identity that crashes again and again, at even distances or, in
//! Kubernetes, at distances that double.

/// A loop, as its crashes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loop {
    pub crashes: usize,
    /// Mean distance in milliseconds.
    pub every: i64,
    /// The first and the last distance of one that Kubernetes slows down.
    pub slowing: Option<(i64, i64)>,
}

/// From so many crashes on.
const LEAST: usize = 3;
/// The same of one that slows down: two distances fit too easily.
const LEAST_SLOWING: usize = 4;
/// How long kubelet waits before it starts a container again: ten seconds, doubled each
/// time, at most five minutes (backOffPeriod and MaxContainerBackOff, Kubernetes
/// pkg/kubelet/kubelet.go).
const WAITS: [i64; 6] = [10_000, 20_000, 40_000, 80_000, 160_000, 300_000];
/// It looks after a pod every ten seconds or so, and programs do not live equally long.
const SPREAD: i64 = 15_000;

/// The crashes of one identity are a loop when there are three or more, and their
/// distances differ by less than half of their mean. Times ascend.
pub(super) fn find(times: &[i64]) -> Option<Loop> {
    if times.len() < LEAST {
        return None;
    }
    let (least, most) = (gaps(times).min()?, gaps(times).max()?);
    let every = mean(times)?;
    let spread = most.checked_sub(least)?;
    (every > 0 && spread < every / 2).then_some(Loop { crashes: times.len(), every, slowing: None })
}

/// A loop of a pod: the distances may also be kubelet's waits and, each time, about as
/// long as the program lives.
pub(super) fn find_in_pod(times: &[i64]) -> Option<Loop> {
    find(times).or_else(|| {
        if times.len() < LEAST_SLOWING {
            return None;
        }
        let gaps: Vec<i64> = gaps(times).collect();
        let fits = |first: &usize| {
            let wait = |at: usize| WAITS.get(first.saturating_add(at)).or(WAITS.last()).copied().unwrap_or(0);
            let lives = || gaps.iter().enumerate().map(|(at, gap)| gap.saturating_sub(wait(at)));
            let (least, most) = (lives().min().unwrap_or(-1), lives().max().unwrap_or(0));
            least >= 0 && most.saturating_sub(least) <= SPREAD
        };
        // Were all of them the longest wait, they would be even.
        (0..WAITS.len().saturating_sub(1)).find(fits)?;
        Some(Loop {
            crashes: times.len(),
            every: mean(times)?,
            slowing: Some((*gaps.first()?, *gaps.last()?)),
        })
    })
}

fn gaps(times: &[i64]) -> impl Iterator<Item = i64> {
    times.windows(2).filter_map(|pair| pair.last()?.checked_sub(*pair.first()?))
}

fn mean(times: &[i64]) -> Option<i64> {
    let count = i64::try_from(times.len().checked_sub(1)?).ok()?;
    times.last()?.checked_sub(*times.first()?)?.checked_div(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_distances_are_a_loop() {
        assert_eq!(find(&[0, 100, 205, 300]), Some(Loop { crashes: 4, every: 100, slowing: None }));
        assert_eq!(find(&[0, 100]), None);
        assert_eq!(find(&[0, 100, 300]), None);
        assert_eq!(find(&[5, 5, 5]), None);
    }

    #[test]
    fn kubernetes_doubles_the_distance() {
        let after = |waits: &[i64]| {
            let mut at = 0;
            let next = waits.iter().map(|wait| {
                at += wait * 1000;
                at
            });
            std::iter::once(0).chain(next).collect::<Vec<i64>>()
        };
        let slowing = |waits: &[i64]| find_in_pod(&after(waits)).and_then(|found| found.slowing);
        assert_eq!(slowing(&[13, 25, 48, 86, 163, 309, 303]), Some((13_000, 303_000)));
        // Seen from the third restart on.
        assert_eq!(slowing(&[41, 84, 169]), Some((41_000, 169_000)));
        assert_eq!(slowing(&[13, 25]), None);
        assert_eq!(slowing(&[300, 40, 200]), None);
        assert_eq!(slowing(&[5, 25, 48, 86]), None);
        // Even ones are told as such.
        assert_eq!(find_in_pod(&after(&[303, 305, 304])).map(|found| found.slowing), Some(None));
        assert_eq!(find(&after(&[13, 25, 48, 86, 163])), None);
    }
}

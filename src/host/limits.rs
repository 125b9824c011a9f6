//! What a process may have at most.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    Unlimited,
    /// Processes and threads, or bytes.
    Of(u64),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::Unlimited => f.write_str("unlimited"),
            Bound::Of(number) => number.fmt(f),
        }
    }
}

impl Bound {
    /// `unlimited` of shells and of /proc/PID/limits, `max` of cgroups, a number.
    pub(super) fn parse(text: &str) -> Option<Bound> {
        match text {
            "unlimited" | "max" => Some(Bound::Unlimited),
            digits => digits.parse().ok().map(Bound::Of),
        }
    }

    pub(super) fn times(self, unit: u64) -> Bound {
        match self {
            Bound::Unlimited => Bound::Unlimited,
            Bound::Of(number) => Bound::Of(number.saturating_mul(unit)),
        }
    }
}

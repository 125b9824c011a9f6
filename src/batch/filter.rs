//! Which crashes count.

use super::record::CrashRecord;

#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Milliseconds since 1970: from the first on, before the second.
    pub since: Option<i64>,
    pub until: Option<i64>,
    /// Ids of faults, one of which it has to be of; any where it is empty.
    pub only: Vec<String>,
}

/// What a filter says of a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Taken,
    Other,
    /// It has no time, and time is asked for.
    Undated,
}

impl Filter {
    pub fn verdict(&self, crash: &CrashRecord) -> Verdict {
        let wanted =
            |only: &[String]| only.is_empty() || crash.faults.iter().any(|fault| only.contains(&fault.id));
        if !wanted(&self.only) {
            return Verdict::Other;
        }
        if self.since.is_none() && self.until.is_none() {
            return Verdict::Taken;
        }
        let Some(at) = crash.unix_ms else { return Verdict::Undated };
        let inside = self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until);
        if inside { Verdict::Taken } else { Verdict::Other }
    }
}

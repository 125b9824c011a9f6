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
    /// Before the time that is asked for.
    Earlier,
    /// Behind it.
    Later,
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
        match (self.since, self.until) {
            (Some(since), _) if at < since => Verdict::Earlier,
            (_, Some(until)) if at >= until => Verdict::Later,
            _ => Verdict::Taken,
        }
    }
}

//! What one log tells more than once.

use rustc_hash::{FxHashMap, FxHashSet};

use super::read::Looked;
use super::remark::Complaint;
use super::{Crash, Kind};
use crate::envelope::Identity;

/// Most errors of one document that are told; more are counted.
const MOST_ERRORS: usize = 64;

/// What a log has told so far.
#[derive(Default)]
pub struct Repeats {
    crashes: usize,
    /// Digests of the crashes so far, for those that are seen twice.
    seen: FxHashMap<u64, (usize, (Option<String>, Identity))>,
    /// Errors that were told, at most [`MOST_ERRORS`].
    errors: FxHashSet<Complaint>,
}

impl Repeats {
    /// The same text again: with the same stamp and source it is the same crash,
    /// shipped twice. Otherwise it may also be a restart of a program that always
    /// dies in the same way, which is another crash.
    ///
    /// An error that a program tells again and again is one record.
    pub fn is_new(&mut self, crash: &mut Crash, looked: &mut Looked) -> bool {
        if let (Kind::Error, Some(remark)) = (crash.kind, crash.remarks.first())
            && (self.errors.len() >= MOST_ERRORS || !self.errors.insert(remark.complaint.clone()))
        {
            looked.repeated_errors = looked.repeated_errors.saturating_add(1);
            return false;
        }
        if !crash.goroutines.is_empty() {
            let source = (crash.source.stamp.clone().map(|stamp| stamp.raw), crash.source.identity.clone());
            match self.seen.get(&crash.digest) {
                Some((_, known)) if source.0.is_some() && *known == source => return false,
                Some((first, _)) => crash.identical_to = Some(*first),
                None => {
                    self.seen.insert(crash.digest, (self.crashes, source));
                }
            }
        }
        self.crashes = self.crashes.saturating_add(1);
        true
    }
}

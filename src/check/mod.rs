//! CHECK: will an executable run there, before anything has crashed, and is it
//! what the build was meant to make?
//!
//! The rules are those that judge crashes; they are asked about executable and
//! machine alone. What is added here is what somebody expected of the build.

mod expect;

use crate::binary::{Binary, Effect, effects};
use crate::diagnose::{Case, Confidence, Diagnosis, Met, Side, Subject, diagnose};
use crate::host::Host;

pub use expect::{Expectation, Mismatch};

/// Needs that are told where the machine says nothing of them.
const NEEDS: [&str; 4] = ["its version", "processor", "loader", "libraries"];

/// One executable at one place.
pub struct Checked<'a> {
    /// As the user named it, or its path in the image.
    pub path: String,
    pub binary: &'a Binary,
    /// `None` where only expectations are compared.
    pub host: Option<&'a Host>,
    pub diagnosis: Diagnosis,
    /// What behaves otherwise for having been built with cgo or without.
    pub effects: Vec<Effect>,
    pub mismatches: Vec<Mismatch>,
}

/// What a check says as a whole, the worst last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Outlook {
    /// Nothing speaks against it.
    Fine,
    /// Something may.
    Doubtful,
    /// It will probably not run.
    Unlikely,
    /// It will not run, or is not what was expected.
    Fails,
}

impl Outlook {
    pub fn name(self) -> &'static str {
        match self {
            Outlook::Fine => "fine",
            Outlook::Doubtful => "doubtful",
            Outlook::Unlikely => "unlikely",
            Outlook::Fails => "fails",
        }
    }
}

impl Checked<'_> {
    /// What the program needs, as far as it tells.
    pub fn needs(&self) -> impl Iterator<Item = &Side> {
        let judged =
            |side: &&Side| side.host.is_some() || side.met != Met::Unknown || NEEDS.contains(&side.what);
        self.diagnosis
            .sides
            .iter()
            .filter(|side| side.binary.as_deref().is_some_and(|text| text != "none"))
            .filter(judged)
    }

    pub fn outlook(&self) -> Outlook {
        if !self.mismatches.is_empty() {
            return Outlook::Fails;
        }
        let worst = self.diagnosis.findings.iter().map(|finding| match finding.confidence {
            Confidence::Certain => Outlook::Fails,
            Confidence::Likely => Outlook::Unlikely,
            Confidence::Possible => Outlook::Doubtful,
        });
        worst.max().unwrap_or(Outlook::Fine)
    }
}

/// Asks all rules about an executable and a machine, and compares it with what
/// was expected.
pub fn check<'a>(
    path: &str,
    binary: &'a Binary,
    host: Option<&'a Host>,
    expected: &[Expectation],
) -> Checked<'a> {
    let facts = binary.facts();
    let subject = Subject { path, facts, fit: None };
    let diagnosis = match host {
        Some(_) => diagnose(&Case { crash: None, binary: Some(subject), host }),
        None => Diagnosis::default(),
    };
    let effects = effects(binary).unwrap_or_default().into_iter().filter(|effect| effect.changes).collect();
    let mismatches = expected.iter().filter_map(|expectation| expectation.differs(facts)).collect();
    Checked { path: path.to_owned(), binary, host, diagnosis, effects, mismatches }
}

//! Does this log come from this executable? Every frame of the log says that
//! a function, at an offset from its entry, is a line of a file. The
//! executable either says the same or it is another one.
//!
//! What a match proves: the same code. Builds that differ only in `-s`,
//! `-trimpath`, PIE or GOARM cannot be told apart by offsets (of `-trimpath`
//! the printed paths tell); another Go version matches on half of the frames
//! or fewer.

mod choice;
mod matcher;

use crate::addr::{LinkAddr, LoadBias, RuntimeAddr};
use crate::binary::Binary;
use crate::trace::{Complaint, Crash};

pub use choice::{Choice, choose, fitting};
use matcher::Matcher;

/// Result of comparing a log with an executable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fit {
    /// Frames that could be compared.
    pub checked: usize,
    pub matched: usize,
    /// Places that fit, each counted once: of the program's own code, and of
    /// Go's. Those tell sources apart, these Go versions.
    pub places: (usize, usize),
    /// The first file whose path the log prints otherwise than the executable.
    pub elsewhere: Option<(String, String)>,
    /// `created by` lines that could be compared, and those that fit.
    pub creators: (usize, usize),
    /// Does the address of the fault lie where the stack says? `None` where
    /// there is none, or where the load bias is not known.
    pub fault: Option<bool>,
    /// The first frame that does not fit.
    pub misfit: Option<Misfit>,
    /// What to take off a runtime address. `None` when the log does not say.
    pub bias: Option<LoadBias>,
    /// Why nothing was compared.
    pub not_checked: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// As printed: function, `file:line`, offset.
    pub frame: String,
    pub why: String,
    /// The function is in the executable, but its code is another.
    pub function_exists: bool,
}

/// What a fit proves. A frame of another Go version fits by chance in up to
/// half of the cases, so that the strength is in the number of places.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Strength {
    /// One or two places: other builds may fit as well.
    Weak,
    /// Three or four: by chance in one of ten cases or fewer.
    Fair,
    Strong,
}

impl Strength {
    pub fn name(self) -> &'static str {
        match self {
            Strength::Weak => "weak",
            Strength::Fair => "fair",
            Strength::Strong => "strong",
        }
    }
}

impl Fit {
    pub fn fits(&self) -> bool {
        self.weight() > 0 && !self.refuted()
    }

    /// The log is of another build.
    pub fn refuted(&self) -> bool {
        self.matched < self.checked || self.creators.1 < self.creators.0 || self.fault == Some(false)
    }

    /// How much was compared: a frame or two may fit other builds by chance,
    /// an absolute address hardly.
    pub fn weight(&self) -> usize {
        let fault = if self.fault == Some(true) { 2 } else { 0 };
        self.matched.saturating_add(self.creators.1).saturating_add(fault)
    }

    /// How much the fit proves; `None` where the log does not fit.
    pub fn strength(&self) -> Option<Strength> {
        let creators = self.creators.1.min(2);
        let fault = if self.fault == Some(true) { 2 } else { 0 };
        let places = self.places.0.saturating_add(self.places.1).saturating_add(creators);
        self.fits().then_some(match places.saturating_add(fault) {
            0..=2 => Strength::Weak,
            3 | 4 => Strength::Fair,
            _ => Strength::Strong,
        })
    }

    fn none(why: impl Into<String>) -> Fit {
        Fit { not_checked: Some(why.into()), ..Fit::default() }
    }
}

/// Compares every frame that can be compared.
pub fn fit(crash: &Crash, binary: &Binary) -> Fit {
    let table = match binary.pclntab() {
        Ok(table) => table,
        Err(reason) => return Fit::none(format!("the executable cannot be compared: {reason}")),
    };
    let bias = (!binary.image.relocatable).then_some(LoadBias(0));
    if crash.frames.is_empty() {
        let bias = bias.or_else(|| bias_of_map(crash, binary));
        return Fit { bias, ..Fit::none("the log holds no frames to compare") };
    }
    let mut matcher = Matcher::new(crash, table, bias);
    for goroutine in &crash.goroutines {
        matcher.goroutine(goroutine);
    }
    matcher.fault_address();
    if matcher.fit.weight() == 0 && !matcher.fit.refuted() {
        matcher.fit.not_checked = Some("no frame of the log says enough to be compared".to_owned());
    }
    matcher.fit
}

/// `app[401000+1000]` of a kernel line is the mapping of an executable segment.
fn bias_of_map(crash: &Crash, binary: &Binary) -> Option<LoadBias> {
    let map = crash.remarks.iter().find_map(|remark| match &remark.complaint {
        Complaint::KernelFault { map: Some(map), .. } => Some(map),
        _ => None,
    })?;
    let text = binary.image.segments.iter().find(|segment| segment.executable)?;
    let start = text.address & !0xfff;
    LoadBias::between(RuntimeAddr(map.start.0), LinkAddr(start))
}

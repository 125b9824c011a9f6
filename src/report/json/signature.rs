//! What the signature is a hash of.

use serde::Serialize;

use crate::examine::Examined;
use crate::trace::{Fate, Step, explain};

#[derive(Serialize)]
pub(super) struct HashedJson<'a> {
    signature_text: &'a str,
    variant_text: &'a str,
    signature_frames: Vec<StepJson<'a>>,
}

/// One frame of the goroutine that the signature is made of.
#[derive(Serialize)]
struct StepJson<'a> {
    function: &'a str,
    line: u32,
    hashed_as: Option<String>,
    dropped: Option<&'static str>,
}

impl<'a> HashedJson<'a> {
    pub(super) fn new(examined: &'a Examined) -> HashedJson<'a> {
        let step = |step: Step<'a>| StepJson {
            function: step.function,
            line: step.line,
            dropped: step.fate.reason(),
            hashed_as: match step.fate {
                Fate::Unit(unit) => Some(unit),
                _ => None,
            },
        };
        HashedJson {
            signature_text: &examined.signature.text,
            variant_text: &examined.signature.variant_text,
            signature_frames: explain(&examined.crash).into_iter().map(step).collect(),
        }
    }
}

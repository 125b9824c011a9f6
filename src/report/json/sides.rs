//! Facts side by side.

use serde::Serialize;

use crate::diagnose::{Met, Side};

#[derive(Serialize)]
pub(super) struct SideJson<'a> {
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    /// A rule found that they contradict each other; absent where they were not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    contradict: Option<bool>,
}

impl<'a> SideJson<'a> {
    pub(super) fn new(side: &'a Side) -> SideJson<'a> {
        SideJson {
            what: side.what,
            log: side.log.as_deref(),
            binary: side.binary.as_deref(),
            host: side.host.as_deref(),
            contradict: match side.met {
                Met::Yes => Some(false),
                Met::No(_) => Some(true),
                Met::Unknown => None,
            },
        }
    }
}

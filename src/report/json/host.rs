//! Facts of hosts that only some sources have; the keys are those of host cards.

use serde::Serialize;

use crate::binary::Fact;
use crate::host::{Bound, Conflict, Host};

#[derive(Serialize)]
pub(super) struct MoreOfHost<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    os_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_vendor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_bits: Option<&'a [u8]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    userland: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    userland_bits: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_processes: Option<BoundJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pids_max: Option<BoundJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_space: Option<BoundJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<ImageJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<ConflictJson<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    problems: &'a [String],
}

/// A number, or `"unlimited"`.
#[derive(Serialize)]
#[serde(untagged)]
enum BoundJson {
    Number(u64),
    Word(&'static str),
}

#[derive(Serialize)]
struct ImageJson<'a> {
    entrypoint: &'a [String],
    cmd: &'a [String],
    env: &'a [String],
    user: Option<&'a str>,
}

#[derive(Serialize)]
struct ConflictJson<'a> {
    what: &'static str,
    kept: Said<'a>,
    other: Said<'a>,
}

#[derive(Serialize)]
struct Said<'a> {
    value: &'a str,
    from: &'a str,
}

impl<'a> MoreOfHost<'a> {
    pub(super) fn new(host: &'a Host) -> MoreOfHost<'a> {
        let text = |fact: &'a Option<Fact<String>>| fact.as_ref().map(|f| f.value.as_str());
        let bound = |fact: &Option<Fact<Bound>>| {
            fact.as_ref().map(|fact| match fact.value {
                Bound::Unlimited => BoundJson::Word("unlimited"),
                Bound::Of(number) => BoundJson::Number(number),
            })
        };
        MoreOfHost {
            os_version: text(&host.os_version),
            cpu_vendor: text(&host.cpu_vendor),
            cpu_bits: host.cpu_bits.as_ref().map(|f| f.value.as_slice()),
            userland: host.userland.as_ref().map(|f| f.value.name()),
            userland_bits: host.userland_bits.as_ref().map(|f| f.value),
            max_processes: bound(&host.max_processes),
            pids_max: bound(&host.pids_max),
            address_space: bound(&host.address_space),
            platform: host.declared.as_ref().map(|f| f.value.to_string()),
            image: host.image.as_ref().map(|f| ImageJson {
                entrypoint: &f.value.entrypoint,
                cmd: &f.value.cmd,
                env: &f.value.env,
                user: f.value.user.as_deref(),
            }),
            conflicts: host.conflicts.iter().map(ConflictJson::new).collect(),
            problems: &host.problems,
        }
    }
}

impl<'a> ConflictJson<'a> {
    fn new(conflict: &'a Conflict) -> ConflictJson<'a> {
        let said = |fact: &'a Fact<String>| Said { value: &fact.value, from: &fact.from };
        ConflictJson { what: conflict.what, kept: said(&conflict.kept), other: said(&conflict.other) }
    }
}

//! What the explanation of a crash knows beyond its words.

use serde::Serialize;

use crate::diagnose::{Cycle, Explanation, Partner, Place, ThirdParty, Wait};

#[derive(Serialize)]
pub(super) struct CausesJson<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waits: Vec<WaitJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cycle: Option<CycleJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    partners: Vec<PartnerJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    third_party: Option<ThirdPartyJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handler: Option<PlaceJson<'a>>,
}

impl<'a> CausesJson<'a> {
    pub(super) fn new(explanation: &'a Explanation) -> CausesJson<'a> {
        CausesJson {
            waits: explanation.waits.iter().map(WaitJson::new).collect(),
            cycle: explanation.cycle.as_ref().map(CycleJson::new),
            partners: explanation.partners.iter().map(PartnerJson::new).collect(),
            third_party: explanation.third_party.as_ref().map(ThirdPartyJson::new),
            handler: explanation.handler.as_ref().map(PlaceJson::new),
        }
    }
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    function: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
}

impl<'a> PlaceJson<'a> {
    fn new(place: &'a Place) -> PlaceJson<'a> {
        let file = Some(place.file.as_str()).filter(|file| !file.is_empty());
        PlaceJson { function: &place.function, file, line: file.map(|_| place.line) }
    }
}

#[derive(Serialize)]
struct WaitJson<'a> {
    wants: &'static str,
    state: &'a str,
    address: Option<String>,
    doubtful: bool,
    goroutines: &'a [u64],
    count: usize,
    at: Option<PlaceJson<'a>>,
}

impl<'a> WaitJson<'a> {
    fn new(wait: &'a Wait) -> WaitJson<'a> {
        WaitJson {
            wants: wait.wanted.name(),
            state: &wait.state,
            address: wait.address.map(|address| address.to_string()),
            doubtful: wait.doubtful,
            goroutines: &wait.goroutines,
            count: wait.count,
            at: wait.place.as_ref().map(PlaceJson::new),
        }
    }
}

#[derive(Serialize)]
struct CycleJson<'a> {
    calls: Vec<PlaceJson<'a>>,
    repeats: usize,
    elided: Option<u64>,
}

impl<'a> CycleJson<'a> {
    fn new(cycle: &'a Cycle) -> CycleJson<'a> {
        CycleJson {
            calls: cycle.calls.iter().map(PlaceJson::new).collect(),
            repeats: cycle.repeats,
            elided: cycle.elided,
        }
    }
}

#[derive(Serialize)]
struct PartnerJson<'a> {
    goroutine: Option<u64>,
    state: &'a str,
    at: PlaceJson<'a>,
    because: &'static str,
    address: Option<String>,
}

impl<'a> PartnerJson<'a> {
    fn new(partner: &'a Partner) -> PartnerJson<'a> {
        PartnerJson {
            goroutine: partner.goroutine,
            state: &partner.state,
            at: PlaceJson::new(&partner.place),
            because: partner.why.name(),
            address: partner.why.address().map(|address| address.to_string()),
        }
    }
}

#[derive(Serialize)]
struct ThirdPartyJson<'a> {
    module: &'a str,
    version: Option<&'a str>,
    told_by: &'static str,
    at: PlaceJson<'a>,
    caller: Option<PlaceJson<'a>>,
}

impl<'a> ThirdPartyJson<'a> {
    fn new(other: &'a ThirdParty) -> ThirdPartyJson<'a> {
        ThirdPartyJson {
            module: &other.module,
            version: other.version.as_deref(),
            told_by: other.told_by,
            at: PlaceJson::new(&other.place),
            caller: other.caller.as_ref().map(PlaceJson::new),
        }
    }
}

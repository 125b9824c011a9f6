//! Goroutines with the same stack as one group.

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::crash::SiteJson;
use crate::dump::{Creator, Group, groups};
use crate::trace::{Crash, Frame, Goroutine};

/// Made while it is written, one group after the other.
pub(super) struct GroupsJson<'a>(&'a Crash, Vec<Group<'a>>);

impl<'a> GroupsJson<'a> {
    pub(super) fn new(crash: &'a Crash, goroutines: &[&'a Goroutine]) -> GroupsJson<'a> {
        let with_id = goroutines.iter().copied().filter(|goroutine| goroutine.id.is_some());
        GroupsJson(crash, groups(crash, with_id))
    }
}

impl Serialize for GroupsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.1.len()))?;
        for group in &self.1 {
            seq.serialize_element(&GroupJson::new(self.0, group))?;
        }
        seq.end()
    }
}

#[derive(Serialize)]
struct GroupJson<'a> {
    count: usize,
    state: &'a str,
    wait_minutes: Option<RangeJson<u32>>,
    locked_to_thread: usize,
    attributes: Vec<String>,
    ids: Vec<u64>,
    site: Option<SiteJson<'a>>,
    frames: Vec<GroupFrameJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frames_elided: Option<RangeJson<u64>>,
    created_by: Vec<CreatorJson<'a>>,
}

#[derive(Serialize)]
struct RangeJson<T> {
    min: T,
    max: T,
}

impl<T> RangeJson<T> {
    fn new((min, max): (T, T)) -> RangeJson<T> {
        RangeJson { min, max }
    }
}

impl<'a> GroupJson<'a> {
    fn new(crash: &'a Crash, group: &Group<'a>) -> GroupJson<'a> {
        let frames = group.frames().iter().enumerate();
        GroupJson {
            count: group.count(),
            state: group.state(),
            wait_minutes: group.minutes.map(RangeJson::new),
            locked_to_thread: group.locked,
            attributes: group.attributes(),
            ids: group.ids().collect(),
            site: group.site().map(|frame| SiteJson::new(crash, frame)),
            frames: frames.map(|(at, frame)| GroupFrameJson::new(crash, group, at, frame)).collect(),
            frames_elided: group.elided().map(RangeJson::new),
            created_by: group.creators().into_iter().map(CreatorJson::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct GroupFrameJson<'a> {
    function: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
    inlined: bool,
    kind: &'static str,
    /// As printed, with `<37 values: …>` where the goroutines differ.
    args: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differing_args: Vec<SlotJson<'a>>,
}

#[derive(Serialize)]
struct SlotJson<'a> {
    position: usize,
    values: usize,
    examples: Vec<&'a str>,
}

impl<'a> GroupFrameJson<'a> {
    fn new(crash: &'a Crash, group: &Group<'a>, at: usize, frame: &Frame) -> GroupFrameJson<'a> {
        let arguments = group.arguments(at);
        let differing = arguments.differing().map(|(position, slot)| SlotJson {
            position,
            values: slot.values(),
            examples: slot.examples.clone(),
        });
        let file = Some(crash.file(frame)).filter(|file| !file.is_empty());
        GroupFrameJson {
            function: crash.function(frame),
            file,
            line: file.map(|_| frame.line),
            inlined: frame.inlined,
            kind: crash.code(frame).name(),
            args: arguments.text(),
            differing_args: differing.collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct CreatorJson<'a> {
    function: &'a str,
    file: &'a str,
    line: u32,
    count: usize,
}

impl<'a> CreatorJson<'a> {
    pub(super) fn new(creator: Creator<'a>) -> CreatorJson<'a> {
        let Creator { function, file, line, count } = creator;
        CreatorJson { function, file, line, count }
    }
}

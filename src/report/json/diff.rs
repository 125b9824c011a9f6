//! The difference of two dumps as JSON.

use std::io;

use serde::Serialize;

use super::crash::SiteJson;
use super::groups::CreatorJson;
use super::{VERSION, finish};
use crate::dump::{Change, Diff, Side};

/// Output of `panicmap diff --format json`.
///
/// # Errors
/// Those of the writer.
pub fn diff_json(diff: &Diff<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let document = DiffJson {
        schema: VERSION,
        diff: BodyJson {
            before: SideJson::new(&diff.before),
            after: SideJson::new(&diff.after),
            growth: diff.growth(),
            longest_wait: diff.longest_wait.as_ref().map(|longest| LongestJson {
                before: longest.minutes.0,
                after: longest.minutes.1,
                site: longest.site.map(|frame| SiteJson::new(longest.crash, frame)),
            }),
            changes: diff.changes.iter().map(ChangeJson::new).collect(),
            unchanged: UnchangedJson { stacks: diff.same.0, goroutines: diff.same.1 },
        },
    };
    finish(&document, out)
}

#[derive(Serialize)]
struct DiffJson<'a> {
    schema: &'static str,
    diff: BodyJson<'a>,
}

#[derive(Serialize)]
struct BodyJson<'a> {
    before: SideJson<'a>,
    after: SideJson<'a>,
    growth: i64,
    longest_wait: Option<LongestJson<'a>>,
    changes: Vec<ChangeJson<'a>>,
    unchanged: UnchangedJson,
}

#[derive(Serialize)]
struct SideJson<'a> {
    path: &'a str,
    line: u64,
    last_line: u64,
    /// Which crash of the log, and of how many.
    number: usize,
    of: usize,
    message: String,
    goroutines: usize,
    goroutines_unfiltered: usize,
    losses: &'a [String],
}

impl<'a> SideJson<'a> {
    fn new(side: &Side<'a>) -> SideJson<'a> {
        let span = &side.crash.span;
        SideJson {
            path: &span.origin.path,
            line: *span.lines.start(),
            last_line: *span.lines.end(),
            number: side.number,
            of: side.of,
            message: side.crash.message(),
            goroutines: side.count(),
            goroutines_unfiltered: side.unfiltered,
            losses: &side.crash.losses,
        }
    }
}

#[derive(Serialize)]
struct LongestJson<'a> {
    before: u32,
    after: u32,
    site: Option<SiteJson<'a>>,
}

#[derive(Serialize)]
struct UnchangedJson {
    stacks: usize,
    goroutines: usize,
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    change: &'static str,
    before: usize,
    after: usize,
    growth: i64,
    states: Vec<StateJson<'a>>,
    longest_wait: WaitJson,
    site: Option<SiteJson<'a>>,
    frames: Vec<SiteJson<'a>>,
    created_by: Vec<CreatorJson<'a>>,
}

#[derive(Serialize)]
struct StateJson<'a> {
    state: &'a str,
    before: usize,
    after: usize,
}

#[derive(Serialize)]
struct WaitJson {
    before: Option<u32>,
    after: Option<u32>,
}

impl<'a> ChangeJson<'a> {
    fn new(change: &Change<'a>) -> ChangeJson<'a> {
        let crash = change.crash();
        let states = change.states.iter();
        ChangeJson {
            change: change.kind().name(),
            before: change.before,
            after: change.after,
            growth: change.growth(),
            states: states.map(|&(state, before, after)| StateJson { state, before, after }).collect(),
            longest_wait: WaitJson { before: change.longest.0, after: change.longest.1 },
            site: change.site().map(|frame| SiteJson::new(crash, frame)),
            frames: change.frames.iter().map(|frame| SiteJson::new(crash, frame)).collect(),
            created_by: change.creators.iter().copied().map(CreatorJson::new).collect(),
        }
    }
}

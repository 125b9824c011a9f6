//! `panicmap diff`: two dumps of one program, for the hunt for leaks.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use panicmap::dump::{self, Side};
use panicmap::report::{diff_json, diff_text};
use panicmap::source::{self, Limits};
use panicmap::trace::{self, Crash};

use super::terminal::{Output, note};
use super::{DiffArgs, status};

pub(super) const AFTER_HELP: &str = "\
Stacks are compared by the functions on them, so that a dump of a newer build can be compared
too. Of a log with several dumps the one with the most goroutines is taken, of equals the last.

Examples:
  kill -QUIT PID                                            # prints all goroutines and ends
  curl -s localhost:6060/debug/pprof/goroutine?debug=2 > a  # prints them and lives on
  panicmap diff a b
  panicmap diff app.log#1 app.log#2 --not-state 'GC|idle'";

pub(super) fn run(args: &DiffArgs) -> anyhow::Result<u8> {
    let (before, after) = (Log::open(&args.before)?, Log::open(&args.after)?);
    let filter = args.filter.filter();
    let mut sides = Vec::new();
    for log in [&before, &after] {
        match log.pick()? {
            Some(at) => sides.push(log.side(at, &filter)?),
            None => note(&format!("{}: no goroutines found", log.path)),
        }
    }
    let mut sides = sides.into_iter();
    let (Some(before), Some(after)) = (sides.next(), sides.next()) else { return Ok(status::NO_CRASH) };
    let diff = dump::diff(before, after);
    let mut out = Output::open(&args.output)?;
    if out.json {
        diff_json(&diff, &mut out)?;
    } else {
        out.style.all = args.all;
        out.style.filter = filter;
        let style = out.style.clone();
        diff_text(&diff, &style, &mut out)?;
    }
    out.flush()?;
    let differs = args.exit_code && !diff.changes.is_empty();
    Ok(if differs { status::DIFFERENT } else { status::DONE })
}

/// A log and which of its dumps was asked for.
struct Log {
    path: String,
    number: Option<usize>,
    crashes: Vec<Crash>,
}

impl Log {
    fn open(spec: &str) -> anyhow::Result<Log> {
        let (path, number) = numbered(spec);
        let document = source::open(path, Limits::default())?;
        if let Some(cut) = &document.cut {
            note(&format!("{path}: {cut}"));
        }
        Ok(Log {
            path: path.to_owned(),
            number,
            crashes: trace::read(&document, &Default::default()).crashes,
        })
    }

    fn pick(&self) -> anyhow::Result<Option<usize>> {
        let picked = dump::pick(&self.crashes, self.number);
        if let (Some(number), None) = (self.number, picked) {
            bail!("{}#{number}: the log has {} crashes and dumps", self.path, self.crashes.len());
        }
        Ok(picked)
    }

    fn side(&self, at: usize, filter: &dump::Filter) -> anyhow::Result<Side<'_>> {
        let crash = self.crashes.get(at).context("no such dump")?;
        Ok(Side::new(crash, at.saturating_add(1), self.crashes.len(), filter))
    }
}

/// `app.log#2` is the second dump of app.log, unless there is a file of that name.
fn numbered(spec: &str) -> (&str, Option<usize>) {
    let split = spec.rsplit_once('#').filter(|_| !Path::new(spec).exists());
    match split.and_then(|(path, number)| Some((path, number.parse().ok()?))) {
        Some((path, number)) => (path, Some(number)),
        None => (spec, None),
    }
}

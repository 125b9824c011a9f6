//! `panicmap scan`: folders, archives and lists of logs, all at once.

use std::io::{self, BufReader, Read};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use panicmap::batch::{
    self, Input, Outcome, Record, Scan, Selection, Summary, Watch, expand, standard_input,
};
use panicmap::binary::Binary;
use panicmap::examine::Examined;
use panicmap::report::{Goroutines, Style, crash_json};
use panicmap::source::{Expansion, Limits};
use panicmap::trace::Hold;
use serde_json::value::RawValue;

use super::given::{binaries, host_of};
use super::progress::Progress;
use super::summary::no_inputs;
use super::terminal::note;
use super::{ScanArgs, status};

pub(super) const AFTER_HELP: &str = "\
Folders are read whole, hidden files too. Archives (tar, zip, ar) and compression are recognised
by their content, in each other too, and nothing is unpacked to disk. The files of one rotation
(app.log, app.log.1, app.log.2.gz, app.log-20261123) are read as one log. A crash that stands in
several files counts once where its text and the microsecond are the same. The file of -o is
replaced once all is written.

Examples:
  panicmap scan /var/log/pods
  panicmap scan bundle.tgz -b ./dist --format html -o crashes.html
  panicmap scan /var/log --since 24h --only goarm-too-high
  find /logs -name '*.gz' -print0 | panicmap scan --paths-from - --format jsonl > crashes.jsonl
  aws s3 cp s3://logs/a.gz - | panicmap scan --label s3://logs/a.gz -

Exit status: 0 all was read; 2 wrong usage; 4 something could not be read in full (0 with
--exit-zero).";

/// Plain files that are longer are read in parts.
const PART: u64 = 64 << 20;
/// Where a ratio begins to count.
const RATIO_FROM: u64 = 64 << 20;
/// Formats that have to be in memory as a whole, inside of others.
const HELD: u64 = 32 << 20;
/// Less than that a crash may not be limited to.
const LEAST_HELD: u64 = 1 << 20;
/// What an internal buffer holds: shorter lines cannot be asked for.
const LEAST_LINE: u64 = 256 << 10;

pub(super) fn run(args: &ScanArgs) -> anyhow::Result<u8> {
    let (inputs, excluded, links) = inputs(args)?;
    if inputs.is_empty() && args.paths.is_empty() && args.paths_from.is_none() {
        return no_inputs();
    }
    let mut unusable = false;
    let (mut found, mut not_all) = (Vec::new(), false);
    for path in &args.binaries {
        let mut failed = false;
        let some = binaries(std::slice::from_ref(path), &mut failed);
        // One damaged file of a folder is told, and the others are there.
        unusable |= failed && some.is_empty();
        not_all |= failed;
        found.extend(some);
    }
    let host = args.host.as_ref().and_then(|spec| host_of(spec, &found, &mut unusable));
    if unusable {
        return Ok(status::UNREADABLE);
    }
    let mut answer = args.summary.answer(Summary::of_scan)?;
    let watch = Arc::new(Watch::default());
    let stop = Arc::clone(&watch);
    ctrlc::set_handler(move || {
        if stop.stopped() {
            // The first one was not enough.
            std::process::exit(130);
        }
        stop.stop();
    })
    .context("cannot wait for Ctrl-C")?;
    let bytes = inputs.iter().map(|input| input.size).fold(0, u64::saturating_add);
    let goroutines = if args.all { Goroutines::All } else { Goroutines::Crashing };
    let shape = Style { goroutines, ..Style::default() };
    let json =
        |examined: &Examined| crash_json(examined, &shape).unwrap_or_else(|_| RawValue::NULL.to_owned());
    let held = usize::try_from(args.max_crash.max(LEAST_HELD)).unwrap_or(usize::MAX);
    let scan = Scan {
        binaries: found.iter().collect::<Vec<&Binary>>(),
        host: host.as_ref(),
        resolver: args.resolver.options(&args.debug_dirs)?,
        limits: Limits {
            streamed_bytes: args.max_bytes,
            depth: args.max_depth,
            layers: args.max_depth,
            held_bytes: HELD,
            archive_bytes: u64::MAX,
            ..Limits::default()
        },
        expansion: Expansion { ratio: args.max_ratio, from: RATIO_FROM },
        longest_line: usize::try_from(args.max_line.max(LEAST_LINE)).unwrap_or(usize::MAX),
        // JSON takes more memory than text.
        hold: Hold { region: held, whole: held / 3 * 2 },
        part: args.part_size.unwrap_or(PART).max(1 << 20),
        jobs: jobs(args),
        crash_json: &json,
        watch: &watch,
    };
    let mut failed = None;
    {
        let _progress = Progress::start(&watch, bytes, !args.summary.streams_to_terminal());
        batch::scan(&scan, &inputs, &mut |record| {
            let failure = failure(&record);
            answer.take(record)?;
            if args.strict && failure.is_some() {
                failed = failure;
                return Err(io::Error::other("stopped by --strict"));
            }
            Ok(())
        })
        .or_else(|error| if failed.is_some() { Ok(()) } else { Err(error) })?;
    }
    if let Some(failure) = failed {
        let written = if answer.has_written() { "not all was written" } else { "nothing was written" };
        note(&format!("{failure}; stopped, as --strict says, and {written}"));
        return Ok(status::NOT_IN_FULL);
    }
    let stopped = watch.stopped();
    let findings = answer.finish()?;
    if stopped {
        note("stopped: this is what was found so far");
    }
    if excluded > 0 {
        let files = if excluded == 1 { "1 file was".to_owned() } else { format!("{excluded} files were") };
        note(&format!("{files} left out by --include and --exclude"));
    }
    if links > 0 {
        let links = if links == 1 { "1 link was".to_owned() } else { format!("{links} links were") };
        note(&format!("{links} left out: the file is read by another name"));
    }
    let is_in_full = findings.counts.failed == 0 && !not_all;
    Ok(if is_in_full || args.exit_zero { status::DONE } else { status::NOT_IN_FULL })
}

fn failure(record: &Record) -> Option<String> {
    match record {
        Record::Document(document) if document.outcome == Outcome::Failed => {
            let reason = document.reason.clone().unwrap_or_default();
            Some(format!("{}: {reason}", document.from.name()))
        }
        _ => None,
    }
}

fn jobs(args: &ScanArgs) -> usize {
    let all = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    args.jobs.map_or_else(all, NonZeroUsize::get)
}

/// The inputs, and how many files were left out: by globs, and as links.
fn inputs(args: &ScanArgs) -> anyhow::Result<(Vec<Input>, u64, u64)> {
    let selection = Selection::new(&args.include, &args.exclude).map_err(anyhow::Error::msg)?;
    let mut paths = args.paths.clone();
    if let Some(list) = &args.paths_from {
        let reader: Box<dyn Read> = if list == "-" {
            Box::new(io::stdin())
        } else {
            Box::new(std::fs::File::open(list).with_context(|| format!("--paths-from {list}"))?)
        };
        let mut all = Vec::new();
        BufReader::new(reader).read_to_end(&mut all).with_context(|| format!("--paths-from {list}"))?;
        paths.extend(listed(&all).map(path));
    }
    let stdin = paths.iter().any(|path| path.as_os_str() == "-");
    if stdin && args.paths_from.as_deref() == Some("-") {
        bail!("standard input is the list of --paths-from, and cannot be a log too");
    }
    if !stdin && args.label.is_some() {
        bail!("--label names standard input, which is not read: give `-` too");
    }
    paths.retain(|path| path.as_os_str() != "-");
    let mut found = expand(&paths, &selection);
    if stdin {
        found.inputs.push(standard_input(args.label.as_deref().unwrap_or("-")));
        found.inputs.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok((found.inputs, found.excluded, found.links))
}

/// The paths of a list: as `find -print0` writes them where there is a NUL in it, since
/// a path can hold a newline; else one a line.
fn listed(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let nul = memchr::memchr(0, list).is_some();
    let end = if nul { 0 } else { b'\n' };
    let paths = list.split(move |byte| *byte == end);
    let paths = paths.map(move |path| if nul { path } else { path.strip_suffix(b"\r").unwrap_or(path) });
    paths.filter(|path| !path.is_empty())
}

#[cfg(unix)]
fn path(line: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(line))
}

#[cfg(not(unix))]
fn path(line: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(line).into_owned())
}

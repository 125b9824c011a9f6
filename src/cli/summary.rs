//! What `scan`, `merge` and `show` have in common: which crashes count, and how the
//! answer is written.

use std::io::{self, IsTerminal};

use anyhow::{Context, bail};
use clap::Args;
use jiff::{SignedDuration, Timestamp, civil};
use panicmap::batch::{Baseline, Filter, Findings, Record, Summary, Verdict};
use panicmap::diagnose::RULES;
use panicmap::near::near;
use panicmap::report::{self, SCAN_FORMATS, ScanFormat, Style, Written};
use panicmap::source::{self, Limits};

use super::SinkArgs;
use super::replace::Target;
use super::terminal::{note, style};

/// Which crashes count, and what they are held against.
#[derive(Args)]
pub(super) struct CountedArgs {
    /// Only crashes from this time on, and which of them are new since then: `2026-11-23`,
    /// `2026-11-23T04:00`, with an offset or in UTC; `2h`, `3d`: so long ago
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<i64>,
    /// Only crashes before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<i64>,
    /// Only crashes with a finding of this fault; repeatable
    #[arg(long, value_name = "FAULT", value_parser = fault)]
    only: Vec<String>,
    /// An earlier result (JSON or JSON lines), to say what is new, gone and growing
    #[arg(long, value_name = "FILE")]
    baseline: Option<String>,
}

#[derive(Args)]
pub(super) struct SummaryArgs {
    #[command(flatten)]
    counted: CountedArgs,
    /// Only the N first groups
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// How to write the result; jsonl has a record a crash and document
    #[arg(long, value_name = "FORMAT", default_value = "text",
          value_parser = clap::builder::PossibleValuesParser::new(SCAN_FORMATS.iter().map(|format| format.name)))]
    format: String,
    #[command(flatten)]
    sink: SinkArgs,
}

/// Takes records and writes the answer.
pub(super) struct Answer {
    format: &'static ScanFormat,
    filter: Filter,
    summary: Summary,
    baseline: Option<Baseline>,
    style: Style,
    out: Target,
    has_written: bool,
}

impl CountedArgs {
    pub(super) fn baseline(&self) -> anyhow::Result<Option<Baseline>> {
        let Some(path) = &self.baseline else { return Ok(None) };
        let mut summary = Summary::default();
        let mut result = None::<Vec<u8>>;
        let cut = lines(path, &mut |number, line| {
            if number == 1 && is_result(line) {
                result = Some(Vec::new());
            }
            match &mut result {
                Some(result) => {
                    result.extend_from_slice(line);
                    result.push(b'\n');
                }
                None => match Record::parse(&String::from_utf8_lossy(line)) {
                    Ok(record) => summary.add(record),
                    Err(why) => bail!("{path}, line {number}: {why}"),
                },
            }
            Ok(())
        })?;
        if let Some(cut) = cut {
            bail!("{path}: {cut}");
        }
        let Some(result) = result else { return Ok(Some(Baseline::of(&summary.finish().groups))) };
        let result = Baseline::parse(&String::from_utf8_lossy(&result));
        Ok(Some(result.map_err(|why| anyhow::anyhow!("{path}: {why}"))?))
    }

    pub(super) fn filter(&self) -> Filter {
        Filter { since: self.since, until: self.until, only: self.only.clone() }
    }
}

impl SummaryArgs {
    /// `summary` is made of the filter: what a scan keeps is bounded.
    pub(super) fn answer(&self, summary: fn(Filter) -> Summary) -> anyhow::Result<Answer> {
        let name = self.sink.format(&self.format);
        let format = SCAN_FORMATS.iter().find(|format| format.name == name).context("no such format")?;
        if matches!(format.written, Written::Records(_))
            && (self.top.is_some() || self.counted.baseline.is_some())
        {
            bail!(
                "--top and --baseline are about groups: give them to `merge` or another --format than jsonl"
            );
        }
        let filter = self.counted.filter();
        let to_terminal = self.sink.output.is_none() && io::stdout().is_terminal();
        Ok(Answer {
            format,
            summary: summary(filter.clone()),
            filter,
            baseline: self.counted.baseline()?,
            style: Style { top: self.top, ..style(self.sink.color, to_terminal) },
            out: Target::open(self.sink.output.as_deref())?,
            has_written: false,
        })
    }

    /// Records go to a terminal as they come.
    pub(super) fn streams_to_terminal(&self) -> bool {
        self.format == "jsonl" && self.sink.output.is_none() && io::stdout().is_terminal()
    }
}

impl Answer {
    /// The order of the records matters to the output.
    pub(super) fn is_streamed(&self) -> bool {
        matches!(self.format.written, Written::Records(_))
    }

    pub(super) fn take(&mut self, record: Record) -> io::Result<()> {
        if let Written::Records(write) = self.format.written {
            let counts = match &record {
                Record::Crash(crash) => self.filter.verdict(crash) == Verdict::Taken,
                Record::Document(_) => true,
            };
            if counts {
                write(&record, &mut self.out)?;
                self.has_written = true;
            }
        }
        self.summary.add(record);
        Ok(())
    }

    /// Records have gone where they cannot be taken back.
    pub(super) fn has_written(&self) -> bool {
        self.has_written && !self.out.is_replaced()
    }

    /// Writes what is left to write; gives what was found.
    pub(super) fn finish(mut self) -> anyhow::Result<Findings> {
        let mut findings = self.summary.finish();
        if self.baseline.is_some() {
            findings.baseline = self.baseline;
        }
        if let Written::Findings(write) = self.format.written {
            write(&findings, &self.style, &mut self.out)?;
        }
        self.out.finish()?;
        report::untold(&findings, self.format.untold).iter().for_each(|line| note(line));
        Ok(findings)
    }
}

/// A point in time, in milliseconds since 1970.
fn time(text: &str) -> Result<i64, String> {
    let wrong = || {
        format!(
            "`{text}` is no time: give 2026-11-23, 2026-11-23T04:00 (UTC), 2026-11-23T04:00:00+01:00, or 2h, 3d"
        )
    };
    if let Some(ago) = ago(text) {
        let at = Timestamp::now().checked_sub(ago).map_err(|_| wrong())?;
        return Ok(at.as_millisecond());
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at.as_millisecond());
    }
    // The rules of a zone are not at hand: what it says besides would be passed over.
    if text.contains('[') {
        return Err(wrong());
    }
    let day = || text.parse::<civil::Date>().ok().map(|day| day.at(0, 0, 0, 0));
    let at = text.parse::<civil::DateTime>().ok().or_else(day).ok_or_else(wrong)?;
    let at = jiff::tz::Offset::UTC.to_timestamp(at).map_err(|_| wrong())?;
    Ok(at.as_millisecond())
}

/// `90m`, `2h`, `3d`, `2w`
fn ago(text: &str) -> Option<SignedDuration> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(at)?;
    let hours = match unit {
        "m" | "min" => return number.parse().ok().map(SignedDuration::from_mins),
        "h" => 1,
        "d" => 24,
        "w" => 7 * 24,
        _ => return None,
    };
    let number: i64 = number.parse().ok()?;
    // Longer than that is not meant.
    number.checked_mul(hours).filter(|hours| *hours < 1 << 32).map(SignedDuration::from_hours)
}

fn fault(id: &str) -> Result<String, String> {
    if RULES.iter().any(|rule| rule.id == id) {
        return Ok(id.to_owned());
    }
    let near = near(id, RULES.iter().map(|rule| rule.id));
    let hint = if near.is_empty() { String::new() } else { format!("; there is {}", near.join(", ")) };
    Err(format!("no such fault{hint} (`panicmap explain` lists them)"))
}

/// Lines that are no records and are told of each file.
const TOLD: u64 = 10;

/// Reads the records of results; what is no record is told, and counts as not read.
pub(super) fn records(path: &str, each: &mut dyn FnMut(Record) -> io::Result<()>) -> anyhow::Result<u64> {
    let mut wrong = 0u64;
    let cut = lines(path, &mut |number, line| {
        if number == 1 && is_result(line) {
            bail!("{path}: a summary; what can be joined and shown is the records, of --format jsonl");
        }
        match Record::parse(&String::from_utf8_lossy(line)) {
            Ok(record) => each(record)?,
            Err(why) => {
                wrong = wrong.saturating_add(1);
                if wrong <= TOLD {
                    note(&format!("{path}, line {number}: {why}"));
                }
            }
        }
        Ok(())
    })?;
    if let Some(more) = wrong.checked_sub(TOLD).filter(|more| *more > 0) {
        note(&format!("{path}: {more} more lines are no records"));
    }
    if let Some(cut) = cut {
        wrong = wrong.saturating_add(1);
        note(&format!("{path}: {cut}"));
    }
    Ok(wrong)
}

/// The first line of a result in JSON, which is no record.
fn is_result(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line == b"{" || line.starts_with(b"{\"schema\":")
}

/// Hands out the lines of a file that are not empty, with their numbers; gives what has
/// cut it short.
fn lines(
    path: &str,
    each: &mut dyn FnMut(u64, &[u8]) -> anyhow::Result<()>,
) -> anyhow::Result<Option<String>> {
    let mut log = source::Log::open(path, Limits::default())?;
    let (mut pending, mut buffer) = (Vec::new(), Vec::new());
    let mut number = 0u64;
    let mut line = |line: &[u8]| {
        number = number.saturating_add(1);
        // Some shells begin a file with a byte order mark.
        let line = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(line);
        if line.trim_ascii().is_empty() { Ok(()) } else { each(number, line) }
    };
    loop {
        let piece = log.next(&mut buffer);
        if piece.is_empty() {
            break;
        }
        pending.extend_from_slice(piece);
        let mut start = 0usize;
        while let Some(length) = pending.get(start..).and_then(|rest| memchr::memchr(b'\n', rest)) {
            let end = start.saturating_add(length);
            line(pending.get(start..end).unwrap_or_default())?;
            start = end.saturating_add(1);
        }
        pending.drain(..start);
    }
    line(&pending)?;
    Ok(log.cut)
}

/// `64MiB`, `1G`, `4096`
pub(super) fn size(text: &str) -> Result<u64, String> {
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(at).unwrap_or((text, ""));
    let shift = match unit.trim_end_matches("iB").trim_end_matches('B').to_ascii_uppercase().as_str() {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err(format!("`{text}` is no size: give bytes, or 64K, 16M, 4G")),
    };
    let number: u64 =
        number.parse().map_err(|_| format!("`{text}` is no size: give bytes, or 64K, 16M, 4G"))?;
    number.checked_mul(1 << shift).ok_or_else(|| format!("`{text}` is too much"))
}

pub(super) fn no_inputs() -> anyhow::Result<u8> {
    bail!("no PATH given: name files or folders, `-` for standard input, or --paths-from FILE; see --help")
}

//! `panicmap show`: one group of a result in full.

use std::io::{self, IsTerminal};

use anyhow::bail;
use panicmap::batch::Summary;
use panicmap::report;

use super::replace::Target;
use super::summary::records;
use super::terminal::style;
use super::{Colour, ShowArgs, status};

pub(super) const AFTER_HELP: &str = "\
Examples:
  panicmap scan /var/log --format jsonl -o crashes.jsonl
  panicmap show 3 crashes.jsonl                  # the group with number 3
  panicmap show pm1:8cd1516d678f7c0c crashes.jsonl";

pub(super) fn run(args: &ShowArgs) -> anyhow::Result<u8> {
    let mut summary = Summary::new(args.counted.filter());
    let mut wrong = 0u64;
    for file in &args.files {
        wrong = wrong.saturating_add(records(file, &mut |record| {
            summary.add(record);
            Ok(())
        })?);
    }
    let mut findings = summary.finish();
    if let Some(baseline) = args.counted.baseline()? {
        findings.baseline = Some(baseline);
    }
    let style = style(Colour::Never, args.output.is_none() && io::stdout().is_terminal());
    let mut out = Target::open(args.output.as_deref())?;
    if let Err(why) = report::show(&findings, &args.group, &style, &mut out)? {
        bail!(why);
    }
    out.finish()?;
    Ok(if wrong > 0 { status::NOT_IN_FULL } else { status::DONE })
}

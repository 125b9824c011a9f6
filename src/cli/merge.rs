//! `panicmap merge`: records of several scans, joined.

use std::io;

use panicmap::batch::{Record, Summary, distinct};

use super::summary::records;
use super::{MergeArgs, status};

pub(super) const AFTER_HELP: &str = "\
The order of the records makes no difference, and those that come again are dropped by their
id: results of workers that were started twice can be joined, and joined results joined again.

Examples:
  panicmap merge part-*.jsonl
  panicmap merge part-*.jsonl --format jsonl -o all.jsonl
  cat part-*.jsonl | panicmap merge --format html -o crashes.html";

pub(super) fn run(args: &MergeArgs) -> anyhow::Result<u8> {
    let mut answer = args.summary.answer(Summary::new)?;
    let stdin = ["-".to_owned()];
    let files = if args.files.is_empty() { &stdin[..] } else { &args.files };
    let mut wrong = 0u64;
    if answer.is_streamed() {
        let mut all: Vec<Record> = Vec::new();
        for file in files {
            let found = records(file, &mut |record| {
                all.push(record);
                Ok(())
            })?;
            wrong = wrong.saturating_add(found);
        }
        distinct(all).into_iter().try_for_each(|record| answer.take(record))?;
    } else {
        let mut take = |record| -> io::Result<()> { answer.take(record) };
        for file in files {
            wrong = wrong.saturating_add(records(file, &mut take)?);
        }
    }
    let findings = answer.finish()?;
    let failed = wrong > 0 || findings.counts.failed > 0;
    Ok(if failed { status::NOT_IN_FULL } else { status::DONE })
}

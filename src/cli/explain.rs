//! `panicmap explain`: the documentation of the rules.

use std::io::Write;

use anyhow::bail;
use panicmap::diagnose::{RULES, rule};
use panicmap::report::fill;

use super::terminal::Output;
use super::{ExplainArgs, status};

pub(super) fn run(args: &ExplainArgs) -> anyhow::Result<u8> {
    let mut out = Output::open(&args.output)?;
    let width = out.style.width;
    match &args.id {
        None => {
            for rule in RULES {
                writeln!(out, "{:<24} {}", rule.id, rule.title)?;
            }
        }
        Some(id) => {
            let Some(rule) = rule(id) else {
                let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
                bail!("{id}: no such fault; known are {}", known.join(", "));
            };
            writeln!(out, "{}: {}", rule.id, rule.title)?;
            let docs = &rule.docs;
            for (heading, text) in [
                ("What", docs.what),
                ("Why", docs.why),
                ("Evidence", docs.evidence),
                ("Look-alikes", docs.look_alikes),
                ("Fix", docs.fix),
                ("Since", docs.since),
            ] {
                writeln!(out, "\n{heading}\n{}", fill(text, "  ", width))?;
            }
        }
    }
    out.flush()?;
    Ok(status::DONE)
}

//! `panicmap resolve`: addresses to function, file and line.

use std::io::{BufRead, Write};

use anyhow::Context;
use panicmap::addr::{LoadBias, RuntimeAddr};
use panicmap::binary::Binary;
use panicmap::report::escape::printable;
use panicmap::report::symbols_json;
use panicmap::source::Limits;
use panicmap::symbolize::{Symbolizer, Symbols, Unresolved};

use super::terminal::{Output, note};
use super::{ResolveArgs, status};

pub(super) fn run(args: &ResolveArgs) -> anyhow::Result<u8> {
    let binary = Binary::open(&args.binary, Limits::default())?;
    let bias =
        LoadBias(parse(&args.bias).with_context(|| format!("--bias {}: expected a hex number", args.bias))?);
    let symbolizer = Symbolizer::new(&binary, args.resolver.options(&args.debug_dirs)?);
    let mut out = Output::open(&args.output)?;
    let mut bad: u64 = 0;
    let mut known = false;
    let mut resolved = Vec::new();
    let mut one = |text: &str, out: &mut Output| -> anyhow::Result<()> {
        let text = text.trim();
        let Some(address) = parse(text) else {
            bad = bad.saturating_add(u64::from(!text.is_empty()));
            return Ok(());
        };
        let link = RuntimeAddr(address).to_link(bias);
        let outcome = symbolizer.resolve(if args.calls { link.call_site() } else { link });
        known |= outcome.is_ok();
        if out.json {
            resolved.push((format!("{address:#x}"), outcome));
            return Ok(());
        }
        line(address, &outcome, out)
    };
    if args.addresses.is_empty() {
        for text in std::io::stdin().lock().lines() {
            one(&text.context("standard input")?, &mut out)?;
        }
    } else {
        args.addresses.iter().try_for_each(|text| one(text, &mut out))?;
    }
    if out.json {
        symbols_json(&resolved, &mut out)?;
    }
    out.flush()?;
    symbolizer.remarks().iter().for_each(|remark| note(remark));
    if !known {
        // Nothing had a name: perhaps it is no Go program at all.
        binary.require_go()?;
    }
    if bad > 0 {
        note(&format!("{bad} of the addresses were no hex numbers and were skipped"));
        return Ok(status::UNREADABLE);
    }
    Ok(status::DONE)
}

fn parse(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("0x").or(text.strip_prefix("0X")).unwrap_or(text), 16).ok()
}

/// One line an address: the innermost location first, callers after `<`; then
/// the debug file, where names are from one.
fn line(address: u64, outcome: &Result<Symbols, Unresolved>, out: &mut Output) -> anyhow::Result<()> {
    write!(out, "{address:#x}")?;
    match outcome {
        Ok(symbols) => {
            for (index, location) in symbols.locations.iter().enumerate() {
                let sign = if index == 0 { "" } else { " <" };
                write!(out, "{sign} {}", printable(&location.function))?;
                if let Some(file) = &location.file {
                    write!(out, " {}", printable(file))?;
                    if let Some(line) = location.line {
                        write!(out, ":{line}")?;
                    }
                }
            }
            if symbols.debug_file.is_some() {
                write!(out, "  [{}]", printable(&symbols.source()))?;
            }
        }
        Err(reason) => write!(out, " ?? ({reason})")?,
    }
    writeln!(out)?;
    Ok(())
}

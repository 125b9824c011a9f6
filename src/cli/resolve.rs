//! `panicmap resolve`: addresses and places in functions to function, file and
//! line.

use std::io::{BufRead, Write};

use anyhow::Context;
use panicmap::addr::{LinkAddr, LoadBias, RuntimeAddr};
use panicmap::binary::Binary;
use panicmap::report::escape::printable;
use panicmap::report::symbols_json;
use panicmap::source::Limits;
use panicmap::symbolize::{Symbolizer, Symbols, Unresolved};

use super::terminal::{Output, note};
use super::{ResolveArgs, addr2line, status};

pub(super) const AFTER_HELP: &str = "\
Examples:
  panicmap resolve ./app 0x4826c1 4826c1
  panicmap resolve ./app main.main+0x1d          # a frame of a traceback; `main.main`: its entry,
                                                 # of each function of that name
  grep -o '0x[0-9a-f]*' log | panicmap resolve ./app --calls
  alias addr2line='panicmap resolve --addr2line' # then: addr2line -e app -fip 0x4826c1

Hex digits alone are an address, as for addr2line; --decimal reads bare digits as decimal.";

type Outcome = Result<Symbols, Unresolved>;

pub(super) fn run(args: &ResolveArgs) -> anyhow::Result<u8> {
    // With -e, and for addr2line, the first argument is no file.
    let (path, first) = match (&args.exe, &args.binary) {
        (Some(exe), first) => (exe.as_str(), first.as_ref()),
        (None, first) if args.addr2line => ("a.out", first.as_ref()),
        (None, binary) => (binary.as_deref().unwrap_or_default(), None),
    };
    let binary = Binary::open(path, Limits::default())?;
    let bias =
        LoadBias(hex(&args.bias).with_context(|| format!("--bias {}: expected a hex number", args.bias))?);
    let mut job = Job {
        args,
        bias,
        symbolizer: Symbolizer::new(&binary, args.resolver.options(&args.debug_dirs)?),
        wide: binary.image.pointer_size == 8,
        out: Output::open(&args.output)?,
        resolved: Vec::new(),
        known: false,
        bad: 0,
    };
    if first.is_none() && args.addresses.is_empty() {
        for text in std::io::stdin().lock().lines() {
            job.one(&text.context("standard input")?)?;
        }
    } else {
        first.into_iter().chain(&args.addresses).try_for_each(|text| job.one(text))?;
    }
    if job.out.json {
        symbols_json(&job.resolved, &mut job.out)?;
    }
    job.out.flush()?;
    job.symbolizer.remarks().iter().for_each(|remark| note(remark));
    if !job.known {
        // Nothing had a name: perhaps it is no Go program at all.
        binary.require_go()?;
    }
    if job.bad > 0 {
        note(&format!(
            "{} of the addresses were neither hex numbers nor functions of {path}, and were skipped",
            job.bad
        ));
        return Ok(status::UNREADABLE);
    }
    Ok(status::DONE)
}

struct Job<'a> {
    args: &'a ResolveArgs,
    bias: LoadBias,
    symbolizer: Symbolizer<'a>,
    wide: bool,
    out: Output,
    resolved: Vec<(String, Outcome)>,
    known: bool,
    bad: u64,
}

impl Job<'_> {
    fn one(&mut self, text: &str) -> anyhow::Result<()> {
        let text = text.trim();
        if self.args.addr2line {
            // addr2line reads what it can, and 0 where there is nothing.
            let address = hex(text).unwrap_or(0);
            return self.address(address, RuntimeAddr(address).to_link(self.bias));
        }
        if text.is_empty() {
            return Ok(());
        }
        if let Some(address) = self.number(text) {
            return self.address(address, RuntimeAddr(address).to_link(self.bias));
        }
        let places = self.places(text);
        if places.is_empty() {
            self.bad = self.bad.saturating_add(1);
        }
        places.into_iter().try_for_each(|link| self.address(link.0.wrapping_add(self.bias.0), link))
    }

    fn number(&self, text: &str) -> Option<u64> {
        if self.args.decimal && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok();
        }
        hex(text)
    }

    /// `function` or `function+0xOFFSET`, for each function of the name.
    fn places(&self, text: &str) -> Vec<LinkAddr> {
        let (name, offset) = match text.rsplit_once("+0x") {
            Some((name, offset)) => match u64::from_str_radix(offset, 16) {
                Ok(offset) => (name, offset),
                Err(_) => return Vec::new(),
            },
            None => (text, 0),
        };
        self.symbolizer.entries(name).into_iter().map(|entry| entry.offset(offset)).collect()
    }

    fn address(&mut self, address: u64, link: LinkAddr) -> anyhow::Result<()> {
        let mut outcome = self.symbolizer.resolve(if self.args.calls { link.call_site() } else { link });
        self.known |= outcome.is_ok();
        let all = if self.args.addr2line { self.args.inlines } else { !self.args.no_inlines };
        if let (false, Ok(symbols)) = (all, &mut outcome) {
            symbols.locations.truncate(1);
        }
        if self.args.addr2line {
            return addr2line::write(self.args, address, self.wide, &outcome, &mut self.out);
        }
        if self.out.json {
            self.resolved.push((format!("{address:#x}"), outcome));
            return Ok(());
        }
        line(address, &outcome, &mut self.out)
    }
}

fn hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("0x").or(text.strip_prefix("0X")).unwrap_or(text), 16).ok()
}

/// One line an address: the innermost location first, callers after `<`; then
/// the debug file, where names are from one.
fn line(address: u64, outcome: &Outcome, out: &mut Output) -> anyhow::Result<()> {
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

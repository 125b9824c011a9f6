//! `panicmap check`: will an executable run there, and is it what was meant?

use std::io::Write;

use panicmap::binary::{self, Binary};
use panicmap::check::{Expectation, Outlook, check};
use panicmap::host::{self, Host, Wanted};
use panicmap::report::{CHECK_FORMATS, Checks};
use panicmap::source::Limits;

use super::terminal::{Output, complain};
use super::{CheckArgs, FailOn, OutputArgs, status};

pub(super) const AFTER_HELP: &str = "\
Exit status: 0 nothing speaks against it; 1 something does, or the build is not as expected;
2 wrong usage, or an input that could not be read.

Examples:
  panicmap check ./app --on linux/arm/6
  panicmap check ./app --on linux/amd64,alpine --on linux/amd64,debian:11
  panicmap check ./app --host board:raspberry-pi-1
  panicmap check ./app --expect linux/arm64,CGO_ENABLED=0,static --format github";

pub(super) fn run(args: &CheckArgs) -> anyhow::Result<u8> {
    let expected = args.expect.as_deref().map(Expectation::list).transpose()?.unwrap_or_default();
    let mut failed = false;
    let binaries = binaries(&args.binaries, &mut failed);
    let hosts = hosts(args, &binaries, &mut failed)?;
    let mut checked = Vec::new();
    for binary in &binaries {
        let path = binary.origin.to_string();
        if hosts.is_empty() && args.on.is_empty() && args.hosts.is_empty() {
            checked.push(check(&path, binary, None, &expected));
        }
        for (index, host) in hosts.iter().enumerate() {
            // A build that is not as expected is so once, not at every place.
            let expected = if index == 0 { expected.as_slice() } else { &[] };
            checked.push(check(&path, binary, Some(host), expected));
        }
    }
    let fail_on = match args.fail_on {
        FailOn::Certain => Outlook::Fails,
        FailOn::Likely => Outlook::Unlikely,
        FailOn::Possible => Outlook::Doubtful,
    };
    let checks = Checks { checked, fail_on };
    let mut out = Output::open(&OutputArgs {
        format: args.format.clone(),
        json: args.json,
        color: args.color,
        output: args.output.clone(),
    })?;
    let name = if args.json { "json" } else { args.format.as_str() };
    let style = out.style.clone();
    if let Some(format) = CHECK_FORMATS.iter().find(|format| format.name == name) {
        (format.write)(&checks, &style, &mut out)?;
    }
    out.flush()?;
    Ok(match (failed, checks.failed()) {
        (true, _) => status::UNREADABLE,
        (false, true) => status::DIFFERENT,
        (false, false) => status::DONE,
    })
}

fn binaries(paths: &[String], failed: &mut bool) -> Vec<Binary> {
    let mut out = Vec::new();
    for path in paths {
        match binary::find(path, Limits::default()) {
            Ok(found) => {
                out.extend(found.binaries);
                for problem in found.problems {
                    *failed = true;
                    complain(&problem.into());
                }
            }
            Err(error) => {
                *failed = true;
                complain(&error.into());
            }
        }
    }
    out
}

/// A target that is misspelt ends the run; a machine whose description cannot be
/// read does not keep the others from being looked at.
fn hosts(args: &CheckArgs, binaries: &[Binary], failed: &mut bool) -> anyhow::Result<Vec<Host>> {
    let mut out = args.on.iter().map(|spec| host::target(spec)).collect::<Result<Vec<_>, _>>()?;
    let wanted = Wanted::of(binaries.iter().map(Binary::facts));
    for spec in &args.hosts {
        match host::open(spec, &wanted) {
            Ok(host) => out.push(host),
            Err(error) => {
                *failed = true;
                complain(&error.into());
            }
        }
    }
    Ok(out)
}

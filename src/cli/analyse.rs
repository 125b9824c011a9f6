//! The main job: crash logs in, headline, cause, stack and facts out.

use std::io::{IsTerminal, Write};

use anyhow::{Context, bail};
use panicmap::envelope::{self, FORMATS as FORMATS_OF_LINES};
use panicmap::examine::{Examiner, Inputs, Outcome, examine};
use panicmap::report::FORMATS;
use panicmap::source::{Limits, Log};
use panicmap::trace::{Remark, Unwrapping, supervisor};

use super::given::{binaries, host_of};
use super::terminal::{Output, complain, note};
use super::{AnalyseArgs, core, follow, status};

pub(super) fn run(args: &AnalyseArgs) -> anyhow::Result<u8> {
    if args.envelopes.iter().any(|name| name == "list") {
        return list_envelopes();
    }
    let unwrapping = unwrapping(&args.envelopes)?;
    let ended = ended(args)?;
    let told = args.exit_code.is_some() || args.signal.is_some();
    let resolver = args.resolver.options(&args.debug_dirs)?;
    let mut failed = false;
    let binaries = binaries(&args.binaries, &mut failed);
    let core = args.core.as_ref().map(|path| core::beside(path, &binaries)).transpose()?;
    let host = match &args.host {
        Some(spec) => host_of(spec, &binaries, &mut failed),
        None => core.as_ref().map(|beside| beside.host.clone()),
    };
    if args.follow || args.pass {
        let examiner = Examiner::new(binaries.iter().collect(), host.as_ref(), resolver);
        let status = follow::run(args, &examiner, unwrapping, output(args)?)?;
        return Ok(if failed { status::UNREADABLE } else { status });
    }
    let logs = logs(args, told || (!binaries.is_empty() && host.is_some()), &mut failed)?;
    let asked_for_logs = told || !logs.is_empty();
    let inputs = Inputs {
        logs,
        binaries: binaries.iter().collect(),
        host: host.as_ref(),
        resolver,
        unwrapping,
        ended,
        beside: core.and_then(|beside| beside.crash),
    };
    let outcome = examine(inputs);
    let mut out = output(args)?;
    let style = out.style.clone();
    if let Some(format) = FORMATS.iter().find(|format| format.name == args.output.format()) {
        (format.write)(&outcome, &style, &mut out)?;
    }
    out.flush()?;
    let status = if failed {
        status::UNREADABLE
    } else if outcome.empty() && asked_for_logs {
        match args.exit_code {
            Some(_) if outcome.looked.bytes == 0 => note("exit code 0: the process ended without an error"),
            _ => say_no_crash(&outcome),
        }
        status::NO_CRASH
    } else {
        status::DONE
    };
    if outcome.looked.repeated_errors > 0 {
        note(&format!("{} more lines tell errors that are in the report", outcome.looked.repeated_errors));
    }
    // The process ends here; freeing a large dump piece by piece is lost time.
    std::mem::forget(outcome);
    Ok(status)
}

/// How the process ended, as the user knows it.
fn ended(args: &AnalyseArgs) -> anyhow::Result<Option<Remark>> {
    let wrong = |option: &str| {
        let option = option.to_owned();
        move |why: String| anyhow::anyhow!("{option}: {why}")
    };
    match (&args.exit_code, &args.signal) {
        (Some(code), _) => supervisor::exit_code(code).map_err(wrong("--exit-code")),
        (None, Some(signal)) => supervisor::signal(signal).map(Some).map_err(wrong("--signal")),
        (None, None) => Ok(None),
    }
}

/// The output, with all that was asked for of its style.
fn output(args: &AnalyseArgs) -> anyhow::Result<Output> {
    let mut out = Output::open(&args.output)?;
    out.style.all = args.all;
    out.style.explain_signature = args.explain_signature;
    args.select.apply(&mut out.style);
    Ok(out)
}

fn list_envelopes() -> anyhow::Result<u8> {
    let rows = FORMATS_OF_LINES.iter().map(|format| format!("{:<16}{}\n", format.name, format.title));
    super::print(&rows.chain(["plain           nothing is taken off\n".to_owned()]).collect::<String>())
}

fn unwrapping(names: &[String]) -> anyhow::Result<Unwrapping> {
    match names {
        [] => Ok(Unwrapping::Auto),
        [plain] if plain == "plain" => Ok(Unwrapping::Plain),
        names => {
            let format = |name: &String| {
                envelope::find(name).with_context(|| {
                    format!("--envelope {name}: no such format; `panicmap --envelope list` prints them")
                })
            };
            Ok(Unwrapping::Forced(names.iter().map(format).collect::<anyhow::Result<_>>()?))
        }
    }
}

fn logs(args: &AnalyseArgs, enough_without: bool, failed: &mut bool) -> anyhow::Result<Vec<Log>> {
    let mut files = args.files.clone();
    if files.is_empty() {
        if !std::io::stdin().is_terminal() {
            files.push("-".to_owned());
        } else if !enough_without {
            bail!(
                "no log given: name a file, or pipe one in (`kubectl logs -p pod | panicmap -b ./app`); see --help"
            );
        }
    }
    let mut out = Vec::new();
    for file in &files {
        match Log::open(file, Limits::default()) {
            Ok(log) => out.push(log),
            Err(error) => {
                *failed = true;
                complain(&error.into());
            }
        }
    }
    Ok(out)
}

fn say_no_crash(outcome: &Outcome<'_>) {
    let looked = &outcome.looked;
    if looked.bytes == 0 {
        note(
            "no Go crash found: the input is empty (a program that dies of SIGILL or SIGKILL prints nothing: \
              give its executable and host, -b APP --host CARD)",
        );
        return;
    }
    let inputs =
        if looked.documents == 1 { "1 input".to_owned() } else { format!("{} inputs", looked.documents) };
    note(&format!(
        "no Go crash found: looked at {} lines ({} bytes) of {inputs} for panics, fatal errors, signals, goroutine \
         stacks, profiles, race and sanitizer reports, and what shells, loaders and kernels say of a program that does not start",
        looked.lines, looked.bytes
    ));
    if looked.suspects > 0 {
        note(&format!(
            "{} lines hold parts of a trace behind other text, as collectors write it: give the plain text \
             (journalctl -o cat, docker logs, jq -r .log)",
            looked.suspects
        ));
    }
}

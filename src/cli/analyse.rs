//! The main job: crash logs in, headline, cause, stack and facts out.

use std::io::{IsTerminal, Write};

use anyhow::bail;
use panicmap::binary::Binary;
use panicmap::examine::{Inputs, Outcome, examine};
use panicmap::host::{self, Host, Wanted};
use panicmap::report::FORMATS;
use panicmap::source::{self, Document, Limits};

use super::terminal::{Output, complain, note};
use super::{AnalyseArgs, status};

pub(super) fn run(args: &AnalyseArgs) -> anyhow::Result<u8> {
    let mut failed = false;
    let binaries = binaries(&args.binaries, &mut failed);
    let host = match &args.host {
        Some(spec) => host_of(spec, &binaries, &mut failed),
        None => None,
    };
    let documents = documents(args, !binaries.is_empty() && host.is_some(), &mut failed)?;
    let asked_for_logs = !documents.is_empty();
    let inputs = Inputs {
        documents,
        binaries: binaries.iter().collect(),
        host: host.as_ref(),
        resolver: args.resolver.into(),
    };
    let outcome = examine(inputs);
    let mut out = Output::open(&args.output)?;
    out.style.all = args.all;
    let style = out.style;
    if let Some(format) = FORMATS.iter().find(|format| format.name == args.output.format) {
        (format.write)(&outcome, &style, &mut out)?;
    }
    out.flush()?;
    let status = if failed {
        status::UNREADABLE
    } else if outcome.empty() && asked_for_logs {
        say_no_crash(&outcome);
        status::NO_CRASH
    } else {
        status::DONE
    };
    // The process ends here; freeing a large dump piece by piece is lost time.
    std::mem::forget(outcome);
    Ok(status)
}

/// What cannot be read is said, and the rest is still analysed.
fn binaries(paths: &[String], failed: &mut bool) -> Vec<Binary> {
    let open = |path: &String| {
        let binary = Binary::open(path, Limits::default())?;
        binary.require_go()?;
        Ok(binary)
    };
    let mut out = Vec::new();
    for path in paths {
        match open(path) {
            Ok(binary) => out.push(binary),
            Err(error) => {
                *failed = true;
                complain(&anyhow::Error::new::<panicmap::error::Error>(error));
            }
        }
    }
    out
}

fn host_of(spec: &str, binaries: &[Binary], failed: &mut bool) -> Option<Host> {
    let mut wanted = Wanted::default();
    for facts in binaries.iter().map(Binary::facts) {
        wanted.files.extend(facts.interpreter().map(str::to_owned));
        wanted.libraries.extend(facts.needed().iter().cloned());
    }
    match host::open(spec, &wanted) {
        Ok(host) => Some(host),
        Err(error) => {
            *failed = true;
            complain(&error.into());
            None
        }
    }
}

fn documents(args: &AnalyseArgs, enough_without: bool, failed: &mut bool) -> anyhow::Result<Vec<Document>> {
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
        match source::open(file, Limits::default()) {
            Ok(document) => out.push(document),
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
         stacks, race reports, and what shells, loaders and kernels say of a program that does not start",
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

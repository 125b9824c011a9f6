//! `panicmap inspect`: what an executable says about itself.

use std::io::Write;

use panicmap::binary;
use panicmap::report::{Style, inspect_json, inspect_text};
use panicmap::source::Limits;

use super::terminal::{Output, complain, note};
use super::{InspectArgs, status};

pub(super) fn run(args: &InspectArgs) -> anyhow::Result<u8> {
    let mut failed = false;
    let mut binaries = Vec::new();
    for path in &args.binaries {
        let found = match binary::find(path, Limits::default()) {
            Ok(found) => found,
            Err(error) => {
                failed = true;
                complain(&error.into());
                continue;
            }
        };
        for problem in found.problems {
            failed = true;
            complain(&problem.into());
        }
        for binary in found.binaries {
            if let Err(error) = binary.require_go() {
                failed = true;
                // Its hint would be to run this command.
                note(&error.to_string());
            }
            binaries.push(binary);
        }
    }
    let mut out = Output::open(&args.output)?;
    if out.json {
        inspect_json(&binaries, &mut out)?;
    } else {
        let style = Style { all: args.all, ..out.style.clone() };
        inspect_text(&binaries, &style, &mut out)?;
    }
    out.flush()?;
    Ok(if failed { status::UNREADABLE } else { status::DONE })
}

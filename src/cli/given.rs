//! Executables and the machine, as the command line names them.

use panicmap::binary::{self, Binary};
use panicmap::host::{self, Host, Wanted};
use panicmap::source::Limits;

use super::terminal::{complain, note};

/// What cannot be read is said, and the rest is still analysed.
pub(super) fn binaries(paths: &[String], failed: &mut bool) -> Vec<Binary> {
    let open = |path: &String| {
        let found = binary::find(path, Limits::default())?;
        if found.inside.is_none() {
            // One that is cut off may have been Go, and is a finding.
            let mut whole = found.binaries.iter().filter(|binary| binary.image.truncated.is_none());
            whole.try_for_each(Binary::require_go)?;
        }
        Ok(found)
    };
    let mut out = Vec::new();
    for path in paths {
        let problems = match open(path) {
            Ok(found) => {
                out.extend(found.binaries);
                found.problems
            }
            Err(error) => vec![error],
        };
        for problem in problems {
            *failed = true;
            complain(&anyhow::Error::new::<panicmap::error::Error>(problem));
        }
    }
    out
}

pub(super) fn host_of(spec: &str, binaries: &[Binary], failed: &mut bool) -> Option<Host> {
    let wanted = Wanted::of(binaries.iter().map(Binary::facts));
    match host::open(spec, &wanted) {
        Ok(host) => {
            for problem in &host.problems {
                note(problem);
            }
            Some(host)
        }
        Err(error) => {
            *failed = true;
            complain(&error.into());
            None
        }
    }
}

//! `panicmap core`: a post-mortem report of a core dump.

use std::io::Write;

use panicmap::examine::core::{pick, require_match};
use panicmap::postmortem::{CoreDump, Traceback};
use panicmap::source::Limits;

use super::terminal::Output;
use super::{CoreArgs, analyse, status};

pub(super) const AFTER_HELP: &str = "\
Examples:
  panicmap core core.4711 -b ./app
  coredumpctl dump -o core app && panicmap core core -b ./app --format html -o post-mortem.html
  panicmap core core -b ./app --raw              # as the runtime prints it: for every other tool

The executable has to be that of the core: a stripped one will do, another build will not.";

pub(super) fn run(args: &CoreArgs) -> anyhow::Result<u8> {
    let core = CoreDump::open(&args.core, Limits::default())?;
    let mut failed = false;
    let binaries = analyse::binaries(&args.binaries, &mut failed);
    let (chosen, compared) = pick(&core, &binaries);
    require_match(&core, &compared)?;
    let runtime = chosen.map(|binary| core.runtime(binary));
    let mut out = Output::open(&args.output)?;
    if args.raw {
        let runtime = match &runtime {
            Some(Ok(runtime)) => runtime,
            Some(Err(why)) => anyhow::bail!("{}: {why}", core.origin),
            None => anyhow::bail!("{}: stacks need the executable: -b", core.origin),
        };
        Traceback::new(&core, runtime).write(&|_| true, &mut out)?;
        out.flush()?;
        return Ok(if failed { status::UNREADABLE } else { status::DONE });
    }
    Ok(status::DONE)
}

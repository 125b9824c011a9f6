//! `panicmap core`: a post-mortem report of a core dump.

use std::io::Write;
use std::path::Path;

use panicmap::binary::Binary;
use panicmap::dump::{Of, Test};
use panicmap::examine::core::{CoreInputs, crash_of, examine_core, pick, require_match};
use panicmap::host::Host;
use panicmap::postmortem::{CoreDump, Goroutine, Traceback};
use panicmap::report::{CORE_FORMATS, CoreStyle};
use panicmap::source::Limits;
use panicmap::trace::Crash;

use super::given::{binaries, host_of};
use super::terminal::Output;
use super::{CoreArgs, status};

pub(super) const AFTER_HELP: &str = "\
Examples:
  panicmap core core.4711 -b ./app
  coredumpctl dump -o core app && panicmap core core -b ./app --format html -o post-mortem.html
  panicmap core core -b ./app --raw              # as the runtime prints it: for every other tool

The executable has to be that of the core: a stripped one will do, another build will not.";

pub(super) fn run(args: &CoreArgs) -> anyhow::Result<u8> {
    let core = CoreDump::open(&args.core, Limits::default())?;
    let mut failed = false;
    let (libraries, executables) = split(&args.binaries);
    let binaries = binaries(&executables, &mut failed);
    let (chosen, compared) = pick(&core, &binaries);
    require_match(&core, &compared)?;
    let runtime = match chosen {
        Some(binary) => core.runtime(binary),
        None => Err("goroutines need the executable: -b".to_owned()),
    };
    let keep = |goroutine: &Goroutine| args.goroutine.is_empty() || args.goroutine.contains(&goroutine.id);
    let mut out = Output::open_as(&args.sink.output, args.sink.color)?;
    if args.raw {
        let runtime = runtime.as_ref().map_err(|why| anyhow::anyhow!("{}: {why}", core.origin))?;
        Traceback::new(&core, runtime).write(&keep, &mut out)?;
    } else {
        let host: Host = match &args.host {
            Some(spec) => match host_of(spec, &binaries, &mut failed) {
                Some(host) => host,
                None => core.host(),
            },
            None => core.host(),
        };
        args.select.apply(&mut out.style);
        out.style.all = args.all;
        let functions = args.grep.iter();
        out.style.filter.tests.extend(functions.map(|pattern| Test {
            of: Of::Function,
            pattern: pattern.clone(),
            wanted: true,
        }));
        let libraries = core.libraries(&args.sysroots, libraries, Limits::default());
        let outcome = examine_core(CoreInputs {
            core: &core,
            compared,
            chosen,
            runtime: runtime.as_ref().map_err(Clone::clone),
            host: &host,
            libraries: &libraries,
            resolver: args.resolver.options(&args.debug_dirs)?,
            keep: &keep,
        });
        let style = out.style.clone();
        let more = CoreStyle { environment: args.env, threads: args.threads };
        let name = args.sink.format(&args.format);
        if let Some(format) = CORE_FORMATS.iter().find(|format| format.name == name) {
            (format.write)(&outcome, &style, more, &mut out)?;
        }
        out.flush()?;
        // The process ends here; freeing a large dump piece by piece is lost time.
        std::mem::forget(outcome);
    }
    out.flush()?;
    Ok(if failed { status::UNREADABLE } else { status::DONE })
}

/// Shared libraries, and what else was given with `-b`.
fn split(paths: &[String]) -> (Vec<Binary>, Vec<String>) {
    let (mut libraries, mut others) = (Vec::new(), Vec::new());
    for path in paths {
        let file = Path::new(path).is_file().then(|| Binary::open(path, Limits::default()).ok()).flatten();
        let library = file.filter(|binary| {
            let soname = binary.image.elf.as_ref().is_some_and(|elf| elf.soname.is_some());
            soname && binary.pclntab().is_err()
        });
        match library {
            Some(library) => libraries.push(library),
            None => others.push(path.clone()),
        }
    }
    (libraries, others)
}

/// What a core says beside a log.
pub(super) struct Beside {
    pub(super) host: Host,
    /// With the name of the core.
    pub(super) crash: Option<(String, Crash)>,
}

pub(super) fn beside(path: &str, binaries: &[Binary]) -> anyhow::Result<Beside> {
    let core = CoreDump::open(path, Limits::default())?;
    let (chosen, compared) = pick(&core, binaries);
    require_match(&core, &compared)?;
    let runtime = chosen.and_then(|binary| core.runtime(binary).ok());
    let crash = crash_of(&core, runtime.as_ref());
    Ok(Beside { host: core.host(), crash: crash.map(|crash| (path.to_owned(), crash)) })
}

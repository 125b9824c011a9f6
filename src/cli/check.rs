//! `panicmap check`: will an executable run there, and is it what was meant?

use std::io::Write;

use panicmap::binary::{self, Binary};
use panicmap::check::{Expectation, Outlook, check};
use panicmap::host::image::{self, Choice};
use panicmap::host::{self, Host, Wanted};
use panicmap::report::{CHECK_FORMATS, Checks};
use panicmap::source::Limits;

use super::terminal::{Output, complain, note};
use super::{CheckArgs, FailOn, status};

pub(super) const AFTER_HELP: &str = "\
Exit status: 0 nothing speaks against it; 1 something does, or the build is not as expected;
2 wrong usage, or an input that could not be read.

Examples:
  panicmap check ./app --on linux/arm/6
  panicmap check ./app --on linux/amd64,alpine --on linux/amd64,debian:11
  panicmap check ./app --host board:raspberry-pi-1
  panicmap check --image app.tar                   # docker save app > app.tar
  panicmap check ./app --expect linux/arm64,CGO_ENABLED=0,static --format github";

/// Executables and where each of them is to run.
struct Place {
    host: Option<Host>,
    binaries: Vec<Binary>,
}

pub(super) fn run(args: &CheckArgs) -> anyhow::Result<u8> {
    let expected = args.expect.as_deref().map(Expectation::list).transpose()?.unwrap_or_default();
    let mut failed = false;
    let binaries = binaries(&args.binaries, &mut failed);
    let mut hosts = hosts(args, &binaries, &mut failed)?;
    let mut of_images = Vec::new();
    for spec in &args.images {
        match inside(spec, &binaries, &mut failed) {
            Ok(places) if binaries.is_empty() => of_images.extend(places),
            Ok(places) => hosts.extend(places.into_iter().filter_map(|place| place.host)),
            Err(error) => {
                failed = true;
                complain(&error.into());
            }
        }
    }
    let mut checked = Vec::new();
    for binary in &binaries {
        let path = binary.origin.to_string();
        if hosts.is_empty() && args.on.is_empty() && args.hosts.is_empty() && args.images.is_empty() {
            checked.push(check(&path, binary, None, &expected));
        }
        for (index, host) in hosts.iter().enumerate() {
            // A build that is not as expected is so once, not at every place.
            let expected = if index == 0 { expected.as_slice() } else { &[] };
            checked.push(check(&path, binary, Some(host), expected));
        }
    }
    for place in &of_images {
        for binary in &place.binaries {
            checked.push(check(&binary.origin.to_string(), binary, place.host.as_ref(), &expected));
        }
    }
    let fail_on = match args.fail_on {
        FailOn::Certain => Outlook::Fails,
        FailOn::Likely => Outlook::Unlikely,
        FailOn::Possible => Outlook::Doubtful,
    };
    let checks = Checks { checked, fail_on };
    let mut out = Output::open_as(&args.sink.output, args.sink.color)?;
    let name = args.sink.format(&args.format);
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

/// The platforms of an image, each with the Go executables in it, or as a place for
/// those that were given.
fn inside(spec: &str, given: &[Binary], failed: &mut bool) -> panicmap::error::Result<Vec<Place>> {
    let (path, choice) = image::specification(spec)?;
    let image = image::open(path, Limits::default())?;
    let mut wanted = Wanted::of(given.iter().map(Binary::facts));
    let platforms = image.platforms();
    let one =
        choice.platform.is_some() || platforms.len() < 2 || (!given.is_empty() && wanted.target.is_some());
    let choices = match one {
        true => vec![choice],
        false => platforms
            .into_iter()
            .map(|platform| Choice { platform: Some(platform), name: choice.name.clone() })
            .collect(),
    };
    let mut places = Vec::new();
    for choice in choices {
        let mut binaries = Vec::new();
        if given.is_empty() {
            let mut take = |document| {
                binaries.extend(Binary::from_document(document).ok().filter(|binary| binary.facts().is_go));
            };
            for problem in image.executables(&choice, &wanted, &mut take)? {
                *failed = true;
                complain(&problem.into());
            }
            wanted = Wanted::of(binaries.iter().map(Binary::facts));
            wanted.target = None;
        }
        let host = host::as_declared(image.host(&choice, &wanted)?);
        for problem in &host.problems {
            *failed = true;
            note(problem);
        }
        if given.is_empty() && binaries.is_empty() {
            *failed = true;
            let of =
                host.declared.as_ref().map(|platform| format!(" for {}", platform.value)).unwrap_or_default();
            note(&format!("{path}: no Go executable in the image{of}"));
        }
        places.push(Place { host: Some(host), binaries });
    }
    Ok(places)
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

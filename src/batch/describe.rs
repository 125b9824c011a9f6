//! From an examined crash to its record.

use crate::examine::Examined;
use crate::source::{Origin, log_name};
use crate::trace::{Crash, Frame};

use super::Scan;
use super::place;
use super::record::{Build, CrashRecord, Fault, From, Site};

/// Facts of an identity that name a program, the best first.
const PROGRAMS: [&str; 5] = ["service", "container", "unit", "tag", "app"];
/// Facts that tell where it ran; the rest of an identity changes from start to start.
const PLACES: [&str; 7] = ["namespace", "pod", "container", "host", "unit", "service", "tag"];

impl Scan<'_> {
    /// The record of a crash; its document has the number `document`, and `nth` its own
    /// among those of the same bytes.
    pub(super) fn describe(&self, mut examined: Examined, document: u64, nth: u64) -> CrashRecord {
        let complete = examined.crash.complete();
        examined.crash.shorten();
        let examined = &examined;
        let crash = &examined.crash;
        let from = From::new(&crash.span.origin, document);
        let path = from.name();
        let json = (self.crash_json)(examined);
        let mut record = CrashRecord::new(from, (crash.span.bytes.clone(), nth), crash.digest(), json);
        (record.line, record.last_line) = (*crash.span.lines.start(), *crash.span.lines.end());
        record.tell(crash.kind.name(), crash.message(), &crash.source);
        for (key, name) in place::of(&path) {
            record.place.insert(key.to_owned(), name);
        }
        for (key, name) in &crash.source.identity.fields {
            if PLACES.contains(key) {
                record.place.insert((*key).to_owned(), name.clone());
            }
        }
        let site = crash.user_site().or_else(|| crash.crash_site());
        record.site = site.map(|frame| site_of(crash, frame));
        record.signature.clone_from(&examined.signature.id);
        record.variant.clone_from(&examined.signature.variant);
        record.verdict = examined.diagnosis.verdict.name().to_owned();
        record.complete = complete;
        let mut faults: Vec<_> = examined.diagnosis.findings.iter().collect();
        faults.sort_by_key(|finding| !finding.explains);
        let fault = |finding: &crate::diagnose::Finding| Fault {
            id: finding.fault.to_owned(),
            confidence: finding.confidence.name().to_owned(),
            title: finding.claim.clone(),
            explains_the_crash: finding.explains,
        };
        record.faults = faults.into_iter().map(fault).collect();
        record.build = self.build(examined);
        (record.program, record.program_from) = self.program(examined, &record, &crash.span.origin);
        record
    }

    fn build(&self, examined: &Examined) -> Option<Build> {
        let binary = self.binaries.get(examined.binary()?)?;
        let facts = binary.facts();
        let setting = |key: &str| {
            let settings = facts.build.as_ref().map(|build| build.settings.iter());
            settings.into_iter().flatten().find(|(known, _)| known == key).map(|(_, value)| value.clone())
        };
        let target = facts.goos.as_ref().zip(facts.goarch.as_ref());
        Some(Build {
            path: binary.origin.to_string(),
            go_version: facts.go_version.as_ref().map(|version| version.value.clone()),
            target: target.map(|(os, arch)| format!("{}/{}", os.value.name(), arch.value.name())),
            revision: setting("vcs.revision"),
            alike: examined.choice.as_ref().map_or(0, |choice| choice.alike as u64),
        })
    }

    /// Which program it is: package `main` says nothing about that.
    fn program(&self, examined: &Examined, record: &CrashRecord, origin: &Origin) -> (String, String) {
        let crash = &examined.crash;
        let told = |name: String, by: &str| (name, by.to_owned());
        let built = examined.binary().and_then(|index| self.binaries.get(index)).and_then(|binary| {
            binary.facts().build.as_ref()?.path.clone().filter(|path| path != "command-line-arguments")
        });
        if let Some(path) = built {
            return told(path, "build info");
        }
        if let Some(path) = main_package(crash) {
            return told(path, "frames");
        }
        let identity = PROGRAMS.iter().find_map(|key| Some((*key, crash.source.identity.get(key)?)));
        if let Some((key, name)) = identity {
            return told(name.to_owned(), key);
        }
        if let Some(name) = record.place.get("container").filter(|name| name.len() != 64) {
            return told(name.clone(), "path");
        }
        if let Some(name) = crash.remarks.iter().find_map(|remark| remark.program.as_deref()) {
            return told(name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned(), "what was said of it");
        }
        let file = origin.members.last().map_or(&*origin.path, |member| member);
        told(log_name(file).to_owned(), "name of the log")
    }
}

/// Import path of the main package, which the files of its frames begin with where
/// it was built with -trimpath.
fn main_package(crash: &Crash) -> Option<String> {
    let of_main = |frame: &&Frame| crash.function(frame).starts_with("main.");
    let file = crash.frames.iter().filter(of_main).map(|frame| crash.file(frame)).find(|file| {
        // Import paths begin with a host name where the module is of another place,
        // and never with a root or a drive.
        !file.starts_with(['/', '.', '_', '<']) && !file.contains(':') && !file.contains('\\')
    })?;
    let (folder, _) = file.rsplit_once('/')?;
    // `example.com/app@v1.2.3/cmd/app`
    let parts = folder.split('/').map(|part| part.split('@').next().unwrap_or(part));
    Some(parts.collect::<Vec<_>>().join("/"))
}

fn site_of(crash: &Crash, frame: &Frame) -> Site {
    Site { function: crash.function(frame).to_owned(), file: crash.file(frame).to_owned(), line: frame.line }
}

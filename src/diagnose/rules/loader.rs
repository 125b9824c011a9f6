//! The loader and the libraries: `cgo-missing-interp`, `glibc-too-old`,
//! `shared-lib-missing`.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Subject, Verdict, host_evidence,
};
use super::start::{not_found, without_libc};
use super::{float_abi, libc};
use crate::binary::version_key;
use crate::host::LibcKind;
use crate::target::Goarch;
use crate::trace::Complaint;

pub(super) const CGO_MISSING_INTERP: Rule = Rule {
    id: "cgo-missing-interp",
    title: "the loader that the executable names is missing",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The executable is dynamic, and the loader that its PT_INTERP names does not exist where it runs.",
        why: "The kernel starts the interpreter in the program's stead; where that file is missing, execve returns ENOENT \
              for a program that is there. Usual places: scratch, distroless/static, Alpine (musl) with a glibc build, \
              NixOS. A pure Go PIE (`-buildmode=pie` with CGO_ENABLED=0) has an interpreter too, so CGO_ENABLED decides \
              nothing.",
        evidence: "PT_INTERP of the executable against the files of the host: certain. The launcher's words for ENOENT \
                   (bash `required file not found`, busybox `not found`, runc `no such file or directory`) with an \
                   executable that has PT_INTERP: likely where the words imply that the program itself exists, else \
                   possible; so is an exit code of 127, or systemd's 203, alone.",
        look_alikes: "The file itself is missing or covered by a volume; a script whose `#!` line ends in CRLF; a binfmt \
                      entry without the F flag. A static executable cannot have this fault.",
        fix: "CGO_ENABLED=0 (and no -buildmode=pie); `-tags netgo,osusergo` where only net and os/user pull in cgo; a \
              static musl build; or a base image with the same C library.",
        since: "All Go versions.",
    },
    check: missing_interp,
};

fn missing_interp(case: &Case<'_>) -> Answer {
    let named = case.complaint(|c| matches!(c, Complaint::InterpreterMissing { .. }));
    let not_found = not_found(case);
    if named.is_none() && not_found.is_none() && !case.silent() {
        return if case.launch().is_some() { Answer::Irrelevant } else { Answer::Clear };
    }
    if case.binary.is_some_and(|binary| float_abi::crossed(case, &binary).is_some()) {
        return Answer::Irrelevant;
    }
    if let Some((Complaint::InterpreterMissing { path }, log)) = named {
        let mut evidence = vec![log];
        evidence.extend(case.binary.and_then(|b| interp_evidence(&b)));
        return Answer::Found(interp_finding(case, path, Confidence::Certain, evidence));
    }
    let exists = matches!(not_found, Some((Complaint::NotFound { exists: true }, _)));
    let log = not_found.map(|(_, log)| log);
    let Some(binary) = case.binary else {
        return match log {
            Some(log) if exists => Answer::Found(Finding {
                decide: Some("the executable (-b): has it a PT_INTERP? A script whose #! line ends in CRLF gives the same text".to_owned()),
                claim: "the program is there, but a file that it needs to start is not".to_owned(),
                fix: vec![Remedy::noted("file ./app", "names the interpreter of a dynamic executable")],
                ..interp_finding(case, "", Confidence::Possible, vec![log])
            }),
            Some(_) => Answer::NotAsked("the executable: -b"),
            None => Answer::Irrelevant,
        };
    };
    let Some(interpreter) = binary.facts.interpreter() else { return Answer::Clear };
    let mut evidence: Vec<Evidence> = log.iter().cloned().collect();
    evidence.extend(interp_evidence(&binary));
    let confidence = match case.host.and_then(|host| host.file(interpreter)) {
        Some(true) => return Answer::Clear,
        // The rules about the other C library say more.
        _ if libc::contradicted(case, &binary) => return Answer::Irrelevant,
        Some(false) => {
            let host = case.host.map_or("", |host| host.source.as_str());
            evidence.push(Evidence {
                from: super::super::From::Host,
                fact: format!("{interpreter} does not exist"),
                place: host.to_owned(),
            });
            Confidence::Certain
        }
        None => match no_libc(case).or_else(|| libc::others_loader(case, interpreter)) {
            Some(fact) => {
                evidence.push(fact);
                if log.is_some() { Confidence::Certain } else { Confidence::Likely }
            }
            None if exists => Confidence::Likely,
            None if log.is_some() => Confidence::Possible,
            None => {
                return Answer::NotAsked(
                    "whether the host has the interpreter: files = { \"…\" = true } in a host card",
                );
            }
        },
    };
    Answer::Found(interp_finding(case, interpreter, confidence, evidence))
}

/// A host without a C library has no loader.
fn no_libc(case: &Case<'_>) -> Option<Evidence> {
    let host = case.host?.libc.as_ref().filter(|libc| libc.value.kind == LibcKind::None)?;
    Some(host_evidence("it has no C library", host))
}

fn interp_evidence(binary: &Subject<'_>) -> Option<Evidence> {
    let interpreter = binary.facts.interpreter()?;
    Some(binary.evidence(format!("it asks for the loader {interpreter}"), "PT_INTERP"))
}

fn interp_finding(case: &Case<'_>, path: &str, confidence: Confidence, evidence: Vec<Evidence>) -> Finding {
    let pure = case.binary.is_some_and(|b| b.facts.cgo.linked.as_ref().is_some_and(|fact| !fact.value));
    let fix = if pure {
        let run = format!("go build -buildmode=exe {}", case.main_package());
        vec![Remedy::noted(run, "it is pure Go: only as a PIE it needs a loader")]
    } else {
        let image = Remedy::advice(
            "or a base image that has this loader (glibc: debian:stable-slim, gcr.io/distroless/base)",
        );
        vec![without_libc(case), image]
    };
    let decide = match confidence {
        Confidence::Certain => None,
        _ => Some(format!("`ls -l {path}` where it runs")),
    };
    Finding {
        fault: "cgo-missing-interp",
        claim: format!("the loader {path} that the executable needs is not there"),
        confidence,
        evidence,
        fix,
        decide,
        explains: true,
    }
}

pub(super) const GLIBC_TOO_OLD: Rule = Rule {
    id: "glibc-too-old",
    title: "the host's glibc is older than the one built against",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The executable uses symbol versions of the C library that the host's library does not have.",
        why: "A cgo program takes the newest version of each symbol that the build machine offers. Built on Debian 12 even \
              a small one needs GLIBC_2.34, since pthread moved into libc then; GLIBC_2.38 comes with strlcpy and the \
              __isoc23_ functions.",
        evidence: "The loader's line ``version `GLIBC_2.xx' not found`` is certain alone (exit status 1). Without a log: \
                   the highest version in .gnu.version_r against the host's glibc.",
        look_alikes: "musl ignores versions and complains about single symbols instead. GLIBCXX_ and CXXABI_ are \
                      libstdc++'s versions: same cause, another library. OPENSSL_ and others are shared-lib-missing. A \
                      line about another program than the one given, or another host, is possible only.",
        fix: "Build in the oldest target image; CC=\"zig cc -target x86_64-linux-gnu.2.17\" sets the floor; or \
              CGO_ENABLED=0.",
        since: "All Go versions; the floor follows the build machine's glibc.",
    },
    check: glibc_too_old,
};

fn glibc_too_old(case: &Case<'_>) -> Answer {
    let refusal = case.complaint(|c| matches!(c, Complaint::GlibcVersion { .. }));
    if refusal.is_none() && !case.silent() {
        return if case.launch().is_some() { Answer::Irrelevant } else { Answer::Clear };
    }
    let floor = case.binary.and_then(|b| b.facts.elf.as_ref()?.glibc_needed());
    let host =
        case.host.and_then(|host| host.libc.as_ref()).filter(|libc| libc.value.kind == LibcKind::Glibc);
    let have = host.and_then(|host| host.value.version.clone());
    let mut evidence = Vec::new();
    let (mut stated, mut other): (Option<String>, Option<String>) = (None, None);
    if let (Some(_), Some(crash)) = (&refusal, case.crash) {
        for remark in &crash.remarks {
            let Complaint::GlibcVersion { version, library } = &remark.complaint else { continue };
            evidence.push(Evidence {
                from: super::super::From::Log,
                fact: format!("\"{}\"", remark.text),
                place: format!("line {}, {}", remark.line, remark.speaker),
            });
            let number = match version.strip_prefix("GLIBC_") {
                // The version that came with packed relocations.
                Some("ABI_DT_RELR") => Some("2.36".to_owned()),
                number => number.map(str::to_owned),
            };
            if number.is_none() {
                other = Some(format!("{version} of {}", library.rsplit('/').next().unwrap_or(library)));
            }
            stated = stated.max_by_version(number);
        }
    } else {
        match (&floor, &have) {
            (Some(floor), Some(have)) if version_key(floor) > version_key(have) => {}
            // Another C library, or none: its rules are asked.
            (Some(_), None) if case.host.is_some_and(|host| host.libc.is_some()) && host.is_none() => {
                return Answer::Irrelevant;
            }
            (Some(_), None) => return Answer::NotAsked("the host's C library: --host"),
            (None, _) if case.binary.is_none() => return Answer::Irrelevant,
            _ => return Answer::Clear,
        }
    }
    if let (Some(binary), Some(floor)) = (case.binary, &floor) {
        evidence.push(binary.evidence(format!("it needs glibc {floor}"), ".gnu.version_r"));
    }
    if let (Some(host), Some(have)) = (host, &have) {
        evidence.push(host_evidence(format!("the host has glibc {have}"), host));
    }
    // The log speaks of another program, or of another place.
    let doubt = if refusal.is_none() {
        None
    } else if case.binary.is_some() && floor.is_none() {
        Some("the executable given needs no glibc: is it the one that was started?")
    } else if matches!((&stated, &have), (Some(stated), Some(have)) if version_key(stated) <= version_key(have))
    {
        Some("the host given has this version: is it where the program ran, or was that a container?")
    } else {
        None
    };
    let zig = Remedy::noted(
        format!(
            "CGO_ENABLED=1 CC=\"zig cc -target {}-linux-gnu.{}\" go build {}",
            zig_arch(case),
            have.as_deref().unwrap_or("2.17"),
            case.main_package()
        ),
        "or build in an image as old as the host",
    );
    let (claim, build) = match (floor.max_by_version(stated), &have, other) {
        (None, _, Some(other)) => (
            format!("it needs {other}, which the host does not have"),
            Remedy::advice("build in an image as old as the host, or link with -static-libstdc++"),
        ),
        (Some(needed), Some(have), _) if doubt.is_none() => {
            (format!("it needs glibc {needed}, the host has {have}"), zig)
        }
        (Some(needed), ..) => (format!("it needs glibc {needed}, which the host does not have"), zig),
        (None, _, None) => return Answer::Irrelevant,
    };
    Answer::Found(Finding {
        fault: "glibc-too-old",
        claim,
        confidence: if doubt.is_some() { Confidence::Possible } else { Confidence::Certain },
        evidence,
        fix: vec![build, without_libc(case)],
        decide: doubt.map(str::to_owned),
        explains: true,
    })
}

/// zig's name of the architecture.
fn zig_arch(case: &Case<'_>) -> &'static str {
    match case.binary.and_then(|b| b.facts.goarch.as_ref()).map(|arch| arch.value) {
        Some(Goarch::Arm64) => "aarch64",
        Some(Goarch::I386) => "x86",
        Some(Goarch::Arm) => "arm",
        Some(Goarch::Riscv64) => "riscv64",
        Some(Goarch::Ppc64le) => "powerpc64le",
        Some(Goarch::S390x) => "s390x",
        _ => "x86_64",
    }
}

trait MaxByVersion {
    fn max_by_version(self, other: Option<String>) -> Option<String>;
}

impl MaxByVersion for Option<String> {
    fn max_by_version(self, other: Option<String>) -> Option<String> {
        [self, other].into_iter().flatten().max_by_key(|version| version_key(version))
    }
}

pub(super) const SHARED_LIB_MISSING: Rule = Rule {
    id: "shared-lib-missing",
    title: "a shared library is missing or too old",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A shared library that the executable asks for is not on the host, or lacks a symbol.",
        why: "The loader looks for every DT_NEEDED before the program's first instruction. A library of another CPU is \
              skipped silently, so it reads as missing too.",
        evidence: "The loader's line names the library; certain when that name is in DT_NEEDED, likely without the \
                   executable.",
        look_alikes: "A library that the program opens itself (dlopen) is not in DT_NEEDED. `symbol not found` of musl \
                      with a glibc build is about the C library.",
        fix: "Install the runtime package (libsqlite3-0, not -dev), or link statically.",
        since: "All Go versions with cgo.",
    },
    check: shared_lib_missing,
};

fn shared_lib_missing(case: &Case<'_>) -> Answer {
    // The C library itself: the rules about the other one say more.
    let others = |c: &Complaint| match c {
        Complaint::Library { name, why } => !libc::is_musls(name, why),
        Complaint::Symbol { name, musl } => !(*musl && libc::is_glibcs(case, name)),
        _ => false,
    };
    let library = case.complaint(|c| matches!(c, Complaint::Library { .. }) && others(c));
    let symbol = case.complaint(|c| matches!(c, Complaint::Symbol { .. }) && others(c));
    match (library, symbol) {
        (Some((Complaint::Library { name, why }, log)), _) => {
            Answer::Found(library_finding(case, name, why, log))
        }
        (_, Some((Complaint::Symbol { name, musl }, log))) => Answer::Found(Finding {
            fault: "shared-lib-missing",
            claim: format!(
                "a shared library lacks the symbol {name}: it is older than, or another than, the one built with"
            ),
            confidence: if *musl || case.binary.is_some() {
                Confidence::Possible
            } else {
                Confidence::Likely
            },
            evidence: vec![log],
            fix: vec![Remedy::advice(
                "install the version of the library that the build used, or rebuild against the host's",
            )],
            decide: Some(if *musl {
                "does the executable need GLIBC_ versions (panicmap inspect)? Then it is a glibc build on musl".to_owned()
            } else {
                format!("`nm -D` of the library on the host: is {name} defined?")
            }),
            explains: true,
        }),
        _ if case.silent() => absent_libraries(case),
        _ if case.launch().is_some() => Answer::Irrelevant,
        _ => Answer::Clear,
    }
}

fn library_finding(case: &Case<'_>, name: &str, why: &str, log: Evidence) -> Finding {
    let mut evidence = vec![log];
    let base = name.rsplit('/').next().unwrap_or(name);
    let in_needed = case.binary.map(|b| b.facts.needed().iter().any(|n| n == base));
    if let (Some(binary), Some(true)) = (case.binary, in_needed) {
        evidence.push(binary.evidence(format!("it needs {base}"), "DT_NEEDED"));
    }
    let missing = why.contains("o such file");
    let decide = match in_needed {
        Some(true) => None,
        Some(false) => Some(format!(
            "{base} is not in the executable's DT_NEEDED: is it the one that was started, or does another library ask for it?"
        )),
        None => Some("the executable (-b): is the name in its DT_NEEDED?".to_owned()),
    };
    Finding {
        fault: "shared-lib-missing",
        claim: if missing {
            format!("the shared library {base} is not on the host")
        } else {
            format!("the shared library {base} cannot be used: {why}")
        },
        confidence: match in_needed {
            Some(true) => Confidence::Certain,
            // Not of this executable: of another program, or of one of its libraries.
            Some(false) => Confidence::Possible,
            None => Confidence::Likely,
        },
        evidence,
        fix: vec![
            Remedy::advice(remedy_of(base, why)),
            Remedy::noted(
                format!("ldconfig -p | grep {}", base.split(".so").next().unwrap_or(base)),
                "what the host has of it",
            ),
        ],
        decide,
        explains: true,
    }
}

/// What helps against the loader's reason (elf/dl-load.c of glibc).
fn remedy_of(library: &str, why: &str) -> String {
    if why.contains("o such file") {
        format!("install the package that holds {library} (its runtime package, not -dev)")
    } else if why.contains("ELF class") {
        format!("install {library} for the architecture of the executable: this one has another word size")
    } else if why.starts_with("version `GLIBC_PRIVATE") {
        "see to it that all libraries of glibc are of one version: LD_LIBRARY_PATH may mix two".to_owned()
    } else if why.starts_with("version `") {
        format!("install the version of {library} that the build used, or rebuild against the host's")
    } else if why.contains("Operation not permitted") || why.contains("ermission denied") {
        format!("see what forbids to map {library}: permissions, a mount with noexec, SELinux")
    } else if why.contains("page-aligned") {
        format!(
            "link {library} again with -Wl,-z,max-page-size=65536: it is made for smaller pages, or damaged"
        )
    } else if why.contains("static TLS") {
        format!("link {library} into the program, or load it with LD_PRELOAD, rather than by dlopen")
    } else {
        format!("install {library} again: the file is damaged, or for another machine")
    }
}

fn absent_libraries(case: &Case<'_>) -> Answer {
    let Some(binary) = case.binary.filter(|b| !b.facts.needed().is_empty()) else {
        return Answer::Irrelevant;
    };
    let Some(host) = case.host else { return Answer::NotAsked("the host's libraries: --host") };
    // A run path names folders that only the loader on the host can look into.
    if binary.facts.elf.as_ref().is_some_and(|elf| elf.runpath.is_some()) {
        return Answer::NotAsked("`ldd` of the executable on the host: it has a run path of its own");
    }
    let absent: Vec<&String> =
        binary.facts.needed().iter().filter(|n| host.library(n) == Some(false)).collect();
    let Some(first) = absent.first() else { return Answer::Clear };
    let names = absent.iter().map(|n| n.as_str()).collect::<Vec<_>>().join(", ");
    Answer::Found(Finding {
        fault: "shared-lib-missing",
        claim: format!("the host does not have {names}"),
        confidence: Confidence::Certain,
        evidence: vec![
            binary.evidence(format!("it needs {names}"), "DT_NEEDED"),
            Evidence {
                from: super::super::From::Host,
                fact: format!("no {names}"),
                place: host.source.clone(),
            },
        ],
        fix: vec![Remedy::advice(format!("install the package that holds {first}"))],
        decide: None,
        explains: true,
    })
}

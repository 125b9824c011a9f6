//! A program of one C library where there is another: `glibc-binary-on-musl`,
//! `musl-binary-on-glibc`.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, From, Remedy, Rule, Subject, Verdict, host_evidence,
};
use super::start::{refused_to_start, without_libc};
use crate::host::LibcKind;
use crate::trace::Complaint;

pub(super) const GLIBC_BINARY_ON_MUSL: Rule = Rule {
    id: "glibc-binary-on-musl",
    title: "built against glibc, but the host has musl",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The executable is linked with glibc and runs where the C library is musl, as on Alpine.",
        why: "Its loader, ld-linux, is not there, so that shells say `not found` of a file that is. Where libc6-compat or \
              gcompat put musl's loader under that name, a program that calls plain functions only does run: musl takes \
              libc.so.6 for itself and looks at no version. One that was compiled with _FORTIFY_SOURCE (`__snprintf_chk`) \
              or calls what only glibc has (backtrace, gnu_get_libc_version) fails while it is loaded.",
        evidence: "`Error relocating APP: SYMBOL: symbol not found`, which is musl's loader, with an executable that needs \
                   GLIBC_ versions or libc.so.6: certain where the symbol is one that only glibc has, else likely. \
                   Without the executable such a symbol alone is likely. Without those words: the C library of the \
                   executable against the host's.",
        look_alikes: "A library that is missing or too old makes musl complain of its symbols in the same words. An \
                      executable that is built on Alpine and lacks a library is shared-lib-missing.",
        fix: "Build on Alpine (golang:alpine), or CGO_ENABLED=0, or link statically; or a base image with glibc. gcompat \
              has some of the missing functions.",
        since: "All Go versions with cgo. Run with musl 1.2.3 and glibc 2.36.",
    },
    check: glibc_binary_on_musl,
};

/// Symbols of glibc 2.36 that musl 1.2.3 does not define (`nm -D` of both), of those that
/// programs use. Besides these all of `__…_chk`.
const GLIBC_ONLY: [&str; 26] = [
    "__cxa_thread_atexit_impl",
    "__rawmemchr",
    "__register_atfork",
    "__res_init",
    "__res_nsearch",
    "__res_search",
    "__sched_cpualloc",
    "__strdup",
    "argp_parse",
    "backtrace",
    "backtrace_symbols",
    "canonicalize_file_name",
    "dlmopen",
    "error",
    "fcntl64",
    "getcontext",
    "gnu_get_libc_release",
    "gnu_get_libc_version",
    "makecontext",
    "mallinfo",
    "mallinfo2",
    "malloc_info",
    "malloc_trim",
    "mallopt",
    "pthread_attr_setaffinity_np",
    "rpmatch",
];

/// Only a build against glibc asks for it.
fn only_in_glibc(symbol: &str) -> bool {
    GLIBC_ONLY.contains(&symbol) || symbol.starts_with("__") && symbol.ends_with("_chk")
}

/// Is a symbol that musl's loader misses one of glibc's, and so no matter of another library?
pub(super) fn is_glibcs(case: &Case<'_>, symbol: &str) -> bool {
    let libc = case.binary.and_then(|binary| built_with(&binary));
    only_in_glibc(symbol) && libc != Some("musl")
}

/// The C library that a dynamic executable asks for.
fn built_with(binary: &Subject<'_>) -> Option<&'static str> {
    let libc = binary.facts.libc.as_ref()?.value;
    (!binary.facts.is_static).then_some(libc)
}

fn built_with_evidence(binary: &Subject<'_>) -> Option<Evidence> {
    let libc = binary.facts.libc.as_ref()?;
    Some(binary.evidence(format!("it is linked with {}", libc.value), &libc.from))
}

/// Does the host have the other one of the two?
pub(super) fn contradicted(case: &Case<'_>, binary: &Subject<'_>) -> bool {
    let host = case.host.and_then(|host| host.libc.as_ref()).map(|libc| libc.value.kind);
    matches!(
        (built_with(binary), host),
        (Some("glibc"), Some(LibcKind::Musl)) | (Some("musl"), Some(LibcKind::Glibc))
    )
}

/// The loader of one C library on a host with the other. A pure Go PIE names one, too, and
/// is linked with neither.
pub(super) fn others_loader(case: &Case<'_>, loader: &str) -> Option<Evidence> {
    let host = case.host?.libc.as_ref()?;
    let musls = loader.contains("/ld-musl-");
    let other = match host.value.kind {
        LibcKind::Musl => !musls,
        LibcKind::Glibc => musls,
        _ => false,
    };
    other.then(|| host_evidence(format!("its C library is {}", host.value), host))
}

fn glibc_binary_on_musl(case: &Case<'_>) -> Answer {
    let glibcs = |c: &Complaint| matches!(c, Complaint::Symbol { name, musl: true } if only_in_glibc(name));
    let symbol = case
        .complaint(glibcs)
        .or_else(|| case.complaint(|c| matches!(c, Complaint::Symbol { musl: true, .. })));
    if let Some((Complaint::Symbol { name, .. }, log)) = symbol {
        return missing_symbol(case, name, log);
    }
    let Some(log) = refused_to_start(case) else { return Answer::Irrelevant };
    opposed(case, log, "glibc")
}

/// Does musl's loader miss the symbol for a shared library?
fn of_library(case: &Case<'_>) -> bool {
    let program = case.remark(|c| matches!(c, Complaint::Symbol { musl: true, .. }));
    let program = program.and_then(|remark| remark.program.as_deref()).unwrap_or("");
    program.ends_with(".so") || program.contains(".so.")
}

fn missing_symbol(case: &Case<'_>, symbol: &str, log: Evidence) -> Answer {
    let library = case.complaint(|c| matches!(c, Complaint::Library { .. })).is_some();
    let libc = case.binary.and_then(|binary| built_with(&binary));
    let confidence = match (libc, only_in_glibc(symbol)) {
        (Some("glibc"), true) => Confidence::Certain,
        // A library that was not found is why its symbols are not.
        (Some("glibc"), false) if !library => Confidence::Likely,
        // A library that was built elsewhere says nothing of the program that loads it.
        (None, true) if of_library(case) => Confidence::Possible,
        (None, true) => Confidence::Likely,
        (Some("musl"), _) => return Answer::Clear,
        _ => return Answer::Irrelevant,
    };
    let mut evidence = vec![log];
    evidence.extend(case.binary.as_ref().and_then(built_with_evidence));
    if let Some(libc) = case.host.and_then(|host| host.libc.as_ref()) {
        evidence.push(host_evidence(format!("its C library is {}", libc.value), libc));
    }
    let decide = match (confidence, libc) {
        (Confidence::Certain, _) => None,
        (_, None) => Some("the executable (-b): does it need libc.so.6?".to_owned()),
        _ => Some(format!("`nm -D` of the libraries that it needs: which of them is to define {symbol}?")),
    };
    Answer::Found(Finding {
        claim: format!("built against glibc: musl, which loads it, has no {symbol}"),
        decide,
        ..finding(case, "glibc", confidence, evidence)
    })
}

pub(super) const MUSL_BINARY_ON_GLIBC: Rule = Rule {
    id: "musl-binary-on-glibc",
    title: "built against musl, but the host has glibc",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The executable is linked with musl, on Alpine or by musl-gcc, and runs where the C library is glibc.",
        why: "Its loader, /lib/ld-musl-ARCH.so.1, is not there: shells say `not found` of a file that is. Loaded by \
              glibc's loader all the same, it asks for a library that glibc does not have: libc.musl-ARCH.so.1 (Alpine) \
              or libc.so (musl-gcc), which is a text of the linker where libc6-dev is installed.",
        evidence: "DT_NEEDED of the executable against the C library of the host: certain. The words of glibc's loader \
                   about libc.musl-ARCH.so.1, or about `libc.so: invalid ELF header`: likely without the executable.",
        look_alikes: "With the package musl installed such a program runs on Debian. A program without C code has no \
                      C library at all. A plugin or library of Alpine that a glibc program opens gives the same words \
                      of the loader.",
        fix: "Build on a system with glibc, link statically (musl-gcc with -extldflags -static), or CGO_ENABLED=0; or \
              install musl.",
        since: "All Go versions with cgo. Run with musl 1.2.3 and glibc 2.36.",
    },
    check: musl_binary_on_glibc,
};

/// A name of musl's C library that glibc's loader fails to load.
pub(super) fn is_musls(name: &str, why: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    base.starts_with("libc.musl-") || base == "libc.so" && why.contains("invalid ELF header")
}

fn musl_binary_on_glibc(case: &Case<'_>) -> Answer {
    let library = case.complaint(|c| matches!(c, Complaint::Library { name, why } if is_musls(name, why)));
    if let Some((_, log)) = library {
        let libc = case.binary.and_then(|binary| built_with(&binary));
        let confidence = match libc {
            Some("musl") => Confidence::Certain,
            // Of this executable it is not: of a library that it opens.
            Some(_) => Confidence::Possible,
            None => Confidence::Likely,
        };
        let mut evidence = vec![log];
        evidence.extend(case.binary.as_ref().and_then(built_with_evidence));
        return Answer::Found(finding(case, "musl", confidence, evidence));
    }
    let Some(log) = refused_to_start(case) else { return Answer::Irrelevant };
    opposed(case, log, "musl")
}

/// Executable against host; `log` says that a file was not found, where there is a log.
fn opposed(case: &Case<'_>, log: Option<Evidence>, built: &'static str) -> Answer {
    let Some(binary) = case.binary.filter(|binary| built_with(binary) == Some(built)) else {
        return Answer::Irrelevant;
    };
    let Some(host) = case.host.and_then(|host| host.libc.as_ref()) else {
        return match log {
            Some(_) => Answer::NotAsked("the host's C library: --host"),
            None => Answer::Irrelevant,
        };
    };
    if !contradicted(case, &binary) {
        return Answer::Clear;
    }
    let loader = binary.facts.interpreter();
    let confidence = match loader.and_then(|path| case.host?.file(path)) {
        // Compatibility packages put musl's loader there under glibc's name; the
        // package musl of a glibc system is whole.
        Some(true) if built == "musl" || log.is_some() => return Answer::Clear,
        Some(true) => Confidence::Possible,
        Some(false) => Confidence::Certain,
        None if log.is_some() => Confidence::Certain,
        None => Confidence::Likely,
    };
    let mut evidence: Vec<Evidence> = log.into_iter().collect();
    evidence.extend(built_with_evidence(&binary));
    evidence.push(host_evidence(format!("its C library is {}", host.value), host));
    if let (Some(path), Some(there)) = (loader, loader.and_then(|path| case.host?.file(path))) {
        let fact = format!("{path} {}", if there { "exists" } else { "does not exist" });
        let place = case.host.map_or("", |host| host.source.as_str()).to_owned();
        evidence.push(Evidence { from: From::Host, fact, place });
    }
    let decide = match confidence {
        Confidence::Certain => None,
        Confidence::Likely => loader.map(|path| format!("`ls -l {path}` where it runs")),
        Confidence::Possible => {
            loader.map(|path| format!("`{path} --list ./app` where it runs: does it miss a symbol?"))
        }
    };
    Answer::Found(Finding { decide, ..finding(case, built, confidence, evidence) })
}

fn finding(case: &Case<'_>, built: &'static str, confidence: Confidence, evidence: Vec<Evidence>) -> Finding {
    let (fault, host, image) = if built == "glibc" {
        (
            GLIBC_BINARY_ON_MUSL.id,
            "musl",
            "or build where it runs, in golang:alpine; or a base image with glibc (debian:stable-slim)",
        )
    } else {
        (
            MUSL_BINARY_ON_GLIBC.id,
            "glibc",
            "or build on a system with glibc that is no newer than the host's; or install musl there",
        )
    };
    let decide = match (confidence, case.binary) {
        (Confidence::Certain, _) => None,
        (_, None) => Some("the executable (-b): what is in its DT_NEEDED?".to_owned()),
        _ => Some("which library or plugin does the program open? Its DT_NEEDED tells".to_owned()),
    };
    Finding {
        fault,
        claim: format!("built against {built}, but the host has {host}"),
        confidence,
        evidence,
        fix: vec![without_libc(case), Remedy::advice(image)],
        decide,
        explains: true,
    }
}

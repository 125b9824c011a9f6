//! Built without cgo, where something needs it: at run time and while building.

use super::super::{Answer, Case, Confidence, Docs, Finding, Remedy, Rule, Verdict, message_evidence};
use crate::trace::{Complaint, Kind};

pub(super) const CGO_PACKAGE_DISABLED: Rule = Rule {
    id: "cgo-package-disabled",
    title: "built without cgo, but a package or build mode needs it",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "cgo is off, and a package of the program, or what the build was asked for, works only with it.",
        why: "Some packages compile to stubs, or lose the files that register a driver, and fail at first use; of others no \
              file is left and the build fails. -race, -msan, -asan, plugins, C libraries and external linking need cgo \
              whatever the program is. Cross-compiling switches cgo off by default, and so does a missing C compiler since \
              Go 1.20.",
        evidence: "The sentence of a stub (go-sqlite3, dex, onflow/crypto, go-libddwaf, podman) is certain alone, and so \
                   are `-race requires cgo` and `requires external (cgo) linking, but cgo is not enabled`. `loadinternal: \
                   cannot find runtime/cgo` is likely: the go command prints it and ends with 0. `sql: unknown driver \
                   \"sqlite3\"` is likely with CGO_ENABLED=0 and the module in build info. `build constraints exclude all \
                   Go files` is possible.",
        look_alikes: "`unknown driver` with cgo on is a forgotten import. A pure Go driver (modernc.org/sqlite) has \
                      another name (\"sqlite\") and never says this. A package for another GOOS or with build tags is \
                      excluded in the same words. `-race is not supported on linux/arm` is the port, not cgo.",
        fix: "CGO_ENABLED=1 with a C compiler for the target (CC=aarch64-linux-gnu-gcc when cross-compiling), or a pure \
              Go package (modernc.org/sqlite).",
        since: "All Go versions; `requires external (cgo) linking` since Go 1.22, `loadinternal` up to 1.21 and for \
                -buildmode=c-archive up to 1.27.",
    },
    check: cgo_package_disabled,
};

const UNKNOWN_DRIVER: &str = "sql: unknown driver \"sqlite3\"";
const SQLITE: &str = "github.com/mattn/go-sqlite3";

/// Part of the sentence of a stub, its package, and what can be used instead.
const STUBS: [(&str, &str, Option<&str>); 5] = [
    ("go-sqlite3", SQLITE, Some("or use modernc.org/sqlite, which is pure Go")),
    ("SQLite storage", "the sqlite3 storage of dex", Some("or another storage, such as postgres")),
    ("is only supported with cgo", "github.com/onflow/crypto", None),
    (
        "go-libddwaf",
        "github.com/DataDog/go-libddwaf",
        Some("or go build -tags appsec, which loads libdl, libpthread and libc of glibc at run time"),
    ),
    ("Locks are not", "the shared-memory locks of podman (libpod/lock/shm)", None),
];

fn cgo_package_disabled(case: &Case<'_>) -> Answer {
    let Some(crash) = case.crash else { return Answer::Irrelevant };
    if let Some(finding) = while_building(case) {
        return Answer::Found(finding);
    }
    let says = |text: &str| crash.chain.iter().any(|link| link.message.contains(text));
    let stub = case.error(|c| matches!(c, Complaint::NeedsCgo));
    let enabled = case.binary.and_then(|b| b.facts.cgo_enabled.as_ref());
    let has_module = case
        .binary
        .and_then(|b| b.facts.build.as_ref())
        .is_some_and(|build| build.deps.iter().any(|dep| dep.path == SQLITE));
    let driver = says(UNKNOWN_DRIVER);
    if stub.is_none() && !driver {
        return if crash.kind == Kind::Panic { Answer::Clear } else { Answer::Irrelevant };
    }
    if driver && stub.is_none() && enabled.is_none() {
        return Answer::NotAsked("the executable: -b");
    }
    if driver && stub.is_none() && !(has_module && enabled.is_some_and(|fact| !fact.value)) {
        return Answer::Clear;
    }
    let stated = stub.is_some();
    let first = stub.map_or_else(|| message_evidence(crash), |(_, evidence)| evidence);
    let known = STUBS.iter().find(|(part, ..)| first.fact.contains(part));
    let (_, package, instead) =
        known.copied().unwrap_or(("", SQLITE, Some("or use modernc.org/sqlite, which is pure Go")));
    let mut evidence = vec![first];
    if let (Some(binary), Some(fact)) = (case.binary, enabled) {
        evidence.push(binary.evidence(format!("CGO_ENABLED={}", u8::from(fact.value)), &fact.from));
    }
    let contradicted = enabled.is_some_and(|fact| fact.value);
    let confidence = if stated && !contradicted { Confidence::Certain } else { Confidence::Likely };
    let mut fix = vec![with_cgo(case)];
    fix.extend(instead.map(Remedy::advice));
    Answer::Found(Finding {
        fault: CGO_PACKAGE_DISABLED.id,
        claim: format!("{package} needs cgo, and the program was built with CGO_ENABLED=0"),
        confidence,
        evidence,
        fix,
        decide: contradicted
            .then(|| "the executable given says CGO_ENABLED=1: is it the one that wrote the log?".to_owned()),
        explains: true,
    })
}

fn with_cgo(case: &Case<'_>) -> Remedy {
    Remedy::noted(
        format!("CGO_ENABLED=1 go build {}", case.main_package()),
        "needs a C compiler for the target",
    )
}

/// What the go command says of a build that cgo is missing in.
fn while_building(case: &Case<'_>) -> Option<Finding> {
    let building = |c: &Complaint| {
        matches!(c, Complaint::BuildNeedsCgo { .. } | Complaint::NoRuntimeCgo | Complaint::NoFilesLeft { .. })
    };
    let (complaint, log) = case.error(building)?;
    let mut fix = vec![with_cgo(case)];
    let (claim, confidence, decide) = match complaint {
        Complaint::BuildNeedsCgo { what } => {
            (format!("{what} needs cgo, and cgo is off in this build"), Confidence::Certain, None)
        }
        Complaint::NoRuntimeCgo => (
            "the program is to be linked with C code, and cgo is off in this build".to_owned(),
            Confidence::Likely,
            Some("`go env CGO_ENABLED` there: is it 0?"),
        ),
        Complaint::NoFilesLeft { package } => {
            fix.push(Remedy::noted(
                format!("CGO_ENABLED=1 go list -f '{{{{.CgoFiles}}}} {{{{.IgnoredGoFiles}}}}' {package}"),
                "its files that need cgo, and those that are for other systems",
            ));
            (
                format!(
                    "no file of {package} is left in this build: each needs cgo, another system, or a build tag"
                ),
                Confidence::Possible,
                Some(
                    "`go env CGO_ENABLED GOOS` there; and has the package `import \"C\"` in each file, or build tags?",
                ),
            )
        }
        _ => return None,
    };
    Some(Finding {
        fault: CGO_PACKAGE_DISABLED.id,
        claim,
        confidence,
        evidence: vec![log],
        fix,
        decide: decide.map(str::to_owned),
        explains: true,
    })
}

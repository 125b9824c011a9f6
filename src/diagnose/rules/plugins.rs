//! Plugins: `plugin-needs-cgo`, `plugin-version-mismatch`.

use super::super::{Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Subject, Verdict};
use crate::target::Goos;
use crate::trace::Complaint;

pub(super) const PLUGIN_NEEDS_CGO: Rule = Rule {
    id: "plugin-needs-cgo",
    title: "plugins, and the program was built without cgo",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The program opens plugins and was built without cgo, or for a system that has no plugins.",
        why: "Package plugin calls dlopen of the C library. Its other half, which is compiled with CGO_ENABLED=0 and on all \
              systems but Linux, macOS and FreeBSD, answers every Open with an error. Cross-compiling switches cgo off by \
              default.",
        evidence: "`plugin: not implemented`: certain with an executable that has package plugin and no C code, likely \
                   alone. Without a log such an executable is possible: it may never open one.",
        look_alikes: "`realpath failed` is a file that is not there, `plugin was built with a different version of \
                      package` a plugin of another build. On Windows no setting helps.",
        fix: "CGO_ENABLED=1 go build, with a C compiler for the target; the plugin needs it, too. A static program \
              (-extldflags -static) cannot open plugins either.",
        since: "Go 1.8 and later. Run with 1.21 and 1.27.",
    },
    check: plugin_needs_cgo,
};

fn has_plugins(os: Goos) -> bool {
    matches!(os, Goos::Linux | Goos::Darwin | Goos::Freebsd)
}

fn linked(binary: &Subject<'_>) -> Option<bool> {
    binary.facts.cgo.linked.as_ref().map(|fact| fact.value)
}

fn plugin_needs_cgo(case: &Case<'_>) -> Answer {
    let log = case.error(|c| *c == Complaint::NoPlugins).map(|(_, log)| log);
    let binary = case.binary.filter(|binary| binary.facts.uses.plugins);
    let stub = binary.is_some_and(|binary| linked(&binary) == Some(false));
    let confidence = match (&log, stub) {
        (Some(_), true) => Confidence::Certain,
        (Some(_), false) => Confidence::Likely,
        (None, true) if case.silent() => Confidence::Possible,
        (None, _) => return Answer::Irrelevant,
    };
    let told = log.is_some();
    let mut evidence: Vec<Evidence> = log.into_iter().collect();
    if let Some(binary) = binary.filter(|_| stub) {
        let from = binary.facts.cgo.linked.as_ref().map_or("", |fact| fact.from.as_str());
        evidence.push(binary.evidence("package plugin is linked in", "pclntab"));
        evidence.push(binary.evidence("no C code is linked in", from));
    }
    let os = case.binary.and_then(|binary| binary.facts.goos.as_ref()).map(|os| os.value);
    let none = os.filter(|os| !has_plugins(*os));
    let claim = match (none, stub || os.is_some()) {
        (Some(os), _) => format!("the program opens plugins, which {os} does not have"),
        (None, true) => "the program opens plugins, and was built without cgo".to_owned(),
        (None, false) => {
            "the program opens plugins, and was built without cgo or for a system that has none".to_owned()
        }
    };
    let decide = match (told, stub) {
        (true, true) => None,
        (true, false) => Some("the executable that wrote this (-b): has it C code?"),
        _ => Some("does the program open plugins? Many link package plugin for a feature that is not used"),
    };
    let fix = if none.is_some() {
        vec![Remedy::advice("plugins work on Linux, macOS and FreeBSD only")]
    } else {
        vec![Remedy::noted(
            format!("CGO_ENABLED=1 go build {}", case.main_package()),
            "needs a C compiler for the target",
        )]
    };
    Answer::Found(Finding {
        fault: PLUGIN_NEEDS_CGO.id,
        claim,
        confidence,
        evidence,
        fix,
        decide: decide.map(str::to_owned),
        explains: true,
    })
}

pub(super) const PLUGIN_VERSION_MISMATCH: Rule = Rule {
    id: "plugin-version-mismatch",
    title: "plugin and program were built differently",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A plugin and the program that opens it hold different builds of one package.",
        why: "Both hold a hash of every package that they share, as it was compiled. The first that differs is \
              named. Of the standard library (internal/goarch, runtime) it is the toolchain or its flags: another \
              Go version, -trimpath, -race, -gcflags, CGO_ENABLED or GOAMD64 on one side only. Of a module it is its \
              version, or the same flags.",
        evidence: "`plugin was built with a different version of package P`, which has this meaning alone: certain.",
        look_alikes: "`no plugin module data` is a shared library that is no Go plugin, or one of another Go version \
                      (1.25 in a program of 1.27). `realpath failed` is a missing file, `symbol S not found` an older plugin.",
        fix: "Build both with the same go command, the same flags (-trimpath!) and the same versions in go.mod, best from \
              one module: go build . && go build -buildmode=plugin ./extra",
        since: "Go 1.8 and later; the words are the same in 1.19 to 1.27.",
    },
    check: plugin_version_mismatch,
};

fn plugin_version_mismatch(case: &Case<'_>) -> Answer {
    let Some((Complaint::PluginVersion { package }, log)) =
        case.error(|c| matches!(c, Complaint::PluginVersion { .. }))
    else {
        return Answer::Irrelevant;
    };
    // Import paths of modules have a dot in their first element.
    let module = package.split('/').next().is_some_and(|first| first.contains('.'));
    let mut evidence = vec![log];
    let version = case.binary.and_then(|b| Some((b, b.facts.go_version.as_ref()?)));
    evidence.extend(
        version.map(|(b, version)| b.evidence(format!("built with {}", version.value), &version.from)),
    );
    let trimmed = case.binary.and_then(|b| Some((b, b.facts.trimpath.as_ref()?)));
    evidence.extend(trimmed.map(|(b, trimmed)| {
        b.evidence(
            format!("built {} -trimpath", if trimmed.value { "with" } else { "without" }),
            &trimmed.from,
        )
    }));
    let what = if module {
        "another version of the module, or other flags"
    } else {
        "another Go version, or other flags (-trimpath, -race, -gcflags, CGO_ENABLED)"
    };
    Answer::Found(Finding {
        fault: PLUGIN_VERSION_MISMATCH.id,
        claim: format!("plugin and program hold different builds of {package}: {what}"),
        confidence: Confidence::Certain,
        evidence,
        fix: vec![
            Remedy::noted(
                "go version -m APP PLUGIN.so",
                "compare the Go version, the `dep` and the `build` lines",
            ),
            Remedy::advice("build both with the same go command, flags and go.mod"),
        ],
        decide: None,
        explains: true,
    })
}

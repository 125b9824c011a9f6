//! Builds that this toolchain cannot make.

use super::super::{Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Verdict};
use crate::target::{Goarch, Goos};
use crate::trace::{Complaint, Skew};

pub(super) const MISSING_ASSEMBLY: Rule = Rule {
    id: "missing-assembly",
    title: "a function is declared without a body, and its assembly is missing",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A Go function has no body, and no assembly file for this architecture defines it.",
        why: "Without any .s file in the package the compiler refuses the declaration; with one it leaves the function to the \
              linker, which does not find it. Usual reasons: assembly for amd64 alone and no Go version for other \
              architectures, a wrong //go:build line, a vendoring tool that drops .s, .h and .syso files.",
        evidence: "`missing function body` and `relocation target X not defined` of a package outside of the standard \
                   library: likely; the files are not seen. For a target in the standard library: possible.",
        look_alikes: "A target in runtime, syscall or another standard package is a //go:linkname to what this Go version \
                      does not have: a newer version of the package that uses it. A function that somebody forgot to \
                      write has no body either.",
        fix: "A Go version of the function for the other architectures (//go:build !amd64), or its .s file; `go mod vendor` \
              instead of another tool.",
        since: "All Go versions; run with 1.21 and 1.27.",
    },
    check: missing_assembly,
};

/// The standard library's packages have no dot in the first element of their path;
/// neither has `main`.
fn of_std(symbol: &str) -> bool {
    let package = match symbol.rfind('/') {
        Some(slash) => symbol.get(..slash),
        None => symbol.split('.').next(),
    };
    package.is_some_and(|package| package != "main" && !package.split('/').next().unwrap_or("").contains('.'))
}

fn missing_assembly(case: &Case<'_>) -> Answer {
    let Some((Complaint::NoBody { function, target }, log)) =
        case.error(|c| matches!(c, Complaint::NoBody { .. }))
    else {
        return Answer::Irrelevant;
    };
    let linkname = target.as_deref().is_some_and(of_std);
    let claim = match (&target, linkname) {
        (Some(target), true) => format!("{target} is not in the standard library of this Go version"),
        (Some(target), false) => format!(
            "{target}, which {} uses, is declared without a body and no assembly defines it",
            function.as_deref().unwrap_or("another function")
        ),
        (None, _) => "a function is declared without a body, and the package has no assembly".to_owned(),
    };
    let fix = if linkname {
        Remedy::noted(
            "go get -u golang.org/x/sys",
            "or whichever module uses it: an old version does by //go:linkname",
        )
    } else {
        Remedy::noted(
            "go list -f '{{.SFiles}} {{.IgnoredOtherFiles}}' ./...",
            "with the same GOOS and GOARCH: which .s files count, which are left out",
        )
    };
    Answer::Found(Finding {
        fault: "missing-assembly",
        claim,
        confidence: if linkname { Confidence::Possible } else { Confidence::Likely },
        evidence: vec![log],
        fix: vec![fix],
        decide: Some(if linkname {
            "which package has the //go:linkname, and whether a newer version of it does without".to_owned()
        } else {
            "whether the package has a .s file for this GOARCH, in the module and in vendor/".to_owned()
        }),
        explains: true,
    })
}

pub(super) const TOOLCHAIN_SKEW: Rule = Rule {
    id: "toolchain-skew",
    title: "the Go toolchain is not the one that the source or the environment asks for",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The build asks for another Go: a newer version, a port that this one does not have, or tools of one version.",
        why: "go.mod names the lowest Go version, and since 1.21 the go command keeps to it, or downloads another where \
              GOTOOLCHAIN allows. Go up to 1.20 does not know lines of go.mod that later versions write. GOROOT set to \
              another installation mixes two versions. GOOS and GOARCH are Go's names, not those of `uname -m`.",
        evidence: "The sentences of the go command have one meaning each: certain. A package that is not in the standard \
                   library: certain where it is known to have come later, else nothing is said. Run with Go 1.19 to 1.27.",
        look_alikes: "Go up to 1.20 builds a module for a newer Go and notes it only when that fails. A path without a dot \
                      that is in no module is also `not in std`: a typo, or a missing `replace`.",
        fix: "Install the Go that is asked for, or GOTOOLCHAIN=auto; unset GOROOT; GOARCH=arm with GOARM=7 for armv7.",
        since: "Toolchain lines: Go 1.21.",
    },
    check: toolchain_skew,
};

/// Packages of the standard library by the Go version that brought them
/// (src/ of 1.19 to 1.27; iter and testing/synctest were experiments before).
const NEW_PACKAGES: [(&str, u32); 20] = [
    ("crypto/ecdh", 20),
    ("cmp", 21),
    ("log/slog", 21),
    ("maps", 21),
    ("slices", 21),
    ("testing/slogtest", 21),
    ("go/version", 22),
    ("math/rand/v2", 22),
    ("iter", 23),
    ("structs", 23),
    ("unique", 23),
    ("crypto/fips140", 24),
    ("crypto/hkdf", 24),
    ("crypto/mlkem", 24),
    ("crypto/pbkdf2", 24),
    ("crypto/sha3", 24),
    ("weak", 24),
    ("testing/synctest", 25),
    ("crypto/hpke", 26),
    ("uuid", 27),
];

fn toolchain_skew(case: &Case<'_>) -> Answer {
    let Some((Complaint::Toolchain(skew), log)) = case.error(|c| matches!(c, Complaint::Toolchain(_))) else {
        return Answer::Irrelevant;
    };
    let (claim, fix) = match &skew {
        Skew::Requires { who, needs, has } => (
            format!("{who} asks for Go {needs} or later, and this is Go {has}"),
            vec![
                Remedy::noted(
                    format!("GOTOOLCHAIN=go{} go build ./...", full(needs)),
                    "downloads it, where that is allowed",
                ),
                Remedy::advice(format!(
                    "or install Go {needs}; GOTOOLCHAIN=local forbids another than the installed one"
                )),
            ],
        ),
        Skew::Directive { text } => (
            format!("this Go is older than go.mod, which has `{text}`"),
            vec![Remedy::advice(
                "install Go 1.21 or later; Go up to 1.20 takes `go 1.20`, without a patch version",
            )],
        ),
        Skew::Mixed { tool, has, needs } => (
            format!("two installations of Go are mixed: {tool} is {has}, the go command is {needs}"),
            vec![Remedy::noted(
                "unset GOROOT; go env GOROOT",
                "and look for a second Go in PATH: `type -a go`",
            )],
        ),
        Skew::Pair { pair } => (format!("Go has no port {pair}"), vec![port_for(pair)]),
        Skew::NotInStd { package } => {
            let Some((_, minor)) = NEW_PACKAGES.iter().find(|(name, _)| name == package) else {
                return Answer::Clear;
            };
            (
                format!("the package {package} came with Go 1.{minor}, and this Go is older"),
                vec![Remedy::advice(format!("install Go 1.{minor} or later"))],
            )
        }
    };
    Answer::Found(finding("toolchain-skew", claim, log, fix))
}

/// Versions of toolchains have a patch number since Go 1.21: `1.22` is none.
fn full(version: &str) -> String {
    let plain = version.split('.').count() == 2 && version.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if plain { format!("{version}.0") } else { version.to_owned() }
}

/// What was meant by a pair that is none.
fn port_for(pair: &str) -> Remedy {
    let (os, arch) = pair.split_once('/').unwrap_or((pair, ""));
    // Removed ports, with the last version that has them.
    if let Some(last) = [("windows/arm", "1.23"), ("freebsd/riscv64", "1.25")]
        .iter()
        .find_map(|(name, last)| (*name == pair).then_some(*last))
    {
        return Remedy::advice(format!("Go {last} is the last with {pair}"));
    }
    let goarch = Goarch::parse(arch).is_none().then(|| Goarch::from_machine(arch)).flatten();
    match (Goos::parse(os), goarch) {
        (Some(os), Some(Goarch::Arm)) => {
            let level = arch.strip_prefix("armv").and_then(|rest| rest.get(..1)).unwrap_or("7");
            let level = if matches!(level, "5" | "6") { level } else { "7" };
            Remedy::noted(
                format!("GOOS={os} GOARCH=arm GOARM={level} go build ./..."),
                "GOARCH has Go's own names, GOARM the level",
            )
        }
        (Some(os), Some(arch)) => {
            Remedy::noted(format!("GOOS={os} GOARCH={arch} go build ./..."), "GOARCH has Go's own names")
        }
        _ => Remedy::noted("go tool dist list", "the ports of this Go version"),
    }
}

pub(super) const GOEXPERIMENT_UNKNOWN: Rule = Rule {
    id: "goexperiment-unknown",
    title: "an experiment or GODEBUG setting that this Go version does not know",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "GOEXPERIMENT, a //go:debug line, or a godebug line of go.mod names what this toolchain does not have.",
        why: "Experiments come and go with Go versions: one that was accepted becomes the default and its name goes. A `no` at \
              the start of a name turns an experiment off and is not part of the name in the message. Keys of //go:debug \
              are checked when the program is built.",
        evidence: "The sentences of the go command and the compiler: certain. Run with Go 1.19, 1.21 and 1.27.",
        look_alikes: "An unknown key in the environment variable GODEBUG is silently passed over, at build and run time. \
                      `go env -w GOEXPERIMENT=…` stays for all later builds of the user.",
        fix: "Unset it (`go env -u GOEXPERIMENT`), or take the Go version that knows it.",
        since: "GOEXPERIMENT in the go command: Go 1.17; //go:debug: 1.21; godebug in go.mod: 1.23.",
    },
    check: goexperiment_unknown,
};

fn goexperiment_unknown(case: &Case<'_>) -> Answer {
    let unknown =
        |c: &Complaint| matches!(c, Complaint::UnknownExperiment { .. } | Complaint::UnknownGodebug { .. });
    let Some((complaint, log)) = case.error(unknown) else { return Answer::Irrelevant };
    let (claim, fix) = match &complaint {
        Complaint::UnknownExperiment { name } => (
            format!("this Go version has no experiment {name} (GOEXPERIMENT={name} or no{name})"),
            Remedy::noted("unset GOEXPERIMENT; go env -u GOEXPERIMENT", "it may stand in both places"),
        ),
        Complaint::UnknownGodebug { name } => (
            format!("this Go version has no GODEBUG setting {name}"),
            Remedy::advice(
                "take it out of the //go:debug line or of go.mod, or build with the Go version that has it",
            ),
        ),
        _ => return Answer::Irrelevant,
    };
    Answer::Found(finding("goexperiment-unknown", claim, log, vec![fix]))
}

fn finding(fault: &'static str, claim: String, log: Evidence, fix: Vec<Remedy>) -> Finding {
    Finding {
        fault,
        claim,
        confidence: Confidence::Certain,
        evidence: vec![log],
        fix,
        decide: None,
        explains: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_by_a_port() {
        for (pair, fix) in [
            ("linux/armv7", "GOOS=linux GOARCH=arm GOARM=7 go build ./..."),
            ("linux/armv6l", "GOOS=linux GOARCH=arm GOARM=6 go build ./..."),
            ("linux/aarch64", "GOOS=linux GOARCH=arm64 go build ./..."),
            ("windows/arm", "Go 1.23 is the last with windows/arm"),
            ("linux/nosuch", "go tool dist list"),
        ] {
            assert!(port_for(pair).to_string().starts_with(fix), "{pair}: {}", port_for(pair));
        }
    }

    #[test]
    fn packages_of_the_standard_library() {
        for (symbol, std) in [
            ("syscall.fcntl", true),
            ("internal/poll.f", true),
            ("main.Fast", false),
            ("example.com/fast.Sum", false),
        ] {
            assert_eq!(of_std(symbol), std, "{symbol}");
        }
    }
}

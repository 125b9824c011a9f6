//! A cgo build with the C compiler of another machine.

use super::super::{Answer, Case, Confidence, Docs, Finding, Remedy, Rule, Verdict};
use crate::target::{Goarch, Goos, ports::PORTS};
use crate::trace::Complaint;

pub(super) const CGO_CROSS_HOST_GCC: Rule = Rule {
    id: "cgo-cross-host-gcc",
    title: "cgo cross build with the C compiler of another machine",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A build with cgo for another machine gave C and assembly code to a compiler that is not for that machine.",
        why: "With GOARCH set and CGO_ENABLED=1 the go command still calls gcc, the compiler of the machine it runs on, \
              unless CC says otherwise. runtime/cgo is built first, and its assembly (gcc_arm64.S) or an option such as \
              -marm is what the compiler refuses. No executable is made. Variables such as CC_aarch64_linux_gnu are read \
              by nobody; CC_FOR_linux_arm64 only by the build of Go itself.",
        evidence: "`gcc_arm64.S: Assembler messages:`, or `unrecognized command-line option '-marm'` and its kin (-m64, \
                   -m32, -mabi=64). The first is likely, for an assembler that is too old says so too; the second possible, \
                   for builds without Go use these options as well.",
        look_alikes: "`# runtime/cgo` with `C compiler \"gcc\" not found` is no compiler at all. `cannot find -lfoo` is a \
                      library of the target that is missing. Without CGO_ENABLED=1 a cross build has cgo off and fails \
                      later, as cgo-package-disabled.",
        fix: "CC=aarch64-linux-gnu-gcc (of the target) CGO_ENABLED=1 GOARCH=arm64 go build; or CC=\"zig cc -target \
              aarch64-linux-musl\"; or CGO_ENABLED=0. `panicmap matrix linux/arm64` lists compilers.",
        since: "All Go versions with cgo. Run with Go 1.21 and 1.27 for arm64, arm, riscv64, ppc64le and mips64le.",
    },
    check: cgo_cross_host_gcc,
};

/// GOARCH by the name of runtime/cgo's file in assembly (gcc_ARCH.S).
fn target(assembly: &str) -> Option<Goarch> {
    Goarch::parse(assembly).or(match assembly {
        "ppc64x" => Some(Goarch::Ppc64le),
        "mips64x" => Some(Goarch::Mips64le),
        "mipsx" => Some(Goarch::Mipsle),
        _ => None,
    })
}

/// What GOARCH adds to the command line (cmd/go/internal/work/exec.go, `gccArchArgs`).
fn for_option(option: &str) -> Option<Goarch> {
    Some(match option {
        "-marm" => Goarch::Arm,
        "-m32" => Goarch::I386,
        "-mabi=64" => Goarch::Mips64le,
        // s390x, too.
        "-m64" => Goarch::Amd64,
        _ => return None,
    })
}

fn cgo_cross_host_gcc(case: &Case<'_>) -> Answer {
    let Some((Complaint::OtherMachinesCompiler { assembly, option }, log)) =
        case.error(|c| matches!(c, Complaint::OtherMachinesCompiler { .. }))
    else {
        return Answer::Irrelevant;
    };
    let (arch, confidence, claim) = match (&assembly, &option) {
        (Some(file), _) => (
            target(file),
            Confidence::Likely,
            format!(
                "the C compiler is not for {}: it refuses the assembly of runtime/cgo",
                name(target(file), file)
            ),
        ),
        (None, option) => {
            let option = option.as_deref().unwrap_or_default();
            let arch = for_option(option);
            let claim = format!(
                "the C compiler does not know {option}, which a build for {} gives it",
                name(arch, "another machine")
            );
            (arch, Confidence::Possible, claim)
        }
    };
    let port = PORTS.iter().find(|port| port.os == Goos::Linux && Some(port.arch) == arch);
    let compiler = port.and_then(|port| port.compilers().into_iter().next());
    let command = match (port, compiler) {
        (Some(port), Some(cc)) => Remedy::noted(
            format!(
                "GOOS=linux GOARCH={} CGO_ENABLED=1 CC=\"{}\" go build {}",
                port.arch,
                cc.command,
                case.main_package()
            ),
            "a compiler for the target; `panicmap matrix` lists them",
        ),
        _ => Remedy::advice("set CC to a compiler for the target; `panicmap matrix` lists them"),
    };
    let decide = match confidence {
        Confidence::Possible => {
            "is `# runtime/cgo`, or another Go package, the line above it? And `$(go env CC) -dumpmachine`"
        }
        _ => "`$(go env CC) -dumpmachine`: is it the machine that is built for?",
    };
    Answer::Found(Finding {
        fault: CGO_CROSS_HOST_GCC.id,
        claim,
        confidence,
        evidence: vec![log],
        fix: vec![
            command,
            Remedy::noted(
                format!("CGO_ENABLED=0 go build {}", case.main_package()),
                "where no C code is needed",
            ),
        ],
        decide: Some(decide.to_owned()),
        explains: true,
    })
}

fn name(arch: Option<Goarch>, otherwise: &str) -> &str {
    match arch {
        Some(arch) => arch.name(),
        None => otherwise,
    }
}

//! One fact after the other, as log, executable and machine tell it, and whether
//! a rule found that they contradict each other.

use super::rules::release;
use super::{Case, Confidence, Diagnosis};
use crate::binary::Facts;
use crate::host::Host;
use crate::target::Goos;
use crate::trace::{Complaint, Crash};

/// What the three sources say of one thing. `None`: nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    pub what: &'static str,
    pub log: Option<String>,
    pub binary: Option<String>,
    pub host: Option<String>,
    pub met: Met,
    /// Worth telling of an executable alone, with nothing beside it.
    pub alone: bool,
}

/// Whether the machine has what the executable needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Met {
    Yes,
    /// A rule says so, with this confidence.
    No(Confidence),
    /// One side says nothing.
    Unknown,
}

struct Row {
    what: &'static str,
    log: fn(&Crash) -> Option<String>,
    binary: fn(&Facts) -> Option<String>,
    host: fn(Option<&Facts>, &Host) -> Option<String>,
    /// What compares the sides.
    rules: &'static [&'static str],
    alone: bool,
    /// The rules may be clear without a word of the machine: any will do.
    any: bool,
}

const SILENT: Row = Row {
    what: "",
    log: |_| None,
    binary: |_| None,
    host: |_, _| None,
    rules: &[],
    alone: false,
    any: false,
};

const ROWS: &[Row] = &[
    Row {
        what: "system",
        log: |crash| {
            // runtime/signal_windows.go, `winthrow`: the number of an exception.
            let exception = crash.signal.as_ref().is_some_and(|signal| signal.name.starts_with("0xc"));
            exception.then(|| "windows".to_owned())
        },
        binary: |facts| Some(facts.goos.as_ref()?.value.to_string()),
        host: |_, host| Some(host.goos.as_ref()?.value.to_string()),
        rules: &["wrong-goos", "android-pie"],
        alone: true,
        ..SILENT
    },
    Row {
        what: "its version",
        binary: |facts| Some(format!("{} or later", facts.needs.system()?.value)),
        host: |_, host| {
            // Of Linux the release of the kernel tells more than its number.
            let linux = host.goos.as_ref().is_some_and(|os| matches!(os.value, Goos::Linux | Goos::Android));
            let kernel = host.kernel.as_ref().map(|fact| fact.value.clone());
            let release = release::of(host).map(|fact| fact.value);
            if linux { kernel } else { release.or(kernel) }
        },
        rules: &["kernel-too-old", "windows-too-old", "darwin-min-os", "freebsd-too-old", "openbsd-too-new"],
        ..SILENT
    },
    Row {
        what: "architecture",
        log: |crash| crash.architecture().map(str::to_owned),
        binary: |facts| Some(facts.goarch.as_ref()?.value.to_string()),
        host: |_, host| Some(host.arch.as_ref()?.value.to_string()),
        rules: &["wrong-goarch", "compat32-missing"],
        alone: true,
        ..SILENT
    },
    Row {
        what: "processor",
        log: |crash| {
            said(crash, |complaint| match complaint {
                Complaint::Amd64Level { level } => Some(format!("refused: needs {level}")),
                Complaint::ArmFloat { vfpv3: true, .. } => Some("refused: no VFPv3".to_owned()),
                Complaint::ArmFloat { .. } => Some("refused: no VFP".to_owned()),
                _ => None,
            })
        },
        binary: |facts| {
            let level = facts.level.variable.zip(facts.level.in_force.as_ref());
            let level = level.map(|(variable, level)| format!("{variable}={}", level.value));
            match (level, &facts.needs.cpu) {
                (Some(level), Some(cpu)) => Some(format!("{level}: {}", cpu.value)),
                (level, cpu) => level.or_else(|| cpu.as_ref().map(|fact| fact.value.clone())),
            }
        },
        host: |_, host| processor(host),
        rules: &[
            "goarm-too-high",
            "goarm-float-mode",
            "goamd64-too-high",
            "go386-old-cpu",
            "goarm64-level",
            "goppc64-level",
            "goriscv64-level",
            "gomips-float",
            "s390x-facilities",
        ],
        alone: true,
        any: true,
    },
    Row {
        what: "Go version",
        binary: |facts| Some(facts.go_version.as_ref()?.value.clone()),
        alone: true,
        ..SILENT
    },
    Row {
        what: "C code",
        log: |crash| {
            let in_c = crash.signal.as_ref().is_some_and(|signal| signal.in_cgo);
            in_c.then(|| "the signal came in it".to_owned())
        },
        binary: |facts| {
            let linked = facts.cgo.linked.as_ref()?.value;
            Some(if linked { "linked in" } else { "none" }.to_owned())
        },
        alone: true,
        ..SILENT
    },
    Row {
        what: "loader",
        log: |crash| {
            said(crash, |complaint| match complaint {
                Complaint::InterpreterMissing { path } => Some(format!("{path} is missing")),
                _ => None,
            })
        },
        binary: |facts| facts.interpreter().map(str::to_owned),
        host: |facts, host| {
            let there = host.file(facts?.interpreter()?)?;
            Some(if there { "there" } else { "not there" }.to_owned())
        },
        rules: &["cgo-missing-interp", "arm-cgo-float-abi", "glibc-binary-on-musl", "musl-binary-on-glibc"],
        ..SILENT
    },
    Row {
        what: "C library",
        log: |crash| {
            said(crash, |complaint| match complaint {
                Complaint::GlibcVersion { version, .. } => Some(format!("lacks {version}")),
                _ => None,
            })
        },
        binary: |facts| match facts.glibc.as_ref() {
            Some(floor) => Some(format!("glibc {} or later", floor.version)),
            None if facts.interpreter().is_none() => Some("none".to_owned()),
            None => facts.libc.as_ref().map(|fact| fact.value.to_owned()),
        },
        host: |_, host| Some(host.libc.as_ref()?.value.to_string()),
        rules: &["glibc-too-old", "glibc-binary-on-musl", "musl-binary-on-glibc"],
        ..SILENT
    },
    Row {
        what: "libraries",
        log: |crash| {
            said(crash, |complaint| match complaint {
                Complaint::Library { name, .. } => Some(format!("{name} is missing or unusable")),
                _ => None,
            })
        },
        binary: |facts| (!facts.libraries.is_empty()).then(|| facts.libraries.join(" ")),
        host: |facts, host| {
            let known = facts?.libraries.iter().filter_map(|name| Some((name.as_str(), host.library(name)?)));
            let known: Vec<(&str, bool)> = known.collect();
            let missing: Vec<&str> =
                known.iter().filter(|(_, there)| !there).map(|(name, _)| *name).collect();
            match missing.as_slice() {
                _ if known.is_empty() => None,
                [] => Some("there".to_owned()),
                missing => Some(format!("not there: {}", missing.join(" "))),
            }
        },
        rules: &["shared-lib-missing"],
        ..SILENT
    },
    Row {
        what: "signal",
        log: |crash| {
            let signal = crash.signal.as_ref()?;
            let code = signal.code.map(|code| format!(" code {code}")).unwrap_or_default();
            Some(format!("{}{code}", signal.name))
        },
        ..SILENT
    },
    Row { what: "fault address", log: |crash| Some(crash.signal.as_ref()?.address?.to_string()), ..SILENT },
];

fn said(crash: &Crash, read: impl Fn(&Complaint) -> Option<String>) -> Option<String> {
    crash.remarks.iter().find_map(|remark| read(&remark.complaint))
}

fn processor(host: &Host) -> Option<String> {
    let arm = host.arm_level().map(|cpu| {
        let float = match (cpu.value.vfpv3, cpu.value.vfp) {
            (true, _) => " with VFPv3",
            (false, true) => " with VFPv2",
            (false, false) => " without VFP",
        };
        format!("ARMv{}{float}", cpu.value.version)
    });
    let model = host.cpu_model.as_ref().map(|fact| fact.value.clone());
    let features = host.cpu_features.as_ref().map(|fact| format!("{} features", fact.value.len()));
    match (arm, model) {
        (Some(arm), Some(model)) => Some(format!("{arm} ({model})")),
        (arm, model) => arm.or(model).or(features),
    }
}

pub(super) fn table(case: &Case<'_>, diagnosis: &Diagnosis) -> Vec<Side> {
    let facts = case.binary.map(|binary| binary.facts);
    let sides = ROWS.iter().filter_map(|row| {
        let log = case.crash.and_then(row.log);
        let binary = facts.and_then(row.binary);
        let host = case.host.and_then(|host| (row.host)(facts, host));
        if log.is_none() && binary.is_none() && host.is_none() {
            return None;
        }
        let of_row = |id: &&'static str| row.rules.contains(id);
        let found = diagnosis.findings.iter().find(|finding| of_row(&finding.fault));
        let open = diagnosis.not_asked.iter().any(|not_asked| of_row(&not_asked.fault));
        let clear = diagnosis.clear.iter().any(of_row);
        let both = binary.is_some() && host.is_some();
        let met = match found {
            Some(finding) => Met::No(finding.confidence),
            None if !open && (both || (row.any && clear)) => Met::Yes,
            None => Met::Unknown,
        };
        Some(Side { what: row.what, log, binary, host, met, alone: row.alone })
    });
    sides.collect()
}

#[cfg(test)]
mod tests {
    use super::super::rule;
    use super::*;

    #[test]
    fn the_rules_of_every_row_exist() {
        let ids = ROWS.iter().flat_map(|row| row.rules);
        assert_eq!(ids.filter(|id| rule(id).is_none()).collect::<Vec<_>>(), Vec::<&&str>::new());
    }
}

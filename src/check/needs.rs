//! What a program needs, beside what the machine has, each row judged by the
//! rules that compare the two.

use crate::binary::Facts;
use crate::diagnose::{Confidence, Diagnosis};
use crate::host::Host;

/// Whether a need is met.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Met {
    Yes,
    /// A rule says so with this confidence.
    No(Confidence),
    /// The machine does not say.
    Unknown,
}

/// One need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    pub what: &'static str,
    pub program: String,
    /// What the machine has; `None` where nobody said.
    pub there: Option<String>,
    pub met: Met,
}

/// A row: its name, what the two sides say, and the rules that judge it.
struct Row {
    what: &'static str,
    program: fn(&Facts) -> Option<String>,
    there: fn(&Facts, &Host) -> Option<String>,
    rules: &'static [&'static str],
    /// The rules may be clear without a word of the machine: any will do.
    any: bool,
}

const ROWS: &[Row] = &[
    Row {
        what: "operating system",
        program: |facts| Some(facts.goos.as_ref()?.value.to_string()),
        there: |_, host| Some(host.goos.as_ref()?.value.to_string()),
        rules: &["wrong-goos", "android-pie"],
        any: false,
    },
    Row {
        what: "its version",
        program: |facts| Some(format!("{} or later", facts.needs.system()?.value)),
        there: |_, host| Some(host.kernel.as_ref()?.value.clone()),
        rules: &["kernel-too-old", "windows-too-old", "darwin-min-os", "freebsd-too-old", "openbsd-too-new"],
        any: false,
    },
    Row {
        what: "architecture",
        program: |facts| Some(facts.goarch.as_ref()?.value.to_string()),
        there: |_, host| Some(host.arch.as_ref()?.value.to_string()),
        rules: &["wrong-goarch", "compat32-missing"],
        any: false,
    },
    Row {
        what: "processor",
        program: |facts| Some(facts.needs.cpu.as_ref()?.value.clone()),
        there: |_, host| processor(host),
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
        any: true,
    },
    Row {
        what: "loader",
        program: |facts| facts.interpreter().map(str::to_owned),
        there: |facts, host| {
            let there = host.file(facts.interpreter()?)?;
            Some(if there { "there" } else { "not there" }.to_owned())
        },
        rules: &["cgo-missing-interp", "arm-cgo-float-abi"],
        any: false,
    },
    Row {
        what: "C library",
        program: |facts| match facts.glibc.as_ref() {
            Some(floor) => Some(format!("glibc {} or later", floor.version)),
            None => facts
                .libc
                .as_ref()
                .filter(|_| facts.interpreter().is_some())
                .map(|fact| fact.value.to_owned()),
        },
        there: |_, host| Some(host.libc.as_ref()?.value.to_string()),
        rules: &["glibc-too-old", "glibc-binary-on-musl", "musl-binary-on-glibc"],
        any: false,
    },
    Row {
        what: "libraries",
        program: |facts| (!facts.libraries.is_empty()).then(|| facts.libraries.join(" ")),
        there: |facts, host| {
            let known: Vec<(&String, bool)> =
                facts.libraries.iter().filter_map(|name| Some((name, host.library(name)?))).collect();
            let missing: Vec<&str> =
                known.iter().filter(|(_, there)| !there).map(|(name, _)| name.as_str()).collect();
            match missing.as_slice() {
                _ if known.is_empty() => None,
                [] => Some("there".to_owned()),
                missing => Some(format!("not there: {}", missing.join(" "))),
            }
        },
        rules: &["shared-lib-missing"],
        any: false,
    },
];

fn processor(host: &Host) -> Option<String> {
    let model = host.cpu_model.as_ref().map(|fact| fact.value.clone());
    let arm = host.arm_level().map(|cpu| {
        let float = match (cpu.value.vfpv3, cpu.value.vfp) {
            (true, _) => " with VFPv3",
            (false, true) => " with VFPv2",
            (false, false) => " without VFP",
        };
        format!("ARMv{}{float}", cpu.value.version)
    });
    model.or(arm).or_else(|| host.cpu_features.as_ref().map(|fact| format!("{} features", fact.value.len())))
}

pub(super) fn table(facts: &Facts, host: &Host, diagnosis: &Diagnosis) -> Vec<Need> {
    let needs = ROWS.iter().filter_map(|row| {
        let program = (row.program)(facts)?;
        let there = (row.there)(facts, host);
        let of_row = |id: &&'static str| row.rules.contains(id);
        let open = diagnosis.not_asked.iter().any(|not_asked| of_row(&not_asked.fault));
        let clear = diagnosis.clear.iter().any(of_row);
        let found = diagnosis.findings.iter().find(|finding| of_row(&finding.fault));
        let met = match found {
            Some(finding) => Met::No(finding.confidence),
            None if !open && (there.is_some() || (row.any && clear)) => Met::Yes,
            None => Met::Unknown,
        };
        Some(Need { what: row.what, program, there, met })
    });
    needs.collect()
}

//! What the Go runtime says of a CPU that it refuses.

use super::{Complaint, Refusal, Table, Wording, group};

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: false };

const WORDINGS: &[Wording] = &[
    Wording {
        speaker: "Go runtime",
        pattern: r"^This program can only be run on AMD64 processors with (?P<level>v[234]) microarchitecture support\.$",
        read: |c| Some(Complaint::Amd64Level { level: group(c, "level") }),
    },
    Wording {
        // runtime/os_linux_arm.go, checkgoarm; the second line changed in 1.22.
        speaker: "Go runtime",
        pattern: r"^runtime: this CPU has no (?P<vfpv3>VFPv3 )?floating point hardware, so it cannot run$",
        read: |c| Some(Complaint::ArmFloat { vfpv3: c.name("vfpv3").is_some(), goarm: None }),
    },
    Wording {
        speaker: "Go runtime",
        pattern: r"^this GOARM=(?P<goarm>[567]) binary\. Recompile using GOARM=",
        read: |c| Some(Complaint::ArmFloat { vfpv3: false, goarm: Some(group(c, "goarm")) }),
    },
    Wording {
        speaker: "Go runtime",
        pattern: r"^This program can only run on ARM64 processors with LSE support\.$",
        read: |_| Some(Complaint::CpuRefused(Refusal::Lse)),
    },
    Wording {
        speaker: "Go runtime",
        pattern: r"^This program can only be run on processors with MMX support\.$",
        read: |_| Some(Complaint::CpuRefused(Refusal::Mmx)),
    },
    Wording {
        // The blank at the end is the runtime's own; logs often lose it.
        speaker: "Go runtime",
        pattern: r"^runtime: This CPU has no floating point hardware, so this program cannot be run\. ?$",
        read: |_| Some(Complaint::CpuRefused(Refusal::Vector)),
    },
    Wording {
        speaker: "Go runtime",
        pattern: r"^runtime: this system has multiple CPUs and must use$",
        read: |_| Some(Complaint::CpuRefused(Refusal::OneCpu)),
    },
];

const ANCHORS: &[&str] = &[
    "microarchitecture support",
    "floating point hardware",
    "this GOARM=",
    "LSE support.",
    "MMX support.",
    "has multiple CPUs",
];

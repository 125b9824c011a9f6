//! Android starts position-independent executables only.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, From, Remedy, Rule, Verdict, host_evidence,
};
use crate::host::LibcKind;
use crate::target::Goos;
use crate::trace::Complaint;

pub(super) const ANDROID_PIE: Rule = Rule {
    id: "android-pie",
    title: "Android's linker refuses an executable that is not position-independent",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A dynamic executable with fixed addresses was started on Android 5 or later.",
        why: "Since Android 5 the linker loads position-independent executables alone. GOOS=android makes them; GOOS=linux \
              makes executables with fixed addresses, and so did old Go versions. A static executable meets no linker \
              and runs.",
        evidence: "The linker's sentence is certain. Without a log: certain where the executable is dynamic with Android's \
                   linker, not position-independent, and the host is Android. From public reports (golang/go#10807) and \
                   real executables; no Android was run.",
        look_alikes: "`has unexpected e_machine` is another architecture (wrong-goarch). Android before 4.1 refuses \
                      position-independent ones. `Permission denied` below /sdcard is a noexec mount.",
        fix: "GOOS=android GOARCH=arm64 go build (needs no NDK); other architectures need the NDK's clang as CC.",
        since: "Android 5.0; all Go versions.",
    },
    check: android_pie,
};

fn android_pie(case: &Case<'_>) -> Answer {
    let told = case.complaint(|c| *c == Complaint::PieOnly).map(|(_, log)| log);
    let fixed = case.binary.filter(|b| {
        b.facts.elf.is_some()
            && !b.facts.pie
            && b.facts.interpreter().is_some_and(|path| path.starts_with("/system/bin/linker"))
    });
    let android = case.host.and_then(|host| {
        let named = host.goos.as_ref().filter(|os| os.value == Goos::Android);
        let bionic = host.libc.as_ref().filter(|libc| libc.value.kind == LibcKind::Bionic);
        named
            .map(|os| host_evidence("Android", os))
            .or_else(|| Some(host_evidence("Android (bionic)", bionic?)))
    });
    let pie = case.binary.is_some_and(|b| b.facts.elf.is_some() && b.facts.pie);
    let confidence = match (&told, fixed) {
        // Another program than the executable that was given.
        (Some(_), _) if pie => Confidence::Possible,
        (Some(_), _) => Confidence::Certain,
        (None, Some(_)) if case.silent() && android.is_some() => Confidence::Certain,
        (None, Some(_)) if case.silent() => return Answer::NotAsked("the host: --host (os = \"android\")"),
        (None, _) => return Answer::Irrelevant,
    };
    let mut evidence: Vec<Evidence> = told.into_iter().collect();
    if let Some(binary) = case.binary.filter(|b| b.facts.elf.is_some()) {
        let kind = if binary.facts.pie { "position-independent" } else { "fixed addresses (ET_EXEC)" };
        evidence.push(Evidence { from: From::Binary, fact: kind.to_owned(), place: "ELF header".to_owned() });
    }
    evidence.extend(android);
    Answer::Found(Finding {
        fault: "android-pie",
        claim: "Android starts position-independent executables only, and refused one with fixed addresses"
            .to_owned(),
        confidence,
        evidence,
        fix: vec![Remedy::noted(
            format!("GOOS=android GOARCH=arm64 go build {}", case.main_package()),
            "position-independent by default",
        )],
        decide: (confidence == Confidence::Possible).then(|| {
            "whether the executable given is the one that was refused: it is position-independent".to_owned()
        }),
        explains: true,
    })
}

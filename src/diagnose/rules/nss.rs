//! The Name Service Switch of glibc: what only it can answer, and a static glibc
//! that has to load it.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, From, Remedy, Rule, Subject, Verdict, host_evidence,
};
use crate::host::LibcKind;
use crate::trace::Complaint;

/// What a source of nsswitch.conf answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Database {
    Hosts,
    Users,
}

/// Libraries of sources that Go's own code does not ask, and the everyday name.
const SOURCES: [(&str, &str, &[Database]); 9] = [
    ("libnss_mdns4_minimal.so.2", "mDNS (.local)", &[Database::Hosts]),
    ("libnss_mdns_minimal.so.2", "mDNS (.local)", &[Database::Hosts]),
    ("libnss_mdns4.so.2", "mDNS (.local)", &[Database::Hosts]),
    ("libnss_wins.so.2", "WINS", &[Database::Hosts]),
    ("libnss_mymachines.so.2", "systemd-machined", &[Database::Hosts, Database::Users]),
    ("libnss_ldap.so.2", "LDAP", &[Database::Hosts, Database::Users]),
    ("libnss_sss.so.2", "SSSD", &[Database::Users]),
    ("libnss_winbind.so.2", "winbind", &[Database::Users]),
    ("libnss_systemd.so.2", "systemd", &[Database::Users]),
];

/// A source that the host has besides files and DNS.
pub(super) fn other_source(case: &Case<'_>, database: Database) -> Option<(&'static str, Evidence)> {
    let host = case.host?;
    let (library, name, _) = SOURCES
        .iter()
        .find(|(library, _, answers)| answers.contains(&database) && host.library(library) == Some(true))?;
    let evidence =
        Evidence { from: From::Host, fact: format!("{library} is installed"), place: host.source.clone() };
    Some((name, evidence))
}

pub(super) const STATIC_GLIBC_NSS: Rule = Rule {
    id: "static-glibc-nss",
    title: "a static glibc that has to load NSS libraries",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The program is linked with glibc statically, and asks it for hosts or users.",
        why: "getaddrinfo, getpwnam_r and their kin load the sources of nsswitch.conf (libnss_mdns4_minimal.so.2, \
              libnss_sss.so.2, …) while they run, a static program too, and only those of the very glibc that it was \
              linked with. glibc 2.36 answers from files and dns without loading anything; where another source is asked \
              and not found, the look-up fails.",
        evidence: "The linker's `Using 'getaddrinfo' in statically linked applications requires at runtime the shared \
                   libraries`: likely. A static glibc in the executable, with net or os/user calling it: possible, beside \
                   a failed look-up or a crash in getaddrinfo, or without a log.",
        look_alikes: "Go's own resolver answers in such programs as well, unless nsswitch.conf, resolv.conf or \
                      GODEBUG=netdns=cgo asks for the C library: `lookup X on SERVER:53` is its text. An empty root \
                      without /etc/passwd and /etc/hosts fails with every kind of build. A static musl loads nothing.",
        fix: "go build -tags netgo,osusergo; or link statically with musl (CC=musl-gcc); or CGO_ENABLED=0.",
        since: "All Go versions with cgo. Run with Go 1.21 and glibc 2.36; crashes with other NSS libraries are from \
                public reports.",
    },
    check: static_glibc_nss,
};

/// The packages of a statically linked glibc program that ask it for names.
fn askers(binary: &Subject<'_>) -> Vec<&'static str> {
    let facts = binary.facts;
    let glibc = facts.libc.as_ref().is_some_and(|libc| libc.value == "glibc");
    let linked = facts.cgo.linked.as_ref().is_some_and(|fact| fact.value);
    if !(facts.is_static && glibc && linked) {
        return Vec::new();
    }
    let calls = |package: &&str| facts.cgo.packages.iter().any(|have| have == package);
    ["net", "os/user"].into_iter().filter(calls).collect()
}

/// Functions of C that look names up, as cgo's stubs are called.
const LOOKUPS: [&str; 9] = [
    "_C2func_getaddrinfo",
    "_C2func_getnameinfo",
    "_Cfunc_getaddrinfo",
    "_Cfunc_mygetpwuid_r",
    "_Cfunc_mygetpwnam_r",
    "_Cfunc_mygetgrgid_r",
    "_Cfunc_mygetgrnam_r",
    "_C2func_mygetpwuid_r",
    "_C2func_mygetpwnam_r",
];

/// The function of C in which a signal arrived, where it is one that looks names up.
fn crashed_in(case: &Case<'_>) -> Option<Evidence> {
    let crash = case.crash.filter(|crash| crash.signal.as_ref().is_some_and(|signal| signal.in_cgo))?;
    let frames = crash.frames_of(crash.crashing_goroutine()?);
    let frame =
        frames.iter().find(|frame| LOOKUPS.iter().any(|stub| crash.function(frame).ends_with(stub)))?;
    let fact = format!("the goroutine was in {}", crash.function(frame));
    Some(Evidence { from: From::Log, fact, place: super::super::first_line(crash) })
}

fn static_glibc_nss(case: &Case<'_>) -> Answer {
    if let Some((_, log)) = case.error(|c| *c == Complaint::StaticNss) {
        return Answer::Found(Finding {
            claim:
                "glibc was linked statically, and will have to load NSS libraries to look up hosts or users"
                    .to_owned(),
            ..finding(case, Confidence::Likely, vec![log])
        });
    }
    let log = case
        .error(|c| matches!(c, Complaint::Getaddrinfo { .. }))
        .map(|(_, log)| log)
        .or_else(|| crashed_in(case));
    let Some(binary) = case.binary else {
        return if log.is_some() { Answer::NotAsked("the executable: -b") } else { Answer::Irrelevant };
    };
    let askers = askers(&binary);
    if log.is_none() && !case.silent() || askers.is_empty() {
        return if log.is_some() { Answer::Clear } else { Answer::Irrelevant };
    }
    let host = case.host.and_then(|host| host.libc.as_ref());
    let source = [Database::Hosts, Database::Users].into_iter().find_map(|d| other_source(case, d));
    let mut evidence: Vec<Evidence> = log.into_iter().collect();
    let from = binary.facts.libc.as_ref().map_or("", |libc| libc.from.as_str());
    evidence.push(binary.evidence("it is static, with a glibc of its own", from));
    evidence.push(binary.evidence(format!("{} asks it for names", askers.join(" and ")), "pclntab"));
    evidence.extend(source.map(|(_, evidence)| evidence));
    evidence.extend(
        host.filter(|libc| libc.value.kind != LibcKind::Glibc)
            .map(|libc| host_evidence(format!("its C library is {}", libc.value), libc)),
    );
    Answer::Found(finding(case, Confidence::Possible, evidence))
}

fn finding(case: &Case<'_>, confidence: Confidence, evidence: Vec<Evidence>) -> Finding {
    Finding {
        fault: STATIC_GLIBC_NSS.id,
        claim: "its static glibc has to load NSS libraries to look up hosts or users, and only those of its own version fit"
            .to_owned(),
        confidence,
        evidence,
        fix: vec![
            Remedy::noted(
                format!("go build -tags netgo,osusergo {}", case.main_package()),
                "hosts and users are then looked up by Go's own code",
            ),
            Remedy::advice("or link statically with musl (CC=musl-gcc), or CGO_ENABLED=0"),
        ],
        decide: Some(
            "the sources in /etc/nsswitch.conf where it runs: other ones than files and dns? `strace -f -e openat ./app` \
             shows the libnss_ files that it looks for"
                .to_owned(),
        ),
        explains: true,
    }
}

//! net with Go's own resolver, where the host would need another, or has no
//! configuration for it.

use super::super::{Answer, Case, Confidence, Docs, Evidence, Finding, From, Remedy, Rule, Subject, Verdict};
use super::nss::{Database, other_source};
use crate::target::Goos;
use crate::trace::Complaint;

pub(super) const DNS_RESOLVER_MISMATCH: Rule = Rule {
    id: "dns-resolver-mismatch",
    title: "Go's resolver does not fit the host",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "Names are looked up by Go's own resolver, which finds no /etc/resolv.conf, or asks only /etc/hosts and DNS \
               for a name that neither knows.",
        why: "On Linux Go's resolver answers unless nsswitch.conf, resolv.conf or GODEBUG=netdns=cgo asks for the C \
              library, and without cgo it always does. Without a resolv.conf (or without a nameserver in it) it asks \
              127.0.0.1:53 and [::1]:53. It does not ask mDNS (.local names), LDAP, WINS and other sources of \
              nsswitch.conf: the same name is found by a build with cgo, by ping, by getent.",
        evidence: "`lookup NAME on [::1]:53: … connection refused` (or `cannot assign requested address`, without IPv6): \
                   certain where the host has no /etc/resolv.conf, likely where NAME is localhost, which /etc/hosts knows \
                   everywhere, else possible. `lookup NAME.local on SERVER:53: no such host`: possible.",
        look_alikes: "Most DNS errors are the network: a server that is down, a name that does not exist. `lookup X on \
                      SERVER:53` does not mean that cgo is off. A resolv.conf may name ::1, and the service there be down. \
                      On macOS (since Go 1.20) and Windows the system resolves with cgo and without.",
        fix: "Give the image an /etc/resolv.conf and /etc/hosts (container runtimes mount them, a chroot or an initrd \
              does not); for .local names CGO_ENABLED=1, or the address instead of the name. GODEBUG=netdns=2 tells which \
              resolver answers.",
        since: "Run with Go 1.19, 1.21 and 1.27.",
    },
    check: dns_resolver_mismatch,
};

fn asks_libc(binary: &Subject<'_>) -> bool {
    binary.facts.cgo.packages.iter().any(|package| package == "net")
}

fn dns_resolver_mismatch(case: &Case<'_>) -> Answer {
    let os = case.binary.and_then(|binary| binary.facts.goos.as_ref()).map(|os| os.value);
    if matches!(os, Some(Goos::Windows | Goos::Plan9 | Goos::Darwin | Goos::Ios)) {
        return Answer::Irrelevant;
    }
    if let Some((Complaint::NoNameServer { localhost }, log)) =
        case.error(|c| matches!(c, Complaint::NoNameServer { .. }))
    {
        return Answer::Found(no_name_server(case, localhost, log));
    }
    if let Some((Complaint::LocalName { host }, log)) =
        case.error(|c| matches!(c, Complaint::LocalName { .. }))
    {
        return local_name(case, &host, log);
    }
    unasked_source(case)
}

fn no_name_server(case: &Case<'_>, localhost: bool, log: Evidence) -> Finding {
    let mut evidence = vec![log];
    let android = case
        .binary
        .and_then(|b| Some((b, b.facts.goos.as_ref()?)))
        .filter(|(b, os)| os.value == Goos::Android && !asks_libc(b));
    let there = |path: &str| case.host.and_then(|host| host.file(path));
    let absent = |path: &str| Evidence {
        from: From::Host,
        fact: format!("{path} does not exist"),
        place: case.host.map_or("", |host| host.source.as_str()).to_owned(),
    };
    let resolv = there("/etc/resolv.conf");
    evidence.extend((resolv == Some(false)).then(|| absent("/etc/resolv.conf")));
    evidence.extend((there("/etc/hosts") == Some(false)).then(|| absent("/etc/hosts")));
    evidence.extend(
        android.map(|(b, os)| b.evidence("built for android, which has no /etc/resolv.conf", &os.from)),
    );
    let confidence = match resolv {
        _ if android.is_some() => Confidence::Certain,
        Some(false) => Confidence::Certain,
        // It is there: does it name a server?
        Some(true) => Confidence::Possible,
        None if localhost => Confidence::Likely,
        None => Confidence::Possible,
    };
    let fix = if android.is_some() {
        vec![Remedy::advice(
            "build with cgo and a compiler of the NDK (`panicmap matrix android` lists them): Android's own resolver is \
             asked then",
        )]
    } else {
        let both = if localhost { "/etc/resolv.conf and /etc/hosts" } else { "/etc/resolv.conf" };
        vec![
            Remedy::advice(format!(
                "give the place where it runs {both}: docker and Kubernetes mount them, a chroot or an initrd has none"
            )),
            Remedy::noted("GODEBUG=netdns=2 ./app", "tells which resolver answers"),
        ]
    };
    Finding {
        claim:
            "no name server is configured where it runs: Go's resolver asked [::1]:53, which it falls back on"
                .to_owned(),
        decide: (confidence != Confidence::Certain).then(|| {
            "`cat /etc/resolv.conf` where it runs: is it there, and which nameserver does it name?".to_owned()
        }),
        fix,
        ..finding(confidence, evidence)
    }
}

fn local_name(case: &Case<'_>, host: &str, log: Evidence) -> Answer {
    let mut evidence = vec![log];
    if let Some(binary) = case.binary {
        if asks_libc(&binary) {
            // It would have asked mDNS, had nsswitch.conf named it.
            return Answer::Clear;
        }
        evidence.push(binary.evidence("net has no C code: it asks /etc/hosts and DNS only", "pclntab"));
    }
    evidence.extend(other_source(case, Database::Hosts).map(|(_, evidence)| evidence));
    Answer::Found(Finding {
        claim: format!("{host} is a name for mDNS, which Go's own resolver does not ask"),
        decide: Some(format!(
            "`getent hosts {host}` where it runs: does it answer? Then the C library finds what DNS does not know"
        )),
        fix: vec![
            Remedy::noted(
                format!("CGO_ENABLED=1 go build {}", case.main_package()),
                "needs nss-mdns in nsswitch.conf where it runs",
            ),
            Remedy::advice("or a name that DNS knows, a line in /etc/hosts, the address"),
        ],
        ..finding(Confidence::Possible, evidence)
    })
}

/// Without a log: a source that the program does not ask.
fn unasked_source(case: &Case<'_>) -> Answer {
    let Some(binary) = case.binary.filter(|b| case.silent() && b.facts.uses.resolver && !asks_libc(b)) else {
        return Answer::Irrelevant;
    };
    let Some((name, source)) = other_source(case, Database::Hosts) else { return Answer::Irrelevant };
    let evidence = vec![
        binary.evidence("net is linked in, without its C code: it asks /etc/hosts and DNS only", "pclntab"),
        source,
    ];
    Answer::Found(Finding {
        claim: format!("hosts that only {name} knows are not found by it"),
        decide: Some(
            "`grep hosts: /etc/nsswitch.conf` where it runs; and does the program need such names?"
                .to_owned(),
        ),
        fix: vec![Remedy::noted(
            format!("CGO_ENABLED=1 go build {}", case.main_package()),
            "asks the C library, where nsswitch.conf names more than files and dns",
        )],
        ..finding(Confidence::Possible, evidence)
    })
}

fn finding(confidence: Confidence, evidence: Vec<Evidence>) -> Finding {
    Finding {
        fault: DNS_RESOLVER_MISMATCH.id,
        claim: String::new(),
        confidence,
        evidence,
        fix: Vec::new(),
        decide: None,
        explains: true,
    }
}

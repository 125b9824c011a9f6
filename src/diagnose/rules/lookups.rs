//! Files that an image lacks: time zones and certificates.

use super::super::{Answer, Case, Confidence, Docs, Evidence, Finding, From, Remedy, Rule, Subject, Verdict};
use crate::host::{CERTIFICATE_DIRECTORIES, CERTIFICATE_FILES, Host, ZONE_DIRECTORIES};
use crate::target::Goos;
use crate::trace::Complaint;

pub(super) const TZ_MISSING: Rule = Rule {
    id: "tz-missing",
    title: "no time zones where the program runs",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The program asks for a time zone by its name, and neither the host nor the executable has the data.",
        why: "time.LoadLocation reads /usr/share/zoneinfo and its like, then $GOROOT/lib/time/zoneinfo.zip, which no \
              deployment has. Images such as scratch and Alpine have no zoneinfo; Windows never has. Local time is then \
              silently UTC, even with TZ set.",
        evidence: "`unknown time zone X` alone is possible: the name may be wrong. With a host that has none of the \
                   directories: certain where the executable is seen to have no zones of its own, else likely. An \
                   executable for Windows without time/tzdata: likely, for a Go installation there has zones. Without a log: possible, where time.LoadLocation is linked in \
                   and the host has no zones.",
        look_alikes: "A misspelt zone gives the same text on a host with zoneinfo: not this fault. So it is with \
                      time/tzdata linked in. \"UTC\" and \"Local\" are always there.",
        fix: "-tags timetzdata (450 KB more), or `import _ \"time/tzdata\"`; or the tzdata package, or a copy of \
              /usr/share/zoneinfo, in the image; or $ZONEINFO.",
        since: "All Go versions; time/tzdata since Go 1.15.",
    },
    check: tz_missing,
};

/// Is one of these there? `None` where neither that is known nor that the first,
/// which nearly all systems have, is absent.
fn any_of(host: &Host, paths: &[&str]) -> Option<bool> {
    if paths.iter().any(|path| host.file(path) == Some(true)) {
        return Some(true);
    }
    (host.file(paths.first()?) == Some(false)).then_some(false)
}

fn absent(host: &Host, paths: &[&str]) -> Evidence {
    let known: Vec<&str> = paths.iter().copied().filter(|path| host.file(path) == Some(false)).collect();
    Evidence { from: From::Host, fact: format!("no {}", known.join(", ")), place: host.source.clone() }
}

fn os(binary: Option<Subject<'_>>) -> Option<Goos> {
    Some(binary?.facts.goos.as_ref()?.value)
}

fn tz_missing(case: &Case<'_>) -> Answer {
    let told = case.error(|c| matches!(c, Complaint::UnknownZone { .. }));
    let lookups = case.binary.and_then(|binary| binary.facts.lookups);
    if told.is_none() && !(case.silent() && lookups.is_some_and(|l| l.zones && !l.own_zones)) {
        return Answer::Irrelevant;
    }
    if lookups.is_some_and(|lookups| lookups.own_zones) {
        return Answer::Clear;
    }
    let windows = os(case.binary) == Some(Goos::Windows);
    let zones = case.host.and_then(|host| any_of(host, &ZONE_DIRECTORIES));
    let confidence = match (&told, windows, zones) {
        (_, false, Some(true)) => return Answer::Clear,
        (Some(_), false, Some(false)) if lookups.is_some() => Confidence::Certain,
        (Some(_), true, _) | (Some(_), _, Some(false)) => Confidence::Likely,
        (Some(_), ..) => Confidence::Possible,
        (None, true, _) | (None, _, Some(false)) => Confidence::Possible,
        (None, ..) => return Answer::NotAsked("whether the host has time zones: --host"),
    };
    let name = match &told {
        Some((Complaint::UnknownZone { name }, _)) => Some(name.as_str()),
        _ => None,
    };
    let mut evidence: Vec<Evidence> = told.iter().map(|(_, log)| log.clone()).collect();
    if let (Some(binary), Some(_)) = (case.binary, lookups) {
        let fact = match name {
            Some(_) => "time/tzdata is not linked in",
            None => "time.LoadLocation is linked in, time/tzdata is not",
        };
        evidence.push(binary.evidence(fact, "names in the pclntab"));
    }
    if windows && let Some(binary) = case.binary {
        evidence.push(binary.evidence("GOOS=windows: the system has no zoneinfo", "the port"));
    }
    if let (Some(host), Some(false)) = (case.host, zones) {
        evidence.push(absent(host, &ZONE_DIRECTORIES));
    }
    let claim = match (name, confidence) {
        (Some(name), Confidence::Possible) => {
            format!("the time zone {name} was not found: there are no zones, or its name is wrong")
        }
        (Some(name), _) => format!("there are no time zones: {name}, like any other, cannot be found"),
        (None, _) => "a time zone that is asked for by name would not be found".to_owned(),
    };
    Answer::Found(Finding {
        fault: "tz-missing",
        claim,
        confidence,
        evidence,
        fix: vec![
            Remedy::noted(
                format!("go build -tags timetzdata {}", case.main_package()),
                "puts the zones into the executable",
            ),
            Remedy::advice("or put the package tzdata, or /usr/share/zoneinfo, into the image"),
        ],
        decide: (confidence == Confidence::Possible).then(|| match name {
            Some(_) => {
                "does /usr/share/zoneinfo exist where it ran? Where it does, the name is wrong".to_owned()
            }
            None => "whether the program ever calls time.LoadLocation".to_owned(),
        }),
        explains: name.is_some(),
    })
}

pub(super) const CA_MISSING: Rule = Rule {
    id: "ca-missing",
    title: "no root certificates where the program runs",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The program verifies TLS certificates, and the host has no file of root certificates.",
        why: "On Linux and the BSDs crypto/x509 reads one file or directory of a fixed list. In scratch or a slim image \
              none is there: every certificate is then signed by an unknown authority. macOS and Windows ask the system, \
              with cgo and without.",
        evidence: "`x509: certificate signed by unknown authority` alone is possible only. With a host that has none of \
                   the files and directories: likely, for $SSL_CERT_FILE and roots of the program's own are not seen. \
                   `failed to load system roots and no roots provided` is likely alone. Without a log: possible, where \
                   the loader of roots is linked in.",
        look_alikes: "A private or self-signed certificate, a proxy that breaks TLS, or a server that does not send its \
                      intermediate certificate, on a host with roots: not this fault. So is `(possibly because of …)`: a \
                      root of that name is known. A wrong clock says `has expired or is not yet valid`.",
        fix: "The package ca-certificates in the image, or COPY --from=build /etc/ssl/certs/ca-certificates.crt; a \
              private root in $SSL_CERT_FILE; golang.org/x/crypto/x509roots/fallback (Go 1.20).",
        since: "All Go versions; the prefix `tls: failed to verify certificate` since Go 1.20.",
    },
    check: ca_missing,
};

fn ca_missing(case: &Case<'_>) -> Answer {
    let told = case.error(|c| matches!(c, Complaint::UnknownAuthority { .. } | Complaint::NoRoots));
    let lookups = case.binary.and_then(|binary| binary.facts.lookups);
    if told.is_none() && !(case.silent() && lookups.is_some_and(|l| l.roots && !l.own_roots)) {
        return Answer::Irrelevant;
    }
    let by_system = matches!(os(case.binary), Some(Goos::Darwin | Goos::Ios | Goos::Windows))
        || case
            .host
            .and_then(|h| h.goos.as_ref())
            .is_some_and(|os| matches!(os.value, Goos::Darwin | Goos::Windows));
    let known_root = matches!(told, Some((Complaint::UnknownAuthority { candidate: true }, _)));
    if by_system || known_root || lookups.is_some_and(|lookups| lookups.own_roots) {
        return Answer::Clear;
    }
    let places: Vec<&str> = CERTIFICATE_FILES.iter().chain(&CERTIFICATE_DIRECTORIES).copied().collect();
    let roots = case.host.and_then(|host| any_of(host, &places));
    let no_roots = matches!(told, Some((Complaint::NoRoots, _)));
    let confidence = match (&told, roots) {
        (_, Some(true)) => return Answer::Clear,
        (Some(_), Some(false)) => Confidence::Likely,
        (Some(_), None) if no_roots => Confidence::Likely,
        (Some(_), None) | (None, Some(false)) => Confidence::Possible,
        (None, None) => return Answer::NotAsked("whether the host has root certificates: --host"),
    };
    let mut evidence: Vec<Evidence> = told.iter().map(|(_, log)| log.clone()).collect();
    if let (Some(binary), Some(true)) = (case.binary, lookups.map(|lookups| lookups.roots)) {
        evidence
            .push(binary.evidence("the loader of the system's roots is linked in", "names in the pclntab"));
    }
    if let (Some(host), Some(false)) = (case.host, roots) {
        evidence.push(absent(host, &places));
    }
    Answer::Found(Finding {
        fault: "ca-missing",
        claim: match (&told, confidence) {
            (Some(_), Confidence::Possible) => {
                "a certificate leads to no known root: there are no roots, or the server's is private".to_owned()
            }
            (Some(_), _) => "there are no root certificates: no server can be trusted".to_owned(),
            (None, _) => "there are no root certificates: a TLS client would trust no server".to_owned(),
        },
        confidence,
        evidence,
        fix: vec![
            Remedy::noted("apt-get install ca-certificates", "or apk add ca-certificates, in the image"),
            Remedy::advice("where the server's root is private: its file in SSL_CERT_FILE"),
        ],
        decide: match (&told, confidence) {
            (Some(_), Confidence::Possible) => Some(
                "does /etc/ssl/certs/ca-certificates.crt (or /etc/ssl/cert.pem) exist where it ran? Where it does, the \
                 server's certificate is at fault"
                    .to_owned(),
            ),
            (Some(_), _) => Some("whether SSL_CERT_FILE or SSL_CERT_DIR names other roots".to_owned()),
            (None, _) => Some("whether the program connects by TLS at all".to_owned()),
        },
        explains: told.is_some(),
    })
}

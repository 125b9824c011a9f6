//! os/user without cgo.

use super::super::{Answer, Case, Confidence, Docs, Evidence, Finding, From, Remedy, Rule, Verdict};
use super::nss::{Database, other_source};
use crate::trace::Complaint;

pub(super) const USER_LOOKUP_NO_CGO: Rule = Rule {
    id: "user-lookup-no-cgo",
    title: "os/user without cgo does not know the user",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "user.Current fails in a program without cgo: the user has no line in /etc/passwd, and $USER or $HOME is not \
               set.",
        why: "Without cgo (or with -tags osusergo) users are read from /etc/passwd alone: not from LDAP, SSSD, NIS or \
              systemd. Images from scratch have no such file, and with a uid of its own (`runAsUser`, OpenShift) a \
              container has no line in it. Then $USER and $HOME make the record; where one of them is missing, as in most \
              containers, it is an error.",
        evidence: "`user: Current requires cgo or $USER, $HOME set in environment`: certain, unless the executable has \
                   os/user's C code. Without a log: an executable without that C code on a host without /etc/passwd, or with \
                   another source of users: possible.",
        look_alikes: "`user: unknown userid N` is a uid without a line in passwd, with cgo and without. `$HOME is not \
                      defined` is os.UserHomeDir. A static glibc asks the host's NSS libraries: static-glibc-nss.",
        fix: "A line in the image's /etc/passwd (`app:x:1000:1000::/:`), or USER and HOME in its environment; where users \
              come from LDAP or SSSD, CGO_ENABLED=1.",
        since: "Go 1.19 to 1.27 say so in these words (os/user/lookup_stubs.go). Run with 1.19, 1.21 and 1.27.",
    },
    check: user_lookup_no_cgo,
};

fn user_lookup_no_cgo(case: &Case<'_>) -> Answer {
    let asks_libc = case.binary.map(|b| b.facts.cgo.packages.iter().any(|package| package == "os/user"));
    let passwd = case.host.and_then(|host| host.file("/etc/passwd"));
    let no_file = || Evidence {
        from: From::Host,
        fact: "/etc/passwd does not exist".to_owned(),
        place: case.host.map_or("", |host| host.source.as_str()).to_owned(),
    };
    if let Some((Complaint::UserNeedsCgo { unset }, log)) =
        case.error(|c| matches!(c, Complaint::UserNeedsCgo { .. }))
    {
        let mut evidence = vec![log];
        if let Some(binary) = case.binary.filter(|_| asks_libc == Some(false)) {
            evidence.push(binary.evidence("os/user has no C code", "pclntab"));
        }
        evidence.extend((passwd == Some(false)).then(no_file));
        let contradicted = asks_libc == Some(true);
        return Answer::Found(Finding {
            claim: format!(
                "the user has no line in /etc/passwd, which is all that a program without cgo reads, and {} not set",
                match unset.as_str() {
                    "$USER, $HOME" => "$USER and $HOME are",
                    "$USER" => "$USER is",
                    _ => "$HOME is",
                }
            ),
            decide: contradicted.then(|| {
                "the executable given has os/user's C code: is it the one that wrote the log?".to_owned()
            }),
            ..finding(case, if contradicted { Confidence::Likely } else { Confidence::Certain }, evidence)
        });
    }
    let Some(binary) =
        case.binary.filter(|b| case.silent() && b.facts.uses.users && asks_libc == Some(false))
    else {
        return Answer::Irrelevant;
    };
    let source = other_source(case, Database::Users);
    if passwd != Some(false) && source.is_none() {
        return if passwd.is_none() { Answer::Irrelevant } else { Answer::Clear };
    }
    let mut evidence = vec![binary.evidence("os/user is linked in, without its C code", "pclntab")];
    evidence.extend((passwd == Some(false)).then(no_file));
    let claim = match &source {
        Some((name, _)) => format!("users of {name} are unknown to it: it reads /etc/passwd alone"),
        None => "it reads users from /etc/passwd alone, which is not there".to_owned(),
    };
    evidence.extend(source.map(|(_, evidence)| evidence));
    Answer::Found(Finding {
        claim,
        decide: Some(
            "which user does it run as, and are $USER and $HOME set? Then user.Current is made of them"
                .to_owned(),
        ),
        ..finding(case, Confidence::Possible, evidence)
    })
}

fn finding(case: &Case<'_>, confidence: Confidence, evidence: Vec<Evidence>) -> Finding {
    Finding {
        fault: USER_LOOKUP_NO_CGO.id,
        claim: String::new(),
        confidence,
        evidence,
        fix: vec![
            Remedy::noted(
                "RUN echo 'app:x:1000:1000::/:' >> /etc/passwd",
                "in the Dockerfile, with the uid that is used",
            ),
            Remedy::noted("USER=app HOME=/ ./app", "or both in the environment"),
            Remedy::noted(
                format!("CGO_ENABLED=1 go build {}", case.main_package()),
                "where users come from LDAP or SSSD; needs a C compiler, and glibc where it runs",
            ),
        ],
        decide: None,
        explains: true,
    }
}

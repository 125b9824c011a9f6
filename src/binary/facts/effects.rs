//! What cgo decides in this very program: which parts of the standard library
//! behave differently for having been built with or without it. A row is told
//! only where its code is linked in.
//!
//! Checked with Go 1.19 to 1.27: net/conf.go, net/cgo_*.go, os/user/*.go,
//! plugin/*.go, crypto/x509/root_*.go, time/zoneinfo_*.go.

use super::super::Binary;
use super::names::Mark;
use super::{Facts, Names, Options};
use crate::target::Goos;

/// One part of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// A stable name.
    pub id: &'static str,
    /// The package that is linked in.
    pub package: String,
    /// Does it behave differently with cgo on and off?
    pub changes: bool,
    /// A few words for a summary: how it behaves in this program.
    pub brief: &'static str,
    pub text: &'static str,
}

/// What the rows look at.
struct Program<'a> {
    names: &'a Names,
    os: Goos,
    minor: u32,
    cgo: bool,
    libc: &'a str,
    is_static: bool,
    options: &'a Options,
    modules: Vec<&'a str>,
}

type Said = (bool, &'static str, &'static str);

struct Row {
    id: &'static str,
    package: &'static str,
    linked: Mark,
    say: fn(&Program<'_>) -> Option<Said>,
}

const ROWS: [Row; 5] = [
    Row { id: "dns", package: "net", linked: Mark::Resolver, say: dns },
    Row { id: "users", package: "os/user", linked: Mark::Users, say: users },
    Row { id: "plugins", package: "plugin", linked: Mark::Plugin, say: plugins },
    Row { id: "time-zones", package: "time", linked: Mark::Zones, say: zones },
    Row { id: "certificate-roots", package: "crypto/x509", linked: Mark::Roots, say: roots },
];

/// Packages that are empty, a stub or degraded without cgo.
const NEED_CGO: [&str; 12] = [
    "github.com/mattn/go-sqlite3",
    "github.com/confluentinc/confluent-kafka-go",
    "github.com/google/gopacket",
    "github.com/gopacket/gopacket",
    "github.com/miekg/pkcs11",
    "github.com/libgit2/git2go",
    "github.com/pebbe/zmq4",
    "github.com/godror/godror",
    "github.com/DataDog/go-libddwaf",
    "github.com/DataDog/zstd",
    "github.com/go-gl/gl",
    "github.com/mattn/go-oci8",
];

/// The rows that concern this program; the reason in words where nobody can know.
///
/// # Errors
/// What is missing.
pub fn effects(binary: &Binary) -> Result<Vec<Effect>, String> {
    let facts = binary.facts();
    let names = match binary.pclntab() {
        Ok(_) => binary.names().ok_or("no names of functions")?,
        Err(reason) => return Err(format!("the names of its functions are not known: {reason}")),
    };
    let os = facts.goos.as_ref().map(|fact| fact.value).ok_or("its GOOS is not known")?;
    let program = Program {
        names,
        os,
        // Not known: as today's.
        minor: binary.go_minor().unwrap_or(27),
        cgo: names.has(Mark::RuntimeCgo),
        libc: facts.libc.as_ref().map_or("", |fact| fact.value),
        is_static: facts.is_static,
        options: &facts.options,
        modules: modules(facts),
    };
    let rows = ROWS.iter().filter(|row| names.has(row.linked));
    let mut out: Vec<Effect> = rows
        .filter_map(|row| {
            let (changes, brief, text) = (row.say)(&program)?;
            Some(Effect { id: row.id, package: row.package.to_owned(), changes, brief, text })
        })
        .collect();
    out.extend(threads(&program));
    out.extend(packages(&program));
    Ok(out)
}

fn modules(facts: &Facts) -> Vec<&str> {
    facts.build.iter().flat_map(|build| &build.deps).map(|module| module.path.as_str()).collect()
}

fn unix(os: Goos) -> bool {
    !matches!(os, Goos::Windows | Goos::Plan9 | Goos::Js | Goos::Wasip1)
}

fn dns(program: &Program<'_>) -> Option<Said> {
    let asks_libc = program.cgo && program.names.callers.iter().any(|package| package == "net");
    Some(match program.os {
        Goos::Windows | Goos::Plan9 => {
            (false, "by the system", "names are looked up by the system with cgo and without")
        }
        Goos::Js | Goos::Wasip1 => return None,
        Goos::Darwin | Goos::Ios if program.minor >= 20 => (
            false,
            "by the system (libSystem)",
            "names are looked up by libSystem with cgo and without, since Go 1.20",
        ),
        Goos::Darwin | Goos::Ios if !asks_libc => (
            true,
            "Go's own resolver: no VPN or .local names",
            "names are looked up by Go's own resolver, from /etc/hosts and /etc/resolv.conf: the servers \
             of a VPN, /etc/resolver and .local names are not asked. Go 1.20 asks libSystem without cgo too",
        ),
        Goos::Android if !asks_libc => (
            true,
            "Go's own resolver, which finds no /etc/resolv.conf",
            "names are looked up by Go's own resolver. Android has no /etc/resolv.conf: it asks 127.0.0.1:53 \
             and [::1]:53, and fails",
        ),
        _ if !asks_libc => (
            true,
            "/etc/hosts and DNS only: no .local (mDNS), LDAP, other NSS modules",
            "names are looked up by Go's own resolver: /etc/hosts, and the DNS servers of /etc/resolv.conf \
             (127.0.0.1 and ::1 where there is none). Of the sources in /etc/nsswitch.conf only files and dns \
             count: mdns (.local names), LDAP, NIS, wins, myhostname and resolve are not asked. \
             GODEBUG=netdns=cgo has no effect",
        ),
        _ if program.options.has_tag("netcgo") => (
            true,
            "getaddrinfo of the C library, always (-tags netcgo)",
            "names are looked up by getaddrinfo of the C library, always (-tags netcgo). Without cgo Go's own \
             resolver would ask /etc/hosts and DNS only",
        ),
        _ if program.is_static && program.libc == "glibc" => (
            true,
            "getaddrinfo of a static glibc, which loads NSS libraries",
            "names may be looked up by getaddrinfo of the static glibc, which loads the NSS libraries of the \
             very glibc it was linked with, and fails without them. -tags netgo avoids it",
        ),
        _ if program.libc == "musl" => (
            true,
            "Go's own resolver, or getaddrinfo of musl (no NSS modules)",
            "Go's own resolver answers, unless resolv.conf or the environment (LOCALDOMAIN, RES_OPTIONS, \
             HOSTALIASES) asks for what it cannot do: then getaddrinfo of musl, which has no NSS modules. \
             GODEBUG=netdns=2 tells which",
        ),
        _ => (
            true,
            "getaddrinfo where nsswitch.conf asks for more than files and dns",
            "Go's own resolver answers, unless nsswitch.conf (mdns for .local names, LDAP, NIS, …), resolv.conf or \
             the environment (LOCALDOMAIN, RES_OPTIONS, HOSTALIASES) asks for what it cannot do: then \
             getaddrinfo of the C library. Without cgo those sources are not asked. GODEBUG=netdns=2 tells which",
        ),
    })
}

fn users(program: &Program<'_>) -> Option<Said> {
    let asks_libc = program.cgo && program.names.callers.iter().any(|package| package == "os/user");
    Some(match program.os {
        Goos::Windows | Goos::Plan9 => {
            (false, "by the system", "users are looked up by the system with cgo and without")
        }
        Goos::Android => (false, "a stub", "users are not looked up on Android: os/user is a stub there"),
        Goos::Darwin | Goos::Ios if program.minor >= 20 => (
            false,
            "by the system (libSystem)",
            "users are looked up by libSystem with cgo and without, since Go 1.20",
        ),
        os if !unix(os) => return None,
        _ if !asks_libc => (
            true,
            "/etc/passwd and /etc/group only: no LDAP, SSSD, NIS",
            "users and groups are looked up in /etc/passwd and /etc/group only: those of LDAP, SSSD, NIS or \
             systemd are unknown. Where the own uid has no line there, user.Current is made of $USER and $HOME, \
             or fails with `user: Current requires cgo or $USER, $HOME set in environment`",
        ),
        _ if program.is_static && program.libc == "glibc" => (
            true,
            "getpwuid_r of a static glibc, which loads NSS libraries",
            "users and groups are looked up by the static glibc, which loads the NSS libraries of the very \
             glibc it was linked with, and fails without them. -tags osusergo avoids it",
        ),
        _ => (
            true,
            "getpwuid_r of the C library, with its NSS modules",
            "users and groups are looked up by the C library (getpwuid_r and its kin), with all sources of \
             nsswitch.conf. Without cgo only /etc/passwd and /etc/group are read",
        ),
    })
}

fn plugins(program: &Program<'_>) -> Option<Said> {
    Some(match (program.os, program.cgo) {
        (Goos::Linux | Goos::Darwin | Goos::Freebsd, false) => (
            true,
            "plugin.Open fails: `plugin: not implemented`",
            "plugin.Open fails with `plugin: not implemented`",
        ),
        (Goos::Linux | Goos::Darwin | Goos::Freebsd, true) => (
            true,
            "plugin.Open works, by dlopen",
            "plugin.Open works, by dlopen of the C library. Without cgo it fails with `plugin: not implemented`",
        ),
        _ => (
            false,
            "not on this system",
            "plugin.Open fails with `plugin: not implemented` with cgo and without: this system has none",
        ),
    })
}

fn zones(program: &Program<'_>) -> Option<Said> {
    let inside = program.names.links("time/tzdata");
    Some(match program.os {
        Goos::Darwin | Goos::Ios | Goos::Windows | Goos::Android => (
            false,
            "unchanged",
            "time zones come from Go's own code and the system's files with cgo and without",
        ),
        _ if inside => (
            false,
            "unchanged; a copy is inside the program",
            "time zones are read by Go's own code with cgo and without: $ZONEINFO, /usr/share/zoneinfo, else the \
             copy in the program (time/tzdata)",
        ),
        _ => (
            false,
            "unchanged: files of the system",
            "time zones are read by Go's own code with cgo and without: $ZONEINFO, /usr/share/zoneinfo. No copy is \
             in the program (time/tzdata): an image without them knows UTC only",
        ),
    })
}

fn roots(program: &Program<'_>) -> Option<Said> {
    Some(match program.os {
        Goos::Darwin | Goos::Ios if program.minor < 16 => return None,
        Goos::Darwin | Goos::Ios => (
            false,
            "unchanged: Security framework",
            "certificates are verified by the Security framework with cgo and without, since Go 1.16",
        ),
        Goos::Windows => (
            false,
            "unchanged: the system's store",
            "certificates are verified by the system with cgo and without",
        ),
        _ => (
            false,
            "unchanged: files of the system",
            "certificate roots are read from files (/etc/ssl/certs and its like, $SSL_CERT_FILE, $SSL_CERT_DIR) \
             with cgo and without",
        ),
    })
}

/// runtime/cgo makes threads by pthread_create, which calls clone3 since glibc 2.34.
fn threads(program: &Program<'_>) -> Option<Effect> {
    let concerned = program.cgo && matches!(program.os, Goos::Linux) && program.libc == "glibc";
    concerned.then(|| Effect {
        id: "threads",
        package: "runtime/cgo".to_owned(),
        changes: true,
        brief: "made by pthread_create, which calls clone3",
        text: "threads are made by pthread_create, which calls clone3 since glibc 2.34: where seccomp refuses that with \
               EPERM (Docker before 20.10.10) the program aborts with `pthread_create failed`. Without cgo clone is called",
    })
}

fn packages(program: &Program<'_>) -> Vec<Effect> {
    // The list of modules holds what is linked in, and names are certain.
    let linked = |module: &str| {
        program.names.links_module(module) && program.modules.iter().any(|have| have.starts_with(module))
    };
    let found = NEED_CGO.iter().filter(|module| !program.cgo && linked(module));
    let effect = |module: &&str| Effect {
        id: "package-needs-cgo",
        package: (*module).to_owned(),
        changes: true,
        brief: "made for cgo: a stub or less without",
        text: "this package calls C: what is linked in without cgo is a stub, or a part of it, and fails when it is \
               used (`go-sqlite3 requires cgo to work. This is a stub`)",
    };
    found.map(effect).collect()
}

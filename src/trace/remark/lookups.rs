//! Errors of net and os/user by which an image that lacks files, or a resolver that asks
//! other sources, is known. What any name that is not known to DNS, or any outage, leaves in a
//! log is not here.

use super::{Complaint, Table, Wording, group};

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: true };

const WORDINGS: &[Wording] = &[
    Wording {
        // net/dnsconfig.go, `defaultNS`: 127.0.0.1:53, then [::1]:53, whose error is told.
        speaker: "package net",
        pattern: r"lookup (?P<host>[A-Za-z0-9._-]+) on \[::1\]:53: (?:read udp \S+: read: connection refused|dial udp \S+: connect: cannot assign requested address)",
        read: |c| {
            let host = group(c, "host").trim_end_matches('.').to_ascii_lowercase();
            Some(Complaint::NoNameServer { localhost: host == "localhost" })
        },
    },
    Wording {
        speaker: "package net",
        pattern: r"lookup (?P<host>[A-Za-z0-9_-]+\.local)\.? on \S+:53: no such host",
        read: |c| Some(Complaint::LocalName { host: group(c, "host") }),
    },
    Wording {
        // gai_strerror(3) of glibc: EAI_AGAIN, EAI_NONAME.
        speaker: "getaddrinfo",
        pattern: r"lookup (?P<host>localhost|[A-Za-z0-9_-]+\.local): (?:Temporary failure in name resolution|Name or service not known)",
        read: |c| Some(Complaint::Getaddrinfo { host: group(c, "host") }),
    },
    Wording {
        // os/user/lookup_stubs.go, `current`
        speaker: "package os/user",
        pattern: r"user: Current requires cgo or (?P<unset>\$USER, \$HOME|\$USER|\$HOME) set in environment",
        read: |c| Some(Complaint::UserNeedsCgo { unset: group(c, "unset") }),
    },
];

const ANCHORS: &[&str] =
    &["[::1]:53: ", ".local on ", ".local. on ", "up localhost: ", ".local: ", "uires cgo"];

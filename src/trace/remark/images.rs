//! What Docker, containerd and BuildKit say of an image that is for another platform.

use regex::bytes::Captures;

use super::{Complaint, Table, Wording, group};

/// Nothing was started.
pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: false };

/// It was started all the same: an emulator may be there.
pub(super) const WARNINGS: Table = Table { wordings: WARNING, anchors: WARNING_ANCHORS, error: true };

fn other(captures: &Captures<'_>) -> Option<Complaint> {
    let named = |name: &str| captures.name(name).map(|_| group(captures, name));
    Some(Complaint::OtherPlatform { image: named("image"), host: named("host") })
}

const WORDINGS: &[Wording] = &[
    Wording {
        speaker: "Docker",
        pattern: r"(?:^|: )no matching manifest for (?P<host>[a-z0-9]+/[a-z0-9/]+) in the manifest list entries",
        read: other,
    },
    Wording {
        speaker: "Docker",
        pattern: r"image with reference \S+ was found but does not match the specified platform: wanted (?P<host>[a-z0-9]+/[a-z0-9/]+), actual: (?P<image>[a-z0-9]+/[a-z0-9/]+)",
        read: other,
    },
    Wording {
        speaker: "containerd",
        pattern: r"failed to (?:pull and unpack image|resolve image|solve)\b.*: no match for platform in manifest",
        read: other,
    },
];

const ANCHORS: &[&str] =
    &["no matching manifest for", "match the specified platform", "no match for platform"];

const WARNING: &[Wording] = &[Wording {
    speaker: "Docker",
    // Compose appends how long it took.
    pattern: r"\bThe requested image's platform \((?P<image>[a-z0-9]+/[a-z0-9/]+)\) does not match the detected host platform \((?P<host>[a-z0-9]+/[a-z0-9/]+)\) and no specific platform was requested(?: +[0-9.]+s)?$",
    read: other,
}];

const WARNING_ANCHORS: &[&str] = &["the detected host platform"];

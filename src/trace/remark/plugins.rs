//! What package plugin says, Go 1.19 to 1.27 (plugin/plugin_stubs.go, runtime/plugin.go).

use super::{Complaint, Table, Wording, group};

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: true };

const WORDINGS: &[Wording] = &[
    Wording {
        speaker: "package plugin",
        pattern: r#"(?:^|[\s"'=(\[{:])plugin: not implemented(?:$|["'\\)\]}])"#,
        read: |_| Some(Complaint::NoPlugins),
    },
    Wording {
        speaker: "package plugin",
        pattern: r#"plugin\.Open\([^)]*\): plugin was built with a different version of package (?P<package>[^\s"'\\()\[\]{}]+)"#,
        read: |c| Some(Complaint::PluginVersion { package: group(c, "package") }),
    },
];

const ANCHORS: &[&str] = &["plugin: not implemented", "plugin was built with"];

//! What JavaScript and WASI hosts say of a WebAssembly module that does not go
//! with the code that loads it. Node 20 and wasmtime were run.

use super::{Complaint, Table, Wording, group};

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: true };

const WORDINGS: &[Wording] = &[
    Wording {
        speaker: "JavaScript host",
        pattern: r#"(?:TypeError|LinkError): WebAssembly\.\w+\(\): Import #\d+ module="(?P<module>go|gojs|wasi_snapshot_preview1)"(?: function="(?P<function>[^"]*)")? error: "#,
        read: import,
    },
    Wording {
        speaker: "wasmtime",
        pattern: r"unknown import: `(?P<module>go|gojs)::(?P<function>[^`]+)` has not been defined",
        read: import,
    },
    Wording {
        // wasm_exec_node.js up to Go 1.19 assigns what is read-only since Node 20.
        speaker: "JavaScript host",
        pattern: r"^TypeError: Cannot set property crypto of #<Object> which has only a getter$",
        read: |_| Some(Complaint::OldWasmGlue),
    },
];

fn import(captures: &regex::bytes::Captures<'_>) -> Option<Complaint> {
    Some(Complaint::WasmImport {
        module: group(captures, "module"),
        function: Some(group(captures, "function")).filter(|name| !name.is_empty()),
    })
}

const ANCHORS: &[&str] = &[": Import #", "unknown import: `go", "Cannot set property crypto"];

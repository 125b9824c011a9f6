//! A WebAssembly module and the code that loads it are not of one kind.

use super::super::{Answer, Case, Confidence, Docs, Finding, Remedy, Rule, Verdict};
use super::release;
use crate::target::Goos;
use crate::trace::Complaint;

pub(super) const WASM_GLUE_MISMATCH: Rule = Rule {
    id: "wasm-glue-mismatch",
    title: "the WebAssembly module and the code that loads it do not go together",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The host does not give the module what it imports: it has the wasm_exec.js of another Go version, or of \
               another port, or none.",
        why: "js/wasm imports the functions of wasm_exec.js, in a module that is called `go` up to Go 1.20 and `gojs` since \
              1.21; the file belongs to the Go version (misc/wasm up to 1.23, lib/wasm since 1.24). wasip1 imports \
              `wasi_snapshot_preview1`, which only WASI hosts have.",
        evidence: "`Import #0 module=\"go\"` or `\"gojs\"` that the host does not have: certain. \
                   `wasi_snapshot_preview1`: certain with a Go module for wasip1, else possible (other languages import it \
                   too). `Cannot set property crypto of #<Object>`: possible, likely with a Go module for js. Seen with \
                   Node 20, wasmtime, and Go 1.19, 1.21 and 1.27.",
        look_alikes: "Modules of other languages import `env`. An import that the program itself declares \
                      (//go:wasmimport) has a module of its own. Node of other versions may word it otherwise.",
        fix: "Copy wasm_exec.js of the very Go that builds: $(go env GOROOT)/lib/wasm (misc/wasm up to 1.23). Run wasip1 \
              by wasmtime, wazero or node:wasi.",
        since: "js/wasm: Go 1.11; `gojs`: 1.21; wasip1: 1.21.",
    },
    check: wasm_glue_mismatch,
};

fn wasm_glue_mismatch(case: &Case<'_>) -> Answer {
    let told = case.error(|c| matches!(c, Complaint::WasmImport { .. } | Complaint::OldWasmGlue));
    let Some((complaint, log)) = told else { return Answer::Irrelevant };
    let goos = case.binary.and_then(|b| b.facts.goos.as_ref());
    let port = goos.map(|os| os.value);
    let go = case.binary.and_then(|b| b.facts.go_version.as_ref());
    let mut evidence = vec![log];
    if let (Some(binary), Some(goos)) = (case.binary, goos) {
        let version = go.map(|go| format!(", {}", go.value)).unwrap_or_default();
        evidence.push(binary.evidence(format!("GOOS={}{version}", goos.value), &goos.from));
    }
    let (claim, confidence, fix) = match &complaint {
        Complaint::WasmImport { module, .. } if module == "wasi_snapshot_preview1" => {
            let ours = port == Some(Goos::Wasip1);
            (
                "the module is for WASI (GOOS=wasip1), and the host is none: wasm_exec.js cannot load it"
                    .to_owned(),
                if ours { Confidence::Certain } else { Confidence::Possible },
                Remedy::advice("run it by a WASI host (wasmtime, wazero, node:wasi), or build with GOOS=js"),
            )
        }
        Complaint::WasmImport { module, .. } => {
            // The module that this Go version imports; another is not of this executable.
            let new = go.and_then(|go| release::at_least(&go.value, [1, 21, 0]));
            let fits =
                new.is_none_or(|new| new == (module == "gojs")) && port.is_none_or(|os| os == Goos::Js);
            let by = if module == "go" { "Go 1.20 or older" } else { "Go 1.21 or later" };
            (
                format!(
                    "the module is for wasm_exec.js of {by} (it imports \"{module}\"), and the host has another or none"
                ),
                if fits { Confidence::Certain } else { Confidence::Possible },
                Remedy::noted(
                    "cp \"$(go env GOROOT)/lib/wasm/wasm_exec.js\" .",
                    "of the Go that builds; misc/wasm up to Go 1.23",
                ),
            )
        }
        _ => (
            "wasm_exec_node.js of Go 1.19 or older does not run in Node 20 and later".to_owned(),
            if port == Some(Goos::Js) { Confidence::Likely } else { Confidence::Possible },
            Remedy::noted(
                "cp \"$(go env GOROOT)/lib/wasm/wasm_exec_node.js\" .",
                "of the Go that builds; misc/wasm up to Go 1.23",
            ),
        ),
    };
    Answer::Found(Finding {
        fault: "wasm-glue-mismatch",
        claim,
        confidence,
        evidence,
        fix: vec![fix],
        decide: match (confidence, &complaint) {
            (Confidence::Certain, _) => None,
            (_, Complaint::OldWasmGlue) => {
                Some("the file of the next line of the trace: is it wasm_exec_node.js?".to_owned())
            }
            _ => Some("the module itself (-b): is it Go's, and for which GOOS?".to_owned()),
        },
        explains: true,
    })
}

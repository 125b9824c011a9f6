//! A Mach-O file that was changed after its linker signed it is not started by
//! macOS on arm64: the report says which page does not fit.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::process::{Command, Stdio};

#[path = "support/executables.rs"]
mod executables;

fn findings(binary: &std::path::Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_panicmap"));
    command.env("NO_COLOR", "1").arg("-b").arg(binary).stdin(Stdio::null());
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

#[test]
fn a_changed_page_breaks_the_signature() {
    let mut bytes = executables::executable("ported-go1.27.3-darwin-arm64");
    let path = std::env::temp_dir().join(format!("panicmap-signed-{}", std::process::id()));
    std::fs::write(&path, &bytes).unwrap();
    let whole = findings(&path);
    // What a packer or a patch does.
    bytes[2 * 4096 + 17] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let changed = findings(&path);
    std::fs::remove_file(&path).unwrap();
    assert!(!whole.contains("hash that was signed"), "{whole}");
    let words = changed.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("page 2 of the code does not have the hash that was signed"), "{changed}");
    assert!(words.contains("explain darwin-code-signature"), "{changed}");
}

//! The order of the layers: a module imports only from those above it in the
//! table. Read it as the flow of data, from bytes to words.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

/// Module and what it may import.
const LAYERS: &[(&str, &[&str])] = &[
    ("addr", &[]),
    ("target", &[]),
    ("near", &[]),
    ("origin", &[]),
    ("error", &["origin"]),
    ("source", &["error", "origin"]),
    ("envelope", &[]),
    ("trace", &["addr", "envelope", "error", "origin", "source"]),
    ("dump", &["trace"]),
    ("binary", &["addr", "error", "source", "target"]),
    ("symbolize", &["addr", "binary", "source", "target"]),
    ("host", &["binary", "error", "near", "origin", "source", "target"]),
    ("postmortem", &["addr", "binary", "error", "host", "source", "target", "trace"]),
    ("fit", &["addr", "binary", "trace"]),
    ("diagnose", &["addr", "binary", "fit", "host", "target", "trace"]),
    ("check", &["binary", "diagnose", "error", "host", "near", "origin", "target"]),
    (
        "examine",
        &["addr", "binary", "diagnose", "error", "fit", "host", "postmortem", "source", "symbolize", "trace"],
    ),
    ("batch", &["binary", "diagnose", "error", "examine", "host", "origin", "source", "symbolize", "trace"]),
    (
        "report",
        &[
            "batch",
            "envelope",
            "binary",
            "check",
            "diagnose",
            "dump",
            "examine",
            "fit",
            "host",
            "postmortem",
            "symbolize",
            "target",
            "trace",
        ],
    ),
];

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

/// Modules named after `crate::` outside of comments.
fn imports(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    // A unit test may reach down to build its input.
    let code: Vec<&str> = code.take_while(|line| line.trim() != "#[cfg(test)]").collect();
    let code = code.join("\n");
    code.split("crate::")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
        .collect()
}

#[test]
fn modules_import_only_from_above() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in files {
        let relative = file.strip_prefix(&src).unwrap().to_owned();
        let module = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let module = module.trim_end_matches(".rs").to_owned();
        // The command line uses the library's public API; tests of a module may use what they need.
        if matches!(module.as_str(), "main" | "lib" | "cli") || relative.ends_with("tests.rs") {
            continue;
        }
        let allowed = LAYERS.iter().find(|(name, _)| *name == module).map(|(_, allowed)| *allowed);
        let Some(allowed) = allowed else {
            wrong.push(format!("{}: module {module} has no layer", relative.display()));
            continue;
        };
        seen += 1;
        for import in imports(&std::fs::read_to_string(&file).unwrap()) {
            if import != module && !allowed.contains(&import.as_str()) {
                wrong.push(format!("{}: {module} imports {import}", relative.display()));
            }
        }
    }
    assert!(seen > 30, "only {seen} files were looked at");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Judgement and words open no file; only the command line prints.
#[test]
fn input_and_output_stay_at_the_edges() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for folder in ["trace", "dump", "diagnose", "symbolize", "postmortem"] {
        let mut files = Vec::new();
        sources(&src.join(folder), &mut files);
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(!text.contains("std::fs"), "{} touches files", file.display());
        }
    }
}

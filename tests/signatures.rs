//! `pm1` held against its test vectors: ten bugs, each of eight builds of Go
//! 1.19 to 1.27 on four processors, have one signature.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use panicmap::source::{self, Limits};
use panicmap::trace;

#[test]
fn the_vectors_agree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/signatures");
    let logs = source::open(folder.join("logs.zst").to_str().unwrap(), Limits::default()).unwrap();
    let logs = std::str::from_utf8(&logs.bytes).unwrap();
    // `==> NAME`, as `head` and `tail` print it before each file.
    let logs = logs.split("==> ").skip(1).map(|part| part.split_once('\n').unwrap());
    let logs: BTreeMap<&str, &str> = logs.collect();
    let vectors = std::fs::read_to_string(folder.join("vectors.tsv")).unwrap();
    let mut builds: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut checked = 0;
    for row in vectors.lines().skip(1) {
        let [bug, file, id, class, units] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let document = source::from_bytes(file, logs[file].as_bytes().to_vec(), Limits::default()).unwrap();
        let reading = trace::read(&document, &Default::default());
        let signature = trace::signature(&reading.crashes[0]);
        let text = format!("pm1\n{class}\n{}\n", units.replace(" < ", "\n"));
        assert_eq!((signature.id.as_str(), signature.text.as_str()), (id, text.as_str()), "{file}");
        builds.entry(bug).or_default().insert(signature.id);
        checked += 1;
    }
    assert_eq!((checked, builds.len()), (80, 10));
}

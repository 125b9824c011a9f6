//! Executables of every container with one number changed to a lie, at the
//! places that steer a reader: headers, the pclntab's header, function table and
//! records, the moduledata, the build info. Each is refused in words, or read.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::{Duration, Instant};

use panicmap::addr::LinkAddr;
use panicmap::binary::Binary;
use panicmap::source::{Bytes, Origin};
use panicmap::symbolize::{Mode, Symbolizer};

#[path = "support/executables.rs"]
mod executables;

use executables::executable;

/// One for each container; ELF with a loader, without one, and with DWARF.
const EXECUTABLES: [&str; 8] = [
    "ported-go1.22.10-windows-386",
    "ported-go1.24.11-aix-ppc64",
    "ported-go1.25.5-plan9-386",
    "ported-go1.27.3-darwin-arm64",
    "crash-go1.21.13-linux-amd64+pie",
    "crash-go1.19.8-linux-s390x",
    "usezlib-go1.21.13-linux-amd64",
    "stacks-go1.27.3-js-wasm",
];

/// Most that the slowest mutant may take; most are done in milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

fn binary(bytes: Vec<u8>) -> Result<Binary, panicmap::error::Error> {
    Binary::from_bytes(Origin::new("mutant"), Bytes::Owned(bytes))
}

/// File offsets of what steers a reader. WebAssembly's tables are put together
/// in memory and have no place in the file: there, places are spread evenly.
fn places(bytes: &[u8]) -> Vec<usize> {
    let whole = binary(bytes.to_vec()).unwrap();
    let table = whole.pclntab().unwrap();
    let mut places: Vec<usize> = (0..1024).step_by(4).collect();
    let mut around = |at: LinkAddr, length: usize| {
        if let Some(offset) = whole.image.offset_of(at).filter(|offset| offset + length < bytes.len()) {
            places.extend((offset..offset + length).step_by(4));
        }
    };
    around(table.layout().address, 96);
    let middle = table.function(table.layout().functions / 2).unwrap();
    around(middle.entry, 8);
    let magic = memchr::memmem::find(bytes, b"\xff Go buildinf:").unwrap_or(0);
    places.extend((magic..magic + 48).step_by(2));
    // The function table and records, by their place behind the header.
    let start = whole.image.offset_of(table.layout().address).unwrap_or(0);
    let span = bytes.len().saturating_sub(start).min(600_000);
    places.extend((0..160).map(|step| start + span / 160 * step));
    places.retain(|at| at + 8 <= bytes.len());
    places
}

fn look_into(bytes: Vec<u8>, what: &str) {
    let start = Instant::now();
    match binary(bytes) {
        Err(error) => assert!(error.to_string().len() > "mutant: ".len(), "{what}"),
        Ok(binary) => {
            let _ = (binary.facts(), binary.require_go());
            let addresses: Vec<LinkAddr> = match binary.pclntab() {
                Ok(table) => table.functions().step_by(97).take(40).map(|f| f.entry.offset(5)).collect(),
                Err(reason) => {
                    assert!(!reason.is_empty(), "{what}");
                    Vec::new()
                }
            };
            for mode in [Mode::Auto, Mode::Dwarf] {
                let symbolizer = Symbolizer::new(&binary, mode);
                for address in &addresses {
                    if let Ok(symbols) = symbolizer.resolve(*address) {
                        assert!(!symbols.locations.is_empty(), "{what}");
                    }
                }
            }
        }
    }
    assert!(start.elapsed() < PATIENCE, "{what}: {:?}", start.elapsed());
}

#[test]
fn one_number_that_lies() {
    let lies: [u64; 5] = [0, 0x7fff_ffff, 1 << 60, u64::MAX, 0x0101_0101_0101_0101];
    let mut mutants = 0;
    for name in EXECUTABLES {
        let whole = executable(name);
        for (index, at) in places(&whole).into_iter().enumerate() {
            let lie = lies[index % lies.len()];
            let mut changed = whole.clone();
            let lie = if index % 2 == 0 { lie.to_le_bytes() } else { lie.to_be_bytes() };
            let length = if index % 3 == 0 { 8 } else { 4 };
            changed[at..at + length].copy_from_slice(&lie[..length]);
            look_into(changed, &format!("{name} {at:#x}"));
            mutants += 1;
        }
    }
    assert!(mutants > 3_000, "{mutants}");
}

#[test]
fn cut_and_extended() {
    for name in EXECUTABLES {
        let whole = executable(name);
        for step in 0..40 {
            look_into(whole[..whole.len() * step / 40].to_vec(), &format!("{name} cut {step}/40"));
        }
        for length in 0..64 {
            look_into(whole[..length].to_vec(), &format!("{name} cut {length}"));
        }
        let mut longer = whole.clone();
        longer.extend(whole.iter().rev().take(100_000));
        look_into(longer, &format!("{name} extended"));
    }
}

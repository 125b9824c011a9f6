//! `panicmap scan` with two jobs stays within its bound of memory, whatever the input
//! asks for, and says what it has left out. `benches/memory` has many more inputs.
//!
//! What counts is anonymous memory, looked at while the program runs: pages of mapped
//! files are the kernel's.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/archive.rs"]
mod archive;

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use archive::{folder, gzip, tar_of, write};
use serde_json::Value;

/// Kilobytes.
const BOUND: u64 = 200_000;

/// What a scan of a folder says, and the most memory that it was seen with.
fn scanned(folder: &Path) -> (Value, u64) {
    let answer = folder.with_extension("json");
    let mut child = Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .args(["scan", "--jobs", "2", "--exit-zero", "--format", "json", folder.to_str().unwrap()])
        .stdin(Stdio::null())
        .stdout(File::create(&answer).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let anonymous = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let anonymous = anonymous.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        peak = peak.max(anonymous.unwrap_or(0));
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert!(ended.success(), "{ended}");
    (serde_json::from_slice(&std::fs::read(answer).unwrap()).unwrap(), peak)
}

fn within(folder: &Path) -> Value {
    let (answer, peak) = scanned(folder);
    let _ = std::fs::remove_dir_all(folder);
    assert!((1_000..BOUND).contains(&peak), "{}: {peak} kB", folder.display());
    answer
}

/// Lines that nothing makes small, and no crash is in.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut out = Vec::with_capacity(length);
    while out.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend(format!("{state:016x}\n").bytes());
    }
    out
}

/// A frame with a window of 128 MiB, all of which is used.
fn wide(seed: u64) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.long_distance_matching(true).unwrap();
    let block = noise(1 << 20, seed);
    for number in 0..140 {
        writeln!(encoder, "block {number}").unwrap();
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn windows_in_archives_take_turns() {
    let folder = folder("memory-windows");
    for seed in 1..3 {
        write(&folder, &format!("{seed}.tar"), &tar_of(&[("x.log", b"x\n"), ("big.zst", &wide(seed))]));
    }
    let answer = within(&folder);
    assert_eq!(answer["counted"]["read"], 4, "{}", answer["counted"]);
    assert!(answer["counted"]["bytes"].as_u64().unwrap() > 280 << 20);
}

#[test]
fn windows_in_each_other_are_refused() {
    let folder = folder("memory-layers");
    let mut inner = b"\x50\x2a\x4d\x18".to_vec();
    let filler = noise(1 << 20, 3).repeat(132);
    inner.extend(u32::try_from(filler.len()).unwrap().to_le_bytes());
    inner.extend(filler);
    inner.extend(wide(4));
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.long_distance_matching(true).unwrap();
    encoder.write_all(&inner).unwrap();
    write(&folder, "a.zst", &encoder.finish().unwrap());
    let answer = within(&folder);
    let reason = answer["not_read_in_full"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("needs 129 MiB") && reason.contains("unpack the outer layer first"), "{reason}");
}

/// A directory of a zip may name one member half a million times.
#[test]
fn directories_of_zips_are_bounded() {
    let folder = folder("memory-zip");
    let text = b"a line\n";
    let mut crc = flate2::Crc::new();
    crc.update(text);
    let sizes = [crc.sum(), 7, 7].map(u32::to_le_bytes).concat();
    let mut zip = [&b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0"[..], &sizes, b"\x01\0\0\0a", text].concat();
    let start = zip.len() as u64;
    const COUNT: u64 = 500_000;
    for number in 0..COUNT {
        zip.extend(
            [
                &b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0"[..],
                &sizes,
                b"\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            ]
            .concat(),
        );
        zip.extend(format!("{number:07x}").bytes());
    }
    let end = zip.len() as u64;
    zip.extend(b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0\0\0\0\0\0\0\0\0");
    for field in [COUNT, COUNT, end - start, start] {
        zip.extend(field.to_le_bytes());
    }
    zip.extend(b"PK\x06\x07\0\0\0\0");
    zip.extend(end.to_le_bytes());
    zip.extend(b"\x01\0\0\0PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    write(&folder, "a.zip", &zip);
    let answer = within(&folder);
    let reason = answer["not_read_in_full"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("directory of 500000 entries") && reason.contains("1 members were found"),
        "{reason}"
    );
}

fn crash(message: &str, number: usize) -> String {
    format!(
        "panic: {message}\n\ngoroutine 1 [running]:\nmain.f{number}(0x1)\n\t/src/app/main.go:{number} +0x1d\n\
         main.main()\n\t/src/app/main.go:8 +0x2a\nexit status 2\n"
    )
}

#[test]
fn crashes_of_too_many_kinds_are_counted() {
    let folder = folder("memory-kinds");
    let kinds = 45_000;
    let text: String = (0..kinds).map(|number| crash(&format!("no {number}"), number)).collect();
    write(&folder, "a.log", text.as_bytes());
    let answer = within(&folder);
    assert_eq!(answer["counted"]["crashes"], kinds);
    let groups = answer["groups"].as_array().unwrap();
    let told: u64 = groups.iter().map(|group| group["count"].as_u64().unwrap()).sum();
    let left_out = answer["counted"]["in_no_group"].as_u64().unwrap();
    assert!(left_out > 0 && told + left_out == kinds as u64, "{told} + {left_out}");
}

#[test]
fn messages_of_megabytes_are_shortened() {
    let folder = folder("memory-messages");
    for name in ["a", "b"] {
        let long = String::from_utf8(noise(7 << 20, 5)).unwrap().replace('\n', "-");
        // What stands between them is long enough for each to be looked at by itself.
        let between = String::from_utf8(noise(1 << 20, 6)).unwrap();
        let text: String = (0..3).map(|number| crash(&long, number) + &between).collect();
        write(&folder, &format!("{name}.log.gz"), &gzip(text.as_bytes()));
    }
    let answer = within(&folder);
    assert_eq!(answer["counted"]["crashes"], 6);
    let group = &answer["groups"][0];
    assert!(group["message"].as_str().unwrap().len() < 1 << 20);
    let repairs = group["example"]["crash"]["repairs"].to_string();
    assert!(repairs.contains("bytes of long texts are left out"), "{repairs}");
}

//! Cores that are cut, damaged or made to mislead: bounded time and memory, a
//! report of what could be read, a plain word on the rest.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::time::{Duration, Instant};

use panicmap::binary::Binary;
use panicmap::examine::core::{CoreInputs, CoreOutcome, examine_core, pick};
use panicmap::postmortem::{CoreDump, Runtime, Traceback};
use panicmap::report::{CORE_FORMATS, CoreStyle, Style};
use panicmap::source::{Bytes, Document, Limits, Origin, open};
use panicmap::trace::{self, Unwrapping};

#[path = "support/executables.rs"]
mod executables;

fn corpus(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(path).to_str().unwrap().to_owned()
}

/// A small core and its executable: 5 MB, 32 bits.
fn sample() -> (Vec<u8>, Vec<Binary>) {
    let core = open(&corpus("cores/nil-386/core.zst"), Limits::default()).unwrap();
    let binary = Binary::open(&executables::path("crash-go1.21.13-linux-386"), Limits::default()).unwrap();
    (core.bytes.to_vec(), vec![binary])
}

fn parsed(bytes: &[u8]) -> CoreDump {
    let bytes = Bytes::Owned(bytes.to_vec());
    let document = Document { origin: Origin::new("core"), bytes, unpacked: Vec::new(), cut: None };
    CoreDump::from_document(document).unwrap()
}

/// What the command finds out, with all goroutines.
fn examined(
    core: &CoreDump,
    binaries: &[Binary],
    libraries: Vec<Binary>,
    look: impl FnOnce(&Result<Runtime<'_>, String>, &CoreOutcome<'_>),
) {
    let (chosen, compared) = pick(core, binaries);
    let runtime = match chosen {
        Some(binary) => core.runtime(binary),
        None => Err("no executable".to_owned()),
    };
    let host = core.host();
    let libraries = core.libraries(&[], libraries, Limits::default());
    let outcome = examine_core(CoreInputs {
        core,
        compared,
        chosen,
        runtime: runtime.as_ref().map_err(Clone::clone),
        host: &host,
        libraries: &libraries,
        resolver: Default::default(),
        keep: &|_| true,
    });
    look(&runtime, &outcome);
}

/// Everything that the command would do; what is said, and the raw form.
fn report(bytes: Vec<u8>, binaries: &[Binary]) -> Result<(String, String), String> {
    report_with(bytes, binaries, Vec::new())
}

fn report_with(
    bytes: Vec<u8>,
    binaries: &[Binary],
    libraries: Vec<Binary>,
) -> Result<(String, String), String> {
    let began = Instant::now();
    let document =
        Document { origin: Origin::new("core"), bytes: Bytes::Owned(bytes), unpacked: Vec::new(), cut: None };
    let core = CoreDump::from_document(document).map_err(|error| error.to_string())?;
    let (mut text, mut raw) = (Vec::new(), Vec::new());
    examined(&core, binaries, libraries, |runtime, outcome| {
        if let Ok(runtime) = runtime {
            Traceback::new(&core, runtime).write(&|_| true, &mut raw).unwrap();
        }
        for format in CORE_FORMATS {
            let mut out = Vec::new();
            (format.write)(
                outcome,
                &Style::default(),
                CoreStyle { environment: true, threads: true },
                &mut out,
            )
            .unwrap();
            if format.name == "text" {
                text = out;
            }
        }
    });
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let said = String::from_utf8(text).unwrap();
    Ok((said, String::from_utf8_lossy(&raw).into_owned()))
}

#[test]
fn cut_at_every_tenth() {
    let (bytes, binaries) = sample();
    for tenth in 0..10 {
        let length = bytes.len() / 10 * tenth;
        match report(bytes[..length].to_vec(), &binaries) {
            Ok((said, _)) => assert!(said.contains("truncated: the headers speak of"), "{tenth}: {said}"),
            Err(said) => assert!(tenth == 0 && said.contains("core"), "{tenth}: {said}"),
        }
    }
    // What lies before the cut is still told.
    let (said, _) = report(bytes[..bytes.len() / 10].to_vec(), &binaries).unwrap();
    assert!(said.contains("SIGABRT"), "{said}");
}

/// A generator that needs no seed from outside: failures come back.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below.max(1)
    }
}

/// Positions of the words of a region that hold something.
fn used(bytes: &[u8]) -> Vec<usize> {
    (0..bytes.len() / 4).map(|index| index * 4).filter(|at| bytes[*at..*at + 4] != [0; 4]).collect()
}

#[test]
fn mutated_words() {
    let (bytes, binaries) = sample();
    let places = used(&bytes);
    let mut dice = Dice(7);
    for _ in 0..60 {
        let mut changed = bytes.clone();
        for _ in 0..1 + dice.roll(400) {
            let at = places[dice.roll(places.len())];
            let other = places[dice.roll(places.len())];
            let word: [u8; 4] = match dice.roll(4) {
                0 => [0xff; 4],
                1 => [0; 4],
                // Pointers that lead elsewhere, into cycles too.
                2 => bytes[other..other + 4].try_into().unwrap(),
                _ => u32::try_from(dice.roll(1 << 31)).unwrap().to_le_bytes(),
            };
            changed[at..at + 4].copy_from_slice(&word);
        }
        let _ = report(changed, &binaries);
    }
}

#[test]
fn mutated_headers_and_notes() {
    let (bytes, binaries) = sample();
    let mut dice = Dice(11);
    for _ in 0..300 {
        let mut changed = bytes[..bytes.len().min(400_000)].to_vec();
        for _ in 0..1 + dice.roll(6) {
            let at = dice.roll(4096);
            changed[at] = u8::try_from(dice.roll(256)).unwrap();
        }
        let _ = report(changed, &binaries);
    }
}

/// Call frame information that lies, of an executable and of a library that pass for
/// those of the core.
#[test]
fn mutated_call_frame_information() {
    let read =
        |name: &str| open(&corpus(&format!("cores/kernel-riscv64/{name}")), Limits::default()).unwrap();
    let core = read("core.zst").bytes.to_vec();
    let file =
        |name: &str, bytes: Vec<u8>| Binary::from_bytes(Origin::new(name), Bytes::Owned(bytes)).unwrap();
    let executable = file("borrow", read("executable.zst").bytes.to_vec());
    let library = file("libledger.so", read("libledger.so").bytes.to_vec());
    let mut dice = Dice(13);
    let mut changed = |binary: &Binary, name: &str| {
        let section = binary.image.section(".eh_frame").unwrap();
        let mut bytes = binary.bytes().to_vec();
        for _ in 0..1 + dice.roll(12) {
            bytes[section.offset + dice.roll(section.length)] = u8::try_from(dice.roll(256)).unwrap();
        }
        file(name, bytes)
    };
    let mut complete = 0;
    for _ in 0..24 {
        let (own, theirs) = (changed(&executable, "borrow"), changed(&library, "libledger.so"));
        let (said, _) = report_with(core.clone(), &[own], vec![theirs]).unwrap();
        // The first frame is told by no table.
        assert!(said.contains("#0        0x7fff9e220492"), "{said}");
        complete += usize::from(said.contains("#3        0x6f956") && !said.contains("the rest is not told"));
    }
    assert!(complete < 24, "nothing was damaged");
}

/// Every pointer to a goroutine becomes one to the first: cycles in all chains.
#[test]
fn every_pointer_leads_to_one_place() {
    let (bytes, binaries) = sample();
    let core = parsed(&bytes);
    let runtime = core.runtime(&binaries[0]).unwrap();
    let goroutines = runtime.goroutines.clone();
    assert!(goroutines.len() >= 4);
    let first = u32::try_from(goroutines[0]).unwrap().to_le_bytes();
    let mut changed = bytes.clone();
    for at in used(&bytes) {
        let word = u64::from(u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()));
        if goroutines.contains(&word) {
            changed[at..at + 4].copy_from_slice(&first);
        }
    }
    let (said, _) = report(changed, &binaries).unwrap();
    assert!(said.contains("no list of goroutines") || said.contains("cannot be read"), "{said}");
}

/// The length of the list of goroutines becomes a million.
#[test]
fn a_million_claimed_goroutines() {
    let (bytes, binaries) = sample();
    let core = parsed(&bytes);
    let goroutines = core.runtime(&binaries[0]).unwrap().goroutines;
    let memory = core.memory();
    let mut changed = bytes.clone();
    let word = |at: usize| bytes.get(at..at + 4).map(|b| u32::from_le_bytes(b.try_into().unwrap()).into());
    // `runtime.allgs`: pointer, length, capacity.
    let is_list = |at: &usize| {
        let pointer: u64 = word(*at).unwrap();
        memory.word(pointer) == Some(goroutines[0])
            && memory.word(pointer + 4) == Some(goroutines[1])
            && word(*at + 4) == Some(goroutines.len() as u64)
    };
    let lists: Vec<usize> = used(&bytes).into_iter().filter(is_list).collect();
    assert!(!lists.is_empty());
    for at in lists {
        changed[at + 4..at + 8].copy_from_slice(&1_000_000u32.to_le_bytes());
        changed[at + 8..at + 12].copy_from_slice(&1_000_000u32.to_le_bytes());
    }
    let (said, raw) = report(changed, &binaries).unwrap();
    assert!(said.contains("of 1000000 goroutines cannot be read"), "{said}");
    assert!(raw.contains("\ngoroutine 4 ["), "{raw}");
}

/// The records of goroutines are made without the text; a reader of the text makes the
/// same of it, down to the stack pointers.
#[test]
fn records_are_what_the_text_says() {
    let cases: toml::Table =
        toml::from_str(&std::fs::read_to_string(corpus("cores/cases.toml")).unwrap()).unwrap();
    for (name, case) in &cases {
        let core = CoreDump::open(&corpus(&format!("cores/{name}/core.zst")), Limits::default()).unwrap();
        let path = executables::path(case["binary"].as_str().unwrap());
        let binaries = [Binary::open(&path, Limits::default()).unwrap()];
        examined(&core, &binaries, Vec::new(), |runtime, outcome| {
            let mut raw = Vec::new();
            Traceback::new(&core, runtime.as_ref().unwrap())
                .with_labels()
                .write(&|_| true, &mut raw)
                .unwrap();
            let document = Document {
                origin: Origin::new("raw"),
                bytes: Bytes::Owned(raw),
                unpacked: Vec::new(),
                cut: None,
            };
            let read = trace::read(&document, &Unwrapping::Plain).crashes;
            assert!(outcome.outcome.warnings.is_empty(), "{name}: {:?}", outcome.outcome.warnings);
            let made = &outcome.outcome.crashes[0].crash;
            match read.as_slice() {
                // Without goroutines there is no text.
                [] => assert!(made.goroutines.is_empty(), "{name}"),
                [read] => {
                    assert_eq!(trace::print(made), trace::print(read), "{name}");
                    assert_eq!((&made.notes, &made.losses), (&read.notes, &read.losses), "{name}");
                }
                several => panic!("{name}: {} crashes", several.len()),
            }
        });
    }
}

/// A `<summary>` is HTML to Markdown: a backslash in it would be shown.
#[test]
fn titles_of_folded_stacks_have_no_markdown_in_them() {
    let core = CoreDump::open(&corpus("cores/two-locks/core.zst"), Limits::default()).unwrap();
    let path = executables::path("postmortem-go1.23.9-linux-amd64");
    let binaries = [Binary::open(&path, Limits::default()).unwrap()];
    let markdown = CORE_FORMATS.iter().find(|format| format.name == "markdown").unwrap();
    let mut out = Vec::new();
    examined(&core, &binaries, Vec::new(), |runtime, outcome| {
        assert!(runtime.is_ok());
        (markdown.write)(outcome, &Style::default(), CoreStyle::default(), &mut out).unwrap();
    });
    let said = String::from_utf8(out).unwrap();
    let titles: Vec<&str> = said.lines().filter(|line| line.starts_with("<details><summary>")).collect();
    assert!(titles.iter().any(|title| title.contains("1 x [sync.Mutex.Lock]  main.(*account).transfer")));
    assert!(titles.iter().all(|title| !title.contains('\\')), "{titles:?}");
}

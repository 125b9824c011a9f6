//! Against oracles: what llvm-symbolizer and `go tool addr2line` said of the
//! fixture executables (`corpus/recapture --fixtures` asks them again), and the
//! two resolvers against each other.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use panicmap::addr::LinkAddr;
use panicmap::binary::Binary;
use panicmap::source::Limits;
use panicmap::symbolize::{Location, Mode, Symbolizer, Unresolved};

#[path = "support/executables.rs"]
mod executables;

struct Fixture {
    name: String,
    binary: Binary,
}

fn fixtures() -> Vec<Fixture> {
    let mut names = executables::names();
    names.retain(|name| {
        name.starts_with("fixture-") && !name.ends_with(".symbols") && !name.ends_with(".gotool")
    });
    assert!(names.len() >= 6, "fixtures are missing: {names:?}");
    names.into_iter().map(fixture).collect()
}

fn fixture(name: String) -> Fixture {
    Fixture { binary: Binary::open(&executables::path(&name), Limits::default()).unwrap(), name }
}

/// Stripped executables in other containers than ELF, with a table of `go tool`.
fn ported() -> Vec<Fixture> {
    ["1.22.10-windows-386", "1.24.11-aix-ppc64", "1.25.5-plan9-386", "1.27.3-darwin-arm64"]
        .into_iter()
        .map(|port| fixture(format!("ported-go{port}")))
        .collect()
}

/// Lines of a table beside a fixture, split at tabs, with the address in front.
fn table(fixture: &str, kind: &str) -> Vec<(u64, Vec<String>)> {
    let name = format!("{fixture}.{kind}");
    if !executables::names().contains(&name) {
        return Vec::new();
    }
    let text = String::from_utf8(executables::executable(&name)).unwrap();
    let line = |line: &str| {
        let mut columns = line.split('\t').map(str::to_owned);
        let pc = columns.next().unwrap();
        (u64::from_str_radix(pc.trim_start_matches("0x"), 16).unwrap(), columns.collect())
    };
    text.lines().map(line).collect()
}

type Frames = Vec<(String, String)>;

/// Function and `file:line`, innermost first, in one spelling: without the
/// symbol table's `.abi0` and its `.` for `·`, with `[...]` for type arguments, and with the base
/// name of the file, since each tool joins the compilation directory its way.
fn normal(function: &str, place: &str) -> (String, String) {
    let function = function.trim_end_matches(".abi0").trim_end_matches(".abiinternal");
    let function = panicmap::binary::printed_name(function.as_bytes()).replace('·', ".");
    let place = place.rsplit('/').next().unwrap_or(place);
    (function, place.to_owned())
}

fn ours(locations: &[Location]) -> Frames {
    let place = |l: &Location| format!("{}:{}", l.file.as_deref().unwrap_or("??"), l.line.unwrap_or(0));
    locations.iter().map(|l| normal(&l.function, &place(l))).collect()
}

fn llvm(columns: &[String]) -> Option<Frames> {
    let frames: Frames =
        columns.chunks(2).map(|pair| normal(&pair[0], pair.get(1).map_or("", String::as_str))).collect();
    let known = frames
        .iter()
        .all(|(function, place)| function != "??" && !place.ends_with(":0") && !place.starts_with("??"));
    known.then_some(frames)
}

fn resolve(symbolizer: &Symbolizer<'_>, pc: u64) -> Option<Frames> {
    match symbolizer.resolve(LinkAddr(pc)) {
        Ok(symbols) => Some(ours(&symbols.locations)),
        Err(Unresolved::Outside) => None,
        Err(other) => panic!("{pc:#x}: {other}"),
    }
}

/// DWARF against llvm-symbolizer, with inlined calls, C frames included.
#[test]
fn dwarf_equals_llvm() {
    let mut inlined = 0;
    for fixture in fixtures() {
        let symbolizer = Symbolizer::new(&fixture.binary, Mode::Dwarf);
        let rows = table(&fixture.name, "symbols");
        assert!(rows.len() > 1000, "{}", fixture.name);
        let mut compared = 0;
        for (pc, columns) in rows {
            let Some(theirs) = llvm(&columns) else { continue };
            let ours = resolve(&symbolizer, pc)
                .unwrap_or_else(|| panic!("{} {pc:#x}: unknown, llvm says {theirs:?}", fixture.name));
            assert_eq!(ours, theirs, "{} {pc:#x}", fixture.name);
            compared += 1;
            inlined += usize::from(theirs.len() > 1);
        }
        assert!(compared > 900, "{}: only {compared} addresses compared", fixture.name);
    }
    assert!(inlined > 500, "only {inlined} addresses with inlined calls");
}

/// The pclntab against DWARF, for all that both know.
#[test]
fn pclntab_equals_dwarf() {
    for fixture in fixtures() {
        let by_table = Symbolizer::new(&fixture.binary, Mode::Pclntab);
        let by_dwarf = Symbolizer::new(&fixture.binary, Mode::Dwarf);
        let (mut compared, mut differ) = (0, Vec::new());
        for (pc, _) in table(&fixture.name, "symbols") {
            let (Some(a), Some(b)) = (resolve(&by_table, pc), resolve(&by_dwarf, pc)) else { continue };
            compared += 1;
            if a != b {
                differ.push(format!("{pc:#x}\n  pclntab {a:?}\n  DWARF   {b:?}"));
            }
        }
        assert!(compared > 900, "{}: only {compared} addresses compared", fixture.name);
        // Up to Go 1.20 the compiler leaves some inlined calls out of DWARF; the
        // pclntab, which tracebacks print from, has them.
        let allowed = if fixture.name.contains("go1.19") { compared / 500 } else { 0 };
        assert!(
            differ.len() <= allowed,
            "{}: {} of {compared} differ\n{}",
            fixture.name,
            differ.len(),
            differ.join("\n")
        );
    }
}

/// `go tool addr2line` names the outermost function and the innermost line. In
/// padding it names the function before with line -1, which is no answer.
#[test]
fn pclntab_equals_go_tool() {
    for fixture in fixtures().into_iter().chain(ported()) {
        let rows = table(&fixture.name, "gotool");
        let symbolizer = Symbolizer::new(&fixture.binary, Mode::Pclntab);
        let (mut compared, mut lineless) = (0, 0);
        for (pc, columns) in rows {
            let (function, place) = normal(&columns[0], columns.get(1).map_or("", String::as_str));
            match resolve(&symbolizer, pc) {
                Some(frames) => {
                    let (first, last) = (frames.first().unwrap(), frames.last().unwrap());
                    // A function without lines (a marker, a thunk of the linker) has tables
                    // at offset 0, which go tool reads as those of the first function.
                    if first.1 == "??:0" {
                        assert_eq!(last.0, function, "{} {pc:#x}", fixture.name);
                        lineless += 1;
                        continue;
                    }
                    assert_eq!((&last.0, &first.1), (&function, &place), "{} {pc:#x}", fixture.name);
                    compared += 1;
                }
                None => assert!(
                    place.ends_with(":-1") || place.ends_with(":0") || function == "?",
                    "{} {pc:#x}: unknown, but go tool says {function} {place}",
                    fixture.name
                ),
            }
        }
        assert!(lineless < 30, "{}: {lineless} without a line", fixture.name);
        assert!(compared > 900 || fixture.name.contains("cgo"), "{}: only {compared} compared", fixture.name);
    }
}

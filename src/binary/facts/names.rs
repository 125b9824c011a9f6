//! What the names of functions tell: which packages are linked in, which of
//! them call C, and what of the standard library that cgo decides is really
//! there. Names of inlined functions count; they survive stripping.

use rustc_hash::FxHashSet;

use super::super::pclntab::{Pclntab, Version};

/// Functions of the standard library that say more than their package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Names are looked up, by whichever resolver.
    Resolver,
    /// A user or group is looked up.
    Users,
    Plugin,
    Zones,
    /// A zone is asked for by name.
    LoadLocation,
    Roots,
    /// `crosscall2`: runtime/cgo is linked in.
    RuntimeCgo,
    /// Software floating point is called.
    SoftFloat,
}

/// Which parts of the standard library are linked in whose way cgo decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    pub resolver: bool,
    pub users: bool,
    pub plugins: bool,
}

/// Beginnings of names. Only names of these packages are compared, so that one
/// pass over the names of a large program stays cheap.
const MARKS: [(&str, &str, Mark); 10] = [
    ("net", "net.(*Resolver).", Mark::Resolver),
    ("os/user", "os/user.", Mark::Users),
    ("plugin", "plugin.", Mark::Plugin),
    ("time", "time.LoadLocation", Mark::Zones),
    ("time", "time.initLocal", Mark::Zones),
    ("time", "time.LoadLocation", Mark::LoadLocation),
    ("crypto/x509", "crypto/x509.initSystemRoots", Mark::Roots),
    ("crypto/x509", "crypto/x509.loadSystemRoots", Mark::Roots),
    ("", "crosscall2", Mark::RuntimeCgo),
    ("runtime", "runtime.fadd64", Mark::SoftFloat),
];

/// What cgo puts in front of its generated names (cmd/cgo/out.go): calls of
/// functions, of macros, and uses of function pointers.
const STUBS: [&str; 4] = ["._Cfunc_", "._C2func_", "._Cmacro_", "._Cfpvar_fp_"];

/// Functions that cgo itself makes for Go's use: no C code is called by them,
/// or only malloc (cmd/cgo/out.go, `goProlog`).
const OWN: [&str; 5] = ["CString", "CBytes", "GoString", "GoStringN", "GoBytes"];

#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Import paths, sorted.
    pub packages: Vec<String>,
    /// (package, C function) of every call.
    pub calls: Vec<(String, String)>,
    /// Packages with a stub of any kind.
    pub callers: Vec<String>,
    /// Go functions that C code may call (`//export`).
    pub exports: Vec<String>,
    marks: Vec<Mark>,
}

impl Names {
    pub(in crate::binary) fn read(table: &Pclntab<'_>) -> Names {
        if table.version() < Version::Go116 {
            // No region of their own: names stand between the other tables.
            return Names::of(table.functions().map(|function| function.name));
        }
        Names::of(table.name_region().split(|byte| *byte == 0))
    }

    fn of<'a>(all: impl Iterator<Item = &'a [u8]>) -> Names {
        let mut names = Names::default();
        let mut packages: FxHashSet<&[u8]> = FxHashSet::default();
        let mut last: &[u8] = b"";
        let mut watched = false;
        for name in all {
            // Most names belong to the package of the one before.
            let same = !last.is_empty() && name.strip_prefix(last).is_some_and(|rest| rest.starts_with(b"."));
            if !same {
                last = package(name).unwrap_or_default();
                watched = MARKS.iter().any(|(package, ..)| package.as_bytes() == last);
                packages.insert(last);
            }
            if watched {
                names.watch(name);
            }
            let rest = name.get(last.len()..).unwrap_or_default();
            if rest.starts_with(b"._C") {
                names.stub(last, rest);
            } else if last.is_empty()
                && let Some(export) = export(name)
            {
                names.exports.push(export);
            }
        }
        packages.remove(&b""[..]);
        let readable = |package: &[u8]| unescape(&String::from_utf8_lossy(package));
        names.packages = packages.into_iter().map(readable).collect();
        names.packages.sort_unstable();
        for list in [&mut names.callers, &mut names.exports] {
            list.sort_unstable();
            list.dedup();
        }
        names.calls.sort_unstable();
        names.calls.dedup();
        names
    }

    fn watch(&mut self, name: &[u8]) {
        for (_, prefix, mark) in MARKS {
            // LoadLocationFromTZData is given its data.
            let whole = mark != Mark::LoadLocation || name.len() == prefix.len();
            if name.starts_with(prefix.as_bytes()) && whole && !self.marks.contains(&mark) {
                self.marks.push(mark);
            }
        }
    }

    fn stub(&mut self, package: &[u8], rest: &[u8]) {
        let Some(function) = STUBS.iter().find_map(|stub| rest.strip_prefix(stub.as_bytes())) else { return };
        let package = unescape(&String::from_utf8_lossy(package));
        let called = rest.starts_with(b"._Cfunc_") || rest.starts_with(b"._C2func_");
        // Closures of a stub's caller carry the mark as well: `_Cfunc_f.func1`.
        if called && !function.contains(&b'.') {
            let function = String::from_utf8_lossy(function);
            // C.malloc is a stub of its own, which never returns nil.
            let function = if function == "_CMalloc" { "malloc" } else { &*function };
            if !OWN.contains(&function) {
                self.calls.push((package.clone(), function.to_owned()));
            }
        }
        self.callers.push(package);
    }

    pub fn has(&self, mark: Mark) -> bool {
        self.marks.contains(&mark)
    }

    pub fn uses(&self) -> Uses {
        Uses {
            resolver: self.has(Mark::Resolver),
            users: self.has(Mark::Users),
            plugins: self.has(Mark::Plugin),
        }
    }

    /// Is code of this package linked in?
    pub fn links(&self, package: &str) -> bool {
        self.packages.binary_search_by(|have| have.as_str().cmp(package)).is_ok()
    }

    /// Is code of this module linked in?
    pub fn links_module(&self, module: &str) -> bool {
        let of = |package: &String| {
            package.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.packages.iter().any(of)
    }
}

/// The package of a link symbol: up to the first dot after the last slash,
/// type arguments left out (runtime/symtab.go, `funcpkgpath`).
fn package(name: &[u8]) -> Option<&[u8]> {
    let plain = memchr::memchr(b'[', name).and_then(|at| name.get(..at)).unwrap_or(name);
    let element = memchr::memrchr(b'/', plain).map_or(0, |at| at.saturating_add(1));
    let dot = memchr::memchr(b'.', plain.get(element..)?)?;
    let package = plain.get(..element.saturating_add(dot))?;
    // `type:.eq.T` and `go.(*struct { … }).Lock` are made by the compiler.
    let written = |c: &u8| c.is_ascii_alphanumeric() || b"/._-~%+".contains(c) || !c.is_ascii();
    let made = matches!(package, b"type" | b"go" | b"gofile" | b"");
    (!made && package.iter().all(written)).then_some(package)
}

/// `_cgoexp_<12 hex digits>_<name>` (cmd/cgo/out.go, `writeExports`).
fn export(name: &[u8]) -> Option<String> {
    let rest = name.strip_prefix(b"_cgoexp_")?;
    let (hash, rest) = rest.split_at_checked(12)?;
    let name = rest.strip_prefix(b"_")?;
    hash.iter().all(u8::is_ascii_hexdigit).then(|| String::from_utf8_lossy(name).into_owned())
}

/// Link symbols escape dots of the last path element: `yaml%2ev3`
/// (cmd/internal/objabi/path.go, `PathToPrefix`).
fn unescape(package: &str) -> String {
    let mut parts = package.split('%');
    let first = parts.next().unwrap_or("").to_owned();
    parts.fold(first, |out, part| match part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
        Some(byte) if byte.is_ascii() => format!("{out}{}{}", char::from(byte), part.get(2..).unwrap_or("")),
        _ => format!("{out}%{part}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_link_symbols() {
        for (name, expected) in [
            ("main.main", Some("main")),
            ("net/http.(*Server).Serve", Some("net/http")),
            ("gopkg.in/yaml%2ev3.numLess", Some("gopkg.in/yaml%2ev3")),
            ("slices.SortFunc[go.shape.[]example.com/a/b.T]", Some("slices")),
            ("type:.eq.main.T", None),
            ("go.(*struct { sync.Mutex }).Lock", None),
            ("crosscall2", None),
        ] {
            assert_eq!(package(name.as_bytes()), expected.map(str::as_bytes), "{name}");
        }
    }

    #[test]
    fn names_of_cgo() {
        let region = b"main.main\0net._C2func_getaddrinfo\0main._Cfunc_twice\0main._Cfunc_twice.func1\0\
            main._Cfunc__CMalloc\0main._Cfunc_GoString\0main._Cmacro_X\0_cgoexp_0123456789ab_Callback\0crosscall2\0";
        let names = Names::of(region.split(|byte| *byte == 0));
        let calls: Vec<(&str, &str)> = names.calls.iter().map(|(p, f)| (p.as_str(), f.as_str())).collect();
        assert_eq!(calls, [("main", "malloc"), ("main", "twice"), ("net", "getaddrinfo")]);
        assert_eq!(
            (names.callers.as_slice(), names.exports.as_slice()),
            (&["main".to_owned(), "net".to_owned()][..], &["Callback".to_owned()][..])
        );
        assert!(names.has(Mark::RuntimeCgo) && !names.has(Mark::Resolver));
        assert!(names.links("net") && !names.links("net/http"));
    }
}

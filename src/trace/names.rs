//! Interned function, file and state names, and what a Go symbol name tells.

use rustc_hash::FxHashMap;

use super::Code;

/// A name of one crash's [`Names`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Sym(u32);

/// A dump of 100,000 goroutines has some hundred distinct names.
#[derive(Debug, Default)]
pub struct Names {
    by_bytes: FxHashMap<Box<[u8]>, Sym>,
    texts: Vec<Box<str>>,
    /// Whose code a function in a file is.
    codes: FxHashMap<(Sym, Sym), Code>,
    replaced: usize,
}

impl Names {
    pub(super) fn intern(&mut self, bytes: &[u8]) -> Sym {
        if let Some(sym) = self.by_bytes.get(bytes) {
            return *sym;
        }
        let text = String::from_utf8_lossy(bytes);
        if matches!(text, std::borrow::Cow::Owned(_)) {
            self.replaced = self.replaced.saturating_add(1);
        }
        let sym = Sym(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        self.texts.push(text.into());
        self.by_bytes.insert(bytes.into(), sym);
        sym
    }

    pub fn get(&self, sym: Sym) -> &str {
        self.texts.get(sym.0 as usize).map_or("", AsRef::as_ref)
    }

    /// Whose code a function in a file is: found out once, for frames have few places.
    #[inline]
    pub(super) fn code(&mut self, function: Sym, file: Sym) -> Code {
        if let Some(code) = self.codes.get(&(function, file)) {
            return *code;
        }
        let code = code_of(self.get(function), self.get(file));
        self.codes.insert((function, file), code);
        code
    }

    /// Cuts names that are longer; gives how many bytes are left out.
    pub(super) fn shorten(&mut self, most: usize) -> usize {
        let mut cut = 0usize;
        for text in self.texts.iter_mut().filter(|text| text.len() > most) {
            let beginning = (0..=most).rev().find_map(|end| text.get(..end)).unwrap_or_default();
            cut = cut.saturating_add(text.len().saturating_sub(beginning.len()));
            *text = beginning.into();
        }
        cut
    }

    /// How many names held bytes that are not UTF-8.
    pub(super) fn replaced(&self) -> usize {
        self.replaced
    }
}

/// Top-level names of the standard library (Go 1.5 to 1.27). A frozen list:
/// "no dot in the first element" would take private modules like `shop/api`
/// for the standard library.
const STD: &[&str] = &[
    "archive",
    "arena",
    "bufio",
    "bytes",
    "cmp",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "embed",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "go",
    "hash",
    "html",
    "image",
    "index",
    "internal",
    "io",
    "iter",
    "log",
    "maps",
    "math",
    "mime",
    "net",
    "os",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "slices",
    "sort",
    "strconv",
    "strings",
    "structs",
    "sync",
    "syscall",
    "testing",
    "text",
    "time",
    "unicode",
    "unique",
    "unsafe",
    "vendor",
    "weak",
];

/// Package of a symbol: up to the first dot after the last slash, looked for
/// before any type argument.
pub(super) fn package_of(function: &str) -> &str {
    let plain = function.split('[').next().unwrap_or(function);
    let slash = plain.rfind('/').map_or(0, |at| at.saturating_add(1));
    let dot = plain.get(slash..).and_then(|rest| rest.find('.')).map(|at| slash.saturating_add(at));
    dot.and_then(|at| function.get(..at)).unwrap_or("")
}

pub(super) fn is_runtime_package(package: &str) -> bool {
    package == "runtime"
        || (package.starts_with("runtime/")
            && !matches!(package, "runtime/debug" | "runtime/pprof" | "runtime/trace" | "runtime/metrics"))
        || package.starts_with("internal/runtime/")
        || matches!(
            package,
            "internal/abi" | "internal/bytealg" | "internal/cpu" | "internal/race" | "internal/synctest"
        )
}

pub(super) fn is_std_package(package: &str) -> bool {
    STD.contains(&package.split('/').next().unwrap_or(package))
}

/// A function of another package whose body the runtime provides through
/// `//go:linkname` (`time.Sleep`, `sync.fatal`) carries a file of the runtime.
fn is_runtime_file(file: &str) -> bool {
    let in_runtime = |rest: &str| !rest.contains('/') && (rest.ends_with(".go") || rest.ends_with(".s"));
    file.strip_prefix("runtime/").is_some_and(in_runtime)
        || file.rsplit_once("/src/runtime/").is_some_and(|(_, rest)| in_runtime(rest))
}

fn code_of(function: &str, file: &str) -> Code {
    if file == "_cgo_gotypes.go" || function.contains("._Cfunc_") || function.contains("._C2func_") {
        return Code::Cgo;
    }
    // The allocator and checks of the sanitizers' own runtime.
    if function.starts_with("__interceptor_") || function.starts_with("__asan_") {
        return Code::Runtime;
    }
    if function == "panic" || function.is_empty() || is_runtime_file(file) {
        return Code::Runtime;
    }
    // gccgo names its library's files relative to where GCC was built, and
    // mangles packages (`runtime_1debug.Stack`).
    if let Some((_, library)) = file.rsplit_once("/libgo/") {
        let folder = library.rsplit_once('/').map_or("", |(folder, _)| folder);
        return if matches!(folder, "go/runtime" | "runtime") { Code::Runtime } else { Code::Std };
    }
    let package = package_of(function);
    if package.is_empty() {
        return if function == "non-Go function" || !file.ends_with(".go") { Code::C } else { Code::User };
    }
    if is_runtime_package(package) {
        Code::Runtime
    } else if is_std_package(package) {
        Code::Std
    } else {
        Code::User
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_code() {
        for (function, file, code) in [
            ("main.main", "/a/main.go", Code::User),
            ("shop/api.Serve", "shop/api/serve.go", Code::User),
            ("net/http.(*conn).serve", "/usr/local/go/src/net/http/server.go", Code::Std),
            ("runtime.main", "/usr/local/go/src/runtime/proc.go", Code::Runtime),
            ("time.Sleep", "/usr/local/go/src/runtime/time.go", Code::Runtime),
            ("time.Sleep", "runtime/time.go", Code::Runtime),
            ("runtime/debug.Stack", "/usr/local/go/src/runtime/debug/stack.go", Code::Std),
            ("internal/runtime/maps.fatal", "runtime/panic.go", Code::Runtime),
            ("panic", "runtime/panic.go", Code::Runtime),
            ("main._Cfunc_deref", "_cgo_gotypes.go", Code::Cgo),
            ("main.(*Store[example.com/a/b.K]).Get", "/a/store.go", Code::User),
            ("example.com/runtime/x.F", "/a/src/runtime/x/f.go", Code::User),
            ("runtime_1debug.Stack", "../../../src/libgo/go/runtime/debug/stack.go", Code::Std),
            ("runtime.mcall", "../../../src/libgo/runtime/proc.c", Code::Runtime),
            ("deref", "/build/c.c", Code::C),
        ] {
            assert_eq!(code_of(function, file), code, "{function}");
        }
        assert_eq!(package_of("gopkg.in/yaml%2ev3.(*Node).Decode"), "gopkg.in/yaml%2ev3");
        assert_eq!(package_of("main.Map[go.shape.int]"), "main");
    }
}

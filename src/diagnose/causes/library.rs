//! Panics of the standard library: what it does not take (`panic(` in the
//! packages, 1.19 to 1.27). Messages that other code could write as well count
//! only with the package on the stack.

use super::table::{Row, library, panics};

pub(super) const ROWS: &[Row] = &[
    // Text and bytes.
    panics("strings: negative Repeat count", "strings.Repeat with a negative count."),
    panics("strings: Repeat {} overflow", "strings.Repeat whose result does not fit an int."),
    panics("strings: Join output length overflow", "strings.Join whose result does not fit an int."),
    panics("strings.Builder.Grow: negative count", "strings.Builder.Grow with a negative count."),
    panics(
        "strings: illegal use of non-zero Builder copied by value",
        "A strings.Builder was copied after its first write.",
    ),
    panics(
        "strings.NewReplacer: odd argument count",
        "strings.NewReplacer takes pairs; it got an odd number of strings.",
    ),
    panics("bytes: negative Repeat count", "bytes.Repeat with a negative count."),
    panics("bytes: {} overflow", "A result of package bytes that does not fit an int ({0})."),
    panics("bytes.Buffer.Grow: negative count", "bytes.Buffer.Grow with a negative count."),
    panics(
        "bytes.Buffer: truncation out of range",
        "bytes.Buffer.Truncate beyond the unread bytes, or to a negative length.",
    ),
    panics(
        "{}: reader returned negative count from Read",
        "A Read method broke the rules of io.Reader: it returned a negative count (noticed by {0}).",
    ),
    panics(
        "{}.WriteTo: invalid {} count",
        "A Write method broke the rules of io.Writer: it returned more than it was given.",
    ),
    library("bufio", "Split called after Scan", "bufio.Scanner.Split was called after the first Scan."),
    library("bufio", "Buffer called after Scan", "bufio.Scanner.Buffer was called after the first Scan."),
    panics(
        "bufio.Scan: too many empty tokens without progressing",
        "The split function of a bufio.Scanner returned 100 empty tokens in a row.",
    ),
    library("io", "empty buffer in CopyBuffer", "io.CopyBuffer with a buffer that is empty and not nil."),
    panics("regexp: Compile({}): {}", "regexp.MustCompile: the expression {0} is wrong: {1}."),
    panics("regexp: CompilePOSIX({}): {}", "regexp.MustCompilePOSIX: the expression {0} is wrong: {1}."),
    library(
        "text/tabwriter",
        "negative minwidth, tabwidth, or padding",
        "tabwriter with a negative width or padding.",
    ),
    library("encoding/base64", "encoding alphabet {}", "base64.NewEncoding: the alphabet {0}."),
    library("encoding/base32", "encoding alphabet {}", "base32.NewEncoding: the alphabet {0}."),
    library(
        "encoding/base64",
        "padding contained in alphabet",
        "base64 WithPadding: the padding is a character of the alphabet.",
    ),
    library(
        "encoding/base32",
        "padding contained in alphabet",
        "base32 WithPadding: the padding is a character of the alphabet.",
    ),
    library(
        "encoding/base64",
        "invalid padding",
        "base64 WithPadding: the padding must be one byte, and no newline.",
    ),
    library(
        "encoding/base32",
        "invalid padding",
        "base32 WithPadding: the padding must be one byte, and no newline.",
    ),
    library(
        "encoding/csv",
        "out of range index passed to FieldPos",
        "csv.Reader.FieldPos with an index beyond the last record.",
    ),
    panics(
        "gob: registering duplicate types for {}: {} != {}",
        "encoding/gob: two types were registered under the name {0}: {1} and {2}.",
    ),
    panics(
        "gob: registering duplicate names for {}: {} != {}",
        "encoding/gob: the type {0} was registered under two names: {1} and {2}.",
    ),
    panics("gob: cannot encode nil pointer of type {}", "encoding/gob cannot encode a nil pointer ({0})."),
    library("encoding/gob", "attempt to register empty name", "gob.RegisterName with an empty name."),
    panics(
        "unique.canonMap: ran out of hash bits {}",
        "Package unique found its table corrupted: unsafe, cgo or a data race.",
    ),
    // Contexts, time, signals.
    library(
        "context",
        "cannot create context from nil parent",
        "A context was derived from a nil parent: use context.Background or context.TODO.",
    ),
    library("context", "nil key", "context.WithValue with a nil key."),
    library("context", "key is not comparable", "context.WithValue with a key that cannot be compared."),
    library("net/http", "nil context", "A request was given a nil context."),
    library("net", "nil context", "A connection was dialled with a nil context."),
    library("os/exec", "nil Context", "exec.CommandContext with a nil context."),
    panics(
        "exec: Cmd started a Process but leaked without a call to Wait{}",
        "An exec.Cmd was started and collected without a call of Wait (GODEBUG=execwait=2).",
    ),
    panics(
        "non-positive interval for NewTicker",
        "time.NewTicker (or Tick) with an interval of zero or less.",
    ),
    panics("non-positive interval for Ticker.Reset", "time.Ticker.Reset with an interval of zero or less."),
    panics(
        "time: {} called on uninitialized {}",
        "{0} of a time.{1} that was not made by New{1} or AfterFunc.",
    ),
    panics("time: missing Location in call to {}", "time.{0} with a nil Location."),
    panics("os/signal: Notify using nil channel", "signal.Notify with a nil channel."),
    // Flags, variables, registries: twice in one program.
    library(
        "flag",
        "{}flag redefined: {}",
        "The command line flag -{1} was defined twice in one flag set: two packages, or one function that runs twice.",
    ),
    library(
        "flag",
        "flag \"{}\" begins with -",
        "The name of a flag begins with a dash: {0}. Name it without.",
    ),
    library("flag", "flag \"{}\" contains =", "The name of a flag contains an equals sign: {0}."),
    panics(
        "flag {} set at {} before being defined",
        "The flag -{0} was set at {1} before it was defined: mind the order of initialisation.",
    ),
    panics(
        "Reuse of exported var name: {}",
        "The name {0} was published twice with expvar: two packages, or one function that runs twice.",
    ),
    panics(
        "sql: Register called twice for driver {}",
        "The database driver {0} was registered twice: two packages bring it, or two copies of one package.",
    ),
    panics("sql: Register driver is nil", "sql.Register with a nil driver."),
    library("archive/zip", "{}ompressor already registered", "A method of archive/zip was registered twice."),
    panics(
        "crypto: requested hash function unavailable: {}",
        "The hash function {0} is not linked in: import its package, if only as _.",
    ),
    panics(
        "crypto: requested hash function {} is unavailable",
        "The hash function {0} of package crypto is not linked in: import its package, if only as _.",
    ),
    panics(
        "crypto: RegisterHash of unknown hash function",
        "crypto.RegisterHash with a number that is no hash function.",
    ),
    panics("crypto: Size of unknown hash function", "crypto.Hash.Size of a number that is no hash function."),
    library(
        "crypto/x509",
        "SetFallbackRoots has already been called",
        "x509.SetFallbackRoots was called twice: two packages bring root certificates.",
    ),
    library(
        "crypto/x509",
        "adding nil Certificate to CertPool",
        "x509.CertPool.AddCert with a nil certificate.",
    ),
    // HTTP.
    panics("http: multiple registrations for {}", "The pattern {0} was registered twice on one ServeMux."),
    library(
        "net/http",
        "pattern {} conflicts with pattern {}:{}",
        "Two patterns of one ServeMux conflict: {0} and {1}.",
    ),
    library(
        "net/http",
        "pattern {} conflicts with pattern {}",
        "Two patterns of one ServeMux conflict: {0} and {1}.",
    ),
    library("net/http", "http: invalid pattern{}", "A pattern that net/http.ServeMux does not take{0}."),
    library("net/http", "parsing \"{}\": {}", "A pattern that net/http.ServeMux does not take, {0}: {1}."),
    panics("http: nil handler", "A nil handler was registered on a ServeMux."),
    library("net/http", "http: {} already registered", "net/http: {0} was registered twice."),
    library(
        "net/http",
        "invalid WriteHeader code {}",
        "ResponseWriter.WriteHeader with {0}; status codes are 100 to 999.",
    ),
    library(
        "net/http/httptest",
        "invalid WriteHeader code {}",
        "ResponseWriter.WriteHeader with {0}; status codes are 100 to 999.",
    ),
    panics(
        "invalid NewRequest arguments; {}",
        "httptest.NewRequest with a method or target that is no request: {0}.",
    ),
    panics(
        "net/http: abort Handler",
        "A handler ended with http.ErrAbortHandler, which cuts the connection on purpose.",
    ),
    panics(
        "net/http: {} called after ServeHTTP finished",
        "{0} was called on a ResponseWriter whose handler had returned: a goroutine outlived its request.",
    ),
    library(
        "net/http",
        "{} called after Handler finished",
        "{0} was called on a ResponseWriter whose handler had returned: a goroutine outlived its request.",
    ),
    library(
        "net/http",
        "invalid concurrent Body.Read call",
        "Two goroutines read one request body at the same time.",
    ),
    library("net/http", "BaseContext returned a nil context", "Server.BaseContext returned nil."),
    library("net/http", "ConnContext returned nil", "Server.ConnContext returned nil."),
    library("net/http", "nil error", "A nil error was given to Transport code that needs one."),
    library("net/http/httptest", "httptest: {}", "httptest could not start its server: {0}."),
    library("net/http/httptest", "Server already started", "A httptest.Server was started twice."),
    panics("As4 called on {}", "netip.Addr.As4 of an address that is not IPv4: {0}."),
    library("net/netip", "ParseAddr({}): {}", "netip.MustParseAddr: {0} is no address: {1}."),
    library("net/netip", "netip.ParsePrefix({}): {}", "netip.MustParsePrefix: {0} is no prefix: {1}."),
    // Errors, templates, logs.
    panics("errors: target cannot be nil", "errors.As with nil as its target."),
    panics("errors: target must be a non-nil pointer", "errors.As with a target that is no pointer, or nil."),
    panics(
        "errors: *target must be interface or implement error",
        "errors.As with a target whose type is no error: give the address of a variable of the error's type.",
    ),
    library("text/template", "template: {}", "A template does not parse: {0}."),
    library("html/template", "template: {}", "A template does not parse: {0}."),
    library("html/template", "html/template: {}", "html/template: {0}."),
    library(
        "text/template",
        "value for {} not a function",
        "Funcs of a template: the value for {0} is no function.",
    ),
    library(
        "text/template",
        "function name {} is not a valid identifier",
        "Funcs of a template: {0} is no name for a function.",
    ),
    library("text/template", "{} option{}", "Option of a template: {0} option{1}."),
    library("log/slog", "nil Handler", "slog.New with a nil handler."),
    library("log/slog", "Value kind is {}, not {}", "slog.Value: it is a {0}, asked for as a {1}."),
    // Numbers.
    library("math/big", "division by zero", "Division by zero in math/big."),
    library("math/big", "square root of negative number", "math/big: the square root of a negative number."),
    library("math/big", "negative bit index", "math/big: a negative bit index."),
    library("math/big", "NewFloat(NaN)", "math/big: big.NewFloat of NaN."),
    library(
        "math/big",
        "{} of infinities with {} signs",
        "math/big: {0} of infinities with {1} signs has no value.",
    ),
    library("math/big", "square root of negative operand", "math/big: the square root of a negative number."),
    panics(
        "big: invalid 2nd argument to Int.Jacobi: need odd integer but got {}",
        "math/big: big.Jacobi needs an odd second argument; it got {0}.",
    ),
    library(
        "math/rand",
        "invalid argument to {}",
        "math/rand: {0} with a bound of zero or less, or a negative count.",
    ),
    library(
        "math/rand/v2",
        "invalid argument to {}",
        "math/rand/v2: {0} with a bound of zero or less, or a negative count.",
    ),
    panics("crypto/rand: argument to Int is <= 0", "crypto/rand.Int with a bound of zero or less."),
    panics("slices.{}: empty list", "slices.{0} of an empty slice."),
    library("slices", "cannot be negative", "A negative number given to a function of package slices."),
    library("slices", "cannot be less than 1", "slices.Chunk with a size below 1."),
    library("slices", "len out of range", "slices.Concat whose result does not fit an int."),
    library(
        "slices",
        "the result of (len(x) * count) overflows",
        "slices.Repeat whose result does not fit an int.",
    ),
    // Reflection.
    panics(
        "reflect: call of {} on zero Value",
        "reflection: {0} of the zero Value, which reflect.ValueOf(nil), a missing field, method or map key give.",
    ),
    panics(
        "reflect: call of {} on {} Value",
        "reflection: {0} of a value of kind {1}, which does not have it.",
    ),
    panics(
        "reflect: {} using value obtained using unexported field",
        "reflection: {0} of a field that is not exported.",
    ),
    panics(
        "reflect: {} using unaddressable value",
        "reflection: {0} of a value that cannot be set: give reflect.ValueOf a pointer, and take Elem.",
    ),
    panics(
        "reflect.Value.Interface: cannot return value obtained from unexported field or method",
        "reflection: Interface of a field or method that is not exported.",
    ),
    panics(
        "reflect.Value.Convert: value of type {} cannot be converted to type {}",
        "reflection: a {0} cannot be converted to {1}.",
    ),
    panics(
        "reflect{}: value of type {} is not assignable to type {}",
        "reflection: a value of type {1} was put where {2} is wanted.",
    ),
    panics(
        "reflect: Call using {} as type {}",
        "reflection: a function was called with {0} where it takes {1}.",
    ),
    panics(
        "reflect: Call with too {} input arguments",
        "reflection: a function was called with too {0} arguments.",
    ),
    panics("reflect.Value.Call: call of nil function", "reflection: a nil function was called."),
    panics("reflect: {} index out of {}", "reflection: {0} index out of {1}."),
    panics("reflect: {} of non-{} type {}", "reflection: {0} of the type {2}, which is no {1}."),
    panics("reflect: Elem of invalid type {}", "reflection: Elem of the type {0}, which has no element."),
    panics("reflect: {}(nil)", "reflection: reflect.{0} with a nil type."),
    panics("reflect: {}", "Misuse of reflection: {0}."),
    panics("reflect.{}", "Misuse of reflection: reflect.{0}."),
    // Ciphers and keys.
    panics(
        "cipher.{}: IV length must equal block size",
        "cipher.{0}: the initialisation vector must be as long as a block.",
    ),
    panics(
        "cipher: incorrect length IV",
        "A cipher mode got an initialisation vector that is not as long as a block.",
    ),
    panics(
        "crypto/{}: input not full block{}",
        "A block cipher got input that is no whole number of blocks: pad it, or use a stream mode.",
    ),
    panics("crypto/{}: output not full block", "A block cipher got an output shorter than a block."),
    panics("crypto/{}: output smaller than input", "A cipher got an output that is shorter than its input."),
    panics(
        "crypto/{}: invalid buffer overlap{}",
        "A cipher got input and output that overlap without being the same.",
    ),
    panics(
        "crypto/cipher: incorrect nonce length given to {}",
        "{0} got a nonce of another length than its NonceSize.",
    ),
    panics("crypto/cipher: message too large for GCM", "GCM got more data than one nonce may protect."),
    panics(
        "crypto/{}: use of {} is not allowed in FIPS 140-only mode",
        "{1} is refused, for the program runs with GODEBUG=fips140=only.",
    ),
    panics("ed25519: bad private key: {}", "crypto/ed25519 got something that is no private key: {0}."),
    panics(
        "ed25519: bad {} length: {}",
        "crypto/ed25519 got a {0} with {1} bytes, which is not the length of one.",
    ),
    // Tests.
    panics("testing: {}", "Misuse of package testing: {0}."),
    panics(
        "Log in goroutine after {} has completed: {}",
        "A goroutine called Log of the test {0} after that had ended. Wait for the goroutine.",
    ),
    panics(
        "Log in goroutine after {} has completed",
        "A goroutine called Log of the test {0} after that had ended. Wait for the goroutine.",
    ),
    panics(
        "Fail in goroutine after {} has completed",
        "A goroutine called Fail or Error of the test {0} after that had ended. Wait for the goroutine.",
    ),
    panics(
        "test timed out after {}\n{}",
        "A test ran longer than its limit of {0}; the stacks show where each goroutine was.",
    ),
    panics(
        "test timed out after {}",
        "A test ran longer than its limit of {0}; the stacks show where each goroutine was.",
    ),
    panics(
        "unexpected call to os.Exit(0) during test",
        "A test called os.Exit(0), which would hide its outcome.",
    ),
    panics(
        "test executed panic(nil) or runtime.Goexit",
        "A test ended by panic(nil), or by runtime.Goexit outside of FailNow and SkipNow.",
    ),
    panics(
        "test executed panic(nil) or runtime.Goexit: {}",
        "A test ended by panic(nil) or runtime.Goexit: {0}.",
    ),
    // Profiles and metrics.
    panics("pprof: {}", "Misuse of runtime/pprof: {0}."),
    panics(
        "uneven number of arguments to pprof.Labels",
        "pprof.Labels takes pairs; it got an odd number of strings.",
    ),
    library(
        "runtime/metrics",
        "called {} on non-{} metric value",
        "runtime/metrics: {0} of a value that is no {1}.",
    ),
    // System calls.
    panics("syscall: string with NUL passed to {}", "A string with a zero byte was given to syscall.{0}."),
    panics("syscall/js: {}", "syscall/js: {0}."),
];

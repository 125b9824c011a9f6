//! The ports of Go: every row of `go tool dist list` of Go 1.27, with what
//! decides on a deployment.

use super::{Goarch, Goos};

/// Version that the table is of.
pub const GO: &str = "1.27";
pub const LATEST: u32 = 27;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    pub os: Goos,
    pub arch: Goarch,
    /// go.dev/wiki/PortingPolicy#first-class-ports.
    pub first_class: bool,
    pub cgo: bool,
    /// Builds with CGO_ENABLED=0.
    pub without_cgo: bool,
    pub race: bool,
    pub pie: Pie,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pie {
    /// What `go build` makes.
    Default,
    /// With -buildmode=pie.
    Asked,
    No,
}

const fn port(os: Goos, arch: Goarch, [first_class, cgo, without_cgo, race]: [bool; 4], pie: Pie) -> Port {
    Port { os, arch, first_class, cgo, without_cgo, race, pie }
}

/// (system, architecture, [first class, cgo, builds without cgo, -race], PIE),
/// from internal/platform of 1.27 (zosarch.go, supported.go). `tests/matrix.rs` holds it
/// against what the go command answers.
pub const PORTS: &[Port] = &[
    port(Goos::Aix, Goarch::Ppc64, [false, true, true, false], Pie::Asked),
    port(Goos::Android, Goarch::I386, [false, true, false, false], Pie::Default),
    port(Goos::Android, Goarch::Amd64, [false, true, false, false], Pie::Default),
    port(Goos::Android, Goarch::Arm, [false, true, false, false], Pie::Default),
    port(Goos::Android, Goarch::Arm64, [false, true, true, false], Pie::Default),
    port(Goos::Darwin, Goarch::Amd64, [true, true, true, true], Pie::Default),
    port(Goos::Darwin, Goarch::Arm64, [true, true, true, true], Pie::Default),
    port(Goos::Dragonfly, Goarch::Amd64, [false, true, true, false], Pie::No),
    port(Goos::Freebsd, Goarch::I386, [false, true, true, false], Pie::No),
    port(Goos::Freebsd, Goarch::Amd64, [false, true, true, true], Pie::Asked),
    port(Goos::Freebsd, Goarch::Arm, [false, true, true, false], Pie::No),
    port(Goos::Freebsd, Goarch::Arm64, [false, true, true, false], Pie::No),
    port(Goos::Illumos, Goarch::Amd64, [false, true, true, false], Pie::No),
    port(Goos::Ios, Goarch::Amd64, [false, true, false, false], Pie::Default),
    port(Goos::Ios, Goarch::Arm64, [false, true, false, false], Pie::Default),
    port(Goos::Js, Goarch::Wasm, [false, false, true, false], Pie::No),
    port(Goos::Linux, Goarch::I386, [true, true, true, false], Pie::Asked),
    port(Goos::Linux, Goarch::Amd64, [true, true, true, true], Pie::Asked),
    port(Goos::Linux, Goarch::Arm, [true, true, true, false], Pie::Asked),
    port(Goos::Linux, Goarch::Arm64, [true, true, true, true], Pie::Asked),
    port(Goos::Linux, Goarch::Loong64, [false, true, true, true], Pie::Asked),
    port(Goos::Linux, Goarch::Mips, [false, true, true, false], Pie::No),
    port(Goos::Linux, Goarch::Mips64, [false, true, true, false], Pie::No),
    port(Goos::Linux, Goarch::Mips64le, [false, true, true, false], Pie::No),
    port(Goos::Linux, Goarch::Mipsle, [false, true, true, false], Pie::No),
    port(Goos::Linux, Goarch::Ppc64, [false, true, true, false], Pie::Asked),
    port(Goos::Linux, Goarch::Ppc64le, [false, true, true, true], Pie::Asked),
    port(Goos::Linux, Goarch::Riscv64, [false, true, true, true], Pie::Asked),
    port(Goos::Linux, Goarch::S390x, [false, true, true, true], Pie::Asked),
    port(Goos::Netbsd, Goarch::I386, [false, true, true, false], Pie::No),
    port(Goos::Netbsd, Goarch::Amd64, [false, true, true, true], Pie::No),
    port(Goos::Netbsd, Goarch::Arm, [false, true, true, false], Pie::No),
    port(Goos::Netbsd, Goarch::Arm64, [false, true, true, false], Pie::No),
    port(Goos::Openbsd, Goarch::I386, [false, true, true, false], Pie::No),
    port(Goos::Openbsd, Goarch::Amd64, [false, true, true, false], Pie::No),
    port(Goos::Openbsd, Goarch::Arm, [false, true, true, false], Pie::No),
    port(Goos::Openbsd, Goarch::Arm64, [false, true, true, false], Pie::Asked),
    port(Goos::Openbsd, Goarch::Ppc64, [false, false, true, false], Pie::No),
    port(Goos::Openbsd, Goarch::Riscv64, [false, true, true, false], Pie::No),
    port(Goos::Plan9, Goarch::I386, [false, false, true, false], Pie::No),
    port(Goos::Plan9, Goarch::Amd64, [false, false, true, false], Pie::No),
    port(Goos::Plan9, Goarch::Arm, [false, false, true, false], Pie::No),
    port(Goos::Solaris, Goarch::Amd64, [false, true, true, false], Pie::No),
    port(Goos::Wasip1, Goarch::Wasm, [false, false, true, false], Pie::No),
    port(Goos::Windows, Goarch::I386, [true, true, true, false], Pie::Default),
    port(Goos::Windows, Goarch::Amd64, [true, true, true, true], Pie::Default),
    port(Goos::Windows, Goarch::Arm64, [false, true, true, false], Pie::Default),
];

/// Ports that were there, and the first version without them.
pub const REMOVED: &[(&str, &str)] =
    &[("freebsd/riscv64", "1.26"), ("openbsd/mips64", "1.21"), ("windows/arm", "1.24")];

/// A C compiler that cgo can be given as CC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compiler {
    pub command: &'static str,
    /// Where it comes from: a Debian package, or a kit.
    pub from: &'static str,
}

fn cc(command: &'static str, from: &'static str) -> Compiler {
    Compiler { command, from }
}

const NDK: &str = "Android NDK; the number is the API level";
const LLVM_MINGW: &str = "llvm-mingw";
const ITSELF: &str = "of the system itself, or clang with its sysroot";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    Low,
    Medium,
    High,
}

impl Risk {
    pub fn name(self) -> &'static str {
        match self {
            Risk::Low => "low",
            Risk::Medium => "medium",
            Risk::High => "high",
        }
    }
}

impl Port {
    pub fn name(&self) -> String {
        format!("{}/{}", self.os, self.arch)
    }

    /// Compilers for cgo, the usual one first.
    pub fn compilers(&self) -> Vec<Compiler> {
        if !self.cgo {
            return Vec::new();
        }
        match (self.os, self.arch) {
            (Goos::Linux, arch) => linux_compilers(arch),
            (Goos::Android, Goarch::I386) => vec![cc("i686-linux-android21-clang", NDK)],
            (Goos::Android, Goarch::Amd64) => vec![cc("x86_64-linux-android21-clang", NDK)],
            (Goos::Android, Goarch::Arm) => vec![cc("armv7a-linux-androideabi21-clang", NDK)],
            (Goos::Android, _) => vec![cc("aarch64-linux-android21-clang", NDK)],
            (Goos::Darwin, _) => {
                vec![cc("clang", "Xcode command line tools; elsewhere with the macOS SDK (osxcross)")]
            }
            (Goos::Ios, _) => vec![cc("clang", "Xcode, with the SDK of iphoneos or iphonesimulator")],
            (Goos::Windows, Goarch::I386) => vec![
                cc("i686-w64-mingw32-gcc", "gcc-mingw-w64-i686"),
                cc("zig cc -target x86-windows-gnu", "zig"),
            ],
            (Goos::Windows, Goarch::Arm64) => vec![
                cc("aarch64-w64-mingw32-clang", LLVM_MINGW),
                cc("zig cc -target aarch64-windows-gnu", "zig"),
            ],
            (Goos::Windows, _) => vec![
                cc("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64"),
                cc("zig cc -target x86_64-windows-gnu", "zig"),
            ],
            (Goos::Freebsd, Goarch::Amd64) => {
                vec![cc("clang", ITSELF), cc("zig cc -target x86_64-freebsd", "zig")]
            }
            (Goos::Freebsd | Goos::Openbsd, _) => vec![cc("clang", ITSELF)],
            (Goos::Aix | Goos::Solaris | Goos::Illumos, _) => vec![cc("gcc", "of the system itself")],
            _ => vec![cc("cc", ITSELF)],
        }
    }

    /// What the linker makes with CGO_ENABLED=0.
    pub fn output(&self) -> &'static str {
        match self.os {
            Goos::Linux if self.pie == Pie::No => "a static file",
            Goos::Linux => "a static file; dynamic with -buildmode=pie",
            Goos::Freebsd | Goos::Netbsd | Goos::Dragonfly | Goos::Plan9 => "a static file",
            Goos::Js | Goos::Wasip1 => "a WebAssembly module",
            _ if !self.without_cgo => "nothing: the C linker is required",
            _ => "a dynamic file: system calls go through the C library of the system",
        }
    }

    /// The system where no version of it is stated for Go 1.27.
    pub fn system(&self) -> &'static str {
        match self.os {
            Goos::Android => "Android 5.0, which loads only PIE",
            Goos::Openbsd => "the current OpenBSD release and the one before",
            Goos::Solaris => "Solaris 11.4",
            Goos::Js => "Node.js or a browser, with wasm_exec.js of the same Go",
            Goos::Wasip1 => "a host of WASI preview 1",
            _ => "current releases of the system",
        }
    }

    /// How many ways a deployment can fail while the code is right, without cgo.
    pub fn risk(&self) -> (Risk, &'static str) {
        match (self.os, self.arch) {
            _ if !self.without_cgo => (Risk::Medium, "cannot be built without the C tools of its vendor"),
            (Goos::Linux, Goarch::Amd64) => (
                Risk::Low,
                "one file without C library; medium from v2 on: virtual machines hide CPU features",
            ),
            (Goos::Linux, Goarch::Arm64) => {
                (Risk::Low, "one file without C library; high from v8.1 on, which Raspberry Pi 3 and 4 lack")
            }
            (Goos::Linux, Goarch::Arm) => (
                Risk::Medium,
                "the default GOARM=7 dies without a word on ARMv6; 64-bit atomics need alignment",
            ),
            (Goos::Linux, Goarch::I386) => {
                (Risk::Medium, "a 64-bit kernel may lack 32-bit support; 64-bit atomics need alignment")
            }
            (Goos::Linux, Goarch::Riscv64) => {
                (Risk::Low, "any RV64GC core; high from rva22u64 on, which most boards lack")
            }
            (Goos::Linux, Goarch::Mips | Goarch::Mipsle) => (
                Risk::High,
                "routers differ in byte order and often have no FPU; 64-bit atomics need alignment",
            ),
            (Goos::Linux, Goarch::Mips64 | Goarch::Mips64le) => (Risk::Medium, "byte order and FPU differ"),
            (Goos::Linux, Goarch::Ppc64le) => (Risk::Low, "POWER8 or later; medium from power9 on"),
            (Goos::Linux, Goarch::Ppc64) => (Risk::Medium, "big-endian systems are often older than POWER8"),
            (Goos::Linux, Goarch::S390x) => (Risk::Low, "z13 or later"),
            (Goos::Linux, Goarch::Loong64) => (Risk::Medium, "systems of the old ABI (ABI1.0) do not run it"),
            (Goos::Windows, Goarch::I386) => {
                (Risk::Medium, "2 to 4 GB of memory; 64-bit atomics need alignment")
            }
            (Goos::Windows, _) => (Risk::Low, "Windows 10 or Server 2016 and later"),
            (Goos::Darwin, _) => (Risk::Medium, "the lowest macOS rises with Go, and code must be signed"),
            (Goos::Android, _) => (Risk::Medium, "position-independent only, and system calls are filtered"),
            (Goos::Openbsd, _) => (Risk::Medium, "each release of OpenBSD may change the ABI"),
            (Goos::Js, _) => (Risk::Medium, "wasm_exec.js must be of the same Go version"),
            (Goos::Wasip1, _) => (Risk::Medium, "no threads and no raw sockets in WASI preview 1"),
            _ => (Risk::Low, "few ways to fail are known"),
        }
    }

    /// The same with cgo.
    pub fn risk_with_cgo(&self) -> Option<(Risk, &'static str)> {
        if !self.cgo {
            return None;
        }
        Some(match (self.os, self.arch) {
            (Goos::Linux, Goarch::Arm) => (
                Risk::High,
                "C library, loader and libraries of the host; armhf of Debian is ARMv7, whatever GOARM is",
            ),
            (Goos::Linux, _) => (
                Risk::High,
                "the host must have the loader, a C library that is new enough, and all libraries",
            ),
            (Goos::Windows, _) => (Risk::Medium, "DLLs of the C compiler must be there"),
            _ => (self.risk().0.max(Risk::Medium), "the C library and libraries of the system come in"),
        })
    }
}

/// GNU triples as Debian names them; musl by zig.
fn linux_compilers(arch: Goarch) -> Vec<Compiler> {
    match arch {
        Goarch::I386 => {
            vec![cc("i686-linux-gnu-gcc", "gcc-i686-linux-gnu"), cc("zig cc -target x86-linux-gnu", "zig")]
        }
        Goarch::Amd64 => vec![
            cc("x86_64-linux-gnu-gcc", "gcc-x86-64-linux-gnu"),
            cc("musl-gcc", "musl-tools"),
            cc("zig cc -target x86_64-linux-musl", "zig"),
        ],
        Goarch::Arm => vec![
            cc("arm-linux-gnueabihf-gcc", "gcc-arm-linux-gnueabihf, for GOARM=7"),
            cc("arm-linux-gnueabi-gcc", "gcc-arm-linux-gnueabi, for GOARM=5 and softfloat"),
        ],
        Goarch::Arm64 => vec![
            cc("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"),
            cc("zig cc -target aarch64-linux-musl", "zig"),
        ],
        Goarch::Loong64 => vec![
            cc("loongarch64-linux-gnu-gcc", "cross GCC 12 or later"),
            cc("zig cc -target loongarch64-linux-musl", "zig"),
        ],
        Goarch::Mips => vec![cc("mips-linux-gnu-gcc", "gcc-mips-linux-gnu")],
        Goarch::Mipsle => vec![cc("mipsel-linux-gnu-gcc", "gcc-mipsel-linux-gnu")],
        Goarch::Mips64 => vec![cc("mips64-linux-gnuabi64-gcc", "gcc-mips64-linux-gnuabi64")],
        Goarch::Mips64le => vec![cc("mips64el-linux-gnuabi64-gcc", "gcc-mips64el-linux-gnuabi64")],
        Goarch::Ppc64 => vec![cc("powerpc64-linux-gnu-gcc", "gcc-powerpc64-linux-gnu")],
        Goarch::Ppc64le => vec![
            cc("powerpc64le-linux-gnu-gcc", "gcc-powerpc64le-linux-gnu"),
            cc("zig cc -target powerpc64le-linux-musl", "zig"),
        ],
        Goarch::Riscv64 => vec![
            cc("riscv64-linux-gnu-gcc", "gcc-riscv64-linux-gnu"),
            cc("zig cc -target riscv64-linux-musl", "zig"),
        ],
        Goarch::S390x => {
            vec![
                cc("s390x-linux-gnu-gcc", "gcc-s390x-linux-gnu"),
                cc("zig cc -target s390x-linux-gnu", "zig"),
            ]
        }
        Goarch::Wasm => Vec::new(),
    }
}

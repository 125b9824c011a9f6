"""What is built: toolchains, ports, variants, and which cells of their product."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOOLCHAINS = ("1.19.8", "1.21.13", "1.22.10", "1.23.9", "1.24.11", "1.25.5", "1.26.6", "1.27.3")
NEWEST = TOOLCHAINS[-1]
EVERY_PORT = ("1.27.3", "1.24.11")  # toolchains that build all ports

# GOOS-GOARCH, and for 32-bit ARM the level behind it.
PORTS = (
    "linux-amd64", "windows-amd64", "darwin-arm64", "js-wasm", "plan9-amd64", "aix-ppc64",
    "windows-386", "windows-arm64", "darwin-amd64", "plan9-386", "plan9-arm", "wasip1-wasm",
    "linux-386", "linux-arm64", "linux-arm5", "linux-arm6", "linux-arm7", "linux-s390x",
    "linux-riscv64", "linux-mips", "linux-mipsle", "linux-mips64le", "linux-ppc64le",
    "linux-loong64", "linux-ppc64", "freebsd-amd64", "openbsd-amd64", "netbsd-amd64",
    "illumos-amd64", "solaris-amd64", "dragonfly-amd64", "android-arm64",
)
EVERY_TOOLCHAIN = ("linux-arm64", "linux-386", "windows-amd64", "darwin-arm64", "js-wasm")

EXTERNAL = "-linkmode=external"
# name: (arguments of go build, ldflags, C compiler or None)
VARIANTS = {
    "plain": ([], [], None),
    "stripped": ([], ["-s", "-w"], None),
    "trimpath": (["-trimpath"], [], None),
    "uncompressed": ([], ["-compressdwarf=false"], None),
    "pie": (["-buildmode=pie"], [], None),
    "pie-stripped": (["-buildmode=pie"], ["-s", "-w"], None),
    "cgo": ([], [EXTERNAL], "gcc"),
    "cgo-stripped": ([], [EXTERNAL, "-s", "-w"], "gcc"),
    "cgo-pie": (["-buildmode=pie"], [EXTERNAL], "gcc"),
    "cgo-pie-stripped": (["-buildmode=pie"], [EXTERNAL, "-s", "-w"], "gcc"),
    "c-shared": (["-buildmode=c-shared"], [], "gcc"),
    "c-shared-stripped": (["-buildmode=c-shared"], ["-s", "-w"], "gcc"),
    "plugin": (["-buildmode=plugin"], [], "gcc"),
    "musl": ([], [EXTERNAL, "-extldflags=-static"], "musl-gcc"),
    "musl-stripped": ([], [EXTERNAL, "-extldflags=-static", "-s", "-w"], "musl-gcc"),
    "lld": ([], [EXTERNAL], "zig"),
    "lld-stripped": ([], [EXTERNAL, "-s", "-w"], "zig"),
    "lld-pie-stripped": (["-buildmode=pie"], [EXTERNAL, "-s", "-w"], "zig"),
}
CROSS_GCC = {
    "linux-amd64": "gcc", "linux-386": "i686-linux-gnu-gcc", "linux-arm64": "aarch64-linux-gnu-gcc",
    "linux-arm7": "arm-linux-gnueabihf-gcc",
}
# Where Go links them itself.
PIE_PORTS = ("linux-amd64", "linux-arm64", "linux-ppc64le", "linux-s390x", "linux-loong64", "windows-amd64",
             "darwin-arm64")
# Builds that the toolchain itself refuses, with its reason.
IMPOSSIBLE = {
    ("1.19.8", "linux-loong64", "pie"): "-buildmode=pie not supported on linux/loong64",
}


@dataclass(frozen=True)
class Cell:
    toolchain: str
    port: str
    variant: str

    @property
    def name(self):
        return f"go{self.toolchain}-{self.port}-{self.variant}"

    @property
    def goos(self):
        return self.port.split("-")[0]

    @property
    def goarch(self):
        arch = self.port.split("-")[1]
        return "arm" if arch in ("arm5", "arm6", "arm7") else arch

    @property
    def compiler(self):
        """The C compiler, where there is C code."""
        return VARIANTS[self.variant][2]


def go_root(toolchain):
    """The GOROOT of "1.27.3"."""
    for base in os.environ.get("GO_ROOTS", "/opt/go").split(":"):
        for place in (Path(base) / toolchain, Path(base) / toolchain / "go"):
            if (place / "bin/go").exists():
                return place
    debian = Path("/usr/lib/go-" + ".".join(toolchain.split(".")[:2]))
    return debian if (debian / "bin/go").exists() else None


def go_environment(toolchain, **more):
    return {
        "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/root"),
        "GOROOT": str(go_root(toolchain)), "GOCACHE": os.environ.get("GOCACHE", "/tmp/gocache"),
        "GOPATH": "/tmp/gopath", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "GOPROXY": "off",
        "GOTELEMETRY": "off", "CGO_ENABLED": "0", **more,
    }


def possible(cell):
    _, _, compiler = VARIANTS[cell.variant]
    if (cell.toolchain, cell.port, cell.variant.removesuffix("-stripped")) in IMPOSSIBLE:
        return False
    if cell.port == "wasip1-wasm" and cell.toolchain == "1.19.8":
        return False
    if compiler == "gcc":
        return cell.port in CROSS_GCC
    if compiler:
        return cell.port == "linux-amd64"
    if cell.variant == "uncompressed":
        return cell.goos in ("windows", "darwin")  # whose compressed DWARF others do not read
    return not cell.variant.startswith("pie") or cell.port in PIE_PORTS


def cells(full=False, toolchains=None, ports=None, variants=None):
    """The cells to build, those that find most first."""
    chosen = []
    stages = [
        lambda c: c.toolchain in EVERY_PORT and c.variant in ("plain", "stripped")
        and (c.port == "linux-amd64" or not c.port.startswith("linux-")),
        lambda c: c.port == "linux-amd64" and c.variant in ("plain", "stripped"),
        lambda c: c.toolchain == NEWEST and c.variant in ("plain", "stripped"),
        *(lambda c, t=t: c.port == "linux-amd64" and c.toolchain == t
          for t in ("1.27.3", "1.24.11", "1.19.8", "1.25.5", "1.26.6", "1.22.10", "1.21.13", "1.23.9")),
        lambda c: c.toolchain == NEWEST and c.port in CROSS_GCC,
        lambda c: c.port in EVERY_TOOLCHAIN and c.variant == "plain",
        lambda c: c.toolchain in EVERY_PORT and c.variant in ("plain", "stripped"),
        lambda c: c.toolchain == NEWEST and c.variant in ("pie-stripped", "uncompressed"),
        lambda c: full,
    ]
    product = [
        Cell(t, p, v) for p in PORTS for t in reversed(TOOLCHAINS) for v in VARIANTS
        if (not toolchains or t in toolchains) and (not ports or p in ports) and (not variants or v in variants)
    ]
    for stage in stages:
        chosen += [c for c in product if stage(c) and possible(c) and c not in chosen]
    return chosen


def compiler(name, port):
    if name == "gcc":
        return shutil.which(CROSS_GCC[port])
    if name == "musl-gcc":
        return shutil.which("musl-gcc")
    # zig cc links with lld.
    if shutil.which("zig"):
        return "zig cc -target x86_64-linux-gnu.2.31"
    return f"{sys.executable} -m ziglang cc -target x86_64-linux-gnu.2.31"


def build(cell, work):
    """Build a cell unless it is there. Returns (path, None) or (None, reason)."""
    output, failure = work / "bin" / cell.name, work / "bin" / f".{cell.name}.failed"
    if output.exists():
        return output, None
    if failure.exists():
        return None, failure.read_text()
    if go_root(cell.toolchain) is None:
        return None, f"no Go {cell.toolchain}"
    arguments, ldflags, cc = VARIANTS[cell.variant]
    env = go_environment(cell.toolchain, GOOS=cell.goos, GOARCH=cell.goarch)
    if cell.goarch == "arm":
        env["GOARM"] = cell.port[-1] if cell.goos == "linux" else "5"
    if cc:
        env |= {"CGO_ENABLED": "1", "CC": compiler(cc, cell.port) or cc, "CGO_CFLAGS": "-O2 -g"}
    ldflags = list(ldflags)
    if tuple(map(int, cell.toolchain.split("."))) >= (1, 23):
        # walk.go reaches into the runtime.
        ldflags.append("-checklinkname=0")
    partial = output.with_name(f".{cell.name}.part")
    command = ["nice", go_root(cell.toolchain) / "bin/go", "build", "-p=2", "-buildvcs=false", *arguments,
               "-ldflags=" + " ".join(ldflags), "-o", partial, "."]
    done = subprocess.run(command, cwd=HERE / "program", env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        failure.write_text(done.stdout.strip()[-2000:])
        return None, done.stdout.strip()
    partial.rename(output)
    partial.with_suffix(".h").unlink(missing_ok=True)
    return output, None

"""Programs of others, downloaded by name: npm packages and Debian's. Never committed."""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

ESBUILD = "0.28.2"
# Go 1.14 to 1.27, one program through every form of the pclntab; then every platform.
NPM = (
    *(f"esbuild-linux-64@{v}" for v in ("0.3.0", "0.7.0", "0.8.30", "0.9.0", "0.13.0", "0.14.0", "0.14.30")),
    "esbuild-linux-32@0.14.0", "esbuild-linux-arm@0.15.18", "@esbuild/linux-x64@0.17.19",
    "@esbuild/linux-x64@0.25.0", "@esbuild/linux-x64@0.27.2",
    *(f"@esbuild/{p}@{ESBUILD}" for p in (
        "aix-ppc64", "darwin-arm64", "darwin-x64", "win32-x64", "win32-ia32", "win32-arm64", "linux-s390x",
        "linux-loong64", "linux-mips64el", "linux-arm", "linux-arm64", "linux-ia32", "linux-ppc64",
        "linux-riscv64", "linux-x64", "android-arm64", "sunos-x64", "openbsd-x64", "netbsd-x64", "freebsd-x64")),
    f"esbuild-wasm@{ESBUILD}", "lefthook-windows-x64@2.2.2", "turbo-linux-64@1.4.0",
)
# (package, architecture): Go 1.19.8, stripped by debhelper, most with C code.
DEBIAN = (
    ("age", "amd64"), ("age", "arm64"), ("age", "armhf"), ("age", "armel"),
    ("fzf", "i386"), ("fzf", "mips64el"), ("fzf", "s390x"), ("fzf", "ppc64el"), ("fzf", "armel"),
    ("direnv", "arm64"), ("gocryptfs", "amd64"), ("runc", "armhf"),
)


def npm_file(spec, folder):
    """The executable of an npm package, or None and why not."""
    target = folder / spec.removeprefix("@").replace("/", "-")
    if not target.exists():
        scratch = folder / f".{target.name}"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        done = subprocess.run(["npm", "pack", "--silent", spec], cwd=scratch, capture_output=True, text=True)
        packed = next(scratch.glob("*.tgz"), None)
        if packed is None:
            return None, f"npm pack {spec}: {done.stderr.strip()[-200:]}"
        with tarfile.open(packed) as archive:
            archive.extractall(scratch, filter="data")
        packed.unlink()
        scratch.rename(target)
    return largest(target)


def debian_files(package, arch, folder):
    target = folder / f"debian-{package}-{arch}"
    if not target.exists():
        scratch = folder / f".{target.name}"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        done = subprocess.run(["apt-get", *apt_options(folder), "download", f"{package}:{arch}"],
                              cwd=scratch, capture_output=True, text=True)
        packed = next(scratch.glob("*.deb"), None)
        if packed is None:
            return None, f"apt-get download {package}:{arch}: {done.stderr.strip()[-200:]}"
        subprocess.run(["dpkg-deb", "-x", packed, scratch], check=True)
        packed.unlink()
        scratch.rename(target)
    return largest(target)


def apt_options(folder):
    """A list of packages of its own, so that the machine's architectures stay as they are."""
    state = folder / ".apt"
    arches = ",".join(sorted({arch for _, arch in DEBIAN}))
    options = ["-o", f"Dir::State={state}", "-o", f"Dir::Cache={state}/cache", "-o",
               f"APT::Architectures={arches}", "-o", "Dir::State::status=/dev/null",
               "-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none"]
    if not (state / "lists").exists():
        (state / "lists/partial").mkdir(parents=True)
        (state / "cache/archives/partial").mkdir(parents=True)
        subprocess.run(["apt-get", *options, "update", "-qq"], check=False, capture_output=True)
    return options


def largest(folder):
    files = [p for p in folder.rglob("*") if p.is_file() and not p.is_symlink() and executable(p)]
    if not files:
        return None, f"no executable in {folder.name}"
    return max(files, key=lambda p: p.stat().st_size), None


def executable(path):
    with open(path, "rb") as file:
        head = file.read(4)
    return head[:4] in (b"\x7fELF", b"\x00asm", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe") \
        or head[:2] in (b"MZ", b"\x01\xf7")


def files(work, download=True):
    """(name, path) of what is there, and complaints about the rest."""
    folder = work / "third"
    folder.mkdir(parents=True, exist_ok=True)
    found, missing = [], []
    jobs = [(spec.removeprefix("@").replace("/", "-"), npm_file, (spec,)) for spec in NPM]
    jobs += [(f"debian-{p}-{a}", debian_files, (p, a)) for p, a in DEBIAN]
    for name, get, arguments in jobs:
        if not download and not (folder / name).exists():
            continue
        path, reason = get(*arguments, folder)
        (found if path else missing).append((name, path or reason))
    return found, missing

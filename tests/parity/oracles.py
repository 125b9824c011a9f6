"""Who else says what stands at an address. Each answers with a list of frames,
(function, file, line), innermost first, or None where it has no answer."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import matrix

HERE = Path(__file__).resolve().parent
QEMU = {
    "arm5": "qemu-arm", "arm6": "qemu-arm", "arm7": "qemu-arm", "arm64": "qemu-aarch64",
    "riscv64": "qemu-riscv64", "ppc64le": "qemu-ppc64le", "ppc64": "qemu-ppc64", "s390x": "qemu-s390x",
    "mips": "qemu-mips", "mipsle": "qemu-mipsel", "mips64le": "qemu-mips64el", "loong64": "qemu-loongarch64",
}
LIBRARIES = {"arm64": "/usr/aarch64-linux-gnu", "arm7": "/usr/arm-linux-gnueabihf", "386": "/usr/i686-linux-gnu"}
# One in so many functions walks by itself: natively, and under an emulator.
NATIVE, EMULATED = 4, 25


class Failure(Exception):
    """An oracle that cannot read a file, in its own words."""


def tools(work):
    """Build Go's tools, and the oracle of this folder, with the newest toolchain."""
    folder = work / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    root = matrix.go_root(matrix.NEWEST)
    go, env = root / "bin/go", matrix.go_environment(matrix.NEWEST)
    for name in ("addr2line", "nm"):
        if not (folder / name).exists():
            subprocess.run(["nice", go, "build", "-o", folder / name, f"cmd/{name}"], cwd=root / "src",
                           env=env, check=True)
    subprocess.run(["nice", go, "build", "-buildvcs=false", "-o", folder / "oracle", "."], cwd=HERE / "oracle",
                   env=env, check=True)
    return folder


def output(command, text=None, timeout=900, env=None):
    try:
        done = subprocess.run(list(map(str, command)), input=text, text=True, capture_output=True,
                              errors="replace", timeout=timeout, env=env)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(str(error)) from error
    if done.returncode != 0:
        raise Failure((done.stderr or done.stdout).strip()[-300:] or f"exit {done.returncode}")
    return done.stdout


def kept(work, binary, name, make, question=""):
    """The text that make() returns; kept from an earlier run while it is newer than the binary."""
    if question:
        name += "." + hashlib.sha256(question.encode()).hexdigest()[:12]
    place = work / "answers" / f"{binary.name}.{name}"
    if place.exists() and place.stat().st_mtime > binary.path.stat().st_mtime:
        return place.read_text()
    text = make()
    place.parent.mkdir(exist_ok=True)
    place.write_text(text)
    return text


def split_place(place):
    file, _, line = place.rpartition(":")
    return file, int(line) if line.lstrip("-").isdigit() else 0


def gosym(work, binary):
    """The text base; entries and sampled addresses with one frame: the outermost
    function with the innermost line, which is all that debug/gosym knows."""
    text = kept(work, binary, "gosym", lambda: output([work / "tools/oracle", binary.path]))
    base, answers = 0, {}
    for line in text.splitlines():
        kind, *columns = line.split("\t")
        if kind == "text":
            base = int(columns[0], 16)
        elif kind in ("entry", "inside"):
            file, number = split_place(columns[2])
            answers[int(columns[0], 16)] = [(columns[1], file, number)]
    return base, answers


def addr2line(work, binary, addresses):
    question = "".join(f"{a:#x}\n" for a in addresses)

    def ask():
        return output([work / "tools/addr2line", binary.path], question)

    lines = kept(work, binary, "addr2line", ask, question).splitlines()
    if len(lines) != 2 * len(addresses):
        raise Failure(f"{len(lines)} lines for {len(addresses)} addresses")
    return {a: [(f, *split_place(p))] for a, f, p in zip(addresses, lines[::2], lines[1::2])}


def nm(work, binary):
    """Names of the text symbols by address."""
    names = {}
    text = kept(work, binary, "nm", lambda: output([work / "tools/nm", "-n", binary.path]))
    for line in text.splitlines():
        address, _, rest = line.strip().partition(" ")
        kind, _, name = rest.strip().partition(" ")
        if kind in "tT" and kind:
            names.setdefault(int(address, 16), []).append(name)
    return names


def llvm(work, binary, addresses):
    """DWARF with inlined calls, as llvm-symbolizer reads it."""
    program = shutil.which("llvm-symbolizer-14") or shutil.which("llvm-symbolizer")
    if program is None:
        raise Failure("no llvm-symbolizer")

    question = "".join(f"{a:#x}\n" for a in addresses)

    def ask():
        return output([program, "--functions=linkage", "--inlines", "--relativenames", f"--obj={binary.path}"],
                      question)

    answers = {}
    blocks = kept(work, binary, "llvm", ask, question).strip("\n").split("\n\n")
    if len(blocks) != len(addresses):
        raise Failure(f"{len(blocks)} answers for {len(addresses)} addresses")
    for address, block in zip(addresses, blocks):
        lines = block.splitlines()
        frames = [(f, *split_place(p.rpartition(":")[0])) for f, p in zip(lines[::2], lines[1::2])]
        known = all(f != "??" and line > 0 and not file.startswith("??") for f, file, line in frames)
        answers[address] = frames if known else None
    return answers


def walk(work, binary, base, entries):
    """What the program says of its own text, at the addresses of the file.

    CallersFrames does not step back from a return address that is the entry of a
    function, so the byte in front of one has no answer.
    """
    command, env, every = runner(binary)
    text = kept(work, binary, "walk", lambda: output([*command, binary.path, "walk", every], env=env, timeout=300),
                str(every))
    answers = {}
    for line in text.splitlines():
        offset, *columns = line.split("\t")
        if base + int(offset, 16) + 1 in entries:
            continue
        frames = [(f, *split_place(p)) for f, p in zip(columns[::2], columns[1::2])]
        answers[base + int(offset, 16)] = frames or None
    return answers


def runner(binary):
    """How to run a binary here: command in front of it, environment, how much to ask."""
    cell = binary.cell
    if cell is None or not runs(cell):
        raise Failure("cannot be run here")
    arch = cell.port.split("-")[1]
    if cell.goos == "js":
        root = matrix.go_root(cell.toolchain)
        script = next(p for p in (root / "lib/wasm/wasm_exec_node.js", root / "misc/wasm/wasm_exec_node.js") if p.exists())
        return ["node", "--stack-size=8192", script], {"PATH": os.environ["PATH"]}, EMULATED
    if cell.goos == "wasip1":
        return ["node", "--no-warnings", "--stack-size=8192", HERE / "wasi.mjs"], None, EMULATED
    if arch in QEMU:
        library = LIBRARIES.get(arch)
        return [QEMU[arch], *(["-L", library] if library else [])], None, EMULATED
    if arch == "386" and "cgo" in cell.variant:
        # qemu-i386 hangs on them; an amd64 kernel runs them, given the C library.
        library = LIBRARIES["386"] + "/lib"
        return [f"{library}/ld-linux.so.2", "--library-path", library], None, NATIVE
    return [], None, NATIVE


def runs(cell):
    if cell.variant.startswith("c-shared") or cell.variant == "plugin":
        return False
    return cell.goos in ("linux", "js", "wasip1")

"""Holds panicmap's answers against an oracle's, and counts."""

import json
import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field

SHOWN = 8  # unexplained differences kept for each table row


@dataclass
class Tally:
    compared: int = 0
    equal: int = 0
    silent: int = 0  # neither has an answer
    inlined: int = 0  # of the equal ones, with more than one frame
    explained: Counter = field(default_factory=Counter)
    unexplained: int = 0
    examples: list = field(default_factory=list)
    failure: str = ""  # the oracle could not read the file at all

    def add(self, other):
        for name in ("compared", "equal", "silent", "inlined", "unexplained"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.explained += other.explained

    def differ(self, address, ours, theirs, reason=None):
        if reason:
            self.explained[reason] += 1
            return
        self.unexplained += 1
        if len(self.examples) < SHOWN:
            self.examples.append((address, ours, theirs))


# ---------------------------------------------------------------- panicmap

def resolve(panicmap, path, addresses, resolver="auto"):
    """address -> frames or None."""
    done = subprocess.run([panicmap, "resolve", path, "--format", "json", "--resolver", resolver],
                          input="".join(f"{a:#x}\n" for a in addresses), text=True, capture_output=True,
                          timeout=900)
    if not done.stdout:
        raise RuntimeError(done.stderr.strip()[-300:] or f"exit {done.returncode}")
    answers = {}
    for symbol in json.loads(done.stdout)["symbols"]:
        frames = [(f["function"], f["file"] or "", f["line"] or 0) for f in symbol["frames"]]
        answers[int(symbol["address"], 16)] = frames or None
    return answers


def inspect(panicmap, path):
    done = subprocess.run([panicmap, "inspect", path, "--format", "json"], text=True, capture_output=True,
                          timeout=300)
    if not done.stdout:
        raise RuntimeError(done.stderr.strip()[-300:])
    return json.loads(done.stdout)["binaries"][0]


# ---------------------------------------------------------------- one spelling

def printed(name, minor):
    """As the runtime of Go 1.MINOR prints the name of a symbol."""
    start, end = name.find("["), name.rfind("]")
    if minor < 18 or start < 0 or end <= start:
        return name
    # runtime/symtab.go funcNameForPrint, 1.21 to 1.26; the linker in 1.18 and 1.19.
    once = f"{name[:start]}[...]{name[end + 1:]}"
    if minor < 27:
        return once
    # runtime/traceback.go funcNamePiecesForPrint, 1.27.
    interior, depth, right = name[start + 1:end], 1, -1
    for at, sign in enumerate(interior):
        if sign == "[":
            depth += 1
            if depth == 1:
                return f"{name[:start]}[...]{interior[right + 1:at]}[...]{name[end + 1:]}"
        elif sign == "]":
            depth -= 1
            if depth < 0:
                return name
            if depth == 0:
                right = at
    return once if depth == 1 else name


class Spelling:
    """What tests/differential.rs does to names, but to what others say only: what
    panicmap says is held to be right as it is. `minor` is the version of Go."""

    def __init__(self, minor):
        self.minor = minor

    def theirs(self, frame, base_name=False):
        function, file, line = frame
        function = function.removesuffix(".abi0").removesuffix(".abiinternal")
        return self.ours((printed(function, self.minor), file, line), base_name)

    def ours(self, frame, base_name=False):
        """One sign for the middle dot, and the base name of the file where a tool
        has put a compilation directory in front."""
        function, file, line = frame
        file = "" if (file, line) == ("?", 0) else file  # as the runtime calls a place without lines
        return function.replace("·", "."), file.rsplit("/", 1)[-1] if base_name else file, line


# ---------------------------------------------------------------- comparisons

def outermost(ours, answers, spelling, explain):
    """Against tools that know the outermost function and the innermost line."""
    tally = Tally()
    for address, theirs in answers.items():
        mine = ours.get(address)
        function, file, line = spelling.theirs(theirs[0])
        unknown = line <= 0 or file in ("", "?")
        if function == "?" or (mine is None and unknown):
            tally.silent += 1
            continue
        tally.compared += 1
        if mine is None:
            tally.differ(address, mine, theirs, explain(address, mine, theirs))
            continue
        first, last = spelling.ours(mine[0]), spelling.ours(mine[-1])
        # A marker of the linker has a name and no line, on both sides.
        place = ("", 0) if unknown else (file, line)
        if (last[0], *first[1:]) == (function, *place):
            tally.equal += 1
            tally.inlined += len(mine) > 1
        else:
            tally.differ(address, mine, theirs, explain(address, mine, theirs))
    return tally


def stacks(ours, answers, spelling, explain, base_name=False, printed_already=False):
    """Against oracles that know all inlined calls; None of theirs is no answer."""
    tally = Tally()
    spell = spelling.ours if printed_already else spelling.theirs
    for address, theirs in answers.items():
        mine = ours.get(address)
        if theirs is None or (mine is None and theirs[0][1:] in (("?", 0), ("", 0))):
            tally.silent += 1
            continue
        tally.compared += 1
        a = [spelling.ours(f, base_name) for f in mine] if mine else None
        b = [spell(f, base_name) for f in theirs]
        if a == b:
            tally.equal += 1
            tally.inlined += len(b) > 1
        else:
            tally.differ(address, mine, theirs, explain(address, a, b))
    return tally


def symbols(ours, names, spelling, explain):
    """Against a symbol table: the outermost function is one of the names there."""
    tally = Tally()
    for address, spellings in names.items():
        tally.compared += 1
        mine = ours.get(address)
        theirs = {spelling.theirs((n, "", 0))[0] for n in spellings}
        theirs |= {n.removeprefix("_") for n in theirs}  # Mach-O
        if mine and spelling.ours(mine[-1])[0] in theirs:
            tally.equal += 1
        else:
            tally.differ(address, mine, sorted(theirs), explain(address, mine, sorted(theirs)))
    return tally


# ---------------------------------------------------------------- facts

def facts(inspected, cell, explain_version):
    """Against the order that one of our own programs was built to."""
    tally = Tally()
    stripped, c_code = cell.variant.endswith("stripped"), cell.compiler is not None

    def check(key, theirs):
        tally.compared += 1
        if inspected[key] == theirs:
            tally.equal += 1
        else:
            tally.differ(key, inspected[key], theirs,
                         explain_version(cell, inspected[key]) if key == "go_version" else None)

    check("go_version", f"go{cell.toolchain}")
    check("goos", cell.goos)
    check("goarch", cell.goarch)
    check("cgo", c_code)
    check("trimpath", cell.variant == "trimpath")
    if cell.compiler == "zig":
        return tally  # which links with symbols whether told -s or not
    if cell.goos not in ("js", "wasip1", "plan9"):
        check("dwarf", not stripped)
    if cell.port.startswith("linux-arm") and cell.goarch == "arm":
        check("level", {"GOARM": cell.port[-1]})
    if cell.goos in ("linux", "aix", "windows"):
        check("stripped", stripped)
    if cell.goos == "linux":
        check("pie", "pie" in cell.variant)
    return tally


def build_info(inspected, text):
    """Against `go version -m`: each line is one comparison."""
    tally = Tally()

    def check(what, ours, theirs):
        tally.compared += 1
        if ours == theirs:
            tally.equal += 1
        else:
            tally.differ(what, ours, theirs)

    lines = text.splitlines()
    check("version", inspected["go_version"], lines[0].rsplit(": ", 1)[-1])
    settings, modules = {}, []
    for line in lines[1:]:
        kind, *rest = line.strip("\n").split("\t")[1:]
        if kind == "path":
            check("path", inspected["path_of_main"], rest[0])
        elif kind == "mod":
            module = inspected["module"] or {}
            check("mod", (module.get("path"), module.get("version")), (rest[0], rest[1]))
        elif kind == "dep":
            modules.append((rest[0], rest[1]))
        elif kind == "build":
            key, value = setting(rest[0])
            settings[key] = value
    if modules:
        check("deps", [(m["path"], m["version"]) for m in inspected["modules"]], modules)
    for key in sorted(settings.keys() | inspected["settings"].keys()):
        check(f"build {key}", inspected["settings"].get(key), settings.get(key))
    return tally


def setting(text):
    """key=value, either of which may be a Go string literal."""
    match = re.fullmatch(r'("(?:[^"\\]|\\.)*"|[^=]*)=(.*)', text)
    key, value = match.groups() if match else (text, "")
    return unquote(key), unquote(value)


def unquote(text):
    if len(text) > 1 and text[0] == text[-1] == '"':
        return json.loads(text)
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "`" else text

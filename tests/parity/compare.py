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

def printed(name):
    """As the runtime prints a name (runtime/traceback.go funcNamePiecesForPrint, Go 1.27)."""
    start, end = name.find("["), name.rfind("]")
    if start < 0 or end <= start:
        return name
    interior, depth, right = name[start + 1:end], 1, -1
    if "[" not in interior:
        return f"{name[:start]}[...]{name[end + 1:]}"
    for at, sign in enumerate(interior):
        if sign == "[":
            depth += 1
            if depth == 1:
                return f"{name[:start]}[...]{interior[right + 1:at]}[...]{name[end + 1:]}"
        elif sign == "]":
            depth -= 1
            if depth == 0:
                right = at
    return f"{name[:start]}[...]{name[end + 1:]}"


def normal(frame, base_name=False):
    """What tests/differential.rs does to both sides; the whole path stays where no
    tool has put a compilation directory in front."""
    function, file, line = frame
    function = function.removesuffix(".abi0").removesuffix(".abiinternal")
    function = printed(function).replace("·", ".")
    return function, file.rsplit("/", 1)[-1] if base_name else file, line


# ---------------------------------------------------------------- comparisons

def outermost(ours, answers, explain):
    """Against tools that know the outermost function and the innermost line."""
    tally = Tally()
    for address, theirs in answers.items():
        mine = ours.get(address)
        function, file, line = normal(theirs[0])
        unknown = line <= 0 or file in ("", "?")
        if mine is None and unknown:
            tally.silent += 1
            continue
        tally.compared += 1
        if mine is None:
            tally.differ(address, mine, theirs, explain(address, mine, theirs))
            continue
        first, last = normal(mine[0]), normal(mine[-1])
        # A marker of the linker has a name and no line, on both sides.
        place = ("", 0) if unknown else (file, line)
        if (last[0], *first[1:]) == (function, *place):
            tally.equal += 1
            tally.inlined += len(mine) > 1
        else:
            tally.differ(address, mine, theirs, explain(address, mine, theirs))
    return tally


def stacks(ours, answers, explain, base_name=False):
    """Against oracles that know all inlined calls; None of theirs is no answer."""
    tally = Tally()
    for address, theirs in answers.items():
        mine = ours.get(address)
        if theirs is None or (mine is None and theirs[0][1:] in (("?", 0), ("", 0))):
            tally.silent += 1
            continue
        tally.compared += 1
        a = [normal(f, base_name) for f in mine] if mine else None
        b = [normal(f, base_name) for f in theirs]
        if a == b:
            tally.equal += 1
            tally.inlined += len(b) > 1
        else:
            tally.differ(address, mine, theirs, explain(address, a, b))
    return tally


def symbols(ours, names, explain):
    """Against a symbol table: the outermost function is one of the names there."""
    tally = Tally()
    for address, spellings in names.items():
        tally.compared += 1
        mine = ours.get(address)
        theirs = {normal((n, "", 0))[0] for n in spellings}
        theirs |= {n.removeprefix("_") for n in theirs}  # Mach-O
        if mine and normal(mine[-1])[0] in theirs:
            tally.equal += 1
        else:
            tally.differ(address, mine, sorted(theirs), explain(address, mine, sorted(theirs)))
    return tally


# ---------------------------------------------------------------- build information

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

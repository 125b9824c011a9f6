"""Differences that are known not to be panicmap's, each with its reason."""

REASONS = {}


def reason(name, why):
    REASONS[name] = why
    return name


NO_BUILD_INFO = reason("go version -m fails", "`go version -m` does not read this file; panicmap names the Go "
                       "version, for our own builds the right one")
EMPTY = reason("first name", "the name at offset 0 of the name table, that of the first function, prints "
               "as nothing at run time (runtime/symtab.go funcname)")
WRAPPER = reason("wrapper", "the runtime leaves out a wrapper's own frame behind the calls inlined into it "
                 "(runtime/traceback.go elideWrapperCalling); panicmap shows it")


class Context:
    """Judges the differences of one binary."""

    def __init__(self, binary, base, table):
        self.binary, self.base, self.table = binary, base, table

    def gosym(self, _address, _ours, _theirs):
        return None

    def addr2line(self, _address, _ours, _theirs):
        return None

    def nm(self, _address, _ours, _theirs):
        return None

    def dwarf(self, _address, _ours, _theirs):
        return None

    def walk(self, _address, ours, theirs):
        """The running program against us."""
        if ours and len(ours) == len(theirs):
            if all(a == b or (b[0] == "" and a[1:] == b[1:]) for a, b in zip(ours, theirs)):
                return EMPTY
        if ours and len(ours) == len(theirs) + 1 and ours[:-1] == theirs:
            return WRAPPER
        return None

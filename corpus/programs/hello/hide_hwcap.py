"""Edit two bytes of a linux/arm executable so that the runtime reads no AT_HWCAP.

That is what a filtered auxiliary vector or a kernel without VFP support looks like
to the program, and the only way to see the runtime's own message on a CPU that can
run everything before it.
"""

import re
import sys
from pathlib import Path

path = Path(sys.argv[1])
# runtime.archauxv and its copy in runtime.sysauxv: cmp r0, #15 (AT_PLATFORM); beq;
# cmp r0, #16 (AT_HWCAP)
pattern = rb"(\x0f\x00\x50\xe3..\x00\x0a)\x10(\x00\x50\xe3)"
code, edits = re.subn(pattern, b"\\1\xff\\2", path.read_bytes(), flags=re.DOTALL)
if edits != 2:
    sys.exit(f"hide_hwcap: {edits} places look like runtime.archauxv")
path.write_bytes(code)

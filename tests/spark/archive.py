"""Makes an archive of logs to scan: at least 200 files in every wrapping, of the
crashes in corpus/cases."""

import gzip
import io
import os
import random
import sys
import tarfile
import zipfile

CASES = ["nil-first-field", "nil-map-write", "concurrent-map-writes", "deadlock-mutex", "index-out-of-range",
         "goarm7-on-pi1", "workers-all-goroutines"]


def main(cases, out, files):
    random.seed(7)
    crashes = {case: open(os.path.join(cases, case, "log"), "rb").read() for case in CASES}
    for index in range(files):
        lines = [b"2026-11-%02dT04:%02d:00Z GET /cart/%d 200\n" % (index % 28 + 1, n % 60, index)
                 for n in range(random.randrange(20, 400))]
        if index % 3 == 0:
            crash = crashes[CASES[index // 3 % len(CASES)]]
            lines.insert(random.randrange(len(lines)), b"".join(
                b"2026-11-%02dT05:%02d:00.5Z stderr F %s\n" % (index % 28 + 1, index % 60, line)
                for line in crash.splitlines()))
        text = b"".join(lines)
        folder = os.path.join(out, f"host-{index % 9}")
        os.makedirs(folder, exist_ok=True)
        save(os.path.join(folder, f"svc-{index:04}"), index % 6, text)
    # A crash that is cut by rotation, and inputs that cannot be read in full.
    rotated = os.path.join(out, "rotated")
    os.makedirs(rotated)
    crash = b"start\n" * 100 + crashes["workers-all-goroutines"]
    with open(os.path.join(rotated, "app.log.1"), "wb") as old:
        old.write(crash[:len(crash) // 2])
    with open(os.path.join(rotated, "app.log"), "wb") as new:
        new.write(crash[len(crash) // 2:])
    damaged = os.path.join(out, "damaged")
    os.makedirs(damaged)
    with open(os.path.join(damaged, "cut.log.gz"), "wb") as cut:
        cut.write(gzip.compress(crash, mtime=0)[:-20])
    open(os.path.join(damaged, "empty.log"), "wb").close()


def save(stem, form, text):
    if form in (0, 1):
        data, suffix = (text, "log") if form == 0 else (gzip.compress(text, mtime=0), "log.gz")
    elif form in (2, 3):
        mode, suffix = ("w", "tar") if form == 2 else ("w:gz", "tgz")
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode=mode) as tar:
            for name, content in [("var/log/app.log", text), ("var/log/other.log.gz", gzip.compress(text[:300]))]:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        data = packed.getvalue()
    else:
        packed, suffix = io.BytesIO(), "zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED if form == 4 else zipfile.ZIP_STORED) as archive:
            archive.writestr("app.log", text)
        data = packed.getvalue()
    with open(f"{stem}.{suffix}", "wb") as out:
        out.write(data)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

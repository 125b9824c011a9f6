"""Runs `panicmap scan` on the workers of a Spark cluster, and joins what they find.

    spark-submit job.py --panicmap /opt/panicmap --out crashes.jsonl FOLDER

Two ways to the files:

  --via pipe    (the default) workers share a file system: they get paths, by `pipe`
  --via arrow   Spark reads the files (object stores): workers get bytes, by `mapInArrow`

What to know about either:

- `pipe` starts its command with an empty environment and in a folder of the executor:
  the path of panicmap has to be absolute. Without checkCode=True a command that fails
  would pass unnoticed. `--exit-zero` says that a damaged log is no failure of the
  command; it is a record.
- Contents are never split by lines: a crash is many lines. A file is the unit.
- Files of one rotation (app.log, app.log.1) are joined where one process gets them
  all. That is why `pipe` gets the files of a folder together; `arrow` does not join.
- Spark hands out no empty files by `binaryFile`: they are missing from the count.
- Records have ids: what a task has told twice, since it was started again, counts once.
"""

import argparse
import os
import subprocess
import sys

from pyspark.sql import SparkSession


def paths_below(folders):
    for folder in folders:
        if os.path.isfile(folder):
            yield os.path.abspath(folder)
        for at, _, names in os.walk(os.path.abspath(folder)):
            for name in names:
                path = os.path.join(at, name)
                # An element becomes a line of the command's input.
                if "\n" in path:
                    sys.exit(f"a path with a line break cannot be piped: {path!r}")
                yield path


def via_pipe(spark, panicmap, folders, parts):
    paths = sorted(paths_below(folders))
    keyed = spark.sparkContext.parallelize(paths, parts).keyBy(os.path.dirname)
    together = keyed.partitionBy(parts).values()
    command = f"{panicmap} scan --paths-from - --format jsonl --exit-zero --jobs 1"
    return together.pipe(command, checkCode=True)


def via_arrow(spark, panicmap, folders, parts):
    import pyarrow

    def scan(batches):
        for batch in batches:
            for path, content in zip(batch["path"], batch["content"]):
                # Spark names files as `file:/logs/a.gz`.
                name = path.as_py().removeprefix("file:")
                command = [panicmap, "scan", "--label", name, "-", "--format", "jsonl", "--exit-zero", "--jobs", "1"]
                done = subprocess.run(command, input=content.as_py(), capture_output=True)
                if done.returncode != 0:
                    raise RuntimeError(f"{name}: {done.stderr.decode(errors='replace')}")
                lines = done.stdout.decode().splitlines()
                yield pyarrow.RecordBatch.from_arrays([pyarrow.array(lines, pyarrow.string())], ["record"])

    files = spark.read.format("binaryFile").option("recursiveFileLookup", True).load(list(folders))
    found = files.select("path", "content").repartition(parts).mapInArrow(scan, "record string")
    return found.rdd.map(lambda row: row.record)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--panicmap", required=True, help="absolute path of panicmap on the workers")
    arguments.add_argument("--out", required=True, help="where the joined records go")
    arguments.add_argument("--via", choices=["pipe", "arrow"], default="pipe")
    arguments.add_argument("--parts", type=int, default=8)
    arguments.add_argument("--master", help="for a try without spark-submit, as local-cluster[2,1,1024]")
    arguments.add_argument("folders", nargs="+")
    wanted = arguments.parse_args()

    builder = SparkSession.builder.appName("panicmap scan")
    if wanted.master:
        builder = builder.master(wanted.master).config("spark.executor.memory", "512m")
    spark = builder.getOrCreate()
    try:
        read = via_pipe if wanted.via == "pipe" else via_arrow
        found = read(spark, wanted.panicmap, wanted.folders, wanted.parts)
        # The driver joins; records come partition by partition.
        merge = subprocess.Popen(
            [wanted.panicmap, "merge", "--format", "jsonl", "-o", wanted.out], stdin=subprocess.PIPE, text=True
        )
        for record in found.toLocalIterator():
            merge.stdin.write(record + "\n")
        merge.stdin.close()
        # 4: something could not be read in full, which the records tell.
        if merge.wait() not in (0, 4):
            sys.exit("panicmap merge has failed")
    finally:
        spark.stop()


if __name__ == "__main__":
    main()

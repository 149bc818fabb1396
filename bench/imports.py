"""`python -m bench.imports [--people 10000000]`: how fast people come in, and how much memory that takes.

Not a part of `make bench`: it writes some gigabytes. The import runs in a process of its own, whose peak is the figure.
"""

import argparse
import hashlib
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

POPULATION = """
version: 1
workspace: bench
as_of: 2026-11-01T00:00:00Z
people:
  - files: people-*.parquet
    key: id
    attributes: {person.birthYear: born, home.town: town}
    facets:
      age: {column: age, bands: [[null, 17], [18, 24], [25, 34], [35, 44], [45, 54], [55, 64], [65, null]]}
      gender: gender
      town: town
      likes: {column: likes, many: true}
    identities: {email: {column: email, hashed: true}}
events:
  - {files: events-*.parquet, person: id, time: at, type: ad_opportunity, attributes: {n: n}}
derived:
  ads: {measures: ad_opportunities, from: ad_opportunity, count: n, within_days: 30}
"""
FILE_ROWS = 1_000_000
LIKES, TOWNS = 1_000, 500
LIKES_EACH, EVENTS_EACH = 12, 2
# The peak is read where the import runs: what a parent is told of a child's begins with the parent's own.
IMPORT = """
import atexit, pathlib, sys
from houselights.cli.main import run
peak = pathlib.Path(sys.argv.pop())
status = pathlib.Path("/proc/self/status")
atexit.register(lambda: peak.write_text(status.read_text().split("VmHWM:")[1].split()[0]))
run()
"""


def write_files(folder: Path, people: int) -> None:
    """Write people with a dozen interests and a hashed e-mail each, and two events a person in no order."""
    random = np.random.default_rng(5)
    for number, start in enumerate(range(0, people, FILE_ROWS)):
        rows = min(FILE_ROWS, people - start)
        names = [f"customer-{start + row}" for row in range(rows)]
        age = random.integers(14, 90, rows)
        likes = pa.array(np.char.add("interest ", np.arange(LIKES).astype(str)))
        chosen = (LIKES * random.random(rows * LIKES_EACH) ** 2).astype(np.int32)
        columns = {
            "id": pa.array(names),
            "age": pa.array(age),
            "born": pa.array(2026 - age),
            "gender": pa.array(np.array(["female", "male"])[random.integers(0, 2, rows)]),
            "town": pa.array(np.char.add("town ", random.integers(0, TOWNS, rows).astype(str))),
            "likes": pa.ListArray.from_arrays(
                pa.array(np.arange(rows + 1, dtype=np.int32) * LIKES_EACH),
                pa.DictionaryArray.from_arrays(pa.array(chosen), likes).dictionary_decode(),
            ),
            "email": pa.array([hashlib.sha256(name.encode()).hexdigest() for name in names]),
        }
        pq.write_table(pa.table(columns), folder / f"people-{number:03}.parquet")
        seen = random.integers(0, people, rows * EVENTS_EACH)
        at = np.datetime64("2026-11-01", "us") - random.integers(0, 60 * 86_400_000_000, seen.size)
        events = {
            "id": pa.array([f"customer-{person}" for person in seen.tolist()]),
            "at": pa.array(at, pa.timestamp("us", "UTC")),
            "n": pa.array(random.integers(1, 20, seen.size)),
        }
        pq.write_table(pa.table(events), folder / f"events-{number:03}.parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What one import took: rows of all files, seconds, and the most memory its process ever held."""

    rows: int
    seconds: float
    peak_bytes: int


def measure(people: int) -> Imported:
    """Write the files of so many people, import them in a process of its own (on Linux) and return what it took."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, people)
        (folder / "population.yaml").write_text(POPULATION)
        start = time.perf_counter()
        arguments = ["import", str(folder / "population.yaml"), "--data", str(folder / "data"), str(folder / "peak")]
        subprocess.run([sys.executable, "-c", IMPORT, *arguments], check=True)
        seconds = time.perf_counter() - start
        peak_bytes = int((folder / "peak").read_text()) * 1024
    return Imported(rows=people * (1 + EVENTS_EACH), seconds=seconds, peak_bytes=peak_bytes)


def main() -> None:
    """Say how long an import took and how much memory."""
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000_000)
    people = parser.parse_args().people
    took = measure(people)
    pace = took.rows / took.seconds
    print(f"{people:,} people, {took.rows:,} rows: {took.seconds:,.0f} s, {pace:,.0f} rows/s")
    print(f"peak memory: {took.peak_bytes / 2**30:.2f} GiB")


if __name__ == "__main__":
    main()

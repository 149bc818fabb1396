"""How long `houselights hash` takes over five million customers of nine columns, and the memory of all its processes.

Run: `python -m bench.hashing [--rows 5000000]`. Beside it, in the same run, one process that does the same row by row
with the same functions, over a hundredth of the rows.
"""

import argparse
import csv
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from bench.measure import Figure, beside
from bench.report import show
from houselights.identity.hashing import sha256_hex
from houselights.identity.tables import BOUND, FREE

FOLDER = Path("build/bench")
PIECE = 100_000
FIRST = ("Ada", "Ben", "Cleo", "Dora", "Émile", "Fritz", "Güler", "Hana", "Ivo", "Jörg")
STREETS = ("Elm Street", "Oak Avenue", "North Mill Road", "King St. NW", "Sunset Boulevard", "Harbor Parkway Apt #7")
CITIES = ("New York", "Los Angeles", "Saint Paul", "Boise", "Portland", "Coeur d'Alene")
STATES = ("New York", "CA", "Minnesota", "Idaho", "Oregon", "WA")


def table(rows: int) -> Path:
    """Return a file of made-up customers, written on first use: every e-mail, phone and address another one."""
    place = FOLDER / f"customers-{rows}.csv"
    if place.exists():
        return place
    FOLDER.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(5)
    writer: pacsv.CSVWriter | None = None
    for begin in range(0, rows, PIECE):
        numbers = np.arange(begin, min(begin + PIECE, rows))
        pick = random.integers(0, 1 << 30, (5, numbers.size))
        piece = pa.table({
            "email": [f"{FIRST[p % 10].lower()}.{n}+tag@X{p % 97}.com" for n, p in zip(numbers, pick[0], strict=True)],
            "phone": [f"({200 + n % 799}) {200 + n // 799 % 799}-{n % 10_000:04}" for n in numbers],
            "first_name": [FIRST[p % 10] for p in pick[0]],
            "last_name": [f"O'{FIRST[p % 10]}son-{p % 5000}" for p in pick[1]],
            "address": [f"{n} {STREETS[p % 6]}" for n, p in zip(numbers, pick[2], strict=True)],
            "city": [CITIES[p % 6] for p in pick[3]],
            "state": [STATES[p % 6] for p in pick[3]],
            "zip": [f"{p % 90_000 + 10_000}-{p % 9000 + 1000}" for p in pick[4]],
            "country": ["US"] * numbers.size,
        })  # fmt: skip
        writer = writer or pacsv.CSVWriter(place, piece.schema)
        writer.write_table(piece)
    if writer is not None:
        writer.close()
    return place


def resident(root: int) -> int:
    """Return the bytes that a process and its children hold that no other process holds."""
    children: dict[int, list[int]] = {}
    for each in os.listdir("/proc"):
        if each.isdigit():
            try:
                parent = int(Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(each))
    whole, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, [])
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        whole += sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Private_"))
    return whole


def by_command(file: Path, processes: int) -> tuple[float, float, float]:
    """Return the seconds that the command takes, those of all its processors, and its megabytes at their most."""
    out = FOLDER / "hashed.csv"
    words = ["hash", str(file), "--out", str(out), "--overwrite", "--processes", str(processes)]
    begun, worked = time.perf_counter(), worked_seconds()
    with subprocess.Popen([sys.executable, "-m", "bench.hashing", "--run", *words], stderr=subprocess.DEVNULL) as run:
        most = 0
        done = threading.Event()

        def watch() -> None:
            nonlocal most
            while not done.wait(0.5):
                most = max(most, resident(run.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        code = run.wait()
        done.set()
        watcher.join()
    if code:
        raise RuntimeError(f"it ended with {code}")
    return time.perf_counter() - begun, worked_seconds() - worked, most / 1e6


def worked_seconds() -> float:
    """Return the processor time of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def row_by_row(file: Path, rows: int) -> float:
    """Return the seconds that the first rows take, one cell after another."""
    begun = time.perf_counter()
    with file.open(newline="") as source, (FOLDER / "row-by-row.csv").open("w", newline="") as target:
        reader, writer = csv.DictReader(source), csv.writer(target)
        for number, row in enumerate(reader):
            if number == rows:
                break
            free = [sha256_hex(normal(row[field])) for field, normal in FREE.items()]
            bound = [
                sha256_hex(normal(row["zip" if field == "postal" else field], "US")) for field, normal in BOUND.items()
            ]
            writer.writerow(free + bound)
    return time.perf_counter() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.hashing", description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    rows, processes = (asked := parser.parse_args()).rows, asked.processes
    file = table(rows)
    naive = row_by_row(file, max(1, rows // 100)) * 100
    figures = [
        Figure(work="hashing", people=rows, engine="row by row, one process (1 % measured)", value=naive, unit="s")
    ]
    for count in processes:
        seconds, worked, megabytes = by_command(file, count)
        name = f"houselights hash, {count} hashing"
        figures.append(
            Figure(work="hashing", people=rows, engine=name, value=seconds, unit="s", beside=beside(seconds, naive))
        )
        figures.append(Figure(work="hashing", people=rows, engine="… processor time", value=worked, unit="s"))
        figures.append(Figure(work="hashing", people=rows, engine="… memory at its most", value=megabytes, unit="MB"))
    show(figures)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        from houselights.cli.main import cli

        cli(sys.argv[2:])
    else:
        main()

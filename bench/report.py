"""Prints figures for people and writes them down. Adds the machine, and says where a bar was missed."""

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.measure import Figure
from houselights.engine.workers import CORES

PEERS = ("duckdb", "chdb", "polars", "pyroaring", "numba", "numpy")
HEADINGS = ("people", "engine", "p50", "beside ours", "bar", "met")


def cells(figure: Figure) -> tuple[str, ...]:
    digits = 0 if figure.value >= 1000 else 2
    met = {None: "", True: "yes", False: "no"}[figure.met]
    value = f"{figure.value:,.{digits}f} {figure.unit}"
    return (f"{figure.people:,}" if figure.people else "", figure.engine, value, figure.beside, figure.bar, met)


def show(figures: Sequence[Figure]) -> None:
    """Print one table for each kind of work."""
    for work in dict.fromkeys(figure.work for figure in figures):
        table = Table(*HEADINGS, title=work, title_justify="left")
        for figure in figures:
            if figure.work == work:
                style = {None: "", True: "green", False: "bold red"}[figure.met]
                table.add_row(*cells(figure), style=style)
        Console().print(table)


def machine() -> str:
    """Describe the machine and the versions in one paragraph."""
    model = next(
        (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    memory = next((int(line.split()[1]) / 2**20 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    versions = ", ".join(f"{name} {version(name)}" for name in PEERS)
    return (
        f"{model}, {CORES} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; {versions}. {datetime.now(UTC):%d %B %Y}."
    )


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []


INTRODUCTION = """# Benchmarks

Written by `make bench`. Every figure is the median of several runs after one that does not count; peers run in the same
process on the same data, and their counts are asserted equal to ours. "Beside ours" is how many times longer a peer
took. The people are synthetic: 1,000 independent traits with log-uniform shares of 0.01 % to 30 %, some 37 a person,
with no order in the ids, which is the worst case for compressed bitmaps. polars is asked up to two million people:
above, its semi-join of all pairs takes more memory than the machine can spare.
"""


def write(path: Path, figures: Sequence[Figure]) -> None:
    """Write the Markdown page."""
    missed = [figure for figure in figures if figure.met is False]
    lines = [INTRODUCTION, machine(), ""]
    if missed:
        lines += ["Bars missed:", ""]
        lines += [f"- {figure.work}, {figure.people:,} people, {figure.engine}: {figure.bar}" for figure in missed]
    else:
        lines += ["No bar was missed."]
    for work in dict.fromkeys(figure.work for figure in figures):
        lines += ["", f"## {work[0].upper()}{work[1:]}", "", "| " + " | ".join(HEADINGS) + " |"]
        lines += ["|" + "---|" * len(HEADINGS)]
        lines += ["| " + " | ".join(cells(figure)) + " |" for figure in figures if figure.work == work]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

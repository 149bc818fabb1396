"""How answers look: rich tables for people, JSON for machines; plain and wide when piped. Writes to stdout alone."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel
from rich import box
from rich.console import Console
from rich.table import Table

from houselights.model.insight import Band

PIPED_WIDTH = 200


def console() -> Console:
    """Return where to print: in colour on a terminal; wide and plain into a pipe or file."""
    terminal = sys.stdout.isatty()
    return Console(file=sys.stdout, width=None if terminal else PIPED_WIDTH, no_color=not terminal, highlight=False)


def print_json(value: BaseModel | Sequence[BaseModel] | dict[str, Any]) -> None:
    """Print shapes of the native API, as the API would."""
    if isinstance(value, BaseModel):
        plain: Any = value.model_dump(mode="json")
    elif isinstance(value, dict):
        plain = value
    else:
        plain = [one.model_dump(mode="json") for one in value]
    sys.stdout.write(json.dumps(plain, ensure_ascii=False, indent=2) + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str | None = None) -> Table:
    """Return a table; a column whose name ends in "#" is a number and stands to the right."""
    made = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in columns:
        number = column.endswith("#")
        made.add_column(column.removesuffix("#"), justify="right" if number else "left", overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def share(value: float | None) -> str:
    """Write a fraction of 1 as a percentage."""
    return "–" if value is None else f"{value:.1%}"


def times(value: float | None) -> str:
    """Write an affinity: 1 is par."""
    return "–" if value is None else f"{value:.2f}×"


def people(exact: int | None, band: Band) -> str:
    """Write a number of people, exactly or as its band."""
    if exact is not None:
        return f"{exact:,}"
    return f"{band.low:,} or more" if band.high is None else f"{band.low:,} to {band.high:,}"

"""Which of a person's fragments wins: a number for each row of the people sources; the highest has the last word.

Only imports that link keys have fragments; without, a person has one row in each source and the later source wins.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from houselights.base.errors import InvalidInput
from houselights.services.imports.population import Link, Wins
from houselights.services.imports.staging import Stage

Ranks = npt.NDArray[np.int64]

# The column's name beside attributes: a path below a name that no attribute may have.
PRECEDENCE = "shard.precedence"
HIGHEST = np.iinfo(np.int64).max  # of what is worked out from events, after everything that was read
_UNKNOWN = -np.inf


def ranks_of(stages: Sequence[Stage], link: Link) -> list[Ranks]:
    """Return for each stage the precedence of its rows, none twice. Raises InvalidInput for a `latest` that is text."""
    rows = [stage.rows for stage in stages]
    whole = sum(rows)
    match link.wins:
        case Wins.LATER:
            ranks = np.arange(whole)
        case Wins.EARLIER:
            ranks = np.arange(whole)[::-1].copy()
        case Wins.LATEST:
            times = np.concatenate([_times(stage, link.latest) for stage in stages])
            ranks = np.empty(whole, np.int64)
            ranks[np.argsort(times, kind="stable")] = np.arange(whole)
    return np.split(ranks, np.cumsum(rows)[:-1])


def _times(stage: Stage, path: str) -> npt.NDArray[np.float64]:
    """Return when each row of a stage is of; the earliest of all where it does not say."""
    times = np.full(stage.rows, _UNKNOWN)
    schema = stage.schema("attributes")
    if schema is None or path not in schema.names:
        return times
    kind = schema.field(path).type
    if not (pa.types.is_temporal(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise InvalidInput(
            f'{stage.where}: "{path}" is {kind}, and says no order', field="link.wins.latest",
            hint="say its type: timestamp, date, int or float",
        )  # fmt: skip
    for batch in stage.read("attributes"):
        numbers = batch[path].cast(pa.int32()) if pa.types.is_date32(kind) else batch[path]
        numbers = numbers.cast(pa.int64()) if pa.types.is_temporal(kind) else numbers
        times[batch["row"].to_numpy()] = np.asarray(pc.fill_null(numbers.cast(pa.float64(), safe=False), _UNKNOWN))
    return times


def rounds(tables: Sequence[pa.Table]) -> Iterator[list[pa.Table]]:
    """Yield the rows of each source by turns: in a turn a person has one row at most, and higher ones come later."""
    people = np.concatenate([table["person_id"].to_numpy() for table in tables])
    order = np.lexsort((np.concatenate([table[PRECEDENCE].to_numpy() for table in tables]), people))
    starts = np.flatnonzero(np.concatenate(([True], people[order][1:] != people[order][:-1])))
    turns = np.empty(len(people), np.int64)
    turns[order] = np.arange(len(people)) - np.repeat(starts, np.diff(starts, append=len(people)))
    own = np.split(turns, np.cumsum([len(table) for table in tables])[:-1])
    for turn in range(int(turns.max()) + 1):
        yield [
            table.filter(pa.array(its == turn)) for table, its in zip(tables, own, strict=True) if (its == turn).any()
        ]

"""What readers must not find although files still have it: people being erased, and lines of lists about them.

It is what an erasure will take out of the files, taken out of every answer until it has.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.engine.list_log import microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldLines:
    """Lines of some lists about some people: those up to an instant, and those of some uploads whenever they came."""

    people: tuple[int, ...]
    lists: tuple[int, ...]
    until: datetime
    uploads: tuple[str, ...] = ()

    @property
    def expression(self) -> pc.Expression:
        """A condition of lines of the membership log."""
        of_them = pc.field("person_id").isin(list(self.people)) & pc.field("audience_id").isin(list(self.lists))
        early = pc.field("time") <= pa.scalar(self.until, pa.timestamp("us", tz="UTC"))
        return of_them & (early | pc.field("upload_id").isin(list(self.uploads)) if self.uploads else early)


@dataclass(frozen=True, slots=True)
class Withheld:
    """`people` are withheld whole, `lines` from the membership log."""

    people: frozenset[int] = frozenset()
    lines: tuple[WithheldLines, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.people or self.lines)

    @property
    def of_log(self) -> pc.Expression | None:
        """The condition of the lines of the membership log that stay; None when all do."""
        people = [pc.field("person_id").isin(sorted(self.people))] if self.people else []
        hidden = any_of([*people, *(each.expression for each in self.lines)])
        return None if hidden is None else ~hidden

    def sql(self, *, is_log: bool) -> str | None:
        """Return, as DuckDB's SQL, the condition of the rows of a table that stay; None when all do.

        `is_log` says that it is the membership log. There is nothing in it but numbers and ids of uploads.
        """
        hidden = [f"person_id IN ({_numbers(self.people)})"] if self.people else []
        for each in self.lines if is_log else ():
            when = f"time <= make_timestamptz({microseconds(each.until)})"
            if each.uploads:
                uploads = ", ".join("'" + upload.replace("'", "''") + "'" for upload in each.uploads)
                when = f"({when} OR upload_id IN ({uploads}))"
            whose = f"person_id IN ({_numbers(each.people)}) AND audience_id IN ({_numbers(each.lists)})"
            hidden.append(f"({whose} AND {when})")
        return f"NOT ({' OR '.join(hidden)})" if hidden else None

    def ids(self) -> "np.ndarray[Any, np.dtype[np.uint32]]":
        """Return the people withheld, ascending."""
        return np.array(sorted(self.people), np.uint32)


NOTHING_WITHHELD = Withheld()


def _numbers(given: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(given)))


def any_of(conditions: Sequence[pc.Expression]) -> pc.Expression | None:
    """Return what holds where any of the conditions does, nested no deeper than it must be; None for none."""
    level = list(conditions)
    while len(level) > 1:
        pairs = zip_longest(level[::2], level[1::2])
        level = [one if other is None else one | other for one, other in pairs]
    return level[0] if level else None


def together(parts: Sequence[Withheld]) -> Withheld:
    """Return what all of them withhold."""
    people = frozenset[int]().union(*(each.people for each in parts))
    return Withheld(people, tuple(line for each in parts for line in each.lines))

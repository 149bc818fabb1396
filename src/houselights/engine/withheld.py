"""What readers must not find although files still have it: people being erased, and lines of lists about them.

It is what an erasure will take out of the files, taken out of every answer until it has.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


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
        hidden: pc.Expression | None = pc.field("person_id").isin(sorted(self.people)) if self.people else None
        for each in self.lines:
            hidden = each.expression if hidden is None else hidden | each.expression
        return None if hidden is None else ~hidden

    def ids(self) -> "np.ndarray[Any, np.dtype[np.uint32]]":
        """Return the people withheld, ascending."""
        return np.array(sorted(self.people), np.uint32)


NOTHING_WITHHELD = Withheld()


def together(parts: Sequence[Withheld]) -> Withheld:
    """Return what all of them withhold."""
    people = frozenset[int]().union(*(each.people for each in parts))
    return Withheld(people, tuple(line for each in parts for line in each.lines))

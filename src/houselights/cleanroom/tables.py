"""What a table looks like to a query: names, columns with their classes, where its rows are. Reads nothing itself.

Whoever builds the tables names them and says which column may tell how much. Names are matched without regard to the
case of ASCII letters, and to nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import TypeAlias

import pyarrow as pa
import pyarrow.dataset as pads


class Class(IntEnum):
    """How close a column comes to naming a person; a value made of several columns has the highest of theirs."""

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3  # may not be compared with literals
    VERY_HIGH = 4  # may only be dropped, counted, and compared with its like
    INTERNAL = 5  # never leaves, not even to choose an audience by


TYPES = {
    "STRING": "VARCHAR",
    "INTEGER": "INTEGER",
    "LONG": "BIGINT",
    "DECIMAL": "DECIMAL(38,4)",
    "DOUBLE": "DOUBLE",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP",
    "ARRAY<STRING>": "VARCHAR[]",
}
"""The types columns are declared with, and DuckDB's. A TIMESTAMP is in UTC and has no zone of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `type` is a key of `TYPES`; the column of user ids may be declared as any, it is kept as a number."""

    name: str
    type: str = "STRING"
    klass: Class = Class.NONE
    is_metric: bool = False
    description: str = ""

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise ValueError(f"column {self.name} has an unknown type {self.type}")


@dataclass(frozen=True, slots=True)
class LakeRows:
    """Rows as DuckDB SQL, a SELECT written by this program, over the files it names and no others."""

    sql: str
    files: tuple[str, ...] = ()


Rows: TypeAlias = LakeRows | pa.Table | pads.Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table that a query may read.

    `rows` has every column by its name. `user` names the column of person ids (BIGINT, or NULL for nobody known), of
    class VERY_HIGH; a table without one tells of nobody (a list of campaigns, say). `time` names the column of the
    event time (TIMESTAMP, in UTC); a table without one is not filtered by the window. `retired` maps names that
    columns had once to the names they have. `for_audiences`: audiences may be chosen from it.
    """

    names: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: Rows
    user: str | None = None
    time: str | None = None
    retired: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    for_audiences: bool = False

    def __post_init__(self) -> None:
        known = {column.name: column for column in self.columns}
        if len({fold(name) for name in known}) != len(self.columns):
            raise ValueError(f"two columns of {self.names[0]} have one name")
        for name in (self.user, self.time, *self.retired.values()):
            if name is not None and name not in known:
                raise ValueError(f"table {self.names[0]} has no column {name}")
        if self.user is not None and known[self.user].klass != Class.VERY_HIGH:
            raise ValueError(f"the user ids of {self.names[0]} are not of class VERY_HIGH")
        if self.time is not None and known[self.time].type != "TIMESTAMP":
            raise ValueError(f"the event time of {self.names[0]} is not a TIMESTAMP")


def fold(name: str) -> str:
    """Return a name as names are compared: ASCII letters in lower case, others as they are."""
    return "".join(chr(ord(letter) + 32) if "A" <= letter <= "Z" else letter for letter in name)

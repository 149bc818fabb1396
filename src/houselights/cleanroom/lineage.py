"""What is known of a value besides its SQL: whose it is, how close it comes to naming them, what it was made of.

Every relation carries hidden columns beside the visible ones: the people behind each row. A value knows which hidden
columns tell of the people behind it. Nothing here is ever forgotten on the way up, which is what makes it safe.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from sqlglot import exp

from houselights.cleanroom.tables import Class

NO_ONE: frozenset[str] = frozenset()


class Behind(Enum):
    """What a hidden column holds. In all of them NULL means that nothing of the kind stands behind the row."""

    ONE = "one"  # a person id; −1 for somebody unknown, who counts for nobody
    MANY = "many"  # a list of distinct person ids, without −1
    LEAST = "least"  # a number: at least so many distinct people
    MARK = "mark"  # nobody: whether a condition held that a value of the row was chosen by
    SIDE = "side"  # nobody: which row of a list without people a value of the row was taken from


@dataclass(frozen=True, slots=True)
class Hidden:
    """A hidden column: its SQL where it is used, and its kind."""

    sql: exp.Expr
    kind: Behind


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What is known of a value. The lineage of a value made of others is `mixed` from theirs.

    `type` is one of STRING, NUMBER, BOOLEAN, DATE, TIMESTAMP, ARRAY, ROW, INTERVAL, NULL, or "" where it is not known.
    `klass` is the highest class among the columns the value shows, `implied` among those that decided about it.
    `grouped` is the highest class among the columns that an aggregate's rows were grouped by: to see such a value alone
    is to see the value of one group. `users` are the names of hidden columns. `names` are those hidden columns whose
    person the value is: only user ids have any. `marks` are hidden columns too: which of several values this one is was
    decided by them, so there must be enough people on either side of each. `is_collected`: it is made of a list of
    values of several people, each of which may be one person's; no number of people behind the list covers that.
    """

    type: str = ""
    klass: Class = Class.NONE
    implied: Class = Class.NONE
    grouped: Class = Class.NONE
    has_literal: bool = False
    users: frozenset[str] = NO_ONE
    names: frozenset[str] = NO_ONE
    marks: frozenset[str] = NO_ONE
    is_metric: bool = False
    is_collected: bool = False
    merge: str | None = None  # SUM, MIN or MAX: how values of several rows make the value of all of them

    @property
    def is_key(self) -> bool:
        """Whether the value names somebody: it may be passed on, compared with its like and counted, nothing else."""
        return self.klass >= Class.VERY_HIGH

    @property
    def is_constant(self) -> bool:
        """Whether the value is the same for everybody, as far as is known."""
        return self.klass == Class.NONE and not self.users

    @property
    def worst(self) -> Class:
        """The class whose threshold the value must meet."""
        return max(self.klass, self.implied)


@dataclass(frozen=True, slots=True)
class Value:
    """An expression of DuckDB's SQL and its lineage."""

    sql: exp.Expr
    lineage: Lineage

    @property
    def type(self) -> str:
        return self.lineage.type

    @property
    def is_key(self) -> bool:
        return self.lineage.is_key


def mixed(values: Iterable[Value], kind: str, *, literal: bool = False) -> Lineage:
    """Return the lineage of a value of type `kind` that is made of others."""
    parts = [value.lineage for value in values]
    return Lineage(
        type=kind,
        klass=max((part.klass for part in parts), default=Class.NONE),
        implied=max((part.implied for part in parts), default=Class.NONE),
        grouped=max((part.grouped for part in parts), default=Class.NONE),
        has_literal=literal or any(part.has_literal for part in parts),
        users=NO_ONE.union(*(part.users for part in parts)),
        marks=NO_ONE.union(*(part.marks for part in parts)),
        is_metric=any(part.is_metric for part in parts),
        is_collected=any(part.is_collected for part in parts),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A visible column of a relation: the name the query knows it by, its name in our SQL, and its lineage."""

    name: str
    column: str
    lineage: Lineage


@dataclass(frozen=True, slots=True)
class Relation:
    """Something to select from: SQL whose columns are those of `shown` and of `hidden`, by our names.

    `rows` are the hidden columns that tell of the people behind each row as such. `implied` is the highest class
    among the columns that decided which rows there are. `is_one_row`: there is exactly one row, whatever the data.
    """

    sql: exp.Expr
    shown: tuple[Shown, ...]
    hidden: dict[str, Behind]
    rows: frozenset[str]
    implied: Class = Class.NONE
    is_one_row: bool = False

    def renamed(self, names: Iterable[str]) -> "Relation":
        """Return the relation with other names for its visible columns."""
        shown = tuple(replace(each, name=name) for each, name in zip(self.shown, names, strict=True))
        return replace(self, shown=shown)

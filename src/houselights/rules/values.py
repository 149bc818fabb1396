"""The value-level rule tree: what can be asked of one person's document. It answers a value and knows no data.

People-level nodes (`rules/tree.py`) answer sets; these answer a value for one person, and a rule is one that answers
true or false. The union is closed so that `match` can be checked, and small because nearly everything is a `Call` of a
function of the table in `rules/functions`. Nodes are frozen and hashable: a tree is its own cache key.

Scopes are explicit. A list function takes a `Lambda`, the lambda names its variables, and a path starts at an `Input`
or at a `Variable`; nothing means "the current item" by standing somewhere. A variable whose name begins with `@` was
not named by whoever wrote the rule: it is the item of an unnamed scope, `@1` the outermost, `@2` inside it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

# First steps of a path below the person: not attributes but what the platform keeps. No dialect can begin a name with
# an `@`, so a company's own attribute called "events" stays its own.
EVENTS = "@events"  # list of event documents
IDENTITIES = "@identities"  # map of namespace → list of identities
MEMBERSHIPS = "@memberships"  # map of audience namespace → audience → membership

Plain: TypeAlias = bool | int | float | str | date | datetime | None


class Unit(StrEnum):
    """A length of time. Up to the week they have a fixed length in UTC; from the month on the calendar decides."""

    MILLISECOND = "millisecond"
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    DECADE = "decade"
    CENTURY = "century"
    MILLENNIUM = "millennium"


class Which(StrEnum):
    """The unit of the calendar that now lies in, the one before, the one after."""

    LAST = "last"
    THIS = "this"
    NEXT = "next"


class Side(StrEnum):
    """Where a time lies as seen from another; `FROM` is either side of it when a distance is given."""

    BEFORE = "before"
    AFTER = "after"
    FROM = "from"


class Comparison(StrEnum):
    """How two things compare. The values are names of functions."""

    EQUAL = "equal"
    NOT_EQUAL = "not_equal"
    LESS = "less"
    AT_MOST = "at_most"
    GREATER = "greater"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written out. `kind` is the name of its type: Python holds 1, 1.0 and True equal, a rule does not."""

    value: Plain
    kind: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", type(self.value).__name__)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list written out, of any values."""

    items: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Record:
    """An object written out: names and values, in the order written."""

    entries: tuple[tuple[str, "Value"], ...]


@dataclass(frozen=True, slots=True)
class Input:
    """What the rule is asked about, by position from 1. An audience has one input: the person."""

    position: int = 1


@dataclass(frozen=True, slots=True)
class Variable:
    """The value that the nearest enclosing `Lambda`, `Let` or `Step` bound to this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """One step of a path. Through a list it gives the list of what its items have there, flattened."""

    of: "Value"
    name: str


@dataclass(frozen=True, slots=True)
class Lambda:
    """A function written in place, only as an argument of a `Call` or inside a `Step`."""

    names: tuple[str, ...]
    body: "Value"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the table applied to arguments. `ignore_case` is for the functions that compare text."""

    function: str
    arguments: tuple["Value | Lambda", ...]
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class Let:
    """`body`, in which `name` stands for `value`."""

    name: str
    value: "Value"
    body: "Value"


@dataclass(frozen=True, slots=True)
class Now:
    """The instant at which the rule is evaluated."""


@dataclass(frozen=True, slots=True)
class Period:
    """A unit of the calendar relative to now: this day is today, last week the ISO week before this one."""

    which: Which
    unit: Unit


@dataclass(frozen=True, slots=True)
class Offset:
    """A distance: `at_most` 3 `day` `before` the anchor."""

    compare: Comparison
    amount: int
    unit: Unit
    side: Side
    anchor: "Value"


@dataclass(frozen=True, slots=True)
class Beside:
    """A side: before the anchor, after it, or from it on."""

    side: Side
    anchor: "Value"


@dataclass(frozen=True, slots=True)
class During:
    """Within a period or on a day; an anchor that is an instant stands for its day."""

    anchor: "Value"


@dataclass(frozen=True, slots=True)
class Between:
    """From the start of one time to the end of another, both included."""

    low: "Value"
    high: "Value"


When: TypeAlias = Offset | Beside | During | Between


@dataclass(frozen=True, slots=True)
class Occurs:
    """Whether a time lies where `when` says."""

    time: "Value"
    when: When


@dataclass(frozen=True, slots=True)
class Step:
    """One link of a `Chain`: at least `count` events for which `what`, `when` and `where` all hold.

    `what` and `where` are lambdas of the event. In later steps the label stands for the time of the event that
    completed this one.
    """

    label: str
    what: Lambda
    when: When | None = None
    count: int = 1
    where: Lambda | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Whether the steps happened one after another, each strictly later than the one before; `time` tells when."""

    events: "Value"
    time: Lambda
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """Whether the person is now a member of the audience with this id (as its dialect writes it)."""

    audience: str


Value: TypeAlias = (
    Literal
    | Listing
    | Record
    | Input
    | Variable
    | Field
    | Call
    | Let
    | Now
    | Period
    | Occurs
    | Chain
    | Member
)  # fmt: skip

Node: TypeAlias = Value | Lambda | Step | Offset | Beside | During | Between

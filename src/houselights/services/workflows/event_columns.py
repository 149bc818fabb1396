"""The columns that an event's nested attributes make: one for each single value, named by the way to it. Reads no rows.

`commerce.order.priceTotal` becomes `commerce_order_price_total`. A list of texts stays one column. A list of objects
is a table of its own, with a row for each of them; maps, and lists of other things, make no columns.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

# The lake's types and the dialect's.
_KINDS: Mapping[pa.DataType, str] = {
    pa.bool_(): "BOOLEAN",
    pa.int64(): "LONG",
    pa.int32(): "INTEGER",
    pa.float64(): "DOUBLE",
    pa.string(): "STRING",
    pa.large_string(): "STRING",
    pa.date32(): "DATE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP",
}
Path = tuple[str, ...]
METRICS = frozenset({"LONG", "INTEGER", "DOUBLE"})
# Numbers that name things, and are not added up.
_NAMES_THINGS = re.compile(r"(?:^|_)(?:id|ids|code|year|month|day|hour|zip|postal|number|no)$")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One column: its name, the dialect's type, and the way to its value, a name for each level."""

    name: str
    type: str
    path: Path

    @property
    def is_metric(self) -> bool:
        """Whether the column is a number that is added up."""
        return self.type in METRICS and not _NAMES_THINGS.search(self.name)


def attributes(fields: Mapping[str, pa.DataType], reserved: Collection[str] = ()) -> list[Attribute]:
    """Return the columns of some fields, in their order, none called as one of the `reserved`."""
    found: list[Attribute] = []
    taken = set(reserved)
    for path, kind in _single(fields, ()):
        found.append(Attribute(free(snake(path), taken), kind, path))
    return found


def free(wanted: str, taken: set[str]) -> str:
    """Return a name that is not taken yet, the one wanted or that with a number, and take it."""
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    taken.add(name)
    return name


def lists_of_objects(
    fields: Mapping[str, pa.DataType], above: Path = ()
) -> Iterator[tuple[Path, Mapping[str, pa.DataType]]]:
    """Yield the way to each list of objects, and the fields of those objects. Lists within lists are not followed."""
    for name, kind in fields.items():
        if pa.types.is_struct(kind):
            yield from lists_of_objects(_fields(kind), (*above, name))
        elif _is_list(kind) and pa.types.is_struct(kind.value_type):
            yield (*above, name), _fields(kind.value_type)


def snake(path: Path) -> str:
    """Write a way as one name in lower case: ("commerce", "order", "purchaseID") → `commerce_order_purchase_id`."""
    words = []
    for step in path:
        split = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", step))
        words.append(re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_"))
    name = "_".join(filter(None, words)) or "value"
    return name if name[0].isalpha() else f"c_{name}"


def _single(fields: Mapping[str, pa.DataType], above: Path) -> Iterator[tuple[Path, str]]:
    for name, kind in fields.items():
        path = (*above, name)
        if pa.types.is_struct(kind):
            yield from _single(_fields(kind), path)
        elif kind in _KINDS:
            yield path, _KINDS[kind]
        elif _is_list(kind) and _KINDS.get(kind.value_type) == "STRING":
            yield path, "ARRAY<STRING>"


def _fields(kind: pa.DataType) -> dict[str, pa.DataType]:
    return {each.name: each.type for each in kind}


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))

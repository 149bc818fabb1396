"""The Arrow schema and partitioning of every lake table. Says what a table looks like; reads and writes nothing.

Delta has no unsigned integers, so ids are `int64` here and `uint32` in the index. Tables about people are partitioned
by `shard`, the person id's upper bits: a shard is what an index is built from and rewritten by, so one shard's files
must be found without opening the others.
"""

from dataclasses import dataclass

import pyarrow as pa

SHARD_BITS = 20  # 2**20 people a shard: a shard's pairs fit in memory several times over on a small machine

INSTANT = pa.timestamp("us", tz="UTC")
_SHARD = pa.field("shard", pa.int32(), nullable=False)
_PERSON = pa.field("person_id", pa.int64(), nullable=False)


@dataclass(frozen=True, slots=True)
class LakeTable:
    """One table: its `schema`, the columns it is partitioned by, and whether it may carry further columns.

    An `open` table has a workspace's own profile or event attributes after the columns named here, one nested column
    for each top-level attribute.
    """

    name: str
    schema: pa.Schema
    partition_by: tuple[str, ...] = ()
    open: bool = False

    def refusal(self, schema: pa.Schema) -> str | None:
        """Return why data of this schema cannot go into the table, or None when it can. Order of columns is free."""
        for field in self.schema:
            if schema.get_field_index(field.name) < 0:
                return f"table {self.name} needs a column {field.name}"
            given = schema.field(field.name).type
            if given != field.type:
                return f"table {self.name} needs {field.name} as {field.type}, not {given}"
        extra = [name for name in schema.names if self.schema.get_field_index(name) < 0]
        if extra and not self.open:
            return f"table {self.name} has no column {extra[0]}"
        return None


def _table(name: str, *fields: pa.Field, shards: bool = True, is_open: bool = False) -> LakeTable:
    if shards:
        return LakeTable(name, pa.schema([_SHARD, _PERSON, *fields]), ("shard",), is_open)
    return LakeTable(name, pa.schema(list(fields)), (), is_open)


def _text(name: str, *, nullable: bool = True) -> pa.Field:
    return pa.field(name, pa.string(), nullable=nullable)


PEOPLE = _table("people", _text("key", nullable=False), is_open=True)
"""One row a person: the company's own key, then the profile, one nested column for each top-level attribute."""

EVENTS = _table("events", pa.field("time", INSTANT), _text("type", nullable=False), is_open=True)
"""What people did: an instant, a type, then nested attributes."""

TRAITS = _table(
    "traits",
    _text("facet", nullable=False),
    pa.field("trait_id", pa.int64(), nullable=False),
    pa.field("first_seen", INSTANT),
    pa.field("last_seen", INSTANT),
)
"""One row for each (person, trait), ancestors in a trait tree included. The index is built from these pairs."""

MEASURES = _table("measures", _text("measure", nullable=False), pa.field("value", pa.float64(), nullable=False))
"""Numbers about a person that are not traits, such as mean daily ad opportunities."""

IDENTITIES = _table("identities", _text("namespace", nullable=False), _text("value", nullable=False))
"""Which normalised and hashed identity belongs to whom."""

FOLLOWS = _table(
    "follows", _text("platform", nullable=False), _text("account", nullable=False), pa.field("last_active", INSTANT)
)
"""Who follows which account on which platform."""

TEXTS = _table(
    "texts", _text("field", nullable=False), pa.field("time", INSTANT), _text("text"), _text("folded", nullable=False)
)
"""Bios and posts; `folded` is the text as phrases are matched against it."""

FACETS = _table(
    "facets",
    _text("key", nullable=False),
    _text("name", nullable=False),
    _text("description"),
    pa.field("multi", pa.bool_(), nullable=False),
    _text("role"),
    _text("unit"),
    _text("discovery"),
    pa.field("window_days", pa.int32()),
    shards=False,
)
"""The questions of the catalogue, in the order in which they were declared (`houselights.model.catalogue.Facet`)."""

TRAIT_DICTIONARY = _table(
    "trait_dictionary",
    pa.field("id", pa.int64(), nullable=False),
    _text("facet", nullable=False),
    _text("key", nullable=False),
    _text("name", nullable=False),
    pa.field("path", pa.list_(pa.string())),
    pa.field("parent", pa.int64()),
    pa.field("ord", pa.int32(), nullable=False),
    pa.field("low", pa.float64()),
    pa.field("high", pa.float64()),
    _text("description"),
    pa.field("audience_id", pa.int64()),
    _text("attributes"),
    pa.field("retired", pa.bool_(), nullable=False),
    shards=False,
)
"""The answers (`houselights.model.catalogue.Trait`). Append-only: an id is retired, never given to another trait."""

MEMBERSHIPS = _table(
    "memberships",
    pa.field("audience_id", pa.int64(), nullable=False),
    pa.field("person_id", pa.int64(), nullable=False),
    _text("action", nullable=False),
    pa.field("time", INSTANT, nullable=False),
    _text("country"),
    _text("upload_id", nullable=False),
    shards=False,
)
"""The log of people put into and taken out of listed audiences; only ever appended to."""

TABLES: dict[str, LakeTable] = {
    table.name: table
    for table in (
        PEOPLE, EVENTS, TRAITS, MEASURES, IDENTITIES, FOLLOWS, TEXTS, FACETS, TRAIT_DICTIONARY, MEMBERSHIPS,
    )
}  # fmt: skip

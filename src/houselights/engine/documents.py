"""Puts together what is known about some people, to explain, to show, to ask rules of them; never a whole audience.

Reads the versions of the lake's tables that belong to one generation, and that generation's index. Changes nothing.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from houselights.base.errors import NotFound
from houselights.engine.index import Index
from houselights.engine.index.shard import SHARD_PEOPLE
from houselights.engine.plain import Follow, Line, Person, Text
from houselights.engine.sql.shape import TableShape, shape_of
from houselights.engine.standings import LOG_COLUMNS, standings_of
from houselights.engine.values.evaluate import Document
from houselights.engine.values.names import EVENT_TIME, EVENT_TYPE, KEY
from houselights.engine.values.rows import Rows, documents_of
from houselights.engine.withheld import NOTHING_WITHHELD, Withheld
from houselights.model.workspace import Generation
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import MEMBERSHIPS, TABLES


class Documents:
    """People of one generation: traits from the index, all else (keys, events, texts …) from the lake."""

    def __init__(self, lake: Lake, generation: Generation, index: Index, withheld: Withheld = NOTHING_WITHHELD):
        self._withheld = withheld
        self._lake = lake
        self._generation = generation
        self._index = index

    @cached_property
    def shape(self) -> TableShape:
        """What documents hold, and in which columns of the lake it stands."""
        return shape_of(
            self._schema("people"), self._schema("events"), key=KEY, event_time=EVENT_TIME, event_type=EVENT_TYPE
        )

    def person(self, person_id: int) -> Person:
        """Return one person. Raises NotFound for somebody who does not exist."""
        return self.people([person_id])[0]

    def people(self, person_ids: Sequence[int]) -> list[Person]:
        """Return some people, in the order asked for. Raises NotFound for somebody who does not exist."""
        for person_id in person_ids:
            if person_id not in self._index.everyone:
                raise NotFound(f"there is no person {person_id}")
        documents = self.documents(person_ids)
        texts: dict[int, list[Text]] = {}
        for row in self._rows("texts", person_ids, ["person_id", "field", "time", "text"]):
            texts.setdefault(row["person_id"], []).append(Text(row["field"], row["time"], row["text"] or ""))
        follows: dict[int, list[Follow]] = {}
        for row in self._rows("follows", person_ids, ["person_id", "platform", "account", "last_active"]):
            follows.setdefault(row["person_id"], []).append(Follow(row["platform"], row["account"], row["last_active"]))
        lists = self._lists(person_ids)
        return [
            Person(
                id=person_id,
                key=str(documents.get(person_id, {}).get(KEY, "")),
                traits=self._traits(person_id),
                texts=tuple(texts.get(person_id, ())),
                follows=tuple(follows.get(person_id, ())),
                lists=lists.get(person_id, {}),
                document=documents.get(person_id, {}),
            )
            for person_id in person_ids
        ]

    def key(self, person_id: int) -> str:
        """Return the company's own key of a person; empty when the lake does not have it."""
        return self.keys([person_id]).get(person_id, "")

    def keys(self, person_ids: Sequence[int]) -> dict[int, str]:
        """Return the company's own keys of some people; those the lake does not have are left out."""
        rows = self._rows("people", person_ids, ["person_id", "key"]) if person_ids else []
        return {row["person_id"]: row["key"] for row in rows}

    def documents(self, person_ids: Sequence[int]) -> dict[int, Document]:
        """Return the documents of some people, by id; those the lake does not have are left out."""
        tables = {name: self._table(name, _of_people(name, person_ids)) for name in ("people", "events", "identities")}
        log = self._table("memberships", _of_people("memberships", person_ids), list(LOG_COLUMNS))
        standings = None if log is None else standings_of(log)
        return documents_of(Rows(**tables, standings=standings), self.shape)

    def _traits(self, person_id: int) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for trait_id in self._index.traits_of(person_id):
            trait = self._index.catalogue.traits.get(trait_id)
            if trait is not None:
                found.setdefault(trait.facet, set()).add(trait.key)
        return {facet: frozenset(keys) for facet, keys in found.items()}

    def _lists(self, person_ids: Sequence[int]) -> dict[int, dict[int, tuple[Line, ...]]]:
        """Return what the logs of lists say of each person."""
        found: dict[int, dict[int, list[Line]]] = {}
        for row in self._rows("memberships", person_ids, list(LOG_COLUMNS)):
            lines = found.setdefault(row["person_id"], {}).setdefault(row["audience_id"], [])
            lines.append(Line(row["time"], row["action"] != "CREATE"))
        return {
            person_id: {list_id: tuple(sorted(lines)) for list_id, lines in lists.items()}
            for person_id, lists in found.items()
        }

    def _rows(self, name: str, person_ids: Sequence[int], columns: list[str]) -> list[dict[str, Any]]:
        """Read some people's rows; a table in shards is read in those people's shards only."""
        table = self._table(name, _of_people(name, person_ids), columns)
        rows: list[dict[str, Any]] = [] if table is None else table.to_pylist()
        return rows

    def _table(self, name: str, where: pc.Expression, columns: list[str] | None = None) -> pa.Table | None:
        """Read rows of a table; None when the generation has no such table."""
        version = self._generation.tables.get(name)
        if version is None:
            return None
        stays = self._withheld.of_log
        if name == MEMBERSHIPS.name and stays is not None:
            where &= stays
        elif self._withheld.people:
            where &= ~pc.field("person_id").isin(sorted(self._withheld.people))
        return self._lake.dataset(self._generation.workspace_id, name, version).to_table(columns=columns, filter=where)

    def _schema(self, name: str) -> pa.Schema:
        version = self._generation.tables.get(name)
        if version is None:
            return TABLES[name].schema
        return self._lake.schema(self._generation.workspace_id, name, version)


def _of_people(table: str, person_ids: Sequence[int]) -> pc.Expression:
    if len(person_ids) == 1:  # a comparison skips row groups, where a list of values may not
        where = pc.field("person_id") == person_ids[0]
    else:
        where = pc.field("person_id").isin(list(person_ids))
    if TABLES[table].partition_by:
        where &= pc.field("shard").isin(sorted({person_id // SHARD_PEOPLE for person_id in person_ids}))
    return where

"""Puts together what is known about one person, to explain and to show. One at a time; never a whole audience."""

from typing import Any

import pyarrow.compute as pc

from houselights.base.errors import NotFound
from houselights.engine.index import Index
from houselights.engine.index.shard import SHARD_PEOPLE
from houselights.engine.plain import Person, Text
from houselights.model.workspace import Generation
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import TABLES


class Documents:
    """People of one generation: traits from the index; key, texts and lists from the lake."""

    def __init__(self, lake: Lake, generation: Generation, index: Index):
        self._lake = lake
        self._generation = generation
        self._index = index

    def person(self, person_id: int) -> Person:
        """Return one person. Raises NotFound for somebody who does not exist."""
        if person_id not in self._index.everyone:
            raise NotFound(f"there is no person {person_id}")
        texts = self._rows("texts", person_id, ["field", "time", "text"])
        return Person(
            id=person_id,
            key=self.key(person_id),
            traits=self._traits(person_id),
            texts=tuple(Text(row["field"], row["time"], row["text"] or "") for row in texts),
            lists=self._lists(person_id),
        )

    def key(self, person_id: int) -> str:
        """Return the company's own key of a person; empty when the lake does not have it."""
        rows = self._rows("people", person_id, ["key"])
        return str(rows[0]["key"]) if rows else ""

    def _traits(self, person_id: int) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for trait_id in self._index.traits_of(person_id):
            trait = self._index.catalogue.traits.get(trait_id)
            if trait is not None:
                found.setdefault(trait.facet, set()).add(trait.key)
        return {facet: frozenset(keys) for facet, keys in found.items()}

    def _lists(self, person_id: int) -> frozenset[int]:
        """Return the lists whose last word on this person was to put them on; see `LakeLeaves.listed`."""
        last: dict[int, tuple[Any, str]] = {}
        for row in self._rows("memberships", person_id, ["audience_id", "time", "action"]):
            entry = (row["time"], row["action"])
            last[row["audience_id"]] = max(last.get(row["audience_id"], entry), entry)
        return frozenset(list_id for list_id, (_, action) in last.items() if action == "CREATE")

    def _rows(self, table: str, person_id: int, columns: list[str]) -> list[dict[str, Any]]:
        """Read one person's rows; a table in shards is read in that person's shard only."""
        version = self._generation.tables.get(table)
        if version is None:
            return []
        dataset = self._lake.dataset(self._generation.workspace_id, table, version)
        where = pc.field("person_id") == person_id
        if TABLES[table].partition_by:
            where &= pc.field("shard") == person_id // SHARD_PEOPLE
        rows: list[dict[str, Any]] = dataset.to_table(columns=columns, filter=where).to_pylist()
        return rows

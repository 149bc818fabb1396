"""Puts the twelve into a real lake and publishes them, for tests of everything that reads through a snapshot."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from houselights.base.clock import FixedClock
from houselights.base.text import fold
from houselights.engine.plain import Person
from houselights.engine.snapshot import Snapshots
from houselights.model.catalogue import Catalogue
from houselights.model.workspace import Generation
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import TABLES
from tests import world
from tests.documents import document_tables
from tests.indexes import SHARD

WORKSPACE = 7


def write(lake: Lake, table: str, rows: list[dict[str, Any]], mode: Any = "overwrite") -> int:
    return lake.write(WORKSPACE, table, pa.Table.from_pylist(rows, TABLES[table].schema), mode=mode)


def write_people(
    lake: Lake, people: tuple[Person, ...], catalogue: Catalogue, places: Mapping[int, int]
) -> dict[str, int]:
    """Write plain people into the lake as an import would; return the versions."""

    def row(person: Person, **more: Any) -> dict[str, Any]:
        return {"shard": places[person.id] // SHARD, "person_id": places[person.id], **more}

    def carried(person: Person) -> list[tuple[str, int]]:
        found = ((facet, catalogue.find(facet, key)) for facet, keys in person.traits.items() for key in keys)
        return [(facet, trait.id) for facet, trait in found if trait is not None]

    facets = [
        {**{name: getattr(facet, name) for name in TABLES["facets"].schema.names}}
        for facet in catalogue.facets.values()
    ]
    traits = [
        {
            "id": trait.id, "facet": trait.facet, "key": trait.key, "name": trait.name, "path": list(trait.path),
            "parent": trait.parent, "ord": trait.order, "low": trait.low, "high": trait.high,
            "description": trait.description, "audience_id": trait.audience_id, "attributes": "{}", "retired": False,
        }
        for trait in catalogue.traits.values()
    ]  # fmt: skip
    log = [
        {"audience_id": each, "person_id": places[person.id], "action": "DELETE" if line.removed else "CREATE",
         "time": line.time, "country": None, "upload_id": "u"}
        for person in people
        for each, lines in person.lists.items()
        for line in lines
    ]  # fmt: skip
    return {
        **{name: lake.write(WORKSPACE, name, table) for name, table in document_tables(people, places).items()},
        "traits": write(
            lake, "traits", [row(person, facet=f, trait_id=t) for person in people for f, t in carried(person)]
        ),
        "measures": write(
            lake, "measures", [row(person, measure="daily_reach", value=person.id / 4) for person in people]
        ),
        "texts": write(
            lake,
            "texts",
            [
                row(person, field=text.field, time=text.time, text=text.text, folded=fold(text.text))
                for person in people
                for text in person.texts
            ],
        ),
        "follows": write(
            lake,
            "follows",
            [
                row(person, platform=each.platform, account=each.account, last_active=each.last_active)
                for person in people
                for each in person.follows
            ],
        ),
        "facets": write(lake, "facets", facets),
        "trait_dictionary": write(lake, "trait_dictionary", traits),
        "memberships": write(lake, "memberships", log),
    }


class Published:
    """Stands for the control database."""

    def __init__(self) -> None:
        self.generation: Generation | None = None

    def current(self, workspace_id: int) -> Generation | None:
        return self.generation

    def current_number(self, workspace_id: int) -> int | None:
        return None if self.generation is None else self.generation.number


def generation(number: int, tables: Mapping[str, int]) -> Generation:
    return Generation(
        workspace_id=WORKSPACE, number=number, tables=tables, index=f"{WORKSPACE}-{number}", as_of=world.AS_OF,
        built_at=world.AS_OF, people=12, fingerprint=str(number),
    )  # fmt: skip


PLACES = {person.id: person.id * 300_000 for person in world.plain_people()}


class Stage:
    """The twelve in a lake, spread over four shards, published as generation 1."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.lake = Lake(str(folder / "lake"))
        self.people = world.plain_people()
        self.catalogue = world.CATALOGUE
        self.published = Published()
        self.tables = write_people(self.lake, self.people, self.catalogue, PLACES)
        self.published.generation = generation(1, self.tables)
        self.snapshots = Snapshots(self.lake, self.published, folder / "index", FixedClock(world.AS_OF))

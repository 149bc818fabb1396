"""Moves people into a house: writes lake tables, builds the index, publishes a generation. For tests that need data
without an import.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime

import pyarrow as pa

from houselights.base.ids import stable_id
from houselights.base.text import fold
from houselights.engine.index.from_lake import build_from_lake
from houselights.engine.plain import Person
from houselights.model.audience import Audience, AudienceKind
from houselights.model.catalogue import Catalogue
from houselights.model.workspace import Generation, PrivacyPolicy, Workspace
from houselights.rules.check import audiences_in
from houselights.rules.json_form import node_from_json, to_json
from houselights.services.house import House
from houselights.storage.lake.tables import SHARD_BITS, TABLES
from tests import world
from tests.documents import document_tables

BUILT_AT = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)
MADE_AT = datetime(2026, 10, 1, tzinfo=UTC)
OPEN_POLICY = PrivacyPolicy(bands=(0, 5, 10), minimum_cell=1, minimum_audience=1)


def in_discovery(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with ids for the traits that are reference audiences."""
    traits = [
        replace(trait, audience_id=stable_id("reference", trait.facet, trait.key))
        if catalogue.facets[trait.facet].discovery is not None
        else trait
        for trait in catalogue.traits.values()
    ]
    return Catalogue(catalogue.facets.values(), traits)


def settle_twelve(house: House, *, name: str = "twelve", privacy: PrivacyPolicy = OPEN_POLICY) -> Workspace:
    """Move in the twelve of `tests.world`, with daily measures and their audiences. Person n reaches 0.1 × n days."""
    workspace = house.control.workspaces.create(name, privacy, created_at=MADE_AT)
    publish(house, workspace, world.CATALOGUE, world.plain_people(), memberships=True)
    for audience_id, (title, rule) in world.AUDIENCES.items():
        put_audience(house, workspace, audience_id, title, rule)
    return workspace


def put_audience(
    house: House, workspace: Workspace, audience_id: int, title: str, rule: Mapping[str, object]
) -> Audience:
    """Store a ready-made audience under a known id."""
    tree = node_from_json(rule)
    audience = Audience(
        id=audience_id,
        workspace_id=workspace.id,
        kind=AudienceKind.CUSTOM,
        name=title,
        description=f"The world's {title.lower()}",
        rule=to_json(tree),
        category="Custom-built",
        created_at=MADE_AT,
        updated_at=MADE_AT,
    )
    return house.control.audiences.create(audience, audiences_in(tree))


def publish(
    house: House,
    workspace: Workspace,
    catalogue: Catalogue,
    people: Sequence[Person],
    *,
    memberships: bool = False,
    measures: bool = True,
) -> Generation:
    """Write everything about `people` to the lake, build the index, and make it the newest generation."""
    catalogue = in_discovery(catalogue)
    rows = {
        "traits": [
            _person(one.id, facet=facet, trait_id=_trait_id(catalogue, facet, key), first_seen=None, last_seen=None)
            for one in people
            for facet, keys in one.traits.items()
            for key in sorted(keys)
        ],
        "measures": [
            _person(one.id, measure=measure, value=value)
            for one in people
            for measure, value in (("daily_reach", one.id / 10), ("daily_impressions", float(one.id)))
        ],
        "texts": [
            _person(one.id, field=text.field, time=text.time, text=text.text, folded=fold(text.text))
            for one in people
            for text in one.texts
        ],
        "facets": [asdict(facet) for facet in catalogue.facets.values()],
        "trait_dictionary": list(_dictionary(catalogue)),
    }
    if not measures:
        del rows["measures"]
    if memberships:
        rows["memberships"] = [
            {"audience_id": one_list, "person_id": one.id, "action": "DELETE" if line.removed else "CREATE",
             "time": line.time, "country": None, "upload_id": "first"}
            for one in people
            for one_list, lines in sorted(one.lists.items())
            for line in lines
        ]  # fmt: skip
    tables = {
        table: house.lake.write(workspace.id, table, pa.Table.from_pylist(lines, schema=TABLES[table].schema))
        for table, lines in rows.items()
    }
    tables |= {table: house.lake.write(workspace.id, table, lines) for table, lines in document_tables(people).items()}
    number = (house.control.generations.current_number(workspace.id) or 0) + 1
    generation = Generation(
        workspace_id=workspace.id,
        number=number,
        tables=tables,
        index=f"{workspace.id}-{number}",
        as_of=world.AS_OF,
        built_at=BUILT_AT,
        people=len(people),
        fingerprint=f"settled {number}",
    )
    house.settings.index_folder.mkdir(parents=True, exist_ok=True)
    build_from_lake(house.lake, generation, catalogue, house.settings.index_folder / generation.index)
    with house.control.transaction() as conn:
        house.control.audiences.put_reference(conn, workspace.id, reference_audiences(workspace, catalogue))
        house.control.generations.publish(conn, generation)
    return generation


def reference_audiences(workspace: Workspace, catalogue: Catalogue) -> Iterable[Audience]:
    """Return an audience for every trait in discovery, below its facet's category and name."""
    for trait in catalogue.traits.values():
        facet = catalogue.facets[trait.facet]
        if trait.audience_id is not None and facet.discovery is not None:
            yield Audience(
                id=trait.audience_id,
                workspace_id=workspace.id,
                kind=AudienceKind.REFERENCE,
                name=trait.name,
                description=trait.description,
                rule=to_json(node_from_json({"trait": {"facet": trait.facet, "any_of": [trait.key]}})),
                category=facet.discovery,
                path=(facet.name, *trait.path[:-1]),
                created_at=MADE_AT,
                updated_at=MADE_AT,
            )


def _person(person_id: int, **columns: object) -> dict[str, object]:
    return {"shard": person_id >> SHARD_BITS, "person_id": person_id, **columns}


def _trait_id(catalogue: Catalogue, facet: str, key: str) -> int:
    trait = catalogue.find(facet, key)
    assert trait is not None, (facet, key)
    return trait.id


def _dictionary(catalogue: Catalogue) -> Iterable[dict[str, object]]:
    for trait in catalogue.traits.values():
        row = asdict(trait)
        order = row.pop("order")
        yield {
            **row,
            "ord": order,
            "path": list(trait.path),
            "attributes": json.dumps(trait.attributes),
            "retired": False,
        }

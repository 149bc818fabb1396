"""Snapshots over a real lake agree with the plain evaluator on the twelve, and follow the generations."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from tests import world
from tests.indexes import SHARD, nothing
from tests.strategies import rules

from houselights.base.errors import NotFound
from houselights.base.text import fold
from houselights.engine import snapshot as snapshot_module
from houselights.engine.index import Index
from houselights.engine.index.from_lake import build_from_lake, catalogue_from_lake
from houselights.engine.people_set import PeopleSet
from houselights.engine.plain import Person, members
from houselights.engine.snapshot import Snapshots
from houselights.model.catalogue import Catalogue
from houselights.model.workspace import Generation
from houselights.rules.tree import And, Everyone, HasTrait, Listed, Mentions, Not, Rule
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import TABLES

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
        {"audience_id": each, "person_id": places[person.id], "action": action, "time": at, "country": None,
         "upload_id": "u"}
        for person in people
        for each in world.LISTS
        for at, action in [(world.AS_OF.replace(year=2024), "CREATE"), (world.AS_OF.replace(year=2025), "DELETE")]
        + ([(world.AS_OF.replace(year=2026), "CREATE")] if each in person.lists else [])
    ]  # fmt: skip
    return {
        "people": write(lake, "people", [row(person, key=person.key) for person in people]),
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
        self.snapshots = Snapshots(self.lake, self.published, folder / "index")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("stage"))


def keys(stage: Stage, found: PeopleSet) -> set[str]:
    at = {place: person_id for person_id, place in PLACES.items()}
    return {stage.people[at[int(place)]].key for place in found.ids()}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(rule=rules(world.CATALOGUE, max_depth=3))
def test_a_snapshot_finds_the_people_whom_the_plain_evaluator_finds(stage: Stage, rule: Rule) -> None:
    snapshot = stage.snapshots.current(WORKSPACE)
    wanted = {PLACES[each] for each in members(rule, stage.people, resolve=nothing, as_of=world.AS_OF)}
    assert set(snapshot.evaluate(rule, nothing).ids().tolist()) == wanted
    assert snapshot.count(rule, nothing) == len(wanted)


@pytest.mark.parametrize("days", [None, -5, 0, 1, 7, 30, 10**12])
def test_mentions_agree_with_the_plain_evaluator_on_windows(stage: Stage, days: int | None) -> None:
    for phrase in ("run", "tea", "vegan", "café", "!!", "東京"):
        rule = Mentions(world.FIELDS, (phrase,), days)
        wanted = {PLACES[each] for each in members(rule, stage.people, resolve=nothing, as_of=world.AS_OF)}
        assert set(stage.snapshots.current(WORKSPACE).evaluate(rule, nothing).ids().tolist()) == wanted


@pytest.mark.parametrize("list_id", world.LISTS)
def test_a_list_is_what_the_log_last_said(stage: Stage, list_id: int) -> None:
    wanted = {person.key for person in stage.people if list_id in person.lists}
    assert keys(stage, stage.snapshots.current(WORKSPACE).evaluate(Listed(list_id), nothing)) == wanted


def test_a_person_comes_back_as_they_were_written(stage: Stage) -> None:
    snapshot = stage.snapshots.current(WORKSPACE)
    for person in stage.people:
        found = snapshot.person(PLACES[person.id])
        carried = {facet: held for facet, held in person.traits.items() if held}
        assert replace(found, id=person.id, texts=()) == replace(person, traits=carried, texts=())
        assert set(found.texts) == set(person.texts)
    with pytest.raises(NotFound):
        snapshot.person(1)


def test_the_catalogue_comes_back_from_the_lake(stage: Stage) -> None:
    assert stage.published.generation is not None
    found = catalogue_from_lake(stage.lake, stage.published.generation)
    assert found.facets == stage.catalogue.facets
    assert {t.id: replace(t, attributes={}) for t in stage.catalogue.traits.values()} == found.traits


def test_measures_come_from_the_lake(stage: Stage) -> None:
    index = stage.snapshots.current(WORKSPACE).index
    assert index.measures["daily_reach"][PLACES[6]] == 1.5
    trait = next(iter(stage.catalogue.traits.values()))
    carriers = [p.id / 4 for p in stage.people if trait.key in p.traits.get(trait.facet, frozenset())]
    assert index.measure_sums("daily_reach")[trait.id] == sum(carriers)


def test_overlaps_are_remembered(stage: Stage) -> None:
    snapshot = stage.snapshots.current(WORKSPACE)
    people = snapshot.evaluate(Not(HasTrait("gender", ("female",))), nothing)
    assert snapshot.overlaps(people) is snapshot.overlaps(PeopleSet.from_ids(people.ids(), people.capacity))


def test_a_workspace_without_data_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no people yet"):
        Snapshots(Lake(str(tmp_path)), Published(), tmp_path / "index").current(1)


def test_a_new_generation_is_served_and_the_old_one_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_module, "LOOK_SECONDS", 0.0)
    stage = Stage(tmp_path)
    before = stage.snapshots.current(WORKSPACE)
    # Only the last shard's people are kept: the files of the others are gone from the lake's new version.
    few = tuple(person for person in stage.people if PLACES[person.id] >= 3 * SHARD)
    stage.published.generation = generation(2, write_people(stage.lake, few, stage.catalogue, PLACES))
    after = stage.snapshots.current(WORKSPACE)
    shutil.rmtree(before.index.folder)
    assert (after.index.people, before.index.people) == (len(few), 12)
    assert before.count(And((Everyone(), Not(Listed(-1)))), nothing) == 12
    assert keys(stage, after.evaluate(Everyone(), nothing)) == {person.key for person in few}


def test_an_index_built_upon_the_previous_one_is_the_index_built_anew(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    old = stage.snapshots.current(WORKSPACE).index
    # One more trait for a person of the last shard: only that shard has another file.
    trait = next(iter(stage.catalogue.traits.values()))
    extra = {"shard": 3, "person_id": PLACES[11], "facet": trait.facet, "trait_id": trait.id}
    tables = dict(stage.tables, traits=write(stage.lake, "traits", [extra], mode="append"))
    second = generation(2, tables)
    build_from_lake(stage.lake, second, stage.catalogue, tmp_path / "anew")
    build_from_lake(stage.lake, second, stage.catalogue, tmp_path / "upon", previous=old)
    names = sorted(p.relative_to(tmp_path / "anew") for p in (tmp_path / "anew").rglob("*") if p.is_file())
    for name in names:
        assert (tmp_path / "anew" / name).read_bytes() == (tmp_path / "upon" / name).read_bytes()
    shared = {n.parts[0] for n in names if (tmp_path / "upon" / n).stat().st_nlink > 1}
    assert shared == {"shard-00000", "shard-00001", "shard-00002"}
    assert trait.id in Index.open(tmp_path / "upon").traits_of(PLACES[11])

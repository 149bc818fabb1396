"""Snapshots over a real lake agree with the plain evaluator on the twelve, and follow the generations."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tests import world
from tests.indexes import SHARD, nothing
from tests.stage import PLACES, WORKSPACE, Published, Stage, generation, write, write_people
from tests.strategies import rules

from houselights.base.errors import NotFound
from houselights.engine import snapshot as snapshot_module
from houselights.engine.index import Index
from houselights.engine.index.from_lake import build_from_lake, catalogue_from_lake
from houselights.engine.people_set import PeopleSet
from houselights.engine.plain import members
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.engine.standings import IN, NAMESPACE
from houselights.rules.tree import And, Everyone, HasTrait, Listed, Mentions, Not, Rule
from houselights.rules.values import MEMBERSHIPS
from houselights.storage.lake.lake import Lake


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
    wanted = {story.key for story in world.PEOPLE if list_id in story.lists}
    assert keys(stage, stage.snapshots.current(WORKSPACE).evaluate(Listed(list_id), nothing)) == wanted


def test_a_person_comes_back_as_they_were_written(stage: Stage) -> None:
    snapshot = stage.snapshots.current(WORKSPACE)
    for person in stage.people:
        found = snapshot.person(PLACES[person.id])
        carried = {facet: held for facet, held in person.traits.items() if held}
        document = {name: value for name, value in found.document.items() if name != MEMBERSHIPS}
        assert replace(found, id=person.id, texts=(), document=document) == replace(person, traits=carried, texts=())
        standings = found.document[MEMBERSHIPS][NAMESPACE]
        assert {int(key) for key, each in standings.items() if each["status"] == IN} == {
            list_id for list_id, lines in person.lists.items() if not max(lines).removed
        }
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


def test_another_thread_may_ask_in_the_very_moment_a_snapshot_is_there(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    answers: list[Snapshot] = []

    class Crowded(dict[int, Snapshot]):
        def __setitem__(self, workspace_id: int, snapshot: Snapshot) -> None:
            super().__setitem__(workspace_id, snapshot)
            answers.append(stage.snapshots.current(workspace_id))

    stage.snapshots._open = Crowded()
    found = stage.snapshots.current(WORKSPACE)
    assert answers == [found]


def test_many_may_build_the_same_missing_index_at_once(tmp_path: Path) -> None:
    """Servers that share a folder and start together: one index comes to stay, and everybody opens it."""
    stage = Stage(tmp_path)
    servers = [Snapshots(stage.lake, stage.published, tmp_path / "index") for _ in range(6)]
    with ThreadPoolExecutor(len(servers)) as pool:
        found = list(pool.map(lambda server: server.current(WORKSPACE).count(Everyone(), nothing), servers))
    assert found == [12] * len(servers)
    assert len(list((tmp_path / "index").iterdir())) == 1


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

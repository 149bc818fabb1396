"""Importing again: the same input changes nothing, a changed one updates, a crash leaves the last version served."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from houselights.base.errors import Conflict, InvalidInput
from houselights.model.audience import AudienceKind, AudienceStatus
from houselights.model.imports import ImportState
from houselights.services.imports import publish as publishing
from houselights.services.imports import run as running
from houselights.services.imports.assemble import Assembly
from houselights.services.imports.keys import People
from houselights.services.imports.progress import Silence
from tests.importing import Kitchen

MAPPING: dict[str, Any] = {
    "people": [{"files": "people.csv", "key": "id", "attributes": {"name": "name"}, "facets": {"town": "town"}}],
    "facets": {"town": {"name": "Town", "discovery": "Demographics"}},
    "events": [{"files": "events.csv", "person": "id", "time": "at", "type": "visit"}],
}


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    kitchen = Kitchen.open(tmp_path)
    kitchen.text("people.csv", "id,name,town\na,Ada,Rome\nb,Ben,Oslo\nc,Cleo,Bonn\n")
    kitchen.text("events.csv", "id,at\na,2026-01-01\nc,2026-01-02\n")
    return kitchen


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_same_input_changes_nothing(kitchen: Kitchen) -> None:
    assert kitchen.run(MAPPING).state is ImportState.SUCCEEDED
    data = kitchen.parts.settings.data
    before, generation = files_below(data), kitchen.generation
    again = kitchen.run(MAPPING)
    assert (again.state, again.people, again.generation) == (ImportState.UNCHANGED, 3, 1)
    assert kitchen.generation == generation
    assert files_below(data) == before
    assert not list((data / "staging").glob("*/*"))


def test_another_mapping_of_the_same_files_is_a_change(kitchen: Kitchen) -> None:
    kitchen.run(MAPPING)
    run = kitchen.run({**MAPPING, "facets": {"town": {"name": "City"}}})
    assert run.state is ImportState.SUCCEEDED
    assert kitchen.index.catalogue.facets["town"].name == "City"
    assert {a.status for a in kitchen.audiences(AudienceKind.REFERENCE).values()} == {AudienceStatus.ARCHIVED}


def test_people_and_traits_keep_their_ids_and_leave_holes(kitchen: Kitchen) -> None:
    kitchen.run(MAPPING)
    traits = {trait.key: trait.id for trait in kitchen.index.catalogue.of("town")}
    assert {key: row["person_id"] for key, row in kitchen.people().items()} == {"a": 0, "b": 1, "c": 2}
    # ben goes, dara comes, ada moves: Rome has nobody left.
    kitchen.text("people.csv", "id,name,town\nd,Dara,Kyiv\nc,Cleo,Bonn\na,Ada,Oslo\n")
    kitchen.run(MAPPING)
    assert {key: row["person_id"] for key, row in kitchen.people().items()} == {"a": 0, "c": 2, "d": 3}
    assert kitchen.traits() == {"a": {"town:Oslo"}, "c": {"town:Bonn"}, "d": {"town:Kyiv"}}
    assert kitchen.index.everyone.ids().tolist() == [0, 2, 3]
    now = {trait.key: trait.id for trait in kitchen.index.catalogue.of("town")}
    assert now == {"Oslo": traits["Oslo"], "Bonn": traits["Bonn"], "Kyiv": 3}
    retired = {row["key"] for row in kitchen.table("trait_dictionary") if row["retired"]}
    assert retired == {"Rome"}
    audiences = kitchen.audiences(AudienceKind.REFERENCE)
    assert {name: audience.status for name, audience in audiences.items()} == {
        "Rome": "archived", "Oslo": "active", "Bonn": "active", "Kyiv": "active",
    }  # fmt: skip
    # Everybody who was last goes, and somebody new comes: no id is given twice. Rome is back under its old id.
    kitchen.text("people.csv", "id,name,town\na,Ada,Rome\ne,Eli,Rome\nb,Ben,Oslo\n")
    kitchen.run(MAPPING)
    assert {key: row["person_id"] for key, row in kitchen.people().items()} == {"a": 0, "e": 4, "b": 5}
    assert kitchen.index.catalogue.find("town", "Rome").id == traits["Rome"]  # type: ignore[union-attr]  # it is there
    assert kitchen.audiences(AudienceKind.REFERENCE)["Rome"].status is AudienceStatus.ACTIVE


def test_nobody_at_all_is_a_population_too(kitchen: Kitchen) -> None:
    nobody = "id,name,town\n"
    kitchen.text("people.csv", nobody)
    kitchen.text("events.csv", "id,at\n")
    assert kitchen.run(MAPPING).people == 0
    assert (kitchen.index.people, kitchen.index.capacity, kitchen.counts()) == (0, 0, {})
    kitchen.text("people.csv", nobody + "a,Ada,Rome\n")
    kitchen.run(MAPPING)
    kitchen.text("people.csv", nobody)
    assert kitchen.run(MAPPING).people == 0
    assert (kitchen.index.people, kitchen.counts()) == (0, {})
    # Who comes after everybody has gone is somebody new.
    kitchen.text("people.csv", nobody + "b,Ben,Rome\n")
    kitchen.run(MAPPING)
    assert kitchen.people()["b"]["person_id"] == 1


def test_old_generations_are_cleared_away(kitchen: Kitchen) -> None:
    for town in ("Rome", "Oslo", "Bonn", "Kyiv"):
        kitchen.text("people.csv", f"id,name,town\na,Ada,{town}\nc,Cleo,Bonn\n")
        kitchen.run(MAPPING)
    indexes = {path.name for path in kitchen.parts.settings.index_folder.iterdir()}
    generations = kitchen.parts.control.generations.list(kitchen.workspace_id)
    assert indexes == {generation.index for generation in generations[:2]}
    people = kitchen.parts.settings.data / "lake" / str(kitchen.workspace_id) / "people"
    assert len(list(people.rglob("*.parquet"))) == 2


class Breakdown(Exception):
    """What happens in these tests when a machine would die."""


def _in_the_nth_stage(number: int) -> Callable[[Kitchen], None]:
    class Watcher(Silence):
        seen = 0

        def begin(self, stage: str) -> None:
            Watcher.seen += 1
            if Watcher.seen == number:
                raise Breakdown(stage)

    def run(kitchen: Kitchen) -> None:
        kitchen.run(MAPPING, progress=Watcher())

    return run


@pytest.mark.parametrize("number", range(1, 13))
def test_a_breakdown_at_any_stage_leaves_the_last_version_served(kitchen: Kitchen, number: int) -> None:
    kitchen.run(MAPPING)
    before = (kitchen.generation, kitchen.people(), kitchen.traits(), kitchen.audiences(AudienceKind.REFERENCE))
    kitchen.text("people.csv", "id,name,town\nz,Zoe,Kyiv\na,Ada,Oslo\nc,Cleo,Bonn\n")
    with pytest.raises(Breakdown):
        _in_the_nth_stage(number)(kitchen)
    after = (kitchen.generation, kitchen.people(), kitchen.traits(), kitchen.audiences(AudienceKind.REFERENCE))
    assert after == before
    assert kitchen.parts.control.imports.list(kitchen.workspace_id)[0].state is ImportState.FAILED
    # The next one is as if nothing had happened: zoe gets the id she would have got.
    assert kitchen.run(MAPPING).state is ImportState.SUCCEEDED
    assert {key: row["person_id"] for key, row in kitchen.people().items()} == {"a": 0, "c": 2, "z": 3}


@pytest.fixture(params=["resolve", "index", "references", "commit"])
def broken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Break one step from inside, the last ones within the publishing transaction."""

    def fail(*_: object, **__: object) -> None:
        raise Breakdown(request.param)

    match request.param:
        case "resolve":
            monkeypatch.setattr(People, "resolve", fail)
        case "index":
            monkeypatch.setattr(publishing, "build_from_lake", fail)
        case "references":
            monkeypatch.setattr(publishing, "reference_audiences", fail)
        case "commit":
            monkeypatch.setattr(publishing.ReadyMade, "put", fail)
    return str(request.param)


def test_a_breakdown_inside_a_step(kitchen: Kitchen, broken: str) -> None:
    with pytest.raises(Breakdown):
        kitchen.run(MAPPING)
    assert kitchen.parts.control.generations.current(kitchen.workspace_id) is None
    assert kitchen.audiences(AudienceKind.REFERENCE) == {}


def test_what_a_killed_process_left_is_cleared_by_the_next(kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed process runs no `finally`: its staging stays, and its run says it is running."""
    monkeypatch.setattr(running, "rmtree", lambda *_, **__: None)
    monkeypatch.setattr(running, "_fail", lambda *_: None)
    monkeypatch.setattr(Assembly, "write_all", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        kitchen.run(MAPPING)
    staging = kitchen.parts.settings.data / "staging"
    assert list(staging.glob("*/*"))
    assert kitchen.parts.control.imports.list(kitchen.workspace_id)[0].state is ImportState.RUNNING
    monkeypatch.undo()
    assert kitchen.run(MAPPING).state is ImportState.SUCCEEDED
    assert not list(staging.glob("*/*"))
    states = [run.state for run in kitchen.parts.control.imports.list(kitchen.workspace_id)]
    assert states == [ImportState.SUCCEEDED, ImportState.FAILED]


def test_a_second_import_at_the_same_time_is_refused(kitchen: Kitchen) -> None:
    inside, leave = threading.Event(), threading.Event()

    class Slow(Silence):
        def begin(self, stage: str) -> None:
            inside.set()
            assert leave.wait(30)

    first = threading.Thread(target=kitchen.run, args=(MAPPING,), kwargs={"progress": Slow()})
    first.start()
    try:
        assert inside.wait(30)
        with pytest.raises(Conflict, match="another import of this workspace is running"):
            kitchen.run(MAPPING)
        # Another workspace is another matter.
        assert kitchen.run(MAPPING, workspace="elsewhere").state is ImportState.SUCCEEDED
    finally:
        leave.set()
        first.join()
    assert kitchen.generation.number == 1


def test_workspaces_do_not_meet(kitchen: Kitchen) -> None:
    kitchen.run(MAPPING)
    kitchen.text("people.csv", "id,name,town\nq,Quin,Lima\nc,x,y\na,y,z\n")
    run = kitchen.run(MAPPING, workspace="other")
    assert run.workspace_id != kitchen.workspace_id
    assert set(kitchen.people()) == {"a", "b", "c"}


def test_an_event_without_its_person_any_more(kitchen: Kitchen) -> None:
    kitchen.run(MAPPING)
    kitchen.text("people.csv", "id,name,town\na,Ada,Rome\n")
    run = kitchen.run(MAPPING)
    assert run.rows_rejected == 1
    assert set(kitchen.by_key("events")) == {"a"}


def test_started_is_told_before_the_first_row(kitchen: Kitchen) -> None:
    told: list[int] = []
    run = kitchen.run(MAPPING, started=told.append)
    assert told == [run.id]
    with pytest.raises(InvalidInput):
        kitchen.run({"people": [{"files": "people.csv"}]}, started=told.append)
    assert told == [run.id]

"""While an import runs, its row says what it is doing: which stage of how many, and how much of it is done."""

from pathlib import Path

import pytest

from houselights.base.errors import InvalidInput
from houselights.model.imports import ImportRun, ImportStage, ImportState
from houselights.services.imports.tidy import bury_the_dead
from houselights.services.imports.told import Told
from tests.importing import NOW as NOON
from tests.importing import Kitchen

PEOPLE = {"people": [{"files": "people.csv", "key": "id", "facets": {"town": "town"}}]}
MORE = {
    "events": [{"files": "events.csv", "person": "id", "time": "at", "type": "kind"}],
    "texts": [{"files": "texts.csv", "person": "id", "field": "bio", "text": "said"}],
}


class Onlooker:
    """Looks at the import's row from beside, whenever a stage begins or ends."""

    def __init__(self, kitchen: Kitchen):
        self.kitchen = kitchen
        self.seen: list[ImportStage] = []

    def begin(self, stage: str) -> None:
        pass

    def move(self, rows: int, share: float) -> None:
        pass

    def end(self) -> None:
        run = self.kitchen.parts.control.imports.list(self.kitchen.workspace_id)[0]
        assert run.state is ImportState.RUNNING
        assert run.stage is not None
        self.seen.append(run.stage)


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    kitchen = Kitchen.open(tmp_path)
    kitchen.text("people.csv", "id,town\na,Oslo\nb,Bonn\n")
    kitchen.text("events.csv", "id,at,kind\na,2026-10-01T00:00:00Z,view\n")
    kitchen.text("texts.csv", "id,said\nb,hello\n")
    return kitchen


@pytest.mark.parametrize("mapping", [PEOPLE, PEOPLE | MORE], ids=["people", "people, events and texts"])
def test_stages_are_counted_to_the_last(kitchen: Kitchen, mapping: dict[str, object]) -> None:
    onlooker = Onlooker(kitchen)
    done = kitchen.run(mapping, progress=onlooker)
    assert [stage.number for stage in onlooker.seen] == list(range(1, onlooker.seen[0].of + 1))
    assert onlooker.seen[0].name == "looking for changes"
    assert "reading people.csv" in [stage.name for stage in onlooker.seen]
    assert onlooker.seen[-1].name == "indexing the texts"
    assert done.stage is None


def test_a_failed_import_says_where_it_was(kitchen: Kitchen) -> None:
    kitchen.text("people.csv", "key,town\na,Oslo\n")
    with pytest.raises(InvalidInput):
        kitchen.run(PEOPLE)
    failed = kitchen.parts.control.imports.list(kitchen.workspace_id)[0]
    assert (failed.state, failed.stage and failed.stage.name) == (ImportState.FAILED, "reading people.csv")


def test_rows_are_told_twice_a_second_and_the_share_never_passes_one(kitchen: Kitchen) -> None:
    kitchen.run(PEOPLE)
    imports, workspace, clock = kitchen.parts.control.imports, kitchen.workspace_id, [0.0]
    run = imports.start(ImportRun(workspace_id=workspace, population="p.yaml", started_at=NOON))
    told = Told(kitchen.parts, workspace, run, stages=3, also=Onlooker(kitchen), now=lambda: clock[0])
    told.begin("reading a.csv")
    told.move(10, 0.25)
    assert imports.get(workspace, run).stage == ImportStage(name="reading a.csv", number=1, of=3)
    clock[0] = 0.5
    told.move(10, 1.2)
    assert imports.get(workspace, run).stage == ImportStage(name="reading a.csv", number=1, of=3, rows=20, share=1.0)
    imports.finish(workspace, run, state=ImportState.FAILED, finished_at=NOON, rows_read=0, rows_rejected=0)
    told.begin("writing people")  # nobody listens any more, and the import is not stopped by that


def test_an_import_whose_process_is_gone_is_said_to_have_failed(kitchen: Kitchen) -> None:
    kitchen.run(PEOPLE)
    imports, workspace = kitchen.parts.control.imports, kitchen.workspace_id
    run = imports.start(ImportRun(workspace_id=workspace, population="p.yaml", started_at=NOON))
    bury_the_dead(kitchen.parts, workspace)
    assert (imports.get(workspace, run).state, imports.get(workspace, run).error) == (
        ImportState.FAILED, "it stopped before its end",
    )  # fmt: skip

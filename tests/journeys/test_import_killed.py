"""An import that is killed, as a machine that loses power kills it: no handler runs, and nothing half-done shows."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from houselights.engine.snapshot import Snapshots
from houselights.model.imports import ImportState
from houselights.rules.tree import HasTrait, Rule
from tests.importing import Kitchen

pytestmark = pytest.mark.slow

HOUSELIGHTS = [sys.executable, "-c", "from houselights.cli.main import run; run()"]
PEOPLE = 30_000
TOWNS = ("Rome", "Oslo", "Bonn")
MAPPING: dict[str, Any] = {
    "people": [{"files": "people.csv", "key": "id", "attributes": {"home.town": "town"}, "facets": {"town": "town"}}],
    "facets": {"town": {"name": "Town", "discovery": "Demographics"}},
    "events": [{"files": "events.csv", "person": "id", "time": "at", "type": "visit"}],
    "derived": {"visits": {"measures": {"per_day": "visits"}, "from": "visit", "within_days": 400}},
}


def write_files(kitchen: Kitchen, town: str) -> None:
    """Everybody lives in one town, so that a mixture of two imports could not be mistaken for either."""
    kitchen.text("people.csv", "id,town\n" + "".join(f"p{i},{town}\n" for i in range(PEOPLE)))
    kitchen.text("events.csv", "id,at\n" + "".join(f"p{i},2026-10-{1 + i % 28:02}\n" for i in range(PEOPLE)))


def served(kitchen: Kitchen) -> tuple[int, dict[str, int]]:
    """Return the generation that a server would open now, and how many people it finds in each town."""
    snapshots = Snapshots(kitchen.parts.lake, kitchen.parts.control.generations, kitchen.parts.settings.index_folder)
    snapshot = snapshots.current(kitchen.workspace_id)
    found = {town: snapshot.count(HasTrait("town", (town,)), nobody_asks) for town in TOWNS}
    return snapshot.generation.number, {town: people for town, people in found.items() if people}


def nobody_asks(audience_id: int) -> Rule:
    raise AssertionError(audience_id)


def start_and_kill(kitchen: Kitchen, *, stages: int, seconds: float) -> int:
    """Start `houselights import`, kill it `seconds` after so many stages were told done; return how it ended."""
    population = kitchen.population(MAPPING)
    command = [*HOUSELIGHTS, "import", str(population), "--data", str(kitchen.parts.settings.data)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOUSELIGHTS")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment) as process:
        assert process.stderr is not None
        done = 0
        while done < stages and (line := process.stderr.readline()):
            done += b": done" in line
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.stderr.read()
    return process.returncode


def test_a_killed_import_leaves_the_last_version_served_and_the_next_one_tidies_up(tmp_path: Path) -> None:
    kitchen = Kitchen.open(tmp_path)
    write_files(kitchen, "Rome")
    kitchen.run(MAPPING)
    assert served(kitchen) == (1, {"Rome": PEOPLE})

    write_files(kitchen, "Oslo")
    chance = random.Random(11)
    for stages in (1, 6, 10, 11):
        ended = start_and_kill(kitchen, stages=stages, seconds=chance.uniform(0, 0.04))
        assert ended == -signal.SIGKILL
        # One killed very late may have published; then it is there whole.
        assert served(kitchen) in [(1, {"Rome": PEOPLE}), (2, {"Oslo": PEOPLE})]
    states = [run.state for run in kitchen.parts.control.imports.list(kitchen.workspace_id)]
    assert states.count(ImportState.SUCCEEDED) == kitchen.generation.number
    assert ImportState.RUNNING in states or kitchen.generation.number == 2

    write_files(kitchen, "Bonn")
    before = kitchen.generation.number
    assert kitchen.run(MAPPING).state is ImportState.SUCCEEDED
    assert served(kitchen) == (before + 1, {"Bonn": PEOPLE})
    runs = kitchen.parts.control.imports.list(kitchen.workspace_id)
    assert ImportState.RUNNING not in {run.state for run in runs}
    data = kitchen.parts.settings.data
    assert not list((data / "staging").glob("*/*"))
    kept = {generation.index for generation in kitchen.parts.control.generations.list(kitchen.workspace_id)[:2]}
    assert {path.name for path in kitchen.parts.settings.index_folder.iterdir()} == kept
    # Everybody has the id that they got at first, whatever was begun in between.
    ids = [row["person_id"] for row in kitchen.people().values()]
    assert sorted(ids) == list(range(PEOPLE))

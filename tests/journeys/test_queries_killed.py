"""Processes that carry out queries are killed, again and again: every query ends, with a whole file or the truth."""

import csv
import multiprocessing
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from houselights.app import build_house
from houselights.base.query_settings import QuerySettings
from houselights.base.settings import Settings
from houselights.model.workflow import OVER, ExecutionState
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.imports.parts import Parts
from houselights.services.imports.run import run_import
from houselights.services.workflows.question import Asked
from houselights.services.workflows.results import RESULT
from houselights.services.workflows.windows import explicit
from tests.apis.amazon.people import rows, write_population

pytestmark = pytest.mark.slow

KILLS, QUERIES, PATIENCE = 4, 40, 240
KNOBS = QuerySettings(lease_seconds=0.4, attempts=1000, threads=4)
SQL = "SELECT title, COUNT(DISTINCT user_id) AS people FROM watched_genre GROUP BY title"
ROOM = 444000000000000001


def carry_out(data: Path) -> None:
    """Be a process that carries out queries until it is killed."""
    build_house(Settings(data=data, queries=KNOBS)).workflows.workers.start()
    time.sleep(PATIENCE * 10)


def process(data: Path) -> BaseProcess:
    child = multiprocessing.get_context("spawn").Process(target=carry_out, args=(data,), daemon=True)
    child.start()
    return child


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = build_house(Settings(data=tmp_path / "data", queries=KNOBS))
    parts = Parts(control=made.control, lake=made.lake, settings=made.settings, clock=made.clock)
    run_import(parts, write_population(tmp_path))
    return made


def test_killed_processes_lose_no_query_and_leave_no_half_file(house: House) -> None:
    workspace = house.control.workspaces.by_name("stage")
    assert workspace is not None
    caller, room = Caller.local(workspace), house.control.accounts.get(workspace.id, ROOM)
    window = explicit(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    asked = Asked(sql=SQL, window=window, timeout_seconds=900)
    made = [house.workflows.executions.start(caller, room, asked) for _ in range(QUERIES)]
    chance = random.Random(7)
    for _ in range(KILLS):
        child = process(house.settings.data)
        wait_until(lambda: any(state(house, one.id) is not ExecutionState.PENDING for one in made))
        time.sleep(chance.uniform(0, 0.3))
        child.kill()
        child.join()
    child = process(house.settings.data)
    wait_until(lambda: all(state(house, one.id) in OVER for one in made))
    ended = [house.control.executions.get(workspace.id, one.id) for one in made]
    assert {one.state for one in ended} == {ExecutionState.SUCCEEDED}, [one.error for one in ended]
    wanted = {title: sum(title in row.leaves["genre"] for row in rows()) for title in ("drama", "comedy", "thriller")}
    for one in ended:
        link = house.workflows.executions.links(caller, room, one.id)
        assert link is not None
        file = house.workflows.executions.open(link.result)
        assert file.kind == RESULT
        found = {row["title"]: int(row["people"]) for row in csv.DictReader(file.path.read_text().splitlines())}
        assert wanted.items() <= found.items()
    child.kill()
    child.join()
    assert any(one.attempts > 1 for one in ended), "no kill hit a query that ran"


def state(house: House, execution_id: str) -> ExecutionState:
    return house.control.executions.get(1, execution_id).state


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)

"""Executions end truthfully: cancelled while they run, begun again after a crash, limited in number; links end."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import pytest

from houselights.base.paging import PageTokens
from houselights.cleanroom.compile import Compiled
from houselights.cleanroom.run import Cancelled, Limits, Result, run
from houselights.model.workflow import Execution, ExecutionState
from houselights.services.workflows import carry
from houselights.services.workflows.results import Results
from tests.apis.amazon.conftest import Stage
from tests.apis.amazon.reporting.conftest import EVERYTHING, EXECUTIONS, Asker, asker_of

SQL = "SELECT COUNT(DISTINCT user_id) AS people FROM watched_genre"
# every pair of a thousand people's events, three times over: hours, were it not stopped
FOREVER = """
SELECT COUNT(DISTINCT a.user_id) AS people FROM watched_genre a
CROSS JOIN watched_genre b CROSS JOIN watched_genre c CROSS JOIN watched_genre d
WHERE a.event_hour_utc + b.event_hour_utc + c.event_hour_utc + d.event_hour_utc > 0
"""
PATIENCE = 30


@pytest.fixture
def fresh(stage: Stage) -> Asker:
    return asker_of(stage, stage.http)


def until(asker: Asker, execution_id: str, *states: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    while True:
        told: dict[str, Any] = asker.get(f"{EXECUTIONS}/{execution_id}").json()["workflowExecution"]
        if told["status"] in states:
            return told
        assert time.monotonic() < deadline, told
        time.sleep(0.01)


@pytest.mark.covers("executions")
def test_a_running_query_is_stopped_when_it_is_cancelled(fresh: Asker, stage: Stage) -> None:
    execution = fresh.started({"workflow": {"sqlQuery": FOREVER}, **EVERYTHING})
    until(fresh, execution, "RUNNING")
    cancelled = fresh.send("PUT", f"{EXECUTIONS}/{execution}", {"status": "CANCELLED"})
    assert (cancelled.status_code, cancelled.json()) == (200, {})
    assert until(fresh, execution, "CANCELLED")["outputChannels"][0]["status"] == "UNAVAILABLE"
    workers, deadline = stage.house.workflows.workers, time.monotonic() + PATIENCE
    while execution in workers._running:
        assert time.monotonic() < deadline, "it went on running"
        time.sleep(0.01)
    again = fresh.send("PUT", f"{EXECUTIONS}/{execution}", {"status": "CANCELLED"})
    assert again.status_code == 400
    assert "cancelled" in again.json()["details"]
    assert fresh.send("PUT", f"{EXECUTIONS}/{execution}", {"status": "SUCCEEDED"}).status_code == 400
    since = {"minCreationTime": "2026-01-01T00:00:00"}
    assert fresh.get(EXECUTIONS, **since).json() == {"executions": []}
    (shown,) = fresh.get(EXECUTIONS, **since, includeCancelled="true").json()["executions"]
    assert shown["workflowExecutionId"] == execution


@pytest.fixture
def alone(stage: Stage) -> Iterator[Stage]:
    """The stage without its workers, until the test is over."""
    stage.house.workflows.workers.stop()
    yield stage
    stage.house.workflows.workers.start()


def test_what_a_dead_process_left_is_begun_again(fresh: Asker, alone: Stage) -> None:
    house = alone.house
    execution = fresh.started({"workflow": {"sqlQuery": SQL}, **EVERYTHING})
    now = house.clock.now()
    died = house.control.executions.claim("a process that died", lease_until=now, now=now, each=10)
    assert died is not None
    assert died.id == execution
    assert until(fresh, execution, "RUNNING")
    house.workflows.workers.start()
    assert until(fresh, execution, "SUCCEEDED", "FAILED")["status"] == "SUCCEEDED"
    assert fresh.downloaded(execution) != []
    assert house.control.executions.get(1, execution).attempts == 2


def test_what_was_begun_too_often_fails_and_says_so(fresh: Asker, alone: Stage) -> None:
    house = alone.house
    execution = fresh.started({"workflow": {"sqlQuery": SQL}, **EVERYTHING})
    for _ in range(house.settings.queries.attempts):
        now = house.clock.now()
        assert house.control.executions.claim("dies", lease_until=now, now=now, each=10) is not None
        time.sleep(0.001)
        house.workflows.workers.tend()
    told = until(fresh, execution, "FAILED")
    assert "3 times" in told["outputChannels"][0]["statusReason"]


def test_a_server_that_is_stopped_leaves_its_queries_to_the_next(fresh: Asker, alone: Stage) -> None:
    execution = fresh.started({"workflow": {"sqlQuery": FOREVER}, **EVERYTHING})
    workers = alone.house.workflows.workers
    workers.start()
    until(fresh, execution, "RUNNING")
    workers.stop()
    kept = alone.house.control.executions.get(1, execution)
    assert (kept.state, kept.attempts) == (ExecutionState.PENDING, 0)
    fresh.send("PUT", f"{EXECUTIONS}/{execution}", {"status": "CANCELLED"})


def test_ten_run_at_once_in_one_instance_and_the_others_wait(
    fresh: Asker, alone: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, running, most = Event(), [], []
    lock = threading.Lock()

    def held(compiled: Compiled, limits: Limits, cancel: Event) -> Result:
        with lock:
            running.append(compiled)
            most.append(len(running))
        assert go.wait(PATIENCE)
        with lock:
            running.pop()
        if cancel.is_set():
            raise Cancelled
        return run(compiled, limits, cancel)

    monkeypatch.setattr(carry, "run", held)
    executions = [fresh.started({"workflow": {"sqlQuery": SQL}, **EVERYTHING}) for _ in range(13)]
    alone.house.workflows.workers.start()
    deadline = time.monotonic() + PATIENCE
    while len(most) < 10:
        assert time.monotonic() < deadline, most
        time.sleep(0.01)
    states = [fresh.get(f"{EXECUTIONS}/{one}").json()["workflowExecution"]["status"] for one in executions]
    assert states == ["RUNNING"] * 10 + ["PENDING"] * 3, "the oldest first"
    go.set()
    assert {fresh.ended(one)["status"] for one in executions} == {"SUCCEEDED"}
    assert max(most) == 10


def test_a_query_that_takes_too_long_fails_and_says_so(fresh: Asker, stage: Stage) -> None:
    execution = fresh.started({"workflow": {"sqlQuery": FOREVER}, **EVERYTHING})
    until(fresh, execution, "RUNNING")
    fresh.send("PUT", f"{EXECUTIONS}/{execution}", {"status": "CANCELLED"})
    short = _asked_again(stage, execution, timeout_seconds=1)
    told = fresh.ended(short.id)
    assert told["status"] == "FAILED"
    assert "within 1 seconds" in told["outputChannels"][0]["statusReason"]


def _asked_again(stage: Stage, execution_id: str, **changes: Any) -> Execution:
    """Keep the question of another execution with something changed that HTTP would refuse."""
    known = stage.house.control.executions.get(1, execution_id)
    again = replace(
        known, id=f"again-{execution_id}", state=ExecutionState.PENDING, attempts=0, asked={**known.asked, **changes}
    )
    return stage.house.control.executions.add(again)


def link_of(asker: Asker) -> str:
    execution = asker.executed(SQL)["workflowExecutionId"]
    (url,) = asker.get(f"{EXECUTIONS}/{execution}/downloadUrls").json()["downloadUrls"]
    return urlsplit(url).path


@pytest.mark.covers("downloads")
def test_a_link_is_a_secret_that_ends(fresh: Asker, stage: Stage) -> None:
    path = link_of(fresh)
    assert fresh.http.get(path).status_code == 200, "no credentials are needed"
    forged = path[:-2] + ("A" if path[-2] != "A" else "B") + path[-1]
    assert fresh.http.get(forged).status_code == 400
    later = _Later(stage.house.clock.now() + timedelta(seconds=stage.house.settings.queries.link_seconds + 1))
    tokens = PageTokens(stage.house.control.signing_key(), later)
    results = Results(stage.house.settings.data / "results", stage.house.control, tokens, 3600)
    with pytest.raises(Exception, match="expired"):
        results.open(path.rpartition("/")[2])
    page = PageTokens(stage.house.control.signing_key()).issue({"w": 1, "c": None, "e": "x", "k": "result"}, 60)
    assert fresh.http.get(f"/amc/reporting/downloads/{page}").status_code == 400, "a page token is no link"


class _Later:
    def __init__(self, at: Any):
        self._at = at

    def now(self) -> Any:
        return self._at


@pytest.mark.covers("downloads")
def test_a_link_opens_nothing_once_its_client_is_turned_away(fresh: Asker, stage: Stage) -> None:
    path = link_of(fresh)
    client = stage.house.control.clients.by_client_id(fresh.name)
    assert client is not None
    stage.house.control.clients.disable(1, client[0].id)
    assert fresh.http.get(path).status_code == 404


@pytest.mark.covers("downloads")
def test_only_its_client_gets_links_and_only_to_what_succeeded(fresh: Asker, stage: Stage) -> None:
    execution = fresh.executed(SQL)["workflowExecutionId"]
    other = asker_of(stage, stage.http)
    assert other.get(f"{EXECUTIONS}/{execution}/downloadUrls").status_code == 404
    failed = _asked_again(stage, execution, sql="SELECT 1")
    assert fresh.ended(failed.id)["status"] == "FAILED"
    assert fresh.get(f"{EXECUTIONS}/{failed.id}/downloadUrls").status_code == 400


@pytest.mark.covers("downloads")
def test_results_are_deleted_when_they_are_old(fresh: Asker, stage: Stage) -> None:
    path = link_of(fresh)
    workers = stage.house.workflows.workers
    held = workers._clock
    folder = stage.house.settings.data / "results" / "1"
    files = set(folder.iterdir())
    assert files
    try:
        days = stage.house.settings.queries.keep_days
        workers._clock = _Later(stage.house.clock.now() + timedelta(days=days - 1))
        workers.keep_house()
        assert set(folder.iterdir()) == files
        workers._clock = _Later(stage.house.clock.now() + timedelta(days=days + 1))
        workers.keep_house()
    finally:
        workers._clock = held
    assert list(folder.iterdir()) == []
    gone = fresh.http.get(path)
    assert gone.status_code == 404
    assert "deleted" in gone.json()["details"]

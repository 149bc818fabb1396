"""Who opted out of being addressed is in no audience, nor in what is made of one, however it came about."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from houselights.rules.consent import OPTED_OUT
from houselights.services.caller import Caller
from houselights.services.demo.world import write_world
from tests.apis.statsocial.conftest import Speaker, speaking_in

PEOPLE = 900
MEN = {"operation": "OR", "gender": {"genders": ["male"]}}
AMERICAN = {"operation": "AND", "location": {"countries": [{"id": "US"}]}}


@pytest.fixture(scope="module")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Speaker]:
    """A client in a small world of which every third person opted out."""
    folder = tmp_path_factory.mktemp("opted-out")
    summary = write_world(folder / "world", people=PEOPLE)
    [people] = (folder / "world").glob("people-*.parquet")
    rows = pq.read_table(people)
    pq.write_table(rows.append_column("opted_out", pa.array(np.arange(len(rows)) % 3 == 0)), people)
    described = summary.population.read_text()
    summary.population.write_text(described.replace("  attributes:\n", "  attributes:\n    optOut: opted_out\n", 1))
    with speaking_in(summary.population, folder / "data") as speaker:
        yield speaker


@pytest.fixture(scope="module")
def men(speaker: Speaker) -> Any:
    return speaker.audience(MEN, generate_insights_automatically=True)


@pytest.fixture(scope="module")
def out(speaker: Speaker) -> set[int]:
    found = set(_snapshot(speaker).evaluate(OPTED_OUT, _resolve(speaker)).ids().tolist())
    assert len(found) == PEOPLE // 3
    return found


def _workspace(speaker: Speaker) -> Any:
    return speaker.house.control.workspaces.by_name("demo")


def _snapshot(speaker: Speaker) -> Any:
    return speaker.house.snapshots.current(_workspace(speaker).id)


def _resolve(speaker: Speaker) -> Any:
    return speaker.house.audiences.resolve(_workspace(speaker))


def members(speaker: Speaker, audience: Any) -> set[int]:
    assert audience["status"] == "completed", audience["error"]
    build = speaker.house.builds.get(Caller.local(_workspace(speaker)), "statsocial", audience["id"])
    found = set(speaker.house.builds.people(build).tolist())
    assert len(found) == audience["size"]
    return found


def made(speaker: Speaker, path: str, **body: Any) -> Any:
    begun = speaker.told("POST", path, body)
    speaker.house.build_worker.work()
    return speaker.told("GET", f"/audiences/{begun['id']}")


@pytest.mark.covers("opted-out")
def test_they_are_in_no_audience_nor_in_what_is_made_of_it(speaker: Speaker, men: Any, out: set[int]) -> None:
    before = members(speaker, men)
    assert before
    assert not before & out
    told = speaker.told("GET", f"/audiences/{men['id']}/explain")
    assert told["people"]["exact"] == men["size"]
    assert told["steps"][-1]["people_after"]["exact"] == men["size"] < told["steps"][-2]["people_after"]["exact"]
    insight = speaker.told("GET", f"/audiences/{men['id']}/insight")
    assert (insight["size"], insight["baseline_size"]) == (men["size"], PEOPLE)
    path = f"/audiences/{men['id']}"
    assert members(speaker, made(speaker, f"{path}/regenerate")) == before
    assert members(speaker, made(speaker, f"{path}/insight/clusters/1")) <= before


@pytest.mark.covers("opted-out")
def test_others_come_in_their_place_where_an_audience_grows(speaker: Speaker, men: Any, out: set[int]) -> None:
    grown = made(speaker, f"/audiences/{men['id']}/expand", expansion_factor=1.5)
    assert grown["size"] == round(1.5 * men["size"])
    assert not members(speaker, grown) & out
    most = made(speaker, f"/audiences/{men['id']}/expand", expansion_factor=10)
    assert members(speaker, most) == set(range(PEOPLE)) - out


@pytest.mark.covers("opted-out")
def test_a_universe_is_of_those_who_can_be_reached(speaker: Speaker, men: Any) -> None:
    for audience in (men, speaker.audience(MEN, AMERICAN)):
        speaker.told("POST", f"/audiences/{audience['id']}/universe", {})
        speaker.house.build_worker.work()
        told = speaker.told("GET", f"/audiences/{audience['id']}/universe")
        assert told["audience_size"] == audience["size"]
        assert audience["size"] < told["universe_size"] <= PEOPLE - PEOPLE // 3

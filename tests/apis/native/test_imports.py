"""Imports over HTTP: started in the background from the import folders, read until they end, then served."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from houselights.engine.snapshot import LOOK_SECONDS
from houselights.model.imports import ImportState
from houselights.model.workspace import Workspace
from houselights.services.house import House

POPULATION = """
version: 1
workspace: somebody else's
as_of: 2026-11-01T00:00:00Z
people:
  - files: people.csv
    key: id
    facets:
      gender: {column: gender}
facets:
  gender: {name: Gender, role: gender, discovery: Demographics}
"""
WOMEN = {"rule": {"trait": {"facet": "gender", "any_of": ["female"]}}}


def write_population(folder: Path, rows: str = "a,female\nb,female\nc,male\n") -> Path:
    """Write a population file and its one CSV."""
    folder.mkdir(parents=True)
    (folder / "people.csv").write_text(f"id,gender\n{rows}", encoding="utf-8")
    (folder / "POPULATION.yaml").write_text(POPULATION, encoding="utf-8")
    return folder / "POPULATION.yaml"


def start(client: TestClient, house: House, workspace: Workspace, population: str) -> dict[str, Any]:
    """Start an import, wait for its end, and return how it ended."""
    reply = client.post("/v1/imports", json={"population": population})
    assert reply.status_code == 202, reply.text
    assert reply.json()["state"] in set(ImportState), "it may have ended already"
    house.imports.wait(workspace.id, 60)
    ended: dict[str, Any] = client.get(reply.headers["location"]).json()
    assert ended["id"] == reply.json()["id"]
    return ended


def test_an_import_is_started_watched_and_served(
    client: TestClient, house: House, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("houselights.engine.snapshot.LOOK_SECONDS", 0.0)
    assert LOOK_SECONDS > 0
    write_population(house.settings.import_folders[0] / "spring")
    assert client.post("/v1/size", json=WOMEN).json()["exact"] == 6
    ended = start(client, house, workspace, "spring/POPULATION.yaml")
    assert (ended["state"], ended["people"], ended["generation"], ended["error"]) == ("succeeded", 3, 2, None)
    assert client.post("/v1/size", json=WOMEN).json()["exact"] == 2
    assert [one["id"] for one in client.get("/v1/imports").json()["items"]] == [ended["id"]]
    assert house.control.workspaces.by_name("somebody else's") is None, "it goes into the caller's own workspace"
    assert start(client, house, workspace, "spring/POPULATION.yaml")["state"] == "unchanged"


def test_a_failed_import_says_why_and_changes_nothing(client: TestClient, house: House, workspace: Workspace) -> None:
    write_population(house.settings.import_folders[0] / "torn", rows="a,female\na,male\n,male\n")
    reply = client.post("/v1/imports", json={"population": "torn/POPULATION.yaml", "max_rejects": 0})
    assert reply.status_code == 202, reply.text
    house.imports.wait(workspace.id, 60)
    ended = client.get(reply.headers["location"]).json()
    assert ended["state"] == "failed"
    assert ended["stage"]["name"] == "reading people.csv"
    assert ended["error"]
    assert client.post("/v1/size", json=WOMEN).json()["exact"] == 6


def test_a_mapping_that_makes_no_sense_is_refused_at_once(client: TestClient, house: House) -> None:
    file = write_population(house.settings.import_folders[0] / "odd")
    file.write_text(POPULATION.replace("column: gender}", "colum: gender}"), encoding="utf-8")
    reply = client.post("/v1/imports", json={"population": "odd/POPULATION.yaml"})
    assert reply.status_code == 422, reply.text
    assert client.get("/v1/imports").json()["items"] == []


@pytest.mark.parametrize(
    "path", ["nope.yaml", "../control.db", "/etc/passwd", "link/POPULATION.yaml", "", "\0", "x" * 5000]
)
def test_only_files_in_the_import_folders_can_be_chosen(client: TestClient, house: House, path: str) -> None:
    inbox = house.settings.import_folders[0]
    inbox.mkdir(parents=True)
    write_population(house.settings.data / "elsewhere")
    (inbox / "link").symlink_to(house.settings.data / "elsewhere")
    reply = client.post("/v1/imports", json={"population": path})
    assert reply.status_code == (422 if path == "" else 404)
    assert reply.json()["field"] == "population"


def test_one_import_at_a_time(
    client: TestClient, house: House, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is refused while the first runs; here the first is held until the second was answered."""
    write_population(house.settings.import_folders[0] / "spring")
    answered: list[Any] = []
    run: Callable[..., Any] = house.imports._run

    def held(*args: Any, started: Callable[[int], None], **more: Any) -> Any:
        def told(run_id: int) -> None:
            started(run_id)
            while not answered:
                pass

        return run(*args, started=told, **more)

    monkeypatch.setattr(house.imports, "_run", held)
    first = client.post("/v1/imports", json={"population": "spring/POPULATION.yaml"})
    answered.append(client.post("/v1/imports", json={"population": "spring/POPULATION.yaml"}))
    house.imports.wait(workspace.id, 60)
    assert (first.status_code, answered[0].status_code) == (202, 409)

"""Somebody in an audience is forgotten: out of its files at once, and out of the lists of ids that were sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from houselights.model.erasure import ErasureScope
from houselights.services.caller import Caller
from houselights.services.demo.world import write_world
from houselights.services.erasure import job as job_module
from tests.apis.statsocial.conftest import Speaker, speaking_in
from tests.apis.statsocial.test_files import fetched, output, sent


@pytest.fixture
def speaker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Speaker]:
    """A client in a small world of its own, where forgetting does not wait for other processes."""
    monkeypatch.setattr(job_module, "LOOK_SECONDS", 0.0)
    summary = write_world(tmp_path / "world", people=600)
    with speaking_in(summary.population, tmp_path / "data") as speaker:
        yield speaker


def ids_of(speaker: Speaker, audience: Any, name: str = "ss_id") -> list[str]:
    return fetched(speaker, output(audience, name)["url"])


@pytest.mark.covers("outputs")
def test_who_is_forgotten_is_in_no_file(speaker: Speaker) -> None:
    house = speaker.house
    workspace = house.control.workspaces.by_name("demo")
    assert workspace is not None
    women = {"operation": "OR", "gender": {"genders": ["female"]}}
    built = speaker.audience(women, outputs=["ss_id", "email_raw"])
    ids = ids_of(speaker, built)
    gone, stays = ids[7], ids[8]
    upload = sent(speaker, "ss_id", "\n".join(ids))
    [file] = (house.settings.data / "id-lists").rglob("*.txt")
    assert gone in file.read_text().splitlines()
    listed = speaker.audience(
        {"operation": "OR", "upload": {"keys": [upload["key"]], "type": "ss_id"}}, outputs=["ss_id"]
    )
    erasure = house.erasing.request(Caller.local(workspace), [("ss_id", gone)], scope=ErasureScope.EVERYTHING)
    for audience in (built, listed):  # by the links of before
        assert gone not in ids_of(speaker, audience)
        assert stays in ids_of(speaker, audience)
    assert house.eraser.work_all() == 1
    report = house.erasing.report(Caller.local(workspace), erasure)
    assert report.proof is not None
    assert report.proof["clean"], report.proof
    assert report.proof["copies"]["id-lists"] == 1
    assert gone not in file.read_text().splitlines()
    assert len(file.read_text().splitlines()) == len(ids) - 1
    again = speaker.told("POST", f"/audiences/{listed['id']}/regenerate", {})
    house.build_worker.work()
    assert gone not in ids_of(speaker, speaker.told("GET", f"/audiences/{again['id']}"))
    assert len(ids_of(speaker, built)) == len(ids) - 1

"""The curl session of the room's README, against a real server."""

import json
from pathlib import Path

import pytest

from tests.apis.amazon import oracle
from tests.apis.amazon.conftest import Stage
from tests.apis.amazon.people import LAMPS, PROFILE
from tests.apis.amazon.session import run_session


@pytest.fixture
def credentials(stage: Stage, tmp_path: Path) -> Path:
    """What `houselights demo` leaves behind."""
    path = tmp_path / "credentials.json"
    amazon = {
        "client_id": stage.client.client.client_id,
        "client_secret": stage.client.secret,
        "refresh_token": stage.client.refresh_token,
        "profile_id": str(PROFILE),
        "advertiser_id": str(LAMPS),
        "entity_id": "ENTITY1STAGELEFT",
    }
    path.write_text(json.dumps({"base_url": str(stage.http.base_url).rstrip("/"), "amazon": amazon}))
    return path


@pytest.mark.covers("curl")
def test_the_session_runs_and_says_what_it_promises(credentials: Path) -> None:
    size, demographics, overlaps, combined = run_session(credentials)
    assert size["estimatedSize"] == {"min": 0, "max": 10000}
    assert demographics["demographics"]
    assert len(overlaps["audiences"]) == 5
    assert combined["audienceName"] == "In market and interested"
    assert combined["status"] == "Active"
    for path, told in (("bandedSize", size), ("demographics", demographics), ("topOverlappingAudiences", overlaps)):
        body = json.dumps(told, separators=(",", ":")).encode()
        assert oracle.check("POST", f"/insights/{path}", 200, "application/json", body)

"""The curl session of the room's README, against a real server."""

import json
from pathlib import Path

import pytest

from tests.apis.adobe.conftest import ORGANIZATION, SANDBOX, Stage
from tests.apis.adobe.session import run_session


@pytest.mark.covers("curl")
def test_the_session_runs_and_says_what_it_promises(stage: Stage, tmp_path: Path) -> None:
    client = stage.client()
    adobe = {
        "org_id": ORGANIZATION,
        "client_id": client.client.client_id,
        "client_secret": client.secret,
        "scopes": "openid,AdobeID,read_organizations,additional_info.projectedProductContext",
        "sandbox": SANDBOX,
    }
    credentials = tmp_path / "credentials.json"
    credentials.write_text(json.dumps({"base_url": str(stage.http.base_url).rstrip("/"), "adobe": adobe}))
    estimate, audience, eligibility, job = run_session(credentials)
    assert (estimate["estimatedSize"], estimate["exact"]) == (11, True)  # of twelve, one opted out
    assert audience["name"] == "Everybody with an id"
    assert eligibility["explanation"] == "continuous or synchronous"
    assert job["metrics"]["segmentedProfileCounter"] == {audience["id"]: 11}

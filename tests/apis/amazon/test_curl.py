"""The curl session of the room's README, against a real server."""

import json
from pathlib import Path

import pytest

from tests.apis.amazon import oracle
from tests.apis.amazon.conftest import Stage
from tests.apis.amazon.people import LAMPS, PROFILE, email
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
    with (tmp_path / "customers.csv").open("w") as customers:
        customers.write("email,phone\n")
        customers.writelines(f"{address.upper()},\n" for address in (*map(email, range(300)), "x@nobody.example"))
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


@pytest.mark.covers("provider-curl", "provider-everywhere")
def test_a_customer_list_becomes_an_audience(credentials: Path) -> None:
    *_, hashed, patched, told, size, forgotten = run_session(credentials, "A customer list with curl")
    assert (hashed["job"]["status"], hashed["job"]["matchedRecordSize"]) == ("SUCCEEDED", 300)
    assert (patched["job"]["status"], patched["job"]["receivedRecordSize"]) == ("SUCCEEDED", 301)
    rate = told["audience"]["metadata"]["audienceSize"]
    assert rate == {"receivedRecordSize": 301, "matchedRecordSize": 300, "matchRate": 0.9967}
    assert size["estimatedSize"] == {"min": 0, "max": 10000}
    assert (forgotten["job"]["jobType"], forgotten["job"]["status"]) == ("USER_DELETION", "SUCCEEDED")

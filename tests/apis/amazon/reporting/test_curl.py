"""The questions in SQL of the room's README, with curl against a real server."""

import json
from pathlib import Path

import pytest

from tests.apis.amazon.conftest import Stage
from tests.apis.amazon.people import CLEANROOM, CLEANROOM_ACCOUNT, LAMPS, PROFILE, email
from tests.apis.amazon.session import run_session

HEADING = "SQL with curl"


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
        "amc_account_id": CLEANROOM_ACCOUNT,
        "amc_instance_id": CLEANROOM,
    }
    with (tmp_path / "customers.csv").open("w") as customers:
        customers.write("email\n")
        customers.writelines(f"{address.upper()}\n" for address in (*map(email, range(300)), "x@nobody.example"))
    path.write_text(json.dumps({"base_url": str(stage.http.base_url).rstrip("/"), "amazon": amazon}))
    return path


@pytest.mark.covers("sql-curl")
def test_the_session_counts_customers_and_makes_an_audience_of_them(credentials: Path) -> None:
    *_, matched, days, audience, size = run_session(credentials, HEADING)
    assert matched == [{"matched_users": "300"}]
    assert [(row["action"], row["people"]) for row in days] == [("CREATE", "300")]
    assert (audience["audienceName"], audience["status"], audience["refreshRateDays"]) == (
        "Chosen by SQL", "SUCCEEDED", 7,
    )  # fmt: skip
    assert size["estimatedSize"] == {"min": 0, "max": 10000}

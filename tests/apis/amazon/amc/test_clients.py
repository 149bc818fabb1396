"""Clients as they are: the session of the README, and the requests of a widely used connector."""

import json
import re
from pathlib import Path

import pytest

from houselights.apis.amazon import TOKEN_STYLE
from houselights.model.workspace import SCOPES
from tests.apis.amazon import oracle
from tests.apis.amazon.amc.conftest import Uploader, hashed
from tests.apis.amazon.conftest import Stage
from tests.apis.amazon.people import LAMPS, PROFILE, email
from tests.apis.amazon.session import run_session

HEADING = "An advertiser audience with curl"


@pytest.fixture
def credentials(stage: Stage, tmp_path: Path) -> Path:
    """What `houselights demo` leaves behind, as far as the session reads it; the client's own ids are nobody else's."""
    path, workspace = tmp_path / "credentials.json", stage.house.control.workspaces.by_name("stage")
    assert workspace is not None
    made = stage.house.access.create_client(
        workspace_id=workspace.id, name="curl", scopes=set(SCOPES), accounts=[PROFILE], style=TOKEN_STYLE
    )
    amazon = {
        "client_id": made.client.client_id,
        "client_secret": made.secret,
        "refresh_token": made.refresh_token,
        "profile_id": str(PROFILE),
        "advertiser_id": str(LAMPS),
    }
    with (tmp_path / "customers.csv").open("w") as customers:
        customers.write("email\n")
        customers.writelines(f"{address}\n" for address in (*map(email, range(400)), "x@nobody.example"))
    path.write_text(json.dumps({"base_url": str(stage.http.base_url).rstrip("/"), "amazon": amazon}))
    return path


@pytest.mark.covers("amc-curl")
def test_the_session_uploads_customers_and_learns_what_they_are_like(credentials: Path) -> None:
    added, size, demographics, removed, _, hidden, _, back = run_session(credentials, HEADING)[4:]
    assert added["jobState"] == removed["jobState"] == "SUCCEEDED"
    assert added["audienceSize"] == {"receivedRecordSize": 401, "idResolutionCount": 400, "dspAudienceSize": 400}
    assert size["estimatedSize"] == {"min": 0, "max": 10000}
    assert demographics["demographics"]["age"]
    assert removed["audienceSize"]["dspAudienceSize"] == 300
    assert [told["metadata"]["audienceSize"]["dspAudienceSize"] for told in (hidden, back)] == [0, 300]
    for told in (hidden, back):
        body = json.dumps(told, separators=(",", ":")).encode()
        assert oracle.check("GET", f"/amc/audiences/metadata/{told['audienceId']}", 200, "application/json", body)


class Segment:
    """What the connector does around its requests: it cuts quotes off ids, and puts them back around those it reads."""

    def __init__(self, uploader: Uploader):
        self.http = uploader.http
        self.headers = {
            "authorization": uploader.headers["Authorization"],
            "Amazon-Advertising-API-ClientID": uploader.headers["Amazon-Advertising-API-ClientId"],
            "Content-Type": "application/vnd.amcaudiences.v1+json",
            "Accept": "*/*",
        }

    def send(self, method: str, path: str, payload: object) -> str:
        body = json.dumps(payload, separators=(",", ":"))
        body = re.sub(r'"(audienceId|advertiserId)":"(\d+)"', r'"\1":\2', body)
        reply = self.http.request(method, path, content=body, headers=self.headers)
        assert reply.status_code in {200, 201, 202}, reply.text
        return re.sub(r'"audienceId":(\d+)', r'"audienceId":"\1"', reply.text)


@pytest.mark.covers("amc-segment")
def test_segment_makes_an_audience_and_synchronises_people_into_it(uploader: Uploader) -> None:
    segment = Segment(uploader)
    profiles = segment.http.get("/v2/profiles", headers={**segment.headers, "Content-Type": "application/json"})
    assert profiles.status_code == 200
    made = {
        "name": "A segment of ours",
        "description": "Made by a connector",
        "targetResource": {"advertiserId": str(LAMPS)},
        "metadata": {
            "externalAudienceId": "j_o_jons__step",
            "ttl": 604_800,
            "audienceFees": [{"currency": "USD", "cpmCents": 100}],
        },
        "countryCode": "US",
    }
    external_id = json.loads(segment.send("POST", "/amc/audiences/metadata", made))["audienceId"]
    assert re.fullmatch(r"\d{18,19}", external_id), "a text, with every digit"
    read = segment.http.get(f"/amc/audiences/metadata/{external_id}", headers=segment.headers)
    assert re.search(rf'"audienceId":{external_id}\b', read.text)
    empty = dict.fromkeys(("firstname", "lastname", "phone", "postal", "city", "state", "address"), "")
    records = [
        {
            "externalUserId": f"test-id-{number}",
            "countryCode": "US",
            "action": "CREATE",
            "hashedPII": [empty | {"email": hashed(email(number)), "state": hashed("ca")}],
        }
        for number in range(300)
    ]
    job = json.loads(segment.send("POST", "/amc/audiences/records", {"records": records, "audienceId": external_id}))
    done = uploader.job(job["jobRequestId"])
    assert done["jobState"] == "SUCCEEDED"
    assert done["audienceSize"] == {"receivedRecordSize": 300, "idResolutionCount": 300, "dspAudienceSize": 300}

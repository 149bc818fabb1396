"""Bodies of this product, and how to wait for what becomes of them."""

import hashlib
import time
from collections.abc import Iterable, Sequence
from typing import Any

from houselights.apis.amazon import TOKEN_STYLE
from houselights.model.workspace import SCOPES
from tests.apis.amazon.conftest import Speaker, Stage
from tests.apis.amazon.people import LAMPS, PROFILE, email

AUDIENCES, PATCH, HASHED, USERS = "/v2/dp/audiencemetadata", "/v2/dp/audience", "/dp/records/hashed", "/v2/dp/users"
WAIT_SECONDS = 30
NOTHING = hashlib.sha256(b"").hexdigest()


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def rival_of(stage: Stage) -> Speaker:
    """Return another client that may act for the same advertisers."""
    made = stage.house.access.create_client(
        workspace_id=stage.client.client.workspace_id,
        name="rival",
        scopes=set(SCOPES),
        accounts=[PROFILE],
        style=TOKEN_STYLE,
    )
    return stage.speaker(made)


def audience(name: str = "Provider audience", advertiser: int = LAMPS, **metadata: Any) -> dict[str, Any]:
    """Return the body of a creation."""
    rest = {"type": "DATA_PROVIDER", "externalAudienceId": "crm-7", "dataSourceCountry": ["US"], **metadata}
    return {"name": name, "description": "Made by a test", "advertiserId": advertiser, "metadata": rest}


def create(speaker: Speaker, **more: Any) -> int:
    """Make an audience and return its id."""
    response = speaker.post(AUDIENCES, audience(**more), advertiserId=None)
    assert response.status_code == 200, response.text
    return int(response.json()["audience"]["id"])


def read(speaker: Speaker, audience_id: int) -> Any:
    response = speaker.get(f"{AUDIENCES}/{audience_id}", advertiserId=None)
    assert response.status_code == 200, response.text
    return response.json()["audience"]


def hashed(numbers: Iterable[int], prefix: str = "id") -> dict[str, Any]:
    """Return an upload of people by their rows, each under an id of their own."""
    records = [{"externalId": f"{prefix}-{n}", "hashedRecords": [{"email": sha256(email(n))}]} for n in numbers]
    return {"records": records}


def patch(op: str, ids: Iterable[str], audiences: Sequence[int | str], **more: Any) -> dict[str, Any]:
    """Return one patch for each id, such as `COOKIE-c-1`."""
    return {"patches": [{"op": op, "path": f"/{one}/audiences", "value": list(audiences), **more} for one in ids]}


def externals(numbers: Iterable[int], prefix: str = "id") -> list[str]:
    return [f"EXTERNAL_USER_ID-{prefix}-{n}" for n in numbers]


def upload(speaker: Speaker, body: Any) -> Any:
    """Send hashed records and return their job when it is over."""
    response = speaker.post(HASHED, body, advertiserId=None)
    assert response.status_code == 200, response.text
    return over(speaker, response.json()["requestId"])


def change(speaker: Speaker, body: Any) -> Any:
    """Send a patch and return its job when it is over."""
    response = speaker.send("PATCH", PATCH, body, advertiserId=None)
    assert response.status_code == 200, response.text
    return over(speaker, response.json()["jobId"])


def over(speaker: Speaker, job_id: str) -> Any:
    """Return a job once it is not pending any more."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        response = speaker.get(f"/v2/dp/jobs/{job_id}", advertiserId=None)
        assert response.status_code == 200, response.text
        job = response.json()["job"]
        if job["status"] != "PENDING":
            return job
        assert time.monotonic() < deadline, job
        time.sleep(0.05)

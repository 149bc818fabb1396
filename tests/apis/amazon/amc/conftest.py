"""Clients of their own for each test of Marketing Cloud, so that no connection or acceptance of one meets another."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from houselights.apis.amazon import PATHS, TOKEN_STYLE, room
from houselights.apis.amazon.policy import Policy
from houselights.app import Room, create_app
from houselights.model.workspace import SCOPES
from tests.apis.amazon.conftest import GENEROUS, Speaker, Stage
from tests.apis.amazon.people import CLEANROOM, CLEANROOM_ACCOUNT, LAMPS, PROFILE, email
from tests.apis.amazon.serving import serving

TERMS = "/amc/audiences/connections/terms"
CONNECTIONS = "/amc/audiences/connections"
METADATA = "/amc/audiences/metadata"
RECORDS = "/amc/audiences/records"
AUDIENCES_MEDIA = "application/vnd.amcaudiences.v1+json"
ROOM = {"amcAccountId": CLEANROOM_ACCOUNT, "amcInstanceId": CLEANROOM}
JOB_SECONDS = 10


@dataclass
class Uploader(Speaker):
    """A client of Marketing Cloud: says who it is and nothing of profiles or advertisers."""

    advertiser: int | None = field(default=None)

    def accept_terms(self) -> None:
        token = self.get(TERMS).json()["agreementToken"]
        answered = self.send("PATCH", TERMS, {"agreementToken": token, "hasAccepted": True})
        assert answered.status_code == 204, answered.text

    def connect(self, **body: Any) -> str:
        made = self.post(CONNECTIONS, body or {**ROOM, "dspAdvertiserId": str(LAMPS), "dspProfileId": str(PROFILE)})
        assert made.status_code == 201, made.text
        return str(made.json()["connectionId"])

    def audience(self, target: dict[str, Any], name: str = "Customers of ours", **more: Any) -> int:
        metadata = {"externalAudienceId": "mine", **more.pop("metadata", {})}
        body = {"name": name, "description": "", "targetResource": target, "metadata": metadata, **more}
        made = self.post(METADATA, body)
        assert made.status_code == 201, made.text
        return int(made.json()["audienceId"])

    def upload(self, audience: int, records: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
        """Upload, wait for the end of the job, and return it."""
        sent = self.post(RECORDS, {"audienceId": audience, "records": list(records), **more})
        assert sent.status_code == 202, sent.text
        return self.job(sent.json()["jobRequestId"])

    def job(self, job_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + JOB_SECONDS
        while True:
            told: dict[str, Any] = self.get(f"{RECORDS}/{job_id}").json()
            if told["jobState"] != "PENDING":
                return told
            assert time.monotonic() < deadline, told
            time.sleep(0.05)

    def size(self, audience: int) -> dict[str, int]:
        told: dict[str, int] = self.get(f"{METADATA}/{audience}").json()["metadata"]["audienceSize"]
        return told


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def record(number: int, action: str = "CREATE", **more: Any) -> dict[str, Any]:
    """Person `number` of the stage, by mail address."""
    return {
        "externalUserId": f"crm-{number}",
        "action": action,
        "hashedPII": [{"email": hashed(email(number))}],
        **more,
    }


@pytest.fixture
def uploader(stage: Stage) -> Uploader:
    """A new client that may act for the agency, over the session's server."""
    return uploader_of(stage, stage.http)


@pytest.fixture(scope="session")
def one_client(stage: Stage) -> Uploader:
    """The client behind every `visitor`."""
    return uploader_of(stage, stage.http)


@pytest.fixture
def visitor(one_client: Uploader) -> Uploader:
    """A client that many tests share, because each of them is only told no, or only reads; it has no connection."""
    return Uploader(one_client.http, one_client.headers)


def uploader_of(stage: Stage, http: httpx.Client) -> Uploader:
    workspace = stage.house.control.workspaces.by_name("stage")
    assert workspace is not None
    made = stage.house.access.create_client(
        workspace_id=workspace.id, name="uploads", scopes=set(SCOPES), accounts=[PROFILE], style=TOKEN_STYLE
    )
    headers = {
        "Authorization": f"Bearer {stage.token(made)}",
        "Amazon-Advertising-API-ClientId": made.client.client_id,
        "Accept": "*/*",
    }
    return Uploader(http, headers)


@pytest.fixture
def served_with(stage: Stage) -> Iterator[Callable[..., Uploader]]:
    """Return a function that serves the same house under another policy, and gives a new client of it."""
    open_now = []

    def serve(**choices: Any) -> Uploader:
        policy = Policy(**choices)
        app = create_app(stage.house, [Room("amazon", PATHS, lambda house: room(house, GENEROUS, policy=policy))])
        context = serving(app, lifespan="off")
        http = httpx.Client(base_url=context.__enter__(), timeout=60)
        open_now.append((context, http))
        return uploader_of(stage, http)

    yield serve
    for context, http in open_now:
        http.close()
        context.__exit__(None, None, None)

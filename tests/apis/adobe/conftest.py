"""A house with the twelve as this vendor's profiles, this room on it, a real server, and clients with headers."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from houselights.apis.adobe import PATHS, room
from houselights.apis.adobe.login.style import ROOM_SCOPES
from houselights.app import Room, build_house, create_app
from houselights.base.settings import Settings
from houselights.model.workspace import Account
from houselights.services.access import NewClient
from houselights.services.house import House
from tests.apis.adobe.moving import settle
from tests.apis.adobe.profiles import NOW
from tests.apis.adobe.serving import serving

ORGANIZATION = "30AB5F7C61A4D2E90A49412D@AdobeOrg"
SANDBOX = "prod"
UPS = "/data/core/ups"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "covers(*marks): lines of the room's coverage.yaml that this test shows")


@dataclass
class Speaker:
    """An API client: sends the headers this vendor asks for. Paths are below its base path."""

    http: httpx.Client
    headers: dict[str, str] = field(default_factory=dict)

    def send(
        self, method: str, path: str, json: Any = None, *, headers: Mapping[str, str | None] | None = None, **more: Any
    ) -> httpx.Response:
        """Send one request. A header that is None is left out."""
        merged = {k: v for k, v in {**self.headers, **(headers or {})}.items() if v is not None}
        return self.http.request(method, UPS + path, json=json, headers=merged, **more)

    def told(self, method: str, path: str, json: Any = None, *, status: int = 200, **more: Any) -> Any:
        """Send a request that must be answered with `status`, and return the JSON."""
        response = self.send(method, path, json, **more)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def refused(self, method: str, path: str, json: Any = None, *, status: int, **more: Any) -> dict[str, Any]:
        """Send a request that must be refused in the service's envelope, and return the first thing wrong."""
        body = self.told(method, path, json, status=status, **more)
        assert set(body) == {"requestId", "errors", "type", "title", "status"}
        assert body["status"] == status
        first: dict[str, Any] = body["errors"][str(status)][0]
        assert body["type"] == f"https://ns.adobe.com/aep/errors/{first['code']}"
        return first

    def audience(self, pql: str, name: str = "An audience", **more: Any) -> Any:
        """Save an audience by its expression in text."""
        expression = {"type": "PQL", "format": "pql/text", "value": pql}
        return self.told("POST", "/audiences", {"name": name, "expression": expression, **more})

    def preview(self, pql: str) -> Any:
        """Ask who an expression finds, and wait until they have been counted."""
        body = {"predicateExpression": pql, "predicateType": "pql/text", "graphType": "pdg"}
        made = self.told("POST", "/preview", body, status=201)
        self.settled(f"/estimate/{made['previewId']}", "state")
        return made

    def size(self, pql: str) -> int:
        """How many people an expression finds."""
        return int(self.told("GET", f"/estimate/{self.preview(pql)['previewId']}")["estimatedSize"])

    def settled(self, path: str, field: str) -> Any:
        """Read a thing until its work is done, and return it."""
        deadline = time.monotonic() + 60
        while True:
            told = self.told("GET", path)
            if told[field] not in {"NEW", "QUEUED", "RUNNING", "PROCESSING"}:
                return told
            assert time.monotonic() < deadline, told
            time.sleep(0.02)


@dataclass(frozen=True)
class Stage:
    """The house, and a server over it."""

    house: House
    http: httpx.Client

    def client(self, workspace: str = "twelve", scopes: frozenset[str] = ROOM_SCOPES, account: int = 901) -> NewClient:
        found = self.house.control.workspaces.by_name(workspace)
        assert found is not None
        return self.house.access.create_client(
            workspace_id=found.id, name="tests", scopes=scopes, accounts=[account] if account else []
        )

    def token(self, client: NewClient) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": client.client.client_id,
            "client_secret": client.secret,
        }
        response = self.http.post("/ims/token/v3", data=form)
        assert response.status_code == 200, response.text
        return str(response.json()["access_token"])

    def speaker(self, client: NewClient, *, organization: str = ORGANIZATION, sandbox: str = SANDBOX) -> Speaker:
        headers = {
            "Authorization": f"Bearer {self.token(client)}",
            "x-api-key": client.client.client_id,
            "x-gw-ims-org-id": organization,
            "x-sandbox-name": sandbox,
        }
        return Speaker(self.http, headers)


def open_stage(folder: Path) -> Iterator[Stage]:
    house = build_house(Settings(data=folder / "data", now=NOW))
    settle(house, organization=ORGANIZATION, sandbox=SANDBOX)
    neighbours = house.control.workspaces.create("neighbours", created_at=NOW)
    for account in (
        Account(id=900, workspace_id=neighbours.id, kind="organization", name="Theirs", external_id="THEIRS@AdobeOrg"),
        Account(id=901, workspace_id=neighbours.id, kind="sandbox", name="prod", parent_id=900, external_id="prod"),
    ):
        house.control.accounts.put(account)
    app = create_app(house, [Room("adobe", PATHS, lambda house: room(house, "100000/second"))])
    with serving(app) as base_url, httpx.Client(base_url=base_url, timeout=60) as http:
        yield Stage(house, http)
    house.control.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A house for each file of tests: what one file saves, no other sees."""
    yield from open_stage(tmp_path_factory.mktemp("stage"))


@pytest.fixture(scope="module")
def twelve(stage: Stage) -> Speaker:
    """Speaks for the workspace of the twelve, with every scope of the room."""
    return stage.speaker(stage.client())


@pytest.fixture(scope="module")
def neighbour(stage: Stage) -> Speaker:
    """Speaks for another workspace, which has no people."""
    return stage.speaker(stage.client("neighbours"), organization="THEIRS@AdobeOrg")

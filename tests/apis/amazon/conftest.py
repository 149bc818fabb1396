"""A house with three thousand people, this room on it, and a client whose every reply the specifications judge."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from houselights.apis.amazon import PATHS, TOKEN_STYLE, room
from houselights.apis.amazon.policy import Policy
from houselights.apis.amazon.rates import Rates
from houselights.app import Room, build_house, create_app
from houselights.base.settings import Settings
from houselights.model.workspace import SCOPES
from houselights.services.access import NewClient
from houselights.services.house import House
from houselights.services.imports.parts import Parts
from houselights.services.imports.run import run_import
from tests.apis.amazon import oracle
from tests.apis.amazon.people import (
    COFFEE,
    EVERYWHERE,
    LAMPS,
    PROFILE,
    VENDOR_PROFILE,
    rows,
    write_population,
)
from tests.apis.amazon.serving import serving


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "covers(*marks): lines of the room's coverage.yaml that this test shows")


@dataclass
class Speaker:
    """An API client: sends the headers, and has every reply judged. `replies` counts those a specification knew."""

    http: httpx.Client
    headers: dict[str, str]
    advertiser: int | None = LAMPS
    judged: int = 0

    def send(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        headers: Mapping[str, str | None] | None = None,
        **params: Any,
    ) -> httpx.Response:
        """Send one request. A header or parameter that is None is left out."""
        merged = {k: v for k, v in {**self.headers, **(headers or {})}.items() if v is not None}
        query = {"advertiserId": self.advertiser, **params}
        query = {name: value for name, value in query.items() if value is not None}
        response = self.http.request(method, path, json=json, headers=merged, params=query)
        if response.status_code == 204:
            assert response.content == b""
        else:
            media_type = response.headers["content-type"].partition(";")[0]
            self.judged += oracle.check(method, path, response.status_code, media_type, response.content)
        assert response.headers["x-amzn-requestid"]
        return response

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.send("GET", path, **more)

    def post(self, path: str, json: Any, **more: Any) -> httpx.Response:
        return self.send("POST", path, json, **more)

    def told(self, path: str, json: Any, **more: Any) -> Any:
        """Send a POST that must succeed, and return its body."""
        response = self.post(path, json, **more)
        assert response.status_code == 200, response.text
        return response.json()

    def ids(self, category: str) -> dict[str, str]:
        """Return the ids of the audiences of a category, by name."""
        body = {"adType": "DSP", "filters": [{"field": "category", "values": [category]}]}
        found = self.told("/audiences/list", body, maxResults=250)
        return {audience["audienceName"]: audience["audienceId"] for audience in found["audiences"]}


@dataclass(frozen=True)
class Stage:
    """The house, its application, and the credentials of three clients."""

    house: House
    client: NewClient
    neighbour: NewClient
    limited: NewClient
    http: httpx.Client

    def token(self, client: NewClient) -> str:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": client.refresh_token,
            "client_id": client.client.client_id,
            "client_secret": client.secret,
        }
        response = self.http.post("/auth/o2/token", data=form)
        oracle.check("POST", "/auth/o2/token", response.status_code, "application/json", response.content)
        return str(response.json()["access_token"])

    def speaker(self, client: NewClient, profile: int = PROFILE, advertiser: int | None = LAMPS) -> Speaker:
        headers = {
            "Authorization": f"Bearer {self.token(client)}",
            "Amazon-Advertising-API-ClientId": client.client.client_id,
            "Amazon-Advertising-API-Scope": str(profile),
            "Accept": "*/*",
        }
        return Speaker(self.http, headers, advertiser)


GENEROUS = Rates(otherwise="100000/second")


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    house = build_house(Settings(data=folder / "data"))
    parts = Parts(control=house.control, lake=house.lake, settings=house.settings, clock=house.clock)
    run = run_import(parts, write_population(folder))
    assert (run.rows_rejected, run.people) == (0, len(rows())), run
    workspace = house.control.workspaces.by_name("stage")
    assert workspace is not None
    client = house.access.create_client(
        workspace_id=workspace.id,
        name="tests",
        scopes=set(SCOPES),
        accounts=[PROFILE, VENDOR_PROFILE],
        redirect_uris=["https://client.example/callback"],
        style=TOKEN_STYLE,
    )
    limited = house.access.create_client(
        workspace_id=workspace.id,
        name="reads discovery only",
        scopes={"audiences:read"},
        accounts=[PROFILE],
        style=TOKEN_STYLE,
    )
    elsewhere = house.control.workspaces.create("next door", created_at=house.clock.now())
    neighbour = house.access.create_client(
        workspace_id=elsewhere.id, name="neighbour", scopes=set(SCOPES), style=TOKEN_STYLE
    )
    app = create_app(house, [Room("amazon", PATHS, lambda house: room(house, GENEROUS, policy=Policy()))])
    with serving(app) as base_url, httpx.Client(base_url=base_url, timeout=60) as http:
        yield Stage(house, client, neighbour, limited, http)


@pytest.fixture(scope="session")
def lamps(stage: Stage) -> Speaker:
    """Speaks for an advertiser of the United States."""
    return stage.speaker(stage.client)


@pytest.fixture(scope="session")
def coffee(stage: Stage) -> Speaker:
    """Speaks for an advertiser of the United Kingdom."""
    return stage.speaker(stage.client, advertiser=COFFEE)


@pytest.fixture(scope="session")
def everywhere(stage: Stage) -> Speaker:
    """Speaks for an advertiser without a country."""
    return stage.speaker(stage.client, advertiser=EVERYWHERE)

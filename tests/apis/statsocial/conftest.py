"""The demo world, small, as one company; this room on it, and clients with tokens. One world for all its tests."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from houselights.apis.statsocial import PATHS, room
from houselights.apis.statsocial.audiences.uploads import match_before_builds
from houselights.apis.statsocial.policy import Policy
from houselights.app import Room, build_house, create_app
from houselights.base.settings import Settings
from houselights.model.workspace import SCOPES, Workspace
from houselights.services.caller import Caller
from houselights.services.demo.world import AS_OF, write_world
from houselights.services.house import House
from houselights.services.imports.parts import Parts
from houselights.services.imports.run import run_import

PEOPLE = 6000
BASE = "/platform/v0"
SEED = Path(__file__).parent / "seed"
BODIES = {path.stem: path.read_text() for path in sorted(SEED.glob("*.json"))}
EVERYTHING = tuple(scope for scope in SCOPES if scope != "operator")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "covers(*marks): lines of the room's coverage.yaml that this test shows")


@dataclass
class Speaker:
    """A client with a token. Paths are below the base of the room."""

    http: TestClient
    token: str
    house: House
    number: int

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Send one request; a body of text is sent as it is, anything else as JSON."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        content = body if isinstance(body, str | bytes | None) else json.dumps(body)
        return self.http.request(method, BASE + path, content=content, headers=headers, **more)  # type: ignore[no-any-return]

    def told(self, method: str, path: str, body: Any = None, *, status: int = 200, **more: Any) -> Any:
        """Send a request that must be answered with `status` in the envelope, and return the response in it."""
        answer = self.send(method, path, body, **more)
        assert answer.status_code == status, answer.text
        content = answer.json()
        assert set(content) == {"response", "information"}
        assert content["information"] == {"version": "0.0.1"}
        return content["response"]

    def refused(self, method: str, path: str, body: Any = None, *, status: int = 400, **more: Any) -> Any:
        """Send a request that must be refused in the envelope, and return the error in it."""
        answer = self.send(method, path, body, **more)
        assert answer.status_code == status, answer.text
        content = answer.json()
        assert set(content) == {"error", "information"}
        assert set(content["error"]) == {"code", "message", "errors"}
        return content["error"]

    def built(self, body: Any) -> Any:
        """Create an audience, have it built here and now, and read it."""
        made = self.told("POST", "/audiences", body)
        self.house.build_worker.work()
        return self.told("GET", f"/audiences/{made['id']}")

    def audience(self, *parameters: dict[str, Any], **more: Any) -> Any:
        """Create an audience of parameters, and read it when it is built."""
        return self.built({"audience": {"name": "Name Audience"}, "parameters": list(parameters), **more})

    def size(self, *parameters: dict[str, Any]) -> int:
        """How many people an audience of parameters has."""
        built = self.audience(*parameters)
        assert built["status"] == "completed", built
        return int(built["size"])


@dataclass
class Stage:
    """The room on the demo world."""

    house: House
    http: TestClient
    workspace: Workspace

    @property
    def operator(self) -> Caller:
        """Whoever sits at the command line."""
        return Caller.local(self.workspace)

    def speaker(self, *scopes: str) -> Speaker:
        """Return a client with these scopes, all but the operator's without any."""
        made = self.house.access.create_client(
            workspace_id=self.workspace.id, name="a test", scopes=scopes or EVERYTHING
        )
        return Speaker(self.http, self.house.access.static_token(made.client), self.house, made.client.id)


@contextmanager
def moved_in(population: Path, data: Path) -> Iterator[House]:
    """Give a house into which a world was brought, held at the world's own instant. No worker runs: tests say when."""
    house = build_house(Settings(data=data, now=AS_OF))
    run_import(Parts(settings=house.settings, control=house.control, lake=house.lake, clock=house.clock), population)
    yield house
    house.control.close()


@contextmanager
def speaking_in(population: Path, data: Path) -> Iterator[Speaker]:
    """Give a client of a house of its own, with every scope but the operator's. Nothing works behind it, either."""
    with moved_in(population, data) as house:
        workspace = house.control.workspaces.by_name("demo")
        assert workspace is not None
        rooms = [Room("statsocial", PATHS, lambda house: room(house, Policy()))]
        http = TestClient(create_app(house, rooms), raise_server_exceptions=False)
        yield Stage(house, http, workspace).speaker()
        http.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with the demo world in it."""
    folder = tmp_path_factory.mktemp("demo")
    summary = write_world(folder / "world", people=PEOPLE)
    with moved_in(summary.population, folder / "data") as house:
        yield house


@pytest.fixture(scope="session")
def stages(world: House) -> Iterator[Callable[[Policy], Stage]]:
    """Return a function that opens the room under a policy. The application is not started, so nothing works behind."""
    workspace = world.control.workspaces.by_name("demo")
    assert workspace is not None
    with ExitStack() as stack:

        def stage(policy: Policy) -> Stage:
            rooms = [Room("statsocial", PATHS, lambda house: room(house, policy))]
            http = TestClient(create_app(world, rooms), raise_server_exceptions=False)
            stack.callback(http.close)
            # A house has one such room; here it has several, and the files of all are matched leniently.
            match_before_builds(world, Policy())
            return Stage(world, http, workspace)

        yield stage


@pytest.fixture(scope="session")
def stage(stages: Callable[[Policy], Stage]) -> Stage:
    """The room as it comes: lenient."""
    return stages(Policy(rate="100000/second"))


@pytest.fixture(scope="session")
def strict(stages: Callable[[Policy], Stage]) -> Speaker:
    """A client of a room that keeps to the vendor's words."""
    return stages(Policy(strict=True, rate="100000/second")).speaker()


@pytest.fixture(scope="session")
def client(stage: Stage) -> Speaker:
    """A client with every scope but the operator's."""
    return stage.speaker()

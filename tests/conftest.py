"""Settings for every test, and the house most of them visit: the twelve people of `tests.world`, moved in."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from starlette.exceptions import StarletteDeprecationWarning

from houselights.app import build_house, create_app
from houselights.base.settings import Settings
from houselights.model.workspace import SCOPES, Account, Workspace
from houselights.services.caller import Caller
from houselights.services.house import House
from tests.settle import settle_twelve

with warnings.catch_warnings():
    # The test client warns, when imported, that it would like another HTTP library; ours is the one real clients use.
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette.testclient import TestClient

# A deadline per example fails on a busy machine and says nothing about the code.
settings.register_profile("houselights", deadline=None, print_blob=True)
settings.load_profile("houselights")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house of its own for one test, with the twelve in the workspace "twelve"; privacy off but for scopes."""
    built = build_house(Settings(data=tmp_path / "data"))
    settle_twelve(built)
    yield built
    built.control.close()


@pytest.fixture
def workspace(house: House) -> Workspace:
    """The workspace of the twelve."""
    found = house.control.workspaces.by_name("twelve")
    assert found is not None
    return found


@pytest.fixture
def caller(workspace: Workspace) -> Caller:
    """Somebody with every scope, as at the command line."""
    return Caller.local(workspace)


@pytest.fixture
def partner(workspace: Workspace) -> Caller:
    """Somebody without exact counts."""
    return Caller(client=None, workspace=workspace, scopes=frozenset(SCOPES) - {"counts:exact", "operator"})


@pytest.fixture
def accounts(house: House, workspace: Workspace) -> tuple[Account, Account]:
    """Two advertisers below one agency; the agency is their parent."""
    agency = Account(id=700, workspace_id=workspace.id, kind="agency", name="Agency")
    first = Account(id=701, workspace_id=workspace.id, kind="advertiser", name="First", parent_id=700, country="GB")
    second = Account(id=702, workspace_id=workspace.id, kind="advertiser", name="Second", parent_id=700, country="US")
    for account in (agency, first, second):
        house.control.accounts.put(account)
    return first, second


@pytest.fixture
def token(house: House, workspace: Workspace) -> Callable[..., str]:
    """Return a function that makes a client with the given scopes (all, without any) and gives its bearer token."""

    def make(*scopes: str, accounts: tuple[int, ...] = ()) -> str:
        made = house.access.create_client(
            workspace_id=workspace.id, name="a test", scopes=scopes or tuple(SCOPES), accounts=accounts
        )
        return house.access.static_token(made.client)

    return make


@pytest.fixture
def http(house: House) -> Iterator[TestClient]:
    """The whole application over the house, without credentials."""
    with TestClient(create_app(house), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def client(http: TestClient, token: Callable[..., str]) -> TestClient:
    """The whole application, asked with a bearer token that has every scope."""
    http.headers["Authorization"] = f"Bearer {token()}"
    return http

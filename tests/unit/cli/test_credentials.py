"""`credentials.json`: one section per API, good for what it says, private, and kept on a second run."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from houselights.base.clock import FixedClock
from houselights.base.errors import NotFound
from houselights.base.ids import stable_id
from houselights.cli.credentials import write_credentials
from houselights.model.workspace import SCOPES, Account
from houselights.services.access import Access
from houselights.services.audit import Audit
from houselights.services.demo.advertisers import accounts
from houselights.services.operators import Operators
from houselights.services.throttle import Throttle
from houselights.storage.control.control import Control

BASE = "http://127.0.0.1:8080"


@pytest.fixture
def house(tmp_path: Path) -> Any:
    control = Control.open(f"sqlite:///{tmp_path / 'control.db'}")
    clock = FixedClock(datetime(2026, 11, 1, tzinfo=UTC))
    access = Access(control, clock)
    operators = Operators(control, access, clock, Audit(control), Throttle())
    return SimpleNamespace(control=control, access=access, operators=operators)


@pytest.fixture
def workspace(house: Any) -> Any:
    """A workspace with the accounts that an import of the demo world makes."""
    made = house.control.workspaces.create("demo", created_at=datetime(2026, 11, 1, tzinfo=UTC))
    ids = {row["name"]: stable_id("account", row.get("external_id") or row["name"]) for row in accounts()}
    for row in accounts():
        house.control.accounts.put(
            Account(
                id=ids[row["name"]],
                workspace_id=made.id,
                kind=row["kind"],
                name=row["name"],
                parent_id=ids.get(row.get("parent", "")),
                country=row.get("country"),
                external_id=row.get("external_id", ""),
            )
        )
    return made


def read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text())
    return content


def test_every_api_has_its_section(house: Any, workspace: Any, tmp_path: Path) -> None:
    told = read(write_credentials(house, workspace, tmp_path, base_url=BASE))
    assert {name: set(part) for name, part in told.items() if name != "base_url"} == {
        "amazon": {
            "client_id", "client_secret", "refresh_token",
            "profile_id", "advertiser_id", "entity_id", "amc_account_id", "amc_instance_id",
        },
        "adobe": {"org_id", "client_id", "client_secret", "scopes", "sandbox"},
        "statsocial": {"token"},
        "web": {"name", "password"},
        "native": {"token"},
    }  # fmt: skip
    assert told["base_url"] == BASE
    assert told["amazon"]["client_id"].startswith("amzn1.application-oa2-client.")
    assert told["amazon"]["refresh_token"].startswith("Atzr|")
    assert told["amazon"]["entity_id"].startswith("ENTITY")
    assert told["amazon"]["amc_account_id"].startswith("ENTITY")
    assert told["amazon"]["amc_instance_id"].startswith("amc")
    assert told["adobe"]["org_id"].endswith("@AdobeOrg")


def test_what_it_says_is_good(house: Any, workspace: Any, tmp_path: Path) -> None:
    told = read(write_credentials(house, workspace, tmp_path, base_url=BASE))
    client = house.access.authenticate_client(told["amazon"]["client_id"], told["amazon"]["client_secret"])
    granted = {str(account.id): account.kind for account in house.control.clients.accounts_of(client)}
    assert granted[told["amazon"]["profile_id"]] == "agency"
    assert granted[told["amazon"]["advertiser_id"]] == "advertiser"
    assert "counts:exact" not in client.scopes
    assert house.access.verify(told["native"]["token"]).scopes == frozenset(SCOPES)
    assert "operator" not in house.access.verify(told["statsocial"]["token"]).scopes


def test_credentials_of_an_earlier_version_learn_where_lists_can_go(house: Any, workspace: Any, tmp_path: Path) -> None:
    file = write_credentials(house, workspace, tmp_path, base_url=BASE)
    whole = read(file)
    old = whole | {"amazon": {k: v for k, v in whole["amazon"].items() if not k.startswith("amc_")}}
    file.write_text(json.dumps(old))
    assert read(write_credentials(house, workspace, tmp_path, base_url=BASE)) == whole


def test_only_the_owner_may_read_it(house: Any, workspace: Any, tmp_path: Path) -> None:
    file = write_credentials(house, workspace, tmp_path, base_url=BASE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "credentials" in path.name] == ["credentials.json"]


def test_a_second_run_keeps_them_and_moves_the_address(house: Any, workspace: Any, tmp_path: Path) -> None:
    first = read(write_credentials(house, workspace, tmp_path, base_url=BASE))
    second = read(write_credentials(house, workspace, tmp_path, base_url="http://127.0.0.1:9090"))
    assert second == first | {"base_url": "http://127.0.0.1:9090"}
    assert len(house.control.clients.list(workspace.id)) == 5


@pytest.mark.parametrize("spoil", ["truncate", "disable", "foreign"])
def test_credentials_that_are_no_longer_good_are_made_anew(
    house: Any, workspace: Any, tmp_path: Path, spoil: str
) -> None:
    file = write_credentials(house, workspace, tmp_path, base_url=BASE)
    first = read(file)
    match spoil:
        case "truncate":
            file.write_text("{")
        case "disable":
            house.access.disable_client(workspace.id, house.control.clients.list(workspace.id)[0].id)
        case _:
            first["native"] = {"token": "hls_nobody"}
            file.write_text(json.dumps(first))
    second = read(write_credentials(house, workspace, tmp_path, base_url=BASE))
    assert second["amazon"]["client_id"] != first["amazon"]["client_id"]
    assert house.access.verify(second["native"]["token"])


def test_without_the_demo_world_there_is_nobody_to_act_for(house: Any, tmp_path: Path) -> None:
    empty = house.control.workspaces.create("empty", created_at=datetime(2026, 11, 1, tzinfo=UTC))
    with pytest.raises(NotFound, match="Harbour & Finch"):
        write_credentials(house, empty, tmp_path, base_url=BASE)
    assert not (tmp_path / "credentials.json").exists()

"""A client of reporting: uploads lists like any other, and asks about them in SQL."""

import csv
import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from houselights.apis.amazon import TOKEN_STYLE
from houselights.model.workspace import SCOPES
from tests.apis.amazon.amc.conftest import Uploader, record
from tests.apis.amazon.conftest import Stage
from tests.apis.amazon.people import CLEANROOM, CLEANROOM_ACCOUNT, PROFILE

REPORTING = f"/amc/reporting/{CLEANROOM}"
EXECUTIONS, WORKFLOWS, SOURCES = (f"{REPORTING}/{name}" for name in ("workflowExecutions", "workflows", "dataSources"))
QUERY_AUDIENCES = "/amc/audiences/query"
OVER = {"SUCCEEDED", "FAILED", "CANCELLED"}
WAIT_SECONDS = 60
EVERYTHING = {"timeWindowType": "ALL"}


@dataclass
class Asker(Uploader):
    """Speaks to reporting: names the account, its marketplace and the instance. `name` is the client's own."""

    name: str = field(default="")

    def executed(self, sql: str, *, workflow: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Execute SQL over everything unless another window is named; wait for its end, and return that."""
        body = {"workflow": {"sqlQuery": sql, **(workflow or {})}, **({} if "timeWindowType" in more else EVERYTHING)}
        return self.ended(self.started({**body, **more}))

    def started(self, body: Mapping[str, Any]) -> str:
        told = self.told(EXECUTIONS, dict(body))
        return str(told["workflowExecution"]["workflowExecutionId"])

    def ended(self, execution_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            told: dict[str, Any] = self.get(f"{EXECUTIONS}/{execution_id}").json()["workflowExecution"]
            if told["status"] in OVER:
                return told
            assert time.monotonic() < deadline, told
            time.sleep(0.02)

    def rows(self, sql: str, **more: Any) -> list[dict[str, str]]:
        """Execute SQL that must succeed, and return the rows of its file."""
        told = self.executed(sql, **more)
        assert told["status"] == "SUCCEEDED", told
        return self.downloaded(told["workflowExecutionId"])

    def downloaded(self, execution_id: str) -> list[dict[str, str]]:
        (url,) = self.get(f"{EXECUTIONS}/{execution_id}/downloadUrls").json()["downloadUrls"]
        file = self.http.get(urlsplit(url).path)
        assert file.status_code == 200, file.text
        return list(csv.DictReader(io.StringIO(file.text)))

    def refused(self, sql: str, **more: Any) -> str:
        """Ask what must be refused at once, and return why."""
        body = {"workflow": {"sqlQuery": sql}, **EVERYTHING, **more}
        response = self.post(EXECUTIONS, body)
        assert response.status_code == 400, response.text
        assert response.json()["code"] == "400"
        return str(response.json()["details"])

    def table(self, kind: str) -> str:
        """Return the name of the client's own table of members or logs."""
        names = [one["dataSourceId"] for one in self.get(SOURCES).json()["dataSources"]]
        (found,) = (name for name in names if f"_audience_{kind}_" in name)
        return str(found)

    def listed(self, people: Sequence[int], name: str = "A list of ours", **more: Any) -> int:
        """Make an audience of these people of the stage, and return its id."""
        connections = self.get("/amc/audiences/connections").json()["connections"]
        connection = connections[0]["connectionId"] if connections else self.connect()
        audience = self.audience({"connectionId": connection}, name=name, countryCode="US", **more)
        done = self.upload(audience, [record(n) for n in people])
        assert done["jobState"] == "SUCCEEDED", done
        return audience


def asker_of(stage: Stage, http: httpx.Client, name: str = "Acme CDP") -> Asker:
    workspace = stage.house.control.workspaces.by_name("stage")
    assert workspace is not None
    made = stage.house.access.create_client(
        workspace_id=workspace.id, name=name, scopes=set(SCOPES), accounts=[PROFILE], style=TOKEN_STYLE
    )
    headers = {
        "Authorization": f"Bearer {stage.token(made)}",
        "Amazon-Advertising-API-ClientId": made.client.client_id,
        "Amazon-Advertising-API-AdvertiserId": CLEANROOM_ACCOUNT,
        "Amazon-Advertising-API-MarketplaceId": "ATVPDKIKX0DER",
        "Amazon-Marketing-Cloud-Audience-InstanceId": CLEANROOM,
        "Accept": "*/*",
    }
    asker = Asker(http, headers, name=made.client.client_id)
    asker.accept_terms()
    return asker


@pytest.fixture(scope="session")
def asker(stage: Stage) -> Asker:
    """A client with two lists that overlap: `first` has people 0 to 999, `second` 400 to 1199."""
    return asker_of(stage, stage.http)


@pytest.fixture(scope="session")
def lists(asker: Asker) -> tuple[int, int]:
    """The two lists of `asker`."""
    return asker.listed(range(1000), "First list of ours"), asker.listed(range(400, 1200), "Second list of ours")

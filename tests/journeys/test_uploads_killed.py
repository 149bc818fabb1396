"""A server that is killed while a client uploads over HTTP, again and again: what it acknowledged is in the log exactly
once, and every job reaches a true end.

`HOUSELIGHTS_KILLS` says how often; `make soak` kills five hundred times.
"""

import json
import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest

from houselights.app import build_house
from houselights.base.settings import Settings
from houselights.model.audience import Audience
from houselights.model.upload import UploadKind, UploadState
from houselights.model.workspace import SCOPES, Account, Client, Workspace
from houselights.services.caller import Caller
from houselights.services.house import House
from tests.uploading import Child, data_in, email, log_of, settle

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("HOUSELIGHTS_KILLS", "50"))
PEOPLE = 400
AT_ONCE = 40
SECONDS_MOST = 0.3  # between the first acknowledgement of a server and its death
ADVERTISER = 900
MEMBERS, IDENTITIES = "/amc/audiences/records", "/dp/records/hashed"
Lines = Counter[tuple[int, str]]
"""Person and action, how often."""


@dataclass
class Sender:
    """A client that uploads: what it sends in turn, and what was acknowledged."""

    chance: random.Random
    headers: dict[str, str]
    audience_id: int = 0
    acknowledged: dict[str, Lines] = field(default_factory=dict)
    introduced: set[int] = field(default_factory=set)

    def bodies(self) -> Iterator[tuple[str, Any, list[int], str]]:
        """Yield path, body, people and action: some people in, some out again, some only named; everybody matches."""
        while True:
            people = self.chance.sample(range(PEOPLE), AT_ONCE)
            yield MEMBERS, self.changes(people, "CREATE"), people, "CREATE"
            fewer = people[: AT_ONCE // 4]
            yield MEMBERS, self.changes(fewer, "DELETE"), fewer, "DELETE"
            named = self.chance.sample(range(PEOPLE), AT_ONCE)
            rows = [{"externalId": f"e{each}", "hashedRecords": [email(each)]} for each in named]
            yield IDENTITIES, {"records": rows}, named, ""

    def changes(self, people: list[int], action: str) -> dict[str, Any]:
        rows = [{"externalUserId": f"e{each}", "action": action, "hashedPII": [email(each)]} for each in people]
        return {"audienceId": self.audience_id, "records": rows}

    def send(self, server: HTTPConnection, path: str, body: Any) -> Any:
        server.request("POST", path, json.dumps(body), self.headers)
        reply = server.getresponse()
        told = reply.read()
        assert reply.status in (200, 201, 202), told
        return json.loads(told)

    def send_until_it_dies(self, child: Child) -> None:
        """Send one upload after another to a server that is killed a moment after its first acknowledgement."""
        server = HTTPConnection("127.0.0.1", child.wire.recv(), timeout=30)
        death: threading.Timer | None = None
        try:
            for path, body, people, action in self.bodies():
                told = self.send(server, path, body)
                if path == MEMBERS:
                    self.acknowledged[told["jobRequestId"]] = Counter((each, action) for each in people)
                if action != "DELETE":
                    self.introduced.update(people)
                if death is None:
                    death = threading.Timer(self.chance.uniform(0, SECONDS_MOST), child.process.kill)
                    death.start()
        except (HTTPException, ConnectionError):
            pass
        assert death is not None, "the server died before it acknowledged anything"
        death.join()
        child.kill()
        server.close()


def welcomed(house: House, workspace: Workspace) -> tuple[Client, dict[str, str]]:
    """Make an advertiser and a client that may act for it; return the client and its headers."""
    house.control.accounts.put(Account(id=ADVERTISER, workspace_id=workspace.id, kind="advertiser", name="Lamps"))
    made = house.access.create_client(
        workspace_id=workspace.id, name="sender", scopes=tuple(SCOPES), accounts=(ADVERTISER,)
    )
    token = house.access.static_token(made.client)
    return made.client, {
        "Authorization": f"Bearer {token}",
        "Amazon-Advertising-API-ClientId": made.client.client_id,
        "Content-Type": "application/json",
    }


def made_over_http(sender: Sender, settings: Settings) -> int:
    """Make an audience through a server that lives, and return its id."""
    child = Child(settings)
    server = HTTPConnection("127.0.0.1", child.wire.recv(), timeout=30)
    body = {"name": "People we met", "description": "", "targetResource": {"advertiserId": ADVERTISER},
            "metadata": {"externalAudienceId": "met"}, "countryCode": "US"}  # fmt: skip
    told = sender.send(server, "/amc/audiences/metadata", body)
    server.close()
    child.kill()
    return int(told["audienceId"])


def test_what_a_killed_server_acknowledged_is_in_the_log_exactly_once(tmp_path: Path) -> None:
    settings = data_in(tmp_path)
    house = build_house(settings)
    workspace = settle(house, PEOPLE)
    client, headers = welcomed(house, workspace)
    sender = Sender(random.Random(7), headers)
    sender.audience_id = made_over_http(sender, settings)
    for _ in range(KILLS):
        sender.send_until_it_dies(Child(settings))

    house.worker.work_all()  # a server that is started again, for the last time
    check_uploads(house, workspace, sender)
    check_log(house, workspace, sender)
    check_external_ids(house, workspace, client, sender)
    house.control.close()


def check_uploads(house: House, workspace: Workspace, sender: Sender) -> None:
    """Every job is at a true end; nothing that was acknowledged is missing, and little else is there."""
    uploads = house.intake.list(Caller.local(workspace), limit=1_000_000)
    assert {each.state for each in uploads} == {UploadState.SUCCEEDED}
    assert {each.kind for each in uploads} == set(UploadKind)
    members = {each.id: each for each in uploads if each.kind is UploadKind.MEMBERS}
    assert set(sender.acknowledged) <= set(members)
    assert len(members) - len(sender.acknowledged) <= KILLS  # a server took one with it that it had kept, at the most
    assert all(each.matched == each.processed == each.received for each in uploads)


def check_log(house: House, workspace: Workspace, sender: Sender) -> None:
    """The log has every acknowledged record once, in the order of acceptance, and sizes follow from it."""
    uploads = house.intake.list(Caller.local(workspace), limit=1_000_000)
    log = log_of(house, workspace).to_pylist()
    written: dict[str, Lines] = {}
    for row in log:
        written.setdefault(row["upload_id"], Counter())[row["person_id"], row["action"]] += 1
    for upload_id, lines in sender.acknowledged.items():
        assert written.pop(upload_id) == lines
    received = {each.id: each.received for each in uploads}
    for upload_id, lines in written.items():  # kept, but the server died before it could say so
        assert set(lines.values()) == {1}
        assert sum(lines.values()) == received[upload_id]

    places = {each.id: -place for place, each in enumerate(uploads)}
    order = [places[row["upload_id"]] for row in log]
    assert order == sorted(order)
    last = {row["person_id"]: row["action"] for row in log}
    audience: Audience = house.control.audiences.get(workspace.id, sender.audience_id)
    sizes = house.rosters.sizes(Caller.local(workspace), audience)
    assert sizes.active == sum(action == "CREATE" for action in last.values())
    created = [row["person_id"] for row in log if row["action"] == "CREATE"]
    assert (sizes.received, sizes.matched) == (len(created), len(set(created)))


def check_external_ids(house: House, workspace: Workspace, client: Client, sender: Sender) -> None:
    """Everybody who was named in an acknowledged upload is known by that name, once."""
    version = house.snapshots.newest(workspace.id).generation.tables["identities"]
    rows = house.lake.dataset(workspace.id, "identities", version).to_table().to_pylist()
    known = Counter(
        (row["value"], row["person_id"]) for row in rows if row["namespace"] == f"external:{client.client_id}"
    )
    assert set(known.values()) == {1}
    assert all(value == f"e{person_id}" for value, person_id in known)
    assert {f"e{person_id}" for person_id in sender.introduced} <= {value for value, _ in known}

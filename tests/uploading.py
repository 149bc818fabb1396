"""A house full of numbered people who can be matched by their e-mail address, and servers and workers in processes that
can be killed. Person n is known by the hash of `person-n@example.com`.
"""

import hashlib
import multiprocessing
import socket
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import pyarrow as pa
import uvicorn

from houselights.apis import amazon
from houselights.apis.amazon.rates import Rates
from houselights.app import Room, build_house, create_app
from houselights.base.settings import Settings
from houselights.engine.plain import Person
from houselights.model.audience import Audience
from houselights.model.catalogue import Catalogue
from houselights.model.workspace import Workspace
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.intake.payload import IdentityRecord, IdentityUpload, MemberRecord, MemberUpload
from houselights.storage.lake.tables import IDENTITIES, MEMBERSHIPS
from tests.settle import publish

WORKSPACE = "uploads"
NAMESPACE = "external:tester"
GENEROUS = Rates(otherwise="100000/second")
Line = tuple[int, str]
"""Person and action."""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def email(person_id: int) -> dict[str, str]:
    return {"email": digest(f"person-{person_id}@example.com")}


def settle(house: House, people: int, *, name: str = WORKSPACE) -> Workspace:
    """Move in numbered people with hashed e-mail addresses."""
    workspace = house.control.workspaces.create(name, created_at=house.clock.now())
    known = {"email": 1}
    everyone = [
        Person(
            id=number, key=f"p{number}", traits={}, texts=(), lists={},
            document={"@identities": {name: [{"id": email(number)[name]}] for name in known}},
        )
        for number in range(people)
    ]  # fmt: skip
    publish(house, workspace, Catalogue([], []), everyone, measures=False)
    return workspace


def roster(house: House, workspace: Workspace, name: str = "Everybody we met") -> Audience:
    caller = Caller.local(workspace)
    return house.rosters.create(caller, name=name, description="", account_id=None, ttl_seconds=None)


def create(audience_id: int, people: Iterable[int]) -> MemberUpload:
    records = [MemberRecord(audience_id, "CREATE", f"e{each}", (email(each),)) for each in people]
    return MemberUpload(tuple(records), NAMESPACE)


def delete(audience_id: int, people: Iterable[int]) -> MemberUpload:
    records = [MemberRecord(audience_id, "DELETE", f"e{each}", (email(each),)) for each in people]
    return MemberUpload(tuple(records), NAMESPACE)


def introduce(people: Iterable[int]) -> IdentityUpload:
    return IdentityUpload(tuple(IdentityRecord(f"e{each}", (email(each),)) for each in people), NAMESPACE)


def log_of(house: House, workspace: Workspace) -> pa.Table:
    """The membership log that is served, in the order of time."""
    version = house.snapshots.newest(workspace.id).generation.tables.get(MEMBERSHIPS.name)
    if version is None:
        return MEMBERSHIPS.schema.empty_table()
    return house.lake.dataset(workspace.id, MEMBERSHIPS.name, version).to_table().sort_by("time")


def external_ids(house: House, workspace: Workspace) -> Counter[tuple[str, int]]:
    """How often each (external id, person) is among the identities that are served."""
    version = house.snapshots.newest(workspace.id).generation.tables[IDENTITIES.name]
    rows = house.lake.dataset(workspace.id, IDENTITIES.name, version).to_table().to_pylist()
    return Counter((row["value"], row["person_id"]) for row in rows if row["namespace"] == NAMESPACE)


def serve(settings: Settings, wire: Connection) -> None:
    """Serve the room that clients upload to, over HTTP; the port comes over the wire."""
    house = build_house(settings)
    app = create_app(house, [Room("amazon", amazon.PATHS, lambda house: amazon.room(house, GENEROUS))])
    listening = socket.create_server(("127.0.0.1", 0))
    wire.send(listening.getsockname()[1])
    uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none")).run(sockets=[listening])


def work(settings: Settings, wire: Connection) -> None:
    """Work on uploads until something comes over the wire; then say how many were finished here."""
    house = build_house(settings)
    done = 0
    while not wire.poll(0.01):
        done += house.worker.work_all()
    wire.send(done)
    house.control.close()


def server_context() -> multiprocessing.context.ForkServerContext:
    """Return what starts processes that have imported everything already: half the test would be waiting otherwise."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.uploading"])
    return context


@dataclass
class Child:
    """A server in a process of its own."""

    settings: Settings
    target: "type[None] | object" = serve
    context: multiprocessing.context.ForkServerContext = field(default_factory=server_context)

    def __post_init__(self) -> None:
        self.wire, theirs = self.context.Pipe()
        self.process = self.context.Process(target=self.target, args=(self.settings, theirs))  # type: ignore[arg-type]
        self.process.start()
        theirs.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.wire.close()

    def end(self) -> None:
        self.wire.close()
        self.process.join()


def data_in(folder: Path) -> Settings:
    return Settings(data=folder / "data")

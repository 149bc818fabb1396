"""A house's callbacks with a clock that tests move, names that mean what tests say, and no thread of their own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from houselights.base.callback_settings import CallbackSettings
from houselights.base.settings import Settings
from houselights.model.callback import Callback
from houselights.model.workspace import SCOPES, Client, Workspace
from houselights.services.access import Access
from houselights.services.audit import Audit
from houselights.services.callbacks.callbacks import Delivery
from houselights.services.callbacks.wiring import Calling, calling
from houselights.services.caller import Caller
from houselights.services.imports.parts import Parts
from houselights.storage.control.control import Control
from houselights.storage.lake.lake import Lake

ROOM = "a room"
FAST = CallbackSettings(hosts=frozenset({"127.0.0.1"}), timeout_seconds=5.0)


@dataclass
class MovingClock:
    """A clock that stands still until somebody moves it."""

    time: datetime = datetime(2026, 11, 2, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def pass_(self, **span: float) -> None:
        self.time += timedelta(**span)


@dataclass
class Desk:
    """Callbacks of one client."""

    control: Control
    parts: Parts
    clock: MovingClock
    workspace: Workspace
    client: Client
    calling: Calling
    names: dict[str, list[Sequence[str]]] = field(default_factory=dict)

    @property
    def caller(self) -> Caller:
        return Caller(client=self.client, workspace=self.workspace, scopes=self.client.scopes)

    @property
    def operator(self) -> Caller:
        return Caller.local(self.workspace)

    def ask(self, url: str, subject: str = "7", calls: Calling | None = None) -> str:
        """Ask for a callback, and return its id."""
        callbacks = (calls or self.calling).callbacks
        with self.control.transaction() as conn:
            made = callbacks.add(
                conn, workspace_id=self.workspace.id, client_id=self.client.id, origin=ROOM, kind="done",
                subject=subject, url=url,
            )  # fmt: skip
        return made.id

    def read(self, callback_id: str) -> Delivery:
        return self.calling.callbacks.get(self.caller, callback_id)

    def send(self) -> int:
        return self.calling.sender.send_all()

    def another(self, settings: CallbackSettings) -> Calling:
        """The callbacks of another process over the same database."""
        parts = replace(self.parts, settings=replace(self.parts.settings, callbacks=settings))
        made = calling(parts, Audit(self.control), machine=self.clock, resolve=self.resolve)
        made.callbacks.write_bodies(ROOM, body)
        return made

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """What a name means: the next of what a test says, the last of it for ever."""
        said = self.names.get(host, [[host]])
        return said.pop(0) if len(said) > 1 else said[0]


def body(caller: Caller, callback: Callback) -> bytes:
    return f'{{"subject":"{callback.subject}"}}'.encode()


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Return a function that opens callbacks with settings."""
    opened: list[Control] = []

    def open_(settings: CallbackSettings = FAST) -> Desk:
        control = Control.open(f"sqlite:///{tmp_path / 'control.db'}")
        opened.append(control)
        clock = MovingClock()
        workspace = control.workspaces.by_name("a company") or control.workspaces.create(
            "a company", created_at=clock.now()
        )
        client = Access(control, clock).create_client(
            workspace_id=workspace.id, name="a client", scopes=tuple(set(SCOPES) - {"operator"})
        ).client  # fmt: skip
        parts = Parts(
            settings=Settings(data=tmp_path, callbacks=settings), control=control, lake=Lake(str(tmp_path / "lake")),
            clock=clock,
        )  # fmt: skip
        desk = Desk(control, parts, clock, workspace, client, None)  # type: ignore[arg-type]
        desk.calling = desk.another(settings)
        return desk

    yield open_
    for each in opened:
        each.close()


@pytest.fixture
def desk(desks: Callable[..., Desk]) -> Desk:
    """Callbacks that may go to this machine."""
    return desks()

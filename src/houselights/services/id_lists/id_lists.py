"""Lists of ids as their clients send, read and remove them, and as builds use them.

A list has a key of its own, such as `/uploads/2026-11-02/078ace94fad569f01d1a3a99a440cf5c.ssid`, and belongs to the
client's workspace. What is kept of a file is what could be found of people, and it is kept for a while. A build that
names a key has the list matched anew, and its people put on a list of the house, which a rule names. Who of the file
was found is told to nobody.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from threading import Event
from typing import Any

import numpy as np

from houselights.base.clock import Clock
from houselights.base.errors import Conflict, InvalidInput, NotFound
from houselights.base.file_settings import FileSettings
from houselights.base.ids import stable_id
from houselights.base.paging import PageTokens
from houselights.base.suggest import did_you_mean
from houselights.engine.snapshot import Snapshots
from houselights.model.document import StoredDocument
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.id_lists.kinds import KINDS, Kind
from houselights.services.id_lists.lines import Lines, Tally
from houselights.services.id_lists.matched import people_in
from houselights.services.matching import Matching
from houselights.services.workflows.members import Members
from houselights.storage.control.control import Control

FOLDER = "id-lists"
DOCUMENT = "id_list"
WRITE = "audiences:write"
PURPOSE = "sending a list of ids"  # what a link's signature is good for
DRAFT = ".draft"
DRAFT_HOURS = 24  # after which a file without a row is one whose sender, or whose server, died
_KEY = re.compile(r"/?uploads/(\d{4}-\d{2}-\d{2})/([0-9a-f]{32})\.([a-z0-9]{1,16})")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdList:
    """A list that was sent, and what was in it. It can be used until `ends_at`."""

    key: str
    kind: str
    created_at: datetime
    ends_at: datetime
    tally: Tally


@dataclass(frozen=True, slots=True)
class Invitation:
    """A list that may be sent: its key, and the token of the link to send it to, until `ends_at`."""

    key: str
    token: str
    ends_at: datetime


class Receiving:
    """One file as it comes. Whoever begins it calls `finish` or `abandon`."""

    def __init__(
        self, draft: Path, lines: Callable[[Callable[[bytes], object]], Lines], done: Callable[[Tally], IdList]
    ):
        draft.parent.mkdir(parents=True, exist_ok=True)
        self._draft = draft
        self._file = draft.open("xb")
        self._lines = lines(self._file.write)
        self._done = done

    def feed(self, piece: bytes) -> None:
        """Take the next piece. Raises TooLarge, InvalidInput."""
        self._lines.feed(piece)

    def finish(self) -> IdList:
        """Keep the list: once this returns it is on the disk. Raises InvalidInput for a file without ids, Conflict."""
        tally = self._lines.finish()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._done(tally)

    def abandon(self) -> None:
        """Forget what came. After `finish` this changes nothing."""
        self._file.close()
        self._draft.unlink(missing_ok=True)


class IdLists:
    """Lists of ids of one house. `folder` is where files are kept; `links` sign and end by the machine's clock."""

    def __init__(
        self, folder: Path, control: Control, clock: Clock, audit: Audit, snapshots: Snapshots, matching: Matching,
        members: Members, links: PageTokens, settings: FileSettings,
    ):  # fmt: skip
        self._folder = folder
        self._control = control
        self._clock = clock
        self._audit = audit
        self._snapshots = snapshots
        self._matching = matching
        self._members = members
        self._links = links
        self._settings = settings

    # ── what clients ask ────────────────────────────────────────────────────────────────────────────────────────────

    def invite(self, caller: Caller, kind: str) -> Invitation:
        """Make a key, and a link to which the file can be sent without other credentials. Raises InvalidInput."""
        caller.require(WRITE)
        key = self._new_key(checked_kind(kind))
        client_id = None if caller.client is None else caller.client.id
        payload = {"w": caller.workspace.id, "c": client_id, "k": key, "t": kind}
        token = self._links.issue(payload, self._settings.put_seconds, fingerprint=PURPOSE)
        ends_at = self._links.clock.now() + timedelta(seconds=self._settings.put_seconds)
        return Invitation(key, token, ends_at)

    def begin(self, caller: Caller, kind: str) -> Receiving:
        """Begin to take a file under a key of its own. Raises InvalidInput for a kind that there is not."""
        caller.require(WRITE)
        found = checked_kind(kind)
        return self._receiving(caller, found, self._new_key(found))

    def begin_invited(self, token: str) -> Receiving:
        """Begin to take the file that a link was made for. Raises InvalidInput, NotFound for a client that was turned
        away, Conflict when there is a file already.
        """
        content = self._links.read(token, fingerprint=PURPOSE, field="link")
        workspace = self._control.workspaces.get(content["w"])
        caller = Caller.local(workspace)
        if content["c"] is not None:
            client = self._control.clients.get(content["c"])
            if client.disabled:
                raise NotFound("this link is no longer good for anything")
            caller = Caller(client=client, workspace=workspace, scopes=client.scopes)
        caller.require(WRITE)
        if self._find(caller.workspace.id, content["k"]) is not None:
            raise Conflict("the file was sent already; ask for another link")
        return self._receiving(caller, checked_kind(content["t"]), content["k"])

    def get(self, caller: Caller, key: str) -> IdList:
        """Return a list of the workspace. Raises NotFound."""
        caller.require("audiences:read")
        found = self._find(caller.workspace.id, key)
        if found is None:
            raise NotFound(f"there is no upload {key}")
        return self._told(found)

    def list(self, caller: Caller) -> Sequence[IdList]:
        """Return the lists of the workspace, newest first."""
        caller.require("audiences:read")
        return [self._told(each) for each in self._control.documents.list(caller.workspace.id, DOCUMENT)]

    def remove(self, caller: Caller, key: str) -> None:
        """Delete a list; audiences that were built from it stay as they are. Raises NotFound."""
        caller.require(WRITE)
        found = self._find(caller.workspace.id, key)
        if found is None:
            raise NotFound(f"there is no upload {key}")
        self._forget(found)
        self._audit.record(caller, "id_list.remove", found.body["key"])

    # ── what builds and housekeeping do ─────────────────────────────────────────────────────────────────────────────

    def bring(self, caller: Caller, keys: Mapping[str, str], *, strict: bool, stop: Event) -> None:
        """Match lists, `keys` by key and kind, so that the rules `Listed(list_of(key))` mean their people now.

        A key that is unknown, or of a list that is gone, means nobody; when `strict` is set it raises InvalidInput.
        Raises InvalidInput for a list that is of another kind, Unavailable while an import has the workspace for long,
        and `matched.Interrupted` once `stop` is set.
        """
        workspace = caller.workspace
        for key, kind in keys.items():
            found = self._find(workspace.id, key)
            if found is None:
                if strict:
                    raise InvalidInput(f"there is no upload {key}", field="keys")
                continue
            if found.body["kind"] != kind:
                raise InvalidInput(f"the upload {key} holds {found.body['kind']}, not {kind}", field="type")
            snapshot = self._snapshots.newest(workspace.id)
            finder = self._matching.finder(snapshot)
            file = self._file(workspace.id, found.id)
            people = people_in(file, KINDS[kind], finder, snapshot, stop)
            self._members.replace(workspace, list_of(workspace.id, found.body["key"]), people, f"id-list:{found.id}")

    def clear_the_old(self) -> int:
        """Delete what is older than the settings keep, and files that a crash left; return how many lists that was."""
        gone, before = 0, self._clock.now() - timedelta(days=self._settings.keep_days)
        kept: set[Path] = set()
        left = [file for file in self._folder.glob("*/*") if self._is_old(file)]  # before rows are looked at
        for workspace in self._control.workspaces.list():
            for each in self._control.documents.list(workspace.id, DOCUMENT):
                if each.created_at <= before:
                    self._forget(each)
                    gone += 1
                else:
                    kept.add(self._file(workspace.id, each.id))
        for file in left:
            if file not in kept:
                file.unlink(missing_ok=True)
        return gone

    def _is_old(self, file: Path) -> bool:
        """Say whether a file has lain there for so long that nobody is about to write its row."""
        return datetime.fromtimestamp(file.stat().st_mtime, UTC) < self._links.clock.now() - timedelta(
            hours=DRAFT_HOURS
        )

    def _receiving(self, caller: Caller, kind: Kind, key: str) -> Receiving:
        name, workspace_id = _name(key), caller.workspace.id
        file = self._file(workspace_id, name)
        draft = file.with_name(f"{name}.{token_hex(8)}{DRAFT}")
        settings = self._settings

        def lines(write: Callable[[bytes], object]) -> Lines:
            return Lines(kind, write, lines_most=settings.lines, bytes_most=settings.bytes)

        def done(tally: Tally) -> IdList:
            body = {"key": key, "kind": kind.name, "client": caller.client and caller.client.id, "tally": _json(tally)}
            with self._control.transaction() as conn:
                self._control.workspaces.lock(workspace_id, conn=conn)
                if self._find(workspace_id, key, conn) is not None:
                    raise Conflict("the file was sent already; ask for another link")
                draft.replace(file)
                _sync(file.parent)
                kept = self._control.documents.put(workspace_id, DOCUMENT, name, body, self._clock.now(), conn=conn)
            self._audit.record(caller, "id_list.receive", key, kind=kind.name, ids=tally.ids, bad=tally.bad)
            return self._told(kept)

        return Receiving(draft, lines, done)

    def _forget(self, found: StoredDocument) -> None:
        """Delete a list: its people, then its file, then its row; begun again after a crash it comes to the same."""
        workspace = self._control.workspaces.get(found.workspace_id)
        key = found.body["key"]
        if self._control.generations.current_number(workspace.id) is not None:
            nobody = np.empty(0, np.int64)
            self._members.replace(workspace, list_of(workspace.id, key), nobody, f"id-list:{found.id}")
        self._file(workspace.id, found.id).unlink(missing_ok=True)
        try:
            self._control.documents.delete(workspace.id, DOCUMENT, found.id)
        except NotFound:
            return  # somebody else was faster

    def _find(self, workspace_id: int, key: str, conn: Any = None) -> StoredDocument | None:
        match = _KEY.fullmatch(key)
        if match is None:
            return None
        try:
            found = self._control.documents.get(workspace_id, DOCUMENT, match[2], conn=conn)
        except NotFound:
            return None
        is_it = found.body["key"].lstrip("/") == key.lstrip("/")
        return found if is_it and self._file(workspace_id, found.id).exists() else None

    def _told(self, found: StoredDocument) -> IdList:
        tally = found.body["tally"]
        return IdList(
            key=found.body["key"],
            kind=found.body["kind"],
            created_at=found.created_at,
            ends_at=found.created_at + timedelta(days=self._settings.keep_days),
            tally=Tally(**{**tally, "faults": [(number, why) for number, why in tally["faults"]]}),
        )

    def _new_key(self, kind: Kind) -> str:
        return f"/uploads/{self._clock.now().astimezone(UTC).date().isoformat()}/{token_hex(16)}.{kind.extension}"

    def _file(self, workspace_id: int, name: str) -> Path:
        return self._folder / str(workspace_id) / f"{name}.txt"


def checked_kind(kind: str) -> Kind:
    """Return a kind by its name. Raises InvalidInput."""
    found = KINDS.get(kind)
    if found is None:
        raise InvalidInput(f'"{kind[:60]}" is no kind of id', field="type", hint=did_you_mean(kind, KINDS))
    return found


def list_of(workspace_id: int, key: str) -> int:
    """Return the list of the house on which the people of a key are, whether there is such an upload or not."""
    return stable_id("id list", str(workspace_id), key.lstrip("/"))


def _name(key: str) -> str:
    match = _KEY.fullmatch(key)
    assert match is not None
    return match[2]


def _json(tally: Tally) -> dict[str, Any]:
    return {name: getattr(tally, name) for name in Tally.__slots__}


def _sync(folder: Path) -> None:
    """Make sure that a file which was renamed is under its new name on the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

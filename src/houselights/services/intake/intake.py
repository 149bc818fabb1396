"""Takes uploads in, durably, and tells what became of them. Matches nobody: that is the worker's part.

Refuses more than the settings let wait, and more records in an hour than a meter allows; both with a time to come back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from houselights.base.clock import Clock, SystemClock
from houselights.base.errors import InvalidInput, NotFound, TooManyRequests
from houselights.engine.snapshot import Snapshots
from houselights.model.upload import UploadKind, UploadState, UploadStatus
from houselights.services.audit import entry_of
from houselights.services.caller import Caller
from houselights.services.callers import within_reach
from houselights.services.imports.parts import Parts
from houselights.services.intake.payload import MemberUpload, Payload, pack
from houselights.services.matching import EXTERNAL
from houselights.storage.control.uploads import NewUpload

FULL_SECONDS = 15  # after which somebody who found the house full may try again
MINUTE_SECONDS, HOUR_MINUTES = 60, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """How many records may be accepted under `key` in any one hour, by all processes together.

    The hour moves on by whole minutes, so what was accepted counts for 59 to 60 minutes.
    """

    key: str
    records_per_hour: int


class Intake:
    """Uploads of one house. `wake` is called once something waits; `machine` tells the time of leases and meters, which
    go on where a house's clock stands still. `snapshots` are brought up to date before an upload is told to be over.
    """

    def __init__(
        self,
        parts: Parts,
        wake: Callable[[], None] = lambda: None,
        machine: Clock | None = None,
        snapshots: Snapshots | None = None,
    ):
        self._parts = parts
        self._snapshots = snapshots
        self._wake = wake
        self._machine = machine or SystemClock()

    def accept(self, caller: Caller, upload: Payload, *, meter: Meter | None = None) -> str:
        """Keep an upload for good and return its id, a uuid4. It is worked on within about a second.

        Lists it may change are the workspace's own and those of the account acted for; without one, of every account
        within the client's reach. Raises InvalidInput for an upload without records, TooManyRequests while too much
        waits or the meter is full, Unavailable when the control database does not answer; nothing was kept then.
        """
        if not upload.records:
            raise InvalidInput("there is no record in it", field="records")
        if not upload.namespace.startswith(EXTERNAL):
            raise InvalidInput(f'external ids live in a namespace that begins with "{EXTERNAL}"', field="namespace")
        control, workspace_id = self._parts.control, caller.workspace.id
        is_members = isinstance(upload, MemberUpload)
        new = NewUpload(
            id=str(uuid4()),
            workspace_id=workspace_id,
            client_id=None if caller.client is None else caller.client.id,
            owners=self._owners(caller),
            kind=UploadKind.MEMBERS if is_members else UploadKind.IDENTITIES,
            received=len(upload.records),
            audience_ids=lists_of(upload),
            payload=pack(upload),
            received_at=self._parts.clock.now(),
        )
        with control.transaction() as conn:
            settings, waits = self._parts.settings.uploads, control.uploads.backlog(workspace_id, conn=conn)
            if waits.uploads and (
                waits.records + new.received > settings.waiting_records
                or waits.bytes + len(new.payload) > settings.waiting_bytes
            ):
                raise TooManyRequests(
                    f"{waits.records} records wait to be worked on; no more can be taken for a while",
                    retry_after_seconds=FULL_SECONDS,
                )
            if meter is not None:
                minute, second = divmod(int(self._machine.now().timestamp()), MINUTE_SECONDS)
                counted = control.uploads.measure(conn, workspace_id, meter.key, minute, new.received)
                if sum(counted.values()) > meter.records_per_hour:
                    raise TooManyRequests(
                        f"more than {meter.records_per_hour} records in one hour",
                        retry_after_seconds=_opens_in(counted, meter.records_per_hour, minute, second),
                    )
            control.uploads.add(conn, new)
            entry = entry_of(caller, "upload.accept", new.id, self._machine.now(), records=new.received)
            control.audit.write_all([entry], conn=conn)
        self._wake()
        return new.id

    def status(self, caller: Caller, upload_id: str) -> UploadStatus:
        """Return how far an upload is. One that is over is served: whoever asks next sees what it brought.

        Raises NotFound for one that the caller's client did not send; an operator, and the command line, see
        everybody's.
        """
        found = self._parts.control.uploads.get(caller.workspace.id, upload_id)
        client_id = _whose(caller)
        if client_id is not None and found.client_id != client_id:
            raise NotFound(f"no upload {upload_id}")
        if self._snapshots is not None and found.generation is not None:
            self._snapshots.newest(caller.workspace.id)
        return found

    def list(
        self, caller: Caller, *, states: Sequence[UploadState] = (), limit: int = 100, before: str | None = None
    ) -> Sequence[UploadStatus]:
        """Return uploads of the caller's client, everybody's for an operator, newest first and older than `before`.

        Invalid records are not told here, but by `status`.
        """
        return self._parts.control.uploads.list(
            caller.workspace.id, client_id=_whose(caller), states=states, limit=limit, before=before
        )

    def _owners(self, caller: Caller) -> tuple[int, ...] | None:
        if caller.account is not None:
            return (caller.account.id,)
        if caller.client is None or "operator" in caller.scopes:
            return None
        return tuple(account.id for account in within_reach(self._parts.control, caller))


def lists_of(upload: Payload) -> tuple[int, ...]:
    """Return the audiences that an upload names, ascending."""
    if not isinstance(upload, MemberUpload):
        return ()
    return tuple(sorted({record.audience_id for record in upload.records}))


def _whose(caller: Caller) -> int | None:
    """Return the client whose uploads the caller may read about; None stands for everybody's."""
    if caller.client is None or (caller.account is None and "operator" in caller.scopes):
        return None
    return caller.client.id


def _opens_in(counted: dict[int, int], most: int, minute: int, second: int) -> int:
    """Return after how many seconds enough of the hour's records no longer count for this upload to be within `most`.

    An upload of more than `most` records is never; it is told an hour.
    """
    over = sum(counted.values()) - most
    for earlier, records in sorted(counted.items()):
        over -= records
        if over <= 0 and earlier != minute:
            return (earlier + HOUR_MINUTES - minute) * MINUTE_SECONDS - second
    return HOUR_MINUTES * MINUTE_SECONDS

"""Takes uploads in, durably, and tells what became of them. Matches nobody: that is the worker's part.

Refuses more than the settings let wait, and more records in an hour than a meter allows; both with a time to come back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from houselights.model.upload import UploadState, UploadStatus
from houselights.services.caller import Caller
from houselights.services.intake.payload import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """How many records may be accepted under `key` in any one hour, by all processes together."""

    key: str
    records_per_hour: int


class Intake:
    """Uploads of one house."""

    def accept(self, caller: Caller, upload: Payload, *, meter: Meter | None = None) -> str:
        """Keep an upload for good and return its id, a uuid4. It is worked on within about a second.

        Raises InvalidInput for an upload without records, TooManyRequests while too much waits or the meter is full,
        Unavailable when the control database does not answer; nothing was kept then.
        """
        raise NotImplementedError

    def status(self, caller: Caller, upload_id: str) -> UploadStatus:
        """Return how far an upload is. Raises NotFound for one that the caller's client did not send."""
        raise NotImplementedError

    def list(
        self, caller: Caller, *, states: Sequence[UploadState] = (), limit: int = 100, before: str | None = None
    ) -> Sequence[UploadStatus]:
        """Return uploads of the caller's client, all clients' for an operator, newest first."""
        raise NotImplementedError

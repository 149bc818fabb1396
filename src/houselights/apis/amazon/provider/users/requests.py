"""Requests to forget users, as their jobs are told: one request is as many erasures as it has advertisers and times."""

from collections.abc import Sequence
from uuid import uuid4

from houselights.apis.amazon.provider.caller import client_of
from houselights.apis.amazon.provider.records.schemas import JobTold
from houselights.base.errors import NotFound
from houselights.model.erasure import ErasureState
from houselights.services.caller import Caller
from houselights.services.house import House

KIND = "user_deletion"


class UserRequests:
    """Keeps which erasures a request led to."""

    def __init__(self, house: House):
        self._house = house

    def keep(self, caller: Caller, erasures: Sequence[str], users: int) -> str:
        """Return a new id of a request that asked for these erasures of so many users."""
        request_id = str(uuid4())
        body = {"client": client_of(caller), "erasures": list(erasures), "users": users}
        self._house.control.documents.put(caller.workspace.id, KIND, request_id, body, self._house.clock.now())
        return request_id

    def job(self, caller: Caller, request_id: str) -> JobTold:
        """Return how far a request is: over when every erasure is done. Raises NotFound for another client's."""
        unknown = NotFound(f"no job {request_id}", field="jobId")
        try:
            kept = self._house.control.documents.get(caller.workspace.id, KIND, request_id)
        except NotFound:
            raise unknown from None
        if kept.body["client"] != client_of(caller):
            raise unknown
        reports = [self._house.erasing.report(caller, one) for one in kept.body["erasures"]]
        ends = [one.finished_at for one in reports if one.state is ErasureState.DONE and one.finished_at is not None]
        is_over = len(ends) == len(reports)
        return JobTold(
            job_id=request_id,
            job_type="USER_DELETION",
            status="SUCCEEDED" if is_over else "PENDING",
            received_at=kept.created_at,
            finished_at=max(ends) if is_over else None,
            received_record_size=kept.body["users"],
            processed_record_size=kept.body["users"] if is_over else None,
        )

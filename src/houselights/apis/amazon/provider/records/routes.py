"""Uploads over HTTP: `POST /dp/records/hashed`, `PATCH /v2/dp/audience`, and `GET /v2/dp/jobs/{jobId}`, our own.

A reply says that the records are kept; a second later, about, a job says what became of them. Bodies are read by
msgspec, off the event loop.
"""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from houselights.apis.amazon.bodies import body_documented, body_of, decoded
from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.openapi import client_headers, replies
from houselights.apis.amazon.operation import Operation
from houselights.apis.amazon.provider.caller import namespace_of, origin_of
from houselights.apis.amazon.provider.operations import HASHED, JOB, PATCH
from houselights.apis.amazon.provider.records import schemas, translate
from houselights.apis.amazon.provider.users.requests import UserRequests
from houselights.apis.amazon.wire import JSON, reply
from houselights.base.errors import NotFound, TooLarge
from houselights.services.house import House
from houselights.services.intake.payload import IdentityUpload, MemberUpload
from houselights.services.privacy import told_matches

Visiting = Annotated[Visit, Depends(visit_of)]
JobId = Annotated[str, Path(alias="jobId")]
_HASHED = msgspec.json.Decoder(schemas.HashedUploadAsked)
_MALFORMED = "Failed to parse request data. It might not be a valid JSON object."
_PATCHES = msgspec.json.Decoder(schemas.PatchesAsked)


class RecordRoutes:
    """The endpoints, with the house they ask."""

    def __init__(self, house: House):
        self._house = house
        self._requests = UserRequests(house)

    async def hashed(self, request: Request, visit: Visiting) -> Response:
        """Keep hashed records: whoever they match is known under the provider's own id from then on.

        Who that is, and how many, is not told. The request id finds the job.
        """
        return await run_in_threadpool(self._hashed, await body_of(request, visit), visit)

    def _hashed(self, body: bytes, visit: Visit) -> Response:
        visit.caller.require("imports:write")
        asked = decoded(_HASHED, body, malformed=_MALFORMED)
        upload = IdentityUpload(translate.identities_of(asked.records), namespace_of(visit.caller))
        upload_id = self._house.intake.accept(visit.caller, upload)
        return reply(schemas.RequestTold(request_id=upload_id), visit.media_type)

    async def patch(self, request: Request, visit: Visiting) -> Response:
        """Put people into audiences of this client and take them out; the job id finds what became of it."""
        return await run_in_threadpool(self._patch, await body_of(request, visit), visit)

    def _patch(self, body: bytes, visit: Visit) -> Response:
        visit.caller.require("imports:write")
        asked = decoded(_PATCHES, body)
        must_be_few(len(asked.patches), visit, "records")
        upload = MemberUpload(
            translate.changes_of(asked.patches), namespace_of(visit.caller), origin=origin_of(visit.caller)
        )
        job_id = self._house.intake.accept(visit.caller, upload)
        return reply(schemas.PatchedTold(job_id=job_id, request_id=visit.request_id), visit.media_type)

    def job(self, visit: Visiting, job_id: JobId) -> Response:
        """Return what became of something this client sent: its state, its counts, each record that was left out.

        Job ids are those of patches, and the request ids of hashed records and of users to be forgotten.
        """
        try:
            status = self._house.intake.status(visit.caller, job_id)
        except NotFound:
            job = self._requests.job(visit.caller, job_id)
            return reply(schemas.JobReply(request_id=visit.request_id, job=job), visit.media_type)
        matched = told_matches(visit.caller, received=status.received, matched=status.matched)
        told = schemas.JobReply(request_id=visit.request_id, job=translate.job_told(status, matched))
        return reply(told, visit.media_type)


def must_be_few(entries: int, visit: Visit, what: str) -> None:
    """Raise TooLarge for more entries than the operation takes."""
    most = visit.size.entries_most
    if most is not None and entries > most:
        raise TooLarge(f"The input has {entries:,} {what}; at most {most:,} are allowed.")


def routes(house: House) -> APIRouter:
    """Return the router of uploads and jobs."""
    endpoints = RecordRoutes(house)
    router = APIRouter(tags=["Provider records"], dependencies=[Depends(client_headers)])

    def add(operation: Operation, endpoint: Any, told: Any, body: dict[str, Any] | None = None) -> None:
        documented = replies(operation.method, operation.path.replace("{jobId}", "0"), told)
        router.add_api_route(
            operation.path, endpoint, methods=[operation.method], responses=documented, openapi_extra=body
        )

    types = (HASHED.media.request or JSON, JSON)
    add(HASHED, endpoints.hashed, schemas.RequestTold, body_documented(schemas.HashedUploadAsked, *types))
    add(PATCH, endpoints.patch, schemas.PatchedTold, body_documented(schemas.PatchesAsked, JSON))
    add(JOB, endpoints.job, schemas.JobReply)
    return router

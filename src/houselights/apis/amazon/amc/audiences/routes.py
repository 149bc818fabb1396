"""Advertiser audiences over HTTP: `/amc/audiences/metadata`, `/amc/audiences/records`, and jobs.

An upload is answered as soon as it is kept; what became of it is told under its job.
"""

from contextlib import suppress
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from houselights.apis.amazon.amc.audiences import schemas, translate
from houselights.apis.amazon.amc.audiences.countries import UNKNOWN
from houselights.apis.amazon.amc.audiences.destination import (
    INT64_MOST,
    Destination,
    asked_for,
    connected,
    number_of,
    remembered,
)
from houselights.apis.amazon.amc.audiences.records import UploadAsked, members_of
from houselights.apis.amazon.amc.connections.routes import SUBJECT, TERMS
from houselights.apis.amazon.amc.errors import AUDIENCES
from houselights.apis.amazon.amc.operations import METADATA, RECORDS
from houselights.apis.amazon.amc.places import places_of
from houselights.apis.amazon.bodies import body_documented, body_of, decoded
from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.openapi import client_headers, replies
from houselights.apis.amazon.policy import Policy
from houselights.apis.amazon.provider.caller import namespace_of
from houselights.apis.amazon.wire import JSON, reply
from houselights.base.errors import NotFound
from houselights.model.audience import Audience
from houselights.services.caller import Caller
from houselights.services.connections import client_of
from houselights.services.house import House
from houselights.services.intake.intake import Meter
from houselights.services.intake.payload import MemberUpload
from houselights.services.rosters import COUNTRY

Visiting = Annotated[Visit, Depends(visit_of)]
AudienceId = Annotated[str, Path(alias="audienceId")]
DECODER = msgspec.json.Decoder(UploadAsked)


def origin_of(caller: Caller) -> str:
    """Return the origin of the client's advertiser audiences."""
    return f"advertiser:{client_of(caller).client_id}"


class AudienceRoutes:
    """The endpoints, with the house they ask."""

    def __init__(self, house: House, policy: Policy):
        self._house = house
        self._policy = policy

    def create(self, asked: schemas.CreateAsked, visit: Visiting) -> Response:
        """Make an empty audience. Records come into it by `POST /amc/audiences/records`."""
        goes_to = asked_for(self._house, visit.caller, asked.target_resource, strict=self._policy.strict_ids)
        places = places_of(self._house, visit.caller)
        advertiser = places.advertiser_at(goes_to.advertiser_id)
        owner = advertiser or places.instance_at(goes_to.cleanroom_id)
        audience = self._house.rosters.create(
            visit.caller.acting_for(owner),
            name=asked.name,
            description=asked.description,
            account_id=goes_to.owner_id,
            ttl_seconds=asked.metadata.ttl,
            country=asked.country_code or (None if advertiser is None else advertiser.country) or UNKNOWN,
            origin=origin_of(visit.caller),
            attributes=translate.attributes_of(asked.metadata) | goes_to.attributes(),
        )
        told = schemas.CreateTold(audience_id=audience.id, external_audience_id=asked.metadata.external_audience_id)
        return reply(told, visit.media_type, 201)

    def read(self, visit: Visiting, audience_id: AudienceId) -> Response:
        """Return one audience with its sizes."""
        audience = self._audience(visit, audience_id)
        told = translate.audience_told(audience, self._house.rosters.ttl_of(audience))
        return reply(translate.with_size(told, audience, self._size(visit, audience)), visit.media_type)

    def update(self, asked: schemas.UpdateAsked, visit: Visiting, audience_id: AudienceId) -> Response:
        """Change description, ttl or fees. A ttl of 0 hides everybody; raised again, people are back."""
        audience = self._audience(visit, audience_id)
        translate.must_be_changeable(asked, audience)
        changed = self._house.rosters.update(
            visit.caller,
            audience.id,
            description=asked.description,
            ttl_seconds=None if asked.metadata is None else asked.metadata.ttl,
            attributes=translate.changed_attributes(asked, audience.attributes),
        )
        return reply(translate.audience_told(changed, self._house.rosters.ttl_of(changed)), visit.media_type)

    async def upload(self, request: Request, visit: Visiting) -> Response:
        """Keep records that put people on an audience or take them off, and return the job that works on them."""
        body = await body_of(request, visit)
        return await run_in_threadpool(self._upload, visit, body)

    def job(self, visit: Visiting, job_id: Annotated[str, Path(alias="jobRequestId")]) -> Response:
        """Tell what became of an upload."""
        status = self._house.intake.status(visit.caller, job_id)
        size = None
        if status.finished_at is not None and status.audience_ids:
            with suppress(NotFound):  # the records were all refused for that
                size = self._size(visit, self._audience(visit, str(status.audience_ids[0])))
        return reply(translate.status_told(status, size), visit.media_type)

    def _upload(self, visit: Visit, body: bytes) -> Response:
        asked = decoded(DECODER, body)
        most = visit.size.entries_most
        if most is not None and len(asked.records) > most:
            why = f"at most {most:,} records are taken at once, found {len(asked.records):,}"
            raise Rejected([Detail(Kind.OUT_OF_RANGE, why, "records")])
        number = number_of(asked.audience_id, "audienceId", strict=self._policy.strict_ids)
        try:
            audience = self._house.rosters.get(visit.caller, number, origin=origin_of(visit.caller))
        except NotFound:
            audience = None  # the job will say so of every record
        goes_to = self._destination(visit, asked, audience)
        if goes_to.cleanroom_id is not None:
            self._require_terms(visit)
        country = None if audience is None else audience.attributes.get(COUNTRY)
        required = self._policy.consent_required
        target = asked.target_resource
        upload = MemberUpload(
            records=members_of(asked.records, number, country, consent_required=required),
            namespace=namespace_of(visit.caller),
            origin=origin_of(visit.caller),
            targets=goes_to.targets(
                goes_to if audience is None else remembered(audience.attributes),
                dsp_asked=target is not None and bool(target.target_types),
            ),
        )
        meter = Meter(key=goes_to.meter, records_per_hour=self._policy.records_per_hour)
        job_id = self._house.intake.accept(visit.caller, upload, meter=meter)
        return reply(schemas.JobTold(job_request_id=job_id), visit.media_type, 202)

    def _destination(self, visit: Visit, asked: UploadAsked, audience: Audience | None) -> Destination:
        """Return where records go: where they say, else where their audience was made to go. Raises Rejected."""
        target = asked.target_resource
        if target is None and audience is not None:
            return remembered(audience.attributes)
        try:
            sent = "" if target is None else (target.connection_id or "").strip()
            return connected(self._house, visit.caller, sent, "targetResource.connectionId")
        except Rejected:
            if target is None:
                return Destination()  # an unknown audience, of a client without a connection
            raise

    def _require_terms(self, visit: Visit) -> None:
        """Raise Rejected until the terms are accepted."""
        if not self._house.agreements.offered(visit.caller, SUBJECT, self._policy.terms).accepted:
            why = f'accept the AMC terms before uploading to AMC: "GET {TERMS}", then "PATCH {TERMS}"'
            raise Rejected([Detail(Kind.INVALID, why)])

    def _audience(self, visit: Visit, text: str) -> Audience:
        """Return an audience that this client made here. Raises NotFound."""
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
        if not 0 <= number <= INT64_MOST:
            raise NotFound(f'"{text}" is no audience id', field="audienceId")
        return self._house.rosters.get(visit.caller, number, origin=origin_of(visit.caller))

    def _size(self, visit: Visit, audience: Audience) -> schemas.SizeTold:
        return translate.size_told(visit.caller, audience, self._house.rosters.sizes(visit.caller, audience))


def routes(house: House, policy: Policy) -> APIRouter:
    """Return the router of advertiser audiences."""
    endpoints = AudienceRoutes(house, policy)
    router = APIRouter(tags=["Marketing Cloud: audiences"], dependencies=[Depends(client_headers)])
    one = f"{METADATA}/{{audienceId}}"
    made = replies("POST", METADATA, schemas.CreateTold, 201)
    router.add_api_route(METADATA, endpoints.create, methods=["POST"], responses=made, status_code=201)
    router.add_api_route(one, endpoints.read, methods=["GET"], responses=replies("GET", one, schemas.AudienceTold))
    router.add_api_route(one, endpoints.update, methods=["PUT"], responses=replies("PUT", one, schemas.AudienceTold))
    router.add_api_route(
        RECORDS,
        endpoints.upload,
        methods=["POST"],
        status_code=202,
        responses=replies("POST", RECORDS, schemas.JobTold, 202),
        openapi_extra=body_documented(UploadAsked, AUDIENCES, JSON),
    )
    job = f"{RECORDS}/{{jobRequestId}}"
    router.add_api_route(job, endpoints.job, methods=["GET"], responses=replies("GET", job, schemas.StatusTold))
    return router

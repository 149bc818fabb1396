"""Provider audiences over HTTP: `POST /v2/dp/audiencemetadata`, `GET` and `PUT /v2/dp/audiencemetadata/{audienceId}`.

An audience belongs to an advertiser, and to the client that made it: for another client of the same advertiser it is
an audience like any other in discovery and expressions, and unknown here.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from houselights.apis.amazon.admission import pick_advertiser
from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.openapi import client_headers, replies
from houselights.apis.amazon.provider.caller import origin_of
from houselights.apis.amazon.provider.metadata import schemas, translate
from houselights.apis.amazon.provider.operations import CREATE, READ, UPDATE
from houselights.apis.amazon.wire import reply
from houselights.base.errors import NotFound
from houselights.model.audience import Audience
from houselights.model.workspace import Account
from houselights.services.house import House

Visiting = Annotated[Visit, Depends(visit_of)]
AudienceId = Annotated[str, Path(alias="audienceId")]


class MetadataRoutes:
    """The endpoints, with the house they ask."""

    def __init__(self, house: House):
        self._house = house

    def create(self, asked: schemas.CreateAsked, visit: Visiting) -> Response:
        """Make an empty audience of an advertiser. People come into it by `PATCH /v2/dp/audience`."""
        advertiser = self._advertiser(visit, str(asked.advertiser_id))
        ttl = asked.metadata.ttl
        audience = self._house.rosters.create(
            visit.caller.acting_for(advertiser),
            name=asked.name,
            description=asked.description,
            account_id=advertiser.id,
            ttl_seconds=schemas.TTL_MOST if ttl is None else ttl,
            country=translate.country_of(asked.metadata.data_source_country),
            origin=origin_of(visit.caller),
            attributes=translate.attributes_of(asked.metadata),
        )
        return self._told(visit, audience)

    def read(self, visit: Visiting, audience_id: AudienceId) -> Response:
        """Return one audience with its size. Without enough records, nothing is said of how many matched."""
        audience = self._audience(visit, audience_id)
        sizes = self._house.rosters.sizes(visit.caller, audience)
        return self._told(visit, audience, translate.size_told(visit.caller, sizes))

    def update(self, asked: schemas.UpdateAsked, visit: Visiting, audience_id: AudienceId) -> Response:
        """Change description, ttl, fees or countries. Names cannot be changed.

        A shorter ttl takes people off at once, a longer one brings them back, by the time they were added.
        """
        audience = self._audience(visit, audience_id)
        translate.must_be_changeable(asked)
        changed = self._house.rosters.update(
            visit.caller,
            audience.id,
            origin=origin_of(visit.caller),
            description=asked.description,
            ttl_seconds=None if asked.metadata is None else asked.metadata.ttl,
            attributes=translate.changes_of(asked),
        )
        return self._told(visit, changed)

    def _told(self, visit: Visit, audience: Audience, size: schemas.SizeTold | None = None) -> Response:
        told = translate.audience_told(audience, self._house.rosters.ttl_of(audience), size)
        return reply(schemas.AudienceReply(request_id=visit.request_id, audience=told), visit.media_type)

    def _advertiser(self, visit: Visit, sent: str) -> Account:
        """Return an advertiser within the client's reach. Raises Rejected saying what was received instead."""
        accounts = self._house.callers.reach(visit.caller)
        return pick_advertiser(sent, [account for account in accounts if account.kind == "advertiser"], accounts)

    def _audience(self, visit: Visit, text: str) -> Audience:
        """Return an audience that this client made. Raises NotFound."""
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else schemas.INT64_MOST + 1
        if number > schemas.INT64_MOST:
            raise NotFound(f'"{text}" is no audience id', field="audienceId")
        return self._house.rosters.get(visit.caller, number, origin=origin_of(visit.caller))


def routes(house: House) -> APIRouter:
    """Return the router of provider audiences."""
    endpoints = MetadataRoutes(house)
    router = APIRouter(tags=["Provider audiences"], dependencies=[Depends(client_headers)])
    for operation, endpoint in ((CREATE, endpoints.create), (READ, endpoints.read), (UPDATE, endpoints.update)):
        documented: dict[int | str, dict[str, Any]] = replies(
            operation.method, operation.path.replace("{audienceId}", "0"), schemas.AudienceReply
        )
        router.add_api_route(operation.path, endpoint, methods=[operation.method], responses=documented)
    return router

"""`/amc/audiences/query`: audiences chosen by SQL, made, listed, read, changed after a failure, and taken away."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from houselights.apis.amazon.amc.places import places_of
from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.errors import Rejected
from houselights.apis.amazon.openapi import client_headers, replies
from houselights.apis.amazon.pages import offset_pager
from houselights.apis.amazon.reporting.audiences import schemas
from houselights.apis.amazon.reporting.audiences.translate import STATE, audience_of, audience_told, must_be_the_same
from houselights.apis.amazon.reporting.errors import (
    QUERY_AUDIENCES,
    QUERY_AUDIENCES_11,
    QUERY_AUDIENCES_12,
    in_words_of,
)
from houselights.apis.amazon.reporting.instance import AskingAudience
from houselights.apis.amazon.reporting.operations import ALL_QUERY_AUDIENCES, QUERY_AUDIENCE
from houselights.apis.amazon.reporting.workflows.translate import FIELDS
from houselights.apis.amazon.wire import JSON, reply
from houselights.model.workflow import QueryAudience, SavedQuery
from houselights.model.workspace import Account
from houselights.services.house import House
from houselights.services.privacy import told_matches

Visiting = Annotated[Visit, Depends(visit_of)]
Asker = Annotated[AskingAudience, Depends()]
AudienceId = Annotated[str, Path(alias="audienceExecutionId")]
Accept = Annotated[str, Header(include_in_schema=False)]
STARTED = "The query is being executed; the audience is made of the people it chooses."


class QueryAudienceRoutes:
    """The endpoints, with the house they ask."""

    def __init__(self, house: House):
        self._house = house
        self._audiences = house.workflows.audiences

    def create(self, asked: schemas.CreateAsked, visit: Visiting, asking: Asker) -> Response:
        """Have an audience made. Whether its query can choose one is told in its state, not here."""
        room = asking.room(self._house, visit)
        owner = self._owner(visit, asked)
        with in_words_of(FIELDS):
            wanted = audience_of(
                asked, self._saved(asked, visit, room), self._house.clock, refresh_days=asked.refresh_rate_days
            )
            made = self._audiences.create(visit.caller, room, owner, wanted)
        return reply(_started(made), visit.media_type)

    def change(self, asked: schemas.UpdateAsked, visit: Visiting, asking: Asker, audience_id: AudienceId) -> Response:
        """Have one that failed made by another query, or over another window."""
        room = asking.room(self._house, visit)
        old = self._audiences.get(visit.caller, room, audience_id)
        must_be_the_same(asked, old)
        with in_words_of(FIELDS):
            wanted = audience_of(
                asked, self._saved(asked, visit, room), self._house.clock, refresh_days=old.refresh_days
            )
            changed = self._audiences.change(visit.caller, room, audience_id, wanted)
        # Published in the latest version only.
        return reply(_started(changed), JSON if visit.media_type == JSON else QUERY_AUDIENCES_12)

    def read(self, visit: Visiting, asking: Asker, audience_id: AudienceId, accept: Accept = "") -> Response:
        """Tell how an audience is. A failed one says why."""
        room = asking.room(self._house, visit)
        kept = self._audiences.get(visit.caller, room, audience_id)
        media_type = _version(visit, accept)
        return reply(self._told(visit, room, kept, media_type), media_type)

    def list(
        self,
        visit: Visiting,
        asking: Asker,
        most: Annotated[int, Query(alias="maxResults", ge=1, le=100)] = 100,
        next_token: Annotated[str | None, Query(alias="nextToken")] = None,
        accept: Accept = "",
    ) -> Response:
        """List the client's rule-based audiences in the instance, newest first."""
        room = asking.room(self._house, visit)
        rows = self._audiences.list(visit.caller, room)
        pages = offset_pager(self._house, visit, next_token, str(room.id))
        shown = rows[pages.offset : pages.offset + most]
        media_type = _version(visit, accept)
        told = schemas.ListTold(
            execution_metadata=[self._told(visit, room, one, media_type) for one in shown],
            next_token=pages.token(len(shown), len(rows)),
        )
        return reply(told, media_type)

    def remove(self, visit: Visiting, asking: Asker, audience_id: AudienceId) -> Response:
        """Take an audience away: nobody is in it any more, and it can be used nowhere."""
        room = asking.room(self._house, visit)
        with in_words_of({}):
            self._audiences.remove(visit.caller, room, audience_id)
        return Response(status_code=204)

    def _owner(self, visit: Visit, asked: schemas.CreateAsked) -> Account:
        try:
            return places_of(self._house, visit.caller).advertiser(asked.advertiser_id.strip(), "advertiserId")
        except Rejected as error:  # the specification knows no 403 here
            raise Rejected(error.details) from error

    def _saved(self, asked: schemas.Chosen, visit: Visit, room: Account) -> SavedQuery | None:
        if asked.workflow_id is None:
            return None
        return self._house.workflows.queries.get(visit.caller, room, asked.workflow_id)

    @staticmethod
    def _told(visit: Visit, room: Account, kept: QueryAudience, media_type: str) -> schemas.AudienceTold:
        members = told_matches(visit.caller, received=kept.members, matched=kept.members)
        return audience_told(kept, room, media_type, members)


def _started(kept: QueryAudience) -> schemas.StartedTold:
    return schemas.StartedTold(
        audience_execution_description=STARTED, audience_execution_id=kept.id, status=STATE[kept.state]
    )


def _version(visit: Visit, accept: str) -> str:
    """Return the latest version that the caller can read: the one Accept names, otherwise the first."""
    if visit.media_type == JSON:
        return JSON
    return next((kind for kind in (QUERY_AUDIENCES_12, QUERY_AUDIENCES_11) if kind in accept.lower()), QUERY_AUDIENCES)


def routes(house: House) -> APIRouter:
    """Return the router of rule-based audiences."""
    endpoints = QueryAudienceRoutes(house)
    router = APIRouter(tags=["Marketing Cloud: rule-based audiences"], dependencies=[Depends(client_headers)])
    for method, path, endpoint, told in (
        ("POST", ALL_QUERY_AUDIENCES, endpoints.create, schemas.StartedTold),
        ("GET", ALL_QUERY_AUDIENCES, endpoints.list, schemas.ListTold),
        ("GET", QUERY_AUDIENCE, endpoints.read, schemas.AudienceTold),
        ("PUT", QUERY_AUDIENCE, endpoints.change, schemas.StartedTold),
    ):
        router.add_api_route(path, endpoint, methods=[method], responses=replies(method, path, told))
    router.add_api_route(QUERY_AUDIENCE, endpoints.remove, methods=["DELETE"], status_code=204)
    return router

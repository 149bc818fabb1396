"""`/amc/reporting/{instanceId}/workflows`: made, listed, read, changed and taken away. None of them runs anything."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.openapi import client_headers, replies
from houselights.apis.amazon.pages import offset_pager
from houselights.apis.amazon.reporting.errors import in_words_of
from houselights.apis.amazon.reporting.instance import Asking
from houselights.apis.amazon.reporting.operations import ALL_WORKFLOWS, WORKFLOW
from houselights.apis.amazon.reporting.workflows import schemas
from houselights.apis.amazon.reporting.workflows.translate import FIELDS, query_of, workflow_told
from houselights.apis.amazon.wire import reply
from houselights.services.house import House

Visiting = Annotated[Visit, Depends(visit_of)]
Asker = Annotated[Asking, Depends()]
WorkflowId = Annotated[str, Path(alias="workflowId")]
Limit = Annotated[int, Query(ge=1, le=100)]
NextToken = Annotated[str | None, Query(alias="nextToken")]


class WorkflowRoutes:
    """The endpoints, with the house they ask."""

    def __init__(self, house: House):
        self._house = house
        self._queries = house.workflows.queries

    def create(self, asked: schemas.WorkflowAsked, visit: Visiting, asking: Asker) -> Response:
        """Save a workflow under the id it carries."""
        room = asking.room(self._house, visit)
        if asked.workflow_id is None:
            raise Rejected([Detail(Kind.INVALID, "workflowId is required", "workflowId")])
        with in_words_of(FIELDS):
            self._queries.create(visit.caller, room, query_of(asked, self._house.clock))
        return reply(schemas.NothingTold(), visit.media_type)

    def change(self, asked: schemas.WorkflowAsked, visit: Visiting, asking: Asker, workflow_id: WorkflowId) -> Response:
        """Put another definition in the place of a workflow's."""
        room = asking.room(self._house, visit)
        if asked.workflow_id not in (None, workflow_id):
            why = f'the path names "{workflow_id}"; a workflow keeps its id'
            raise Rejected([Detail(Kind.INVALID, why, "workflowId")])
        with in_words_of(FIELDS):
            self._queries.change(visit.caller, room, workflow_id, query_of(asked, self._house.clock))
        return reply(schemas.NothingTold(), visit.media_type)

    def read(self, visit: Visiting, asking: Asker, workflow_id: WorkflowId) -> Response:
        """Return a workflow as it was saved."""
        query = self._queries.get(visit.caller, asking.room(self._house, visit), workflow_id)
        return reply(schemas.OneTold(workflow=workflow_told(query)), visit.media_type)

    def list(self, visit: Visiting, asking: Asker, limit: Limit = 100, next_token: NextToken = None) -> Response:
        """List the client's workflows in the instance, newest first."""
        room = asking.room(self._house, visit)
        rows = self._queries.list(visit.caller, room)
        pages = offset_pager(self._house, visit, next_token, str(room.id))
        shown = rows[pages.offset : pages.offset + limit]
        told = schemas.ListTold(
            workflows=[workflow_told(one) for one in shown], next_token=pages.token(len(shown), len(rows))
        )
        return reply(told, visit.media_type)

    def remove(self, visit: Visiting, asking: Asker, workflow_id: WorkflowId) -> Response:
        """Forget a workflow; what was executed of it stays."""
        self._queries.remove(visit.caller, asking.room(self._house, visit), workflow_id)
        return reply(schemas.NothingTold(), visit.media_type)


def routes(house: House) -> APIRouter:
    """Return the router of workflows."""
    endpoints = WorkflowRoutes(house)
    router = APIRouter(tags=["Marketing Cloud: workflows"], dependencies=[Depends(client_headers)])
    for method, path, endpoint, told in (
        ("POST", ALL_WORKFLOWS, endpoints.create, schemas.NothingTold),
        ("GET", ALL_WORKFLOWS, endpoints.list, schemas.ListTold),
        ("GET", WORKFLOW, endpoints.read, schemas.OneTold),
        ("PUT", WORKFLOW, endpoints.change, schemas.NothingTold),
        ("DELETE", WORKFLOW, endpoints.remove, schemas.NothingTold),
    ):
        router.add_api_route(path, endpoint, methods=[method], responses=replies(method, path, told))
    return router

"""`/amc/reporting/{instanceId}/workflowExecutions`: started, listed, read, cancelled; links to results, and results."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import FileResponse

from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.openapi import client_headers, replies
from houselights.apis.amazon.pages import offset_pager
from houselights.apis.amazon.reporting.errors import in_words_of
from houselights.apis.amazon.reporting.executions import schemas
from houselights.apis.amazon.reporting.executions.translate import asked_of, execution_told
from houselights.apis.amazon.reporting.instance import Asking
from houselights.apis.amazon.reporting.moments import moment
from houselights.apis.amazon.reporting.operations import ALL_EXECUTIONS, DOWNLOAD, DOWNLOAD_URLS, EXECUTION
from houselights.apis.amazon.reporting.workflows.translate import FIELDS, query_of
from houselights.apis.amazon.wire import JSON, reply
from houselights.base.errors import Conflict
from houselights.model.workflow import ExecutionState, SavedQuery
from houselights.model.workspace import Account
from houselights.services.house import House
from houselights.services.workflows.results import RESULT
from houselights.services.workflows.windows import zone_of
from houselights.storage.control.executions import ExecutionFilter

Visiting = Annotated[Visit, Depends(visit_of)]
Asker = Annotated[Asking, Depends()]
ExecutionId = Annotated[str, Path(alias="workflowExecutionId")]
IncludeWorkflow = Annotated[bool, Query(alias="includeWorkflow")]
WORDS = {**FIELDS, "columns": "workflow.outputColumns"}
CSV = "text/csv; charset=utf-8"


class Narrowing:
    """The filters of a listing. For `Depends`."""

    def __init__(
        self,
        workflow_id: Annotated[str | None, Query(alias="workflowId")] = None,
        min_creation_time: Annotated[str | None, Query(alias="minCreationTime")] = None,
        max_creation_time: Annotated[str | None, Query(alias="maxCreationTime")] = None,
        time_zone: Annotated[str, Query(alias="timeZone")] = "UTC",
        include_cancelled: Annotated[bool, Query(alias="includeCancelled")] = False,
    ):
        self.said = (workflow_id, min_creation_time, max_creation_time, time_zone, include_cancelled)
        self._workflow_id = workflow_id
        self._from, self._to = min_creation_time, max_creation_time
        self._zone = time_zone
        self._cancelled = include_cancelled

    def filter(self) -> ExecutionFilter:
        """Return the filter. Raises Rejected unless a workflow or a first time is named."""
        if self._workflow_id is None and self._from is None:
            why = "one of workflowId and minCreationTime is required"
            raise Rejected([Detail(Kind.INVALID, why, "minCreationTime")])
        zone = zone_of(self._zone, field="timeZone")
        hidden = set() if self._cancelled else {ExecutionState.CANCELLED}
        return ExecutionFilter(
            query_id=self._workflow_id,
            states=set(ExecutionState) - hidden,
            created_from=None if self._from is None else moment(self._from, zone, "minCreationTime"),
            created_to=None if self._to is None else moment(self._to, zone, "maxCreationTime"),
        )


class ExecutionRoutes:
    """The endpoints, with the house they ask."""

    def __init__(self, house: House):
        self._house = house
        self._executions = house.workflows.executions

    def start(self, asked: schemas.ExecuteAsked, visit: Visiting, asking: Asker) -> Response:
        """Have a query executed. It is checked before the reply, and executed after."""
        room = asking.room(self._house, visit)
        query = self._query(asked, visit, room)
        saved = None if asked.workflow_id is None else query.id
        with in_words_of(WORDS):
            question = asked_of(asked, query, self._house.clock, self._house.settings.queries.timeout_seconds)
            execution = self._executions.start(visit.caller, room, question, query_id=saved)
        return reply(schemas.OneTold(workflow_execution=execution_told(execution)), visit.media_type)

    def read(
        self, visit: Visiting, asking: Asker, execution_id: ExecutionId, include_workflow: IncludeWorkflow = False
    ) -> Response:
        """Tell how far an execution is. Of one that failed, the output channel says why."""
        execution = self._executions.get(visit.caller, asking.room(self._house, visit), execution_id)
        told = schemas.OneTold(workflow_execution=execution_told(execution, with_sql=include_workflow))
        return reply(told, visit.media_type)

    def list(
        self,
        visit: Visiting,
        asking: Asker,
        narrowing: Annotated[Narrowing, Depends()],
        include_workflow: IncludeWorkflow = False,
        sort_ascending: Annotated[bool, Query(alias="sortAscending")] = False,
        limit: Annotated[int, Query(ge=1, le=100)] = 100,
        next_token: Annotated[str | None, Query(alias="nextToken")] = None,
    ) -> Response:
        """List the client's executions in the instance, newest first unless `sortAscending`."""
        room = asking.room(self._house, visit)
        pages = offset_pager(self._house, visit, next_token, str(room.id), narrowing.said, sort_ascending)
        found, total = self._executions.list(
            visit.caller, room, narrowing.filter(), offset=pages.offset, limit=limit, ascending=sort_ascending
        )
        told = schemas.ListTold(
            executions=[execution_told(one, with_sql=include_workflow) for one in found],
            next_token=pages.token(len(found), total),
        )
        return reply(told, visit.media_type)

    def change(self, asked: schemas.ChangeAsked, visit: Visiting, asking: Asker, execution_id: ExecutionId) -> Response:
        """Cancel an execution: `{"status":"CANCELLED"}`."""
        room = asking.room(self._house, visit)
        if asked.status != "CANCELLED":
            raise Rejected([Detail(Kind.INVALID, "an execution can be set to CANCELLED only", "status")])
        with in_words_of({}):
            self._executions.cancel(visit.caller, room, execution_id)
        return reply(schemas.NothingTold(), visit.media_type)

    def links(self, request: Request, visit: Visiting, asking: Asker, execution_id: ExecutionId) -> Response:
        """Return links to the results of an execution that has succeeded. They lead to where this request came."""
        room = asking.room(self._house, visit)
        with in_words_of({}):
            links = self._executions.links(visit.caller, room, execution_id)
            if links is None:
                raise Conflict("this execution wrote no results")
        told = schemas.LinksTold(
            download_urls=[_url(request, links.result)], metadata_download_urls=[_url(request, links.metadata)]
        )
        return reply(told, visit.media_type)

    def download(self, link: str) -> Response:
        """Return the file that a link opens."""
        found = self._executions.open(link)
        media_type = CSV if found.kind == RESULT else JSON
        return FileResponse(found.path, media_type=media_type, filename=found.path.name)

    def _query(self, asked: schemas.ExecuteAsked, visit: Visit, room: Account) -> SavedQuery:
        """Return the query to execute. Raises Rejected unless exactly one is named."""
        if (asked.workflow is None) == (asked.workflow_id is None):
            why = "one of workflow and workflowId is required, and not both"
            raise Rejected([Detail(Kind.INVALID, why, "workflow")])
        if asked.workflow is not None:
            return query_of(asked.workflow, self._house.clock, field="workflow.")
        return self._house.workflows.queries.get(visit.caller, room, asked.workflow_id or "")


def _url(request: Request, link: str) -> str:
    return str(request.base_url).rstrip("/") + DOWNLOAD.format(link=link)


def routes(house: House) -> APIRouter:
    """Return the router of executions."""
    endpoints = ExecutionRoutes(house)
    router = APIRouter(tags=["Marketing Cloud: workflow executions"])
    router.add_api_route(
        DOWNLOAD, endpoints.download, methods=["GET"], response_class=FileResponse,
        responses={200: {"content": {"text/csv": {}}, "description": "The rows."}},
    )  # fmt: skip
    for method, path, endpoint, told in (
        ("POST", ALL_EXECUTIONS, endpoints.start, schemas.OneTold),
        ("GET", ALL_EXECUTIONS, endpoints.list, schemas.ListTold),
        ("GET", EXECUTION, endpoints.read, schemas.OneTold),
        ("PUT", EXECUTION, endpoints.change, schemas.NothingTold),
        ("GET", DOWNLOAD_URLS, endpoints.links, schemas.LinksTold),
    ):
        router.add_api_route(
            path, endpoint, methods=[method], responses=replies(method, path, told),
            dependencies=[Depends(client_headers)],
        )  # fmt: skip
    return router

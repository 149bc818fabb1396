"""The operations of this product. The account and the instance stand in headers of their own, or in the path."""

from houselights.apis.amazon.errors import Family, generic_family
from houselights.apis.amazon.media import Media
from houselights.apis.amazon.operation import Entry, Operation
from houselights.apis.amazon.reporting.errors import (
    EXECUTIONS,
    QUERY_AUDIENCES,
    QUERY_AUDIENCES_11,
    QUERY_AUDIENCES_12,
    SOURCES,
    WORKFLOWS,
    executions_family,
    query_audiences_family,
    sources_family,
    workflows_family,
)

INSTANCE = "/amc/reporting/{instanceId}"
DATA_SOURCES, DATA_SOURCE = f"{INSTANCE}/dataSources", f"{INSTANCE}/dataSources/{{dataSourceId}}"
ALL_WORKFLOWS, WORKFLOW = f"{INSTANCE}/workflows", f"{INSTANCE}/workflows/{{workflowId}}"
ALL_EXECUTIONS = f"{INSTANCE}/workflowExecutions"
EXECUTION = f"{ALL_EXECUTIONS}/{{workflowExecutionId}}"
DOWNLOAD_URLS = f"{EXECUTION}/downloadUrls"
DOWNLOAD = "/amc/reporting/downloads/{link}"
ALL_QUERY_AUDIENCES = "/amc/audiences/query"
QUERY_AUDIENCE = f"{ALL_QUERY_AUDIENCES}/{{audienceExecutionId}}"
# Published: five requests a second of each kind.
QUERY_RATE = "5/second"


def _operation(method: str, path: str, family: Family, media_type: str) -> Operation:
    media = Media(request=media_type if method in {"POST", "PUT"} else None, reply=media_type)
    return Operation(method=method, path=path, family=family, entry=Entry.CLIENT, media=media)


def _query_audience(method: str, path: str) -> Operation:
    media = Media(request=QUERY_AUDIENCES, reply=QUERY_AUDIENCES, accepted=(QUERY_AUDIENCES_11, QUERY_AUDIENCES_12))
    return Operation(
        method=method, path=path, family=query_audiences_family, entry=Entry.CLIENT, media=media, rate=QUERY_RATE
    )


OPERATIONS: tuple[Operation, ...] = (
    # Before what has an instance in its path. A link needs no credentials: it is one.
    Operation(method="GET", path=DOWNLOAD, family=generic_family, entry=Entry.NOTHING),
    *(_operation("GET", path, sources_family, SOURCES) for path in (DATA_SOURCES, DATA_SOURCE)),
    *(_operation(method, ALL_WORKFLOWS, workflows_family, WORKFLOWS) for method in ("POST", "GET")),
    *(_operation(method, WORKFLOW, workflows_family, WORKFLOWS) for method in ("GET", "PUT", "DELETE")),
    *(_operation(method, ALL_EXECUTIONS, executions_family, EXECUTIONS) for method in ("POST", "GET")),
    *(_operation(method, EXECUTION, executions_family, EXECUTIONS) for method in ("GET", "PUT")),
    _operation("GET", DOWNLOAD_URLS, executions_family, EXECUTIONS),
    *(_query_audience(method, ALL_QUERY_AUDIENCES) for method in ("POST", "GET")),
    *(_query_audience(method, QUERY_AUDIENCE) for method in ("GET", "PUT", "DELETE")),
)

"""`GET /amc/reporting/{instanceId}/dataSources` and `…/{dataSourceId}`: what SQL can be asked about."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.openapi import client_headers, replies
from houselights.apis.amazon.pages import offset_pager
from houselights.apis.amazon.reporting.instance import Asking
from houselights.apis.amazon.reporting.operations import DATA_SOURCE, DATA_SOURCES
from houselights.apis.amazon.reporting.sources import schemas
from houselights.apis.amazon.wire import reply
from houselights.base.errors import NotFound
from houselights.base.suggest import did_you_mean
from houselights.cleanroom.tables import Class, Column, Table, fold
from houselights.services.house import House

Visiting = Annotated[Visit, Depends(visit_of)]
Asker = Annotated[Asking, Depends()]


class DataSourceRoutes:
    """The endpoints, with the house they ask."""

    def __init__(self, house: House):
        self._house = house

    def _tables(self, visit: Visit, asking: Asking) -> list[Table]:
        room = asking.room(self._house, visit)
        visit.caller.require("insights:read")
        tables = self._house.workflows.tables
        return tables.visible(visit.caller, room, tables.now(visit.caller))

    def list(
        self,
        visit: Visiting,
        asking: Asker,
        limit: Annotated[int, Query(ge=1, le=100)] = 100,
        next_token: Annotated[str | None, Query(alias="nextToken")] = None,
    ) -> Response:
        """List the tables that this client's queries can name."""
        tables = self._tables(visit, asking)
        pages = offset_pager(self._house, visit, next_token, [table.names[0] for table in tables])
        shown = tables[pages.offset : pages.offset + limit]
        told = schemas.ListTold(
            data_sources=[source_told(one) for one in shown], next_token=pages.token(len(shown), len(tables))
        )
        return reply(told, visit.media_type)

    def read(self, visit: Visiting, asking: Asker, source_id: Annotated[str, Path(alias="dataSourceId")]) -> Response:
        """Describe one table."""
        known = {fold(name): table for table in self._tables(visit, asking) for name in table.names}
        table = known.get(fold(source_id))
        if table is None:
            raise NotFound(f'there is no data source "{source_id}"', hint=did_you_mean(fold(source_id), known))
        return reply(schemas.OneTold(data_source=source_told(table)), visit.media_type)


def source_told(table: Table) -> schemas.DataSourceTold:
    """Write a table."""
    when = f"Filtered by {table.time}." if table.time is not None else "What holds now, whatever the time window."
    use = "Audiences can be made from it." if table.for_audiences else ""
    columns = [
        schemas.ColumnTold(
            name=column.name,
            column_type="METRIC" if column.is_metric else "DIMENSION",
            description=f"{column.description} {_kind(column)}, threshold {column.klass.name}.".strip(),
        )
        for column in table.columns
    ]
    return schemas.DataSourceTold(data_source_id=table.names[0], description=f"{when} {use}".strip(), columns=columns)


def _kind(column: Column) -> str:
    """Return the type as the vendor tells it: of user ids, with which nobody can compute, STRING."""
    return "STRING" if column.klass is Class.VERY_HIGH else column.type


def routes(house: House) -> APIRouter:
    """Return the router of data sources."""
    endpoints = DataSourceRoutes(house)
    router = APIRouter(tags=["Marketing Cloud: data sources"], dependencies=[Depends(client_headers)])
    for path, endpoint, told in (
        (DATA_SOURCES, endpoints.list, schemas.ListTold),
        (DATA_SOURCE, endpoints.read, schemas.OneTold),
    ):
        router.add_api_route(path, endpoint, methods=["GET"], responses=replies("GET", path, told))
    return router

"""The router of reporting: its parts in the order a client meets them."""

from fastapi import APIRouter

from houselights.apis.amazon.reporting.audiences import routes as audiences
from houselights.apis.amazon.reporting.executions import routes as executions
from houselights.apis.amazon.reporting.sources import routes as sources
from houselights.apis.amazon.reporting.workflows import routes as workflows
from houselights.services.house import House


def routes(house: House) -> APIRouter:
    """Return the router of data sources, workflows, executions and rule-based audiences."""
    router = APIRouter()
    for part in (sources, workflows, executions):
        router.include_router(part.routes(house))
    router.include_router(audiences.routes(house))
    return router

"""The routes of this product, put together."""

from fastapi import APIRouter

from houselights.apis.amazon.provider.metadata import routes as metadata
from houselights.apis.amazon.provider.records import routes as records
from houselights.apis.amazon.provider.users import routes as users
from houselights.services.house import House


def routes(house: House) -> APIRouter:
    """Return the router of Data Provider."""
    router = APIRouter()
    for part in (metadata, records, users):
        router.include_router(part.routes(house))
    return router

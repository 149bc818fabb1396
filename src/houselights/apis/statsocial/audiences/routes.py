"""`/audiences`: create, list, read, rename, delete, regenerate, explain."""

from fastapi import APIRouter

from houselights.apis.statsocial.operation import BASE
from houselights.apis.statsocial.policy import Policy
from houselights.services.house import House


def routes(house: House, policy: Policy) -> APIRouter:
    """Return the routes of audiences."""
    router = APIRouter(prefix=BASE, tags=["audiences"])
    return router

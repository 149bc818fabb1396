"""The router of Marketing Cloud: its parts in the order a client meets them."""

from fastapi import APIRouter

from houselights.apis.amazon.amc.accounts import routes as accounts
from houselights.apis.amazon.amc.audiences import routes as audiences
from houselights.apis.amazon.amc.connections import routes as connections
from houselights.apis.amazon.policy import Policy
from houselights.services.house import House


def routes(house: House, policy: Policy) -> APIRouter:
    """Return the router of accounts, connections and audiences."""
    router = APIRouter()
    router.include_router(accounts.routes(house))
    router.include_router(connections.routes(house, policy))
    router.include_router(audiences.routes(house, policy))
    return router

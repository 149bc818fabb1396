"""`GET /affinities`, `/b2b/…`, `/personality-types`, `/location/…`, `/credits`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from houselights.apis.statsocial.door import caller_of
from houselights.apis.statsocial.operation import BASE
from houselights.apis.statsocial.wire import reply
from houselights.services.caller import Caller
from houselights.services.house import House

CallerIn = Annotated[Caller, Depends(caller_of)]


def routes(house: House) -> APIRouter:
    """Return the routes of look-ups."""
    router = APIRouter(prefix=BASE, tags=["look-ups"])

    @router.get("/credits")
    def credits_left(caller: CallerIn) -> Response:
        """Say how many of each costly thing the company may still ask for; -1 is without end."""
        left = house.credits.balance(caller)
        return reply({kind: -1 if amount is None else amount for kind, amount in left.items()})

    return router

"""`/config/schedules` over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response

from houselights.apis.adobe.config.schedules import Schedules
from houselights.apis.adobe.door import Visit, visit_of
from houselights.apis.adobe.operations import UPS
from houselights.apis.adobe.pages import asked_page
from houselights.apis.adobe.patching import Changes, patched
from houselights.apis.adobe.wire import nothing, reply
from houselights.base.errors import InvalidInput
from houselights.services.house import House

PATH = f"{UPS}/config/schedules"
CHANGEABLE = ("/state", "/schedule")
Asks = Annotated[Visit, Depends(visit_of)]


class ScheduleRoutes:
    """The endpoints."""

    def __init__(self, schedules: Schedules):
        self._schedules = schedules

    def list(self, visit: Asks, start: int = 0, limit: int = 100) -> Response:
        """List schedules."""
        page = asked_page(start, limit, None, ("createEpoch",), "createEpoch:asc")
        found = self._schedules.all(visit.guest)
        shown = page.of(found)
        return reply({**page.described("/config/schedules", len(found), len(shown), {}), "children": shown})

    def create(self, visit: Asks, body: Annotated[dict[str, Any], Body()]) -> Response:
        """Make a schedule; without a state it is inactive."""
        return reply(self._schedules.create(visit.guest, body))

    def read(self, visit: Asks, schedule_id: str) -> Response:
        """Return one schedule."""
        return reply(self._schedules.get(visit.guest, schedule_id))

    def patch(self, visit: Asks, schedule_id: str, changes: Changes) -> Response:
        """Change the state or the time of a schedule."""
        for place, change in enumerate(changes):
            if change.path not in CHANGEABLE:
                raise InvalidInput(f"what can change is {' and '.join(CHANGEABLE)}", field=f"[{place}].path")
        old = self._schedules.get(visit.guest, schedule_id)
        self._schedules.update(visit.guest, schedule_id, patched(old, changes))
        return nothing()

    def delete(self, visit: Asks, schedule_id: str) -> Response:
        """Remove a schedule."""
        self._schedules.delete(visit.guest, schedule_id)
        return nothing()


def routes(house: House) -> APIRouter:
    """Return the router of schedules."""
    endpoints = ScheduleRoutes(Schedules(house))
    router = APIRouter(tags=["Schedules"])
    one = f"{PATH}/{{schedule_id}}"
    router.add_api_route(PATH, endpoints.list, methods=["GET"])
    router.add_api_route(PATH, endpoints.create, methods=["POST"])
    router.add_api_route(one, endpoints.read, methods=["GET"])
    router.add_api_route(one, endpoints.patch, methods=["PATCH"], status_code=204)
    router.add_api_route(one, endpoints.delete, methods=["DELETE"], status_code=204)
    return router

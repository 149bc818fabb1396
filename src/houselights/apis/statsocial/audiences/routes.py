"""`/audiences`: create, list, read, rename, delete, regenerate, explain."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from houselights.apis.statsocial.audiences.explain import explained
from houselights.apis.statsocial.audiences.making import Making
from houselights.apis.statsocial.audiences.schemas import NewAudience, Renamed, Wishes
from houselights.apis.statsocial.audiences.told import begun, told
from houselights.apis.statsocial.door import caller_of, json_of
from houselights.apis.statsocial.errors import Fault, Rejected
from houselights.apis.statsocial.growth.told import grown_told
from houselights.apis.statsocial.operation import BASE
from houselights.apis.statsocial.origin import ORIGIN
from houselights.apis.statsocial.policy import Policy
from houselights.apis.statsocial.wire import reply
from houselights.base.errors import NotFound
from houselights.model.build import Build
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.lookalike.expand import LOOKALIKE

CallerIn = Annotated[Caller, Depends(caller_of)]


def routes(house: House, policy: Policy) -> APIRouter:
    """Return the routes of audiences."""
    router = APIRouter(prefix=BASE, tags=["audiences"])
    making = Making(house, policy)

    @router.post("/audiences")
    def create(caller: CallerIn, body: NewAudience, sent: Annotated[Any, Depends(json_of)]) -> Response:
        """Create an audience of parameters and begin to build it. Costs a credit of builds."""
        return reply(begun(making.create(caller, body, sent)))

    @router.get("/audiences")
    def listed(
        caller: CallerIn,
        page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
        per_page: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Response:
        """List audiences, newest first, in pages."""
        builds, total = house.builds.list(caller, ORIGIN, offset=(page - 1) * per_page, limit=per_page)
        data = [told(house, caller, build) for build in builds]
        return reply({"data": data, "total": total, "has_next": page * per_page < total})

    @router.get("/audiences/{audience_id}")
    def read(caller: CallerIn, audience_id: str) -> Response:
        """Read an audience: where its building is, how many people are in it, its outputs."""
        return reply(told(house, caller, found(house, caller, audience_id)))

    def rename(caller: Caller, audience_id: str, body: Renamed) -> Response:
        build = found(house, caller, audience_id)
        renamed = house.builds.rename(caller, ORIGIN, build.number, name=body.name, description=body.description)
        return reply(told(house, caller, renamed))

    @router.patch("/audiences/{audience_id}")
    def change(caller: CallerIn, audience_id: str, body: Renamed) -> Response:
        """Change the name or the description of an audience."""
        if body.name is None and body.description is None:
            raise Rejected([Fault("give a name or a description", "name")])
        return rename(caller, audience_id, body)

    @router.put("/audiences/{audience_id}")
    def put(caller: CallerIn, audience_id: str, body: Renamed) -> Response:
        """Set name and description of an audience; without a description it has none."""
        if body.name is None:
            raise Rejected([Fault("the field is required", "name")])
        return rename(caller, audience_id, Renamed(name=body.name, description=body.description or ""))

    @router.delete("/audiences/{audience_id}")
    def delete(caller: CallerIn, audience_id: str) -> Response:
        """Delete an audience, built or not; what was not built yet is not charged."""
        build = found(house, caller, audience_id)
        house.builds.remove(caller, ORIGIN, build.number)
        return reply({"id": build.number, "status": "deleted"})

    @router.post("/audiences/{audience_id}/regenerate")
    def regenerate(caller: CallerIn, audience_id: str, body: Wishes) -> Response:
        """Build an audience of the same parameters anew, of the people of today; it has an id of its own."""
        return reply(begun(making.again(caller, found(house, caller, audience_id), body)))

    @router.get("/audiences/{audience_id}/explain")
    def explain(caller: CallerIn, audience_id: str) -> Response:
        """Show in which order the parameters are evaluated, and how many people each leaves. Our own."""
        build = found(house, caller, audience_id)
        if build.source["kind"] == LOOKALIKE:
            return reply(grown_told(build))
        told_plan: dict[str, Any] = explained(house, caller, making.plan_again(caller, build))
        return reply({"id": build.number, **told_plan})

    return router


def found(house: House, caller: Caller, audience_id: str) -> Build:
    """Return the audience that a path names. Raises NotFound."""
    if not (audience_id.isascii() and audience_id.isdigit() and len(audience_id) <= 18):
        raise NotFound(f"no audience {audience_id}")
    return house.builds.get(caller, ORIGIN, int(audience_id))

"""`/audiences/{id}/expand` and `/audiences/{id}/universe`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from houselights.apis.statsocial.audiences.making import Making
from houselights.apis.statsocial.audiences.routes import found
from houselights.apis.statsocial.audiences.told import begun
from houselights.apis.statsocial.door import caller_of
from houselights.apis.statsocial.growth.conditions import conditions, drawn_from
from houselights.apis.statsocial.growth.schemas import Growth, NewUniverse
from houselights.apis.statsocial.growth.told import UNIVERSE_NAME, universe_told
from houselights.apis.statsocial.operation import BASE
from houselights.apis.statsocial.origin import ORIGIN, UNIVERSE
from houselights.apis.statsocial.policy import Policy
from houselights.apis.statsocial.wire import reply
from houselights.model.build import Build
from houselights.services.audiences import NAME_CHARACTERS
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.lookalike.expand import Expansion
from houselights.services.portraits.baselines import Baseline
from houselights.services.portraits.portraits import view_of

CallerIn = Annotated[Caller, Depends(caller_of)]
EXPANDED = "expansion"


def routes(house: House, policy: Policy) -> APIRouter:
    """Return the routes of what grows from an audience."""
    router = APIRouter(prefix=BASE, tags=["growth"])
    making = Making(house, policy)

    def built(caller: Caller, audience_id: str) -> Build:
        return house.builds.done(caller, ORIGIN, found(house, caller, audience_id).number)

    @router.post("/audiences/{audience_id}/expand")
    def expand(caller: CallerIn, audience_id: str, body: Growth) -> Response:
        """Begin an audience of people like another's. Costs a credit of expansions."""
        build = built(caller, audience_id)
        within = conditions(making, caller, build, filters=body.reapply_filters, exclusions=body.reapply_exclusions)
        asked = {
            **making.wishes(caller, body, {"outputs": build.asked.get("outputs", [])}),
            "made_from": {
                "kind": EXPANDED,
                "audience_id": build.number,
                "expansion_factor": body.expansion_factor,
                "include_seed": body.with_seed,
                "reapply_filters": body.reapply_filters,
                "reapply_exclusions": body.reapply_exclusions,
            },
        }
        name = body.expansion_name or f"{build.name}: expanded {body.expansion_factor:g} times"
        grown = house.lookalikes.expand(
            caller,
            Expansion(
                audience_id=build.audience_id, factor=body.expansion_factor, with_seed=body.with_seed, within=within
            ),
            origin=ORIGIN,
            name=name[:NAME_CHARACTERS],
            asked=asked,
        )
        return reply(begun(grown))

    @router.post("/audiences/{audience_id}/universe")
    def enqueue(caller: CallerIn, audience_id: str, body: NewUniverse) -> Response:
        """Begin to work out from whom an audience was drawn; it takes the place of the last. A credit of universes."""
        build = built(caller, audience_id)
        house.portraits.start(
            caller,
            build,
            origin=UNIVERSE,
            baselines={UNIVERSE_NAME: Baseline(rule=drawn_from(making, caller, build))},
            clusters=False,
            pays="universes",
            asked={"callback_url": body.callback_url},
        )
        return reply(f"universe for audience {build.number} enqueued for generation")

    @router.get("/audiences/{audience_id}/universe")
    def read(caller: CallerIn, audience_id: str) -> Response:
        """Read how many people an audience was drawn from, and how they differ from it. Our own."""
        portrait = house.portraits.latest(caller, found(house, caller, audience_id), UNIVERSE)
        return reply(universe_told(portrait, view_of(caller)))

    return router

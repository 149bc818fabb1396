"""`/audiences/{id}/insight`: work insights out, read them, share them, build an audience of one of their clusters."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from houselights.apis.statsocial.audiences.making import Making
from houselights.apis.statsocial.audiences.routes import found
from houselights.apis.statsocial.audiences.told import STATUS, begun
from houselights.apis.statsocial.door import caller_of
from houselights.apis.statsocial.insights.baselines import BASELINES, GLOBAL
from houselights.apis.statsocial.insights.links import Link, Links
from houselights.apis.statsocial.insights.operations import SHARED
from houselights.apis.statsocial.insights.schemas import BaselineName, FromCluster, NewInsight, PublicLink
from houselights.apis.statsocial.insights.told import insight_told
from houselights.apis.statsocial.operation import BASE
from houselights.apis.statsocial.origin import INSIGHT, ORIGIN
from houselights.apis.statsocial.policy import Policy
from houselights.apis.statsocial.wire import reply
from houselights.base.errors import Conflict, NotFound
from houselights.model.build import Build, BuildState
from houselights.rules.tree import Listed
from houselights.services.audiences import NAME_CHARACTERS
from houselights.services.builds.builds import rule_source
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.portraits.portraits import view_of

CallerIn = Annotated[Caller, Depends(caller_of)]


def routes(house: House, policy: Policy) -> APIRouter:
    """Return the routes of insights."""
    router = APIRouter(tags=["insights"])
    making, links = Making(house, policy), Links(house)
    one = f"{BASE}/audiences/{{audience_id}}"

    @router.post(f"{one}/insight")
    def create(caller: CallerIn, audience_id: str, body: NewInsight) -> Response:
        """Begin to work out what an audience's people are like. Costs a credit of insights."""
        build = _built(house, caller, audience_id)
        portrait = house.portraits.start(
            caller, build, origin=INSIGHT, baselines=BASELINES, clusters=True, pays="insights",
            asked={"callback_url": body.insight_callback_url},
        )  # fmt: skip
        return reply({"audience_id": build.number, "status": STATUS[portrait.state]})

    @router.get(f"{one}/insight")
    def read(caller: CallerIn, audience_id: str, baseline: Annotated[BaselineName, Query()] = GLOBAL) -> Response:
        """Read what an audience's people are like beside a baseline, and which clusters they fall into."""
        portrait = house.portraits.latest(caller, found(house, caller, audience_id), INSIGHT)
        return reply(insight_told(portrait, view_of(caller), baseline))

    @router.get(f"{one}/insight/public-link")
    def link(caller: CallerIn, audience_id: str) -> Response:
        """Read the public link of insights; one beside everybody is made when there is none."""
        build = found(house, caller, audience_id)
        return reply(_shared(house, build, links.get(caller, build)))

    @router.post(f"{one}/insight/public-link")
    def share(caller: CallerIn, audience_id: str, body: PublicLink) -> Response:
        """Make a public link in place of the one there is."""
        build = found(house, caller, audience_id)
        return reply(_shared(house, build, links.put(caller, build, body.baseline, body.expire_at)))

    @router.get(SHARED + "/{insights_hash}")
    def shared(insights_hash: str) -> Response:
        """Read insights by a public link; no token is asked for."""
        portrait, kept = links.open(insights_hash)
        answer = reply(insight_told(portrait, view_of(None), kept.baseline))
        answer.headers["Cache-Control"] = "private, no-store"
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    @router.post(f"{one}/insight/clusters/{{cluster}}")
    def of_cluster(caller: CallerIn, audience_id: str, cluster: str, body: FromCluster) -> Response:
        """Begin an audience of the people of one cluster; its id is in the insights."""
        return reply(begun(_of_cluster(house, making, caller, audience_id, cluster, body)))

    @router.post(f"{one}/insights/{{cluster}}")
    def of_cluster_too(caller: CallerIn, audience_id: str, cluster: str, body: FromCluster) -> Response:
        """Do the same under the other path that the vendor gives."""
        return reply(begun(_of_cluster(house, making, caller, audience_id, cluster, body)))

    return router


def _built(house: House, caller: Caller, audience_id: str) -> Build:
    """Return an audience that is built. Raises NotFound, Conflict."""
    return house.builds.done(caller, ORIGIN, found(house, caller, audience_id).number)


def _of_cluster(
    house: House, making: Making, caller: Caller, audience_id: str, cluster: str, body: FromCluster
) -> Build:
    build = found(house, caller, audience_id)
    portrait = house.portraits.latest(caller, build, INSIGHT)
    if portrait.state is not BuildState.SUCCEEDED:
        raise Conflict("the insights of this audience are not ready")
    told: list[dict[str, Any]] = portrait.outcome["clusters"][view_of(caller)]
    one = next((each for each in told if str(each["number"]) == cluster), None)
    if one is None:
        raise NotFound(f"the insights of audience {build.number} have no cluster {cluster}", field="cluster_id")
    about = body.audience
    asked = {
        **making.wishes(caller, body, {"outputs": build.asked.get("outputs", [])}),
        "made_from": {"kind": "cluster", "audience_id": build.number, "cluster_id": one["number"]},
    }
    return house.builds.start(
        caller,
        origin=ORIGIN,
        name=about.name if about else f"{build.name}: {one['label']}"[:NAME_CHARACTERS],
        description=about.description if about else "",
        source=rule_source(Listed(int(one["list"]))),
        asked=asked,
    )


def _shared(house: House, build: Build, link: Link) -> dict[str, Any]:
    return {
        "audience_id": build.number,
        "insights_hash": link.hash,
        "public_link": f"{house.settings.base_url}{SHARED}/{link.hash}",
        "baseline": link.baseline,
        "expire_at": None if link.expire_at is None else link.expire_at.isoformat(),
    }

"""What follows what: insights that were wished for when an audience was created, and callbacks when they are there."""

from sqlalchemy.engine import Connection

from houselights.apis.statsocial.insights.baselines import BASELINES
from houselights.apis.statsocial.origin import INSIGHT, ORIGIN, UNIVERSE
from houselights.base.errors import NotAllowed
from houselights.model.build import Build, BuildState
from houselights.services.builds.makers import Follower
from houselights.services.builds.work import asker
from houselights.services.house import House

KINDS = {INSIGHT: "insight", UNIVERSE: "universe"}


def draw_and_tell(house: House) -> None:
    """Begin insights when an audience that wished for them is built; call back when insights and universes are over."""

    def begin(conn: Connection, build: Build) -> None:
        asked = build.asked
        if build.state is not BuildState.SUCCEEDED or not asked.get("generate_insights_automatically"):
            return
        try:
            caller = asker(house.control, build)
        except NotAllowed:
            return  # whoever wished for them was turned away in this very moment
        begun = house.portraits.queue(
            conn, caller, build, origin=INSIGHT, baselines=BASELINES, clusters=True, pays="insights", must=False,
            asked={"callback_url": asked.get("insight_callback_url")},
        )  # fmt: skip
        if begun.state is BuildState.FAILED:
            call(conn, begun)

    def call(conn: Connection, portrait: Build) -> None:
        url = portrait.asked.get("callback_url")
        if url and portrait.state is not BuildState.REMOVED:
            house.callbacks.add(
                conn, workspace_id=portrait.workspace_id, client_id=portrait.client_id, origin=ORIGIN,
                kind=KINDS[portrait.origin], subject=str(portrait.number), url=url,
            )  # fmt: skip

    house.builds.follow(ORIGIN, Follower(begin, house.builds.wake, "insights"))
    for origin in KINDS:
        house.portraits.follow(origin, Follower(call, house.callbacks.wake, "callbacks"))

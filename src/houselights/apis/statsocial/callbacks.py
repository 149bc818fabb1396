"""What is posted to `callback_url` when an audience is built, or could not be: what reading the audience answers then.

One writer for each kind of callback that the room asks for.
"""

from collections.abc import Callable, Mapping

from sqlalchemy.engine import Connection

from houselights.apis.statsocial.audiences.told import told
from houselights.apis.statsocial.growth.told import universe_told
from houselights.apis.statsocial.insights.told import insight_told
from houselights.apis.statsocial.origin import INSIGHT, ORIGIN, UNIVERSE
from houselights.apis.statsocial.wire import reply
from houselights.base.errors import NotFound
from houselights.model.build import Build, BuildState
from houselights.model.callback import Callback
from houselights.services.builds.makers import Follower
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.portraits.portraits import view_of

AUDIENCE = "audience"

Writer = Callable[[House, Caller, Callback], bytes]


def _audience(house: House, caller: Caller, callback: Callback) -> bytes:
    """Write the reply to reading the audience. Raises NotFound when it was deleted."""
    build = house.builds.get(caller, ORIGIN, int(callback.subject))
    return bytes(reply(told(house, caller, build)).body)


def _insight(house: House, caller: Caller, callback: Callback) -> bytes:
    """Write the reply to reading insights beside everybody. Raises NotFound when they were deleted."""
    portrait = house.builds.get(caller, INSIGHT, int(callback.subject))
    return bytes(reply(insight_told(portrait, view_of(caller))).body)


def _universe(house: House, caller: Caller, callback: Callback) -> bytes:
    """Write the reply to reading a universe. Raises NotFound when it was deleted."""
    portrait = house.builds.get(caller, UNIVERSE, int(callback.subject))
    return bytes(reply(universe_told(portrait, view_of(caller))).body)


WRITERS: Mapping[str, Writer] = {AUDIENCE: _audience, "insight": _insight, "universe": _universe}


def tell_of_builds(house: House) -> None:
    """Have a callback go out for each audience of this room that wished for one, once its building is over."""

    def body(caller: Caller, callback: Callback) -> bytes:
        writer = WRITERS.get(callback.kind)
        if writer is None:
            raise NotFound(f"nobody writes callbacks of the kind {callback.kind}")
        return writer(house, caller, callback)

    def write(conn: Connection, build: Build) -> None:
        url = build.asked.get("callback_url")
        if url and build.state is not BuildState.REMOVED:
            house.callbacks.add(
                conn, workspace_id=build.workspace_id, client_id=build.client_id, origin=ORIGIN, kind=AUDIENCE,
                subject=str(build.number), url=url,
            )  # fmt: skip

    house.callbacks.write_bodies(ORIGIN, body)
    house.builds.follow(ORIGIN, Follower(write, house.callbacks.wake, "callbacks"))

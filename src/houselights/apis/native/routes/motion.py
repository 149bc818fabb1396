"""Profiles and events as they arrive: accepted with 202 once they are kept, and followed by number."""

from fastapi import APIRouter

from houselights.apis.native.asking import CallerIn, HouseIn
from houselights.apis.native.schemas import motion as shapes
from houselights.apis.native.schemas.common import Id
from houselights.services.motion.incoming import NewEvent, NewProfile, Who
from houselights.services.profiles import who_of

router = APIRouter(tags=["motion"])


@router.post("/v1/profiles", status_code=202)
def send_profiles(house: HouseIn, caller: CallerIn, body: shapes.Profiles) -> shapes.Accepted:
    """Say what is now known of somebody, or of up to 1,000 people. Needs the scope imports:write."""
    made = [NewProfile(who=_who(each, place), attributes=each.attributes) for place, each in enumerate(body.items)]
    return _accepted(house.profiles.accept(caller, made))


@router.post("/v1/events", status_code=202)
def send_events(house: HouseIn, caller: CallerIn, body: shapes.Events) -> shapes.Accepted:
    """Say what somebody did, or up to 1,000 such things. Needs the scope imports:write."""
    made = [
        NewEvent(who=_who(each, place), time=each.time, type=each.type, attributes=each.attributes)
        for place, each in enumerate(body.items)
    ]
    return _accepted(house.profiles.accept(caller, made))


@router.get("/v1/arrivals/{arrival_id}")
def read_arrival(house: HouseIn, caller: CallerIn, arrival_id: Id) -> shapes.Arrival:
    """Read what became of one profile or event that was sent. Needs the scope imports:write."""
    (found,) = house.profiles.arrivals(caller, [int(arrival_id)])
    return shapes.Arrival(
        id=str(found.id),
        kind=found.kind,
        received_at=found.received_at,
        generation=found.generation,
        changes=[shapes.Turn(**turn) for turn in (found.outcome or {}).get("changes", ())],
    )


def _who(given: shapes.Somebody, place: int) -> Who:
    return who_of(given.key, given.identities, f"items[{place}]")


def _accepted(ids: list[int]) -> shapes.Accepted:
    return shapes.Accepted(arrivals=[str(number) for number in ids])

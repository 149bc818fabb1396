"""Who is, and was, a member: by the log of uploads, runs and streams. The rule of an audience is asked elsewhere."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from houselights.apis.native.asking import CallerIn, HouseIn, PagingIn
from houselights.apis.native.schemas import members as shapes
from houselights.apis.native.schemas.common import Id, Page
from houselights.apis.native.translate import counted_shape

router = APIRouter(tags=["members"])

AsOf = Annotated[
    datetime | None,
    Query(description="The instant that is meant, now without one. Without a zone it is UTC."),
]


@router.get("/v1/audiences/{audience_id}/members/count")
def count_members(house: HouseIn, caller: CallerIn, audience_id: Id, as_of: AsOf = None) -> shapes.MembersAt:
    """Count the members an audience has, or had at an instant, for as long as its list keeps people today."""
    found = house.memberships.count(caller, int(audience_id), as_of=_instant(as_of))
    return shapes.MembersAt(audience=audience_id, people=counted_shape(found.people), as_of=found.as_of)


@router.get("/v1/audiences/{audience_id}/members/history")
def read_members_history(
    house: HouseIn,
    caller: CallerIn,
    audience_id: Id,
    start: Annotated[date, Query(description="The first day.")],
    end: Annotated[date, Query(description="The last day; none after today is told.")],
) -> shapes.History:
    """Say for each day, in UTC, how many came, went, had been on the list for too long, and were on it at its end."""
    days = house.memberships.history(caller, int(audience_id), start, end)
    return shapes.History(
        audience=audience_id,
        days=[
            shapes.Day(
                day=each.day,
                added=counted_shape(each.added),
                removed=counted_shape(each.removed),
                expired=counted_shape(each.expired),
                members=counted_shape(each.members),
            )
            for each in days
        ],
    )


@router.get("/v1/audiences/{audience_id}/members")
def list_members(
    house: HouseIn, caller: CallerIn, paging: PagingIn, audience_id: Id, as_of: AsOf = None
) -> Page[shapes.Member]:
    """List the members an audience has, or had at an instant. Needs the scope profiles:read."""
    found, total = house.memberships.list(
        caller, int(audience_id), as_of=_instant(as_of), limit=paging.limit, offset=paging.offset
    )
    items = [shapes.Member(id=str(each.person_id), key=each.key, since=each.since) for each in found]
    return paging.page(items, total)


def _instant(given: datetime | None) -> datetime | None:
    return given.replace(tzinfo=UTC) if given is not None and given.tzinfo is None else given

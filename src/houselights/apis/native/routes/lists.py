"""Uploaded lists: made, read, given another time to live, sent records. What becomes of an upload is in uploads.py."""

from fastapi import APIRouter, Response

from houselights.apis.native.asking import CallerIn, HouseIn
from houselights.apis.native.schemas import lists as shapes
from houselights.apis.native.schemas.common import Id
from houselights.apis.native.translate import audience_shape
from houselights.model.audience import Audience
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.intake.payload import MemberRecord, MemberUpload
from houselights.services.rosters import COUNTRY

router = APIRouter(tags=["uploads"])


@router.post("/v1/lists", status_code=201)
def make_list(house: HouseIn, caller: CallerIn, body: shapes.NewList, response: Response) -> shapes.ListRead:
    """Make a list without members: an audience that every other part of the house can use."""
    made = house.rosters.create(
        caller,
        name=body.name,
        description=body.description,
        account_id=None if body.account_id is None else int(body.account_id),
        ttl_seconds=body.ttl_seconds,
        country=body.country,
    )
    response.headers["Location"] = f"/v1/lists/{made.id}"
    return _read(house, caller, made)


@router.get("/v1/lists/{list_id}")
def read_list(house: HouseIn, caller: CallerIn, list_id: Id) -> shapes.ListRead:
    """Read a list with its counts: records sent, records that meant somebody, people on it now."""
    return _read(house, caller, house.rosters.get(caller, int(list_id)))


@router.patch("/v1/lists/{list_id}")
def change_list(house: HouseIn, caller: CallerIn, list_id: Id, body: shapes.ListChange) -> shapes.ListRead:
    """Change a list. A time to live of 0 hides everybody; raised again, people are back by when they were put on it."""
    changed = house.rosters.update(caller, int(list_id), description=body.description, ttl_seconds=body.ttl_seconds)
    return _read(house, caller, changed)


@router.post("/v1/lists/{list_id}/records", status_code=202)
def send_records(house: HouseIn, caller: CallerIn, list_id: Id, body: shapes.ListRecords) -> shapes.Accepted:
    """Put people on a list or take them off. Kept before this answers; needs the scope imports:write."""
    caller.require("imports:write")
    audience = house.rosters.get(caller, int(list_id))
    records = tuple(
        MemberRecord(
            audience_id=audience.id,
            action=each.action,
            external_id=each.external_id,
            hashed=tuple({name: value.lower() for name, value in one if value is not None} for one in each.hashed),
            token=None if each.token is None else (each.token.namespace, each.token.value),
            country=each.country,
        )
        for each in body.records
    )
    sender = "operator" if caller.client is None else caller.client.client_id
    return shapes.Accepted(upload=house.intake.accept(caller, MemberUpload(records, f"external:{sender}")))


def _read(house: House, caller: Caller, audience: Audience) -> shapes.ListRead:
    sizes = house.rosters.sizes(caller, audience) if caller.exact else None
    rate = sizes.matched / sizes.received if sizes is not None and sizes.received else None
    return shapes.ListRead(
        audience=audience_shape(audience),
        ttl_seconds=house.rosters.ttl_of(audience),
        country=audience.attributes.get(COUNTRY),
        received=None if sizes is None else sizes.received,
        matched=None if sizes is None else sizes.matched,
        match_rate=rate,
        members=None if sizes is None else sizes.active,
    )

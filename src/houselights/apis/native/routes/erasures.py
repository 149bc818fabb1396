"""Erasures: somebody asks to be forgotten. Accepted with 202 once no answer has them; the files follow."""

from dataclasses import asdict
from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Query, Response

from houselights.apis.native.asking import CallerIn, HouseIn
from houselights.apis.native.schemas import erasures as shapes

router = APIRouter(tags=["erasures"])


@router.post("/v1/erasures", status_code=202)
def erase(house: HouseIn, caller: CallerIn, body: shapes.NewErasure, response: Response) -> shapes.Accepted:
    """Forget somebody: out of every answer at once, of every file soon. Whether anybody is meant it does not say."""
    until = body.collected_until
    made = house.erasing.request(
        caller,
        [(each.namespace, each.value) for each in body.identities],
        scope=body.scope,
        account_id=None if body.account is None else int(body.account),
        collected_until=until.replace(tzinfo=UTC) if until is not None and until.tzinfo is None else until,
    )
    response.headers["Location"] = f"/v1/erasures/{made}"
    return shapes.Accepted(id=made)


@router.get("/v1/erasures")
def list_erasures(
    house: HouseIn, caller: CallerIn, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> shapes.Erasures:
    """List the erasures this client asked for, newest first; an operator's list has everybody's."""
    return shapes.Erasures(items=[shapes.Erasure(**asdict(each)) for each in house.erasing.list(caller, limit)])


@router.get("/v1/erasures/{erasure_id}")
def read_erasure(house: HouseIn, caller: CallerIn, erasure_id: str) -> shapes.Erasure:
    """Read how far an erasure is, and for operators what was found by looking into every file."""
    return shapes.Erasure(**asdict(house.erasing.report(caller, erasure_id)))

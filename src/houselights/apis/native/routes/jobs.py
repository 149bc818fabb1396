"""Jobs: the work of clients that runs beside their requests."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from houselights.apis.native.asking import CallerIn, HouseIn
from houselights.apis.native.schemas import jobs as shapes

router = APIRouter(tags=["operators"])


@router.get("/v1/jobs")
def list_jobs(
    house: HouseIn,
    caller: CallerIn,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[datetime | None, Query(description="Only jobs asked for before this instant.")] = None,
) -> shapes.Jobs:
    """List audiences being built and SQL being asked, newest first, of every client. Needs the scope operator."""
    instant = before.replace(tzinfo=UTC) if before is not None and before.tzinfo is None else before
    found = house.jobs.list(caller, limit=limit, before=instant)
    items = [
        shapes.Job(**asdict(each) | {"client": None if each.client_id is None else str(each.client_id)})
        for each in found
    ]
    return shapes.Jobs(items=items, next_before=found[-1].created_at if len(found) == limit else None)

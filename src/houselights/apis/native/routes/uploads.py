"""Uploads: what became of them, and a try without consequences for operators. They come in through other rooms."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from houselights.apis.native.asking import CallerIn, HouseIn
from houselights.apis.native.schemas import uploads as shapes
from houselights.model.upload import UploadState, UploadStatus
from houselights.services.caller import Caller
from houselights.services.intake.payload import MemberRecord, MemberUpload

router = APIRouter(tags=["uploads"])


@router.get("/v1/uploads")
def list_uploads(
    house: HouseIn,
    caller: CallerIn,
    state: Annotated[list[UploadState] | None, Query(description="Only uploads in one of these states.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[str | None, Query(max_length=64, description="Only uploads older than this one.")] = None,
) -> shapes.Uploads:
    """List this client's uploads, newest first; an operator's list has everybody's. Needs the scope imports:write."""
    caller.require("imports:write")
    found = house.intake.list(caller, states=state or (), limit=limit, before=before)
    return shapes.Uploads(
        items=[shapes.Upload(**_told(caller, each)) for each in found],
        next_before=found[-1].id if len(found) == limit else None,
    )


@router.get("/v1/uploads/{upload_id}")
def read_upload(house: HouseIn, caller: CallerIn, upload_id: str) -> shapes.UploadRead:
    """Read what became of one upload. Needs the scope imports:write."""
    caller.require("imports:write")
    found = house.intake.status(caller, upload_id)
    invalid = [
        shapes.Invalid(
            audience=None if each.audience_id is None else str(each.audience_id),
            external_id=each.external_id,
            error=each.error,
            at=each.at,
        )
        for each in found.invalid
    ]
    return shapes.UploadRead(**_told(caller, found), invalid=invalid)


@router.post("/v1/uploads/dry-run")
def try_upload(house: HouseIn, caller: CallerIn, body: shapes.Try) -> shapes.Rehearsal:
    """Say what would become of each record, and which match rules would hold. Needs the scope operator."""
    records = [
        MemberRecord(
            audience_id=int(each.audience),
            action=each.action,
            external_id=each.external_id,
            hashed=tuple({name: value.lower() for name, value in one if value is not None} for one in each.hashed),
            token=None if each.token is None else (each.token.namespace, each.token.value),
            country=each.country,
        )
        for each in body.records
    ]
    found = house.rehearsal.run(caller, MemberUpload(tuple(records), f"external:{body.client or ''}"))
    return shapes.Rehearsal(
        records=[
            shapes.Tried(
                error=each.error,
                people=each.people,
                rules=[{rule: outcome.name.lower() for rule, outcome in rules.items()} for rules in each.rules],
            )
            for each in found
        ]
    )


def _told(caller: Caller, status: UploadStatus) -> dict[str, Any]:
    return {
        "id": status.id,
        "kind": status.kind,
        "state": status.state,
        "audiences": [str(each) for each in status.audience_ids],
        "received": status.received,
        "processed": status.processed,
        "matched": status.matched if "operator" in caller.scopes else None,
        "targets": [shapes.Target(name=each.name, error=each.error) for each in status.targets],
        "received_at": status.received_at,
        "finished_at": status.finished_at,
        "generation": status.generation,
        "error": status.error,
    }

"""Callbacks: what was to be delivered to which address, every try, and what signs them. Rooms ask for them."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from houselights.apis.native.asking import CallerIn, HouseIn
from houselights.apis.native.schemas import callbacks as shapes
from houselights.apis.native.schemas.common import Id
from houselights.model.callback import OVER, Callback, CallbackState
from houselights.services.callbacks.callbacks import Delivery

router = APIRouter(tags=["callbacks"])


@router.get("/v1/callbacks")
def list_callbacks(
    house: HouseIn,
    caller: CallerIn,
    state: Annotated[list[CallbackState] | None, Query(description="Only callbacks in one of these states.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[str | None, Query(max_length=64, description="Only callbacks older than this one.")] = None,
) -> shapes.Callbacks:
    """List this client's callbacks, newest first; an operator's list has everybody's."""
    found = house.callbacks.list(caller, states=state or (), limit=limit, before=before)
    return shapes.Callbacks(
        items=[shapes.Callback(**_told(each)) for each in found],
        next_before=found[-1].id if len(found) == limit else None,
    )


@router.get("/v1/callbacks/signing-secret")
def read_signing_secret(
    house: HouseIn,
    caller: CallerIn,
    client: Annotated[Id | None, Query(description="Of another client; needs the scope operator.")] = None,
) -> shapes.SigningSecret:
    """Read what signs this client's callbacks: base64 behind `whsec_`, for HMAC-SHA256 over `id.timestamp.body`."""
    return shapes.SigningSecret(secret=house.callbacks.secret(caller, None if client is None else int(client)))


@router.get("/v1/callbacks/{callback_id}")
def read_callback(house: HouseIn, caller: CallerIn, callback_id: str) -> shapes.CallbackRead:
    """Read a callback with every try to deliver it."""
    return _read(house.callbacks.get(caller, callback_id))


@router.post("/v1/callbacks/{callback_id}/redeliver", status_code=202)
def redeliver(house: HouseIn, caller: CallerIn, callback_id: str) -> shapes.CallbackRead:
    """Deliver a callback that is over once more (409 while it is tried). Needs the scope operator."""
    return _read(house.callbacks.redeliver(caller, callback_id))


def _read(found: Delivery) -> shapes.CallbackRead:
    tries = [shapes.Attempt(**asdict(each)) for each in found.attempts]
    return shapes.CallbackRead(**_told(found.callback), tries=tries)


def _told(callback: Callback) -> dict[str, Any]:
    fields = {name: getattr(callback, name) for name in ("id", "kind", "subject", "url", "state", "attempts")}
    return {
        **fields,
        "client": None if callback.client_id is None else str(callback.client_id),
        "room": callback.origin,
        "due_at": None if callback.state in OVER else callback.due_at,
        "created_at": callback.created_at,
        "ended_at": callback.ended_at,
    }

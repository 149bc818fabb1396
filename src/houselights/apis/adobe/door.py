"""The door of the room: one short pipeline that every request passes before it is routed.

    trailing slash → operation → content type → who asks → the route

Pure ASGI, so that a refused request is never parsed. What it learns travels in the request's scope as a `Visit`.
"""

import uuid
from dataclasses import dataclass

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from houselights.apis.adobe.admission import Admission, Guest
from houselights.apis.adobe.errors import WrongContentType, envelope
from houselights.apis.adobe.operations import Body, Entry, Operation, operation_at
from houselights.apis.adobe.wire import JSON
from houselights.base.errors import HouselightsError, TooLarge

BODY_BYTES = 4 << 20  # an expression in JSON may have a quarter of it; uploads of members have their own limit
VISIT = "houselights.adobe.visit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request that was let in. `content_type` is what the caller called the body, without parameters."""

    guest: Guest
    request_id: str
    content_type: str


async def visit_of(request: Request) -> Visit:
    """Return the visit that the door attached to this request. For `Depends`."""
    visit: Visit = request.scope[VISIT]
    return visit


def request_id_of(scope: Scope) -> str:
    """Return the id that the application gave this request, or give it one."""
    state = scope.setdefault("state", {})
    return str(state.setdefault("request_id", str(uuid.uuid4())))


class Door:
    """ASGI middleware around the room's routes."""

    def __init__(self, app: ASGIApp, admission: Admission):
        self._app = app
        self._admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["path"] = path = scope["path"].rstrip("/") or "/"
        operation = operation_at(scope["method"], path)
        if operation is not None:
            try:
                await self._let_in(operation, scope)
            except HouselightsError as error:
                await envelope(error, request_id_of(scope))(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _let_in(self, operation: Operation, scope: Scope) -> None:
        """Look at the content type, recognise the caller, and leave a Visit in the scope."""
        if operation.entry is Entry.NOTHING:
            return
        headers = Headers(scope=scope)
        request_id = request_id_of(scope)
        guest = await run_in_threadpool(self._admission.admit, operation, headers, request_id)
        if guest.caller.client is not None:
            scope["state"]["client"] = guest.caller.client.client_id  # for the log
        content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if operation.body is Body.JSON and int(headers.get("content-length") or 0) > BODY_BYTES:
            raise TooLarge(f"a request has at most {BODY_BYTES >> 20} MiB")
        if operation.body is not Body.NONE:
            if content_type not in operation.body.value:
                raise WrongContentType("A valid content-type must be specified", field="Content-Type")
            if content_type != JSON and operation.body is Body.JSON:
                MutableHeaders(scope=scope)["content-type"] = JSON  # a JSON Patch is parsed as the JSON it is
        scope[VISIT] = Visit(guest=guest, request_id=request_id, content_type=content_type)

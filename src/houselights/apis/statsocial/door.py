"""The door of the room: one short pipeline that every request passes before it is routed.

    trailing slash → operation → length of the body → who asks → JSON mended → the route

Pure ASGI. What it learns travels in the request's scope as a `Visit`. Files are not read here.
"""

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from houselights.apis.statsocial.errors import envelope
from houselights.apis.statsocial.operation import JSON_BYTES, Body, Operation
from houselights.apis.statsocial.operations import operation_at
from houselights.apis.statsocial.policy import Policy
from houselights.apis.statsocial.wire import JSON, body_of
from houselights.base.errors import HouselightsError, NotAuthenticated, TooLarge
from houselights.services.caller import Caller
from houselights.services.house import House

VISIT = "houselights.statsocial.visit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request that was let in, and who asks."""

    operation: Operation
    caller: Caller


async def caller_of(request: Request) -> Caller:
    """Return who asks. For `Depends`, in operations that are not open."""
    visit: Visit = request.scope[VISIT]
    return visit.caller


async def json_of(request: Request) -> Any:
    """Return the body as it came, for `Depends`: what a shape of the request leaves out is there too."""
    return await request.json()


class Door:
    """ASGI middleware around the room's routes."""

    def __init__(self, app: ASGIApp, house: House, policy: Policy):
        self._app = app
        self._house = house
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["path"] = path = scope["path"].rstrip("/") or "/"
        operation = operation_at(scope["method"], path)
        try:
            if operation is not None:
                headers = Headers(scope=scope)
                if operation.scope is not None:
                    await run_in_threadpool(self._let_in, operation, operation.scope, scope, headers)
                if operation.body is Body.JSON:
                    receive = await _mended(scope, receive)
        except HouselightsError as error:
            await envelope(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _let_in(self, operation: Operation, needed: str, scope: Scope, headers: Headers) -> None:
        """Recognise the caller by the bearer token, and leave a Visit in the scope."""
        scheme, _, token = headers.get("authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotAuthenticated("send the header Authorization: Bearer <token>", field="Authorization")
        state = scope.setdefault("state", {})
        caller = self._house.callers.identify(token.strip(), request_id=str(state.get("request_id", "")))
        client = caller.client
        assert client is not None
        state["client"] = client.client_id  # for the log
        self._house.throttle.check(f"{client.client_id} {operation.method} {operation.path}", self._policy.rate)
        caller.require(needed)
        scope[VISIT] = Visit(operation=operation, caller=caller)


async def _mended(scope: Scope, receive: Receive) -> Receive:
    """Read the whole body and return what gives it out again, as JSON. Raises TooLarge, InvalidInput."""
    parts, size = [], 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return receive
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > JSON_BYTES:
            raise TooLarge(f"a request has at most {JSON_BYTES >> 20} MiB")
        more = message.get("more_body", False)
    body = body_of(b"".join(parts))
    headers = MutableHeaders(scope=scope)
    headers["content-type"], headers["content-length"] = JSON, str(len(body))
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again

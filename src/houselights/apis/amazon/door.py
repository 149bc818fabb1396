"""The door of the room: one short pipeline that every request passes before it is routed.

    trailing slash → operation → length of the body → media types → who asks → the route

Pure ASGI, so that a refused request is never parsed. What it learns travels in the request's scope as a `Visit`.
"""

import uuid
from dataclasses import dataclass

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from houselights.apis.amazon.admission import Admission, Guest
from houselights.apis.amazon.errors import envelope, problem_of
from houselights.apis.amazon.media import negotiate
from houselights.apis.amazon.operation import Entry, Operation
from houselights.apis.amazon.operations import family_at, operation_at
from houselights.apis.amazon.sizes import BODY_BYTES, Size, Sizes
from houselights.apis.amazon.wire import JSON
from houselights.base.errors import HouselightsError, TooLarge
from houselights.model.workspace import Account
from houselights.services.caller import Caller

VISIT = "houselights.amazon.visit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request that was let in: what it wants, how it wants the answer, who asks."""

    operation: Operation
    media_type: str
    request_id: str
    guest: Guest | None
    size: Size

    @property
    def caller(self) -> Caller:
        """The caller; only operations that ask for credentials have one."""
        return self._guest.caller

    @property
    def profile(self) -> Account:
        """The profile of the Scope header."""
        return _present(self._guest.profile)

    @property
    def advertiser(self) -> Account:
        """The advertiser named by `advertiserId`."""
        return _present(self._guest.advertiser)

    @property
    def account(self) -> Account:
        """The advertiser when one was named, else the profile: whose country and currency count."""
        return self._guest.advertiser or self.profile

    @property
    def _guest(self) -> Guest:
        if self.guest is None:
            raise RuntimeError(f"{self.operation.path} is open to callers without credentials")
        return self.guest


def _present(account: Account | None) -> Account:
    """Return the account that the table of operations promised."""
    if account is None:
        raise RuntimeError("this operation's entry does not include that account; see operations.py")
    return account


async def visit_of(request: Request) -> Visit:
    """Return the visit that the door attached to this request. For `Depends`."""
    visit: Visit = request.scope[VISIT]
    return visit


def request_id_of(scope: Scope) -> str:
    """Return the id that the application gave this request, or give it one."""
    state = scope.setdefault("state", {})
    given = state.get("request_id") if isinstance(state, dict) else None
    return str(given or state.setdefault("request_id", str(uuid.uuid4())))


def _announced(headers: Headers) -> int:
    """Return how many bytes a body says it has, 0 when it does not say: then they are counted as they come."""
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


class Door:
    """ASGI middleware around the room's routes."""

    def __init__(self, app: ASGIApp, admission: Admission, sizes: Sizes):
        self._app = app
        self._admission = admission
        self._sizes = sizes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        scope["path"] = path = scope["path"].rstrip("/") or "/"
        operation = operation_at(scope["method"], path)
        headers = Headers(scope=scope)
        try:
            if operation is not None:
                await self._let_in(operation, scope, headers, request_id)
            elif _announced(headers) > BODY_BYTES:
                raise TooLarge(f"the body is too large: at most {BODY_BYTES:,} bytes are allowed")
        except HouselightsError as error:
            await envelope(family_at(path), problem_of(error, request_id))(scope, receive, send)
            return

        async def stamped(message: Message) -> None:
            """Put the request id on the reply, where clients and support look for it."""
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-amzn-RequestId"] = request_id
            await send(message)

        await self._app(scope, receive, stamped)

    async def _let_in(self, operation: Operation, scope: Scope, headers: Headers, request_id: str) -> None:
        """Negotiate, recognise the caller, and leave a Visit in the scope."""
        size = self._sizes.of(operation.path, operation.size)
        if _announced(headers) > size.bytes_most:
            raise operation.refuse(size)
        media = operation.media
        media_type = negotiate(media, accept=headers.get("accept"), content_type=headers.get("content-type"))
        guest: Guest | None = None
        if operation.entry > Entry.NOTHING:
            query = QueryParams(scope["query_string"])
            guest = await run_in_threadpool(self._admission.admit, operation, headers, query, request_id)
            if guest.caller.client is not None:
                scope["state"]["client"] = guest.caller.client.client_id  # for the log
            # Bodies are JSON whatever the client calls them (curl calls them forms): let them be parsed as such.
            MutableHeaders(scope=scope)["content-type"] = JSON
        scope[VISIT] = Visit(operation=operation, media_type=media_type, request_id=request_id, guest=guest, size=size)

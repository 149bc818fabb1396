"""What every operation of this room begins with: the house, the caller behind the bearer token
or the session, and the page asked for.

Refuses requests without either, and clients that ask too often.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from houselights.apis.native.schemas.common import Page
from houselights.apis.native.sessions import session_token
from houselights.base.errors import NotAuthenticated
from houselights.base.paging import request_fingerprint
from houselights.services.caller import Caller
from houselights.services.house import House

Shown = TypeVar("Shown")

PAGE_SECONDS = 8 * 3600
_bearer = HTTPBearer(auto_error=False, description="An access token, or a token made with the client.")


def house_of(request: Request) -> House:
    """Return the house this application was made for."""
    house = request.app.state.house
    assert isinstance(house, House)
    return house


def caller_of(
    request: Request,
    house: Annotated[House, Depends(house_of)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    account: Annotated[
        str | None,
        Header(alias="Houselights-Account", description="Act for this account.", pattern=r"^[0-9]{1,19}$"),
    ] = None,
) -> Caller:
    """Return who asks. Raises NotAuthenticated, NotAllowed, TooManyRequests."""
    token = session_token(request, house) if credentials is None else credentials.credentials
    if token is None:
        raise NotAuthenticated("send a bearer token, or sign in", hint="Authorization: Bearer …")
    caller = house.callers.identify(
        token,
        request_id=getattr(request.state, "request_id", ""),
        account_id=None if account is None else int(account),
    )
    if caller.client is not None:
        request.state.client = caller.client.client_id
        house.throttle.check(f"native:{caller.client.client_id}", request.app.state.rate)
    return caller


HouseIn = Annotated[House, Depends(house_of)]
CallerIn = Annotated[Caller, Depends(caller_of)]


class Paging:
    """Which stretch of a list is asked for, from `limit` and `page_token`.

    A token holds the offset, signed and dated, and belongs to the question it came with.
    """

    def __init__(self, house: House, question: Mapping[str, Any], *, limit: int, token: str | None):
        self._pages = house.pages
        self._fingerprint = request_fingerprint(question)
        self.limit = limit
        self.offset = self._offset(token) if token else 0

    def _offset(self, token: str) -> int:
        payload = self._pages.read(token, fingerprint=self._fingerprint, field="page_token")
        return int(payload["offset"])

    def next(self, total: int) -> str | None:
        """Return the token for what follows, None at the end."""
        after = self.offset + self.limit
        if after >= total:
            return None
        return self._pages.issue({"offset": after}, PAGE_SECONDS, fingerprint=self._fingerprint)

    def page(self, items: Sequence[Shown], total: int) -> Page[Shown]:
        """Return a page of shapes."""
        return Page(items=list(items), total=total, next_page_token=self.next(total))


def paging(
    request: Request,
    house: HouseIn,
    limit: Annotated[int, Query(ge=1, le=1000, description="Items on one page.")] = 100,
    page_token: Annotated[str | None, Query(description="From the page before.")] = None,
) -> Paging:
    """Return the paging of a GET: its question is the path and all other query parameters."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "page_token"]
    return Paging(house, {"path": request.url.path, "query": asked}, limit=limit, token=page_token)


PagingIn = Annotated[Paging, Depends(paging)]

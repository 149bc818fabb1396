"""Login over HTTP: `POST /auth/o2/token`, and `GET /ap/oa`, which gives authorization codes.

There is no page on which somebody agrees: a self-hosted client acts for nobody but itself, its code can be exchanged
only with its own secret, and it is sent only to a redirect URI that the operator registered for it.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from houselights.apis.amazon.door import request_id_of
from houselights.apis.amazon.errors import NEVER_STORED, OAuthError, envelope, oauth_family, problem_of
from houselights.apis.amazon.login.schemas import TokenTold, form_documented
from houselights.apis.amazon.login.style import TOKEN_STYLE
from houselights.apis.amazon.rates import Rates
from houselights.apis.amazon.wire import JSON, reply
from houselights.services.authorize import grant_code
from houselights.services.house import House
from houselights.services.oauth.server import TokenReply

TOKEN_PATH = "/auth/o2/token"
CONSENT_PATH = "/ap/oa"
Word = Annotated[str | None, Query()]


class LoginRoutes:
    """The endpoints, with the token server of this room."""

    def __init__(self, house: House, rates: Rates):
        self._house = house
        self._rates = rates
        self._endpoint = house.access.token_endpoint(TOKEN_STYLE)

    async def token(self, request: Request) -> Response:
        """Exchange a refresh token, an authorization code or a client's own secret for an access token of an hour.

        `Authorization` is for credentials of the client only: absent, empty or HTTP Basic.
        """
        header = request.headers.get("authorization", "").strip()
        if header and not header.lower().startswith("basic "):
            raise OAuthError("invalid_request", "The Authorization header must be empty: credentials go in the form")
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        answer = await run_in_threadpool(self._exchange, form, {"Authorization": header} if header else {})
        if answer.error is not None:
            return _refusal(request, answer)
        response = reply(TokenTold(**answer.body), JSON, answer.status)
        response.headers.update(NEVER_STORED)
        return response

    def consent(
        self,
        request: Request,
        client_id: Word = None,
        redirect_uri: Word = None,
        scope: Word = None,
        state: Word = None,
        response_type: Word = None,
    ) -> Response:
        """Send the browser back to the client's own redirect URI with a code that lives five minutes."""
        answer = grant_code(
            self._endpoint,
            client_id=client_id or "",
            redirect_uri=redirect_uri,
            granted_by=f"client {client_id}",
            scope=scope,
            state=state,
            response_type=response_type or "",
        )
        location = answer.headers.get("Location")
        return _refusal(request, answer) if location is None else RedirectResponse(location, answer.status)

    def _exchange(self, form: dict[str, str], headers: dict[str, str]) -> TokenReply:
        """Count the attempt against its client's rate, then answer it."""
        self._house.throttle.check(f"{form.get('client_id', '')} POST {TOKEN_PATH}", self._rates.of(TOKEN_PATH))
        return self._endpoint.exchange(form, headers)


def _refusal(request: Request, answer: TokenReply) -> Response:
    """Write a refusal in the OAuth envelope."""
    error = OAuthError(answer.error or "server_error", answer.body.get("error_description", ""), status=answer.status)
    return envelope(oauth_family, problem_of(error, request_id_of(request.scope)))


def routes(house: House, rates: Rates) -> APIRouter:
    """Return the router of login."""
    endpoints = LoginRoutes(house, rates)
    router = APIRouter(tags=["Login"])
    documented: dict[int | str, dict[str, Any]] = {200: {"model": TokenTold, "description": "An access token."}}
    router.add_api_route(
        TOKEN_PATH, endpoints.token, methods=["POST"], responses=documented, openapi_extra=form_documented()
    )
    away: dict[int | str, dict[str, Any]] = {302: {"description": "To the redirect URI, with `code` and `state`."}}
    router.add_api_route(CONSENT_PATH, endpoints.consent, methods=["GET"], responses=away, status_code=302)
    return router

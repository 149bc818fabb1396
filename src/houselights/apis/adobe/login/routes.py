"""`POST /ims/token/v3`: a client's id and secret for an access token of a day. The fields may stand in the query."""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from houselights.apis.adobe.errors import OAuthError
from houselights.apis.adobe.login.style import TOKEN_STYLE
from houselights.apis.adobe.wire import reply
from houselights.services.house import House

PATH = "/ims/token/v3"
RATE = "20/second"
_TEXT = {"type": "string"}
_FORM = {
    "requestBody": {
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type", "client_id", "client_secret"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["client_credentials"]},
                        "client_id": _TEXT,
                        "client_secret": _TEXT,
                        "scope": _TEXT,
                    },
                }
            }
        }
    }
}


class TokenTold(BaseModel):
    """Reply of a token request; `expires_in` is seconds."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str | None = None


class LoginRoutes:
    """The endpoint, with the token server of this room."""

    def __init__(self, house: House):
        self._house = house
        self._endpoint = house.access.token_endpoint(TOKEN_STYLE)

    async def token(self, request: Request) -> Response:
        """Exchange a client's id and secret for an access token."""
        form = {**request.query_params, **{k: v for k, v in (await _fields(request)).items() if isinstance(v, str)}}
        answer = await run_in_threadpool(self._exchange, form)
        if answer.error is not None:
            code, why = answer.error, answer.body.get("error_description", "")
            raise OAuthError(code, why, status=answer.status)
        told = TokenTold(**answer.body).model_dump(exclude_none=True)
        return reply(told, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

    def _exchange(self, form: dict[str, str]) -> Any:
        self._house.throttle.check(f"{form.get('client_id', '')} POST {PATH}", RATE)
        return self._endpoint.exchange(form, {})


async def _fields(request: Request) -> dict[str, Any]:
    """Return the fields of a form; a body that is none holds none."""
    content_type = request.headers.get("content-type", "")
    if content_type.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        return dict(await request.form())
    return {}


def routes(house: House) -> APIRouter:
    """Return the router of login."""
    router = APIRouter(tags=["Login"])
    router.add_api_route(
        PATH, LoginRoutes(house).token, methods=["POST"], response_model=TokenTold, openapi_extra=_FORM
    )
    return router

"""What the room's OpenAPI page says beyond the routes: headers, replies by media type, error envelopes."""

from typing import Annotated, Any

from fastapi import Depends, Header, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from houselights.apis.amazon.admission import CLIENT_HEADER, SCOPE_HEADER
from houselights.apis.amazon.operation import Operation
from houselights.apis.amazon.operations import operation_at
from houselights.apis.amazon.wire import JSON

BEARER = HTTPBearer(auto_error=False, bearerFormat="Atza|…", description="Access token from /auth/o2/token.")

STATUS_TEXTS = {
    400: "Something in the request is malformed; `errors` names the fields.",
    401: "No, unknown or expired access token; ClientId of another client; Scope header missing or not granted.",
    403: "The access token lacks a scope.",
    404: "No such thing, or none that this advertiser may see; or too few people to say anything.",
    409: "The idempotency key was used for another request.",
    415: "A vendor media type of another version or operation.",
    429: "Too many requests; `Retry-After` says for how many seconds.",
}


async def client_headers(
    client_id: Annotated[str | None, Header(alias=CLIENT_HEADER, description="Client id of the access token.")] = None,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)] = None,
) -> None:
    """Document the headers of every operation; the door has checked them already."""


async def profile_headers(
    profile_id: Annotated[str | None, Header(alias=SCOPE_HEADER, description="profileId from /v2/profiles.")] = None,
) -> None:
    """Document the Scope header; the door has checked it already."""


async def advertiser_query(
    advertiser_id: Annotated[
        str | None,
        Query(alias="advertiserId", description="DSP advertiser id from /dsp/advertisers; required for DSP."),
    ] = None,
) -> None:
    """Document the advertiser; the door has checked it already."""


PROFILE_DEPENDENCIES = (Depends(client_headers), Depends(profile_headers))
ADVERTISER_DEPENDENCIES = (*PROFILE_DEPENDENCIES, Depends(advertiser_query))


def replies(method: str, path: str, told: type[BaseModel], status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Return FastAPI's `responses` for one operation of the table: the reply in each media type, and the errors."""
    operation = operation_at(method, path)
    types = [JSON] if operation is None or operation.media.reply is None else [operation.media.reply, JSON]
    schema = {"schema": {"$ref": f"#/components/schemas/{told.__name__}"}}
    success = {"model": told, "description": "Success.", "content": dict.fromkeys(types, schema)}
    documented: dict[int | str, dict[str, Any]] = {status: success}
    documented |= {code: {"description": STATUS_TEXTS[code]} for code in _error_codes(operation)}
    return documented


def _error_codes(operation: Operation | None) -> list[int]:
    """Return the error statuses an operation may answer with."""
    codes = [400, 401, 403, 404, 415, 429]
    return [*codes, 409] if operation is not None and operation.path.endswith("combinedAudiences") else codes

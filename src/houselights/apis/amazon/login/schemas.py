"""Shapes of the token endpoint. Unlike everything else in this room, OAuth writes snake_case."""

from typing import Any

from pydantic import BaseModel


class TokenTold(BaseModel):
    """Reply of a token request; `expires_in` is seconds. The refresh token that came in goes back with it."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str | None = None
    scope: str | None = None


def form_documented() -> dict[str, Any]:
    """Return the OpenAPI description of the form, which is read field by field and not by a model."""
    text = {"type": "string"}
    fields = {
        "grant_type": {"type": "string", "enum": ["refresh_token", "authorization_code", "client_credentials"]},
        "client_id": text,
        "client_secret": text,
        "refresh_token": text,
        "code": text,
        "redirect_uri": text,
        "scope": text,
    }
    schema = {"type": "object", "required": ["grant_type", "client_id", "client_secret"], "properties": fields}
    return {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}}

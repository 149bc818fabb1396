"""Shapes of uploaded lists: audiences whose members are sent as hashes or tokens."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from houselights.apis.native.schemas.audiences import Audience
from houselights.apis.native.schemas.common import Id, Shape
from houselights.apis.native.schemas.uploads import Hashed, Token

RECORDS_MOST = 10_000
TTL_MOST = 100 * 366 * 86_400


class NewList(Shape):
    """A list without members yet."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Spring customers", "ttl_seconds": 34300800, "country": "GB"}]},
    )

    name: str = Field(min_length=1, max_length=255)
    description: str = Field("", max_length=10_000)
    account_id: Id | None = Field(None, description="Whose list it is; the whole workspace's without one.")
    ttl_seconds: int | None = Field(
        None, ge=0, le=TTL_MOST, description="How long somebody stays on it after they were last put on it."
    )
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$", description="Where records without a country belong.")


class ListChange(Shape):
    """What to change of a list; the rest stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"ttl_seconds": 604800}]})

    description: str | None = Field(None, max_length=10_000)
    ttl_seconds: int | None = Field(None, ge=0, le=TTL_MOST)


class ListRead(BaseModel):
    """A list. `received` and `members` count exactly; they, and the rate, are null without the scope counts:exact."""

    audience: Audience
    ttl_seconds: int | None
    country: str | None = Field(description="Where records without a country belong.")
    received: int | None = Field(description="Records ever sent for it.")
    matched: int | None = Field(description="Records of these that meant somebody.")
    match_rate: float | None
    members: int | None = Field(description="People on it now.")


class ListRecord(Shape):
    """Somebody to put on the list or take off it: by hashes of one or several forms of them, a token, or an own id."""

    action: Literal["CREATE", "DELETE"] = "CREATE"
    external_id: str | None = Field(None, min_length=1, max_length=128, pattern=r"^[0-9A-Za-z_-]+$")
    hashed: list[Hashed] = Field(default_factory=list, max_length=100)
    token: Token | None = None
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$")


class ListRecords(Shape):
    """Records for a list."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"records": [{"external_id": "c-1", "hashed": [{"email": "0" * 64}]}]}]},
    )

    records: list[ListRecord] = Field(min_length=1, max_length=RECORDS_MOST)


class Accepted(BaseModel):
    """An upload that was kept; `GET /v1/uploads/{upload}` tells what becomes of it."""

    upload: str

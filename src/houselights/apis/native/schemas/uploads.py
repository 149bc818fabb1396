"""Shapes of uploads: what became of them, and tries."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from houselights.apis.native.schemas.common import Id, Shape
from houselights.model.upload import UploadKind, UploadState
from houselights.services.intake.rehearsal import RECORDS_MOST

HASH = r"^[0-9a-fA-F]{64}$"
_FIELD = Field(None, pattern=HASH, description="SHA-256, 64 hexadecimal digits.")


class Invalid(BaseModel):
    """A record that was left out, and why."""

    audience: Id | None
    external_id: str | None
    error: str
    at: int | None = Field(description="Which record of the upload it is, from 0; null of old uploads.")


class Target(BaseModel):
    """A party the upload was meant for; `error` is null when it has the upload."""

    name: str
    error: str | None


class Upload(BaseModel):
    """An upload as far as it is. `matched` is null for callers who are no operators."""

    id: str
    kind: UploadKind
    state: UploadState
    audiences: list[Id]
    received: int = Field(description="Records in it.")
    processed: int = Field(description="Records found valid.")
    matched: int | None = Field(description="Records that mean somebody.")
    targets: list[Target]
    received_at: datetime
    finished_at: datetime | None
    generation: int | None = Field(description="The first that serves it.")
    error: str | None


class UploadRead(Upload):
    """An upload with the records that were left out."""

    invalid: list[Invalid]


class Uploads(BaseModel):
    """Uploads, newest first. Send `next_before` as `before` for older ones."""

    items: list[Upload]
    next_before: str | None


class Hashed(Shape):
    """Hashes of one person."""

    email: str | None = _FIELD
    phone: str | None = _FIELD
    first_name: str | None = _FIELD
    last_name: str | None = _FIELD
    address: str | None = _FIELD
    city: str | None = _FIELD
    state: str | None = _FIELD
    postal: str | None = _FIELD


class Token(Shape):
    """An identity that is no hash: a cookie, a device, an external id."""

    namespace: str = Field(min_length=1, max_length=255)
    value: str = Field(min_length=1, max_length=255)


class TriedRecord(Shape):
    """A record as a client might upload it."""

    audience: Id
    action: Literal["CREATE", "DELETE"] = "CREATE"
    external_id: str | None = Field(None, min_length=1, max_length=128)
    hashed: list[Hashed] = Field(default_factory=list, max_length=100)
    token: Token | None = None
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$")


class Try(Shape):
    """Records to be tried. External ids are those of `client`, a client's id, when it is given."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"records": [{"audience": "413642381039213536", "hashed": [{"email": "0" * 64}]}]}]
        },
    )

    records: list[TriedRecord] = Field(min_length=1, max_length=RECORDS_MOST)
    client: str | None = Field(None, min_length=1, max_length=255)


class Tried(BaseModel):
    """What would become of one record. `rules` says for each hashed person what every match rule found."""

    error: str | None = Field(description="Why it would be left out.")
    people: int = Field(description="How many people it means.")
    rules: list[dict[str, Literal["fields_missing", "nobody", "several", "one"]]]


class Rehearsal(BaseModel):
    """What would become of each record, in the order sent. Nothing was kept."""

    records: list[Tried]

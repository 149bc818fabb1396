"""Shapes of imports, clients, the audit log and health."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from houselights.apis.native.schemas.common import Id, Shape
from houselights.model.imports import ImportState


class NewImport(Shape):
    """A population file to bring in."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"population": "spring/POPULATION.yaml"}]}
    )

    population: str = Field(
        min_length=1, description="Path of a population file, relative to one of the server's import folders."
    )
    max_rejects: int = Field(1000, ge=0, description="Publish nothing when more rows than this are rejected.")


class ImportStage(BaseModel):
    """What an import is doing, or was when it failed."""

    name: str = Field(description='Fit to show, such as "reading people.csv".')
    number: int = Field(description="Which stage it is, from 1.")
    of: int = Field(description="How many stages there are.")
    rows: int = Field(description="Rows of this stage that are done.")
    share: float = Field(description="How much of this stage is done, from 0 to 1, by bytes where rows are not known.")


class Import(BaseModel):
    """One import and what became of it."""

    id: str
    population: str
    state: ImportState
    rows_read: int
    rows_rejected: int
    people: int
    generation: int | None
    started_at: datetime
    finished_at: datetime | None
    error: str | None
    reject_file: str | None
    stage: ImportStage | None = Field(description="Where it is; null before it begins, and once it has succeeded.")


class Imports(BaseModel):
    """Imports, newest first."""

    items: list[Import]
    next_before: str | None = Field(description="Send it as `before` for older ones.")


class NewClient(Shape):
    """A client to make."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "Weekly report", "scopes": ["audiences:read", "insights:read"], "token": True}]
        },
    )

    name: str = Field(min_length=1, max_length=255)
    scopes: list[str] = Field(min_length=1)
    redirect_uris: list[str] = Field(default_factory=list)
    accounts: list[Id] = Field(default_factory=list, description="Accounts it may act for.")
    token: bool = Field(True, description="Also make a bearer token that lives until the client is disabled.")


class Client(BaseModel):
    """Software with credentials."""

    id: str
    client_id: str
    name: str
    scopes: list[str]
    redirect_uris: list[str]
    created_at: datetime
    disabled: bool


class MadeClient(Client):
    """A client just made. Its secret and token are shown once and stored only as hashes."""

    secret: str
    token: str | None


class Clients(BaseModel):
    """The clients of the workspace."""

    items: list[Client]


class AuditEntry(BaseModel):
    """Who learned or changed what."""

    id: str
    at: datetime
    client: str | None = Field(description="The client's number; null for the command line.")
    action: str
    subject: str
    details: dict[str, Any]


class AuditLog(BaseModel):
    """Entries, newest first."""

    items: list[AuditEntry]
    next_before: str | None = Field(description="Send it as `before` for older ones.")


class Account(BaseModel):
    """A party a client may act for."""

    id: str
    kind: str
    name: str
    country: str | None


class Me(BaseModel):
    """Who is asking."""

    workspace: str
    client: str | None
    scopes: list[str]
    accounts: list[Account]


class Connection(BaseModel):
    """Where a client sends its lists to: an account, or two under one name."""

    id: str
    client: str = Field(description="The client's number.")
    cleanroom: Id | None
    advertiser: Id | None
    is_default: bool = Field(description="Whether it is meant when the client names none.")
    created_at: datetime


class Connections(BaseModel):
    """Connections, newest first."""

    items: list[Connection]


class Room(BaseModel):
    """One API of the house."""

    name: str
    document: str = Field(description="Where its OpenAPI document is.", examples=["/v1/openapi.json"])


class Rooms(BaseModel):
    """The rooms."""

    items: list[Room]


class Health(BaseModel):
    """That the process answers."""

    status: str = Field(examples=["ok"])
    version: str


class Ready(BaseModel):
    """Whether questions can be answered."""

    status: str = Field(examples=["ready"])
    workspaces: int = Field(description="How many workspaces have people.")

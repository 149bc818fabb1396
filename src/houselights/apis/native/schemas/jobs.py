"""Shapes of jobs."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from houselights.apis.native.schemas.common import Id


class Job(BaseModel):
    """One piece of work of a client."""

    id: str
    kind: Literal["build", "query"] = Field(description="An audience that is worked out, or SQL that is asked.")
    name: str
    client: Id | None
    state: Literal["waiting", "running", "succeeded", "failed", "cancelled", "removed"]
    attempts: int = Field(description="How often it was begun: what a process that died left is begun again.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    people: int | None = Field(description="How many a build found.")
    error: str | None


class Jobs(BaseModel):
    """Jobs, newest first. Send `next_before` as `before` for older ones."""

    items: list[Job]
    next_before: datetime | None

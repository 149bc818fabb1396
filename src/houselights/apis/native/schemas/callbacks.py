"""Shapes of callbacks: what is to be delivered, and every try."""

from datetime import datetime

from pydantic import BaseModel, Field

from houselights.apis.native.schemas.common import Id
from houselights.model.callback import CallbackState


class Callback(BaseModel):
    """One message to an address that a client named."""

    id: str = Field(description="The receiver's to tell repeats by: `webhook-id`.")
    client: Id | None
    room: str
    kind: str
    subject: str = Field(description="What it tells of, as the room calls it.")
    url: str
    state: CallbackState
    attempts: int = Field(description="Tries since it was last begun.")
    due_at: datetime | None = Field(description="When it is tried next; null when it is over.")
    created_at: datetime
    ended_at: datetime | None


class Attempt(BaseModel):
    """One try. `status` is null when there was no answer."""

    at: datetime
    milliseconds: int
    address: str | None = Field(description="The address that was called.")
    status: int | None
    error: str | None
    answer: str = Field(description="The beginning of what the receiver said.")


class CallbackRead(Callback):
    """A callback with every try to deliver it, oldest first."""

    tries: list[Attempt]


class Callbacks(BaseModel):
    """Callbacks, newest first. Send `next_before` as `before` for older ones."""

    items: list[Callback]
    next_before: str | None


class SigningSecret(BaseModel):
    """What a client's callbacks are signed with, as libraries of Standard Webhooks take it."""

    secret: str

"""Shapes of erasures: what is asked for, and what became of it."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from houselights.apis.native.schemas.common import Id, Shape
from houselights.model.erasure import ErasureScope, ErasureState
from houselights.services.erasure.erase import IDENTITIES_MOST


class Name(Shape):
    """What somebody is known by."""

    namespace: str = Field(
        min_length=1,
        max_length=200,
        description='A namespace of identities, or "key" for the company\'s own key.',
        examples=["email"],
    )
    value: str = Field(min_length=1, max_length=1000, description="Raw, or as it is stored.", examples=["a@b.example"])


class NewErasure(Shape):
    """Whom to forget, and how much of them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"identities": [{"namespace": "email", "value": "who@example.com"}], "scope": "client"}]
        },
    )

    identities: Annotated[list[Name], Field(min_length=1, max_length=IDENTITIES_MOST)]
    scope: ErasureScope = Field(
        description="client: what your client brought. account: places on lists of one account. everything: the "
        "person, which needs the scope operator."
    )
    account: Id | None = Field(None, description="With the scope account: which one.")
    collected_until: datetime | None = Field(
        None, description="Leave places on lists that were taken later than this. Now without one."
    )


class Accepted(BaseModel):
    """An erasure that was accepted: nobody it is about is in any answer any more."""

    id: str


class Erasure(BaseModel):
    """An erasure as far as it is. `people` and `proof` are null for callers who are no operators."""

    id: str
    scope: ErasureScope
    state: ErasureState
    requested_at: datetime
    finished_at: datetime | None
    error: str | None
    people: int | None
    proof: dict[str, Any] | None = Field(
        description="What went from where, what was looked into afterwards, and every trace that was found."
    )


class Erasures(BaseModel):
    """Erasures, newest first."""

    items: list[Erasure]

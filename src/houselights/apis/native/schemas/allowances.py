"""Shapes of what an operator allows clients: credits, and rights over outputs of audiences."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from houselights.apis.native.schemas.common import Id, Shape


class CreditsLeft(BaseModel):
    """How many of each costly thing may still be asked for; null is without end."""

    builds: int | None
    insights: int | None
    universes: int | None
    expansions: int | None
    distributions: int | None
    scheduled_reruns: int | None


class Allowance(Shape):
    """How many of something there are from now on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"kind": "builds", "amount": 100}]})

    kind: Literal["builds", "insights", "universes", "expansions", "distributions", "scheduled_reruns"]
    amount: int | None = Field(ge=0, le=1_000_000_000, description="Null is without end.")
    client: Id | None = Field(None, description="The number of a client that gets its own; else the company's.")


class CreditEntry(BaseModel):
    """A line of the ledger."""

    id: str
    at: datetime
    kind: str
    event: Literal["allow", "spend", "refund"]
    amount: int | None
    holder: str | None = Field(description="The client whose own allowance it counts on; null for the company's.")
    client: str | None = Field(description="Who did it; null for the command line.")
    subject: str
    refunds: str | None


class CreditLedger(BaseModel):
    """Entries, newest first."""

    items: list[CreditEntry]
    next_before: str | None = Field(description="Send it as `before` for older ones.")


class Rights(Shape):
    """What a client may do with the lists of people that audiences become. Null is all outputs."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"choose_outputs": False, "download": ["ss_id", "md5"]}]}
    )

    choose_outputs: bool = Field(True, description="May say which outputs an audience gets.")
    demographics_first: bool = Field(True, description="May begin an audience with age, gender or place.")
    generate: list[str] | None = Field(None, description="Outputs that are made for it.")
    view: list[str] | None = Field(None, description="Outputs that it hears of.")
    download: list[str] | None = Field(None, description="Outputs whose files it may have.")

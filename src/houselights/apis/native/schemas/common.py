"""Shapes that several operations share: ids, bands, questions, pages, problems."""

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")

# A rule that makes sense in every population we ship, so that the examples of the API page can be run as they are.
RULE: dict[str, Any] = {"trait": {"facet": "gender", "any_of": ["female"]}}

Id = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{1,19}$",
        description="An id. A string, because a double cannot hold eighteen digits.",
        examples=["413642381039213536"],
    ),
]
RuleJson = Annotated[
    dict[str, Any],
    Field(description="A rule: one node of the rule tree, in JSON (docs/rule-json.md).", examples=[RULE]),
]


class Shape(BaseModel):
    """What every request shape keeps to: unknown fields are refused, so that a typing error is not an empty answer."""

    model_config = ConfigDict(extra="forbid")


class Page(BaseModel, Generic[Item]):
    """One stretch of a list."""

    items: list[Item]
    total: int = Field(description="How many there are in all, on every page together.")
    next_page_token: str | None = Field(
        None, description="Send it as `page_token`, with the same question, for what follows. Valid for eight hours."
    )


class Band(BaseModel):
    """A range that holds the true number: low ≤ number < high; high null means no upper bound."""

    low: int
    high: int | None


class Asked(Shape):
    """Who is asked about: either a rule or a saved audience."""

    rule: RuleJson | None = None
    audience: Id | None = Field(None, description="A saved audience, instead of a rule.")


class Question(Asked):
    """Who is asked about, within a universe (everyone when absent)."""

    universe: RuleJson | None = Field(
        None, description="The people to compare with, as a rule: a country, say. Absent: everyone.", examples=[None]
    )


class Dated(BaseModel):
    """What every figure rests on."""

    as_of: datetime = Field(description="The instant that the data calls now.")
    built_at: datetime = Field(description="When the index that answered was built.")


class Fault(BaseModel):
    """One of several things wrong with a request."""

    field: str
    message: str


class Problem(BaseModel):
    """An error, after RFC 9457."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:houselights:problem:invalid-rule",
                    "title": "Invalid rule",
                    "status": 422,
                    "detail": 'unknown facet "gendr"',
                    "field": "rule.trait.facet",
                    "hint": 'did you mean "gender"?',
                    "request_id": "0b0f6dd0-3d5f-4f57-9d53-6a5f2a4f4a10",
                }
            ]
        }
    )

    type: str = Field(description="A name for the kind of problem; it never changes.")
    title: str
    status: int
    detail: str = Field(description="What is wrong with this request, in a sentence.")
    field: str | None = Field(None, description="Where in the request.")
    hint: str | None = Field(None, description="What was perhaps meant.")
    caret: str | None = Field(None, description="The text at fault, with carets below the place.")
    errors: list[Fault] | None = Field(None, description="All faults, when there are several.")
    request_id: str

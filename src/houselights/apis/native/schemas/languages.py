"""Shapes of rules as text in the languages of the other rooms."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from houselights.apis.native.schemas.common import RULE, RuleJson, Shape


class Spoken(BaseModel):
    """A language: what it is called in addresses, and by people."""

    name: str
    title: str


class Languages(BaseModel):
    """The languages there are."""

    items: list[Spoken]


class RuleText(Shape):
    """Text in a language."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"text": 'homeAddress.city = "Leeds"'}]})

    text: str = Field(min_length=1, max_length=1_000_000)


class RuleSaid(BaseModel):
    """The rule that a text means."""

    rule: dict[str, Any]


class RuleToSay(Shape):
    """A rule to write."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"rule": RULE}]})

    rule: RuleJson


class Written(BaseModel):
    """A rule as text."""

    text: str

"""Shapes of audience discovery."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from houselights.apis.amazon.wire import Asked, IdText, Instant, Text, Told

AdType = Literal["DSP", "SD", "ST"]
Operator = Literal["EQ", "NOT_EQ"]
FieldName = Literal["audienceName", "category", "categoryPath", "audienceId", "status"]
STATUSES = ("Active", "Deactivated", "Deprecated", "Failed", "Pending", "Processing")


def _list_of_one(value: object) -> object:
    """Let a single value stand for a list of one, as hand-written requests do."""
    return [value] if isinstance(value, str) else value


class AudienceFilterAsked(Asked):
    """One condition; the values of one filter are alternatives, except those of `categoryPath`, which are a path."""

    field: FieldName
    operator: Operator = "EQ"
    values: Annotated[list[IdText], BeforeValidator(_list_of_one), Field(min_length=1)]


class ListAsked(Asked):
    """Body of /audiences/list. Every filter must hold."""

    ad_type: AdType = "DSP"
    countries: Annotated[list[str], Field(min_length=1, max_length=1)] | None = None
    filters: list[AudienceFilterAsked] | None = None


class TaxonomyAsked(Asked):
    """Body of /audiences/taxonomy/list. Without a path, the main categories are listed."""

    ad_type: AdType = "DSP"
    category_path: list[Text] | None = None
    countries: Annotated[list[str], Field(min_length=1, max_length=1)] | None = None


class Bucket(Told):
    """A half-open forecast band."""

    lower_bound_inclusive: int | None = None
    upper_bound_exclusive: int | None = None


class InventoryForecast(Told):
    """Daily people and, for DSP only, daily impressions."""

    daily_reach: Bucket
    daily_impressions: Bucket | None = None


class AllInventory(Told):
    """We do not tell supply types apart: everything is under `all`."""

    all: InventoryForecast


class Forecasts(Told):
    """Forecasts of one audience."""

    inventory_forecasts: AllInventory


class AudienceTold(Told):
    """One audience."""

    audience_id: str
    audience_name: str
    category: str
    sub_category: str | None = None
    description: str
    forecasts: Forecasts
    status: str
    create_date: Instant
    update_date: Instant


class ListTold(Told):
    """Reply of /audiences/list, earliest created first."""

    audiences: list[AudienceTold]
    match_count: int
    next_token: str | None = None


class TaxonomyNode(Told):
    """One node below the path asked for, and how many audiences are in its whole sub-tree."""

    category: str
    audience_count: int


class TaxonomyTold(Told):
    """Reply of /audiences/taxonomy/list; a leaf has no categories."""

    category_path: list[str]
    categories: list[TaxonomyNode]
    next_token: str | None = None

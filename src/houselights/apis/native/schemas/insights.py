"""Shapes of sizes, insights, overlaps, forecasts and explanations. Shares are fractions of 1."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from houselights.apis.native.schemas.common import RULE, Asked, Band, Dated, Id, Question, RuleJson, Shape
from houselights.model.audience import AudienceKind


class SizeQuestion(Question):
    """Whose number is asked for."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"rule": RULE}]})


class RuleQuestion(Asked):
    """The rule, or the audience, to explain."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"rule": RULE}]})


class Size(Dated):
    """How many people."""

    band: Band = Field(description="A range that holds the number.")
    exact: int | None = Field(description="The number; null without the scope counts:exact.")
    universe: int | None = Field(description="How many the universe has; null without the scope counts:exact.")


class AudienceChoice(Shape):
    """Which audiences to compare with; every given condition must hold."""

    ids: list[Id] | None = Field(None, max_length=5000)
    categories: list[str] | None = Field(None, max_length=64, examples=[["Interest", "In-market"]])
    under: list[str] | None = Field(None, max_length=16, description="A category and the path below it.")
    kinds: list[AudienceKind] | None = None


class InsightQuestion(Question):
    """What to compare an audience with: the traits of facets (by key or role), or other audiences."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"rule": RULE, "roles": ["age"]},
                {"rule": RULE, "audiences": {"categories": ["Demographics"]}, "rank": "lower_bound", "limit": 5},
            ]
        },
    )

    facets: list[str] | None = Field(None, max_length=100, description="Compare with the traits of these facets.")
    roles: list[str] | None = Field(None, max_length=100, description="Or of the facets that play these roles.")
    audiences: AudienceChoice | None = Field(None, description="Or with these audiences.")
    rank: Literal["affinity", "overlap", "lower_bound"] = Field(
        "affinity",
        description="Order. `lower_bound` ranks by the low end of the affinity's interval: large and surely above par.",
    )
    minimum_affinity: float | None = Field(None, ge=0)
    maximum_affinity: float | None = Field(None, ge=0)
    limit: int = Field(100, ge=1, le=1000)
    page_token: str | None = None


class Subject(BaseModel):
    """What one row is about: a trait (facet, key, path) or an audience (category, path)."""

    kind: Literal["trait", "audience"]
    id: str | None = Field(description="Audience id: of a trait, its id as a reference audience.")
    name: str
    facet: str | None = None
    key: str | None = None
    category: str | None = None
    path: list[str]


class Interval(BaseModel):
    """A 95 % confidence interval."""

    low: float | None
    high: float | None


class Insight(BaseModel):
    """How one subject relates to the audience.

    Without the scope counts:exact, counts are null, and so are intervals, share_of_subject, jaccard, z and q, which
    would give the counts away.
    """

    subject: Subject
    overlap: float = Field(description="Share of the audience who are in the subject.")
    overlap_interval: Interval
    universe_share: float = Field(description="Share of the universe who are in the subject.")
    affinity: float | None = Field(description="overlap / universe_share; 1 is par; null when undefined.")
    affinity_interval: Interval
    share_of_subject: float | None = Field(description="Share of the subject who are in the audience.")
    jaccard: float | None = Field(description="In both, over in either.")
    z: float | None = Field(description="Two-proportion z against the rest of the universe.")
    q: float | None = Field(description="Benjamini–Hochberg adjusted p over the whole list.")
    reliable: bool = Field(description="Enough people, and q ≤ 0.05.")
    both: int | None = Field(description="People in both; null without the scope counts:exact.")
    subject_people: int | None = Field(description="People in the subject; null without the scope counts:exact.")


class Insights(Dated):
    """A ranked list of insights."""

    items: list[Insight]
    total: int = Field(description="Rows on every page together.")
    next_page_token: str | None
    audience: int | None = Field(description="People in the audience; null without the scope counts:exact.")
    universe: int | None
    coverage: float | None = Field(description="For a single facet: share of the audience with a known value.")
    suppressed: int = Field(description="Rows the privacy policy withheld.")


class OverlapQuestion(Shape):
    """Audiences to lay over one another."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"audiences": ["413642381039213536", "521036718394421650"]}]}
    )

    audiences: list[Id] = Field(min_length=2, max_length=50)
    universe: RuleJson | None = Field(None, description="Count within these people only.", examples=[None])


class Counted(BaseModel):
    """A number of people: its band, and exactly for those who may."""

    band: Band
    exact: int | None


class Sized(BaseModel):
    """One audience and its size."""

    audience: Id
    people: Counted


class Pair(BaseModel):
    """Two audiences. Shares are null where the privacy policy withholds them."""

    first: Id
    second: Id
    both: Counted
    jaccard: float | None
    share_of_first: float | None
    share_of_second: float | None


class Region(BaseModel):
    """People who are in all of `inside` and in none of the others."""

    inside: list[Id]
    people: Counted


class Overlap(Dated):
    """Every pair; and every exclusive region, for up to six audiences."""

    sizes: list[Sized]
    pairs: list[Pair]
    regions: list[Region] | None


class Forecast(BaseModel):
    """Ad opportunities expected on one day."""

    daily_reach: Band = Field(description="Unique people.")
    daily_impressions: Band = Field(description="Opportunities.")


class Clause(BaseModel):
    """One clause of a rule."""

    english: str
    alone: Counted = Field(description="People whom the clause holds by itself.")
    after: Counted = Field(description="People left after it and all clauses above it.")


class Near(BaseModel):
    """Somebody whom all clauses but one hold."""

    key: str
    failed: str = Field(description="The clause that fails.")


class Query(BaseModel):
    """How one expression of a rule is asked of everybody."""

    english: str
    sql: str | None = Field(description="Null when it is asked of one document after another.")
    why: str


class Explanation(Dated):
    """How a rule is understood and answered."""

    rule: dict[str, Any]
    english: str
    plan: list[str] = Field(description="The steps of the engine, in order; empty without counts:exact.")
    why: str = Field(description="Why these steps.")
    outline: list[str] = Field(description="The rule's tree, a node a line.")
    queries: list[Query] = Field(description="How the expressions inside are asked.")
    people: Counted
    funnel: list[Clause]
    matches: list[str] = Field(description="Keys of two who match; empty without operator and counts:exact.")
    nearly: Near | None = Field(description="One who nearly does; null without operator and counts:exact.")
    lookalike: dict[str, Any] | None = Field(description="Of a saved look-alike audience: what it grew from, and how.")

"""Shapes of the five insights: what is asked and what is told, field for field as the Persona Builder API 3.0 has them.

Metrics are numbers (the specification's own samples quote them, its schema does not); ids are strings.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from houselights.apis.amazon.dsp.expression import InsightExpression
from houselights.apis.amazon.wire import Asked, Instant, Told

CountryCode = Literal[
    "AE", "AU", "BR", "CA", "DE", "ES", "FR", "GB", "IN", "IT", "JP", "MX", "NL", "SA", "SE", "TR", "US"
]  # fmt: skip


def _unique(values: list[str]) -> list[str]:
    """Refuse repeated entries, as `uniqueItems` does."""
    if len(set(values)) != len(values):
        raise ValueError("the entries must be different from one another")
    return values


class AudienceCategory(StrEnum):
    """Categories by which overlapping audiences can be filtered."""

    ADVERTISER_AUDIENCES = "ADVERTISER_AUDIENCES"
    COMBINED_AUDIENCES = "COMBINED_AUDIENCES"
    CUSTOM_BUILT = "CUSTOM_BUILT"
    DEMOGRAPHIC = "DEMOGRAPHIC"
    INTEREST = "INTEREST"
    IN_MARKET = "IN_MARKET"
    IN_MARKET_MULTI_COUNTRY = "IN_MARKET_MULTI_COUNTRY"
    LIFESTYLE = "LIFESTYLE"
    LIFE_EVENT = "LIFE_EVENT"
    LOOKALIKE = "LOOKALIKE"
    THIRD_PARTY = "THIRD_PARTY"


class VideoCategory(StrEnum):
    """Groups of Prime Video insights."""

    ACTORS = "ACTORS"
    DIRECTORS = "DIRECTORS"
    GENRES = "GENRES"
    MOVIES = "MOVIES"
    SERIES = "SERIES"


class ExpressionAsked(Asked):
    """What every insight asks for. `countryCodes` is required when the advertiser has no country of its own."""

    audience_targeting_expression: InsightExpression
    country_codes: Annotated[list[CountryCode], Field(max_length=1)] | None = None


class AffinityFilter(Asked):
    """Inclusive bounds of the affinity of the audiences returned."""

    min: Annotated[float, Field(ge=0)] | None = None
    max: Annotated[float, Field(ge=0)] | None = None


class OverlappingAsked(ExpressionAsked):
    """Body of topOverlappingAudiences."""

    category_filter: (
        Annotated[list[AudienceCategory], Field(min_length=1, max_length=9), AfterValidator(_unique)] | None
    ) = None
    overlap_affinity_filter: AffinityFilter | None = None


class VideoAsked(ExpressionAsked):
    """Body of primeVideo. All five groups are the default; naming them is limited to four, as published."""

    category_filter: (
        Annotated[list[VideoCategory], Field(min_length=1, max_length=4), AfterValidator(_unique)] | None
    ) = None


class Metrics(Told):
    """`affinity`: how many times as likely as the average person; `overlapPercentage`: percent of the audience."""

    affinity: float
    overlap_percentage: float


class SizeBounds(Told):
    """`max` is absent when there is no upper bound."""

    min: int
    max: int | None


class BandedSizeTold(Told):
    """Reply of bandedSize."""

    estimated_size: SizeBounds
    last_updated_at: Instant


class Range(Told):
    """Inclusive bounds, at least one of them present."""

    min: int | float | None
    max: int | float | None


class RangedInsight(Told):
    """One band of age, children's age or number of children."""

    insight_metrics: Metrics
    range: Range
    segment_id: str


class IncomeInsight(RangedInsight):
    """One band of income."""

    currency: str


class AttributeInsight(Told):
    """One value of gender, education or property ownership."""

    attribute: str
    insight_metrics: Metrics
    segment_id: str | None = None


class Demographics(Told):
    """Groups that have nothing to say are absent, never empty."""

    age: list[RangedInsight] | None = None
    children_age: list[RangedInsight] | None = None
    children_count: list[RangedInsight] | None = None
    education: list[AttributeInsight] | None = None
    gender: list[AttributeInsight] | None = None
    income: list[IncomeInsight] | None = None
    property_ownership: list[AttributeInsight] | None = None


class DemographicsTold(Told):
    """Reply of demographics."""

    demographics: Demographics
    last_updated_at: Instant


class BrowseNode(Told):
    """One step of a retail category's path."""

    browse_node_name: str


class RetailCategory(Told):
    """One retail category; `path` leads to it from the root and does not include it."""

    id: str
    name: str
    insight_metrics: Metrics
    path: list[BrowseNode]


class TopCategoriesTold(Told):
    """Reply of topCategoriesPurchased, by descending affinity."""

    retail_categories: list[RetailCategory]
    last_updated_at: Instant
    next_token: str | None = None


class Bounds(Told):
    """A forecast; `upperBound` is absent when there is none."""

    lower_bound: int
    upper_bound: int | None = None


class ForecastTold(Told):
    """Expected opportunities and people of one day."""

    daily_impressions: Bounds
    daily_reach: Bounds


class OverlappingAudience(Told):
    """One overlapping audience; `category` is its display name, not the enum of the filter."""

    id: str
    name: str
    category: str
    insight_metrics: Metrics
    forecast: ForecastTold


class OverlappingTold(Told):
    """Reply of topOverlappingAudiences, by descending affinity."""

    audiences: list[OverlappingAudience]
    last_updated_at: Instant
    next_token: str | None = None


class ActorInsight(Told):
    """One actor. The key of the metrics is `insight` here, not `insightMetrics`."""

    actor: str
    insight: Metrics


class DirectorInsight(Told):
    """One director."""

    director: str
    insight: Metrics


class GenreInsight(Told):
    """One genre."""

    genre: str
    insight: Metrics


class MovieInsight(Told):
    """One movie."""

    movie: str
    insight: Metrics


class SeriesInsight(Told):
    """One series."""

    series: str
    insight: Metrics


class DateRange(Told):
    """The period in which the viewing was seen."""

    start_date: Instant
    end_date: Instant


class VideoInsights(Told):
    """Groups that were not asked for, or that the workspace does not know, are absent; each has at most 50 rows."""

    actors: list[ActorInsight] | None = None
    directors: list[DirectorInsight] | None = None
    genres: list[GenreInsight] | None = None
    movies: list[MovieInsight] | None = None
    series: list[SeriesInsight] | None = None
    date_range: DateRange | None = None


class VideoTold(Told):
    """Reply of primeVideo."""

    prime_video_insights: VideoInsights
    last_updated_at: Instant

"""Shapes of audience overlap."""

from houselights.apis.amazon.wire import Told


class Bounds(Told):
    """A forecast; the upper bound is absent when there is none."""

    lower_bound: int
    upper_bound: int | None = None


class AudienceForecast(Told):
    """Expected people and opportunities of one day."""

    daily_reach: Bounds
    daily_impressions: Bounds


class AudienceMetadata(Told):
    """An audience; `category` is its display name."""

    audience_id: str
    name: str
    category: str
    audience_forecast: AudienceForecast | None = None


class OverlapEntry(Told):
    """One overlapping audience."""

    affinity: float
    audience_metadata: AudienceMetadata


class OverlapTold(Told):
    """Reply of overlappingAudiences, by descending affinity."""

    marketplace: str
    requested_audience_metadata: AudienceMetadata
    overlapping_audiences: list[OverlapEntry]
    next_token: str | None = None

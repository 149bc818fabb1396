"""From our insights to this vendor's rows. Pure; values that the vendor's enums cannot say are left out.

A group that cannot fill the published minimum (a single gender, one of two kinds of ownership) is left out whole.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from houselights.apis.amazon.dsp.insights.schemas import (
    ActorInsight,
    AttributeInsight,
    Bounds,
    BrowseNode,
    DateRange,
    Demographics,
    DirectorInsight,
    ForecastTold,
    GenreInsight,
    IncomeInsight,
    Metrics,
    MovieInsight,
    Range,
    RangedInsight,
    RetailCategory,
    SeriesInsight,
    VideoCategory,
    VideoInsights,
)
from houselights.model.catalogue import Catalogue, Facet, Trait
from houselights.model.insight import Band, Forecast, Insight

DECIMALS = 4
BANDS_MOST = 10
VIDEO_ROWS_MOST = 50
PATH_MOST = 5

# group of the reply → the role of the facet behind it
RANGED_ROLES = {"age": "age", "children_age": "children_age", "children_count": "children_count", "income": "income"}
ATTRIBUTE_ROLES = {"education": "education", "gender": "gender", "property_ownership": "home_ownership"}
DEMOGRAPHIC_ROLES = (*RANGED_ROLES.values(), *ATTRIBUTE_ROLES.values())
# group → trait key → the vendor's word; other keys cannot be said
ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "gender": {word: word.upper() for word in ("both", "female", "male", "unknown")},
    "education": {
        word: word.upper()
        for word in ("bachelors_degree", "bachelor_degree_or_more", "graduate_degree", "high_school", "some_college")
    },
    "property_ownership": {"owning": "OWNING", "renting": "RENTING"},
}
ATTRIBUTES_MOST = {"gender": 4, "education": 4, "property_ownership": 2}
ATTRIBUTES_LEAST = 2
CURRENCIES = frozenset(["AED", "AUD", "BRL", "CAD", "EUR", "GBP", "INR", "JPY", "MXN", "SAR", "SEK", "TRY", "USD"])

VIDEO_ROLES: Mapping[VideoCategory, str] = {
    VideoCategory.ACTORS: "video_actor",
    VideoCategory.DIRECTORS: "video_director",
    VideoCategory.GENRES: "video_genre",
    VideoCategory.MOVIES: "video_movie",
    VideoCategory.SERIES: "video_series",
}

Told = TypeVar("Told")
# One row of an answer: the trait, and how it relates to the audience.
Row = tuple[Trait, Insight]


def metrics_of(row: Insight) -> Metrics:
    """Write affinity and overlap with four decimals; overlap in percent. The affinity must be defined."""
    percent = min(100.0, round(row.overlap * 100, DECIMALS))
    return Metrics(affinity=round(row.affinity or 0.0, DECIMALS), overlap_percentage=percent)


def ranked(rows: Iterable[Insight]) -> list[Insight]:
    """Keep the rows whose affinity is defined; only they can be said."""
    return [row for row in rows if row.affinity is not None]


def by_facet(catalogue: Catalogue, rows: Iterable[Insight]) -> dict[str, list[Row]]:
    """Sort rows by the facet of their trait, each facet in display order."""
    sorted_rows: dict[str, list[Row]] = {}
    for row in ranked(rows):
        trait = catalogue.traits[row.subject_id]
        sorted_rows.setdefault(trait.facet, []).append((trait, row))
    for members in sorted_rows.values():
        members.sort(key=lambda pair: (pair[0].order, pair[0].id))
    return sorted_rows


def demographics_of(facets: Mapping[str, Facet], rows: Mapping[str, Sequence[Row]]) -> Demographics:
    """Write the demographic groups. `facets` is by role, `rows` by facet key."""
    groups: dict[str, Any] = {}
    for group, role in RANGED_ROLES.items():
        facet = facets.get(role)
        if facet is not None:
            groups[group] = _ranged(group, facet, rows.get(facet.key, ()))
    for group, role in ATTRIBUTE_ROLES.items():
        facet = facets.get(role)
        if facet is not None:
            groups[group] = _attributes(group, rows.get(facet.key, ()))
    return Demographics(**groups)


def _largest(rows: Sequence[Row], most: int) -> list[Row]:
    """Return at most `most` rows, those with the largest overlap, in the order they came."""
    kept = {id(row) for _, row in sorted(rows, key=lambda pair: -pair[1].overlap)[:most]}
    return [pair for pair in rows if id(pair[1]) in kept]


def _ranged(group: str, facet: Facet, rows: Sequence[Row]) -> list[RangedInsight] | list[IncomeInsight] | None:
    """Write numeric bands. A band needs a bound and the id of its segment; income needs a currency the vendor knows."""
    usable = [
        (trait, row)
        for trait, row in rows
        if trait.audience_id is not None and (trait.low is not None or trait.high is not None)
    ]
    if not usable or (group == "income" and facet.unit not in CURRENCIES):
        return None
    shown = _largest(usable, BANDS_MOST)
    fields = [
        {
            "insight_metrics": metrics_of(row),
            "range": Range(min=number(trait.low), max=number(trait.high)),
            "segment_id": str(trait.audience_id),
        }
        for trait, row in shown
    ]
    if group == "income":
        return [IncomeInsight(**each, currency=facet.unit) for each in fields]
    return [RangedInsight(**each) for each in fields]


def number(value: float | None) -> int | float | None:
    """Write 25.0 as 25, and leave fractions and None as they are."""
    return int(value) if value is not None and value.is_integer() else value


def _attributes(group: str, rows: Sequence[Row]) -> list[AttributeInsight] | None:
    """Write values of an enum. Only gender may do without the id of its segment."""
    words = ATTRIBUTES[group]
    usable = [
        (trait, row)
        for trait, row in rows
        if trait.key in words and (group == "gender" or trait.audience_id is not None)
    ]
    if len(usable) < ATTRIBUTES_LEAST:
        return None
    return [
        AttributeInsight(
            attribute=words[trait.key],
            insight_metrics=metrics_of(row),
            segment_id=None if trait.audience_id is None else str(trait.audience_id),
        )
        for trait, row in _largest(usable, ATTRIBUTES_MOST[group])
    ]


def retail_category_of(trait: Trait, row: Insight) -> RetailCategory:
    """Write a browse node; of a path deeper than the vendor allows, the steps nearest the root are kept."""
    path = [BrowseNode(browse_node_name=name) for name in trait.path[:-1][:PATH_MOST]]
    return RetailCategory(id=trait.key, name=trait.name, insight_metrics=metrics_of(row), path=path)


def forecast_of(forecast: Forecast) -> ForecastTold:
    """Write a forecast as the insights word it."""
    return ForecastTold(
        daily_impressions=bounds_of(forecast.daily_impressions), daily_reach=bounds_of(forecast.daily_reach)
    )


def bounds_of(band: Band) -> Bounds:
    """Write a band; an open one has no upper bound."""
    return Bounds(lower_bound=band.low, upper_bound=band.high)


def video_insights_of(
    facets: Mapping[VideoCategory, Facet], rows: Mapping[str, Sequence[Row]], as_of: datetime
) -> VideoInsights:
    """Write the groups in `facets`, each by descending affinity, and the longest period that they look back on."""

    def group(category: VideoCategory, write: Callable[[str, Metrics], Told]) -> list[Told] | None:
        facet = facets.get(category)
        if facet is None:
            return None
        best = sorted(rows.get(facet.key, ()), key=lambda pair: (-(pair[1].affinity or 0.0), pair[0].name, pair[0].id))
        return [write(trait.name, metrics_of(row)) for trait, row in best[:VIDEO_ROWS_MOST]]

    windows = [facet.window_days for facet in facets.values() if facet.window_days is not None]
    start = as_of - timedelta(days=max(windows)) if windows else None
    return VideoInsights(
        actors=group(VideoCategory.ACTORS, lambda name, insight: ActorInsight(actor=name, insight=insight)),
        directors=group(VideoCategory.DIRECTORS, lambda name, insight: DirectorInsight(director=name, insight=insight)),
        genres=group(VideoCategory.GENRES, lambda name, insight: GenreInsight(genre=name, insight=insight)),
        movies=group(VideoCategory.MOVIES, lambda name, insight: MovieInsight(movie=name, insight=insight)),
        series=group(VideoCategory.SERIES, lambda name, insight: SeriesInsight(series=name, insight=insight)),
        date_range=None if start is None else DateRange(start_date=start, end_date=as_of),
    )

"""From our audiences and forecasts to the rows of audience overlap. Pure."""

from collections.abc import Sequence

from houselights.apis.amazon.dsp.categories import DISPLAY, category_of, is_known
from houselights.apis.amazon.dsp.overlap.schemas import AudienceForecast, AudienceMetadata, Bounds
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.model.audience import Audience
from houselights.model.insight import Band, Forecast

CATEGORIES_MOST = 20


def metadata_of(audience: Audience, forecast: Forecast) -> AudienceMetadata:
    """Write one audience with its forecast."""
    told = AudienceForecast(
        daily_reach=_bounds(forecast.daily_reach), daily_impressions=_bounds(forecast.daily_impressions)
    )
    return AudienceMetadata(
        audience_id=str(audience.id), name=audience.name, category=audience.category, audience_forecast=told
    )


def _bounds(band: Band) -> Bounds:
    return Bounds(lower_bound=band.low, upper_bound=band.high)


def categories_of(csv: Sequence[str]) -> frozenset[str] | None:
    """Read `audienceCategory=a,b`, repeated or separated by commas, in either spelling; None when it was not given.

    Raises Rejected for more than twenty, or an unknown one.
    """
    names = [name.strip() for entry in csv for name in entry.split(",") if name.strip()]
    if len(names) > CATEGORIES_MOST:
        raise Rejected([Detail(Kind.OUT_OF_RANGE, f"at most {CATEGORIES_MOST} categories", "audienceCategory")])
    unknown = [name for name in names if not is_known(name)]
    if unknown:
        why = f'unknown category "{unknown[0]}"; known: {", ".join(DISPLAY.values())}'
        raise Rejected([Detail(Kind.INVALID, why, "audienceCategory")])
    return frozenset(category_of(name) for name in names) or None

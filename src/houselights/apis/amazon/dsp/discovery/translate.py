"""Discovery filters → `AudienceFilter`, and our audiences → this vendor's items. Pure.

Filters hold together, the values of one are alternatives. `AudienceFilter` has one slot for each kind of condition;
when a request has two filters for the same slot, the second is said as a double negation, which filters can nest.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from houselights.apis.amazon.dsp.categories import category_of
from houselights.apis.amazon.dsp.discovery.schemas import (
    STATUSES,
    AllInventory,
    AudienceFilterAsked,
    AudienceTold,
    Bucket,
    Forecasts,
    InventoryForecast,
)
from houselights.apis.amazon.dsp.translate import audience_id_of
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.model.audience import Audience, AudienceFilter, AudienceStatus
from houselights.model.insight import Band, Forecast

ACTIVE, PROCESSING = "active", "processing"
STATUS_WORDS = {AudienceStatus.ACTIVE: "Active", AudienceStatus.ARCHIVED: "Deactivated"}


def filter_of(
    filters: Sequence[AudienceFilterAsked], *, targetable_only: bool, unready: Callable[[], frozenset[int]]
) -> AudienceFilter:
    """Translate filters. Unless a filter speaks of status, or `targetable_only`, only active audiences are meant.

    `unready` is asked for the audiences that are active for us and Processing for the vendor, when that matters.
    Raises Rejected naming the filter for ids that are no numbers and for unknown statuses.
    """
    where = AudienceFilter()
    for position, asked in enumerate(filters):
        one = _condition(asked, f"filters[{position}].values", unready)
        negated = asked.operator == "NOT_EQ"
        where = replace(where, excluding=(*where.excluding, one)) if negated else _both(where, one)
    speaks_of_status = any(asked.field == "status" for asked in filters)
    if targetable_only:
        where = _both(where, _statuses(frozenset({ACTIVE}), unready))
    elif not speaks_of_status:
        where = _both(where, AudienceFilter(statuses=frozenset({AudienceStatus.ACTIVE})))
    return where


def _condition(asked: AudienceFilterAsked, field: str, unready: Callable[[], frozenset[int]]) -> AudienceFilter:
    """Translate one filter as if its operator were EQ."""
    match asked.field:
        case "audienceName":
            return AudienceFilter(name_words=tuple(asked.values))
        case "category":
            return AudienceFilter(categories=frozenset(category_of(value) for value in asked.values))
        case "categoryPath":
            category, *nodes = asked.values
            return AudienceFilter(at=(category_of(category), *nodes))
        case "audienceId":
            return AudienceFilter(ids=_ids(asked.values, field))
        case "status":
            return _statuses(_known(asked.values, field), unready)


def _ids(values: Sequence[str], field: str) -> frozenset[int]:
    numbers = {value: audience_id_of(value) for value in values}
    wrong = [value for value, number in numbers.items() if number is None]
    if wrong:
        raise Rejected([Detail(Kind.INVALID, f"audienceId is invalid: {value}", field) for value in wrong])
    return frozenset(number for number in numbers.values() if number is not None)


def _statuses(asked: frozenset[str], unready: Callable[[], frozenset[int]]) -> AudienceFilter:
    """Translate statuses in lower case; those of the vendor that nothing here can be in match nothing.

    What is active for us is Active or Processing for the vendor.
    """
    statuses = {status for status, word in STATUS_WORDS.items() if word.lower() in asked}
    ready, processing = ACTIVE in asked, PROCESSING in asked
    if processing:
        statuses.add(AudienceStatus.ACTIVE)
    where = AudienceFilter(statuses=frozenset(statuses))
    if ready == processing:
        return where
    small = AudienceFilter(ids=unready())
    if ready:
        return replace(where, excluding=(small,))
    other = AudienceFilter(statuses=frozenset({AudienceStatus.ACTIVE}), excluding=(small,))
    return replace(where, excluding=(other,))


def _known(values: Sequence[str], field: str) -> frozenset[str]:
    """Return statuses in lower case. Raises Rejected for a word that is none."""
    known = {word.lower() for word in STATUSES}
    wrong = [value for value in values if value.lower() not in known]
    if wrong:
        why = f"status is invalid: {wrong[0]}; known: {', '.join(STATUSES)}"
        raise Rejected([Detail(Kind.INVALID, why, field)])
    return frozenset(value.lower() for value in values)


def _both(first: AudienceFilter, second: AudienceFilter) -> AudienceFilter:
    """Return a filter that holds when both do; `second` has exactly one condition, or exceptions to it."""
    nothing = AudienceFilter()
    if second.excluding:
        return replace(first, excluding=(*first.excluding, AudienceFilter(excluding=(second,))))
    for slot in ("ids", "name_words", "categories", "at", "statuses"):
        condition = getattr(second, slot)
        if condition != getattr(nothing, slot):
            if getattr(first, slot) == getattr(nothing, slot):
                return replace(first, **{slot: condition})
            negated = AudienceFilter(excluding=(second,))
            return replace(first, excluding=(*first.excluding, negated))
    return first


def bucket_of(band: Band) -> Bucket:
    """Write a band, half-open as ours."""
    return Bucket(lower_bound_inclusive=band.low, upper_bound_exclusive=band.high)


def inventory_of(forecast: Forecast, *, with_impressions: bool) -> InventoryForecast:
    """Write a forecast as discovery words it."""
    impressions = bucket_of(forecast.daily_impressions) if with_impressions else None
    return InventoryForecast(daily_reach=bucket_of(forecast.daily_reach), daily_impressions=impressions)


def audience_told(
    audience: Audience, forecast: Forecast, *, with_impressions: bool, is_ready: bool = True
) -> AudienceTold:
    """Write one audience."""
    inventory = AllInventory(all=inventory_of(forecast, with_impressions=with_impressions))
    return AudienceTold(
        audience_id=str(audience.id),
        audience_name=audience.name,
        category=audience.category,
        sub_category=audience.path[0] if audience.path else None,
        description=audience.description,
        forecasts=Forecasts(inventory_forecasts=inventory),
        status=STATUS_WORDS[audience.status] if is_ready else PROCESSING.capitalize(),
        create_date=audience.created_at,
        update_date=audience.updated_at,
    )

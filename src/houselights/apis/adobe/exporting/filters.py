"""The times in an export's filter: when people qualified. Refuses those of ingestion, which are not kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from houselights.base.errors import InvalidInput

QUALIFIED, INGESTED = "segmentQualificationTime", "fromIngestTimestamp"


@dataclass(frozen=True, slots=True)
class Qualified:
    """From when to when, both included; None leaves a side open."""

    start: datetime | None
    end: datetime | None


def qualified(wanted: Mapping[str, Any]) -> Qualified | None:
    """Return when the people of a filter qualified; None where it does not matter. Raises InvalidInput."""
    _not_ingested(wanted, "filter")
    asked, field = wanted.get(QUALIFIED), f"filter.{QUALIFIED}"
    if asked is None:
        return None
    if not isinstance(asked, Mapping):
        raise InvalidInput("expected an object with startTime, endTime or both", field=field)
    if not wanted.get("segments"):
        raise InvalidInput("people qualify for audiences: name some", field="filter.segments")
    times = Qualified(*(_instant(asked.get(name), f"{field}.{name}") for name in ("startTime", "endTime")))
    if times.start is not None and times.end is not None and times.start > times.end:
        raise InvalidInput("it ends before it starts", field=f"{field}.endTime")
    return times


def check_events(event_list: Mapping[str, Any]) -> None:
    """Check the filter of the events to be exported. Raises InvalidInput."""
    wanted = event_list.get("filter") or {}
    if not isinstance(wanted, Mapping):
        raise InvalidInput("expected an object", field="additionalFields.eventList.filter")
    _not_ingested(wanted, "additionalFields.eventList.filter")


def _not_ingested(wanted: Mapping[str, Any], field: str) -> None:
    if wanted.get(INGESTED) is not None:
        hint = f"when people qualified is: {QUALIFIED}"
        raise InvalidInput("when data was ingested is not kept", field=f"{field}.{INGESTED}", hint=hint)


def _instant(given: object, field: str) -> datetime | None:
    if given is None:
        return None
    try:
        made = datetime.fromisoformat(str(given))
        return made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f'"{given}" is no instant', field=field, hint="such as 2026-11-01T00:00:00Z") from error

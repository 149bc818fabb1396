"""Who came into an audience when, by the membership log: what a run, a stream or an upload recorded."""

from datetime import datetime

from houselights.engine.list_log import microseconds
from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshot


def came_between(snapshot: Snapshot, log_id: int, start: datetime | None, end: datetime | None) -> PeopleSet:
    """Return who is recorded as in since some time from `start` to `end`, both included; None leaves a side open."""
    people, since = snapshot.list_log(log_id).standing()
    capacity = snapshot.index.everyone.capacity
    wanted = people < capacity
    if start is not None:
        wanted &= since >= microseconds(start)
    if end is not None:
        wanted &= since <= microseconds(end)
    return PeopleSet.from_ids(people[wanted], capacity)

"""Who came into an audience when, by the membership log: what a run, a stream or an upload recorded."""

from datetime import datetime

import numpy as np
import pyarrow.compute as pc

from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshot
from houselights.engine.standings import IN, LOG_COLUMNS, standings_of
from houselights.storage.lake.lake import Lake


def came_between(
    lake: Lake, snapshot: Snapshot, log_id: int, start: datetime | None, end: datetime | None
) -> PeopleSet:
    """Return who is recorded as in since some time from `start` to `end`, both included; None leaves a side open."""
    capacity = snapshot.index.everyone.capacity
    version = snapshot.generation.tables.get("memberships")
    if version is None:
        return PeopleSet.empty(capacity)
    dataset = lake.dataset(snapshot.generation.workspace_id, "memberships", version)
    log = dataset.to_table(columns=list(LOG_COLUMNS), filter=pc.field("audience_id") == log_id)
    wanted = pc.field("status") == IN
    if start is not None:
        wanted &= pc.field("since") >= start
    if end is not None:
        wanted &= pc.field("since") <= end
    ids = standings_of(log).filter(wanted)["person_id"].to_numpy()
    return PeopleSet.from_ids(ids[ids < capacity].astype(np.int64), capacity)

"""Where people stand in audiences by the membership log: who is in, who was, since when. Decides about nobody.

A rule that asks about standings asks what was recorded, by a run or a stream; one that asks whether somebody is a
member asks the audience's rule itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.engine.sql.tables import STANDINGS
from houselights.rules.functions.lists import Keyed

NAMESPACE = "own"  # the audiences of this house, whatever a dialect calls them
IN, OUT = "realized", "exited"
LOG_COLUMNS = ("audience_id", "person_id", "time", "action")


def standings_of(log: pa.Table) -> pa.Table:
    """Return rows of `STANDINGS`: the last line of the log for each person and audience.

    Of two lines at the same instant the removal counts, as it does for lists.
    """
    keys = ["person_id", "audience_id", "time", "action"]
    lines = log.sort_by([(key, "ascending") for key in keys])
    people, audiences = lines["person_id"].to_numpy(), lines["audience_id"].to_numpy()
    changes = (people[1:] != people[:-1]) | (audiences[1:] != audiences[:-1])
    last = lines.filter(pa.array(np.append(changes, True))) if len(lines) else lines
    columns = {
        "person_id": last["person_id"],
        "namespace": pa.repeat(pa.scalar(NAMESPACE), len(last)),
        "audience": last["audience_id"].cast(pa.string()),
        "status": pc.if_else(pc.equal(last["action"], "CREATE"), IN, OUT),
        "since": last["time"],
    }
    return pa.table([columns[name] for name in STANDINGS.names], schema=STANDINGS)


def standing(is_member: bool, since: datetime) -> Mapping[str, Any]:
    """Return one person's standing in one audience, as documents have it."""
    return {"status": IN if is_member else OUT, "lastQualificationTime": since}


def with_standing(held: Mapping[str, Any] | None, audience_id: int, is_member: bool, since: datetime) -> Keyed:
    """Return the memberships of a document with one of them changed."""
    spaces = dict(held or {})
    own = Keyed({**spaces.get(NAMESPACE, {}), str(audience_id): standing(is_member, since)})
    return Keyed({**spaces, NAMESPACE: own})

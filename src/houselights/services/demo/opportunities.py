"""On which days people could have been shown an advertisement, and how often: the ground of reach forecasts."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from houselights.services.demo.arrays import instants
from houselights.services.demo.people import People
from houselights.services.demo.social import DAY

DAYS = 30
# One lot per person and day decides; the mean share of active days over everybody is about a fifth.
MEAN_SHARE = 0.19


def opportunities(random: np.random.Generator, people: People, now: datetime) -> pa.Table:
    """Return one row per person and day with any opportunity, over the last DAYS whole days before `now`."""
    count = len(people)
    # A sixth of the people see no advertising at all; screens and youth make for more, income for a little less.
    leaning = 0.35 * people.feature("screen") + 0.25 * people.feature("tech") + 0.3 * people.feature("young")
    share = MEAN_SHARE * np.exp(leaning - 0.35 + 0.5 * random.standard_normal(count, np.float32))
    share = np.where(random.random(count) < 0.16, 0.0, np.minimum(share, 0.95))
    who, day = np.nonzero(random.random((count, DAYS), np.float32) < share[:, None])
    pace = 3.0 * np.exp(0.6 * random.standard_normal(count, np.float32) + 0.3 * people.feature("screen"))
    seen = 1 + random.poisson(pace[who])
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    noon = int((midnight - timedelta(hours=12)).timestamp() * 1e6)
    return pa.table(
        {
            "person_id": people.ids[who],
            "occurred_at": instants(noon - day.astype(np.int64) * DAY),
            "opportunities": pa.array(seen.astype(np.int32)),
        }
    )

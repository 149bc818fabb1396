"""How long one arriving profile takes to be evaluated against a hundred audiences; the bar is 5 ms at the median.

Run: `python -m bench.edge`. The audiences are of the kinds an edge may have: attributes, an event of the last day,
audiences of audiences. Everything is timed that stands between the request's body and its answer, but for HTTP itself.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.settle import settle_twelve

from bench.measure import Figure
from bench.report import show
from houselights.apis.adobe.language.parse import parse
from houselights.app import build_house
from houselights.base.settings import Settings
from houselights.model.audience import Evaluation
from houselights.rules.tree import Where
from houselights.services.caller import Caller
from houselights.services.edge import Arriving
from houselights.services.motion.incoming import NewEvent
from houselights.services.profiles import who_of

AUDIENCES = 100
ROUNDS = 500
BAR_MILLISECONDS = 5.0

KINDS = (
    'homeAddress.city = "City {n}" and person.gender.equals("Female", false)',
    'homeAddress.country in ["GB", "US", "C{n}"] and not(optOut = true)',
    'CHAIN(xEvent, timestamp, [A: WHAT(eventType = "buy-{n}") WHEN(<= 24 hours before now)])',
    'person.gender = "female" and xEvent[eventType = "open" and timestamp occurs <= 24 hours before now]',
    'homeAddress.city.startsWith("C") and inSegment("{before}")',
)


def measure() -> Iterator[Figure]:
    """Yield the middle and the slow end of what one profile takes."""
    with tempfile.TemporaryDirectory() as folder:
        house = build_house(Settings(data=Path(folder)))
        caller = Caller.local(settle_twelve(house))
        ids = [9001]
        for n in range(AUDIENCES):
            text = KINDS[n % len(KINDS)].replace("{n}", str(n)).replace("{before}", str(ids[-1]))
            made = house.audiences.create(
                caller, name=f"a{n}", description="", rule=Where(parse(text).tree), evaluation=Evaluation.SYNCHRONOUS
            )
            ids.append(made.id)
        now = datetime.now(UTC)
        taken = []
        for turn in range(ROUNDS):
            started = time.perf_counter()
            who = who_of(f"p{turn}", {"cookie": [f"c{turn}"]}, "profile")
            deeds = [
                NewEvent(who=who, time=now - timedelta(hours=n), type="open" if n % 2 else f"buy-{turn % 100}")
                for n in range(10)
            ]
            attributes = {"homeAddress": {"city": f"City {turn}", "country": "GB"}, "person": {"gender": "female"}}
            answer = house.edge.arriving(caller, Arriving(who=who, attributes=attributes, events=deeds), ids[1:])
            taken.append((time.perf_counter() - started) * 1000)
        assert len(answer.members) == AUDIENCES
        house.control.close()
    work = f"one arriving profile with 10 events against {AUDIENCES} audiences"
    median = statistics.median(taken)
    yield Figure(
        work=work, people=1, engine="p50", value=median, bar=f"≤ {BAR_MILLISECONDS:.0f} ms",
        met=median <= BAR_MILLISECONDS,
    )  # fmt: skip
    yield Figure(work=work, people=1, engine="p99", value=statistics.quantiles(taken, n=100)[98])


if __name__ == "__main__":
    show(list(measure()))

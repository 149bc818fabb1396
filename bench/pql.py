"""Twelve expressions over profiles and their events, beside the SQL that a careful person writes for the same question.

Both read the same Parquet files in a database just opened, with nothing remembered, on the same threads, and both
answer who it is: ours the whole way from text to a set of people, the peer the ids, each once. Counts must be equal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import duckdb

from bench.measure import Figure, beside
from bench.profiles import AS_OF, WORKSPACE, profiles
from houselights.apis.adobe.language.parse import parse
from houselights.engine.people_set import PeopleSet
from houselights.engine.sql.run import Expressions, Limits
from houselights.engine.sql.shape import TableShape, shape_of
from houselights.model.workspace import Generation
from houselights.storage.lake.lake import Lake

ROUNDS = 5
THREADS = 2
BAR_OVERALL, BAR_EACH = 1.15, 1.5


@dataclass(frozen=True, slots=True)
class Question:
    """One question in two languages; the SQL answers ids, each once."""

    words: str
    pql: str
    sql: str


def since(days: int) -> str:
    """Write the instant some days before now."""
    return f"TIMESTAMPTZ '2026-11-01 00:00:00+00' - INTERVAL {days} DAY"


NOW = "TIMESTAMPTZ '2026-11-01 00:00:00+00'"

QUESTIONS = (
    Question(
        "profile: country and birth year",
        'homeAddress.countryISO = "US" and person.birthYear >= 1985',
        "SELECT person_id FROM people WHERE homeAddress.countryISO = 'US' AND person.birthYear >= 1985",
    ),
    Question(
        "profile: texts without case, a list, a negation",
        'person.name.startsWith("joe", false) and favouriteColours.intersects(["red", "blue"])'
        " and not (homeAddress.stateProvince = workAddress.stateProvince)",
        """SELECT person_id FROM people
        WHERE lower(person.name) LIKE 'joe%' AND list_has_any(favouriteColours, ['red', 'blue'])
          AND (homeAddress.stateProvince = workAddress.stateProvince) IS NOT TRUE""",
    ),
    Question(
        "an event, ever",
        'chain(xEvent, timestamp, [A: WHAT(eventType = "addToCart")])',
        "SELECT DISTINCT person_id FROM events WHERE type = 'addToCart'",
    ),
    Question(
        "country, and no such event in 8 days",
        'homeAddress.countryISO = "US"'
        ' and not(chain(xEvent, timestamp, [X: WHAT(eventType = "addToCart") WHEN(< 8 days before now)]))',
        f"""SELECT person_id FROM people p WHERE homeAddress.countryISO = 'US' AND NOT EXISTS (
            SELECT 1 FROM events e WHERE e.person_id = p.person_id AND type = 'addToCart'
              AND time > {since(8)} AND time <= {NOW})""",
    ),
    Question(
        "five such events in 30 days",
        'chain(xEvent, timestamp, [A: WHAT(eventType = "pageView") WHEN(< 30 days before now) COUNT(5)])',
        f"""SELECT person_id FROM events
            WHERE type = 'pageView' AND time > {since(30)} AND time <= {NOW}
            GROUP BY person_id HAVING count(*) >= 5""",
    ),
    Question(
        "two kinds of events, any order",
        'chain(xEvent, timestamp, [A: WHAT(eventType = "addToCart")])'
        ' and chain(xEvent, timestamp, [A: WHAT(eventType = "purchase")])',
        """SELECT person_id FROM events WHERE type IN ('addToCart', 'purchase')
            GROUP BY person_id HAVING bool_or(type = 'addToCart') AND bool_or(type = 'purchase')""",
    ),
    Question(
        "sum of 90 days between two amounts",
        'let S = (sum X.commerce.order.priceTotal over X from xEvent where X.eventType = "purchase"'
        " and (X.timestamp occurs < 90 days before now)) in (S > 100 and S < 1000)",
        f"""SELECT person_id FROM events
            WHERE type = 'purchase' AND time > {since(90)} AND time <= {NOW}
            GROUP BY person_id
            HAVING sum(commerce.order.priceTotal) > 100 AND sum(commerce.order.priceTotal) < 1000""",
    ),
    Question(
        "an item of an event",
        'exists E from xEvent where E.eventType = "purchase", I from E.productListItems where I.SKU = "SKU-0007"',
        """SELECT DISTINCT person_id FROM (SELECT person_id, unnest(productListItems) AS item
            FROM events WHERE type = 'purchase') WHERE item.SKU = 'SKU-0007'""",
    ),
    Question(
        "events compared with the profile",
        "xEvent[commerce.order.priceTotal > ^points].count() > 0",
        """SELECT DISTINCT p.person_id FROM people p JOIN events e ON e.person_id = p.person_id
            WHERE e.commerce.order.priceTotal > p.points""",
    ),
    Question(
        "three counts and an average in one rule",
        'xEvent[eventType = "emailOpen"].count() >= 3 and xEvent[eventType = "emailClick"].count() < 2'
        ' and (xEvent[eventType = "purchase"].average(commerce.order.priceTotal) > 80'
        ' or homeAddress.countryISO = "JP")',
        """SELECT p.person_id FROM people p JOIN (SELECT person_id, count(*) FILTER (type = 'emailOpen') AS opens,
                count(*) FILTER (type = 'emailClick') AS clicks,
                avg(commerce.order.priceTotal) FILTER (type = 'purchase') AS mean
            FROM events WHERE type IN ('emailOpen', 'emailClick', 'purchase') GROUP BY person_id) e
            ON e.person_id = p.person_id
            WHERE opens >= 3 AND clicks < 2 AND (mean > 80 OR homeAddress.countryISO = 'JP')""",
    ),
    Question(
        "three steps in order",
        'chain(xEvent, timestamp, [A: WHAT(eventType = "productView"), B: WHAT(eventType = "addToCart"),'
        ' C: WHAT(eventType = "purchase")])',
        """WITH viewed AS (SELECT person_id, min(time) AS at FROM events WHERE type = 'productView' GROUP BY 1),
            added AS (SELECT e.person_id, min(e.time) AS at FROM events e JOIN viewed v ON v.person_id = e.person_id
                WHERE e.type = 'addToCart' AND e.time > v.at GROUP BY 1)
            SELECT DISTINCT e.person_id FROM events e JOIN added a ON a.person_id = e.person_id
            WHERE e.type = 'purchase' AND e.time > a.at""",
    ),
    Question(
        "in order, a day apart at most, for a country",
        'homeAddress.countryISO in ["US", "CA"] and chain(xEvent, timestamp, [A: WHAT(eventType = "productView"),'
        ' B: WHAT(eventType = "addToCart") WHEN(<= 1 day after A)])',
        """SELECT DISTINCT p.person_id FROM people p
            JOIN events a ON a.person_id = p.person_id AND a.type = 'productView'
            JOIN events b ON b.person_id = p.person_id AND b.type = 'addToCart'
                AND b.time > a.time AND b.time <= a.time + INTERVAL 1 DAY
            WHERE p.homeAddress.countryISO IN ('US', 'CA')""",
    ),
)


def measure(people: int) -> Iterator[Figure]:
    """Yield two lines a question, ours and the peer's, and one for all together."""
    lake, generation = profiles(people)
    shape = shape_of(
        lake.schema(WORKSPACE, "people", generation.tables["people"]),
        lake.schema(WORKSPACE, "events", generation.tables["events"]),
        event_time="timestamp",
        event_type="eventType",
    )
    totals = [0.0, 0.0]
    for number, question in enumerate(QUESTIONS, start=1):
        ours, theirs = [], []
        for _ in range(ROUNDS):
            seconds, found = by_us(question, lake, generation, shape)
            ours.append(seconds * 1000)
            seconds, expected = by_hand(question, lake, generation)
            theirs.append(seconds * 1000)
            assert found == expected, (question.words, found, expected)
        mine, other = median(ours), median(theirs)
        totals[0] += mine
        totals[1] += other
        yield from _pair(f"{number}. {question.words}", people, mine, other, BAR_EACH)
    yield from _pair("all twelve", people, totals[0], totals[1], BAR_OVERALL)


def _pair(work: str, people: int, ours: float, theirs: float, bar: float) -> Iterator[Figure]:
    yield Figure(work=work, people=people, engine="houselights", value=ours, bar=f"≤ {bar}× by hand",
                 met=ours <= bar * theirs)  # fmt: skip
    yield Figure(work=work, people=people, engine="DuckDB by hand", value=theirs, beside=beside(ours, theirs))


def by_us(question: Question, lake: Lake, generation: Generation, shape: TableShape) -> tuple[float, int]:
    """Return the seconds from text to the set, and its size."""
    start = perf_counter()
    expressions = Expressions(
        lake, generation, shape, PeopleSet.full(generation.people), limits=Limits(threads=THREADS)
    )
    found = len(expressions.members(parse(question.pql).tree, nobody, AS_OF))
    return perf_counter() - start, found


def by_hand(question: Question, lake: Lake, generation: Generation) -> tuple[float, int]:
    """Return the seconds from opening a database to the ids, and how many there are."""
    start = perf_counter()
    with duckdb.connect(config={"threads": THREADS}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table in ("people", "events"):
            files = lake.files(WORKSPACE, table, generation.tables[table])
            connection.from_parquet(files).create_view(table)
        found = connection.execute(question.sql).fetchnumpy()["person_id"]
    return perf_counter() - start, len(found)


def nobody(audience: str) -> PeopleSet:
    raise AssertionError(f"no audience {audience} in these expressions")

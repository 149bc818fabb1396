"""The dialect: what can be asked, in which shapes, and what is refused by which name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from houselights.base.errors import InvalidInput
from houselights.cleanroom.compile import compile_query
from houselights.cleanroom.question import Purpose, Window
from houselights.cleanroom.refusal import WrongTable
from houselights.cleanroom.tables import Class, Table
from tests.unit.cleanroom.asking import MARCH, NOW, USER, ask, column, people, table

# The two queries the audience tables are documented with, as printed.
MATCHED = """SELECT COUNT(DISTINCT user_id) as matched_users
FROM example_audience_members_9c5b8b23
WHERE audience_id = 0000000000000000000
GROUP BY audience_id"""
MEMBERS_THEN = """WITH ranked_updates AS 
(
    SELECT user_id, audience_id, action, user_type, insert_date_utc, ROW_NUMBER()
    OVER( PARTITION BY user_id, audience_id ORDER BY insert_date_utc  DESC) AS ranked_audiences 
    FROM TABLE(EXTEND_TIME_WINDOW(example_audience_logs_9c5b8b23,'P397D','P0D')))  
SELECT COUNT(DISTINCT user_id) as user_count, audience_id 
FROM ranked_updates 
WHERE ranked_audiences = 1 
AND action <> 'DELETE'
AND insert_time_in_millis < CAST('2023-06-30' AS DATE)
GROUP BY audience_id"""  # noqa: W291  as printed


def naive(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[arg-type, misc]


def audience_tables() -> tuple[Table, Table]:
    """Audience 0 has users 1 to 5. Of audience 7, 1 to 4 were put in; 4 was taken out; 5 came too late to count."""
    members = [{"audience_id": "0", "user_id": who, "user_type": "adUserId"} for who in range(1, 6)]
    log = [
        {"audience_id": 7, "user_id": who, "action": "CREATE", "insert_date_utc": naive(2022, 9, who)}
        for who in range(1, 5)
    ]
    log.append({"audience_id": 7, "user_id": 4, "action": "DELETE", "insert_date_utc": naive(2023, 2, 1)})
    log.append({"audience_id": 7, "user_id": 5, "action": "CREATE", "insert_date_utc": naive(2023, 6, 30, 0, 0, 1)})
    log.append({"audience_id": 7, "user_id": 6, "action": "CREATE", "insert_date_utc": naive(2021, 1, 1)})
    shared = [USER, column("user_type", klass=Class.LOW), column("insert_date_utc", "TIMESTAMP", Class.LOW)]
    return (
        table(
            "example_audience_members_9c5b8b23",
            [*shared, column("audience_id", klass=Class.LOW)],
            members,
            for_audiences=True,
        ),
        table(
            "example_audience_logs_9c5b8b23",
            [*shared, column("audience_id", "LONG", Class.LOW), column("action", klass=Class.LOW)],
            log,
            time="insert_date_utc",
            retired={"insert_time_in_millis": "insert_date_utc"},
            for_audiences=True,
        ),
    )


JUNE = Window(start=datetime(2023, 6, 1, tzinfo=UTC), end=datetime(2023, 7, 1, tzinfo=UTC))


def test_the_documented_query_over_members() -> None:
    assert ask(MATCHED, *audience_tables()) == [(5,)]


@pytest.mark.parametrize("name", ["example_audience_logs_9c5b8b23", "'example_audience_logs_9c5b8b23'"])
def test_the_documented_query_over_the_log(name: str) -> None:
    query = MEMBERS_THEN.replace("example_audience_logs_9c5b8b23", name)
    assert ask(query, *audience_tables(), window=JUNE) == [(3, 7)]


def test_the_documented_query_is_mended_with_a_note() -> None:
    compiled = compile_query(MEMBERS_THEN, audience_tables(), window=JUNE, now=NOW)
    assert [note for note in compiled.notes if "insert_time_in_millis" in note and "insert_date_utc" in note]


def test_ids_of_audiences_compare_as_text_and_as_numbers() -> None:
    query = (
        "SELECT COUNT(DISTINCT m.user_id) AS n FROM example_audience_members_9c5b8b23 m "
        "JOIN TABLE(EXTEND_TIME_WINDOW(example_audience_logs_9c5b8b23, 'P900D', 'P0D')) l "
        "ON m.user_id = l.user_id AND m.audience_id <> l.audience_id WHERE l.audience_id = '7'"
    )
    assert ask(query, *audience_tables(), window=JUNE) == [(5,)]


# -- windows of time ---------------------------------------------------------------------------------------------------


def hourly() -> Table:
    """Two users for every hour from 25 February to 15 March."""
    start = naive(2024, 2, 25)
    rows = [
        {"user_id": hour * 2 + which, "at": start + timedelta(hours=hour)}
        for hour in range(24 * 20)
        for which in (0, 1)
    ]
    return table("hours", [USER, column("at", "TIMESTAMP")], rows, time="at")


SPAN = "SELECT MIN(at) AS first, MAX(at) AS last FROM {}"


@pytest.mark.parametrize(
    ("source", "zone", "first", "last"),
    [
        ("hours", "UTC", naive(2024, 3, 1), naive(2024, 3, 7, 23)),
        ("TABLE(EXTEND_TIME_WINDOW(hours, 'P2D', 'P1D'))", "UTC", naive(2024, 2, 28), naive(2024, 3, 8, 23)),
        ("TABLE(EXTEND_TIME_WINDOW(\"hours\", 'P0D', 'PT12H')) AS h", "UTC", naive(2024, 3, 1), naive(2024, 3, 8, 11)),
        ("TABLE(EXTEND_TIME_WINDOW('hours', 'P1W', 'P1W'))", "UTC", naive(2024, 2, 25), naive(2024, 3, 14, 23)),
        # Clocks went forward in New York on 10 March: four days after the 8th is a day of 23 hours.
        (
            "TABLE(EXTEND_TIME_WINDOW(hours, 'P0D', 'P4D'))",
            "America/New_York",
            naive(2024, 3, 1),
            naive(2024, 3, 11, 22),
        ),
    ],
)
def test_only_the_window_is_read(source: str, zone: str, first: datetime, last: datetime) -> None:
    window = Window(start=MARCH.start, end=MARCH.end, zone=zone)
    assert ask(SPAN.format(source), hourly(), window=window) == [(first, last)]


def test_today_is_said_in_the_zone_of_the_window() -> None:
    window = Window(start=MARCH.start, end=MARCH.end, zone="Pacific/Auckland")
    assert ask("SELECT CAST('today' AS DATE) AS d FROM one", table("one", [column("n")], [{}]), window=window) == [
        (datetime(2024, 3, 11, tzinfo=UTC).date(),)
    ]


def test_tables_without_an_event_time_are_whole() -> None:
    labels = table("labels", [column("label")], [{"label": "a"}, {"label": "b"}])
    assert ask("SELECT label FROM TABLE(EXTEND_TIME_WINDOW(labels, 'P1D', 'P1D'))", labels) == [("a",), ("b",)]


# -- shapes ------------------------------------------------------------------------------------------------------------

SALES = [
    {"user_id": who, "shop": shop, "amount": amount}
    for who, shop, amount in [
        (1, "x", 10),
        (2, "x", 20),
        (3, "y", 5),
        (4, "y", 5),
        (5, "z", 1),
        (6, "z", 2),
        (1, "y", 7),
    ]
]
VISITS = [
    {"user_id": who, "page": page} for who, page in [(1, "home"), (2, "home"), (3, "cart"), (9, "cart"), (8, "home")]
]
LABELS = [{"shop": "x", "label": "Exeter"}, {"shop": "y", "label": "York"}, {"shop": "q", "label": "none"}]


def shops() -> tuple[Table, ...]:
    return (
        table("sales", [USER, column("shop"), column("amount", "LONG")], SALES),
        table("visits", [USER, column("page")], VISITS),
        table("labels", [column("shop"), column("label")], LABELS),
    )


SHAPES: dict[str, tuple[str, list[Any]]] = {
    "group by an ordinal": ("SELECT shop, SUM(amount) AS s FROM sales GROUP BY 1", [("x", 30), ("y", 17), ("z", 3)]),
    "group by an alias": (
        "SELECT UPPER(shop) AS big, COUNT(*) AS n FROM sales GROUP BY big",
        [("X", 2), ("Y", 3), ("Z", 2)],
    ),
    "group by an expression": (
        "SELECT upper(s.shop) AS big, COUNT(*) AS n FROM sales s GROUP BY UPPER(shop)",
        [("X", 2), ("Y", 3), ("Z", 2)],
    ),
    "having": ("SELECT shop, SUM(amount) AS s FROM sales GROUP BY shop HAVING SUM(amount) > 3", [("x", 30), ("y", 17)]),
    "having a count of users": (
        "SELECT shop FROM sales GROUP BY shop HAVING COUNT(DISTINCT user_id) = 3",
        [("y",)],
    ),
    "inner join": (
        "SELECT label, SUM(amount) AS s FROM sales s INNER JOIN labels l ON s.shop = l.shop GROUP BY label",
        [("Exeter", 30), ("York", 17)],
    ),
    "join using": (
        "SELECT shop, label, SUM(amount) AS s FROM sales JOIN labels USING (shop) GROUP BY shop, label",
        [("x", "Exeter", 30), ("y", "York", 17)],
    ),
    "left join": (
        "SELECT label, SUM(amount) AS s FROM sales s LEFT JOIN labels l ON s.shop = l.shop GROUP BY 1",
        [("Exeter", 30), ("York", 17), (None, 3)],
    ),
    "full join on users": (
        (
            "SELECT CASE WHEN s.user_id IS NULL THEN 'seen' WHEN v.user_id IS NULL THEN 'bought' ELSE 'both' END "
            "AS how, COUNT(DISTINCT COALESCE(s.user_id, v.user_id)) AS n FROM sales s FULL OUTER JOIN visits v "
            "ON s.user_id = v.user_id GROUP BY 1"
        ),
        [("both", 3), ("bought", 3), ("seen", 2)],
    ),
    "full join using users": (
        "SELECT COUNT(DISTINCT user_id) AS n FROM sales FULL JOIN visits USING (user_id)",
        [(8,)],
    ),
    "cross join and comma": (
        "SELECT COUNT(*) AS n FROM sales, labels CROSS JOIN (SELECT MAX(label) AS m FROM labels) x",
        [(21,)],
    ),
    "non-equi join": (
        "SELECT COUNT(*) AS n FROM sales a JOIN sales b ON a.user_id = b.user_id AND a.amount < b.amount",
        [(1,)],
    ),
    "values": (
        (
            "WITH wanted(shop, weight) AS (VALUES ('x', 2), ('y', 3)) "
            "SELECT w.shop, SUM(s.amount * w.weight) AS s FROM sales s JOIN wanted w ON s.shop = w.shop GROUP BY 1"
        ),
        [("x", 60), ("y", 51)],
    ),
    "one name out of several lists": (
        "WITH a AS (SELECT shop FROM labels), b AS (SELECT shop FROM a WHERE shop <> 'q') SELECT shop FROM b",
        [("x",), ("y",)],
    ),
    "a WITH inside": (
        "SELECT n FROM (WITH a AS (SELECT COUNT(*) AS n FROM sales) SELECT n FROM a) t",
        [(7,)],
    ),
    "union all": (
        (
            "SELECT kind, COUNT(*) AS n FROM (SELECT 'sale' AS kind, user_id FROM sales UNION ALL "
            "SELECT 'visit', user_id FROM visits) u GROUP BY kind"
        ),
        [("sale", 7), ("visit", 5)],
    ),
    "union": ("SELECT shop FROM labels UNION SELECT shop FROM labels WHERE shop = 'x'", [("q",), ("x",), ("y",)]),
    "union at the end": (
        "(SELECT 'sales' AS t, COUNT(*) AS n FROM sales) UNION ALL (SELECT 'visits', COUNT(*) FROM visits)",
        [("sales", 7), ("visits", 5)],
    ),
    "distinct": ("SELECT DISTINCT shop FROM sales", [("x",), ("y",), ("z",)]),
    "frequency": (
        (
            "WITH u AS (SELECT user_id, COUNT(*) AS frequency FROM sales GROUP BY user_id) "
            "SELECT frequency, COUNT(DISTINCT user_id) AS users FROM u GROUP BY frequency"
        ),
        [(1, 5), (2, 1)],
    ),
    "in a query of users": (
        "SELECT SUM(amount) AS s FROM sales WHERE user_id IN (SELECT user_id FROM visits WHERE page = 'home')",
        [(37,)],
    ),
    "not in a query of users": (
        "SELECT SUM(amount) AS s FROM sales WHERE user_id NOT IN (SELECT user_id FROM visits)",
        [(8,)],
    ),
    "in a query of labels": (
        "SELECT SUM(amount) AS s FROM sales WHERE shop IN (SELECT shop FROM labels WHERE label LIKE 'E%')",
        [(30,)],
    ),
    "a query as a value": (
        "SELECT shop, 1.0 * SUM(amount) / (SELECT SUM(amount) FROM sales) AS share FROM sales GROUP BY shop",
        [("x", 0.6), ("y", 0.34), ("z", 0.06)],
    ),
    "first touch": (
        (
            "WITH r AS (SELECT user_id, shop, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY amount) AS n FROM sales)"
            " SELECT shop, COUNT(DISTINCT user_id) AS users FROM r WHERE n = 1 GROUP BY shop"
        ),
        [("x", 1), ("y", 3), ("z", 2)],
    ),
    "paths": (
        (
            "WITH p AS (SELECT user_id, ARRAY_JOIN(ARRAY_SORT(COLLECT(DISTINCT shop)), '>') AS path FROM sales "
            "GROUP BY user_id) SELECT path, COUNT(*) AS n FROM p GROUP BY path"
        ),
        [("x", 1), ("x>y", 1), ("y", 2), ("z", 2)],
    ),
    "rank instead of limit": (
        (
            "WITH s AS (SELECT shop, SUM(amount) AS s FROM sales GROUP BY shop), "
            "r AS (SELECT shop, s, RANK() OVER (ORDER BY s DESC) AS r FROM s) SELECT shop, s FROM r WHERE r <= 2"
        ),
        [("x", 30), ("y", 17)],
    ),
    "windows in the last list": (
        "SELECT shop, SUM(amount) AS s, RANK() OVER (ORDER BY SUM(amount) DESC) AS r FROM sales GROUP BY shop",
        [("x", 30, 1), ("y", 17, 2), ("z", 3, 3)],
    ),
    "overlap": (
        "SELECT s.shop, COUNT(DISTINCT s.user_id) AS n FROM sales s JOIN visits v ON s.user_id = v.user_id GROUP BY 1",
        [("x", 2), ("y", 2)],
    ),
    "comments": ("SELECT /* all */ COUNT(*) AS n -- of them\nFROM sales", [(7,)]),
    "names in any case": ("SELECT Shop, COUNT(*) AS n FROM SALES WHERE \"shop\" = 'x' GROUP BY SHOP", [("x", 2)]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shape(shape: str) -> None:
    query, expected = SHAPES[shape]
    assert ask(query, *shops()) == expected


def test_an_unnamed_column_gets_a_name() -> None:
    compiled = compile_query("SELECT COUNT(*), SUM(amount) AS s FROM sales", shops(), window=MARCH, now=NOW)
    assert [(each.name, each.type) for each in compiled.columns] == [("column1", "BIGINT"), ("s", "HUGEINT")]


REFUSED = {
    "SELECT shop FROM sales LIMIT 3": "line 1, column 30: LIMIT is not supported",
    "SELECT shop FROM sales ORDER BY shop": "ORDER BY outside OVER is not supported",
    "SELECT *\nFROM sales": "line 1, column 8: SELECT * is not supported",
    "SELECT a.shop FROM sales a RIGHT JOIN labels b ON a.shop = b.shop": "RIGHT JOIN is not supported",
    "SELECT a.shop FROM sales a NATURAL JOIN labels b": "NATURAL JOIN is not supported",
    "SELECT a.shop FROM sales a LEFT JOIN labels b": "a join needs ON or USING",
    "SELECT GETDATE() AS d FROM labels": "GETDATE is not supported",
    "SELECT EXPLODE(ARRAY['a']) AS x, COUNT(*) AS n FROM labels GROUP BY 1": "EXPLODE stands by itself",
    "SELECT\n  shopp FROM labels": "line 2, column 3: unknown column shopp",
    "SELECT x.shop FROM labels": "there is no table x here",
    "SELECT shop FROM sale": "unknown table sale",
    "SELECT shop FROM other.sales": "unknown table other.sales",
    "SELECT SOUNDEX(shop) AS s FROM labels": "the function SOUNDEX is not supported",
    "SELECT UPPER(shop, 1) AS s FROM labels": "UPPER does not take 2 arguments",
    "SELECT SUM(COUNT(*)) AS s FROM sales": "an aggregate may not stand inside an aggregate",
    "SELECT COUNT(*) AS s FROM sales WHERE SUM(amount) > 1": "an aggregate may not stand in WHERE",
    "SELECT shop, amount, COUNT(*) AS n FROM sales GROUP BY shop": "column amount is neither grouped by nor aggregated",
    "SELECT COUNT(*) AS n FROM sales GROUP BY 3": "GROUP BY 3 is not the place of a column",
    "SELECT COUNT(*) AS n FROM sales WHERE RANK() OVER (ORDER BY shop) = 1": "a window function may only stand in",
    "SELECT COUNT(*) AS n, COUNT(*) AS n FROM sales": "two columns of the result are named n",
    "SELECT shop, amount FROM sales": "it needs at least one aggregate",
    "SELECT s.shop FROM labels s JOIN labels t ON s.shop = t.shop JOIN labels t ON TRUE": "two tables are named t",
    "SELECT shop FROM labels a JOIN labels b ON a.shop = b.shop": "column shop is in several tables",
    "SELECT shop FROM labels WHERE label = ?": "a placeholder is not supported",
    "SELECT CUSTOM_PARAMETER('x') AS x FROM labels": "the parameter x has no value",
    "SELECT BUILT_IN_PARAMETER('x') AS x FROM labels": "there is no built-in parameter X",
    "SELECT CAST(shop AS BLOB) AS x FROM labels": "a value cannot be cast to",
    "SELECT EXTRACT(CENTURY FROM shop) AS x FROM labels": "EXTRACT does not know CENTURY",
    "SELECT DATE_TRUNC('century', shop) AS x FROM labels": "DATE_TRUNC does not know the unit century",
    "SELECT CONVERT_TIME_ZONE_FROM_UTC(shop, 'Mars') AS x FROM labels": "this is not a time zone",
    "SELECT shop FROM TABLE(EXTEND_TIME_WINDOW(labels, '14 days', 'P1D'))": "14 days is not a duration",
    "SELECT shop FROM TABLE(labels)": "TABLE() takes EXTEND_TIME_WINDOW",
    "SELECT shop FROM labels UNION SELECT shop, label FROM labels": "UNION of 1 and 2 columns",
    "SELECT shop COLLATE nocase AS s FROM labels": "COLLATE is not supported",
    "SELECT ABS(shop) AS s FROM labels": "the query does not fit the types of its columns",
    "SELECT COUNT(*) AS n FROM sales WHERE amount > (SELECT amount FROM sales)": "gives one aggregate and no groups",
    "SELECT COUNT(*) AS n FROM sales WHERE shop IN (SELECT shop FROM sales)": "would choose rows by other people's",
    "SELECT 1 AS n": "the SELECT has no FROM",
    "SELECT FROM": "the query cannot be read",
    "SELECT 'a FROM labels": "a quote or comment is not closed",
    "": "there is no query",
    ";": "only SELECT queries may be sent, not ;",
}


@pytest.mark.parametrize("query", REFUSED)
def test_what_is_not_part_of_the_dialect_is_refused_by_name(query: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ask(query, *shops())
    assert REFUSED[query] in refusal.value.message
    assert refusal.value.field == "sql"


def test_a_refusal_points_at_the_place_and_hints() -> None:
    with pytest.raises(InvalidInput) as refusal:
        ask("SELECT shop\nFROM labels\nLIMIT 10", *shops())
    assert str(refusal.value).splitlines()[1:] == [
        "LIMIT 10",
        "      ^^",
        "Rank the rows with RANK() OVER (ORDER BY …) and filter on the rank.",
    ]


@pytest.mark.parametrize(
    "query", ["(" * 5000 + "SELECT 1", "SELECT " + "1 + " * 5000 + "1 AS n FROM labels", "SELECT " + "x" * 300_000]
)
def test_endless_queries_are_refused(query: str) -> None:
    with pytest.raises(InvalidInput):
        ask(query, *shops())


# -- audiences ---------------------------------------------------------------------------------------------------------


def test_an_audience_is_the_users_selected() -> None:
    tables = [replace(each, for_audiences=True) for each in shops()]
    assert people("SELECT user_id FROM sales WHERE amount > 5", *tables) == [1, 2]
    assert people("SELECT user_id FROM sales GROUP BY user_id HAVING COUNT(*) > 1", *tables) == [1]
    assert people("SELECT user_id FROM sales UNION ALL SELECT user_id FROM visits", *tables) == [1, 2, 3, 4, 5, 6, 8, 9]
    assert people("SELECT DISTINCT s.user_id FROM sales s JOIN visits v ON s.user_id = v.user_id", *tables) == [1, 2, 3]


@pytest.mark.parametrize(
    "query",
    ["SELECT user_id, shop FROM sales", "SELECT shop FROM sales", "SELECT COUNT(user_id) AS user_id FROM sales"],
)
def test_an_audience_is_of_user_ids_and_nothing_else(query: str) -> None:
    tables = [replace(each, for_audiences=True) for each in shops()]
    with pytest.raises(InvalidInput, match="selects user ids and nothing else"):
        people(query, *tables)


def test_an_audience_is_chosen_only_from_tables_for_audiences() -> None:
    with pytest.raises(WrongTable, match="audiences may not be chosen from the table sales"):
        people("SELECT user_id FROM sales", *shops())


def test_a_report_may_read_tables_for_audiences() -> None:
    members, _ = audience_tables()
    assert compile_query(MATCHED, [members], window=MARCH, now=NOW, purpose=Purpose.REPORT).columns

"""How many people stand behind each row, and what becomes of rows with too few."""

from typing import Any

import pytest

from houselights.base.errors import InvalidInput
from houselights.cleanroom.compile import compile_query
from houselights.cleanroom.question import Behaviour, Privacy
from houselights.cleanroom.run import run
from houselights.cleanroom.tables import Class, Table
from tests.unit.cleanroom.asking import LIMITS, MARCH, NOW, USER, ask, column, table

COLUMNS = [
    USER, column("device", klass=Class.LOW), column("postal", klass=Class.HIGH), column("city", klass=Class.MEDIUM),
    column("impressions", "LONG"), column("clicks", "LONG"),
]  # fmt: skip

# impressions, clicks, device, postal, users who saw, users who clicked
GUIDE = [
    (1100, 300, "iPhone", "11111", 50, 13),
    (200, 100, "Android", "22222", 30, 8),
    (1300, 500, "Android", "33333", 133, 87),
    (1700, 700, "Android", "44444", 108, 359),
]
QUERY = (
    "SELECT SUM(impressions) AS impressions, SUM(clicks) AS clicks, device, postal FROM traffic GROUP BY device, postal"
)
GROUPS = "WITH g AS (SELECT device, SUM(impressions) AS n FROM t GROUP BY 1) "
SHOWN = Privacy(discriminator="filtered")


def spread(total: int, users: int) -> list[int]:
    """`total` as one amount for each user."""
    return [total // users + (number < total % users) for number in range(users)]


def guide() -> Table:
    """The worked example: each group has its own people; who clicks need not be who saw."""
    rows: list[dict[str, Any]] = []
    for number, (impressions, clicks, device, postal, seen, clicked) in enumerate(GUIDE):
        place = {"device": device, "postal": postal}
        first = number * 1000
        rows += [
            {**place, "user_id": first + who, "impressions": amount, "clicks": 0}
            for who, amount in enumerate(spread(impressions, seen))
        ]
        rows += [
            {**place, "user_id": first + who, "impressions": 0, "clicks": amount}
            for who, amount in enumerate(spread(clicks, clicked))
        ]
    return table("traffic", COLUMNS, rows)


def test_without_a_discriminator_only_rows_with_enough_users_are_given() -> None:
    assert ask(QUERY, guide()) == [(1700, 700, "Android", "44444")]


def test_with_a_discriminator_values_are_removed_and_rows_put_together() -> None:
    assert ask(QUERY, guide(), privacy=SHOWN) == [
        (1100, 300, "iPhone", None, True),
        (1500, 600, "Android", None, True),
        (1700, 700, "Android", "44444", False),
    ]


def test_the_reason_names_the_columns_that_lost_their_values() -> None:
    rows = ask(QUERY, guide(), privacy=Privacy(discriminator="filtered", reason="why"))
    assert [row[-1] for row in rows] == ["postal", "postal", None]


def test_the_result_tells_how_many_rows_were_withheld_or_changed() -> None:
    for privacy, expected in ((Privacy(), (3, 0, 108)), (SHOWN, (0, 2, 13))):
        compiled = compile_query(QUERY, [guide()], window=MARCH, now=NOW, privacy=privacy)
        with run(compiled, LIMITS) as result:
            assert (result.dropped, result.filtered, result.users) == expected


def test_postal_codes_with_too_few_users_become_null_and_still_carry_their_purchases() -> None:
    query = "SELECT postal, SUM(clicks) AS purchases FROM traffic GROUP BY postal"
    rows = ask(query, guide(), privacy=Privacy(behaviour=Behaviour.REMOVE_VALUES))
    assert sorted(rows, key=str) == [("44444", 700), (None, 900)]


def test_users_put_together_are_counted_anew() -> None:
    """A distinct count of merged rows is no sum: the same people may be in several."""
    rows = [{"user_id": who, "device": "tv", "postal": postal} for who in range(60) for postal in ("1", "2")]
    query = (
        "SELECT device, postal, COUNT(DISTINCT user_id) AS users, AVG(1.0 * impressions) AS mean FROM t GROUP BY 1, 2"
    )
    assert ask(query, table("t", COLUMNS, rows), privacy=SHOWN) == [("tv", None, 60, None, True)]


@pytest.mark.parametrize(("users", "rows"), [(99, []), (100, [("Ulm", 100)])])
def test_a_city_needs_a_hundred_users(users: int, rows: list[Any]) -> None:
    data = table("t", COLUMNS, [{"user_id": who, "city": "Ulm"} for who in range(users)] * 3)
    assert ask("SELECT city, COUNT(DISTINCT user_id) AS users FROM t GROUP BY city", data) == rows


@pytest.mark.parametrize(("users", "rows"), [(1, []), (2, [("tv", 6)])])
def test_a_device_needs_two(users: int, rows: list[Any]) -> None:
    data = table("t", COLUMNS, [{"user_id": who % users, "device": "tv", "impressions": 1} for who in range(6)])
    assert ask("SELECT device, SUM(impressions) AS n FROM t GROUP BY device", data) == rows


def test_somebody_unknown_counts_for_nobody() -> None:
    data = table(
        "t", COLUMNS, [{"user_id": None, "device": "tv", "impressions": 1}] * 5 + [{"user_id": 1, "device": "tv"}]
    )
    assert ask("SELECT device, COUNT(*) AS n FROM t GROUP BY device", data) == []
    assert ask("SELECT SUM(impressions) AS n FROM t", data) == []


def few_in_ulm() -> Table:
    return table(
        "t",
        COLUMNS,
        [
            {"user_id": who, "city": "Ulm" if who < 5 else "Bonn", "device": "tv", "impressions": 1}
            for who in range(300)
        ],
    )


@pytest.mark.parametrize(
    "query",
    [
        "SELECT SUM(impressions) AS n FROM t WHERE city = 'Ulm'",
        "SELECT SUM(CASE WHEN city = 'Ulm' THEN impressions END) AS n FROM t",
        "SELECT SUM(impressions) FILTER (WHERE city = 'Ulm') AS n FROM t",
        "WITH u AS (SELECT user_id, impressions FROM t WHERE city = 'Ulm') SELECT SUM(impressions) AS n FROM u",
        "WITH u AS (SELECT user_id, CASE WHEN city = 'Ulm' THEN 1 END AS ulm FROM t) SELECT COUNT(ulm) AS n FROM u",
        "SELECT COUNT(*) AS n FROM t JOIN (SELECT user_id FROM t WHERE city = 'Ulm') u ON t.user_id = u.user_id",
        "SELECT COUNT(*) AS n FROM t WHERE user_id IN (SELECT user_id FROM t WHERE city = 'Ulm')",
        "SELECT MAX(city) AS n FROM t WHERE city < 'Uz' AND city > 'C'",
    ],
)
def test_what_chose_the_rows_counts_like_what_they_show(query: str) -> None:
    assert ask(query, few_in_ulm()) == []


def test_no_metric_is_nobodys_and_does_not_stand_in_the_way() -> None:
    data = table("t", COLUMNS, [{"user_id": who, "city": "Ulm", "impressions": 1, "clicks": 0} for who in range(100)])
    assert ask("SELECT city, SUM(impressions) AS i, SUM(clicks) AS c FROM t GROUP BY city", data) == [("Ulm", 100, 0)]


# -- people behind what was grouped before -----------------------------------------------------------------------------


def test_people_are_followed_through_groups_of_groups() -> None:
    """Ten devices of 15 users each; by city all 150 are behind the row, by device they are not enough for the city."""
    data = table(
        "t",
        COLUMNS,
        [{"user_id": who, "device": f"d{who % 10}", "city": "Ulm", "impressions": 2} for who in range(150)],
    )
    groups = "WITH g AS (SELECT city, device, SUM(impressions) AS n FROM t GROUP BY 1, 2) "
    assert ask(groups + "SELECT city, SUM(n) AS n FROM g GROUP BY city", data) == [("Ulm", 300)]
    assert ask(groups + "SELECT city, device, SUM(n) AS n FROM g GROUP BY city, device", data) == []
    assert ask(groups + "SELECT city, n FROM g", data) == []


def test_the_same_people_in_many_groups_are_counted_once() -> None:
    data = table(
        "t", COLUMNS, [{"user_id": who, "device": f"d{n}", "city": "Ulm"} for who in range(20) for n in range(10)]
    )
    groups = "WITH g AS (SELECT city, device, COUNT(*) AS n FROM t GROUP BY 1, 2) "
    assert ask(groups + "SELECT city, SUM(n) AS n FROM g GROUP BY city", data) == []


def test_rows_beside_many_others_do_not_hide_behind_them() -> None:
    """A join of two people's rows with a crowd's: each side must have enough of its own."""
    crowd = table("crowd", COLUMNS, [{"user_id": who, "device": "tv", "impressions": 1} for who in range(500)])
    two = table("two", COLUMNS, [{"user_id": 1000 + who, "city": "Ulm", "clicks": 7} for who in range(2)])
    query = "SELECT two.city, SUM(two.clicks) AS n FROM crowd CROSS JOIN two GROUP BY two.city"
    assert ask(query, crowd, two) == []
    assert ask("SELECT MAX(two.city) AS c FROM crowd CROSS JOIN two", crowd, two) == []
    assert (
        ask(
            "SELECT t.n, SUM(impressions) AS i FROM crowd CROSS JOIN (SELECT MAX(city) AS n FROM two) t GROUP BY 1",
            crowd,
            two,
        )
        == []
    )


def test_totals_over_groups_are_of_everybody() -> None:
    data = table("t", COLUMNS, [{"user_id": who, "device": f"d{who % 4}", "impressions": 1} for who in range(8)])
    query = GROUPS + "SELECT device, n, 1.0 * n / SUM(n) OVER () AS share FROM g"
    assert ask(query, data) == [(f"d{n}", 2, 0.25) for n in range(4)]


def test_values_of_the_row_before_are_its_peoples() -> None:
    """LAG brings a group's number beside another's name: the people behind it come along."""
    rows = [{"user_id": 0, "device": "a", "impressions": 9}]
    rows += [{"user_id": who, "device": "b", "impressions": 1} for who in range(1, 9)]
    query = GROUPS + "SELECT device, LAG(n) OVER (ORDER BY device) AS n FROM g"
    assert ask(query, table("t", COLUMNS, rows)) == []


def test_a_union_has_the_people_of_both_sides() -> None:
    data = table("t", COLUMNS, [{"user_id": who, "city": "Ulm", "impressions": 1, "clicks": 1} for who in range(120)])
    query = (
        "SELECT city, SUM(i) AS i, SUM(c) AS c FROM ("
        "SELECT city, user_id, impressions AS i, 0 AS c FROM t UNION ALL SELECT city, user_id, 0, clicks FROM t"
        ") x GROUP BY city"
    )
    assert ask(query, data) == [("Ulm", 120, 120)]


def test_rows_put_together_from_groups_have_sums_where_there_are_some() -> None:
    rows = [{"user_id": who, "device": "tv", "postal": f"{who % 3}", "impressions": who} for who in range(90)]
    query = (
        "WITH g AS (SELECT device, postal, SUM(impressions) AS n, AVG(impressions) AS m FROM t GROUP BY 1, 2) "
        "SELECT device, postal, n, m FROM g"
    )
    assert ask(query, table("t", COLUMNS, rows), privacy=SHOWN) == [("tv", None, sum(range(90)), None, True)]


def test_a_house_may_ask_for_more() -> None:
    data = table("t", COLUMNS, [{"user_id": who, "impressions": 1} for who in range(49)])
    assert ask("SELECT SUM(impressions) AS n FROM t", data) == [(49,)]
    assert ask("SELECT SUM(impressions) AS n FROM t", data, privacy=Privacy(floor=50)) == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT COLLECT(device) AS l FROM t",
        "SELECT device, COLLECT(DISTINCT impressions) AS l FROM t GROUP BY 1",
        "SELECT ARRAY_JOIN(COLLECT(device), ',') AS l FROM t",
        "SELECT CAST(ARRAY_JOIN(COLLECT(impressions), '') AS DOUBLE) AS l FROM t",
        "WITH a AS (SELECT device, COLLECT(impressions) AS l FROM t GROUP BY 1) SELECT l, COUNT(*) n FROM a GROUP BY 1",
        "WITH a AS (SELECT COLLECT(impressions) AS l FROM t) SELECT l FROM a",
        "WITH a AS (SELECT COLLECT(impressions) AS l FROM t) SELECT EXPLODE(l) AS x FROM a",
        "WITH a AS (SELECT COLLECT(device) AS l FROM t) SELECT MAX(l) AS x FROM a",
        "SELECT COLLECT(device) AS l FROM t UNION ALL SELECT COLLECT(device) AS l FROM t",
        "WITH a AS (SELECT user_id, COLLECT(device) OVER () AS l FROM t) SELECT l, COUNT(*) AS n FROM a GROUP BY 1",
    ],
)
def test_a_list_of_several_peoples_values_is_not_shown_however_many_they_are(query: str) -> None:
    data = table("t", COLUMNS, [{"user_id": who, "device": "tv", "impressions": who} for who in range(200)])
    with pytest.raises(InvalidInput, match="collected from several people"):
        ask(query, data, privacy=Privacy(floor=2))


def test_a_list_of_one_persons_values_is_shown_with_enough_people_who_have_the_same() -> None:
    rows = [{"user_id": who, "device": device} for who in range(150) for device in ("tv", "phone")]
    rows += [{"user_id": 200, "device": "fridge"}]
    query = (
        "WITH p AS (SELECT user_id, ARRAY_JOIN(ARRAY_SORT(COLLECT(DISTINCT device)), '>') AS path FROM t "
        "GROUP BY user_id) SELECT path, COUNT(DISTINCT user_id) AS n FROM p GROUP BY path"
    )
    assert ask(query, table("t", COLUMNS, rows), privacy=Privacy(floor=2)) == [("phone>tv", 150)]
    how_many = "SELECT COUNT(DISTINCT device) AS n FROM t"
    assert ask(how_many, table("t", COLUMNS, rows), privacy=Privacy(floor=2)) == [(3,)]

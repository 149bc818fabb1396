"""Nobody gets out: every attempt of escapes.txt is refused, or its answer tells of no single user.

The data is such that a leak would show: ids nothing else looks like, and a sum that only one user has.
"""

import hashlib
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from houselights.base.errors import InvalidInput
from houselights.cleanroom.question import Behaviour, Privacy
from houselights.cleanroom.tables import Class, Table
from tests.unit.cleanroom.asking import USER, ask, column, table

FIRST = 9_000_000_001
USERS = 400
TARGET = 9_000_000_042
SECRET = 31337

VISITS = [
    USER, column("request_id", "STRING", Class.VERY_HIGH), column("secret_key", klass=Class.INTERNAL),
    column("campaign"), column("device", klass=Class.LOW), column("at", "TIMESTAMP", Class.LOW),
    column("city", klass=Class.MEDIUM),
    column("postal", klass=Class.HIGH), column("spend", "LONG"), column("hits", "LONG"),
]  # fmt: skip


def attempts() -> list[tuple[str, str]]:
    text = (Path(__file__).parent / "escapes.txt").read_text(encoding="utf-8")
    blocks = text.split("\n## ")[1:]
    return [(title.strip(), sql.strip()) for title, _, sql in (block.partition("\n") for block in blocks)]


ATTEMPTS = attempts()


@lru_cache(maxsize=1)
def world() -> tuple[Table, ...]:
    rows: list[dict[str, Any]] = []
    start = datetime(2024, 3, 2, 1, 1, 1)  # noqa: DTZ001  a TIMESTAMP has no zone
    for number in range(USERS):
        who = FIRST + number
        is_target = who == TARGET
        row = {
            "user_id": who,
            "request_id": who + 1_000_000,
            "secret_key": f"k{who}",
            "campaign": f"campaign {number % 2}",
            "device": "toaster" if is_target else ("phone" if number % 2 else "tv"),
            "at": datetime(2024, 3, 4, 4, 4, 4) if is_target else start + timedelta(minutes=11 * number),  # noqa: DTZ001
            "city": "Ulm" if number % 2 else "Bonn",
            "postal": "66666" if is_target else f"{10000 + number % 3}",
            # Neither the least nor the greatest, so that these are no answers.
            "spend": SECRET if is_target else (90_001 + number if number % 2 else 101 + number),
            "hits": 1,
        }
        rows.append(row)
    members = [{"user_id": FIRST + number, "audience_id": str(number % 2)} for number in range(USERS)]
    campaigns = [{"campaign": f"campaign {number}", "label": f"label {number}"} for number in range(2)]
    return (
        table("visits", VISITS, rows, time="at"),
        table("members", [USER, column("audience_id", klass=Class.LOW)], members),
        table("campaigns", [column("campaign"), column("label")], campaigns),
    )


def traces() -> set[str]:
    """Texts by which an answer would betray a user."""
    found = {str(SECRET), "66666", "toaster", "04:04:04"}
    for who in range(FIRST, FIRST + USERS):
        text = str(who)
        found |= {text, text[::-1], str(who + 1_000_000), f"k{who}", text[:8]}
        found |= {hashlib.md5(text.encode()).hexdigest(), hashlib.sha1(text.encode()).hexdigest()}
    return found


TRACES = traces()


def betrayed(rows: list[tuple[Any, ...]]) -> list[str]:
    """The traces of users in an answer."""
    cells = [str(cell) for row in rows for cell in row if cell is not None]
    found = [f"{cell}: {trace}" for cell in cells for trace in TRACES if trace in cell]
    numbers = [cell for row in rows for cell in row if isinstance(cell, int | float) and not isinstance(cell, bool)]
    return found + [f"{number} is about an id" for number in numbers if abs(number) > FIRST // 2]


BEHAVIOURS = {
    "rows": Privacy(),
    "values": Privacy(behaviour=Behaviour.REMOVE_VALUES, discriminator="filtered", reason="why"),
}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize(("title", "sql"), ATTEMPTS, ids=[title for title, _ in ATTEMPTS])
def test_an_attempt_is_refused_or_tells_nothing(title: str, sql: str, behaviour: str) -> None:
    try:
        rows = ask(sql, *world(), privacy=BEHAVIOURS[behaviour], parameters={"who": TARGET})
    except InvalidInput as refusal:
        told = refusal.message
        rows = [] if any(trace in sql for trace in TRACES) else [(told,)]  # it may repeat what it was told
    assert betrayed(rows) == []


def test_there_are_many_attempts_and_all_differ() -> None:
    assert len(ATTEMPTS) >= 60
    assert len({sql for _, sql in ATTEMPTS}) == len(ATTEMPTS) == len({title for title, _ in ATTEMPTS})


def test_the_search_would_find_a_leak() -> None:
    """Without thresholds and without classes the same data betrays its users."""
    visits, ids = world()[0], ("user_id", "request_id")
    bare = Table(
        names=("visits",),
        columns=tuple(column(each.name, "LONG" if each.name in ids else each.type) for each in VISITS),
        rows=visits.rows,
    )
    assert betrayed(ask("SELECT user_id FROM visits", bare))
    assert betrayed(ask("SELECT MD5(user_id) AS u FROM visits", bare))
    assert betrayed(ask("SELECT MAX(user_id) + 5 AS u FROM visits", bare))
    assert betrayed(ask("SELECT device, SUM(spend) AS s FROM visits GROUP BY device", bare))


def test_honest_questions_are_answered() -> None:
    rows = ask("SELECT campaign, COUNT(DISTINCT user_id) AS users FROM visits GROUP BY campaign", *world())
    assert rows == [("campaign 0", 200), ("campaign 1", 200)]

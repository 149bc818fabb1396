"""Filters mean the same in SQL, on each database, as in the plain Python below."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from tests.contract.conftest import NOON, Tenant, tenant

from houselights.base.errors import InvalidInput
from houselights.model.audience import Audience, AudienceFilter, AudienceKind, AudienceStatus
from houselights.storage.control.control import Control

NAMES = ("Home cooks", "home% COOKS", "Homes_owners", "Größe \\ STRASSE", "cooks at home", "*")
PATHS: tuple[tuple[str, ...], ...] = ((), ("Home",), ("Homes",), ("Home", "Garden"), ("Home", "Garden", "Höfe"))
WORDS = (
    "home",
    "HOME",
    "home*cooks",
    "*",
    "",
    "%",
    "_",
    "\\",
    "cooks",
    "größe",
    "STRASSE",
    "straße",
    "h*m*s",
    "nothing",
)


def holds(where: AudienceFilter, audience: Audience) -> bool:
    """Say whether an audience passes a filter, the slow and obvious way."""
    place = (audience.category, *audience.path)
    checks = (
        where.ids is None or audience.id in where.ids,
        not where.name_words or any(_named(words, audience.name) for words in where.name_words),
        where.categories is None or audience.category in where.categories,
        where.under is None or place[: len(where.under)] == where.under,
        where.at is None or place == where.at,
        where.kinds is None or audience.kind in where.kinds,
        where.statuses is None or audience.status in where.statuses,
        where.account_id is None or audience.account_id == where.account_id,
        where.owners is None or audience.account_id in where.owners,
    )
    return all(checks) and not any(holds(exclusion, audience) for exclusion in where.excluding)


def _named(words: str, name: str) -> bool:
    pattern = ".*".join(re.escape(piece) for piece in words.casefold().split("*"))
    return re.search(pattern, name.casefold(), re.DOTALL) is not None


def subsets(values: Any) -> st.SearchStrategy[Any]:
    return st.frozensets(st.sampled_from(values), min_size=1, max_size=3)


places = st.builds(
    lambda category, path: (category, *path),
    st.sampled_from(["Interest", "Inter", "Demographics"]),
    st.sampled_from(PATHS),
)
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "ids": st.frozensets(st.integers(1, 61)),
    "name_words": st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(tuple),
    "categories": subsets(["Interest", "Demographics", "Nowhere"]),
    "under": places | st.just(()),
    "at": places | st.just(()),
    "kinds": subsets(list(AudienceKind)),
    "statuses": subsets(list(AudienceStatus)),
    "account_id": st.sampled_from([500, 501, 999]),
    "owners": subsets([None, 500, 501]),
}


@st.composite
def conditions(draw: st.DrawFn) -> AudienceFilter:
    """One or two conditions: with nine at once nothing ever matches, and nothing is tested."""
    names = draw(st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=2, unique=True))
    return AudienceFilter(**{name: draw(PARTS[name]) for name in names})


filters = st.builds(
    lambda where, excluding: replace(where, excluding=tuple(excluding)),
    st.just(AudienceFilter()) | conditions(),
    st.lists(conditions(), max_size=2),
)


@pytest.fixture
def sixty(acme: Tenant) -> list[Audience]:
    acme.control.accounts.put(type(acme.account)(id=501, workspace_id=acme.workspace.id, kind="advertiser", name="B"))
    kinds, statuses = list(AudienceKind), list(AudienceStatus)
    made = []
    for number, (name, path, account) in enumerate(product(NAMES, PATHS, (None, 500)), 1):
        made.append(
            acme.create(
                id=number,
                name=name,
                path=path,
                category="Interest" if number % 3 else "Demographics",
                kind=kinds[number % 5],
                status=statuses[number % 7 == 0],
                account_id=account and (500 + number % 4 // 2),
                created_at=NOON - timedelta(seconds=number // 4),
            )
        )
    return made


def test_sql_and_python_agree(acme: Tenant, sixty: list[Audience]) -> None:
    matched = Counter[bool]()

    @settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], database=None)
    @given(where=filters, offset=st.integers(0, 20), limit=st.integers(0, 70))
    def agree(where: AudienceFilter, offset: int, limit: int) -> None:
        expected = sorted(
            (audience for audience in sixty if holds(where, audience)),
            key=lambda audience: (audience.created_at, audience.id),
        )
        found, total = acme.control.audiences.list(acme.workspace.id, where, offset, limit)
        assert (found, total) == (expected[offset : offset + limit], len(expected))
        matched[0 < len(expected) < len(sixty)] += 1

    agree()
    assert matched[True] > 100, "most filters should let some through and not all"


@pytest.mark.parametrize("path", [(), ("Interest",), ("Interest", "Home"), ("Interest", "Home", "Garden"), ("Inter",)])
def test_the_taxonomy_counts_what_is_active_below_each_node(
    acme: Tenant, sixty: list[Audience], path: tuple[str, ...]
) -> None:
    where = AudienceFilter(owners=frozenset({None, 500}))
    expected: Counter[str] = Counter()
    for audience in sixty:
        place = (audience.category, *audience.path)
        below = place[: len(path)] == path and len(place) > len(path)
        if below and audience.status is AudienceStatus.ACTIVE and holds(where, audience):
            expected[place[len(path)]] += 1
    assert acme.control.audiences.taxonomy(acme.workspace.id, where, path) == sorted(expected.items())


@pytest.mark.parametrize("words", ["x\x00y", "\ud800"])
def test_words_no_name_can_hold_match_nothing(acme: Tenant, words: str) -> None:
    acme.create()
    for where in (
        AudienceFilter(name_words=(words,)),
        AudienceFilter(under=(words,)),
        AudienceFilter(at=(words,)),
        AudienceFilter(categories=frozenset({words})),
    ):
        assert acme.control.audiences.list(acme.workspace.id, where) == ([], 0)
        assert acme.control.audiences.list(acme.workspace.id, AudienceFilter(excluding=(where,)))[1] == 1


@pytest.mark.parametrize("words", ["*a" * 20, "a" * 100_000])
def test_words_that_would_stop_a_database_are_refused(acme: Tenant, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        acme.control.audiences.list(acme.workspace.id, AudienceFilter(name_words=(words,)))
    assert caught.value.field == "name_words"


# ── twenty thousand ─────────────────────────────────────────────────────────────────────────────────────────────────


Statement = tuple[str, Any]


@contextmanager
def statements_of(control: Control) -> Iterator[list[Statement]]:
    """Give the statements that the control database runs meanwhile, with what is bound in them."""
    seen: list[Statement] = []

    def note(_conn: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        seen.append((statement, given))

    event.listen(control.database, "before_cursor_execute", note)
    yield seen
    event.remove(control.database, "before_cursor_execute", note)


def plan_of(control: Control, statement: Statement) -> str:
    """Return how the database means to run a statement."""
    how = "EXPLAIN QUERY PLAN " if control.database.dialect.name == "sqlite" else "EXPLAIN "
    with control.database.connect() as conn:
        return "\n".join(str(row) for row in conn.exec_driver_sql(how + statement[0], statement[1]))


@pytest.mark.slow
def test_twenty_thousand_reference_audiences_take_few_statements_and_indexes(control: Control) -> None:
    acme = tenant(control, "acme")
    audiences = [
        acme.audience(
            id=number,
            kind=AudienceKind.REFERENCE,
            name=f"People of kind {number}",
            category=("In-market", "Interest", "Lifestyle", "Demographics")[number % 4],
            path=(f"Branch {number % 40}", f"Twig {number % 100}"),
            created_at=NOON + timedelta(seconds=number // 100),
        )
        for number in range(1, 20_001)
    ]
    with statements_of(control) as to_put, control.transaction() as conn:
        control.audiences.put_reference(conn, acme.workspace.id, audiences)
    # PostgreSQL is given as many rows in a statement as it has room for
    assert len(to_put) < 300
    with control.transaction() as conn:
        conn.exec_driver_sql("ANALYZE")

    rows, workspace = control.audiences, acme.workspace.id
    active = AudienceFilter(statuses=frozenset({AudienceStatus.ACTIVE}), owners=frozenset({None}))
    asked: dict[str, tuple[str, Callable[[], Any]]] = {
        "first page": ("ix_audience_listing", lambda: rows.list(workspace, active, 0, 100)),
        "sub-tree": (
            "ix_audience_place",
            lambda: rows.list(workspace, AudienceFilter(under=("Interest", "Branch 5")), 0, 100),
        ),
    }
    for name, (index, ask) in asked.items():
        with statements_of(control) as seen:
            ask()
        assert len(seen) <= 3, name  # SQLite says BEGIN, too
        assert any(index in plan_of(control, statement) for statement in seen), name
    assert rows.list(workspace, active, 19_900, 100) == (audiences[-100:], 20_000)

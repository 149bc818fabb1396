"""Records run down the waterfall as a slow, obvious reading of its table says; columns keep what rows said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from houselights.identity.columns import HashedRecords
from houselights.identity.fields import FIELDS
from houselights.identity.hashing import NOTHING, sha256_hex
from houselights.identity.lookup import NOBODY
from houselights.identity.postal import COMBINATIONS, combined
from houselights.identity.waterfall import UNMATCHED, WATERFALL, Outcome, diagnose, resolve
from tests.unit.identity.test_lookup import in_memory

Row = dict[str, str | None]


def hashed(**values: str) -> Row:
    return {name: sha256_hex(value) for name, value in values.items()}


def identities_of(row: Row) -> list[tuple[str, str]]:
    """Return every identity a record has."""
    known = {name: value for name, value in row.items() if value and value != NOTHING}
    whole = [(each, fields) for each, fields in COMBINATIONS.items() if all(name in known for name in fields)]
    return [(name, known[name]) for name in ("email", "phone") if name in known] + [
        (namespace, combined(known, fields)) for namespace, fields in whole
    ]


def expected(people: list[tuple[int, Row]], row: Row) -> tuple[int, int]:
    """Return whom a record means and by which rule, read off the table slowly."""
    owners: dict[tuple[str, str], set[int]] = {}
    for person, known in people:
        for identity in identities_of(known):
            owners.setdefault(identity, set()).add(person)
    own = dict(identities_of(row))
    for rule in WATERFALL:
        if all(each in own for each in rule.namespaces):
            meant = set.intersection(*(owners.get((each, own[each]), set()) for each in rule.namespaces))
            if len(meant) == 1:
                return meant.pop(), rule.number
    return NOBODY, UNMATCHED


value = st.one_of(st.none(), st.just(NOTHING), st.integers(0, 2).map(lambda number: sha256_hex(str(number))))
row = st.fixed_dictionaries(dict.fromkeys(FIELDS, value))
everybody = st.lists(st.tuples(st.integers(0, 4), row), max_size=8)


@given(everybody, st.lists(row, max_size=8))
def test_records_are_who_the_table_says(people: list[tuple[int, Row]], rows: list[Row]) -> None:
    finder = in_memory([(namespace, v, person) for person, known in people for namespace, v in identities_of(known)])
    found = resolve(finder, HashedRecords.from_rows(rows))
    told = [expected(people, each) for each in rows]
    assert list(zip(found.person_ids.tolist(), found.rule.tolist(), strict=True)) == told
    outcomes = diagnose(finder, HashedRecords.from_rows(rows))
    for outcome, (_, number) in zip(outcomes, told, strict=True):
        first = next((rule.number for rule in WATERFALL if outcome[rule.number - 1] == Outcome.ONE), UNMATCHED)
        assert first == number


def test_a_shared_phone_is_settled_by_the_email() -> None:
    people = [
        ("email", sha256_hex("ada"), 1),
        ("email", sha256_hex("ben"), 2),
        ("phone", sha256_hex("home"), 1),
        ("phone", sha256_hex("home"), 2),
    ]
    finder = in_memory(people)
    records = HashedRecords.from_rows(
        [hashed(email="ada", phone="home"), hashed(phone="home"), hashed(email="cleo", phone="home"), {}]
    )
    assert resolve(finder, records).person_ids.tolist() == [1, NOBODY, NOBODY, NOBODY]
    assert diagnose(finder, records)[:, :3].tolist() == [
        [Outcome.ONE, Outcome.ONE, Outcome.SEVERAL],
        [Outcome.FIELDS_MISSING, Outcome.FIELDS_MISSING, Outcome.SEVERAL],
        [Outcome.NOBODY, Outcome.NOBODY, Outcome.SEVERAL],
        [Outcome.FIELDS_MISSING, Outcome.FIELDS_MISSING, Outcome.FIELDS_MISSING],
    ]


def test_the_hash_of_nothing_matches_nobody() -> None:
    finder = in_memory([("email", NOTHING, 1), ("phone", NOTHING, 1)])
    records = HashedRecords.from_rows([{"email": NOTHING, "phone": NOTHING}, {"email": NOTHING.upper()}])
    assert resolve(finder, records).rule.tolist() == [UNMATCHED, UNMATCHED]


def test_rules_are_numbered_from_the_top() -> None:
    assert [rule.number for rule in WATERFALL] == list(range(1, len(WATERFALL) + 1))
    assert WATERFALL[0].fields == ("email", "phone")
    assert WATERFALL[3].fields == ("first_name", "last_name", "address", "postal")


@given(st.lists(row, max_size=6))
def test_columns_keep_what_rows_said(rows: list[Row]) -> None:
    records = HashedRecords.from_rows(rows)
    told = [{name: v for name, v in each.items() if v and v != NOTHING} for each in rows]
    assert list(records.rows()) == told
    assert list(records.take(np.arange(len(rows))[::-1]).rows()) == told[::-1]
    assert list(records.take(np.arange(len(rows)) % 2 == 0).rows()) == told[::2]
    assert records.having(["email", "city"]).tolist() == ["email" in each and "city" in each for each in told]


@pytest.mark.parametrize("wrong", ["ada@example.com", "g" * 64, "a" * 63, "a" * 65, "é" * 64, " " + "a" * 63])
def test_what_is_no_hash_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(ValueError, match="phone of row 1 is not a SHA-256 hash"):
        HashedRecords.from_rows([hashed(phone="ok"), {"phone": wrong}, hashed(phone="ok")])


def test_other_keys_are_passed_over() -> None:
    records = HashedRecords.from_rows([{"country": sha256_hex("us"), "email": ""}])
    assert list(records.rows()) == [{}]

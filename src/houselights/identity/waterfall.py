"""Match rules, from the most precise to the least, and how a batch of hashed records runs down them.

The table below is the whole of the order. A rule holds for a record when all of its namespaces mean one and the same
person; where an identity belongs to several people, it holds only if the rule's other identities leave one of them. The
first rule that holds decides. Nobody is matched by half of a rule, by the hash of nothing, or by a guess between two.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from houselights.identity.columns import HashedRecords
from houselights.identity.lookup import NOBODY, SEVERAL, Finder, Found, Keys, digest_keys
from houselights.identity.postal import COMBINATIONS


@dataclass(frozen=True, slots=True)
class MatchRule:
    """One step of the waterfall: `namespaces` that must all mean the same person."""

    number: int
    name: str
    namespaces: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields a record needs for it."""
        return tuple(name for each in self.namespaces for name in COMBINATIONS.get(each, (each,)))


WATERFALL: tuple[MatchRule, ...] = (
    MatchRule(1, "email and phone", ("email", "phone")),
    MatchRule(2, "email", ("email",)),
    MatchRule(3, "phone", ("phone",)),
    MatchRule(4, "name, address and postal code", ("name_address_postal",)),
    MatchRule(5, "name, address, city and state", ("name_address_city",)),
    MatchRule(6, "name, postal code and city", ("name_postal_city",)),
)
UNMATCHED = 0  # in the place of a rule's number


@dataclass(frozen=True, slots=True)
class Matches:
    """Who each record is (NOBODY where it is no one person), and the number of the rule that said so (0: none)."""

    person_ids: NDArray[np.int64]
    rule: NDArray[np.uint8]


class Outcome(IntEnum):
    """What one rule says of one record."""

    FIELDS_MISSING = 0
    NOBODY = 1
    SEVERAL = 2
    ONE = 3


def resolve(finder: Finder, records: HashedRecords) -> Matches:
    """Return who the records are. Combinations are hashed only for records that no rule before has matched."""
    people = np.full(records.count, NOBODY, np.int64)
    rules = np.zeros(records.count, np.uint8)
    seen = _Seen(finder, records)
    for rule in WATERFALL:
        rows = np.flatnonzero((people < 0) & records.having(rule.fields))
        if not rows.size:
            continue
        found = seen.meant(rule, rows)
        one = found >= 0
        people[rows[one]] = found[one]
        rules[rows[one]] = rule.number
    return Matches(people, rules)


def diagnose(finder: Finder, records: HashedRecords) -> NDArray[np.uint8]:
    """Return the Outcome of every rule (column) for every record (row), for an operator who asks why."""
    outcomes = np.full((records.count, len(WATERFALL)), Outcome.FIELDS_MISSING, np.uint8)
    seen = _Seen(finder, records)
    for column, rule in enumerate(WATERFALL):
        rows = np.flatnonzero(records.having(rule.fields))
        if not rows.size:
            continue
        found = seen.meant(rule, rows)
        said = np.where(found >= 0, Outcome.ONE, np.where(found == SEVERAL, Outcome.SEVERAL, Outcome.NOBODY))
        outcomes[rows, column] = said
    return outcomes


def combination_digests(records: HashedRecords, fields: Sequence[str], rows: Found) -> NDArray[np.uint8]:
    """Return the hashes, (rows, 32), under which a combination of fields is stored (see postal.py)."""
    digests = np.empty((len(rows), 32), np.uint8)
    columns = [records.digests[name][rows].tobytes().hex() for name in fields]
    for row, begin in enumerate(range(0, 64 * len(rows), 64)):
        text = "|".join([column[begin : begin + 64] for column in columns])
        digests[row] = np.frombuffer(hashlib.sha256(text.encode("ascii")).digest(), np.uint8)
    return digests


class _Seen:
    """What was found so far, so that a rule does not look up again what one before it did."""

    def __init__(self, finder: Finder, records: HashedRecords):
        self._finder = finder
        self._records = records
        self._found: dict[str, Found] = {}  # by namespace, of all records; of a record without one it says NOBODY

    def meant(self, rule: MatchRule, rows: Found) -> Found:
        """Return whom a rule means: one person, NOBODY or SEVERAL. The records have all of its fields."""
        if len(rule.namespaces) == 1:
            return self._one(rule.namespaces[0], rows)
        found = np.stack([self._one(each, rows) for each in rule.namespaces])
        agreed = np.where((found == found[0]).all(axis=0), found[0], NOBODY)
        # One that belongs to several may still belong to the person whom another one means.
        unsure = np.flatnonzero((found == SEVERAL).any(axis=0) & (found != NOBODY).all(axis=0))
        if unsure.size:
            agreed[unsure] = self._common(rule.namespaces, rows[unsure])
        return agreed

    def _one(self, namespace: str, rows: Found) -> Found:
        if namespace in COMBINATIONS:
            return self._finder.find(namespace, self._keys(namespace, rows))
        if namespace not in self._found:
            found = np.full(self._records.count, NOBODY, np.int64)
            there = np.flatnonzero(self._records.having((namespace,)))
            found[there] = self._finder.find(namespace, self._keys(namespace, there))
            self._found[namespace] = found
        return self._found[namespace][rows]

    def _keys(self, namespace: str, rows: Found) -> Keys:
        if namespace in COMBINATIONS:
            return digest_keys(combination_digests(self._records, COMBINATIONS[namespace], rows))
        return digest_keys(self._records.digests[namespace][rows])

    def _common(self, namespaces: tuple[str, ...], rows: Found) -> list[int]:
        owners = [self._finder.owners(each, self._keys(each, rows)) for each in namespaces]
        common = [set.intersection(*(set(each) for each in several)) for several in zip(*owners, strict=True)]
        return [each.pop() if len(each) == 1 else SEVERAL if each else NOBODY for each in common]

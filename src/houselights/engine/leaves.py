"""Sets of people that come from the lake and not from traits: members of lists, who wrote what, whose document an
expression holds.

Each set is worked out once per generation and kept while there is room. Holds no rule trees and counts nothing.
"""

from datetime import timedelta
from functools import cached_property, reduce
from typing import Any, assert_never

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.base.text import fold
from houselights.engine.bitmap import evaluate
from houselights.engine.documents import Documents
from houselights.engine.index import Index
from houselights.engine.people_set import PeopleSet
from houselights.engine.recent import Recent
from houselights.engine.sql.run import Expressions, How
from houselights.engine.standings import LOG_COLUMNS, standings_of
from houselights.model.workspace import Generation
from houselights.rules.tree import Listed, Mentions, Rule, Where
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import TABLES

CACHE_BYTES = 128 << 20
DAYS_MOST = 366 * 1000  # further back than any text; a timedelta of more overflows


class LakeLeaves:
    """The leaves of one generation, read from the versions of the lake's tables that belong to it."""

    def __init__(self, lake: Lake, generation: Generation, index: Index, documents: Documents):
        self._lake = lake
        self._generation = generation
        self._index = index
        self._documents = documents
        self._sets: Recent[Listed | Mentions | Where, PeopleSet] = Recent(CACHE_BYTES, lambda each: each.nbytes)

    @cached_property
    def _expressions(self) -> Expressions:
        # Most snapshots are never asked an expression, and to ask one opens tables of the lake.
        everyone, shape = self._index.everyone, self._documents.shape
        return Expressions(self._lake, self._generation, shape, everyone, standings=self._standings)

    def _standings(self) -> pa.Table:
        return standings_of(self._read("memberships", list(LOG_COLUMNS), None))

    def listed(self, list_id: int) -> PeopleSet:
        """Return the people whose latest action on a list was to be put on it; nobody for an unknown list.

        Of two actions at the same instant the removal counts: leaving somebody out is the mistake one can mend.
        """
        return self._kept(Listed(list_id))

    def mentions(self, mentions: Mentions) -> PeopleSet:
        """Return the people with a text that holds a phrase as a run of whole words; nobody without texts."""
        return self._kept(mentions)

    def where(self, where: Where) -> PeopleSet:
        """Return the people for whose document an expression holds as of the generation's instant."""
        return self._kept(where)

    def how(self, where: Where) -> How:
        """Say how an expression is asked of everybody."""
        return self._expressions.how(where.expression, self._generation.as_of)

    def _kept(self, rule: Listed | Mentions | Where) -> PeopleSet:
        known = self._sets.get(rule)
        if known is None:
            match rule:
                case Listed(list_id):
                    known = self._set(self._read_list(list_id))
                case Mentions():
                    known = self._set(self._read_texts(rule))
                case Where():
                    known = self._ask_documents(rule)
                case _:
                    assert_never(rule)
            self._sets[rule] = known
        return known

    def _set(self, ids: Any) -> PeopleSet:
        inside = ids[(ids >= 0) & (ids < self._index.capacity)]
        return PeopleSet.from_ids(inside, self._index.capacity) & self._index.everyone

    def _read(self, table: str, columns: list[str], where: pc.Expression | None) -> pa.Table:
        """Read some rows; none when the generation has no such table."""
        version = self._generation.tables.get(table)
        if version is None:
            return TABLES[table].schema.empty_table().select(columns)
        dataset = self._lake.dataset(self._generation.workspace_id, table, version)
        return dataset.to_table(columns=columns, filter=where)

    def _read_list(self, list_id: int) -> Any:
        log = self._read("memberships", ["person_id", "action", "time"], pc.field("audience_id") == list_id)
        if not log.num_rows:
            return np.empty(0, np.int64)
        order = log.sort_by([("person_id", "ascending"), ("time", "ascending"), ("action", "ascending")])
        people = order["person_id"].to_numpy()
        is_last = np.append(people[1:] != people[:-1], True)
        created = pc.equal(order["action"], "CREATE").to_numpy()
        return people[is_last & created]

    def _read_texts(self, mentions: Mentions) -> Any:
        phrases = [folded for phrase in mentions.phrases if (folded := fold(phrase)) != " "]
        if not phrases or not mentions.fields:
            return np.empty(0, np.int64)
        where = reduce(lambda a, b: a | b, (pc.match_substring(pc.field("folded"), phrase) for phrase in phrases))
        where &= pc.field("field").isin(list(mentions.fields))
        if mentions.within_days is not None:
            as_of = self._generation.as_of
            days = timedelta(days=min(max(mentions.within_days, -1), DAYS_MOST))
            where &= (pc.field("time") >= as_of - days) & (pc.field("time") <= as_of)
        return self._read("texts", ["person_id"], where)["person_id"].to_numpy()

    def _ask_documents(self, where: Where) -> PeopleSet:
        meant = dict(where.members)

        def members(audience: str) -> PeopleSet:
            return evaluate(self._index, meant[audience], _no_audience, self)

        return self._expressions.members(where.expression, members, self._generation.as_of)


def _no_audience(audience_id: int) -> Rule:
    raise AssertionError(f"audience {audience_id} should have been inlined")

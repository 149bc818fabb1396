"""Sets of people that come from the lake and not from traits: members of lists, who wrote what, whose document an
expression holds.

Each set is worked out once and kept while there is room, beyond its generation where a later one has the same data.
"""

from collections.abc import MutableMapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, assert_never

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.base.clock import Clock
from houselights.base.text import fold
from houselights.engine.bitmap import evaluate
from houselights.engine.documents import Documents
from houselights.engine.index import Index
from houselights.engine.membership_log import MembershipLog
from houselights.engine.people_set import PeopleSet
from houselights.engine.sql.run import Expressions, How
from houselights.engine.standings import standings_of
from houselights.engine.texts import Texts
from houselights.model.catalogue import follows_facet
from houselights.model.workspace import Generation
from houselights.rules.listed import listed_at_now
from houselights.rules.tree import Follows, Listed, Mentions, Nobody, Rule, Span, Where
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import TABLES

DAYS_MOST = 366 * 1000  # further back than any text; a timedelta of more overflows


class LakeLeaves:
    """The leaves of one generation, read from the versions of the lake's tables that belong to it.

    `sets` is where they are remembered: of rules as they are settled, so that it may be shared by generations that
    differ in their membership log only.
    """

    def __init__(
        self,
        lake: Lake,
        generation: Generation,
        index: Index,
        documents: Documents,
        log: MembershipLog,
        texts: Texts,
        clock: Clock,
        sets: MutableMapping[Rule, PeopleSet],
    ):
        self._lake = lake
        self._generation = generation
        self._index = index
        self._documents = documents
        self._log = log
        self._texts = texts
        self._clock = clock
        self._sets = sets

    @cached_property
    def _expressions(self) -> Expressions:
        # Most snapshots are never asked an expression, and to ask one opens tables of the lake.
        everyone, shape = self._index.everyone, self._documents.shape
        return Expressions(self._lake, self._generation, shape, everyone, standings=self._standings)

    def _standings(self) -> pa.Table:
        return standings_of(self._log.lines())

    def settled(self, listed: Listed) -> Rule:
        """Return an equal rule that names the state the list is in: the same one until somebody comes, goes or leaves
        by having been on it for too long. See `rules/listed.py` for what now is.
        """
        at_now = listed_at_now(listed, self._clock.now())
        if not isinstance(at_now, Listed):
            return at_now
        span = self._log.of(listed.list_id).settled(at_now.span or Span())
        return Nobody() if span is None else Listed(listed.list_id, None, span)

    def listed(self, listed: Listed) -> PeopleSet:
        """Return the people on a list: those whom the last line that counts put on it, and not too long ago.

        Of two lines at the same instant the removal counts: leaving somebody out is the mistake one can mend.
        """
        settled = self.settled(listed)
        return self._kept(settled) if isinstance(settled, Listed) else PeopleSet.empty(self._index.capacity)

    def mentions(self, mentions: Mentions) -> PeopleSet:
        """Return the people with a text that holds a phrase as a run of whole words; nobody without texts."""
        return self._kept(mentions)

    def active(self, follows: Follows) -> PeopleSet:
        """Return the people who were active on the platform within the days; accounts are not looked at."""
        return self._kept(Follows(follows.platform, (), 0, follows.active_within_days))

    def where(self, where: Where) -> PeopleSet:
        """Return the people for whose document an expression holds as of the generation's instant."""
        return self._kept(where)

    def how(self, where: Where) -> How:
        """Say how an expression is asked of everybody."""
        return self._expressions.how(where.expression, self._generation.as_of)

    def _kept(self, rule: Listed | Mentions | Follows | Where) -> PeopleSet:
        known = self._sets.get(rule)
        if known is None:
            match rule:
                case Listed(list_id, _, span):
                    known = self._set(self._log.of(list_id).members(span or Span()))
                case Mentions():
                    known = self._set(self._search_texts(rule))
                case Follows():
                    known = self._set(self._read_active(rule))
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

    def _search_texts(self, mentions: Mentions) -> Any:
        window = None if mentions.within_days is None else self._window(mentions.within_days)
        return self._texts.find([fold(phrase) for phrase in mentions.phrases], mentions.fields, window)

    def _read_active(self, follows: Follows) -> Any:
        active: pc.Expression | None = None
        if follows.active_within_days is not None:
            first, last = self._window(follows.active_within_days)
            active = (pc.field("last_active") >= first) & (pc.field("last_active") <= last)
        rows = self._read("follows", ["person_id", "platform"], active)
        # delta-rs rewrites files with other kinds of Arrow text than ours.
        platforms = rows["platform"].cast(pa.string()).combine_chunks().dictionary_encode()
        here = [follows_facet(each) == follows_facet(follows.platform) for each in platforms.dictionary.to_pylist()]
        return rows["person_id"].to_numpy()[np.array(here, np.bool_)[np.asarray(platforms.indices)]]

    def _window(self, days: int) -> tuple[datetime, datetime]:
        """Return the last days up to the instant of the data; both ends are inside."""
        as_of = self._generation.as_of
        return as_of - timedelta(days=min(max(days, -1), DAYS_MOST)), as_of

    def _ask_documents(self, where: Where) -> PeopleSet:
        meant = dict(where.members)

        def members(audience: str) -> PeopleSet:
            return evaluate(self._index, meant[audience], _no_audience, self)

        return self._expressions.members(where.expression, members, self._generation.as_of)


def _no_audience(audience_id: int) -> Rule:
    raise AssertionError(f"audience {audience_id} should have been inlined")

"""Runs rules over a generation of the lake: a set of people, or a value for each. Writes nothing, reads nothing else.

Each rule runs in a database of its own in memory, that may read this generation's files and nothing more. What has no
SQL is answered by the plain evaluator over documents read in turn, which is slow and the same.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import structlog

from houselights.base.errors import Unavailable
from houselights.engine.people_set import PeopleSet
from houselights.engine.recent import Recent
from houselights.engine.sql.compile import Compiled, compile_rule, compile_value
from houselights.engine.sql.documents import documents
from houselights.engine.sql.shape import TableShape
from houselights.engine.sql.tables import STANDINGS, Tables
from houselights.engine.sql.terms import MEMBER, Unsupported
from houselights.engine.values.evaluate import Circumstances, evaluate, holds
from houselights.model.workspace import Generation
from houselights.rules.values import MEMBERSHIPS, Field, Member, Now, Period, Value
from houselights.rules.walk import audiences_named, every
from houselights.storage.duck import deadline
from houselights.storage.lake.lake import Lake

CACHE_BYTES = 256 << 20
RANGE_PEOPLE = 1 << 18  # a quarter of a shard: some 5 million events to gather at once
DOCUMENTS_AT_ONCE = 1 << 14  # whole, with all their events

_LOG = structlog.get_logger(__name__)
_REFUSALS = (
    duckdb.ParserException, duckdb.BinderException, duckdb.ConversionException, duckdb.OutOfRangeException,
    duckdb.InvalidInputException,
)  # fmt: skip

ResolveMember = Callable[[str], PeopleSet]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one rule may use. Beyond the memory DuckDB writes to `spill`, if given, and otherwise gives up."""

    seconds: float = 120.0
    memory: str = "4GB"
    threads: int = 2
    spill: str | None = None


@dataclass(frozen=True, slots=True)
class How:
    """How a rule is evaluated: `sql` when there is some, and a sentence why."""

    sql: str | None
    why: str


class Expressions:
    """Value-level rules over one generation. Remembers the sets it has worked out while there is room."""

    def __init__(
        self,
        lake: Lake,
        generation: Generation,
        shape: TableShape,
        everyone: PeopleSet,
        *,
        standings: Callable[[], pa.Table] | None = None,
        limits: Limits | None = None,
    ):
        """Take who there is, and `standings`, rows as `tables.STANDINGS`, where rules may ask about memberships."""
        self._tables = Tables(lake, generation)
        self._shape = shape
        self._everyone = everyone
        self._capacity = everyone.capacity
        self._standings = standings
        self._limits = limits or Limits()
        self._sets: Recent[tuple[Value, datetime | None], PeopleSet] = Recent(CACHE_BYTES, lambda each: each.nbytes)

    def how(self, rule: Value, now: datetime) -> How:
        """Say how a rule would be evaluated."""
        try:
            compiled = compile_rule(rule, self._shape, now)
        except Unsupported as reason:
            return How(None, f"one document after another, because there is no SQL for {reason}")
        return How(compiled.pretty, compiled.why)

    def members(self, rule: Value, resolve_member: ResolveMember, now: datetime) -> PeopleSet:
        """Return the people whom a rule holds at an instant.

        `resolve_member` answers the members of an audience by the id that the rule names it by. Raises Unavailable when
        the limits do not suffice. Sets are remembered by the rule and, where it mentions now, the instant; a rule
        about other audiences is not, because those change without it.
        """
        nodes = list(every(rule))
        asks_standings = any(isinstance(node, Field) and node.name == MEMBERSHIPS for node in nodes)
        if asks_standings and self._standings is None:
            raise Unavailable("memberships are not kept where this rule is evaluated")
        key = (rule, now if any(isinstance(node, Now | Period) for node in nodes) else None)
        is_kept = not asks_standings and not any(isinstance(node, Member) for node in nodes)
        known = self._sets.get(key) if is_kept else None
        if known is None:
            known = self._worked_out(rule, resolve_member, now)
            if is_kept:
                self._sets[key] = known
        return known

    def values(self, rule: Value, resolve_member: ResolveMember, now: datetime) -> Iterator[tuple[int, Any]]:
        """Yield what a rule answers for each person, by ascending id. Errors as for `members`."""
        try:
            compiled = compile_value(rule, self._shape, now)
        except Unsupported:
            for person, document, is_member in self._documents(rule, resolve_member):
                yield person, evaluate(rule, Circumstances(inputs=(document,), now=now, is_member=is_member))
            return
        for found in self._answers(compiled, resolve_member):
            yield from sorted(zip(found["person_id"].to_pylist(), found["value"].to_pylist(), strict=True))

    def _worked_out(self, rule: Value, resolve_member: ResolveMember, now: datetime) -> PeopleSet:
        try:
            compiled = compile_rule(rule, self._shape, now)
            return self._by_sql(compiled, resolve_member)
        except Unsupported:
            return self._by_documents(rule, resolve_member, now)
        except _REFUSALS as refusal:
            # Never seen, or it would be mended; an answer that is late is better than none.
            _LOG.error("sql_refused", error=str(refusal), sql=compiled.sql)
            return self._by_documents(rule, resolve_member, now)

    def _by_sql(self, compiled: Compiled, resolve_member: ResolveMember) -> PeopleSet:
        found = PeopleSet.empty(self._capacity)
        for answer in self._answers(compiled, resolve_member):
            ids = answer["person_id"].to_numpy()
            # Events may outlive their person, and a query over events alone does not look.
            inside = ids[(ids >= 0) & (ids < self._capacity)]
            found |= PeopleSet.from_ids(inside, self._capacity)
        return found & self._everyone

    def _by_documents(self, rule: Value, resolve_member: ResolveMember, now: datetime) -> PeopleSet:
        matching = [
            person
            for person, document, is_member in self._documents(rule, resolve_member)
            if holds(rule, document, now=now, is_member=is_member)
        ]
        return PeopleSet.from_ids(matching, self._capacity) & self._everyone

    def _answers(self, compiled: Compiled, resolve_member: ResolveMember) -> Iterator[pa.Table]:
        """Yield the answers to a query, range after range of people where it gathers events in memory."""
        with self._opened() as connection:
            for number, audience in enumerate(compiled.audiences, start=1):
                ids = resolve_member(audience).ids().astype(np.int64)
                connection.register(f"{MEMBER}{number}", pa.table({"person_id": ids}))
            if not compiled.keeps_lists:
                self._tables.view(connection, compiled.tables)
                yield self._within_time(connection, compiled)
                return
            for start in range(0, self._capacity, RANGE_PEOPLE):
                self._tables.view(connection, compiled.tables, start, start + RANGE_PEOPLE)
                yield self._within_time(connection, compiled)

    @contextmanager
    def _opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._tables.open(self._limits.memory, self._limits.threads, self._limits.spill) as connection:
            standings = STANDINGS.empty_table() if self._standings is None else self._standings()
            connection.register("standings", standings)
            yield connection

    def _within_time(self, connection: duckdb.DuckDBPyConnection, compiled: Compiled) -> pa.Table:
        try:
            with deadline(connection, self._limits.seconds):
                return connection.sql(compiled.sql).to_arrow_table()
        except duckdb.InterruptException:
            raise Unavailable(f"the rule was not answered within {self._limits.seconds:g} seconds") from None
        except duckdb.OutOfMemoryException:
            raise Unavailable(f"the rule needs more than {self._limits.memory} of memory") from None

    def _documents(
        self, rule: Value, resolve_member: ResolveMember
    ) -> Iterator[tuple[int, dict[str, Any], Callable[[str], bool]]]:
        sets = {audience: resolve_member(audience) for audience in audiences_named(rule)}
        with self._opened() as connection:
            for start in range(0, self._capacity, DOCUMENTS_AT_ONCE):
                self._tables.view(connection, start=start, stop=start + DOCUMENTS_AT_ONCE)
                for person, document in documents(connection, self._shape):
                    yield person, document, partial(_is_in, sets, person)


def _is_in(sets: Mapping[str, PeopleSet], person: int, audience: str) -> bool:
    return person in sets[audience]

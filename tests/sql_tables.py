"""Documents as tables in a DuckDB of their own, so that a rule can be asked of both and the answers compared."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from houselights.engine.sql.compile import compile_rule, compile_value
from houselights.engine.sql.shape import TableShape
from houselights.engine.sql.tables import STANDINGS, view_known
from houselights.engine.values.document import read_person
from houselights.engine.values.evaluate import Circumstances, evaluate, holds
from houselights.model.schema import ListType, MapType, ObjectType, Scalar, Schema, Type
from houselights.rules.values import EVENTS, IDENTITIES, MEMBERSHIPS, Value

Document = Mapping[str, Any]
_ARROW: Mapping[Type, pa.DataType] = {
    Scalar.BOOLEAN: pa.bool_(), Scalar.INTEGER: pa.int64(), Scalar.NUMBER: pa.float64(), Scalar.STRING: pa.string(),
    Scalar.DATE: pa.date32(), Scalar.TIMESTAMP: pa.timestamp("us", tz="UTC"),
}  # fmt: skip


def arrow(kind: Type) -> pa.DataType:
    match kind:
        case ListType(item):
            return pa.list_(arrow(item))
        case MapType(value):
            return pa.map_(pa.string(), arrow(value))
        case ObjectType(fields):
            return pa.struct([pa.field(name, arrow(inner)) for name, inner in fields.items()])
        case _:
            return _ARROW[kind]


def stored(value: Any, kind: Type) -> Any:
    """Write a document's value as Arrow takes it: maps as entries, null for what is missing."""
    match kind:
        case _ if value is None:
            return None
        case ListType(item):
            return [stored(each, item) for each in value]
        case MapType(inner):
            return [(key, stored(each, inner)) for key, each in value.items()]
        case ObjectType(fields):
            return {name: stored(value.get(name), inner) for name, inner in fields.items()}
        case _:
            return value


def rows(documents: Sequence[Document], kind: ObjectType, extra: Mapping[str, pa.Array]) -> pa.Table:
    """Return documents as a table, a column for each field."""
    columns = {name: pa.array([stored(each.get(name), inner) for each in documents], arrow(inner))
               for name, inner in kind.fields.items()}  # fmt: skip
    return pa.table({**extra, **columns})


class Population:
    """Some people, both as documents and as tables; a person's id is the place in the sequence."""

    def __init__(
        self,
        people: Sequence[Document],
        schema: Schema,
        now: datetime,
        members: Mapping[str, Collection[int]],
    ):
        clock = schema.event_time
        people = [
            {**each, EVENTS: sorted((e for e in each[EVENTS] if clock in e), key=lambda e: e[clock])} for each in people
        ]
        # The tables are given what was given; what a document is of it, the reader of documents says.
        self.people = [read_person(each, schema) for each in people]
        self.shape, self.now, self.members = TableShape(schema=schema), now, members
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("set TimeZone = 'UTC'")
        owned = [(n, event) for n, person in enumerate(people) for event in person[EVENTS]]
        owners = {"person_id": pa.array([n for n, _ in owned], pa.int64()), "@place": pa.array(range(len(owned)))}
        self._load("people", rows(people, schema.person, {"person_id": pa.array(range(len(people)), pa.int64())}))
        self._load("events", rows([event for _, event in owned], schema.event, owners))
        self._load("identities", self._identities())
        self._load("standings", self._standings())
        view_known(self.connection)
        for audience, ids in members.items():
            self._load(self._table(audience), pa.table({"person_id": pa.array(sorted(ids), pa.int64())}))

    def close(self) -> None:
        """Close the database, and let go of it: hypothesis keeps hold of what a test was given."""
        self.connection.close()
        del self.connection

    def _table(self, audience: str) -> str:
        return f"audience_{sorted(self.members).index(audience)}"

    def _load(self, name: str, table: pa.Table) -> None:
        self.connection.register("given", table)
        self.connection.execute(f"create or replace table {name} as select * from given")
        self.connection.unregister("given")

    def _identities(self) -> pa.Table:
        known = [(n, namespace, each["id"]) for n, person in enumerate(self.people)
                 for namespace, ids in person.get(IDENTITIES, {}).items() for each in ids]  # fmt: skip
        names = ("person_id", "namespace", "value")
        kinds = (pa.int64(), pa.string(), pa.string())
        return pa.table({name: pa.array([row[place] for row in known], kind)
                         for place, (name, kind) in enumerate(zip(names, kinds, strict=True))})  # fmt: skip

    def _standings(self) -> pa.Table:
        known = [
            {"person_id": n, "namespace": namespace, "audience": audience, "status": each.get("status"),
             "since": each.get("lastQualificationTime")}
            for n, person in enumerate(self.people)
            for namespace, audiences in person.get(MEMBERSHIPS, {}).items()
            for audience, each in audiences.items()
        ]  # fmt: skip
        return pa.Table.from_pylist(known, schema=STANDINGS)

    def _is_member(self, person: int) -> Callable[[str], bool]:
        return lambda audience: person in self.members.get(audience, ())

    def plain(self, rule: Value) -> set[int]:
        """Return whom the plain evaluator finds."""
        return {
            n for n, person in enumerate(self.people) if holds(rule, person, now=self.now, is_member=self._is_member(n))
        }

    def plain_values(self, rule: Value) -> list[Any]:
        return [
            evaluate(rule, Circumstances(inputs=(person,), now=self.now, is_member=self._is_member(n)))
            for n, person in enumerate(self.people)
        ]

    def sql(self, rule: Value) -> set[int]:
        """Return whom SQL finds. Raises Unsupported when there is none."""
        compiled = compile_rule(rule, self.shape, self.now)
        return {row[0] for row in self._answers(compiled.sql, compiled.audiences)}

    def sql_values(self, rule: Value) -> list[Any]:
        compiled = compile_value(rule, self.shape, self.now)
        return [row[1] for row in sorted(self._answers(compiled.sql, compiled.audiences), key=lambda row: row[0])]

    def _answers(self, sql: str, audiences: Sequence[str]) -> list[Any]:
        for number, audience in enumerate(audiences, start=1):
            source = (
                self._table(audience) if audience in self.members else "(select 0::bigint as person_id where false)"
            )
            self.connection.execute(f"create or replace temp view m{number} as select * from {source}")
        try:
            return self.connection.execute(sql).fetchall()
        except duckdb.Error as error:
            raise AssertionError(f"{error}\n{sql}") from error

"""A person's events as a sequence: questions about them become findings of one pass, which gathers none of them.

Only where their order is asked for, or one is wanted whole, are events gathered in a list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from houselights.engine.sql.found import Findings
from houselights.engine.sql.sequences import (
    Items,
    ListItems,
    Make,
    Test,
    as_term,
    items_of,
    ordered,
    read,
    reduced,
    zero,
)
from houselights.engine.sql.terms import (
    Answer,
    Constant,
    Parts,
    Record,
    Rows,
    Term,
    Unsupported,
    call,
    column,
    is_list,
    otherwise,
    present,
    refuses_null,
)
from houselights.model.schema import ListType, Scalar, Type


@dataclass(frozen=True, slots=True)
class EventRows(Rows):
    """A column of the rows of a person's events: `item` of each row of alias `rows` where all `tests` hold.

    When `item` is a list, its items are the items.
    """

    rows: str
    item: Answer
    found: Findings
    tests: tuple[exp.Expr, ...] = ()
    order: tuple[exp.Expr, ...] = field(default=())

    @property
    def _inner(self) -> Items | None:
        return items_of(self.item, self.found) if is_list(self.item) else None

    def _kept(self, *more: exp.Expr) -> tuple[exp.Expr, ...]:
        """Return the tests of the rows that have an item."""
        tests = [*self.tests, *(test for each in more for test in _split(each) if test != exp.true())]
        if isinstance(self.item, Term) and self._inner is None:
            item = self.item.sql
            if not any(refuses_null(test, item) for test in tests):
                tests.append(present(item))
        return tuple(dict.fromkeys(tests))

    def any(self, test: Test) -> exp.Expr:
        passes = test(self.item) if self._inner is None else self._inner.any(test)
        if passes == exp.false():
            return passes
        return self.found.find(exp.true(), self._kept(passes), rows=self.rows, exists=True)

    def where(self, test: Test) -> Answer:
        if self._inner is not None:
            return self._with(self._inner.where(test))
        passes = test(self.item)
        return EventRows(self.rows, self.item, self.found, (*self.tests, *_split(passes)), self.order)

    def map(self, make: Make) -> Answer:
        return self._with(make(self.item) if self._inner is None else self._inner.map(make))

    def _with(self, item: Answer) -> Answer:
        if isinstance(item, Rows):
            raise Unsupported("events of events")
        if isinstance(item, Term):
            item = item.settled()
        if item == Constant(None):
            return Constant([])
        tests = self._kept() if isinstance(item, Constant | Parts) else self.tests
        return EventRows(self.rows, item, self.found, tests, self.order)

    def count(self) -> Term:
        if self._inner is None:
            sql = self.found.find(exp.Count(this=exp.Star()), self._kept(), rows=self.rows)
        else:
            sql = self.found.find(call("sum", self._inner.count().sql), self.tests, rows=self.rows)
        return Term(otherwise(sql, zero()), Scalar.INTEGER, is_huge=self._inner is not None)

    def count_different(self) -> Term:
        if self._inner is not None or not isinstance(self.item, Term):
            return ListItems(self.listed(ordered=False), self.found).count_different()
        ordered(self.item.kind)
        different = exp.Count(this=exp.Distinct(expressions=[self.item.sql]))
        return Term(otherwise(self.found.find(different, self.tests, rows=self.rows), zero()), Scalar.INTEGER)

    def reduce(self, how: str) -> Answer:
        inner = self._inner
        if inner is None:
            if not isinstance(self.item, Term | Constant):
                return Constant(0 if how == "sum" else None)
            term = as_term(self.item, self.found)
            kind = reduced(how, term.kind)
            aggregate = term.sql
        else:
            listed = inner.listed()
            assert isinstance(listed.kind, ListType), "listed answers lists"
            kind = reduced(how, listed.kind.item)
            if how == "average" and kind is not None:
                return self._average_of_lists(listed)
            aggregate = call(f"list_{how}", listed.sql)
        if kind is None:
            return Constant(0 if how == "sum" else None)
        name = "avg" if how == "average" else how
        sql = self.found.find(call(name, aggregate), self.tests, rows=self.rows)
        if how == "sum":
            return Term(otherwise(sql, zero()), kind, is_huge=kind is Scalar.INTEGER)
        return Term(sql, kind)

    def _average_of_lists(self, listed: Term) -> Term:
        total, size = (
            self.found.find(call("sum", call(name, listed.sql)), self.tests, rows=self.rows)
            for name in ("list_sum", "list_count")
        )
        return Term(exp.Div(this=exp.cast(total, "double"), expression=exp.Nullif(this=size, expression=zero())),
                    Scalar.NUMBER)  # fmt: skip

    def listed(self, *, ordered: bool = True) -> Term:
        """Return the items as a list, in the order of the events unless that does not matter."""
        term = as_term(self.item, self.found) if self._inner is None else self._inner.listed()
        order = [exp.Ordered(this=each, nulls_first=False) for each in self.order]
        gathered = call("list", exp.Order(this=term.sql, expressions=order) if ordered else term.sql)
        sql = self.found.find(gathered, self._kept(), rows=self.rows, is_list=True)
        if isinstance(term.kind, ListType):
            return Term(call("flatten", sql), term.kind, is_dense=True)
        return Term(sql, ListType(term.kind), is_dense=True)


def _split(test: exp.Expr) -> Sequence[exp.Expr]:
    """Return the tests that a conjunction is made of."""
    if isinstance(test, exp.Paren):
        return _split(test.this)
    if isinstance(test, exp.And):
        return [part for each in test.flatten() for part in _split(each)]
    return [test]


def event_record(rows: str, fields: Mapping[str, tuple[str, Type]]) -> Record:
    """Return a row of the events as an object; `fields` gives each field's column and type."""
    return Record({name: read(column(rows, held), kind) for name, (held, kind) in fields.items()})

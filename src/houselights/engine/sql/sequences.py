"""What list functions see in an answer, in three forms: a list in a row, a column of rows, items written out.

Each says whether any item passes a test, keeps or maps items, counts and reduces them. Nulls are no items, and lists
inside lists are opened by one level, as in the plain evaluator.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, cast

from sqlglot import exp

from houselights.engine.sql.found import Findings
from houselights.engine.sql.terms import (
    Answer,
    Constant,
    Parts,
    Record,
    Rows,
    Term,
    Unsupported,
    call,
    conjunction,
    constant_term,
    disjunction,
    is_list,
    otherwise,
    present,
    refuses_null,
)
from houselights.engine.sql.terms import field as field_of
from houselights.model.schema import ListType, MapType, ObjectType, Scalar, Type

Test: TypeAlias = Callable[[Answer], exp.Expr]
Make: TypeAlias = Callable[[Answer], Answer]

_ORDERED = (Scalar.INTEGER, Scalar.NUMBER, Scalar.STRING, Scalar.DATE, Scalar.TIMESTAMP)


class Items(Protocol):
    """A sequence of items. `test`s answer conditions in which NULL is false."""

    def any(self, test: Test) -> exp.Expr: ...

    def where(self, test: Test) -> Answer: ...

    def map(self, make: Make) -> Answer: ...

    def count(self) -> Term: ...

    def count_different(self) -> Term: ...

    def reduce(self, how: str) -> Answer: ...

    def listed(self, *, ordered: bool = True) -> Term: ...


def items_of(answer: Answer, found: Findings) -> Items:
    """Return what a list function sees: a missing list has no items, a single thing is a list of itself."""
    match answer:
        case Rows():
            return cast(Items, answer)  # the one kind of rows there is, and it is such a sequence
        case Term(kind=ListType()):
            return ListItems(answer, found)
        case Term(kind=MapType(value)):
            if isinstance(value, ListType | MapType):
                raise Unsupported("a map of lists or maps read as a list")
            return ListItems(_over(answer, value, lambda entry: field_of(entry, "value"), found), found)
        case Parts(parts):
            return FixedItems(parts, found)
        case Constant(None):
            return FixedItems((), found)
        case Constant(list() as values):
            return FixedItems(tuple(Constant(value) for value in values), found)
        case _:
            return FixedItems((answer,), found)


def as_term(answer: Answer, found: Findings) -> Term:
    """Return any answer as one expression. Raises Unsupported when it has no single type."""
    match answer:
        case Term(kind=MapType(), native=native):
            if native is None:
                raise Unsupported("a map made by the rule, as a value")
            return Term(native, answer.kind)
        case Term():
            return answer.settled()
        case Constant(value) if not isinstance(value, list | dict):
            return constant_term(value)
        case Record(entries):
            fields = {name: as_term(value, found) for name, value in entries.items() if value != Constant(None)}
            if not fields:
                raise Unsupported("an object without fields")
            parts = [exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=term.sql)
                     for name, term in fields.items()]  # fmt: skip
            return Term(exp.Struct(expressions=parts), ObjectType({name: term.kind for name, term in fields.items()}))
        case _:
            return items_of(answer, found).listed()


def _over(of: Term, kind: Type, make: Callable[[exp.Expr], exp.Expr], found: Findings) -> Term:
    name = found.fresh()
    return Term(call("list_transform", of.sql, _lambda(name, make(_variable(name)))), ListType(kind))


def _lambda(name: str, body: exp.Expr) -> exp.Expr:
    return exp.Lambda(this=body, expressions=[exp.to_identifier(name)])


def _variable(name: str) -> exp.Column:
    return exp.Column(this=exp.to_identifier(name))


@dataclass(frozen=True, slots=True)
class ListItems:
    """The items of a list that stands in a row."""

    term: Term
    found: Findings

    @property
    def kind(self) -> Type:
        """The type of an item."""
        assert isinstance(self.term.kind, ListType), "only lists are made into items"
        return self.term.kind.item

    def any(self, test: Test) -> exp.Expr:
        name = self.found.fresh()
        passes = test(read(_variable(name), self.kind))
        if isinstance(passes, exp.Boolean) and not passes.this:
            return passes
        wanted = _sought(passes, name)
        if wanted is not None:
            return call("list_contains", self.term.sql, wanted)
        if passes == exp.true() and self.term.is_dense:
            return _positive(self.term.sql)
        kept = call("list_filter", self.term.sql, _lambda(name, _known(passes, name)))
        if _is_path(self.term.sql):
            # Most lists of most rows are empty: asking for the length first keeps them away from the lambda.
            return exp.and_(_positive(self.term.sql.copy()), _positive(kept))
        return _positive(kept)

    def where(self, test: Test) -> Term:
        name = self.found.fresh()
        passes = _known(test(read(_variable(name), self.kind)), name)
        return Term(call("list_filter", self.term.sql, _lambda(name, passes)), self.term.kind, is_dense=True)

    def map(self, make: Make) -> Term:
        name = self.found.fresh()
        made = as_term(make(read(_variable(name), self.kind)), self.found)
        mapped = call("list_transform", self.term.sql, _lambda(name, _unless_null(made.sql, name)))
        if isinstance(made.kind, ListType):
            return Term(call("flatten", mapped), made.kind)
        return Term(mapped, ListType(made.kind))

    def count(self) -> Term:
        return Term(otherwise(call("list_count", self.term.sql), zero()), Scalar.INTEGER)

    def count_different(self) -> Term:
        ordered(self.kind)
        return Term(otherwise(call("list_unique", self.term.sql), zero()), Scalar.INTEGER)

    def reduce(self, how: str) -> Answer:
        kind = reduced(how, self.kind)
        if kind is None:
            return Constant(0 if how == "sum" else None)
        of = self.term.sql
        match how:
            case "sum":
                sql = otherwise(call("list_sum", of), zero())
                return Term(sql, kind, is_huge=kind is Scalar.INTEGER)
            case "average":
                return Term(call("list_avg", of), kind)
            case _:
                return Term(call(f"list_{how}", of), kind)

    def listed(self, *, ordered: bool = True) -> Term:  # noqa: ARG002  it is as it stands
        if self.term.is_dense:
            return self.term
        name = self.found.fresh()
        known = call("list_filter", self.term.sql, _lambda(name, present(_variable(name))))
        return Term(known, self.term.kind, is_dense=True)


def zero() -> exp.Expr:
    """Return the number 0."""
    return exp.Literal.number("0")


def _positive(of: exp.Expr) -> exp.Expr:
    return exp.GT(this=call("len", of), expression=exp.Literal.number("0"))


def reduced(how: str, kind: Type) -> Type | None:
    """Return the type of an aggregate of items of a type; None when no item of it counts."""
    if how in {"sum", "average"}:
        if kind not in (Scalar.INTEGER, Scalar.NUMBER):
            return None
        return kind if how == "sum" else Scalar.NUMBER
    return ordered(kind)


def ordered(kind: Type) -> Type:
    """Return a type whose values have an order. Raises Unsupported for any other."""
    if kind not in _ORDERED:
        raise Unsupported("sorting out what has no order")
    return kind


def _is_path(sql: exp.Expr) -> bool:
    """Say whether an expression is a column or a field of one, which costs nothing to write twice."""
    while isinstance(sql, exp.Dot):
        sql = sql.this
    return isinstance(sql, exp.Column)


def _sought(passes: exp.Expr, name: str) -> exp.Expr | None:
    """Return what items are looked for, when the test is that the item is the same as something else."""
    if not isinstance(passes, exp.EQ):
        return None
    sides: tuple[exp.Expr, exp.Expr] = (passes.this, passes.expression)
    for one, other in (sides, sides[::-1]):
        if one == _variable(name) and all(each.name != name for each in other.find_all(exp.Column)):
            return other
    return None


def _known(passes: exp.Expr, name: str) -> exp.Expr:
    """Return a test that no null passes."""
    item = _variable(name)
    return passes if refuses_null(passes, item) else conjunction([present(item), passes])


def _unless_null(made: exp.Expr, name: str) -> exp.Expr:
    """Return what is made of an item, null for null; a path from it is null by itself."""
    inner = made
    while isinstance(inner, exp.Dot):
        inner = inner.this
    if inner == _variable(name):
        return made
    return exp.Case().when(present(_variable(name)), made)


@dataclass(frozen=True, slots=True)
class FixedItems:
    """Items written out one by one; those that turn out null are none."""

    parts: tuple[Answer, ...]
    found: Findings

    def any(self, test: Test) -> exp.Expr:
        return disjunction([self._tested(part, test) for part in self.parts])

    def _tested(self, part: Answer, test: Test) -> exp.Expr:
        if is_list(part):
            return items_of(part, self.found).any(test)
        if part == Constant(None):
            return exp.false()
        part = part.settled() if isinstance(part, Term) else part
        passes = test(part)
        if isinstance(part, Term) and not refuses_null(passes, part.sql):
            return conjunction([present(part.sql), passes])
        return passes

    def where(self, test: Test) -> Answer:
        return ListItems(self.listed(), self.found).where(test) if self.parts else Constant([])

    def map(self, make: Make) -> Answer:
        if all(isinstance(part, Constant | Record) and part != Constant(None) for part in self.parts):
            return Parts(tuple(make(part) for part in self.parts))
        return ListItems(self.listed(), self.found).map(make)

    def count(self) -> Term:
        return ListItems(self.listed(), self.found).count() if self.parts else constant_term(0)

    def count_different(self) -> Term:
        return ListItems(self.listed(), self.found).count_different() if self.parts else constant_term(0)

    def reduce(self, how: str) -> Answer:
        if not self.parts:
            return Constant(0 if how == "sum" else None)
        return ListItems(self.listed(), self.found).reduce(how)

    def listed(self, *, ordered: bool = True) -> Term:  # noqa: ARG002  they are as they stand
        terms = [as_term(part, self.found) for part in self.parts if part != Constant(None)]
        kinds = [term.kind.item if isinstance(term.kind, ListType) else term.kind for term in terms]
        if not kinds or any(kind != kinds[0] for kind in kinds):
            raise Unsupported("a list of things of different types")
        lists = [term.sql if isinstance(term.kind, ListType) else call("list_value", term.sql) for term in terms]
        whole = lists[0] if len(lists) == 1 else call("list_concat", *lists)
        return ListItems(Term(whole, ListType(kinds[0])), self.found).listed()


def read(sql: exp.Expr, kind: Type) -> Term:
    """Return a column or field as a term; a MAP as the list of its entries, of which those without a value are none."""
    if isinstance(kind, MapType):
        known = _lambda("entry", present(field_of(_variable("entry"), "value")))
        return Term(call("list_filter", call("map_entries", sql), known), kind, native=sql)
    return Term(sql, kind)


def has_entries(keyed: Term) -> exp.Expr:
    """Return whether a map has any entry."""
    return _positive(keyed.sql)


def narrow(value: Term) -> Term:
    """Return an integer of 128 bits as one of 64, null when it does not fit."""
    return Term(exp.TryCast(this=value.sql, to=exp.DataType.build("bigint")), value.kind) if value.is_huge else value

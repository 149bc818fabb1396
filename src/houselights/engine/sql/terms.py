"""What a part of a rule becomes on its way to SQL: a typed expression, a constant, an object of such. Runs nothing.

Null follows three rules. A list or map that is NULL is one with nothing in it. A condition may be NULL where the plain
evaluator says false (`is_lenient`), because that is what lets a comparison reach the Parquet reader bare; whoever needs
a value and not a condition asks for `settled`. Everything else is NULL exactly where the plain evaluator has None.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlglot import exp

from houselights.model.schema import ListType, MapType, ObjectType, Scalar, Type
from houselights.rules.calendar import Stretch, instant
from houselights.rules.functions.comparing import is_true

INT64 = range(-(2**63), 2**63)
# Aliases: people, events, what was found in events; and, with a number, the members of audiences.
PERSON, EVENT, FOUND, MEMBER = "p", "e", "a", "m"
# Tables of what is known of people besides, a row and a map each.
IDENTITY_TABLE, MEMBERSHIP_TABLE = "known_identities", "known_memberships"


class Unsupported(Exception):
    """There is no SQL that says the same, for what the message names: the plain evaluator answers instead."""


class NeedsList(Exception):
    """Events are asked about from inside a list: they must be a list themselves."""


@dataclass(frozen=True, slots=True)
class Term:
    """An SQL expression and the type of its values.

    `is_lenient`: a condition, NULL where it is false. `may_overflow`: a double that may be infinite where the plain
    evaluator has none. `is_huge`: an integer of 128 bits. `is_dense`: a list without nulls. Maps are lists of
    `{key, value}`; `native` is the MAP.
    """

    sql: exp.Expr
    kind: Type
    is_lenient: bool = False
    may_overflow: bool = False
    is_huge: bool = False
    is_dense: bool = False
    native: exp.Expr | None = None

    def settled(self) -> "Term":
        """Return the term with NULL only where there is no value."""
        if self.is_lenient:
            return replace(self, sql=otherwise(self.sql, exp.false()), is_lenient=False)
        if self.may_overflow:
            finite = exp.Case().when(call("isfinite", self.sql), self.sql.copy())
            return replace(self, sql=finite, may_overflow=False)
        return self


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that is the same for everybody, as the plain evaluator has it."""

    value: Any


@dataclass(frozen=True, slots=True)
class Record:
    """An object whose fields are known one by one: a row of a table, or one written out (`is_written`)."""

    entries: Mapping[str, "Answer"]
    is_written: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """A list written out, its items known one by one."""

    items: tuple["Answer", ...]


class Rows:
    """A list that is a column of some rows of a table; see `rows.py`."""


Answer: TypeAlias = Term | Constant | Record | Parts | Rows


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a call of a DuckDB function by its own name, which sqlglot passes on as it is."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def otherwise(sql: exp.Expr, value: exp.Expr) -> exp.Expr:
    """Return an expression, or a value where it is NULL."""
    return exp.Coalesce(this=sql, expressions=[value])


def column(table: str, name: str) -> exp.Column:
    """Return a column, quoted: names of attributes may hold anything."""
    return exp.Column(this=exp.to_identifier(name, quoted=True), table=exp.to_identifier(table))


def field(of: exp.Expr, name: str) -> exp.Expr:
    """Return a field of a struct."""
    return exp.Dot(this=of, expression=exp.to_identifier(name, quoted=True))


def conjunction(tests: Sequence[exp.Expr]) -> exp.Expr:
    """Return the tests joined by AND; true when there are none, false when one is."""
    kept = [test for test in tests if test != exp.true()]
    if exp.false() in kept:
        return exp.false()
    return exp.and_(*kept) if kept else exp.true()


def disjunction(tests: Sequence[exp.Expr]) -> exp.Expr:
    """Return the tests joined by OR; false when there are none, true when one is."""
    kept = [test for test in tests if test != exp.false()]
    if exp.true() in kept:
        return exp.true()
    return exp.or_(*kept) if kept else exp.false()


def negation(test: exp.Expr) -> exp.Expr:
    """Return what holds wherever a test does not, be it false or NULL."""
    if isinstance(test, exp.Boolean):
        return exp.false() if test.this else exp.true()
    return exp.Not(this=exp.Is(this=operand(test), expression=exp.true()))


def present(sql: exp.Expr) -> exp.Expr:
    """Return whether an expression is not NULL."""
    return exp.Not(this=absent(sql))


COMPARES = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Like)


def refuses_null(test: exp.Expr, of: exp.Expr) -> bool:
    """Say whether a test is certainly not passed where `of`, which it is about, is NULL."""
    match test:
        case exp.And():
            return any(refuses_null(each, of) for each in test.flatten())
        case exp.Or():
            return all(refuses_null(each, of) for each in test.flatten())
        case exp.Paren():
            return refuses_null(test.this, of)
        case exp.Not(this=exp.Is(this=inner, expression=exp.Null())):
            return bool(inner == of)
    is_plain = not any(isinstance(each, exp.Anonymous | exp.Case | exp.Coalesce | exp.Subquery) for each in test.walk())
    return isinstance(test, COMPARES) and is_plain and any(each == of for each in test.walk())


def absent(sql: exp.Expr) -> exp.Expr:
    """Return whether an expression is NULL."""
    return exp.Is(this=operand(sql.copy()), expression=exp.null())


def operand(sql: exp.Expr) -> exp.Expr:
    """Return an expression fit to stand beside an operator; sqlglot writes trees as they are and adds no brackets."""
    is_bare = isinstance(sql, exp.Binary | exp.Unary | exp.Predicate | exp.Case) and not isinstance(
        sql, exp.Dot | exp.Paren | exp.Anonymous
    )
    return exp.paren(sql, copy=False) if is_bare else sql


def condition(sql: exp.Expr) -> Term:
    """Return a condition as a term."""
    return Term(sql, Scalar.BOOLEAN, is_lenient=not isinstance(sql, exp.Boolean))


def bare(value: Any) -> exp.Expr:
    """Return a constant as a literal of the narrowest type, for comparing. Raises Unsupported for what has none."""
    match value:
        case bool():
            return exp.true() if value else exp.false()
        case int() if value in INT64:
            number = exp.Literal.number(str(abs(value)))
            return exp.Neg(this=number) if value < 0 else number
        case float():
            return exp.cast(exp.Literal.string(repr(value)), "double")  # 1.5 alone would be a decimal
        case str():
            return exp.Literal.string(_storable(value))
        case datetime():
            return exp.cast(exp.Literal.string(instant(value).isoformat(sep=" ")), "timestamptz")
        case date():
            return exp.cast(exp.Literal.string(value.isoformat()), "date")
        case Stretch():
            return bare(value.start)
        case _:
            raise Unsupported(f"a constant of type {type(value).__name__}")


def _storable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unsupported("text that is not Unicode") from None
    return text


def kind_of(value: Any) -> Type | None:
    """Return the type of a constant; None for null, lists and whatever has no type of its own."""
    match value:
        case bool():
            return Scalar.BOOLEAN
        case int():
            return Scalar.INTEGER
        case float():
            return Scalar.NUMBER
        case str():
            return Scalar.STRING
        case datetime() | Stretch():
            return Scalar.TIMESTAMP
        case date():
            return Scalar.DATE
        case _:
            return None


def constant_term(value: Any) -> Term:
    """Return a constant as a typed expression. Raises Unsupported for null, lists and maps, which have no one type."""
    kind = kind_of(value)
    if kind is None:
        raise Unsupported("a list or null where one value is needed")
    sql = bare(value)
    return Term(exp.cast(sql, "bigint") if kind is Scalar.INTEGER else sql, kind)


def anything(item: Answer) -> exp.Expr:  # noqa: ARG001  a test of items
    """Pass every item."""
    return exp.true()


def truth(answer: Answer) -> exp.Expr:
    """Read an answer that is no sequence as a condition; NULL means false."""
    match answer:
        case Constant(value):
            return exp.true() if is_true(value) else exp.false()
        case Term(kind=Scalar.BOOLEAN):
            return answer.sql
        case _:
            return exp.false()


def as_instant(term: Term) -> exp.Expr:
    """Return a time as an instant; a date is the one it begins at."""
    return exp.cast(term.sql, "timestamptz") if term.kind is Scalar.DATE else term.sql


def is_list(answer: Answer) -> bool:
    """Say whether the plain evaluator would see a list."""
    match answer:
        case Term(kind=ListType()) | Parts() | Rows():
            return True
        case Constant(value):
            return isinstance(value, list)
        case _:
            return False


def is_object(answer: Answer) -> bool:
    """Say whether the plain evaluator would see an object or a map."""
    match answer:
        case Term(kind=ObjectType() | MapType()) | Record():
            return True
        case Constant(value):
            return isinstance(value, dict)
        case _:
            return False

"""SQL of the table's comparisons, decisions and arithmetic. Says of values of different kinds what the table does."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from sqlglot import exp

from houselights.engine.sql.found import Findings
from houselights.engine.sql.sequences import as_term, has_entries, items_of, narrow
from houselights.engine.sql.terms import (
    Answer,
    Constant,
    Parts,
    Record,
    Rows,
    Term,
    Unsupported,
    absent,
    anything,
    as_instant,
    bare,
    call,
    condition,
    conjunction,
    disjunction,
    field,
    is_list,
    is_object,
    kind_of,
    negation,
    operand,
    present,
    truth,
)
from houselights.model.schema import AnyType, ListType, MapType, ObjectType, Scalar, Type
from houselights.rules.functions.comparing import compare, is_missing
from houselights.rules.values import Comparison

Function: TypeAlias = Callable[..., Answer]  # of an answer
Argument: TypeAlias = Answer | Function

NUMBERS = frozenset({Scalar.INTEGER, Scalar.NUMBER})
TIMES = frozenset({Scalar.DATE, Scalar.TIMESTAMP})
_SIGNS: Mapping[Comparison, type[exp.Binary]] = {
    Comparison.EQUAL: exp.EQ, Comparison.NOT_EQUAL: exp.NEQ, Comparison.LESS: exp.LT, Comparison.AT_MOST: exp.LTE,
    Comparison.GREATER: exp.GT, Comparison.AT_LEAST: exp.GTE,
}  # fmt: skip
_HOLDS: Mapping[Comparison, Callable[[int], bool]] = {
    Comparison.EQUAL: lambda order: order == 0, Comparison.NOT_EQUAL: lambda order: order != 0,
    Comparison.LESS: lambda order: order < 0, Comparison.AT_MOST: lambda order: order <= 0,
    Comparison.GREATER: lambda order: order > 0, Comparison.AT_LEAST: lambda order: order >= 0,
}  # fmt: skip
_EXACT = 2**53


def holds(answer: Answer, found: Findings) -> exp.Expr:
    """Read any answer as a condition; of a list, whether there is anything in it."""
    if is_list(answer):
        return items_of(answer, found).any(anything)
    return truth(answer)


def is_alike(one: Type | None, other: Type | None) -> bool:
    """Say whether values of two types compare: numbers with numbers, times with times, the rest its own."""
    if isinstance(one, AnyType) or isinstance(other, AnyType):
        raise Unsupported("a value of unknown type")
    return one is not None and (one == other or {one, other} <= NUMBERS or {one, other} <= TIMES
                                if isinstance(one, Scalar) and isinstance(other, Scalar) else False)  # fmt: skip


def single(how: Comparison, one: Answer, other: Answer) -> exp.Expr:
    """Compare two single values; a list where one is expected compares as nothing."""
    if isinstance(one, Constant) and isinstance(other, Constant):
        return _constants(how, one, other)
    if Constant(None) in (one, other):
        return exp.false()
    if is_object(one) or is_object(other):
        if is_object(one) and is_object(other):
            raise Unsupported("objects compared with each other")
        return exp.false()
    first, second = _kind(one), _kind(other)
    orders = how not in {Comparison.EQUAL, Comparison.NOT_EQUAL}
    if not is_alike(first, second) or (orders and first is Scalar.BOOLEAN):
        return exp.false()
    as_times = first in TIMES and (first != second)
    left, right = (_operand(each, as_times) for each in (one, other))
    return _SIGNS[how](this=left, expression=right)


def _constants(how: Comparison, one: Constant, other: Constant) -> exp.Expr:
    if how not in {Comparison.EQUAL, Comparison.NOT_EQUAL} and isinstance(one.value, bool | dict):
        return exp.false()
    order = compare(one.value, other.value)
    return exp.true() if order is not None and _HOLDS[how](order) else exp.false()


def _kind(answer: Answer) -> Type | None:
    match answer:
        case Constant(value):
            return kind_of(value)
        case Term(kind=kind):
            return kind
        case _:
            return None


def _operand(answer: Answer, as_times: bool) -> exp.Expr:
    if isinstance(answer, Constant):
        sql = bare(answer.value)
        return exp.cast(sql, "timestamptz") if as_times and kind_of(answer.value) is Scalar.DATE else sql
    assert isinstance(answer, Term), "a single value is a term or a constant"
    term = answer.settled()
    return operand(as_instant(term).copy() if as_times else term.sql.copy())


def comparison(how: Comparison) -> Callable[[Findings, list[Argument]], Answer]:
    """Make a comparison of two arguments, of which one may be a list: any of its items will do."""

    def of(found: Findings, arguments: list[Argument]) -> Answer:
        one, other = (_answer(each) for each in arguments)
        if is_list(one) and is_list(other):
            return condition(_lists(how, one, other, found))
        if is_list(one):
            return condition(items_of(one, found).any(lambda item: single(how, item, other)))
        if is_list(other):
            return condition(items_of(other, found).any(lambda item: single(how, one, item)))
        if _is_empty(one) or _is_empty(other):
            return Constant(False)
        return condition(single(how, one, other))

    return of


def _is_empty(answer: Answer) -> bool:
    return isinstance(answer, Constant) and is_missing(answer.value)


def _lists(how: Comparison, one: Answer, other: Answer, found: Findings) -> exp.Expr:
    """Compare two lists: the same items the same number of times, in any order. Empty ones are not compared."""
    if how not in {Comparison.EQUAL, Comparison.NOT_EQUAL} or _is_empty(one) or _is_empty(other):
        return exp.false()
    terms = [items_of(each, found).listed() for each in (one, other)]
    first, second = (term.kind.item if isinstance(term.kind, ListType) else None for term in terms)
    if not isinstance(first, Scalar):
        raise Unsupported("lists of objects compared with each other")
    some = [exp.GT(this=call("len", term.sql.copy()), expression=exp.Literal.number("0")) for term in terms]
    if not is_alike(first, second):
        return conjunction(some) if how is Comparison.NOT_EQUAL else exp.false()
    if first != second:
        raise Unsupported("lists of different types compared with each other")
    left, right = (call("list_sort", term.sql) for term in terms)
    return conjunction([*some, _SIGNS[how](this=left, expression=right)])


def _answer(argument: Argument) -> Answer:
    assert not callable(argument), "a checker lets no lambda stand where a value must"
    return argument


def missing(answer: Answer, found: Findings) -> exp.Expr:
    """Return whether there is nothing there: null, or an object, list or map with nothing in it."""
    match answer:
        case Constant(value):
            return exp.true() if is_missing(value) else exp.false()
        case Record(entries, is_written=True):
            return exp.false() if entries else exp.true()
        case Record(entries):
            return conjunction([_null(each) for each in entries.values()])
        case Term(kind=ObjectType(fields)):
            nothing = [absent(field(answer.sql, name)) for name in fields]
            return disjunction([absent(answer.sql), conjunction(nothing)])
        case Term(kind=MapType()):
            return negation(has_entries(answer))
        case Term(kind=ListType()) | Rows() | Parts():
            return negation(items_of(answer, found).any(anything))
        case Term():
            return absent(answer.settled().sql)


def _null(answer: Answer) -> exp.Expr:
    if isinstance(answer, Term):
        return absent(answer.sql)
    return exp.true() if answer == Constant(None) else exp.false()


def _if(found: Findings, arguments: list[Argument]) -> Answer:
    test, then, otherwise = (_answer(each) for each in arguments)
    condition_ = holds(test, found)
    if isinstance(condition_, exp.Boolean):
        return then if condition_.this else otherwise
    if then == otherwise:
        return then
    branches = [None if each == Constant(None) else as_term(each, found) for each in (then, otherwise)]
    kinds = {branch.kind if isinstance(branch.kind, Scalar) else None for branch in branches if branch is not None}
    if None in kinds:
        raise Unsupported("a choice between lists or objects")
    if kinds == NUMBERS and all(_is_small(each) for each in (then, otherwise) if _kind(each) is Scalar.INTEGER):
        kinds = {Scalar.NUMBER}
    (kind, *others) = kinds or {None}
    if others or kind is None:
        raise Unsupported("a choice between different types")
    sql = [exp.null() if branch is None else branch.sql for branch in branches]
    if kinds == {Scalar.NUMBER}:
        sql = [exp.cast(each, "double") for each in sql]
    huge = any(branch is not None and branch.is_huge for branch in branches)
    return Term(exp.Case().when(condition_, sql[0]).else_(sql[1]), kind, is_huge=huge)


def _is_small(answer: Answer) -> bool:
    """Say whether an integer is one that a double holds exactly, whoever the person is."""
    return isinstance(answer, Constant) and abs(answer.value) <= _EXACT


def arithmetic(name: str) -> Callable[[list[Term]], Answer]:
    """Make an operator of two numbers; where 64 bits have no result there is none."""

    def of(terms: list[Term]) -> Answer:
        one, other = terms
        if name == "divide":
            return _divided(one, other)
        if one.kind is other.kind is Scalar.INTEGER:
            return _whole(name, one, other)
        left, right = (exp.cast(each.sql, "double") for each in (one, other))
        if name == "remainder":
            left, right = (exp.cast(each.settled().sql, "double") for each in (one, other))
            # The operator, whose sign is the dividend's; DuckDB's function fmod has the divisor's.
            rest = exp.Mod(this=left, expression=_unless_zero(right))
            return Term(exp.paren(rest), Scalar.NUMBER, may_overflow=True)
        operator = {"add": exp.Add, "subtract": exp.Sub, "multiply": exp.Mul}[name]
        return Term(exp.paren(operator(this=left, expression=right)), Scalar.NUMBER, may_overflow=True)

    return of


def _whole(name: str, one: Term, other: Term) -> Term:
    if one.is_huge or other.is_huge:
        left, right = (Term(exp.cast(each.sql, "hugeint"), each.kind) for each in (one, other))
        return narrow(Term(_whole(name, left, right).sql, Scalar.INTEGER, is_huge=True))
    if name == "remainder":
        # The one division of integers that overflows, the smallest by −1, has no remainder either.
        rest = exp.Mod(this=one.sql, expression=_unless_zero(other.sql))
        if isinstance(other.sql, exp.Cast) and isinstance(other.sql.this, exp.Literal) and int(other.sql.this.this):
            return Term(exp.paren(exp.Mod(this=one.sql, expression=other.sql)), Scalar.INTEGER)
        minus_one = exp.EQ(this=other.sql.copy(), expression=exp.Neg(this=exp.Literal.number("1")))
        safe = exp.Case().when(minus_one, _times_zero(one.sql.copy())).else_(rest)
        return Term(call("try", safe), Scalar.INTEGER)
    operator = {"add": exp.Add, "subtract": exp.Sub, "multiply": exp.Mul}[name]
    return Term(call("try", operator(this=one.sql, expression=other.sql)), Scalar.INTEGER)


def _times_zero(sql: exp.Expr) -> exp.Expr:
    zero = exp.cast(exp.Literal.number("0"), "bigint")
    return exp.Case().when(present(sql), zero)


def _divided(one: Term, other: Term) -> Term:
    divisor = _unless_zero(exp.cast(other.settled().sql, "double"))
    dividend = exp.cast(one.sql, "double")
    return Term(exp.paren(exp.Div(this=dividend, expression=divisor)), Scalar.NUMBER, may_overflow=True)


def _unless_zero(sql: exp.Expr) -> exp.Expr:
    return exp.Nullif(this=sql, expression=exp.Literal.number("0"))


COMPARING: Mapping[str, Callable[[Findings, list[Argument]], Answer]] = {
    **{each.value: comparison(each) for each in Comparison},
    "and": lambda found, tests: condition(conjunction([holds(_answer(each), found) for each in tests])),
    "or": lambda found, tests: condition(disjunction([holds(_answer(each), found) for each in tests])),
    "not": lambda found, tests: condition(negation(holds(_answer(tests[0]), found))),
    "if": _if,
    "is_missing": lambda found, given: condition(missing(_answer(given[0]), found)),
    "is_present": lambda found, given: condition(negation(missing(_answer(given[0]), found))),
}
ARITHMETIC: Mapping[str, Callable[[list[Term]], Answer]] = {
    name: arithmetic(name) for name in ("add", "subtract", "multiply", "divide", "remainder")
}

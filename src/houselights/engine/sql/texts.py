"""SQL of the table's functions of text. Patterns are rendered only where DuckDB reads them as the table does."""

from collections.abc import Callable, Mapping

from sqlglot import exp

from houselights.engine.sql.patterns import has_plain_group, re2
from houselights.engine.sql.terms import Term, Unsupported, call
from houselights.model.schema import Scalar

Tests = Callable[[list[Term]], exp.Expr]


def _text(term: Term) -> str:
    if not isinstance(term.sql, exp.Literal):
        raise Unsupported("a pattern that is not written out")
    return str(term.sql.this)


def _like(terms: list[Term]) -> exp.Expr:
    pattern = _text(terms[1])
    if "\\" not in pattern:
        return exp.Like(this=terms[0].sql, expression=terms[1].sql)
    # A backslash at the very end stands for itself; DuckDB wants it written twice.
    trailing = len(pattern) - len(pattern.rstrip("\\"))
    escaped = exp.Literal.string(pattern + "\\" if trailing % 2 else pattern)
    return call("like_escape", terms[0].sql, escaped, exp.Literal.string("\\"))


def _of(name: str) -> Tests:
    return lambda terms: call(name, terms[0].sql, terms[1].sql)


def _known_not(test: Tests) -> Tests:
    # NOT of NULL is NULL, which is the false that a missing text asks for.
    return lambda terms: exp.Not(this=test(terms))


def _same(terms: list[Term]) -> exp.Expr:
    if len(terms) == 2:
        return exp.EQ(this=terms[0].sql, expression=terms[1].sql)
    return exp.In(this=terms[0].sql, expressions=[term.sql for term in terms[1:]])


def _finds(terms: list[Term]) -> exp.Expr:
    return call("regexp_matches", terms[0].sql, exp.Literal.string(re2(_text(terms[1]))))


def _capture(terms: list[Term]) -> Term:
    pattern, group = _text(terms[1]), _whole(terms[2])
    if group < 0 or not has_plain_group(pattern, group):
        raise Unsupported("a group that may not take part in the match")
    ours = exp.Literal.string(re2(pattern))
    found = call("regexp_extract", terms[0].sql.copy(), ours.copy(), exp.Literal.number(str(group)))
    return Term(exp.Case().when(call("regexp_matches", terms[0].sql, ours), found), Scalar.STRING)


def _whole(term: Term) -> int:
    literal = term.sql.this if isinstance(term.sql, exp.Cast) else term.sql
    if not isinstance(literal, exp.Literal):
        raise Unsupported("a group that is not written out")
    return int(literal.this)


# Tests of single texts; where one is missing they are NULL, that is, false.
TEXT_TESTS: Mapping[str, Tests] = {
    "like": _like,
    "starts_with": _of("starts_with"),
    "not_starts_with": _known_not(_of("starts_with")),
    "ends_with": _of("suffix"),
    "not_ends_with": _known_not(_of("suffix")),
    "has_text": _of("contains"),
    "lacks_text": _known_not(_of("contains")),
    "same_text": _same,
    "other_text": lambda terms: exp.NEQ(this=terms[0].sql, expression=terms[1].sql),
    "finds": _finds,
}
TEXT_VALUES: Mapping[str, Callable[[list[Term]], Term]] = {"capture": _capture}


def lowered(term: Term) -> Term:
    """Return a text in lower case; DuckDB's `lower` and the table's agree on every letter (tested)."""
    return Term(call("lower", term.sql), term.kind)

"""The aggregates of the dialect: what they compute, which rows they are made of, how many people stand behind them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from houselights.cleanroom.dialect import snippet
from houselights.cleanroom.lineage import Behind, Lineage, Value, mixed
from houselights.cleanroom.predicates import condition
from houselights.cleanroom.refusal import Refused, only
from houselights.cleanroom.scope import Scope
from houselights.cleanroom.tables import Class

# name: DuckDB's SQL over its arguments, the type (`?`: of the argument), how values of several groups make one
_TABLE = {
    "SUM": ("sum(a)", "NUMBER", "SUM"),
    "AVG": ("avg(a)", "NUMBER", None),
    "MIN": ("min(a)", "?", "MIN"),
    "MAX": ("max(a)", "?", "MAX"),
    "MEDIAN": ("median(a)", "?", None),
    "PERCENTILE": ("quantile_cont(a, b)", "NUMBER", None),
    "APPROX_PERCENTILE": ("quantile_cont(a, b)", "NUMBER", None),
    "SKEWNESS": ("skewness(a)", "NUMBER", None),
    "KURTOSIS": ("kurtosis(a)", "NUMBER", None),
    "STDDEV": ("stddev_samp(a)", "NUMBER", None),
    "STDDEV_SAMP": ("stddev_samp(a)", "NUMBER", None),
    "STDDEV_POP": ("stddev_pop(a)", "NUMBER", None),
    "VARIANCE": ("var_samp(a)", "NUMBER", None),
    "VAR_SAMP": ("var_samp(a)", "NUMBER", None),
    "VAR_POP": ("var_pop(a)", "NUMBER", None),
    "COLLECT": ("list(a ORDER BY a)", "ARRAY", None),
    "ANY_VALUE": ("min(a)", "?", None),
    "APPROX_COUNT_DISTINCT": ("count(DISTINCT a)", "NUMBER", None),
    "COUNT": ("count(a)", "NUMBER", "SUM"),
}
NAMES = frozenset(_TABLE)
_OF_DISTINCT = {"COUNT", "SUM", "AVG", "COLLECT", "APPROX_COUNT_DISTINCT", "MIN", "MAX"}


def is_name(name: str) -> bool:
    """Whether this upper-case name is an aggregate's."""
    return name in _TABLE


def is_aggregate(node: exp.Expr) -> bool:
    """Whether a node calls an aggregate, perhaps with a FILTER."""
    if isinstance(node, exp.Filter):
        return is_aggregate(node.this)
    return isinstance(node, exp.Anonymous) and is_name(str(node.this).upper())


def among(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the aggregates below a node. The function of a window is none, what it takes may be."""
    if isinstance(node, exp.Window):
        inner, where = node.this, []
        if isinstance(inner, exp.Filter):
            inner, where = inner.this, [inner.args["expression"]]
        elif isinstance(inner, exp.IgnoreNulls | exp.RespectNulls):
            inner = inner.this
        parts = [*inner.expressions, *where, *(node.args.get("partition_by") or []), node.args.get("order")]
        for part in parts:
            if part is not None:
                yield from among(part)
    elif is_aggregate(node):
        yield node
    elif not isinstance(node, exp.Query | exp.Subquery):
        for child in node.iter_expressions():
            yield from among(child)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate over the rows of a scope.

    `name` and `arguments` with DISTINCT and FILTER say what it computes. `lineage` is that of its value, without the
    people: they are those behind the rows that `counts` holds for (None: all rows).
    """

    name: str
    arguments: tuple[Value, ...]
    is_distinct: bool
    filter: Value | None
    lineage: Lineage

    @property
    def values(self) -> tuple[Value, ...]:
        """All values it is made of."""
        return self.arguments if self.filter is None else (*self.arguments, self.filter)

    @property
    def counts(self) -> exp.Expr | None:
        """The condition of rows that contribute: a NULL does to nothing, and a zero does not to a sum."""
        condition = None
        if self.arguments:
            condition = snippet("a <> 0" if self.name == "SUM" else "a IS NOT NULL", a=self.arguments[0].sql)
        if self.filter is not None:
            condition = (
                self.filter.sql.copy() if condition is None else snippet("a AND b", a=self.filter.sql, b=condition)
            )
        return condition

    def sides(self, scope: Scope) -> list[exp.Expr | None]:
        """Return the conditions of the rows that there must be enough people behind, wherever there are any rows."""
        hidden = [scope.hidden[each] for each in sorted(self.lineage.marks)]
        marks = [each.sql for each in hidden if each.kind is Behind.MARK]
        return [self.counts, *marks, *(snippet("NOT m", m=mark) for mark in marks)]

    def lists(self, scope: Scope) -> list[str]:
        """Return the hidden columns that say from which rows of lists its values were taken."""
        return [each for each in sorted(self.lineage.marks) if scope.hidden[each].kind is Behind.SIDE]

    def sql(self) -> exp.Expr:
        """Return it as DuckDB's SQL."""
        if not self.arguments:
            call = snippet("count(*)")
        else:
            parts = {letter: value.sql for letter, value in zip("ab", self.arguments, strict=False)}
            call = snippet(_TABLE[self.name][0], **parts)
            if self.is_distinct:
                call = _distinct(call)
        where = None if self.filter is None else self.filter.sql.copy()
        if self.name == "COLLECT":
            present = snippet("a IS NOT NULL", a=self.arguments[0].sql)
            where = present if where is None else snippet("a AND b", a=where, b=present)
        return call if where is None else exp.Filter(this=call, expression=exp.Where(this=where))

    def over(self, values: Sequence[Value]) -> "Aggregate":
        """Return the same aggregate over other values for its arguments and its filter."""
        count = len(self.arguments)
        users = frozenset[str]().union(*(each.lineage.users for each in values))
        marks = frozenset[str]().union(*(each.lineage.marks for each in values))
        return replace(
            self,
            arguments=tuple(values[:count]),
            filter=None if self.filter is None else values[count],
            lineage=replace(self.lineage, users=users, marks=marks),
        )


def _distinct(call: exp.Expr) -> exp.Expr:
    assert isinstance(call, exp.Anonymous)
    first, *rest = call.expressions
    if isinstance(first, exp.Order):  # list(a ORDER BY a)
        first.set("this", exp.Distinct(expressions=[first.this]))
    elif not isinstance(first, exp.Distinct):
        first = exp.Distinct(expressions=[first])
    return exp.Anonymous(this=call.this, expressions=[first, *rest])


def read(node: exp.Expr, scope: Scope) -> Aggregate:
    """Return what a call of an aggregate means over the rows of a scope. Raises Refused."""
    where = None
    if isinstance(node, exp.Filter):
        only(node, "this", "expression")
        where = condition(node.args["expression"].this, scope)
        node = node.this
    assert isinstance(node, exp.Anonymous)
    name, arguments = str(node.this).upper(), list(node.expressions)
    for each in arguments:
        if any(among(each)):
            raise Refused(each, "an aggregate may not stand inside an aggregate", "Aggregate in a WITH query first.")
    is_distinct = len(arguments) == 1 and isinstance(arguments[0], exp.Distinct)
    if is_distinct:
        only(arguments[0], "expressions")
        arguments = arguments[0].expressions
        if name not in _OF_DISTINCT:
            raise Refused(node, f"{name} does not take DISTINCT")
    if name == "COUNT" and len(arguments) == 1 and isinstance(arguments[0], exp.Star) and not is_distinct:
        return Aggregate(name, (), False, where, _counting([], where, scope))
    values = [scope.value(each) for each in arguments]
    if len(values) != (2 if "b" in _TABLE[name][0] else 1):
        raise Refused(node, f"{name} does not take {len(values)} arguments")
    if len(values) == 2 and not isinstance(values[1].sql, exp.Literal):
        raise Refused(node, f"the second argument of {name} is a number from 0 to 1")
    if name in ("COUNT", "APPROX_COUNT_DISTINCT"):
        lineage = _counting(values, where, scope)
        if is_distinct or name != "COUNT":
            lineage = replace(lineage, merge=None)
        return Aggregate(name, tuple(values), is_distinct, where, lineage)
    if any(each.is_key for each in values):
        raise Refused(node, f"a user id may not be put into {name}", "It may be counted: COUNT(DISTINCT user_id).")
    lineage = mixed(values[:1], values[0].type if _TABLE[name][1] == "?" else _TABLE[name][1])
    lineage = replace(lineage, is_collected=lineage.is_collected or name == "COLLECT")
    return Aggregate(name, tuple(values), is_distinct, where, _measured(lineage, where, _TABLE[name][2], scope))


def _counting(values: Sequence[Value], where: Value | None, scope: Scope) -> Lineage:
    """Return the lineage of a count: it shows no value, but what decided about the values decided about it."""
    lineage = replace(mixed(values, "NUMBER"), klass=Class.NONE, has_literal=False, is_collected=False)
    return _measured(lineage, where, "SUM", scope)


def _measured(lineage: Lineage, where: Value | None, merge: str | None, scope: Scope) -> Lineage:
    if where is not None:
        lineage = replace(
            lineage, implied=max(lineage.implied, where.lineage.worst), users=lineage.users | where.lineage.users
        )
        lineage = scope.marked(lineage, [where])
    return replace(lineage, is_metric=True, merge=merge, names=frozenset())

"""Conditions: what is compared with what. Here literals are kept away from columns that nearly name somebody."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlglot import exp

from houselights.cleanroom.dialect import snippet
from houselights.cleanroom.lineage import Behind, Lineage, Relation, Value, mixed
from houselights.cleanroom.literals import Reader, no_key
from houselights.cleanroom.refusal import Refused, only
from houselights.cleanroom.scope import Scope
from houselights.cleanroom.tables import Class

_COMPARISONS: Mapping[type[exp.Expr], str] = {
    exp.EQ: "a = b", exp.NEQ: "a <> b", exp.LT: "a < b", exp.LTE: "a <= b", exp.GT: "a > b", exp.GTE: "a >= b",
    exp.NullSafeEQ: "a IS NOT DISTINCT FROM b", exp.NullSafeNEQ: "a IS DISTINCT FROM b",
}  # fmt: skip
_OF_KEYS = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)


def condition(node: exp.Expr, scope: Scope) -> Value:
    """Return what a condition means: of WHERE, ON, HAVING, CASE, or a part of one."""
    value = scope.value(node)
    no_key(value, node, "a condition")
    apart([value], node)
    return value


def apart(values: Iterable[Value], node: exp.Expr) -> None:
    """Refuse to bring literals together with values of class HIGH where one decides about the other."""
    together = mixed(values, "")
    if together.klass >= Class.HIGH and together.has_literal:
        raise Refused(
            node,
            "a column of class HIGH may not be compared with literals or parameters",
            "It may be compared with other columns, and be shown where enough users are behind each row.",
        )


def decided(values: Iterable[Value], node: exp.Expr) -> Lineage:
    """Return the lineage of a truth about values. Whatever it was made of, it is no longer a literal's."""
    values = list(values)
    apart(values, node)
    return replace(mixed(values, "BOOLEAN"), has_literal=False, is_metric=any(v.lineage.is_metric for v in values))


def like(left: Value, right: Value) -> tuple[exp.Expr, exp.Expr]:
    """Return two values as they can be compared: a text beside a number is read as a number, or is none."""
    number = "TRY_CAST(a AS DECIMAL(38, 8))"
    if left.type == "STRING" and right.type == "NUMBER":
        return snippet(number, a=left.sql), right.sql
    if left.type == "NUMBER" and right.type == "STRING":
        return left.sql, snippet(number, a=right.sql)
    return left.sql, right.sql


def same_keys(values: Iterable[Value], node: exp.Expr) -> Lineage:
    """Return the lineage of a truth about user ids: that they are the same says nothing of who they are."""
    values = list(values)
    if not all(each.is_key for each in values) or len({bool(each.lineage.names) for each in values}) > 1:
        raise Refused(node, "a user id may only be compared with another user id")
    return replace(mixed(values, "BOOLEAN"), klass=Class.NONE)


def _compare(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this", "expression")
    left, right = scope.value(node.this), scope.value(node.args["expression"])
    sql = _COMPARISONS[type(node)]
    if left.is_key or right.is_key:
        if not isinstance(node, _OF_KEYS):
            raise Refused(node, "user ids may be equal or not; they have no order")
        return Value(snippet(sql, a=left.sql, b=right.sql), same_keys([left, right], node))
    lineage = decided([left, right], node)
    a, b = like(left, right)
    return Value(snippet(sql, a=a, b=b), lineage)


def _and_or(sql: str) -> Reader:
    def read(node: exp.Expr, scope: Scope) -> Value:
        only(node, "this", "expression")
        parts = [condition(node.this, scope), condition(node.args["expression"], scope)]
        return Value(snippet(sql, a=parts[0].sql, b=parts[1].sql), replace(mixed(parts, "BOOLEAN"), has_literal=False))

    return read


def _not(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this")
    value = condition(node.this, scope)
    return Value(snippet("NOT a", a=value.sql), replace(value.lineage, type="BOOLEAN"))


def _is(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this", "expression")
    value, what = scope.value(node.this), node.args["expression"]
    if isinstance(what, exp.Null):
        if not value.is_key:
            apart([value], node)
        lineage = replace(mixed([value], "BOOLEAN"), has_literal=False)
        if value.is_key or isinstance(node.this, exp.Column):
            lineage = replace(lineage, klass=Class.NONE)  # that there is a value does not say which
        return Value(snippet("a IS NULL", a=value.sql), lineage)
    if isinstance(what, exp.Boolean):
        no_key(value, node, "a condition")
        sql = "a IS TRUE" if what.this else "a IS FALSE"
        return Value(snippet(sql, a=value.sql), decided([value, scope.value(what)], node))
    raise Refused(node, "IS is for NULL, TRUE and FALSE")


def _in(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this", "expressions", "query")
    value = scope.value(node.this)
    query = node.args.get("query")
    if query is not None:
        return _in_query(node, value, scope.context.relation(scope.context, query, scope.names))
    found = [scope.value(each) for each in node.expressions]
    if value.is_key or any(each.is_key for each in found):
        lineage = same_keys([value, *found], node)
    else:
        lineage = decided([value, *found], node)
    if len(found) == 1 and found[0].type == "ARRAY":
        return Value(contained(value, found[0]), lineage)
    truths = [snippet("a = b", a=a, b=b) for a, b in (like(value, each) for each in found)]
    return Value(exp.Paren(this=exp.or_(*truths)), lineage)


def contained(value: Value, array: Value) -> exp.Expr:
    """Return whether a value is one of an array's."""
    if array.lineage.has_literal and array.lineage.is_constant and value.type in ("STRING", "NUMBER"):
        return snippet("list_contains(CAST(b AS VARCHAR[]), CAST(a AS VARCHAR))", a=value.sql, b=array.sql)
    return snippet("list_contains(b, a)", a=value.sql, b=array.sql)


def _in_query(node: exp.Expr, value: Value, relation: Relation) -> Value:
    if len(relation.shown) != 1:
        raise Refused(node, "the query of an IN selects one column")
    found = Value(exp.column(relation.shown[0].column), relation.shown[0].lineage)
    if value.is_key or found.is_key:
        lineage = same_keys([value, found], node)
        alone = relation.rows <= found.lineage.names and all(relation.hidden[h] is Behind.ONE for h in relation.rows)
    else:
        lineage, alone = decided([value, found], node), not relation.rows
    if not alone:
        raise Refused(node, "this IN would choose rows by other people's", "Join the query instead.")
    chosen = exp.select(found.sql).from_(
        relation.sql.copy()
        if isinstance(relation.sql, exp.Table)
        else exp.alias_(exp.Subquery(this=relation.sql.copy()), "q", table=True)
    )
    sql = exp.In(this=value.sql.copy(), query=exp.Subquery(this=chosen))
    lineage = replace(
        lineage, users=value.lineage.users, marks=value.lineage.marks, implied=max(lineage.implied, relation.implied)
    )
    return Value(sql, lineage)


def _between(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this", "low", "high")
    value, low, high = (scope.value(node.args[part]) for part in ("this", "low", "high"))
    for each in (value, low, high):
        no_key(each, node, "compared with anything but user ids")
    lineage = decided([value, low, high], node)
    (a, b), (c, d) = like(value, low), like(value, high)
    return Value(snippet("a >= b AND c <= d", a=a, b=b, c=c, d=d), lineage)


def _matches(sql: str) -> Reader:
    def read(node: exp.Expr, scope: Scope) -> Value:
        only(node, "this", "expression", "negate")
        value, pattern = scope.value(node.this), scope.value(node.args["expression"])
        for each in (value, pattern):
            no_key(each, node, "compared with a pattern")
        found = snippet(sql, a=value.sql, b=pattern.sql)
        found = snippet("NOT a", a=found) if node.args.get("negate") else found
        return Value(found, decided([value, pattern], node))

    return read


def _escape(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this", "expression")
    mark = node.args["expression"]
    if not isinstance(node.this, exp.Like) or not isinstance(mark, exp.Literal) or len(str(mark.this)) != 1:
        raise Refused(node, "ESCAPE follows a LIKE and names one character")
    sql = f"like_escape(CAST(a AS VARCHAR), b, {exp.Literal.string(str(mark.this)).sql('duckdb')})"
    return _matches(sql)(node.this, scope)


READERS: Mapping[type[exp.Expr], Reader] = {
    **dict.fromkeys(_COMPARISONS, _compare),
    exp.And: _and_or("a AND b"),
    exp.Or: _and_or("a OR b"),
    exp.Not: _not,
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    exp.Like: _matches("CAST(a AS VARCHAR) LIKE b"),
    exp.ILike: _matches("CAST(a AS VARCHAR) ILIKE b"),
    exp.SimilarTo: _matches("regexp_full_match(CAST(a AS VARCHAR), b)"),
    exp.Escape: _escape,
}

"""Values without rows: literals, parameters, instants, types. And the expressions that only pass values on."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlglot import exp

from houselights.cleanroom.dialect import snippet
from houselights.cleanroom.lineage import Lineage, Value, mixed
from houselights.cleanroom.refusal import Refused, only
from houselights.cleanroom.scope import Scope

Reader = Callable[[exp.Expr, Scope], Value]

_TYPES: Mapping[exp.DType, tuple[str, str]] = {
    exp.DType.TEXT: ("STRING", "VARCHAR"),
    exp.DType.VARCHAR: ("STRING", "VARCHAR"),
    exp.DType.CHAR: ("STRING", "VARCHAR"),
    exp.DType.SMALLINT: ("NUMBER", "SMALLINT"),
    exp.DType.INT: ("NUMBER", "INTEGER"),
    exp.DType.BIGINT: ("NUMBER", "BIGINT"),
    exp.DType.FLOAT: ("NUMBER", "DOUBLE"),
    exp.DType.DOUBLE: ("NUMBER", "DOUBLE"),
    exp.DType.DECIMAL: ("NUMBER", "DECIMAL"),
    exp.DType.BOOLEAN: ("BOOLEAN", "BOOLEAN"),
    exp.DType.DATE: ("DATE", "DATE"),
    exp.DType.TIMESTAMP: ("TIMESTAMP", "TIMESTAMP"),
}

UNITS = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND")


def text(value: str) -> Value:
    """Return a text as a value."""
    return Value(exp.Literal.string(value), Lineage(type="STRING", has_literal=True))


def instant(at: datetime) -> exp.Expr:
    """Return an aware instant as a TIMESTAMP in UTC."""
    return cast(exp.Literal.string(at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")), "TIMESTAMP")


def cast(value: exp.Expr, kind: str) -> exp.Expr:
    """Return a value as one of DuckDB's types; `kind` is never text of a query."""
    return exp.Cast(this=value.copy(), to=exp.DataType.build(kind, dialect="duckdb"))


def today(scope: Scope) -> Value:
    """Return the date it is in the zone of the window."""
    day = scope.context.now.astimezone(ZoneInfo(scope.context.window.zone)).date()
    return Value(cast(exp.Literal.string(day.isoformat()), "DATE"), Lineage(type="DATE", has_literal=True))


def right_now(scope: Scope) -> Value:
    """Return the instant it is."""
    return Value(instant(scope.context.now), Lineage(type="TIMESTAMP", has_literal=True))


def parameter(value: object, node: exp.Expr) -> Value:
    """Return a parameter's value: a scalar, or a list of scalars as an array."""
    if isinstance(value, bool):
        return Value(exp.true() if value else exp.false(), Lineage(type="BOOLEAN", has_literal=True))
    if isinstance(value, int | float):
        return Value(_number(repr(value)), Lineage(type="NUMBER", has_literal=True))
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list | tuple):
        parts = [parameter(each, node) for each in value]
        array = (
            cast(exp.Array(expressions=[]), "VARCHAR[]") if not parts else exp.Array(expressions=[p.sql for p in parts])
        )
        return Value(array, Lineage(type="ARRAY", has_literal=True))
    raise Refused(node, "the parameter has a value of no known kind")


def _number(digits: str) -> exp.Expr:
    negative = digits.startswith("-")
    literal = exp.Literal.number(digits.removeprefix("-"))
    return exp.Neg(this=literal) if negative else literal


def _literal(node: exp.Expr, _: Scope) -> Value:
    assert isinstance(node, exp.Literal)
    if node.is_string:
        return text(node.this)
    digits = str(node.this)
    if (
        not digits.replace(".", "", 1)
        .replace("e", "", 1)
        .replace("E", "", 1)
        .replace("-", "")
        .replace("+", "")
        .isdigit()
    ):
        raise Refused(node, f"{digits} is not a number")
    if digits.isdigit():
        digits = str(int(digits))
    return Value(exp.Literal.number(digits), Lineage(type="NUMBER", has_literal=True))


def _boolean(node: exp.Expr, _: Scope) -> Value:
    return Value(exp.true() if node.this else exp.false(), Lineage(type="BOOLEAN", has_literal=True))


def _null(_node: exp.Expr, _scope: Scope) -> Value:
    return Value(exp.null(), Lineage(type="NULL"))


def _paren(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this")
    inner = scope.value(node.this)
    return Value(exp.Paren(this=inner.sql.copy()), inner.lineage)


def _column(node: exp.Expr, scope: Scope) -> Value:
    assert isinstance(node, exp.Column)
    only(node, "this", "table")
    if not isinstance(node.this, exp.Identifier):
        raise Refused(node, "SELECT * is not supported", "Name the columns.")
    return scope.column(node)


def _interval(node: exp.Expr, _: Scope) -> Value:
    only(node, "this", "unit")
    unit = node.args.get("unit")
    amount = node.this
    negative = isinstance(amount, exp.Neg)
    amount = amount.this if negative else amount
    if unit is None or not isinstance(amount, exp.Literal) or str(unit.name).upper().rstrip("S") not in UNITS:
        raise Refused(node, "an INTERVAL is a whole number in quotes and a unit", f"Units are {', '.join(UNITS)}.")
    try:
        count = int(str(amount.this)) * (-1 if negative else 1)
    except ValueError:
        raise Refused(node, "an INTERVAL is a whole number in quotes and a unit") from None
    sql = exp.Interval(this=exp.Literal.string(str(count)), unit=exp.var(str(unit.name).upper().rstrip("S")))
    return Value(sql, Lineage(type="INTERVAL", has_literal=True))


def _cast(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this", "to", "safe")
    to = node.args["to"]
    kind = _TYPES.get(to.this) if isinstance(to, exp.DataType) else None
    if kind is None or to.args.get("nested"):
        raise Refused(node, f"a value cannot be cast to {to.sql()}")
    if isinstance(node.this, exp.Literal) and node.this.is_string:
        word = str(node.this.this).strip().lower()
        if word == "today" and kind[0] == "DATE":
            return today(scope)
        if word == "now" and kind[0] == "TIMESTAMP":
            return right_now(scope)
    value = scope.value(node.this)
    no_key(value, node, "cast")
    name = kind[1]
    if name == "DECIMAL":
        sizes = [each.this.name for each in to.expressions if isinstance(each, exp.DataTypeParam)] or ["38", "6"]
        if not all(each.isdigit() for each in sizes):
            raise Refused(node, "a DECIMAL has whole numbers of digits")
        name = f"DECIMAL({', '.join(sizes)})"
    # Never a plain cast: its error would name the value at fault.
    sql = exp.TryCast(this=value.sql.copy(), to=exp.DataType.build(name, dialect="duckdb"))
    return Value(sql, scope.marked(mixed([value], kind[0]), [value] if value.type == "BOOLEAN" else []))


def _today(node: exp.Expr, scope: Scope) -> Value:
    only(node)
    return today(scope)


def _now(node: exp.Expr, scope: Scope) -> Value:
    only(node)
    return right_now(scope)


def _negative(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this")
    value = scope.value(node.this)
    no_key(value, node, "computed with")
    return Value(snippet("TRY(-a)", a=value.sql), mixed([value], value.type))


def _arithmetic(sql: str) -> Reader:
    def read(node: exp.Expr, scope: Scope) -> Value:
        only(node, "this", "expression", "typed", "safe")
        left, right = scope.value(node.this), scope.value(node.args["expression"])
        for each in (left, right):
            no_key(each, node, "computed with")
            if each.type == "BOOLEAN":
                raise Refused(node, "truths are not computed with", "Choose a number: IF(condition, 1, 0).")
        kind = next((each.type for each in (left, right) if each.type in ("DATE", "TIMESTAMP")), "NUMBER")
        if left.type == right.type and kind != "NUMBER":
            kind = "INTERVAL"
        elif kind == "DATE" and "INTERVAL" in (left.type, right.type):
            kind = "TIMESTAMP"
        return Value(snippet(sql, a=left.sql, b=right.sql), mixed([left, right], kind))

    return read


def _joined(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this", "expression", "safe")
    parts = [scope.value(node.this), scope.value(node.args["expression"])]
    for each in parts:
        no_key(each, node, "put together with text")
    sql = snippet("CAST(a AS VARCHAR) || CAST(b AS VARCHAR)", a=parts[0].sql, b=parts[1].sql)
    return Value(sql, scope.marked(mixed(parts, "STRING"), [each for each in parts if each.type == "BOOLEAN"]))


def no_key(value: Value, node: exp.Expr, deed: str) -> None:
    """Refuse a value that names somebody where something would be made of it."""
    if value.is_key:
        raise Refused(
            node, f"a user id may not be {deed}", "It may be joined on, grouped by inside a query, and counted."
        )


READERS: Mapping[type[exp.Expr], Reader] = {
    exp.Literal: _literal,
    exp.Boolean: _boolean,
    exp.Null: _null,
    exp.Paren: _paren,
    exp.Column: _column,
    exp.Interval: _interval,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.CurrentDate: _today,
    exp.CurrentTimestamp: _now,
    exp.Neg: _negative,
    exp.Add: _arithmetic("TRY(a + b)"),
    exp.Sub: _arithmetic("TRY(a - b)"),
    exp.Mul: _arithmetic("TRY(a * b)"),
    exp.Div: _arithmetic("TRY(a / NULLIF(b, 0))"),
    exp.Mod: _arithmetic("TRY(a % NULLIF(b, 0))"),
    exp.DPipe: _joined,
}

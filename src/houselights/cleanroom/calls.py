"""Calls of functions, and the expressions that choose between values. An unknown function is refused by name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlglot import exp

from houselights.base.suggest import did_you_mean
from houselights.cleanroom import aggregates, functions
from houselights.cleanroom.dialect import snippet
from houselights.cleanroom.lineage import Lineage, Value, mixed
from houselights.cleanroom.literals import Reader, instant, no_key, parameter, right_now, text, today
from houselights.cleanroom.predicates import apart, condition, contained, decided
from houselights.cleanroom.refusal import Refused, only
from houselights.cleanroom.scope import Scope
from houselights.cleanroom.tables import Class

TRUNCATED = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
PARTS = {
    "YEAR": "year(a)", "QUARTER": "quarter(a)", "MONTH": "month(a)", "WEEK": "week(a)", "DAY": "day(a)",
    "DOW": "dayofweek(a) + 1", "ISODOW": "isodow(a)", "DOY": "dayofyear(a)", "HOUR": "hour(a)", "MINUTE": "minute(a)",
    "SECOND": "second(a)", "EPOCH": "CAST(floor(epoch(a)) AS BIGINT)",
}  # fmt: skip


def call(node: exp.Expr, scope: Scope) -> Value:
    """Return what a call of a function by name means."""
    assert isinstance(node, exp.Anonymous)
    name = str(node.this).upper()
    arguments = node.expressions
    special = _SPECIAL.get(name)
    if special is not None:
        counts, read = special
        if len(arguments) not in counts:
            raise Refused(node, f"{name} does not take {len(arguments)} arguments")
        return read(node, scope)
    if name == "GETDATE":
        raise Refused(node, "GETDATE is not supported", "Use CAST('today' AS DATE) or CAST('now' AS TIMESTAMP).")
    if name == "EXPLODE":
        raise Refused(
            node, "EXPLODE stands by itself in a SELECT list without GROUP BY", "Explode in a WITH query first."
        )
    if aggregates.is_name(name):
        raise Refused(node, f"the aggregate {name} may not stand here", "Aggregate in the SELECT list or in HAVING.")
    return from_table(name, [scope.value(each) for each in arguments], node, scope)


def from_table(name: str, values: Sequence[Value], node: exp.Expr, scope: Scope) -> Value:
    """Return a call of a function of the table with values for its arguments."""
    function = functions.FUNCTIONS.get((name, len(values)))
    if function is None:
        if name in functions.NAMES:
            raise Refused(node, f"{name} does not take {len(values)} arguments")
        known = sorted(functions.NAMES | set(_SPECIAL) | aggregates.NAMES)
        near = did_you_mean(name, known)
        raise Refused(node, f"the function {name} is not supported", near)
    for each in values:
        no_key(each, node, f"put into {name}")
    if function.compares:
        apart(values, node)
    kind = values[0].type if function.type == "?" else function.type
    sql = snippet(function.sql, **{letter: value.sql for letter, value in zip(function.arguments, values, strict=True)})
    found = Value(sql, mixed(values, kind))
    truths = [each for each in values if each.type == "BOOLEAN"]
    if function.compares and kind != "BOOLEAN":  # what was found, or was taken away, is a condition as well
        test = "a > 0" if kind == "NUMBER" else "a IS DISTINCT FROM b"
        truths.append(Value(snippet(test, a=sql, b=values[0].sql), found.lineage))
    return Value(sql, scope.marked(found.lineage, truths))


# -- choosing ----------------------------------------------------------------------------------------------------------


def chosen(values: Sequence[Value], conditions: Sequence[Value], node: exp.Expr, scope: Scope) -> Lineage:
    """Return the lineage of one of several values, chosen by conditions. User ids stay so only among themselves."""
    shown = [each for each in values if each.type != "NULL"]
    kinds = {each.type for each in shown}
    lineage = mixed(shown, kinds.pop() if len(kinds) == 1 else "")
    deciding = mixed(conditions, "")
    lineage = replace(
        lineage,
        implied=max(lineage.implied, deciding.worst),
        users=lineage.users | deciding.users,
        is_metric=lineage.is_metric,
    )
    if lineage.is_key:
        if not all(each.is_key for each in shown) or len({bool(each.lineage.names) for each in shown}) > 1:
            raise Refused(node, "a user id may only be replaced by another user id or NULL")
        lineage = replace(lineage, names=frozenset().union(*(each.lineage.names for each in shown)))
    return scope.marked(lineage, conditions)


def _case(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this", "ifs", "default")
    subject = node.args.get("this")
    conditions, results = [], []
    for branch in node.args["ifs"]:
        only(branch, "this", "true")
        if subject is None:
            conditions.append(condition(branch.this, scope))
        else:
            conditions.append(scope.value(exp.EQ(this=subject.copy(), expression=branch.this.copy())))
        results.append(scope.value(branch.args["true"]))
    default = node.args.get("default")
    last = Value(exp.null(), Lineage(type="NULL")) if default is None else scope.value(default)
    sql = exp.Case(
        ifs=[exp.If(this=c.sql.copy(), true=r.sql.copy()) for c, r in zip(conditions, results, strict=True)],
        default=last.sql.copy(),
    )
    return Value(sql, chosen([*results, last], conditions, node, scope))


def _if(node: exp.Expr, scope: Scope) -> Value:
    if isinstance(node, exp.If):
        only(node, "this", "true", "false")
        parts = [node.this, node.args["true"], node.args.get("false") or exp.null()]
    else:
        parts = node.expressions
    test, then, otherwise = condition(parts[0], scope), scope.value(parts[1]), scope.value(parts[2])
    sql = snippet("CASE WHEN a THEN b ELSE c END", a=test.sql, b=then.sql, c=otherwise.sql)
    return Value(sql, chosen([then, otherwise], [test], node, scope))


def _coalesce(node: exp.Expr, scope: Scope) -> Value:
    values = [scope.value(each) for each in node.expressions]
    lineage = chosen(values, [], node, scope)
    return Value(exp.Anonymous(this="coalesce", expressions=[each.sql.copy() for each in values]), lineage)


def _nvl2(node: exp.Expr, scope: Scope) -> Value:
    test, *values = [scope.value(each) for each in node.expressions]
    sql = snippet("CASE WHEN a IS NOT NULL THEN b ELSE c END", a=test.sql, b=values[0].sql, c=values[1].sql)
    if test.is_key:
        test = replace(test, lineage=replace(test.lineage, klass=Class.NONE))
    else:
        apart([test], node)
    there = Value(snippet("a IS NOT NULL", a=test.sql), test.lineage)
    return Value(sql, chosen(values, [there], node, scope))


def _extreme(name: str) -> Reader:
    def read(node: exp.Expr, scope: Scope) -> Value:
        values = [scope.value(each) for each in node.expressions]
        for each in values:
            no_key(each, node, "put in order")
        lineage = mixed(values, values[0].type)
        apart(values, node)
        return Value(exp.Anonymous(this=name, expressions=[each.sql.copy() for each in values]), lineage)

    return read


def _concat(node: exp.Expr, scope: Scope) -> Value:
    values = [scope.value(each) for each in node.expressions]
    for each in values:
        no_key(each, node, "put together with text")
    sql = snippet("CAST(a AS VARCHAR)", a=values[0].sql)
    for each in values[1:]:
        sql = snippet("a || CAST(b AS VARCHAR)", a=sql, b=each.sql)
    return Value(sql, scope.marked(mixed(values, "STRING"), [each for each in values if each.type == "BOOLEAN"]))


# -- the question's own values -----------------------------------------------------------------------------------------


def _word(node: exp.Expr, scope: Scope, what: str) -> str:
    value = scope.value(node)
    if not isinstance(value.sql, exp.Literal) or not value.sql.is_string:
        raise Refused(node, f"{what} is written as a text in quotes")
    return str(value.sql.this)


def _built_in(node: exp.Expr, scope: Scope) -> Value:
    name = _word(node.expressions[0], scope, "the name of a parameter").upper()
    window = scope.context.window
    known = {"TIME_WINDOW_START": window.start, "TIME_WINDOW_END": window.end}
    if name == "TIME_WINDOW_TIME_ZONE":
        return text(window.zone)
    if name not in known:
        raise Refused(
            node, f"there is no built-in parameter {name}", "There are TIME_WINDOW_START and TIME_WINDOW_END."
        )
    return Value(instant(known[name]), Lineage(type="TIMESTAMP", has_literal=True))


def _custom(node: exp.Expr, scope: Scope) -> Value:
    name = _word(node.expressions[0], scope, "the name of a parameter")
    if name not in scope.context.parameters:
        raise Refused(node, f"the parameter {name} has no value", "Give it one beside the query.")
    return parameter(scope.context.parameters[name], node)


def _uuid(_node: exp.Expr, _scope: Scope) -> Value:
    # One for each row: to group by it is to ask for every row, so it needs as many users as a telling column.
    return Value(snippet("CAST(uuid() AS VARCHAR)"), Lineage(type="STRING", klass=Class.MEDIUM))


# -- time --------------------------------------------------------------------------------------------------------------


def _truncated(node: exp.Expr, scope: Scope) -> Value:
    unit = _word(node.expressions[0], scope, "the unit").lower()
    if unit not in TRUNCATED:
        raise Refused(node, f"DATE_TRUNC does not know the unit {unit}", f"Units are {', '.join(TRUNCATED)}.")
    value = scope.value(node.expressions[1])
    no_key(value, node, "taken for a time")
    kind = "DATE" if value.type == "DATE" and unit not in ("hour", "minute", "second") else "TIMESTAMP"
    sql = snippet("date_trunc(b, TRY_CAST(a AS TIMESTAMP))", a=value.sql, b=exp.Literal.string(unit))
    return Value(snippet("CAST(a AS DATE)", a=sql) if kind == "DATE" else sql, mixed([value], kind))


def _extract(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this", "expression")
    part = str(node.this.name).upper()
    if part not in PARTS:
        raise Refused(node, f"EXTRACT does not know {part}", f"It knows {', '.join(PARTS)}.")
    value = scope.value(node.args["expression"])
    no_key(value, node, "taken for a time")
    return Value(snippet(PARTS[part], a=snippet("TRY_CAST(a AS TIMESTAMP)", a=value.sql)), mixed([value], "NUMBER"))


def _zoned(node: exp.Expr, scope: Scope) -> Value:
    value, zone = scope.value(node.expressions[0]), scope.value(node.expressions[1])
    no_key(value, node, "taken for a time")
    if not isinstance(zone.sql, exp.Literal) or not _is_zone(str(zone.sql.this)):
        raise Refused(node.expressions[1], "this is not a time zone", "Zones look like 'America/New_York' or 'UTC'.")
    sql = snippet("TRY(timezone(b, timezone('UTC', TRY_CAST(a AS TIMESTAMP))))", a=value.sql, b=zone.sql)
    return Value(sql, mixed([value, zone], "TIMESTAMP"))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return False
    return True


# -- words between arguments, arrays, rows -----------------------------------------------------------------------------


def _trim(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this", "expression", "position")
    name = {"LEADING": "LTRIM", "TRAILING": "RTRIM"}.get(str(node.args.get("position") or "BOTH").upper(), "TRIM")
    parts = [scope.value(each) for each in (node.this, node.args.get("expression")) if each is not None]
    return from_table(name, parts, node, scope)


def _substring(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this", "start", "length")
    parts = [node.this, node.args.get("start"), node.args.get("length")]
    return from_table("SUBSTRING", [scope.value(each) for each in parts if each is not None], node, scope)


def _position(node: exp.Expr, scope: Scope) -> Value:
    only(node, "this", "substr")
    return from_table("POSITION", [scope.value(node.args["substr"]), scope.value(node.this)], node, scope)


def _array(node: exp.Expr, scope: Scope) -> Value:
    values = [scope.value(each) for each in node.expressions]
    for each in values:
        no_key(each, node, "put into an array")
    return Value(exp.Array(expressions=[each.sql.copy() for each in values]), mixed(values, "ARRAY"))


def _contained(node: exp.Expr, scope: Scope) -> Value:
    value, array = (scope.value(each) for each in node.expressions)
    if value.type == "ARRAY" and array.type != "ARRAY":
        value, array = array, value
    for each in (value, array):
        no_key(each, node, "looked for in an array")
    return Value(contained(value, array), decided([value, array], node))


def _named_row(node: exp.Expr, scope: Scope) -> Value:
    if not node.expressions or len(node.expressions) % 2:
        raise Refused(node, "NAMED_ROW takes names and values in turn")
    names = [_word(each, scope, "the name of a field") for each in node.expressions[::2]]
    return _row([*zip(names, node.expressions[1::2], strict=True)], node, scope)


def _unnamed_row(node: exp.Expr, scope: Scope) -> Value:
    return _row([(f"field{number}", each) for number, each in enumerate(node.expressions, start=1)], node, scope)


def _row(fields: Sequence[tuple[str, exp.Expr]], node: exp.Expr, scope: Scope) -> Value:
    values = [scope.value(each) for _, each in fields]
    for each in values:
        no_key(each, node, "put into a row")
    if len({name for name, _ in fields}) < len(fields):
        raise Refused(node, "two fields of the row have one name")
    parts = [
        exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=value.sql.copy())
        for (name, _), value in zip(fields, values, strict=True)
    ]
    return Value(exp.Struct(expressions=parts), mixed(values, "ROW"))


_MANY = range(1, 101)
_SPECIAL: Mapping[str, tuple[Sequence[int], Reader]] = {
    "IF": ((3,), _if),
    "COALESCE": (_MANY, _coalesce),
    "IFNULL": ((2,), _coalesce),
    "NVL": ((2,), _coalesce),
    "NVL2": ((3,), _nvl2),
    "GREATEST": (_MANY, _extreme("greatest")),
    "LEAST": (_MANY, _extreme("least")),
    "CONCAT": (_MANY, _concat),
    "BUILT_IN_PARAMETER": ((1,), _built_in),
    "CUSTOM_PARAMETER": ((1,), _custom),
    "UUID": ((0,), _uuid),
    "DATE_TRUNC": ((2,), _truncated),
    "CONVERT_TIME_ZONE_FROM_UTC": ((2,), _zoned),
    "CURRENT_DATE": ((0,), lambda _, scope: today(scope)),
    "CURRENT_TIMESTAMP": ((0,), lambda _, scope: right_now(scope)),
    "ARRAY": (_MANY, _array),
    "CONTAINED_IN": ((2,), _contained),
    "NAMED_ROW": (_MANY, _named_row),
    "ROW": (_MANY, _unnamed_row),
}

READERS: Mapping[type[exp.Expr], Reader] = {
    exp.Anonymous: call,
    exp.Case: _case,
    exp.If: _if,
    exp.Extract: _extract,
    exp.Trim: _trim,
    exp.Substring: _substring,
    exp.StrPosition: _position,
    exp.Array: _array,
}

"""Where rows come from: the tables in sight, within the window, and lists of values."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlglot import exp

from houselights.base.suggest import did_you_mean
from houselights.cleanroom.context import Context
from houselights.cleanroom.dialect import snippet
from houselights.cleanroom.lineage import Behind, Lineage, Relation, Shown, Value
from houselights.cleanroom.literals import cast, instant
from houselights.cleanroom.people import UNKNOWN
from houselights.cleanroom.refusal import NotForAudiences, Refused, only
from houselights.cleanroom.scope import Scope
from houselights.cleanroom.tables import TYPES, Class, Table, fold

EXTEND = "EXTEND_TIME_WINDOW"
_KINDS = {"INTEGER": "NUMBER", "LONG": "NUMBER", "DECIMAL": "NUMBER", "DOUBLE": "NUMBER", "ARRAY<STRING>": "ARRAY"}
_DURATION = re.compile(
    r"P(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,6})S)?)?"
)


def table(context: Context, name: str, node: exp.Expr, *, before: str = "P0D", after: str = "P0D") -> Relation:
    """Return the rows of a table within the window, made longer by two durations."""
    found = context.tables.get(fold(name))
    if found is None:
        names = sorted(each for known in context.tables.values() for each in known.names)
        raise Refused(node, f"unknown table {name}", did_you_mean(name, names))
    if context.only_for_audiences and not found.for_audiences:
        raise NotForAudiences(node, f"audiences may not be chosen from the table {found.names[0]}")
    if found not in context.read:
        context.read.append(found)
    select = exp.select(
        *(exp.alias_(_column(each.name, each.type, found), f"c{number}") for number, each in enumerate(found.columns))
    ).from_(exp.to_table(f"t{context.read.index(found)}"))
    hidden, rows = {}, frozenset[str]()
    if found.user is not None:
        person = snippet("coalesce(CAST(p AS BIGINT), n)", p=_named(found.user), n=exp.Literal.number(UNKNOWN))
        select = select.select(exp.alias_(person, "h0"), copy=False)
        hidden, rows = {"h0": Behind.ONE}, frozenset({"h0"})
    if found.time is not None:
        start, end = shifted(context, before, after, node)
        select = select.where(
            snippet("t >= a AND t < b", t=cast(_named(found.time), "TIMESTAMP"), a=instant(start), b=instant(end)),
            copy=False,
        )
    elif (before, after) != ("P0D", "P0D"):
        context.note(f"{found.names[0]} has no event time, so a time window neither filters nor extends it.")
    shown = tuple(
        Shown(
            each.name,
            f"c{number}",
            Lineage(
                type=_KINDS.get(each.type, each.type),
                klass=each.klass,
                users=rows,
                names=rows if each.name == found.user else frozenset(),
                is_metric=each.is_metric,
                merge="SUM" if each.is_metric else None,
            ),
        )
        for number, each in enumerate(found.columns)
    )
    return Relation(select, shown, hidden, rows)


def _named(name: str) -> exp.Expr:
    return exp.column(exp.to_identifier(name, quoted=True))


def _column(name: str, kind: str, found: Table) -> exp.Expr:
    return cast(_named(name), "BIGINT" if name == found.user else TYPES[kind])


def extended(context: Context, call: exp.Anonymous) -> Relation:
    """Return the rows of TABLE(EXTEND_TIME_WINDOW(table, before, after))."""
    inner = call.expressions[0] if len(call.expressions) == 1 else None
    if not isinstance(inner, exp.Anonymous) or str(inner.this).upper() != EXTEND:
        raise Refused(call, "TABLE() takes EXTEND_TIME_WINDOW", "FROM TABLE(EXTEND_TIME_WINDOW(name, 'P14D', 'P1D'))")
    if len(inner.expressions) != 3:
        raise Refused(inner, f"{EXTEND} takes a table and two durations")
    name, before, after = inner.expressions
    if isinstance(name, exp.Column):
        only(name, "this")
    elif not isinstance(name, exp.Literal) or not name.is_string:
        raise Refused(name, f"{EXTEND} takes the name of a table")
    for each in (before, after):
        if not isinstance(each, exp.Literal) or not each.is_string:
            raise Refused(each, "a duration is written in quotes, such as 'P14D'")
    shifted(context, str(before.this), str(after.this), inner)  # also where the table has no event time
    return table(context, name.name, name, before=str(before.this), after=str(after.this))


def shifted(context: Context, before: str, after: str, node: exp.Expr) -> tuple[datetime, datetime]:
    """Return the window made longer; days, weeks and months are those of the window's zone."""
    zone = ZoneInfo(context.window.zone)
    return _moved(context.window.start, before, -1, zone, node), _moved(context.window.end, after, 1, zone, node)


def _moved(at: datetime, duration: str, sign: int, zone: ZoneInfo, node: exp.Expr) -> datetime:
    match = _DURATION.fullmatch(duration)
    if match is None or duration in ("P", "") or duration.endswith("T"):
        raise Refused(node, f"{duration} is not a duration", "Durations look like 'P14D', 'P1M' or 'PT12H'.")
    amounts = {unit: int(amount or 0) for unit, amount in match.groupdict().items()}
    try:
        local = at.astimezone(zone).replace(tzinfo=None)
        months = local.year * 12 + local.month - 1 + sign * (amounts["years"] * 12 + amounts["months"])
        for day in range(local.day, 0, -1):
            try:
                local = local.replace(year=months // 12, month=months % 12 + 1, day=day)
                break
            except ValueError:
                if day == 1:
                    raise
        local += sign * timedelta(days=amounts["days"] + 7 * amounts["weeks"])
        exact = local.replace(tzinfo=zone).astimezone(UTC)
        return exact + sign * timedelta(hours=amounts["hours"], minutes=amounts["minutes"], seconds=amounts["seconds"])
    except (ValueError, OverflowError):
        raise Refused(node, f"the window cannot be made longer by {duration}") from None


def values(context: Context, node: exp.Values) -> Relation:
    """Return the rows of VALUES, which are literals, parameters and what is made of them."""
    only(node, "expressions", "alias")
    scope = Scope(context, {})
    rows: list[list[Value]] = []
    for each in node.expressions:
        parts = each.expressions if isinstance(each, exp.Tuple) else [each]
        if any(part.find(exp.Query) for part in parts):
            raise Refused(each, "VALUES are literals and parameters, not queries")
        rows.append([scope.value(part) for part in parts])
        if len(rows[-1]) != len(rows[0]):
            raise Refused(each, "the rows of VALUES do not all have as many columns")
    shown, first = [], rows[0]
    for number in range(len(first)):
        kinds = {row[number].type for row in rows} - {"NULL"}
        lineage = Lineage(type=kinds.pop() if len(kinds) == 1 else "", klass=Class.NONE, has_literal=True)
        shown.append(Shown(f"col{number + 1}", f"c{number}", lineage))
    tuples = [exp.Tuple(expressions=[value.sql.copy() for value in row]) for row in rows]
    columns = [exp.to_identifier(each.column) for each in shown]
    listed = exp.Values(expressions=tuples, alias=exp.TableAlias(this=exp.to_identifier("v"), columns=columns))
    return Relation(exp.select(*(each.column for each in shown)).from_(listed), tuple(shown), {}, frozenset())

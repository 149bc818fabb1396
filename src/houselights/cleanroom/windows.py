"""Window functions: values made of other rows, so of other people; those are counted over the same rows."""

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from houselights.cleanroom import aggregates
from houselights.cleanroom.dialect import snippet
from houselights.cleanroom.lineage import Behind, Hidden, Lineage, Value, mixed
from houselights.cleanroom.literals import Reader, no_key
from houselights.cleanroom.people import alone
from houselights.cleanroom.refusal import Refused, only, unknown
from houselights.cleanroom.scope import Scope
from houselights.cleanroom.tables import Class

_RANKS = {"ROW_NUMBER": 0, "RANK": 0, "DENSE_RANK": 0, "PERCENT_RANK": 0, "CUME_DIST": 0, "NTILE": 1}
_OFFSETS = {"LAG": (1, 3), "LEAD": (1, 3), "FIRST_VALUE": (1, 1), "LAST_VALUE": (1, 1)}
_FRAMED = ("UNBOUNDED", "CURRENT ROW")


def _window(node: exp.Expr, scope: Scope) -> Value:
    assert isinstance(node, exp.Window)
    if not scope.takes_windows:
        raise Refused(node, "a window function may only stand in the SELECT list", "Compute it in a WITH query first.")
    only(node, "this", "partition_by", "order", "spec", "over")
    partition = [scope.value(each) for each in node.args.get("partition_by") or []]
    order = _order(node, scope)
    over = exp.Window(
        partition_by=[each.sql.copy() for each in partition],
        order=exp.Order(expressions=[each for each, _ in order]) if order else None,
        spec=_frame(node),
        over="OVER",
    )
    function, skips_nulls = node.this, False
    if isinstance(function, exp.IgnoreNulls):
        function, skips_nulls = function.this, True
    elif isinstance(function, exp.RespectNulls):
        function = function.this
    called = function.this if isinstance(function, exp.Filter) else function
    if not isinstance(called, exp.Anonymous):
        raise Refused(node, f"{called.key.upper()} may not stand before OVER")
    name = str(called.this).upper()
    if called is not function and not aggregates.is_name(name):
        raise Refused(node, f"{name} takes no FILTER")
    scoped = _Over(scope, over, partition, [value for _, value in order], function)
    if name in _RANKS:
        return scoped.rank(name)
    if name in _OFFSETS:
        return scoped.offset(name, skips_nulls)
    if aggregates.is_name(name):
        return scoped.aggregate(name)
    raise unknown(function, called=f"the window function {name}")


def _order(node: exp.Window, scope: Scope) -> list[tuple[exp.Expr, Value]]:
    order = node.args.get("order")
    if order is None:
        return []
    only(order, "expressions")
    found: list[tuple[exp.Expr, Value]] = []
    for each in order.expressions:
        only(each, "this", "desc", "nulls_first")
        value = scope.value(each.this)
        no_key(value, each, "put in order")
        nulls_first = each.args.get("nulls_first")
        ordered = exp.Ordered(this=value.sql.copy(), desc=bool(each.args.get("desc")), nulls_first=bool(nulls_first))
        found.append((ordered, value))
    return found


def _frame(node: exp.Window) -> exp.Expr | None:
    spec = node.args.get("spec")
    if spec is None:
        return None
    only(spec, "kind", "start", "start_side", "end", "end_side")
    for part in ("start", "end"):
        bound = spec.args.get(part)
        text = str(bound).upper()
        is_number = isinstance(bound, exp.Literal) and str(bound.this).isdigit()
        if bound is not None and text not in _FRAMED and not is_number:
            raise Refused(node, "the frame of a window is bounded by UNBOUNDED, CURRENT ROW or a whole number of rows")
    if str(spec.args.get("kind")).upper() not in ("ROWS", "RANGE"):
        raise Refused(node, "the frame of a window is of ROWS or RANGE")
    copied: exp.Expr = spec.copy()
    return copied


class _Over:
    """One window: computes values, and hidden columns beside them for the people the values are made of."""

    def __init__(self, scope: Scope, over: exp.Window, partition: list[Value], order: list[Value], function: exp.Expr):
        self._scope = scope
        self._over = over
        self._partition = partition
        self._order = order
        self._function = function
        named = frozenset().union(*(each.lineage.names for each in partition))
        self._own = scope.told_by(named) if named else set()  # behind every row of a partition is the same person

    def rank(self, name: str) -> Value:
        if len(self._function.expressions) != _RANKS[name]:
            raise Refused(self._function, f"{name} does not take {len(self._function.expressions)} arguments")
        arguments = [self._scope.value(each) for each in self._function.expressions]
        if any(not isinstance(each.sql, exp.Literal) for each in arguments):
            raise Refused(self._function, f"{name} takes a whole number")
        lineage = self._lineage([], "NUMBER")
        people = self._everybody(self._scope.rows, is_whole=True)
        if not self._scope.rows <= self._own and any(self._kind(each) is Behind.ONE for each in self._scope.rows):
            # The place of a row among everybody's is nearly a name.
            lineage = replace(lineage, klass=max(lineage.klass, Class.MEDIUM))
        sql = self._put(exp.Anonymous(this=name.lower(), expressions=[each.sql.copy() for each in arguments]))
        return Value(sql, replace(lineage, users=lineage.users | people, has_literal=False))

    def offset(self, name: str, skips_nulls: bool) -> Value:
        low, high = _OFFSETS[name]
        arguments = [self._scope.value(each) for each in self._function.expressions]
        if not low <= len(arguments) <= high:
            raise Refused(self._function, f"{name} does not take {len(arguments)} arguments")
        for each in arguments:
            no_key(each, self._function, f"put into {name}")
        if len(arguments) > 1 and not isinstance(arguments[1].sql, exp.Literal):
            raise Refused(self._function, f"the second argument of {name} is a whole number")

        def call(*parts: exp.Expr) -> exp.Expr:
            made: exp.Expr = exp.Anonymous(this=name.lower(), expressions=[each.copy() for each in parts])
            return self._put(exp.IgnoreNulls(this=made) if skips_nulls else made)

        people: set[str] = set()
        for name_behind in sorted(self._scope.rows | arguments[0].lineage.users):
            if name_behind in self._own:
                people.add(name_behind)
            elif skips_nulls:
                people |= self._everybody({name_behind}, is_extreme=True)
            else:
                hidden = self._scope.hidden[name_behind]
                moved = call(hidden.sql, *(argument.sql for argument in arguments[1:2]))
                people.add(self._scope.keep(Hidden(moved, hidden.kind)))
        lineage = self._lineage(arguments, arguments[0].type)
        value = call(*(each.sql for each in arguments))
        return Value(value, replace(lineage, users=lineage.users | people))

    def aggregate(self, name: str) -> Value:
        read = aggregates.read(self._function, self._scope)
        if read.is_distinct and self._order:
            raise Refused(self._function, "DISTINCT may not be combined with ORDER BY in a window")
        if self._scope.rows and read.lists(self._scope):
            raise Refused(self._function, "a window may not compute with a list without users", "Join the list later.")
        people = {
            each
            for side in read.sides(self._scope)
            for each in self._everybody(
                self._scope.rows | read.lineage.users, condition=side, is_extreme=name in ("MIN", "MAX")
            )
        }
        lineage = self._lineage(read.values, read.lineage.type, shown=read.lineage)
        collected = lineage.is_collected or read.lineage.is_collected
        lineage = replace(lineage, users=lineage.users | people, is_metric=True, is_collected=collected)
        return Value(self._put(read.sql()), lineage)

    def _lineage(self, values: list[Value] | tuple[Value, ...], kind: str, shown: Lineage | None = None) -> Lineage:
        """Return what is known of a value: of its arguments and order it shows, what divides the rows decides."""
        mix = mixed([*values, *self._order], kind)
        divided = mixed([each for each in self._partition if not each.is_key], "")
        if shown is not None:
            ordering = mixed(self._order, "")
            mix = replace(
                mix,
                klass=max(shown.klass, ordering.klass),
                implied=max(shown.implied, ordering.implied),
                has_literal=shown.has_literal or ordering.has_literal,
            )
        return replace(mix, implied=max(mix.implied, divided.worst), users=mix.users | divided.users)

    def _everybody(
        self,
        names: set[str],
        *,
        condition: exp.Expr | None = None,
        is_whole: bool = False,
        is_extreme: bool = False,
    ) -> set[str]:
        """Return hidden columns that count the people behind the rows of the window, one for each of `names`.

        Only rows that a condition holds for count, of the frame or, `is_whole`, of the partition. A value that is an
        extreme is made of one row's people, another of at least those of the row with the most.
        """
        over = self._over.copy()
        if is_whole:
            over.set("order", None)
            over.set("spec", None)
        return {
            each
            if each in self._own
            else self._scope.keep(self._number(each, over, condition or exp.true(), is_extreme))
            for each in sorted(names)
        }

    def _number(self, name: str, over: exp.Window, condition: exp.Expr | None, is_extreme: bool) -> Hidden:
        hidden, condition = self._scope.hidden[name], condition or exp.true()
        if hidden.kind is Behind.ONE:
            counted = snippet("count(DISTINCT CASE WHEN p >= 0 AND c THEN p END)", p=hidden.sql, c=condition)
        else:
            sql = (
                "min(CASE WHEN c THEN n END)"
                if is_extreme or hidden.kind is Behind.LEAST
                else "max(CASE WHEN c THEN n END)"
            )
            counted = snippet(sql, n=alone(hidden), c=condition)
        present = snippet("count(CASE WHEN c THEN p END)", p=hidden.sql, c=condition)
        parts = {}
        for part, call in (("n", counted), ("m", present)):
            parts[part] = over.copy()
            parts[part].set("this", call)
        return Hidden(snippet("CASE WHEN m > 0 THEN n END", **parts), Behind.LEAST)

    def _kind(self, name: str) -> Behind:
        return self._scope.hidden[name].kind

    def _put(self, call: exp.Expr) -> exp.Expr:
        over = self._over.copy()
        over.set("this", call)
        return over


READERS: Mapping[type[exp.Expr], Reader] = {exp.Window: _window}

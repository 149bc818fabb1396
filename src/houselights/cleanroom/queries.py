"""Queries and what they select from: WITH, FROM, JOIN, WHERE, GROUP BY, HAVING, DISTINCT and UNION."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from houselights.cleanroom import aggregates, sources
from houselights.cleanroom.aggregates import Aggregate
from houselights.cleanroom.context import Context, Names
from houselights.cleanroom.dialect import snippet
from houselights.cleanroom.grouping import distinct, grouped, projected
from houselights.cleanroom.lineage import Relation, Value, mixed
from houselights.cleanroom.literals import Reader
from houselights.cleanroom.predicates import condition, decided, like, same_keys
from houselights.cleanroom.refusal import Refused, only, unknown
from houselights.cleanroom.scope import Scope
from houselights.cleanroom.tables import fold
from houselights.cleanroom.unions import union

EXPLODE = "EXPLODE"


def relation(context: Context, node: exp.Expr, names: Names) -> Relation:
    """Return what a query inside a query gives: a SELECT, a UNION, or one of them in brackets."""
    if isinstance(node, exp.Subquery):
        only(node, "this", "alias")
        return relation(context, node.this, names)
    if isinstance(node, exp.Union):
        names = with_names(context, node, names)
        return combined(context, node, names)
    if isinstance(node, exp.Select):
        return finished(read(context, node, with_names(context, node, names)))
    raise unknown(node)


def with_names(context: Context, node: exp.Expr, names: Names) -> Names:
    """Return the names in sight of a query: those around it and those of its own WITH."""
    listed = node.args.get("with_")
    if listed is None:
        return names
    if listed.args.get("recursive"):
        raise Refused(listed, "WITH RECURSIVE is not supported")
    only(listed, "expressions")
    names, own = dict(names), set()
    for each in listed.expressions:
        only(each, "this", "alias")
        name, columns = _alias(each)
        if fold(name) in own:
            raise Refused(each.args["alias"], f"two WITH queries are named {name}")
        own.add(fold(name))
        body = each.this
        if isinstance(body, exp.Select) and _is_values(body):
            found = sources.values(context, body.args["from_"].this)
        elif isinstance(body, exp.Values):
            found = sources.values(context, body)
        else:
            found = relation(context, body, names)
        found = _with_columns(found, columns, each)
        ours = context.fresh("q")
        context.named.append((ours, found.sql))
        names[fold(name)] = replace(found, sql=exp.to_table(ours))
    return names


def _is_values(node: exp.Select) -> bool:
    """Whether a SELECT is sqlglot's spelling of a bare VALUES."""
    source = node.args.get("from_")
    return [type(each) for each in node.expressions] == [exp.Star] and isinstance(
        getattr(source, "this", None), exp.Values
    )


def _alias(node: exp.Expr) -> tuple[str, list[str]]:
    alias = node.args.get("alias")
    if alias is None:
        return "", []
    only(alias, "this", "columns")
    return alias.name, [each.name for each in alias.args.get("columns") or []]


def _with_columns(found: Relation, columns: list[str], node: exp.Expr) -> Relation:
    if not columns:
        return found
    if len(columns) != len(found.shown):
        raise Refused(node.args["alias"], f"{len(columns)} names are given to {len(found.shown)} columns")
    return found.renamed(columns)


# -- FROM --------------------------------------------------------------------------------------------------------------


def _source(context: Context, node: exp.Expr, names: Names) -> tuple[Relation, str]:
    name, columns = _alias(node)
    if isinstance(node, exp.Subquery):
        only(node, "this", "alias")
        found = relation(context, node.this, names)
    elif isinstance(node, exp.Values):
        found = sources.values(context, node)
    elif isinstance(node, exp.Table):
        if node.args.get("db"):
            raise Refused(node, f"unknown table {'.'.join(part.name for part in node.parts)}")
        only(node, "this", "alias")
        found, own = _table(context, node, names)
        name = name or own
    else:
        raise unknown(node)
    return _with_columns(found, columns, node), name


def _table(context: Context, node: exp.Table, names: Names) -> tuple[Relation, str]:
    what = node.this
    if isinstance(what, exp.Identifier):
        known = names.get(fold(what.name))
        return (known if known is not None else sources.table(context, what.name, what)), what.name
    if isinstance(what, exp.Anonymous) and str(what.this).upper() == "TABLE":
        return sources.extended(context, what), ""
    called = str(what.this) if isinstance(what, exp.Anonymous) else None
    raise Refused(node, f"{called or what.key} may not be selected from", "Select from the tables of the schema.")


def _from(scope: Scope, node: exp.Select) -> None:
    source = node.args.get("from_")
    if source is None:
        raise Refused(node, "the SELECT has no FROM")
    only(source, "this")
    first, name = _source(scope.context, source.this, scope.names)
    scope.add(first, name)
    for join in node.args.get("joins") or []:
        _join(scope, join)


def _join(scope: Scope, join: exp.Expr) -> None:
    side, kind, method = (str(join.args.get(part) or "").upper() for part in ("side", "kind", "method"))
    if side == "RIGHT":
        raise Refused(join, "RIGHT JOIN is not supported", "Turn the tables round and use LEFT JOIN.")
    if method or kind not in ("", "INNER", "OUTER", "CROSS"):
        raise Refused(join, f"{' '.join(filter(None, (method, side, kind)))} JOIN is not supported")
    only(join, "this", "side", "kind", "on", "using")
    found, name = _source(scope.context, join.this, scope.names)
    if name and scope.has_source(name):
        raise Refused(join.this, f"two tables are named {name}", "Give one of them an alias.")
    on, using = join.args.get("on"), join.args.get("using") or []
    if on is None and not using:
        if side or kind in ("INNER", "OUTER"):
            raise Refused(join, "a join needs ON or USING")
        scope.add(found, name)
        return
    before = [(each, scope.column(exp.column(each.name))) for each in using]
    ours = scope.add(found, name, join=side or "INNER", on=exp.true())
    if on is not None:
        if on.find(exp.Query) is not None:
            raise Refused(on, "a query may not stand in ON", "Join the query, or use WHERE.")
        test = condition(on, scope)
        _equate(scope, on, ours if side else None)
    else:
        test = _using(scope, before, found, ours, side)
    scope.join_on(test)


def _using(scope: Scope, before: list[tuple[exp.Expr, Value]], found: Relation, ours: str, side: str) -> Value:
    tests = []
    for node, left in before:
        column = next((each for each in found.shown if fold(each.name) == fold(node.name)), None)
        if column is None:
            raise Refused(node, f"the joined table has no column {node.name}")
        right = scope.brought(column, ours)
        if left.is_key or right.is_key:
            lineage = same_keys([left, right], node)
            scope.equate(left.lineage.names, right.lineage.names)
        else:
            lineage = decided([left, right], node)
        a, b = like(left, right)
        tests.append(Value(snippet("a = b", a=a, b=b), lineage))
        merged = left
        if side == "FULL":
            both = mixed([left, right], left.type)
            both = replace(both, names=left.lineage.names | right.lineage.names)
            merged = Value(snippet("coalesce(a, b)", a=left.sql, b=right.sql), both)
        scope.merge(node.name, merged)
    return Value(exp.and_(*(each.sql for each in tests)), mixed(tests, "BOOLEAN"))


def _equate(scope: Scope, node: exp.Expr, joined: str | None) -> None:
    """Learn from the parts of a condition that all hold which user ids are equal.

    Of an outer join that `joined` a source, only what says something of that source: the others' rows stay anyway.
    """
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.And):
        _equate(scope, node.this, joined)
        _equate(scope, node.args["expression"], joined)
    elif isinstance(node, exp.EQ):
        sides = [scope.value(node.this).lineage.names, scope.value(node.args["expression"]).lineage.names]
        new = [bool(names) and all(each.startswith(f"{joined}.") for each in names) for names in sides]
        if all(sides) and (joined is None or new[0] != new[1]):
            scope.equate(*sides)


# -- SELECT ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Selected:
    """A SELECT that was read: its scope, what it shows, and when it groups, by what and with which aggregates."""

    scope: Scope
    outputs: tuple[tuple[str, exp.Expr], ...]
    keys: tuple[tuple[exp.Expr, Value], ...]
    aggregates: tuple[tuple[str, Aggregate], ...]
    having: exp.Expr | None
    is_grouped: bool
    is_distinct: bool

    def over(self, groups: Relation) -> Scope:
        """Return the scope of the SELECT list over its groups, as `grouped` gives them."""
        below = self.scope
        scope = Scope(below.context, below.names)
        scope.add(groups, "")
        scope.below = below
        scope.known = {below.signature(node): scope.at(f"k{number}") for number, (node, _) in enumerate(self.keys)}
        scope.known |= {text: scope.at(f"a{number}") for number, (text, _) in enumerate(self.aggregates)}
        scope.takes_windows = True
        return scope


def read(context: Context, node: exp.Select, names: Names) -> Selected:
    """Read a SELECT. Raises Refused."""
    only(node, "with_", "expressions", "from_", "joins", "where", "group", "having", "distinct", "kind")
    if node.args.get("kind"):
        raise Refused(node, f"SELECT AS {node.args['kind']} is not supported")
    if node.args.get("distinct") is not None:
        only(node.args["distinct"], "on")
        if node.args["distinct"].args.get("on") is not None:
            raise Refused(node.args["distinct"], "DISTINCT ON is not supported")
    scope = Scope(context, names)
    _from(scope, node)
    where = node.args.get("where")
    if where is not None:
        if any(aggregates.among(where.this)):
            raise Refused(where.this, "an aggregate may not stand in WHERE", "Use HAVING.")
        scope.where(condition(where.this, scope))
        _equate(scope, where.this, None)
    outputs = tuple(_output(each, number) for number, each in enumerate(node.expressions))
    having = node.args["having"].this if node.args.get("having") else None
    found = [
        each for part in (*(out for _, out in outputs), having) if part is not None for each in aggregates.among(part)
    ]
    group = node.args.get("group")
    keys = tuple((each, scope.value(each)) for each in _keys(scope, group, outputs))
    read_aggregates = {scope.signature(each): aggregates.read(each, scope) for each in found}
    is_grouped = bool(keys) or bool(found) or having is not None
    return Selected(
        scope, outputs, keys, tuple(read_aggregates.items()), having, is_grouped, node.args.get("distinct") is not None
    )


def _output(node: exp.Expr, number: int) -> tuple[str, exp.Expr]:
    if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
        raise Refused(node, "SELECT * is not supported", "Name the columns.")
    if isinstance(node, exp.Alias):
        only(node, "this", "alias")
        return node.alias, node.this
    return (node.name if isinstance(node, exp.Column) else f"column{number + 1}"), node


def _keys(scope: Scope, group: exp.Expr | None, outputs: tuple[tuple[str, exp.Expr], ...]) -> list[exp.Expr]:
    if group is None:
        return []
    only(group, "expressions")
    keys = []
    for each in group.expressions:
        key = each
        if isinstance(each, exp.Literal):
            place = int(each.this) if not each.is_string and str(each.this).isdigit() else 0
            if not 1 <= place <= len(outputs):
                raise Refused(each, f"GROUP BY {each.this} is not the place of a column", f"There are {len(outputs)}.")
            key = outputs[place - 1][1]
        elif isinstance(each, exp.Column) and not each.table and not scope.knows(each.name):
            named = [out for name, out in outputs if fold(name) == fold(each.name)]
            key = named[0] if len(named) == 1 else each
        if any(aggregates.among(key)):
            raise Refused(each, "an aggregate may not be grouped by")
        keys.append(key)
    return keys


def finished(selected: Selected) -> Relation:
    """Return the rows of a SELECT inside a query."""
    scope, is_one_row = selected.scope, False
    if selected.is_grouped:
        groups = grouped(scope, [value for _, value in selected.keys], [each for _, each in selected.aggregates])
        is_one_row = groups.is_one_row and selected.having is None
        scope = selected.over(groups)
        if selected.having is not None:
            scope.takes_windows = False
            scope.where(condition(selected.having, scope))
    scope.takes_windows = True
    found = projected(scope, [(name, shown(node, scope)) for name, node in selected.outputs])
    if selected.is_distinct:
        return distinct(Scope(scope.context, scope.names), found)
    return replace(found, is_one_row=is_one_row)


def shown(node: exp.Expr, scope: Scope) -> Value:
    """Return the value of an entry of the SELECT list, the only place where EXPLODE makes many rows of one."""
    if isinstance(node, exp.Anonymous) and str(node.this).upper() == EXPLODE:
        if len(node.expressions) != 1:
            raise Refused(node, "EXPLODE takes one array")
        array = scope.value(node.expressions[0])
        return Value(snippet("unnest(a)", a=array.sql), mixed([array], ""))
    return scope.value(node)


def combined(context: Context, node: exp.Union, names: Names) -> Relation:
    """Return the rows of a UNION."""
    only(node, "this", "expression", "distinct", "with_")
    both = union(relation(context, node.this, names), relation(context, node.args["expression"], names), node)
    return distinct(Scope(context, names), both) if node.args.get("distinct") else both


def _scalar(node: exp.Expr, scope: Scope) -> Value:
    """Return the value of a query in brackets, which must give one row whatever the data: it is joined to each row."""
    found = relation(scope.context, node, scope.names)
    if not found.is_one_row or len(found.shown) != 1:
        raise Refused(node, "a query used as a value gives one aggregate and no groups", "Join other queries.")
    ours = scope.add(found, None)
    return scope.brought(found.shown[0], ours)


READERS: Mapping[type[exp.Expr], Reader] = {exp.Subquery: _scalar}

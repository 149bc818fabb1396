"""SQL of the table's functions of lists and maps, over whichever form of sequence they are given."""

from collections.abc import Callable, Mapping

from sqlglot import exp

from houselights.engine.sql.comparing import Argument, holds, single
from houselights.engine.sql.found import Findings
from houselights.engine.sql.sequences import Items, ListItems, as_term, items_of, narrow, read, zero
from houselights.engine.sql.terms import (
    Answer,
    Constant,
    Record,
    Term,
    Unsupported,
    anything,
    call,
    condition,
    conjunction,
    constant_term,
    field,
    is_list,
    negation,
    otherwise,
    present,
)
from houselights.model.schema import ListType, MapType, ObjectType, Scalar, Type
from houselights.rules.values import Comparison

Render = Callable[[Findings, list[Argument]], Answer]

_LONGEST_LIST = 2**31


def _value(argument: Argument) -> Answer:
    assert not callable(argument), "a checker lets no lambda stand where a value must"
    return argument


def _items(argument: Argument, found: Findings) -> Items:
    return items_of(_value(argument), found)


def _test(argument: Argument, found: Findings) -> Callable[[Answer], exp.Expr]:
    assert callable(argument), "a checker lets no value stand where a lambda must"
    return lambda item: holds(argument(item), found)


def _mapped(found: Findings, arguments: list[Argument]) -> Items:
    """Return the items, or what the lambda gives for each, if there is one."""
    items = _items(arguments[0], found)
    if len(arguments) == 1:
        return items
    of = arguments[1]
    assert callable(of), "a checker lets no value stand where a lambda must"
    return items_of(items.map(of), found)


def _is_in(found: Findings, value: Argument, among: Argument) -> exp.Expr:
    wanted = _value(among)

    def has(item: Answer) -> exp.Expr:
        options = wanted.value if isinstance(wanted, Constant) and isinstance(wanted.value, list) else None
        if options is not None and isinstance(item, Term):
            return _one_of(item, options)
        return items_of(wanted, found).any(lambda each: single(Comparison.EQUAL, item, each))

    return _items(value, found).any(has)


def _one_of(item: Term, options: list[object]) -> exp.Expr:
    """Return whether an item is one of some constants: those that are not of its kind are left out."""
    tests = [single(Comparison.EQUAL, item, Constant(option)) for option in options]
    kept = [test for test in tests if isinstance(test, exp.EQ)]
    if len(kept) < 2:
        return kept[0] if kept else exp.false()
    return exp.In(this=kept[0].this, expressions=[test.expression for test in kept])


def _not_in(found: Findings, arguments: list[Argument]) -> Answer:
    among = _value(arguments[1])
    if isinstance(among, Constant) and isinstance(among.value, list):
        options = among.value
        if not options:
            return Constant(False)
        return condition(_items(arguments[0], found).any(lambda item: _none_of(item, options)))
    others = items_of(among, found)
    some = others.any(anything)
    none = _items(arguments[0], found).any(
        lambda item: negation(others.any(lambda each: single(Comparison.EQUAL, item, each)))
    )
    return condition(conjunction([some, none]))


def _none_of(item: Answer, options: list[object]) -> exp.Expr:
    if isinstance(item, Term):
        found = _one_of(item, options)
        # NOT of NULL is NULL: what is missing is no evidence.
        return exp.Not(this=exp.paren(found)) if not isinstance(found, exp.Boolean) else exp.true()
    tests = [single(Comparison.EQUAL, item, Constant(option)) for option in options]
    return exp.false() if exp.true() in tests else exp.true()


def _intersects(found: Findings, arguments: list[Argument]) -> Answer:
    return condition(_is_in(found, arguments[0], arguments[1]))


def _subset(found: Findings, one: Argument, other: Argument) -> Answer:
    items, others = _items(one, found), _items(other, found)
    some = [each.any(anything) for each in (items, others)]
    outside = items.any(lambda item: negation(_is_in(found, item, other)))
    return condition(conjunction([*some, negation(outside)]))


def _distinct_list(found: Findings, of: Answer) -> Term:
    """Return the different items in the order in which each first stands there."""
    term = items_of(of, found).listed()
    if not isinstance(term.kind, ListType) or not isinstance(term.kind.item, Scalar):
        raise Unsupported("the different ones of objects")
    name, kept, each = found.fresh(), found.fresh(), found.fresh()
    alone = call("list_transform", term.sql, _lambda(name, call("list_value", exp.column(name))))
    item = call("list_extract", exp.column(each), exp.Literal.number("1"))
    is_kept = call("list_contains", exp.column(kept), item)
    longer = exp.Case().when(is_kept, exp.column(kept)).else_(call("list_concat", exp.column(kept), exp.column(each)))
    both = exp.Lambda(this=longer, expressions=[exp.to_identifier(kept), exp.to_identifier(each)])
    nothing = call("list_slice", term.sql.copy(), exp.Literal.number("1"), exp.Literal.number("0"))
    return Term(call("list_reduce", alone, both, nothing), term.kind, is_dense=True)


def _intersection(found: Findings, arguments: list[Argument]) -> Answer:
    kept = _items(arguments[0], found).where(lambda item: _is_in(found, item, arguments[1]))
    return _distinct_list(found, kept)


def _exists(found: Findings, arguments: list[Argument]) -> Answer:
    return condition(_items(arguments[0], found).any(_test(arguments[1], found)))


def _forall(found: Findings, arguments: list[Argument]) -> Answer:
    passes = _test(arguments[1], found)
    return condition(negation(_items(arguments[0], found).any(lambda item: negation(passes(item)))))


def _map(found: Findings, arguments: list[Argument]) -> Answer:
    of = arguments[1]
    assert callable(of), "a checker lets no value stand where a lambda must"
    return _items(arguments[0], found).map(of)


def _reduced(how: str) -> Render:
    return lambda found, arguments: _mapped(found, arguments).reduce(how)


def _count(found: Findings, arguments: list[Argument]) -> Answer:
    return _mapped(found, arguments).count()


def _size(found: Findings, wanted: Answer) -> exp.Expr:
    """Return how many items are wanted: none where the number is not known, or no whole one."""
    if isinstance(wanted, Constant):
        is_whole = isinstance(wanted.value, int) and not isinstance(wanted.value, bool)
        return exp.Literal.number(str(min(max(0, wanted.value), _LONGEST_LIST) if is_whole else 0))
    term = as_term(wanted, found)
    if term.kind is not Scalar.INTEGER:
        raise Unsupported("a number of items that may be no whole one")
    known = otherwise(narrow(term).sql, zero())  # first of all: DuckDB's least and greatest pass over NULL
    return call("greatest", call("least", known, exp.Literal.number(str(_LONGEST_LIST))), zero())


def _ranked(direction: str) -> Render:
    """Make `top` or `bottom`: items without a key are left out, equal keys keep the order of the list."""

    def of(found: Findings, arguments: list[Argument]) -> Answer:
        size, key = _size(found, _value(arguments[2])), arguments[1]
        assert callable(key), "a checker lets no value stand where a lambda must"
        listed = _items(arguments[0], found).listed()
        assert isinstance(listed.kind, ListType), "listed answers lists"
        place, name = found.fresh(), found.fresh()
        ranked = as_term(key(Term(exp.column(name), listed.kind.item)), found)
        if ranked.kind not in (Scalar.INTEGER, Scalar.NUMBER, Scalar.STRING, Scalar.DATE, Scalar.TIMESTAMP):
            raise Unsupported("a rank by what has no order")
        # The place breaks ties the way of the list: ascending always, so it is turned round where the key descends.
        at = exp.column(place)
        entry = _struct({"key": ranked.sql, "at": exp.Neg(this=at) if direction == "DESC" else at,
                         "item": exp.column(name)})  # fmt: skip
        both = exp.Lambda(this=entry, expressions=[exp.to_identifier(name), exp.to_identifier(place)])
        known = found.fresh()
        keyed = call("list_filter", call("list_transform", listed.sql, both),
                     _lambda(known, present(field(exp.column(known), "key"))))  # fmt: skip
        ordered = call("list_sort", keyed, exp.Literal.string(direction))
        first = call("list_slice", ordered, exp.Literal.number("1"), size)
        opened = found.fresh()
        return Term(call("list_transform", first, _lambda(opened, field(exp.column(opened), "item"))), listed.kind)

    return of


def _struct(fields: Mapping[str, exp.Expr]) -> exp.Expr:
    return exp.Struct(expressions=[
        exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=value) for name, value in fields.items()
    ])  # fmt: skip


def _lambda(name: str, body: exp.Expr) -> exp.Expr:
    return exp.Lambda(this=body, expressions=[exp.to_identifier(name)])


def at_place(of: Term, place: exp.Expr) -> Term:
    """Return the item of a dense list at a place, from 1; null when there is none."""
    assert isinstance(of.kind, ListType), "only lists have places"
    return read(call("list_extract", of.sql, place), of.kind.item)


def first_of(found: Findings, of: Answer) -> Answer:
    """Return the first item; null when there is none."""
    if not is_list(of) and not (isinstance(of, Term) and isinstance(of.kind, MapType)):
        return of
    if isinstance(of, Constant):
        return Constant(of.value[0]) if of.value else Constant(None)
    return at_place(items_of(of, found).listed(), exp.Literal.number("1"))


def _item(found: Findings, arguments: list[Argument]) -> Answer:
    place = as_term(_value(arguments[1]), found)
    if place.kind is not Scalar.INTEGER:
        return Constant(None)
    at = narrow(place).sql
    shifted = exp.Case().when(exp.GTE(this=at, expression=exp.Literal.number("0")),
                              exp.Add(this=call("least", at.copy(), exp.Literal.number(str(_LONGEST_LIST))),
                                      expression=exp.Literal.number("1")))  # fmt: skip
    listed = _items(arguments[0], found).listed()
    return at_place(listed, shifted)


def _get(found: Findings, keyed: Term, key: Term) -> Answer:
    assert isinstance(keyed.kind, MapType), "only maps have keys"
    if keyed.native is not None:
        return read(call("map_extract_value", keyed.native, key.sql), keyed.kind.value)
    name = found.fresh()
    same = exp.EQ(this=field(exp.column(name), "key"), expression=key.sql)
    entry = call("list_extract", call("list_filter", keyed.sql, _lambda(name, same)), exp.Literal.number("1"))
    return read(field(entry, "value"), keyed.kind.value)


def get(found: Findings, keyed: Answer, key: Answer) -> Answer:
    """Return what a map, or an object, has under a key."""
    if is_list(keyed) or is_list(key):
        raise Unsupported("keys of several maps at once")
    match keyed, key:
        case Term(kind=MapType(), native=native), Constant(str() as name) if native is not None:
            return _get(found, keyed, constant_term(name))
        case Term(kind=MapType()), _:
            term = as_term(key, found)
            return _get(found, keyed, term) if term.kind is Scalar.STRING else Constant(None)
        case Term(kind=ObjectType(fields)), Constant(str() as name):
            return read(field(keyed.sql, name), fields[name]) if name in fields else Constant(None)
        case Record(entries), Constant(str() as name):
            return entries.get(name, Constant(None))
        case ((Term(kind=ObjectType()) | Record()), _):
            raise Unsupported("a field whose name differs from person to person")
        case _:
            return Constant(None)


def _entries(answer: Answer) -> Term:
    if isinstance(answer, Term) and isinstance(answer.kind, MapType):
        return answer
    raise Unsupported("the entries of what is no map")


def _each_entry(found: Findings, of: Term, part: str, kind: Type) -> Term:
    name = found.fresh()
    taken = call("list_transform", of.sql, _lambda(name, field(exp.column(name), part)))
    if isinstance(kind, ListType):
        return Term(call("flatten", taken), kind)
    return ListItems(Term(taken, ListType(kind)), found).listed()


def _keys(found: Findings, arguments: list[Argument]) -> Answer:
    return _each_entry(found, _entries(_value(arguments[0])), "key", Scalar.STRING)


def _values(found: Findings, arguments: list[Argument]) -> Answer:
    keyed = _entries(_value(arguments[0]))
    assert isinstance(keyed.kind, MapType), "entries are of maps"
    return _each_entry(found, keyed, "value", keyed.kind.value)


def _group(found: Findings, arguments: list[Argument]) -> Answer:
    """Group by a single text: the one kind of key that a map has everywhere else."""
    key = arguments[1]
    assert callable(key), "a checker lets no value stand where a lambda must"
    listed = _items(arguments[0], found).listed()
    assert isinstance(listed.kind, ListType), "listed answers lists"
    items = ListItems(listed, found)
    keys = items.map(key)
    if not isinstance(keys, Term) or keys.kind != ListType(Scalar.STRING):
        raise Unsupported("groups by anything but a text")
    name = found.fresh()
    member = Term(exp.column(name), Scalar.STRING)

    def belongs(item: Answer) -> exp.Expr:
        if is_list(key(item)):
            raise Unsupported("items in several groups")
        return single(Comparison.EQUAL, key(item), member)

    group = items.where(belongs)
    entry = _struct({"key": exp.column(name), "value": group.sql})
    grouped = call("list_transform", _distinct_list(found, keys).sql, _lambda(name, entry))
    return Term(grouped, MapType(listed.kind))


def _map_entries(found: Findings, arguments: list[Argument]) -> Answer:
    keyed, of = _entries(_value(arguments[0])), arguments[1]
    assert callable(of), "a checker lets no value stand where a lambda must"
    assert isinstance(keyed.kind, MapType), "entries are of maps"
    name = found.fresh()
    key = Term(field(exp.column(name), "key"), Scalar.STRING)
    made = of(key, read(field(exp.column(name), "value"), keyed.kind.value))
    if not isinstance(made, Record) or set(made.entries) != {"key", "value"} or made.entries["key"] != key:
        raise Unsupported("entries under other keys")
    value = as_term(made.entries["value"], found)
    entry = _struct({"key": key.sql, "value": value.sql})
    return Term(call("list_transform", keyed.sql, _lambda(name, entry)), MapType(value.kind))


def _entry(found: Findings, arguments: list[Argument]) -> Answer:  # noqa: ARG001  every row of the table has it
    return Record({"key": _value(arguments[0]), "value": _value(arguments[1])}, is_written=True)


LISTS: Mapping[str, Render] = {
    "in": lambda found, given: condition(_is_in(found, given[0], given[1])),
    "includes": lambda found, given: condition(_is_in(found, given[1], given[0])),
    "not_in": _not_in,
    "intersects": _intersects,
    "intersection": _intersection,
    "subset_of": lambda found, given: _subset(found, given[0], given[1]),
    "superset_of": lambda found, given: _subset(found, given[1], given[0]),
    "distinct": lambda found, given: _distinct_list(found, _value(given[0])),
    "filter": lambda found, given: _items(given[0], found).where(_test(given[1], found)),
    "exists": _exists,
    "forall": _forall,
    "map": _map,
    "count": _count,
    "sum": _reduced("sum"),
    "average": _reduced("average"),
    "min": _reduced("min"),
    "max": _reduced("max"),
    "top": _ranked("DESC"),
    "bottom": _ranked("ASC"),
    "first": lambda found, given: first_of(found, _value(given[0])),
    "item": _item,
    "keys": _keys,
    "values": _values,
    "group_by": _group,
    "map_entries": _map_entries,
    "entry": _entry,
}

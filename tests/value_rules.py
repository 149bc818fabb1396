"""Random value-level rules, well typed over a small schema, and random people to ask them about.

Everything is drawn through one function, `pick(n)` → 0 … n−1: hypothesis can give it and shrink what fails, and so can
a seeded generator, which is a hundred times as fast.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from houselights.model.schema import ListType, MapType, ObjectType, Scalar, Schema, Type
from houselights.rules.functions.lists import Keyed
from houselights.rules.values import (
    EVENTS,
    Beside,
    Between,
    Call,
    Chain,
    Comparison,
    During,
    Field,
    Input,
    Lambda,
    Let,
    Listing,
    Literal,
    Member,
    Now,
    Occurs,
    Offset,
    Period,
    Side,
    Step,
    Unit,
    Value,
    Variable,
    When,
    Which,
)

Pick = Callable[[int], int]
T = TypeVar("T")

NOW = datetime(2026, 3, 31, 12, 30, tzinfo=UTC)
AUDIENCES = ("north", 'it\'s "south"')
WORDS = ("tea", "Tea", "TEAPOT", "café", "it's", 'say "hi"', "", "a_b", "50%", "東京", "İ")
TIMES = tuple(
    NOW + shift
    for shift in (
        timedelta(0), timedelta(microseconds=-1), timedelta(hours=-1), timedelta(hours=-12, minutes=-30),
        timedelta(days=-1),
        timedelta(days=-3), timedelta(days=-31), timedelta(days=-45, hours=5), timedelta(days=-365), timedelta(days=2),
        timedelta(days=-20_000),
    )
)  # fmt: skip
DATES = (
    date(2026, 3, 31),
    date(2026, 3, 28),
    date(2026, 2, 28),
    date(2024, 2, 29),
    date(1985, 6, 1),
    date(9999, 12, 31),
)
WHOLES = (0, 1, 2, 3, 5, 12, 31, -1, -7, 2**53 + 1, 2**63 - 1)
NUMBERS = (0.0, 0.25, 1.0, 1.5, 3.0, -2.5, 1e300)

ITEM = ObjectType({"sku": Scalar.STRING, "qty": Scalar.INTEGER, "price": Scalar.NUMBER, "made": Scalar.DATE,
                   "tags": ListType(Scalar.STRING)})  # fmt: skip
PERSON = ObjectType(
    {
        "name": Scalar.STRING, "Kind's \"name\"": Scalar.STRING, "age": Scalar.INTEGER, "score": Scalar.NUMBER,
        "active": Scalar.BOOLEAN, "born": Scalar.DATE, "joined": Scalar.TIMESTAMP,
        "home": ObjectType({"city": Scalar.STRING, "zip": Scalar.INTEGER, "geo": ObjectType({"lat": Scalar.NUMBER})}),
        "tags": ListType(Scalar.STRING), "marks": ListType(Scalar.INTEGER), "seen": ListType(Scalar.TIMESTAMP),
        "flags": ListType(Scalar.BOOLEAN), "rates": ListType(Scalar.NUMBER),
        "orders": ListType(ITEM), "labels": MapType(Scalar.STRING), "points": MapType(Scalar.NUMBER),
    }
)  # fmt: skip
EVENT = ObjectType(
    {
        "time": Scalar.TIMESTAMP, "type": Scalar.STRING, "amount": Scalar.NUMBER, "count": Scalar.INTEGER,
        "done": Scalar.BOOLEAN, "page": ObjectType({"name": Scalar.STRING, "views": Scalar.INTEGER}),
        "items": ListType(ITEM), "words": ListType(Scalar.STRING),
    }
)  # fmt: skip
SCHEMA = Schema(person=PERSON, event=EVENT)


def value_of(pick: Pick, kind: Type, *, lack: int = 4) -> Any:
    """Draw a value of a type as tables have it, or None one time in `lack`: lists and maps may hold nothing, too."""
    if pick(lack) == 0:
        return None
    match kind:
        case Scalar.BOOLEAN:
            return bool(pick(2))
        case Scalar.INTEGER:
            return one_of(pick, WHOLES)
        case Scalar.NUMBER:
            return one_of(pick, NUMBERS)
        case Scalar.STRING:
            return one_of(pick, WORDS)
        case Scalar.DATE:
            return one_of(pick, DATES)
        case Scalar.TIMESTAMP:
            return one_of(pick, TIMES)
        case ListType(item):
            return [value_of(pick, item, lack=15) for _ in range(pick(4))]
        case MapType(value):
            keys = [key for key in WORDS[:4] if pick(3)]
            return Keyed({key: value_of(pick, value, lack=15) for key in keys})
        case ObjectType(fields):
            drawn = {name: value_of(pick, inner) for name, inner in fields.items()}
            return {name: value for name, value in drawn.items() if value is not None}
        case _:
            raise AssertionError(kind)


def person_of(pick: Pick) -> dict[str, Any]:
    """Draw a person with up to seven events, in the order of time, of which some share an instant."""
    person: dict[str, Any] = value_of(pick, PERSON, lack=10**9)
    events = [value_of(pick, EVENT, lack=10**9) for _ in range(pick(8))]
    for event in events:
        event["time"] = one_of(pick, TIMES)
        event["type"] = one_of(pick, WORDS[:4])
    return {**person, EVENTS: sorted(events, key=lambda event: event["time"])}


def one_of(pick: Pick, items: Sequence[T]) -> T:
    return items[pick(len(items))]


class Rules:
    """Draws rules. `roots` are what a path may start at here, with their types, innermost last."""

    def __init__(self, pick: Pick):
        self.pick = pick
        self.names = 0

    def condition(self, depth: int = 3) -> Value:
        return self.boolean(depth, ((Input(1), PERSON),))

    def boolean(self, depth: int, roots: "Roots") -> Value:
        if depth <= 0:
            return self.comparison(0, roots)
        forms = (
            self.comparison, self.comparison, self.logic, self.logic, self.text_test, self.text_test, self.membership,
            self.quantified, self.quantified, self.occurs, self.chain, self.presence, self.truthy, self.chosen,
            self.let, self.audience, self.list_test, self.map_test,
        )  # fmt: skip
        return one_of(self.pick, forms)(depth, roots)

    def logic(self, depth: int, roots: "Roots") -> Value:
        how = one_of(self.pick, ("and", "or", "not"))
        parts = tuple(self.boolean(depth - 1, roots) for _ in range(1 if how == "not" else 2 + self.pick(2)))
        return Call(how, parts)

    def comparison(self, depth: int, roots: "Roots") -> Value:
        kind = one_of(self.pick, tuple(Scalar))
        other = one_of(self.pick, tuple(Scalar)) if self.pick(12) == 0 else kind
        how = one_of(self.pick, tuple(Comparison)).value
        return Call(how, (self.single(kind, depth - 1, roots), self.single(other, depth - 1, roots)))

    def single(self, kind: Scalar, depth: int, roots: "Roots") -> Value:
        """Draw a value of a type, or a list of such where any item will do."""
        way = self.pick(8)
        if way == 0 or depth < 0:
            return self.literal(kind)
        if way < 5 or depth <= 0:
            return self.path(kind, roots)
        if way == 5 and kind in (Scalar.INTEGER, Scalar.NUMBER):
            return self.number(kind, depth, roots)
        if way == 6:
            return self.aggregate(kind, depth, roots)
        return self.derived(kind, depth, roots)

    def literal(self, kind: Scalar) -> Value:
        value = value_of(self.pick, kind, lack=25)
        return Literal(value)

    def path(self, kind: Type, roots: "Roots") -> Value:
        """Draw a path to values of a type, through lists perhaps; a literal when there is none."""
        for _ in range(4):
            of, at = roots[-1] if self.pick(4) else one_of(self.pick, roots)
            found = self.below(of, at, kind)
            if found is not None:
                return found
        return self.literal(kind) if isinstance(kind, Scalar) else Listing(())

    def below(self, of: Value, at: Type, kind: Type) -> Value | None:
        choices = [(of, at)] if at == kind else []
        waiting = [(of, at)]
        if of == Input(1):
            waiting.append((Field(of, EVENTS), ListType(EVENT)))
        while waiting:
            node, here = waiting.pop()
            inner = here.item if isinstance(here, ListType) else here
            if isinstance(inner, ObjectType):
                for name, each in inner.fields.items():
                    step = Field(node, name)
                    made = each if not isinstance(here, ListType) or isinstance(each, ListType) else ListType(each)
                    waiting.append((step, made))
            if isinstance(inner, MapType):
                waiting.append((Call("get", (node, Literal(one_of(self.pick, WORDS[:4])))), inner.value))
            if here == kind or (isinstance(kind, Scalar) and inner == kind):
                choices.append((node, here))
        return one_of(self.pick, choices)[0] if choices else None

    def number(self, kind: Scalar, depth: int, roots: "Roots") -> Value:
        operators = ("add", "subtract", "multiply", "remainder", *(("divide",) if kind is Scalar.NUMBER else ()))
        return Call(
            one_of(self.pick, operators), (self.single(kind, depth - 1, roots), self.single(kind, depth - 1, roots))
        )

    def derived(self, kind: Scalar, depth: int, roots: "Roots") -> Value:
        time = self.single(one_of(self.pick, (Scalar.DATE, Scalar.TIMESTAMP)), depth - 1, roots)
        match kind:
            case Scalar.INTEGER:
                parts = (
                    "year_of",
                    "month_of",
                    "day_of_month",
                    "day_of_week",
                    "day_of_year",
                    "week_of_year",
                    "milliseconds",
                )
                if self.pick(4) == 0:
                    return Call(one_of(self.pick, ("years_between", "days_between")), (time, Now()))
                return Call(one_of(self.pick, parts), (time,))
            case Scalar.TIMESTAMP | Scalar.DATE:
                if self.pick(3) == 0:
                    return one_of(self.pick, (Now(), Period(Which.THIS, Unit.DAY), Period(Which.LAST, Unit.WEEK)))
                return Call(
                    one_of(self.pick, ("start_of_week", "start_of_quarter", "start_of_year", "in_utc")), (time,)
                )
            case Scalar.STRING:
                group = Literal(self.pick(2))
                return Call("capture", (self.single(kind, depth - 1, roots), Literal("(?i)t(e.)"), group))
            case Scalar.BOOLEAN:
                return self.boolean(depth - 1, roots)
            case _:
                return Call(
                    "if", (self.boolean(depth - 1, roots), self.single(kind, 0, roots), self.single(kind, 0, roots))
                )

    def a_list(self, depth: int, roots: "Roots", item: Type | None = None) -> tuple[Value, Type]:
        """Draw a list and the type of its items."""
        kinds: tuple[Type, ...] = (Scalar.STRING, Scalar.INTEGER, Scalar.NUMBER, Scalar.TIMESTAMP, ITEM, EVENT, EVENT)
        kind = one_of(self.pick, kinds) if item is None else item
        of: Value
        if kind == EVENT:
            of = Field(Input(1), EVENTS)
        else:
            of = self.path(ListType(kind), roots)
            if isinstance(of, Listing) and kind == EVENT:
                of = Field(Input(1), EVENTS)
        way = self.pick(8)
        if depth > 0 and way < 3:
            of = Call("filter", (of, self.lambda_of(kind, depth - 1, roots)))
        elif depth > 0 and way == 3 and kind in (EVENT, ITEM):
            key = Scalar.INTEGER if self.pick(2) else Scalar.NUMBER
            by = self.mapper(kind, key, roots)
            size: Value = Literal((0, 1, 2, 3, None, -1)[self.pick(6)])
            if self.pick(4) == 0:
                size = self.path(Scalar.INTEGER, roots[:1])
            of = Call(one_of(self.pick, ("top", "bottom")), (of, by, size))
        elif way == 4 and isinstance(kind, Scalar):
            of = Call("distinct", (of,))
        elif way == 5 and isinstance(kind, Scalar) and depth > 0:
            of = Call("intersection", (of, self.a_list(depth - 1, roots, kind)[0]))
        elif way == 6 and isinstance(kind, Scalar):
            of = Listing(tuple(self.literal(kind) for _ in range(self.pick(4))))
        return of, kind

    def lambda_of(self, kind: Type, depth: int, roots: "Roots") -> Lambda:
        name = self.fresh()
        return Lambda((name,), self.boolean(depth, (*roots, (Variable(name), kind))))

    def mapper(self, kind: Type, to: Scalar, roots: "Roots") -> Lambda:
        name = self.fresh()
        found = self.below(Variable(name), kind, to)
        return Lambda((name,), found if found is not None else self.literal(to))

    def fresh(self) -> str:
        self.names += 1
        return f"@{self.names}"

    def aggregate(self, kind: Scalar, depth: int, roots: "Roots") -> Value:
        of, item = self.a_list(depth - 1, roots, kind if self.pick(2) else None)
        if kind in (Scalar.INTEGER, Scalar.NUMBER):
            how = one_of(self.pick, ("count", "sum", "average", "min", "max"))
        else:
            how = one_of(self.pick, ("min", "max", "first", "item"))
        if how == "item":
            place = self.single(Scalar.INTEGER, 0, roots[:1]) if self.pick(3) == 0 else Literal(self.pick(3))
            return Call(how, (of, place)) if item == kind else self.literal(kind)
        if how == "first":
            return Call(how, (of,)) if item == kind else self.literal(kind)
        if how == "count" and self.pick(2):
            return Call(how, (of,))
        if item == kind and kind is not Scalar.BOOLEAN:
            return Call(how, (of,))
        to = kind if kind is not Scalar.BOOLEAN else Scalar.STRING
        return Call(how, (of, self.mapper(item, to, roots)))

    def text_test(self, depth: int, roots: "Roots") -> Value:
        tests = ("like", "starts_with", "not_starts_with", "ends_with", "not_ends_with", "has_text", "lacks_text",
                 "same_text", "other_text", "finds")  # fmt: skip
        test = one_of(self.pick, tests)
        text = self.single(Scalar.STRING, depth - 1, roots)
        if test == "finds":
            patterns = (
                "^te",
                "(?i)^te",
                "a|é",
                "t.*t$",
                r"\w+'s",
                "[a-z]{3}",
                "(?i)[a-k]",
                r"\d",
                "(ea)+",
                "(?i)İ",
                "i",
            )
            return Call(test, (text, Literal(one_of(self.pick, patterns))))
        if test == "like":
            patterns = ("%ea%", "_ea", "t%", r"a\_b", r"50\%", "", "%", "\\")
            return Call(test, (text, Literal(one_of(self.pick, patterns))))
        others = [self.single(Scalar.STRING, 0, roots)]
        if test == "same_text":
            others += [self.single(Scalar.STRING, 0, roots) for _ in range(self.pick(3))]
        is_cased = self.pick(2) == 0
        return Call(test, (text, *others), ignore_case=is_cased)

    def membership(self, depth: int, roots: "Roots") -> Value:
        kind = one_of(self.pick, (Scalar.STRING, Scalar.INTEGER, Scalar.NUMBER, Scalar.DATE, Scalar.BOOLEAN))
        among: Value = Listing(
            tuple(self.single(kind, 0 if self.pick(4) == 0 else -1, roots) for _ in range(self.pick(4)))
        )
        if self.pick(3) == 0:
            among = self.path(ListType(kind), roots)
        value = self.single(kind, depth - 1, roots)
        if self.pick(4) == 0:
            return Call("includes", (among, value))
        return Call(one_of(self.pick, ("in", "not_in")), (value, among))

    def list_test(self, depth: int, roots: "Roots") -> Value:
        kind = one_of(self.pick, (Scalar.STRING, Scalar.INTEGER, Scalar.NUMBER))
        test = one_of(self.pick, ("intersects", "subset_of", "superset_of", "equal", "not_equal"))
        return Call(test, (self.a_list(depth - 1, roots, kind)[0], self.a_list(depth - 1, roots, kind)[0]))

    def quantified(self, depth: int, roots: "Roots") -> Value:
        of, kind = self.a_list(depth - 1, roots)
        return Call(one_of(self.pick, ("exists", "exists", "forall")), (of, self.lambda_of(kind, depth - 1, roots)))

    def truthy(self, depth: int, roots: "Roots") -> Value:
        if self.pick(3) == 0:
            return self.grouped(roots)
        return Call("and", (self.a_list(depth, roots)[0],))

    def grouped(self, roots: "Roots") -> Value:
        key, group = self.fresh(), self.fresh()
        of, kind = self.a_list(1, roots, one_of(self.pick, (EVENT, ITEM)))
        groups = Call("group_by", (of, self.mapper(kind, Scalar.STRING, roots)))
        size = Call("entry", (Variable(key), Call("count", (Variable(group),))))
        counts = Call("map_entries", (groups, Lambda((key, group), size)))
        way = self.pick(3)
        if way == 0:
            return Call("at_least", (Call("get", (counts, Literal(one_of(self.pick, WORDS[:4])))), Literal(2)))
        if way == 1:
            return Call("in", (Literal(one_of(self.pick, WORDS)), Call("keys", (counts,))))
        return Call("greater", (Call("values", (counts,)), Literal(1)))

    def map_test(self, depth: int, roots: "Roots") -> Value:
        labels, points = self.path(PERSON.fields["labels"], roots[:1]), self.path(PERSON.fields["points"], roots[:1])
        way, name = self.pick(5), self.fresh()
        if way == 0:
            return Call("in", (self.single(Scalar.STRING, 0, roots), Call("keys", (labels,))))
        if way == 1:
            return Call("at_least", (Call("count", (one_of(self.pick, (labels, points)),)), Literal(self.pick(4))))
        if way == 2:
            above = Call("greater", (Variable(name), self.single(Scalar.NUMBER, 0, roots)))
            return Call(one_of(self.pick, ("exists", "forall")), (points, Lambda((name,), above)))
        if way == 3:
            same = Call("same_text", (Variable(name), self.single(Scalar.STRING, 0, roots)))
            return Call("exists", (Call("values", (labels,)), Lambda((name,), same)))
        key, group = self.fresh(), self.fresh()
        groups = Call("group_by", (self.path(ListType(ITEM), roots[:1]), Lambda((name,), Field(Variable(name), "sku"))))
        most = Call("max", (Variable(group), self.mapper(ITEM, Scalar.INTEGER, roots)))
        made = Call("map_entries", (groups, Lambda((key, group), Call("entry", (Variable(key), most)))))
        return Call("is_missing", (made,))

    def presence(self, depth: int, roots: "Roots") -> Value:
        kind: Type = one_of(
            self.pick, (*tuple(Scalar), ListType(Scalar.STRING), PERSON.fields["home"], PERSON.fields["labels"])
        )
        of = self.single(kind, depth - 1, roots) if isinstance(kind, Scalar) else self.path(kind, roots)
        return Call(one_of(self.pick, ("is_missing", "is_present")), (of,))

    def chosen(self, depth: int, roots: "Roots") -> Value:
        return Call("if", tuple(self.boolean(depth - 1, roots) for _ in range(3)))

    def let(self, depth: int, roots: "Roots") -> Value:
        name, kind = self.fresh(), one_of(self.pick, (Scalar.INTEGER, Scalar.NUMBER))
        body = self.boolean(depth - 1, (*roots, (Variable(name), kind)))
        return Let(name, self.aggregate(kind, depth - 1, roots), body)

    def audience(self, depth: int, roots: "Roots") -> Value:
        return Member(one_of(self.pick, AUDIENCES))

    def when(self, depth: int, roots: "Roots", labels: Sequence[str] = ()) -> When:
        def anchor() -> Value:
            if labels and self.pick(2):
                return Variable(one_of(self.pick, labels))
            if self.pick(3) == 0:
                return self.single(one_of(self.pick, (Scalar.DATE, Scalar.TIMESTAMP)), 0, roots)
            return one_of(self.pick, (Now(), Period(one_of(self.pick, tuple(Which)), one_of(self.pick, tuple(Unit)))))

        way = self.pick(6)
        if way < 3:
            amount = one_of(self.pick, (0, 1, 3, 30, 10**7))
            return Offset(one_of(self.pick, tuple(Comparison)), amount, one_of(self.pick, tuple(Unit)),
                          one_of(self.pick, tuple(Side)), anchor())  # fmt: skip
        if way == 3:
            return Beside(one_of(self.pick, tuple(Side)), anchor())
        return During(anchor()) if way == 4 else Between(anchor(), anchor())

    def occurs(self, depth: int, roots: "Roots") -> Value:
        kind = one_of(self.pick, (Scalar.DATE, Scalar.TIMESTAMP))
        return Occurs(self.single(kind, depth - 1, roots), self.when(depth, roots))

    def chain(self, depth: int, roots: "Roots") -> Value:
        steps: list[Step] = []
        labels: list[str] = []
        for number in range(1 + self.pick(3)):
            label, event = f"S{number}", self.fresh()
            inner = (*roots, (Variable(event), EVENT))
            when = self.when(0, roots, tuple(labels) if self.pick(2) else ()) if self.pick(3) == 0 else None
            where = self.lambda_of(EVENT, 0, roots) if self.pick(6) == 0 else None
            what: Value = Call("equal", (Field(Variable(event), "type"), Literal(one_of(self.pick, WORDS[:4]))))
            if self.pick(3) == 0:
                what = self.boolean(min(1, depth - 1), inner)
            steps.append(Step(label, Lambda((event,), what), when, 1 + self.pick(2) * self.pick(3), where))
            labels.append(label)
        name = self.fresh()
        events: Value = Field(Input(1), EVENTS)
        if self.pick(5) == 0:
            events = Call("filter", (events, self.lambda_of(EVENT, 0, roots)))
        return Chain(events, Lambda((name,), Field(Variable(name), "time")), tuple(steps))


Roots = tuple[tuple[Value, Type], ...]

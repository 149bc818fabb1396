"""Hypothesis strategies for value-level trees that the language can say: any shape, no schema."""

from datetime import UTC, date

from hypothesis import strategies as st

from houselights.apis.adobe.language.scope import step_of
from houselights.apis.adobe.language.words import CALLS, INFIX, METHODS, OF_NOW, RESERVED, TAKE_CASE_FLAG
from houselights.rules.functions import FUNCTIONS
from houselights.rules.functions.table import Mapper
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
    Record,
    Side,
    Step,
    Unit,
    Value,
    Variable,
    When,
    Which,
)

# Names that try to be mistaken: keywords, functions, things with hyphens, a name that is also a variable's.
NAMES = ("a", "plan", "sum", "count", "last", "select", "now", "and", "from", "where", "chain", "date", "xEvent", "x-y",
         "ünï", "two words", "V", "_tenant", "identityMap", "true", "notIn")  # fmt: skip
VARIABLES = ("V", "W", "sum", "last", "chain", "plan", "a", "if")
INT64 = st.integers(-(2**63), 2**63 - 1)

_METHODS_AND_CALLS = sorted({*METHODS.values(), *CALLS.values(), *INFIX.values(), "not", "date_of"} - {"and", "or"})


def literals() -> st.SearchStrategy[Literal]:
    return st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 100),
        INT64,
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=8),
        st.dates(),
        st.datetimes(timezones=st.just(UTC)),
        st.just(date(2020, 2, 29)),
    ).map(Literal)


@st.composite
def trees(draw: st.DrawFn, depth: int = 3, unnamed: int = 0, named: tuple[str, ...] = ()) -> Value:
    """A tree in a scope of `unnamed` filters and `named` variables."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(_leaves(unnamed, named))
    inner = trees(depth - 1, unnamed, named)
    kind = draw(
        st.sampled_from(("call", "call", "call", "joined", "field", "occurs", "let", "list", "object", "chain"))
    )
    match kind:
        case "call":
            return draw(_calls(depth, unnamed, named))
        case "joined":
            return Call(draw(st.sampled_from(("and", "or"))), tuple(draw(st.lists(inner, min_size=2, max_size=4))))
        case "field":
            return step_of(draw(inner), draw(st.sampled_from(NAMES)))
        case "occurs":
            return Occurs(draw(inner), draw(_whens(inner)))
        case "let":
            name = draw(st.sampled_from(VARIABLES))
            return Let(name, draw(inner), draw(trees(depth - 1, unnamed, (*named, name))))
        case "list":
            return Listing(tuple(draw(st.lists(inner, max_size=3))))
        case "object":
            return Record(tuple(draw(st.dictionaries(st.text(max_size=4), inner, max_size=2)).items()))
        case _:
            return draw(_chains(depth, unnamed, named))


@st.composite
def _leaves(draw: st.DrawFn, unnamed: int, named: tuple[str, ...]) -> Value:
    starts: list[Value] = [Input(1), Input(2), Field(Input(1), EVENTS)]
    starts += [Variable(name) for name in named]
    steps = draw(st.lists(st.sampled_from(NAMES), max_size=3))
    if unnamed and draw(st.booleans()):
        start: Value = Field(Variable(f"@{draw(st.integers(1, unnamed))}"), draw(st.sampled_from(NAMES)))
    else:
        start = draw(st.sampled_from(starts))
    path = start
    for name in steps:
        path = step_of(path, name)
    others = st.one_of(
        literals(),
        st.just(Now()),
        st.builds(Period, st.sampled_from(Which), st.sampled_from(Unit)),
        st.builds(Member, st.text(max_size=5)),
    )
    return path if draw(st.booleans()) else draw(others)


def _functions(depth: int, variables: int, unnamed: int, named: tuple[str, ...]) -> st.SearchStrategy[Lambda]:
    def of(names: list[str]) -> st.SearchStrategy[Lambda]:
        body = trees(depth - 1, unnamed, (*named, *names))
        return body.map(lambda made: Lambda(tuple(names), made))

    by_name = st.lists(st.sampled_from(VARIABLES), min_size=variables, max_size=variables, unique=True).flatmap(of)
    if variables > 1:
        return by_name
    item = f"@{unnamed + 1}"
    return st.one_of(by_name, trees(depth - 1, unnamed + 1, named).map(lambda made: Lambda((item,), made)))


@st.composite
def _calls(draw: st.DrawFn, depth: int, unnamed: int, named: tuple[str, ...]) -> Value:
    inner = trees(depth - 1, unnamed, named)
    if draw(st.integers(0, 9)) == 0:
        ours = draw(st.sampled_from(sorted(OF_NOW.values())))
        before = FUNCTIONS[ours].signature.fewest - 1
        return Call(ours, (*(draw(inner) for _ in range(before)), Now()))
    ours = draw(st.sampled_from([*_METHODS_AND_CALLS, "map_entries", "item"]))
    if ours == "item":
        return Call("item", (draw(inner), Literal(draw(st.integers(0, 9)))))
    signature = FUNCTIONS[ours].signature
    count = draw(st.integers(signature.fewest, signature.most or signature.fewest + 2))
    arguments: list[Value | Lambda] = []
    for place in range(count):
        kind = signature.parameter(place).kind
        if isinstance(kind, Mapper):
            arguments.append(draw(_functions(depth, len(kind.takes), unnamed, named)))
        else:
            arguments.append(draw(inner))
    if ours == "date_of" and all(isinstance(each, Literal) and each.kind == "int" for each in arguments):
        return Literal(date(2020, 2, 29))  # three whole numbers written out are a date, not a function
    if ours == "get" and isinstance(arguments[1], Literal) and arguments[1].kind == "int":
        return Call("get", (draw(inner), Literal("key")))  # and a number is a place in a list
    return Call(ours, tuple(arguments), ours in TAKE_CASE_FLAG and draw(st.booleans()))


def _whens(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[When]:
    return st.one_of(
        st.builds(
            Offset,
            st.sampled_from(Comparison),
            st.integers(0, 2**63 - 1),
            st.sampled_from(Unit),
            st.sampled_from(Side),
            inner,
        ),
        st.builds(Beside, st.sampled_from(Side), inner),
        st.builds(During, inner),
        st.builds(Between, inner, inner),
    )


@st.composite
def _chains(draw: st.DrawFn, depth: int, unnamed: int, named: tuple[str, ...]) -> Value:
    tests = _functions(depth, 1, unnamed, named)
    labels = draw(st.lists(st.sampled_from(("A", "B", "C0", "what", "V")), min_size=1, max_size=3, unique=True))
    steps: list[Step] = []
    for place, label in enumerate(labels):
        whens = _whens(trees(depth - 1, unnamed, (*named, *labels[:place])))
        when = draw(st.none() | whens)
        where = draw(st.none() | tests)
        steps.append(Step(label, draw(tests), when, draw(st.integers(1, 3)), where))
    return Chain(draw(trees(depth - 1, unnamed, named)), draw(tests), tuple(steps))


assert all(name.lower() not in RESERVED for name in VARIABLES)

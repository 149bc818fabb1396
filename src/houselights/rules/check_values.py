"""Refuses expressions that no evaluator could work through, and says where: unknown functions, stray variables.

Whether paths exist and types fit is not asked here: that needs a schema, and words for refusals that whoever wrote the
expression understands, which its dialect has. Paths of errors are those of the JSON form.
"""

from collections.abc import Callable, Iterator, Mapping

from houselights.base.errors import InvalidRule
from houselights.rules.date_patterns import check_date_pattern
from houselights.rules.functions import FUNCTIONS
from houselights.rules.functions.table import Mapper
from houselights.rules.json_values import is_identifier, near, shown
from houselights.rules.patterns import check_pattern
from houselights.rules.values import Call, Chain, Input, Lambda, Let, Literal, Member, Node, Step, Variable
from houselights.rules.walk import every, inside

# Functions whose second argument, when it is written out, is a pattern, and what it is checked by.
TAKE_PATTERN: Mapping[str, Callable[[str], int | None]] = {
    "finds": check_pattern, "capture": check_pattern, "formatted": check_date_pattern,
}  # fmt: skip


def check_value(expression: Node, path: str) -> int:
    """Return how many nodes an expression has. Raises InvalidRule at the first fault."""
    for node, bound in _scoped(expression, frozenset()):
        match node:
            case Input(position) if position != 1:
                raise InvalidRule("an audience is asked about one person: there is no second input", field=path)
            case Variable(name) if name not in bound:
                raise InvalidRule(f"nothing here is called {shown(name)}", field=path, hint=near(name, bound))
            case Member(audience) if not is_identifier(audience):
                raise InvalidRule(f"{shown(audience)} is not an id of an audience", field=path)
            case Call():
                _check_call(node, path)
            case Chain():
                _check_chain(node, path)
            case _:
                pass
    return sum(1 for _ in every(expression))


def _scoped(node: Node, bound: frozenset[str]) -> Iterator[tuple[Node, frozenset[str]]]:
    """Yield every node with the names that are bound where it stands."""
    yield node, bound
    match node:
        case Lambda(names, body):
            yield from _scoped(body, bound | frozenset(names))
        case Let(name, value, body):
            yield from _scoped(value, bound)
            yield from _scoped(body, bound | {name})
        case Chain(events, time, steps):
            yield from _scoped(events, bound)
            yield from _scoped(time, bound)
            for place, step in enumerate(steps):
                yield from _scoped_step(step, bound, bound | {each.label for each in steps[:place]})
        case _:
            for each in inside(node):
                yield from _scoped(each, bound)


def _scoped_step(step: Step, bound: frozenset[str], later: frozenset[str]) -> Iterator[tuple[Node, frozenset[str]]]:
    """Yield a step's nodes; only its window (`later`) knows when the steps before it were completed."""
    for test in (step.what, step.where):
        if test is not None:
            yield from _scoped(test, bound)
    if step.when is not None:
        yield from _scoped(step.when, later)


def _check_call(call: Call, path: str) -> None:
    function = FUNCTIONS.get(call.function)
    if function is None:
        raise InvalidRule(f"there is no function {shown(call.function)}", field=path,
                          hint=near(call.function, FUNCTIONS))  # fmt: skip
    signature, given = function.signature, len(call.arguments)
    if given < signature.fewest or (signature.most is not None and given > signature.most):
        raise InvalidRule(f"{call.function} does not take {given} arguments", field=path)
    for place, argument in enumerate(call.arguments):
        kind = signature.parameter(place).kind
        if isinstance(kind, Mapper) != isinstance(argument, Lambda):
            wanted = "a lambda" if isinstance(kind, Mapper) else "a value"
            raise InvalidRule(f"argument {place + 1} of {call.function} must be {wanted}", field=path)
        if isinstance(kind, Mapper) and isinstance(argument, Lambda) and len(argument.names) != len(kind.takes):
            raise InvalidRule(f"the lambda of {call.function} names {len(kind.takes)} variables", field=path)
    match call:
        case Call(name, (_, Literal(str() as pattern), *_)) if name in TAKE_PATTERN:
            try:
                TAKE_PATTERN[name](pattern)
            except InvalidRule as error:
                error.field = path
                raise
        case _:
            pass


def _check_chain(chain: Chain, path: str) -> None:
    tests = [chain.time, *(each.what for each in chain.steps), *(each.where for each in chain.steps if each.where)]
    if any(len(each.names) != 1 for each in tests):
        raise InvalidRule("the lambdas of a chain each name one variable, the event", field=path)
    labels = [each.label for each in chain.steps]
    if len(set(labels)) != len(labels):
        raise InvalidRule("two steps of a chain have the same label", field=path)
